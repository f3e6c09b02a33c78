"""A form for each kind of question, made from the pack: nobody writes one by hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)

from compliance.law.model import Fact
from compliance.law.problems import sentence
from compliance.law.terms import FactType
from compliance.operations.answers import AnsweredMeanwhileError, AnswerRefusedError, Given
from compliance.storage.answers import Answer
from compliance.text import Language, number_in_words
from compliance.web import limits
from compliance.web.forms import Form, clean, listed, most, needed, one_line
from compliance.web.here import tongue, version_of
from compliance.web.templating import day, spoken

UNKNOWN = "unknown"
_Kept = TypeVar("_Kept")


class AnswerForm(Form):
    """One question's answer; ``value`` depends on the kind of fact."""

    comment = TextAreaField(_l("Comment"), [most(limits.COMMENT)], filters=[clean])
    version = HiddenField()

    fact: Fact

    def given(self) -> Given | None:
        """Return the answer as typed, or None when there is none; errors are then on the field."""
        raise NotImplementedError

    def shows(self, answer: Answer | None) -> None:
        """Fill the form with what stands."""
        self.version.data = str(answer.version if answer else 0)
        if answer is not None:
            self.comment.data = answer.comment
            self._fill(answer)

    def _fill(self, answer: Answer) -> None:
        raise NotImplementedError

    @property
    def read_version(self) -> int:
        """The version of the answer that the page showed."""
        return version_of(self.version.data)

    def _missing(self) -> None:
        field = self._fields["value"]
        field.errors = [*field.errors, _('Choose an answer, or "I don\'t know".')]

    def _given(self, value: object) -> Given:
        return Given(value, value == UNKNOWN, self.comment.data or "")


class _OneOf(AnswerForm):
    """Yes or no, or one of the options."""

    value = RadioField(validate_choice=False)

    def given(self) -> Given | None:
        chosen = self.value.data
        if chosen in (None, "", "None"):
            return self._missing()  # type: ignore[func-returns-value]
        choices: Any = self.value.choices
        known = {choice.value for choice in choices}
        if chosen not in known:
            self.value.errors = [*self.value.errors, _("Choose one of the list.")]
            return None
        return self._given(UNKNOWN if chosen == UNKNOWN else chosen)

    def _fill(self, answer: Answer) -> None:
        self.value.data = (
            UNKNOWN if answer.unknown else str(answer.value).lower() if isinstance(answer.value, bool) else answer.value
        )


class _AnyOf(AnswerForm):
    """Any of the options, none of them, and "I don't know" about the rest."""

    value = SelectMultipleField(
        validate_choice=False, option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget(prefix_label=False)
    )
    none = BooleanField(_l("None of these"))
    unsure = BooleanField(_l("I don't know about the others"))

    def given(self) -> Given | None:
        options = [option.id for option in self.fact.options]
        chosen = [choice for choice in self.value.data or [] if choice in options]
        if len(chosen) != len(self.value.data or []):
            self.value.errors = [*self.value.errors, _("Choose one of the list.")]
            return None
        if self.none.data and (chosen or self.unsure.data):
            self.value.errors = [*self.value.errors, _('"None of these" cannot go together with another answer.')]
            return None
        if self.unsure.data and chosen:
            rest = [option for option in options if option not in chosen]
            return self._given({"selected": chosen, "unknown": rest} if rest else chosen)
        if self.unsure.data:
            return self._given(UNKNOWN)
        if not chosen and not self.none.data:
            return self._missing()  # type: ignore[func-returns-value]
        return self._given(chosen)

    def _fill(self, answer: Answer) -> None:
        if answer.unknown:
            self.unsure.data = True
        elif isinstance(answer.value, dict):
            self.value.data, self.unsure.data = answer.value["selected"], True
        else:
            self.value.data, self.none.data = answer.value, not answer.value


class _Typed(AnswerForm):
    """A day, a number or a text."""

    value = StringField(filters=[one_line])
    unsure = BooleanField(_l("I don't know"))

    def given(self) -> Given | None:
        typed = self.value.data or ""
        if self.unsure.data and typed:
            self.value.errors = [*self.value.errors, _('Either an answer or "I don\'t know", not both.')]
            return None
        if self.unsure.data:
            return self._given(UNKNOWN)
        if not typed:
            return self._missing()  # type: ignore[func-returns-value]
        value = parse(self.fact.type, typed)
        if value is None:
            expected = {
                FactType.DATE: _("This is not a date: year-month-day, such as 2026-08-02."),
                FactType.NUMBER: _("This is not a number."),
            }
            self.value.errors = [*self.value.errors, expected.get(self.fact.type, _("This is needed."))]
            return None
        return self._given(value)

    def _fill(self, answer: Answer) -> None:
        self.unsure.data = answer.unknown
        if answer.value is not None:
            self.value.data = str(answer.value)


def parse(kind: FactType, typed: str) -> str | None:
    """Return what was typed as the pack takes it, or None: numbers as French or English write them."""
    if kind is FactType.DATE:
        parts = typed.replace("/", "-").split("-")
        if len(parts) == 3 and len(parts[2]) == 4:  # noqa: PLR2004 - day/month/year
            parts.reverse()
        try:
            return date(*(int(part) for part in parts)).isoformat() if len(parts) == 3 else None  # noqa: PLR2004
        except (ValueError, OverflowError):
            return None
    if kind is FactType.NUMBER:
        bare = "".join(sign for sign in typed if unicodedata.category(sign) != "Zs" and sign not in "€'’")
        if "," in bare and "." not in bare:
            head, _comma, tail = bare.rpartition(",")
            grouped = len(tail) == 3 and head.replace(",", "").isdecimal() and not head.startswith("0")  # noqa: PLR2004
            bare = head.replace(",", "") + ("" if grouped else ".") + tail
        bare = bare.replace(",", "")
        whole = bare.removeprefix("-").replace(".", "", 1)
        return bare if whole.isdecimal() and whole.isascii() and len(whole) < 19 else None  # noqa: PLR2004
    return typed


_KINDS: Mapping[FactType, type[AnswerForm]] = {
    FactType.BOOLEAN: _OneOf,
    FactType.CHOICE: _OneOf,
    FactType.CHOICES: _AnyOf,
    FactType.DATE: _Typed,
    FactType.NUMBER: _Typed,
    FactType.TEXT: _Typed,
}


def answer_form(fact: Fact, *, prefix: str = "") -> AnswerForm:
    """Return the form of a question."""
    form = _KINDS[fact.type](prefix=f"{prefix}-" if prefix else "")
    form.fact = fact
    field: Any = form._fields["value"]
    field.label.text = spoken(fact.question)
    if fact.type is FactType.BOOLEAN:
        field.choices = listed([("true", _("Yes")), ("false", _("No")), (UNKNOWN, _("I don't know"))])
    elif fact.type is FactType.CHOICE:
        labels = [(option.id, spoken(option.label)) for option in fact.options]
        field.choices = listed([*labels, (UNKNOWN, _("I don't know"))])
    elif fact.type is FactType.CHOICES:
        field.choices = listed([(option.id, spoken(option.label)) for option in fact.options])
    return form


def showing(fact: Fact, standing: Answer | None, *, prefix: str = "") -> AnswerForm:
    """Return a question's form with what stands, without what came in with the request."""
    form = answer_form(fact, prefix=prefix)
    form.process(formdata=None)
    form.shows(standing)
    return form


def touched(form: AnswerForm, standing: Answer | None) -> bool:
    """Tell whether a form holds something other than what stood when the page was made."""
    names = [name for name in form._fields if name not in ("version", "csrf_token")]
    if standing is None or standing.version != form.read_version:
        return any(form._fields[name].data for name in names)
    before = showing(form.fact, standing, prefix=form.fact.id)
    return any((form._fields[name].data or None) != (before._fields[name].data or None) for name in names)


def kept(form: AnswerForm, record: Callable[[Given, int], _Kept]) -> tuple[_Kept | None, Answer | None, int]:
    """Save what a form holds by ``record``; return what that gives, or what stands instead, and the status.

    What is wrong is put on the form's field.
    """
    given = form.given() if form.validate() else None
    if given is None:
        return None, None, 422
    try:
        return record(given, form.read_version), None, 200
    except AnswerRefusedError as error:
        field = form._fields["value"]
        field.errors = [*field.errors, sentence(error.problem, tongue())]
        return None, None, 422
    except AnsweredMeanwhileError as error:
        form.version.data = str(error.theirs.version if error.theirs else 0)
        return None, error.theirs, 409


def shown(fact: Fact, answer: Answer, language: Language) -> str:
    """Return an answer in words."""
    if answer.unknown:
        return str(_("I don't know"))
    return value_shown(fact, answer.value, language)


def value_shown(fact: Fact, value: Any, language: Language) -> str:
    """Return a stored value in words."""
    if value is None:
        return str(_("taken back"))
    if fact.type is FactType.BOOLEAN:  # presumed answers stand as the catalogue writes them: "true"
        return str(_("Yes") if str(value).lower() == "true" else _("No"))
    labels: dict[str, str] = {option.id: option.label.to(language) for option in fact.options}
    if isinstance(value, dict):
        known = ", ".join(labels.get(id_, id_) for id_ in value["selected"])
        return str(_("%(known)s; the others unknown", known=known))
    if isinstance(value, list):
        chosen: list[str] = value
        return ", ".join(labels.get(id_, id_) for id_ in chosen) or str(_("None of these"))
    if fact.type is FactType.NUMBER:
        unit = f" {fact.unit.to(language)}" if fact.unit else ""
        return number_in_words(Decimal(str(value))).to(language) + unit
    if fact.type is FactType.DATE:
        return day(date.fromisoformat(value))
    return labels.get(value, str(value))


class HandOverForm(Form):
    """Questions to a colleague."""

    facts = SelectMultipleField(
        _l("Questions"),
        [needed()],
        validate_choice=False,
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    to = SelectField(_l("Colleague"), [needed()])
    note = TextAreaField(_l("A word to your colleague"), [most(limits.COMMENT)], filters=[clean])


class EvidenceForm(Form):
    """A file or a link that supports an answer."""

    title = StringField(_l("What it shows"), [needed(), most(limits.NAME)], filters=[one_line])
    url = StringField(_l("Link"), [most(limits.URL)], filters=[one_line])
    file = FileField(_l("File"), description=_l("PDF, PNG, JPEG, text, CSV, XLSX or DOCX, at most 8 MB."))

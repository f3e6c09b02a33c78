"""Forms of the result page."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from compliance.operations import texts
from compliance.operations.workplace import Actor, Workplace
from compliance.web import limits
from compliance.web.forms import Form, clean, listed, most
from compliance.web.templating import day, spoken


class SubmitForm(Form):
    """A word to whoever reviews."""

    note = TextAreaField(_l("A word to the evaluator"), [most(limits.LONG_TEXT)], filters=[clean])


class DecideForm(Form):
    """The evaluator's opinion."""

    opinion = TextAreaField(_l("Opinion"), [most(limits.LONG_TEXT)], filters=[clean])


class TextForm(Form):
    """Which text of the law."""

    pack = SelectField(_l("Text of the law"))

    def offer(self, place: Workplace, actor: Actor) -> None:
        """Fill the list."""
        self.pack.choices = listed(text_choices(place, actor))


def text_choices(place: Workplace, actor: Actor) -> list[tuple[str, str]]:
    """Return the texts that a use case may be put under today, the newest first."""
    found = []
    for law, version in texts.laws(place, actor):
        label = f"{spoken(law.pack.title)} ({law.pack.version})"
        if version:
            values = {"number": version.number, "day": day(version.effect)}
            label = _("%(text)s, version %(number)s of %(day)s", text=label, **values)
        found.append((law.name, label))
    return found


def family_choices(place: Workplace, actor: Actor) -> list[tuple[str, str]]:
    """Return the texts that new use cases may begin under: whichever version is in effect then."""
    known: dict[str, str] = {}
    for law, _version in texts.laws(place, actor):
        known.setdefault(texts.family(law.name), f"{spoken(law.pack.title)} ({law.pack.version})")
    return list(known.items())

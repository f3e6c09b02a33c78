"""Forms of questionnaires to suppliers, on both sides."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FileField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import Optional, StopValidation

from compliance.operations.supplying import DAYS, DAYS_MOST
from compliance.web import limits
from compliance.web.forms import Form, clean, email_like, listed, lower, most, needed, one_line
from compliance.web.here import version_of


def _some_days(_form: Any, field: Field) -> None:
    """Check that a number of days is one, and within what is allowed."""
    if field.data is None or not 1 <= field.data <= DAYS_MOST:
        field.errors = []
        raise StopValidation(_("A questionnaire is valid for 1 to %(most)s days.", most=DAYS_MOST))


_some_days.field_flags = {"required": True}  # type: ignore[attr-defined]


class RenewForm(Form):
    """A new last day."""

    days = IntegerField(
        _l("Valid for how many days"),
        [_some_days],
        default=DAYS,
        widget=widgets.TextInput(),
        render_kw={"inputmode": "numeric"},
    )


class AskForm(RenewForm):
    """A questionnaire to a supplier."""

    supplier = StringField(_l("Supplier"), [needed(), most(limits.PERSON_NAME)], filters=[one_line])
    email = StringField(_l("E-mail of the supplier"), [Optional(), most(limits.EMAIL), email_like], filters=[lower])
    language = SelectField(_l("Language of the questionnaire"), choices=listed([("fr", "Français"), ("en", "English")]))
    shown_name = StringField(
        _l("Name of the use case, as the supplier reads it"),
        [needed(), most(limits.NAME)],
        filters=[one_line],
        description=_l("Choose another one if yours says more than the supplier should know."),
    )
    note = TextAreaField(_l("A word to the supplier"), [most(limits.COMMENT)], filters=[clean])
    facts = SelectMultipleField(_l("Questions"), validate_choice=False)
    supplies = SelectMultipleField(_l("Documents and information"), validate_choice=False)


class SupplyForm(Form):
    """What a supplier says or sends about one thing that is asked for."""

    text = TextAreaField(_l("In your words, a number or a link"), [most(limits.LONG_TEXT)], filters=[clean])
    none = BooleanField(_l("We do not have this"))
    file = FileField(_l("File"), description=_l("PDF, PNG, JPEG, text, CSV, XLSX or DOCX, at most 8 MB."))
    version = HiddenField()

    @property
    def read_version(self) -> int:
        """The version of what stood when the page was made."""
        return version_of(self.version.data)


class SendForm(Form):
    """Who sends the answers."""

    respondent = StringField(_l("Your name and function"), [needed(), most(limits.PERSON_NAME)], filters=[one_line])

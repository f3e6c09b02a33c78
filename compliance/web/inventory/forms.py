"""Forms of the inventory."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, SelectField, StringField, TextAreaField

from compliance.operations import vocabulary
from compliance.operations.cases import Choices, Description
from compliance.storage.rows import new_id
from compliance.text import Text
from compliance.web import limits
from compliance.web.forms import Form, clean, listed, most, needed, one_line
from compliance.web.templating import spoken


def options(found: dict[str, Text]) -> list[tuple[str, str]]:
    """Return a closed list as choices, with an empty one first."""
    return [("", "—"), *((id_, spoken(text)) for id_, text in found.items())]


class DescriptionForm(Form):
    """What a use case is, before any question of law."""

    name = StringField(
        _l("Name"), [needed(), most(limits.NAME)], filters=[one_line], description=_l("As people call it in the plant.")
    )
    description = TextAreaField(
        _l("Description"),
        [most(limits.LONG_TEXT)],
        filters=[clean],
        description=_l("What it does, for whom, with which data, and what is done with its output."),
    )
    function = SelectField(_l("Function"), default="")
    sector = SelectField(_l("Sector"), default="")
    site_id = SelectField(_l("Site"), default="")
    supplier_id = SelectField(_l("Supplier"), default="")
    owner_id = SelectField(_l("Owner"), default="")
    key = HiddenField(default=new_id)

    @property
    def own_key(self) -> str | None:
        """The id that this form was given, so that it counts once when sent twice."""
        typed = self.key.data or ""
        return typed if re.fullmatch(r"[0-9a-f]{32}", typed) else None

    def offer(self, choices: Choices) -> None:
        """Fill the pickers."""
        self.function.choices = listed(options(vocabulary.FUNCTIONS))
        self.sector.choices = listed(options(vocabulary.SECTORS))
        self.site_id.choices = listed([("", "—"), *((item.id, item.name) for item in choices.sites)])
        self.supplier_id.choices = listed([("", "—"), *((item.id, item.name) for item in choices.suppliers)])
        self.owner_id.choices = listed([("", "—"), *((member.person_id, member.name) for member in choices.people)])

    def described(self) -> Description:
        """Return what was typed."""
        return Description(
            self.name.data or "",
            self.description.data or "",
            self.function.data or None,
            self.sector.data or None,
            self.site_id.data or None,
            self.supplier_id.data or None,
            self.owner_id.data or None,
        )


class EditForm(DescriptionForm):
    """A description that stands, with the version that was read."""

    version = StringField()


class CopyForm(Form):
    """The name of a copy."""

    name = StringField(_l("Name of the copy"), [needed(), most(limits.NAME)], filters=[one_line])


class UploadForm(Form):
    """A list from a spreadsheet."""

    file = FileField(_l("File"), [needed()], description=_l("XLSX or CSV, at most 5,000 lines."))


def level_choices(levels: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the levels to filter by: decided ones, and what is open."""
    return [("", _("all")), *levels, ("open", _("undecided"))]

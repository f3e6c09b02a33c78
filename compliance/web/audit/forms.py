"""Forms of the auditor's desk."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import StopValidation

from compliance.operations import vocabulary
from compliance.operations.cases import Choices
from compliance.operations.observations import KINDS
from compliance.operations.samples import AT_MOST, ORDERS, Criteria
from compliance.storage.reports import Report
from compliance.storage.rows import new_id
from compliance.web import limits
from compliance.web.forms import Form, clean, listed, most, needed, one_line
from compliance.web.inventory.forms import options
from compliance.web.templating import spoken

_DIGITS = 4


class KeyedForm(Form):
    """A form that counts once when sent twice."""

    key = HiddenField(default=new_id)

    @property
    def own_key(self) -> str | None:
        """The id that this form was given."""
        typed = self.key.data or ""
        return typed if re.fullmatch(r"[0-9a-f]{32}", typed) else None


def _count(_form: Any, field: Field) -> None:
    text = field.data or ""
    if text and not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS and 1 <= int(text) <= AT_MOST):
        raise StopValidation(_("A whole number from 1 to %(most)s, or nothing for all.", most=AT_MOST))


class DrawForm(KeyedForm):
    """Among which use cases to draw, how many, and how."""

    name = StringField(
        _l("Name of the sample"),
        [needed(), most(limits.NAME)],
        filters=[one_line],
        description=_l("What it is for, such as: annual audit, human resources."),
    )
    level = SelectField(_l("Level"), default="")
    function = SelectField(_l("Function"), default="")
    sector = SelectField(_l("Sector"), default="")
    site = SelectField(_l("Site"), default="")
    supplier = SelectField(_l("Supplier"), default="")
    state = SelectField(_l("State"), default="")
    owner = SelectField(_l("Owner"), default="")
    reported = SelectField(_l("Issued report"), default="")
    size = StringField(_l("How many"), [_count], filters=[one_line], description=_l("Nothing means all that match."))
    order = SelectField(_l("How to take them"), default="random")

    def offer(self, choices: Choices, levels: list[tuple[str, str]]) -> None:
        """Fill the lists."""
        any_ = [("", _("all"))]
        for field, pairs in (
            (self.level, levels),
            (self.function, options(vocabulary.FUNCTIONS)[1:]),
            (self.sector, options(vocabulary.SECTORS)[1:]),
            (self.state, options(vocabulary.CASE_STATES)[1:]),
            (self.site, [(item.id, item.name) for item in choices.sites]),
            (self.supplier, [(item.id, item.name) for item in choices.suppliers]),
            (self.owner, [(member.person_id, member.name) for member in choices.people]),
            (self.reported, [("yes", _("with an issued report")), ("no", _("without one"))]),
        ):
            field.choices = listed([*any_, *pairs])
        self.order.choices = listed([(id_, spoken(text)) for id_, text in ORDERS.items()])

    def criteria(self) -> Criteria:
        """Return what was chosen."""
        return Criteria(
            self.level.data or None,
            self.function.data or None,
            self.sector.data or None,
            self.site.data or None,
            self.supplier.data or None,
            self.state.data or None,
            self.owner.data or None,
            {"yes": True, "no": False}.get(self.reported.data),
        )

    @property
    def count(self) -> int | None:
        """How many, or None for all."""
        return int(self.size.data) if self.size.data else None


class LookForm(Form):
    """What was looked at."""

    looked_at = TextAreaField(
        _l("What was looked at"),
        [most(limits.LONG_TEXT)],
        filters=[clean],
        description=_l("Documents read, people heard, answers checked against which evidence, and when."),
    )
    version = HiddenField()


class ObservationForm(KeyedForm):
    """A finding or a remark."""

    kind = SelectField(_l("Kind"), default="finding")
    report_id = SelectField(_l("About the report"), default="")
    text = TextAreaField(_l("Text"), [needed(), most(limits.LONG_TEXT)], filters=[clean])

    def offer(self, reports: list[Report]) -> None:
        """Fill the lists."""
        self.kind.choices = listed([(id_, spoken(text)) for id_, text in KINDS.items()])
        self.report_id.choices = listed([("", "—"), *((report.id, report.number) for report in reports)])


class ReplyForm(KeyedForm):
    """What somebody says to an observation."""

    text = TextAreaField(_l("Answer"), [needed(), most(limits.LONG_TEXT)], filters=[clean])


class CloseForm(Form):
    """Why an observation is closed."""

    text = TextAreaField(_l("Reason for closing"), [needed(), most(limits.LONG_TEXT)], filters=[clean])
    version = HiddenField()

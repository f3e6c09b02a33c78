"""Forms about reports."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, SelectField, StringField
from wtforms.validators import Optional

from compliance.storage.rows import new_id
from compliance.web import limits
from compliance.web.forms import Form, listed, most, needed, one_line

LANGUAGES = (("fr", "français"), ("en", "English"))


class KeyedForm(Form):
    """A form that asks once, however often it is sent: its language and its key."""

    language = SelectField(_l("Language"), choices=listed(LANGUAGES))
    key = HiddenField(default=new_id)

    @property
    def own_key(self) -> str | None:
        """The id that this form was given, so that it counts once when sent twice."""
        typed = self.key.data or ""
        return typed if re.fullmatch(r"[0-9a-f]{32}", typed) else None


class AskForm(KeyedForm):
    """A report to be made: in which form and language."""

    form = SelectField(_l("Report"))


class PortfolioForm(KeyedForm):
    """A report of many use cases."""

    title = StringField(_l("Title"), [needed(), most(limits.NAME)], filters=[one_line])


class VerifyForm(Form):
    """A report whose file is to be checked."""

    file = FileField(_l("Report (PDF)"), [needed()])


class PaperForm(Form):
    """What the organisation puts on its reports."""

    logo = FileField(
        _l("Logo"), [Optional()], description=_l("PNG or JPEG, at most 2 MB. It stands on the cover of each report.")
    )
    word = FileField(
        _l("Word template"),
        [Optional()],
        description=_l("DOCX, at most 5 MB, with the placeholders that the guide names."),
    )

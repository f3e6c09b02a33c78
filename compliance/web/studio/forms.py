"""Forms of the rule studio."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, PasswordField, SelectField, StringField, TextAreaField

from compliance.operations.sign_in import PASSWORD_MOST
from compliance.web import limits
from compliance.web.forms import Form, clean, most, needed, one_line

_TITLE = 200


class BeginForm(Form):
    """A draft from a text at hand."""

    name = SelectField(_l("Text to change"))
    title = StringField(_l("What the draft is about"), [needed(), most(_TITLE)], filters=[one_line])


class TitleForm(Form):
    """What a draft is about."""

    title = StringField(_l("What the draft is about"), [needed(), most(_TITLE)], filters=[one_line])


class NewForm(Form):
    """A pack of the organisation's own."""

    pack = StringField(
        _l("Short name"),
        [needed(), most(40)],
        filters=[one_line],
        description=_l("Small letters, digits and dashes, such as acme-policy: rules are named after it."),
    )
    title_fr = StringField(_l("Title in French"), [needed(), most(_TITLE)], filters=[one_line])
    title_en = StringField(_l("Title in English"), [needed(), most(_TITLE)], filters=[one_line])
    base = SelectField(_l("Text that it builds on"))


class ImportForm(Form):
    """A pack handed over as a file."""

    file = FileField(_l("Pack as a file (.zip or .yaml)"), [needed()])


class HandInForm(Form):
    """What a version changes, and from when it counts."""

    note_fr = TextAreaField(_l("What changes, in French"), [needed(), most(limits.LONG_TEXT)], filters=[clean])
    note_en = TextAreaField(_l("What changes, in English"), [needed(), most(limits.LONG_TEXT)], filters=[clean])
    effect = DateField(_l("Counts from"), [needed()])


class FileForm(Form):
    """A new file of a draft."""

    path = StringField(
        _l("New file"), [needed(), most(120)], filters=[one_line], description=_l("Such as scenarios/suppliers.yaml.")
    )


class RemarkForm(Form):
    """A word on a line."""

    text = TextAreaField(_l("Remark"), [needed(), most(limits.LONG_TEXT)], filters=[clean])


class DecideForm(Form):
    """What the reader thinks of a draft."""

    opinion = TextAreaField(_l("Opinion"), [most(limits.LONG_TEXT)], filters=[clean])
    current_password = PasswordField(_l("Your password"), [most(PASSWORD_MOST)])
    seen = HiddenField()  # what the reader had before them

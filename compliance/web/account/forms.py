"""Forms of one's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, SelectField, StringField

from compliance.operations.sign_in import PASSWORD_MOST
from compliance.web import limits
from compliance.web.forms import Form, email_like, listed, lower, most, needed, one_line

_LANGUAGES = [("fr", "Français"), ("en", "English")]


class SignInForm(Form):
    """Address and password."""

    email = StringField(_l("E-mail address"), [needed(), most(limits.EMAIL)], filters=[lower])
    password = PasswordField(_l("Password"), [needed(), most(PASSWORD_MOST)])


class CodeForm(Form):
    """The six digits of the authenticator app."""

    code = StringField(_l("Six-digit code"), [needed(), most(10)], filters=[lambda text: "".join((text or "").split())])


class BeginForm(Form):
    """The first administrator and the organisation."""

    organisation = StringField(_l("Name of your organisation"), [needed(), most(limits.NAME)], filters=[one_line])
    name = StringField(_l("Your name"), [needed(), most(limits.PERSON_NAME)], filters=[one_line])
    email = StringField(_l("E-mail address"), [needed(), most(limits.EMAIL), email_like], filters=[lower])
    password = PasswordField(
        _l("Password"),
        [needed(), most(PASSWORD_MOST)],
        description=_l("12 characters or more; several words are good."),
    )
    language = SelectField(_l("Language of the organisation"), choices=listed(_LANGUAGES))


class JoinForm(Form):
    """Somebody who was invited."""

    name = StringField(_l("Your name"), [needed(), most(limits.PERSON_NAME)], filters=[one_line])
    password = PasswordField(
        _l("Password"),
        [needed(), most(PASSWORD_MOST)],
        description=_l("12 characters or more. If you already have an account here, its password."),
    )


class NewPasswordForm(Form):
    """A password set through a link."""

    new = PasswordField(_l("New password"), [needed(), most(PASSWORD_MOST)])


class ChangePasswordForm(NewPasswordForm):
    """A password changed by its owner."""

    current_password = PasswordField(_l("Present password"), [needed(), most(PASSWORD_MOST)])


class ConfirmForm(Form):
    """The password again, before a weighty change."""

    current_password = PasswordField(_l("Your password"), [most(PASSWORD_MOST)])


class AccountForm(Form):
    """Name, language, way of answering."""

    name = StringField(_l("Your name"), [needed(), most(limits.PERSON_NAME)], filters=[one_line])
    language = SelectField(_l("Language"), choices=listed([("", _l("the organisation's")), *_LANGUAGES]))
    one_at_a_time = BooleanField(_l("Show one question at a time"))

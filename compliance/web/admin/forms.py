"""Forms of the organisation's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, PasswordField, SelectField, SelectMultipleField, StringField, widgets
from wtforms.validators import Optional

from compliance.operations import vocabulary
from compliance.operations.rights import Role
from compliance.operations.sign_in import PASSWORD_MOST
from compliance.storage.organisations import Named
from compliance.storage.people import Bounds
from compliance.web import limits
from compliance.web.forms import Form, email_like, listed, lower, most, needed, one_line
from compliance.web.templating import spoken


class RolesForm(Form):
    """Which roles; for an auditor, within which bounds."""

    roles = SelectMultipleField(
        _l("Roles"), [needed()], option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget(prefix_label=False)
    )

    site_id = SelectField(_l("Site"), default="")
    from_day = DateField(_l("First day"), [Optional()])
    until_day = DateField(_l("Last day"), [Optional()])

    def offer(self, sites: list[Named]) -> None:
        """Fill the lists."""
        self.roles.choices = listed([(id_, spoken(text)) for id_, text in vocabulary.ROLES.items()])
        self.site_id.choices = listed([("", _l("all sites")), *((site.id, site.name) for site in sites)])

    def held(self) -> frozenset[Role]:
        """Return the roles that were chosen."""
        return frozenset(Role(role) for role in self.roles.data or [])

    def bounds(self) -> Bounds:
        """Return the bounds that were chosen."""
        return Bounds(self.site_id.data or None, self.from_day.data, self.until_day.data)


class InviteForm(RolesForm):
    """Somebody to invite."""

    email = StringField(_l("E-mail address"), [needed(), most(limits.EMAIL), email_like], filters=[lower])
    language = SelectField(_l("Language of the invitation"), choices=listed([("fr", "Français"), ("en", "English")]))


class MemberForm(RolesForm):
    """A member's roles; the administrator's password again."""

    active = BooleanField(_l("May sign in"))
    current_password = PasswordField(_l("Your password"), [most(PASSWORD_MOST)])


class SettingsForm(Form):
    """The organisation."""

    name = StringField(_l("Name of the organisation"), [needed(), most(limits.NAME)], filters=[one_line])
    language = SelectField(_l("Language"), choices=listed([("fr", "Français"), ("en", "English")]))
    pack = SelectField(_l("Text of the law for new use cases"))


class NamedForm(Form):
    """A site or a supplier."""

    name = StringField(_l("Name"), [needed(), most(limits.PERSON_NAME)], filters=[one_line])

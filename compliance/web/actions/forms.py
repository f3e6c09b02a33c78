"""Forms of the action plan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, TextAreaField
from wtforms.validators import Optional

from compliance.operations.cases import Choices
from compliance.operations.vocabulary import ACTION_STATES
from compliance.web import limits
from compliance.web.forms import Form, clean, listed, most
from compliance.web.templating import spoken


class ActionForm(Form):
    """One action."""

    state = SelectField(_l("State"), default="")
    owner_id = SelectField(_l("Owner"), default="")
    due = DateField(_l("Due"), [Optional()])
    comment = TextAreaField(_l("Comment"), [most(limits.LONG_TEXT)], filters=[clean])
    version = HiddenField()

    def offer(self, choices: Choices) -> None:
        """Fill the lists."""
        self.state.choices = listed([(id_, spoken(text)) for id_, text in ACTION_STATES.items()])
        self.owner_id.choices = listed([("", "—"), *((member.person_id, member.name) for member in choices.people)])


class ManyForm(ActionForm):
    """Many actions at once: what is left empty stays as it is."""

    def offer(self, choices: Choices) -> None:
        """Fill the lists, with "unchanged" first."""
        super().offer(choices)
        self.state.choices = listed([("", "—"), *((id_, spoken(text)) for id_, text in ACTION_STATES.items())])

"""One's own tokens of the API: made, shown once, revoked."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectMultipleField, StringField, widgets
from wtforms.validators import NumberRange

from compliance.operations import tokens
from compliance.operations.tokens import DAYS_MOST, Scope
from compliance.operations.workplace import RefusedError
from compliance.web import limits
from compliance.web.account.views import pages
from compliance.web.forms import Form, listed, most, needed, one_line
from compliance.web.here import actor, back, place


class TokenForm(Form):
    """What a token is for, and how long."""

    name = StringField(
        _l("Name"), [needed(), most(limits.PERSON_NAME)], filters=[one_line], description=_l("What will use it.")
    )
    scopes = SelectMultipleField(
        _l("What it may do"),
        [needed()],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    days = IntegerField(_l("Days until it ends"), [needed(), NumberRange(1, DAYS_MOST)], default=90)


@pages.route("/account/tokens", methods=["GET", "POST"], endpoint="tokens")
def tokens_page() -> tuple[str, int]:
    """Show the tokens, and make one."""
    form, made = TokenForm(), None
    form.scopes.choices = listed(
        [
            (Scope.READ, _("Read use cases, reports and texts of the law")),
            (Scope.WRITE, _("Change use cases, answers and actions")),
            (Scope.REPORTS, _("Ask for reports")),
        ]
    )
    if form.validate_on_submit():
        wanted = frozenset(Scope(word) for word in form.scopes.data or [])
        try:
            made = tokens.make(place(), actor(), form.name.data or "", wanted, form.days.data or 0)
        except RefusedError as error:
            form.refuse(error)
    found = tokens.mine(place(), actor())
    status = 422 if form.errors else 200
    return render_template("account/tokens.html", form=form, made=made, found=found, now=place().clock()), status


@pages.post("/account/tokens/<uuid:id_>/revoke")
def token_revoke(id_: UUID) -> Response:
    """End a token."""
    tokens.revoke(place(), actor(), id_.hex)
    return back(url_for("account.tokens"), _("Token revoked: it opens nothing any more."))

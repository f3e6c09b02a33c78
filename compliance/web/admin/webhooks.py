"""Webhooks: endpoints with their secrets, shown once, and what became of each message."""

from __future__ import annotations

from uuid import UUID

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField, StringField, URLField, widgets

from compliance.operations import outgoing, webhooks
from compliance.operations.events import EVENTS
from compliance.operations.workplace import RefusedError
from compliance.storage.webhooks import DELIVERED, FAILED, OFF, ON, PAUSED, WAITING
from compliance.web import limits
from compliance.web.admin.views import pages
from compliance.web.forms import Form, listed, most, needed, one_line
from compliance.web.here import actor, back, place
from compliance.web.templating import spoken
from compliance.web.words import refusal


class EndpointForm(Form):
    """Where events go, and which."""

    url = URLField(
        _l("Address"),
        [needed(), most(limits.WEBHOOK_URL)],
        filters=[one_line],
        description=_l("Begins with https:// and answers within ten seconds."),
    )
    description = StringField(_l("What it is for"), [most(limits.PERSON_NAME)], filters=[one_line])
    events = SelectMultipleField(
        _l("Events"),
        [needed()],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


def _states() -> dict[str, tuple[str, str]]:
    """Return the word for each state of an endpoint or a message, and how it is marked."""
    return {
        ON: (_("in service"), "good"),
        PAUSED: (_("paused"), "warn"),
        OFF: (_("switched off after failures"), "bad"),
        WAITING: (_("waiting"), "warn"),
        DELIVERED: (_("delivered"), "good"),
        FAILED: (_("given up"), "bad"),
    }


def _failures() -> dict[str, str]:
    """Return the words for why an attempt failed."""
    return {
        "url": _("no address that can be written to"),
        "address": _("the name leads to no public address"),
        "plain": _("without TLS"),
        "connect": _("no connection"),
        "tls": _("the certificate, or TLS, is not accepted"),
        "time": _("no answer in time"),
        "answer": _("no answer that can be read"),
        "redirect": _("it leads elsewhere"),
        "status": _("refused"),
        "secret": _("the secret cannot be read: make a new one"),
    }


@pages.route("/organisation/webhooks", methods=["GET", "POST"], endpoint="webhooks")
def webhooks_page() -> Response | tuple[str, int]:
    """Show the endpoints, and add one; its secret is shown on the page that follows."""
    form = EndpointForm()
    form.events.choices = listed([(event, spoken(text)) for event, text in EVENTS.items()])
    if form.validate_on_submit():
        try:
            id_, secret = webhooks.add(
                place(),
                actor(),
                url=form.url.data or "",
                description=form.description.data or "",
                wanted=form.events.data or [],
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return _endpoint(id_, secret), 200
    page = render_template(
        "admin/webhooks.html",
        form=form,
        found=[(item, outgoing.target(item.endpoint.url).host) for item in webhooks.endpoints(place(), actor())],
        events=EVENTS,
        states=_states(),
    )
    return page, 422 if form.errors else 200


def _endpoint(id_: str, secret: str | None = None) -> str:
    found, deliveries = webhooks.endpoint(place(), actor(), id_)
    return render_template(
        "admin/webhook.html",
        found=found,
        host=outgoing.target(found.url).host,
        deliveries=deliveries,
        secret=secret,
        old_signs=bool(found.old_secret_until and place().clock() < found.old_secret_until),
        events=EVENTS,
        states=_states(),
        failures=_failures(),
        most=webhooks.DELIVERIES_SHOWN,
    )


@pages.get("/organisation/webhooks/<uuid:id_>")
def webhook(id_: UUID) -> str:
    """Show an endpoint and its last messages."""
    return _endpoint(id_.hex)


@pages.post("/organisation/webhooks/<uuid:id_>/secret")
def webhook_secret(id_: UUID) -> str:
    """Make a new secret, and show it."""
    return _endpoint(id_.hex, webhooks.renew_secret(place(), actor(), id_.hex))


@pages.post("/organisation/webhooks/<uuid:id_>/state")
def webhook_state(id_: UUID) -> Response:
    """Pause or resume."""
    change = {ON: webhooks.resume, PAUSED: webhooks.pause}.get(request.form.get("state", ""))
    if change is None:
        abort(404)
    change(place(), actor(), id_.hex)
    return back(url_for("admin.webhook", id_=id_), _("Saved."))


@pages.post("/organisation/webhooks/<uuid:id_>/test")
def webhook_test(id_: UUID) -> Response:
    """Have an event sent to try the endpoint out."""
    try:
        webhooks.try_out(place(), actor(), id_.hex)
    except RefusedError as error:
        return back(url_for("admin.webhook", id_=id_), refusal(error))
    return back(url_for("admin.webhook", id_=id_), _("It is sent within a few seconds: load this page again then."))


@pages.post("/organisation/webhooks/<uuid:id_>/remove")
def webhook_remove(id_: UUID) -> Response:
    """Remove an endpoint."""
    webhooks.remove(place(), actor(), id_.hex)
    return back(url_for("admin.webhooks"), _("Removed."))


@pages.post("/organisation/webhooks/deliveries/<uuid:id_>/again")
def webhook_again(id_: UUID) -> Response:
    """Have a message sent again."""
    try:
        endpoint_id = webhooks.send_again(place(), actor(), id_.hex)
    except RefusedError as error:
        return back(url_for("admin.webhooks"), refusal(error))
    return back(
        url_for("admin.webhook", id_=endpoint_id), _("It is sent within a few seconds: load this page again then.")
    )

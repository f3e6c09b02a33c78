"""The site: one factory, given the workplace that it shows."""

from __future__ import annotations

from time import perf_counter
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from compliance.config import ROOT
from compliance.operations.workplace import Actor, Workplace
from compliance.text import LANGUAGES
from compliance.web import errors, limits, templating
from compliance.web.access import ACCESS, Open
from compliance.web.account import openid
from compliance.web.account import tokens as account_tokens
from compliance.web.account import views as account
from compliance.web.actions import views as actions
from compliance.web.admin import views as admin
from compliance.web.admin import webhooks as admin_webhooks
from compliance.web.api import views as api
from compliance.web.audit import observing as audit_observing
from compliance.web.audit import records as audit_records
from compliance.web.audit import views as audit
from compliance.web.beyond import views as beyond
from compliance.web.converters import IdConverter
from compliance.web.dashboard import views as dashboard
from compliance.web.inventory import imports as inventory_imports
from compliance.web.inventory import views as inventory
from compliance.web.law import views as law
from compliance.web.questionnaire import handing as questionnaire_handing
from compliance.web.questionnaire import views as questionnaire
from compliance.web.reassess import views as reassess
from compliance.web.reports import asking as reports_asking
from compliance.web.reports import paper as reports_paper
from compliance.web.reports import verifying as reports_verifying
from compliance.web.reports import views as reports
from compliance.web.results import views as results
from compliance.web.sessions import ServerSession, ServerSessions
from compliance.web.studio import own_packs as studio_own
from compliance.web.studio import reading as studio_reading
from compliance.web.studio import versions as studio_versions
from compliance.web.studio import views as studio
from compliance.web.supply import outside as supply_outside
from compliance.web.supply import views as supply
from compliance.web.watching import views as watching
from compliance.web.watching.watch import ORGANISATION, RULE, Watch

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Their routes belong to the journeys above.
_ = (
    account_tokens,
    admin_webhooks,
    audit_observing,
    audit_records,
    inventory_imports,
    questionnaire_handing,
    reports_asking,
    reports_paper,
    reports_verifying,
    studio_own,
    studio_reading,
    studio_versions,
    supply_outside,
)


def create_app(place: Workplace) -> Flask:
    """Return the site over a workplace."""
    app = Flask("compliance", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(
        SECRET_KEY=place.settings.secret_key,
        MAX_CONTENT_LENGTH=limits.REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=limits.FORM_BYTES,
        MAX_FORM_PARTS=limits.FORM_PARTS,
        TRUSTED_HOSTS=[urlsplit(place.settings.base_url).hostname, "localhost", "127.0.0.1"],
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_TRANSLATION_DIRECTORIES=templating.TRANSLATIONS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.extensions["workplace"] = place
    app.url_map.converters["uuid"] = IdConverter
    app.session_interface = ServerSessions(place)
    if place.settings.proxies:
        hops = place.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.extensions["watch"] = Watch(app.wsgi_app, place.settings)
    app.wsgi_app = app.extensions["watch"]  # type: ignore[method-assign]
    Babel(app, locale_selector=language)
    app.before_request(_admit)
    CSRFProtect(app).exempt(api.pages)  # no cookie is read there: only a token says who acts
    app.after_request(_secure)
    templating.install(app)
    openid.install(app, place)
    errors.install(app)
    for room in (
        account,
        dashboard,
        inventory,
        questionnaire,
        results,
        beyond,
        supply,
        actions,
        reports,
        audit,
        law,
        admin,
        studio,
        reassess,
        watching,
        api,
    ):
        app.register_blueprint(room.pages)
    app.register_blueprint(api.human)
    return app


def language() -> str:
    """Return the person's language, the organisation's, or the browser's, in that order."""
    opened = _session().opened
    if opened and opened.actor:
        return opened.actor.language or opened.actor.org_language
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "fr"


def _session() -> ServerSession:
    return cast("ServerSession", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


def _admit() -> Any:
    """Let a request through only where the table of access says so."""
    g.began = perf_counter()
    if request.mimetype == "application/x-www-form-urlencoded" and (request.content_length or 0) > limits.ENCODED_BYTES:
        abort(413)  # the library bounds forms with files alone
    if request.endpoint is None:
        return None  # 404 and 405 have no page to protect
    request.environ[RULE] = request.url_rule
    if current_app.extensions["watch"].stopping.is_set() and request.blueprint not in ("watching", None):
        abort(503)  # whoever balances the load asks another process; a person tries again
    if trouble := _session().trouble:
        raise trouble
    needed = ACCESS.get(request.endpoint)
    if needed is None:
        abort(403)
    opened = _session().opened
    g.actor = opened.actor if opened else None
    g.organisations = opened.organisations if opened else ()
    if g.actor:
        request.environ[ORGANISATION] = g.actor.org_id
    if needed is Open.PUBLIC:
        return None
    actor: Actor | None = g.actor
    if actor is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("account.sign_in", next=target))
    if isinstance(needed, tuple) and not any(actor.may(right) for right in needed):
        abort(403)
    return None


def _secure(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Content-Language", str(get_locale() or "fr"))
    if g.get("actor"):
        response.headers["Server-Timing"] = f"total;dur={(perf_counter() - g.began) * 1000:.1f}"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response

"""Signing in with the company's provider of identities (OpenID Connect), where one is set up."""

from __future__ import annotations

from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, flash, redirect, url_for
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from compliance.operations import sign_in
from compliance.operations.workplace import RefusedError, Workplace
from compliance.web.account.views import enter, pages
from compliance.web.here import address, place
from compliance.web.words import refusal


def install(app: Flask, workplace: Workplace) -> None:
    """Register the provider, if the settings name one; its metadata is read when first needed."""
    settings = workplace.settings.openid
    if settings is None:
        return
    oauth = OAuth(app)
    oauth.register(
        "company",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": 10},
    )
    app.extensions["company_openid"] = oauth.company


def _client() -> Any:
    found = current_app.extensions.get("company_openid")
    if found is None:
        abort(404)
    return found


@pages.get("/sign-in/openid")
def openid() -> Response:
    """Lead to the provider."""
    back_here = f"{place().settings.base_url}{url_for('account.openid_back')}"
    try:
        found: Response = _client().authorize_redirect(back_here)
    except (RequestException, AuthlibBaseError):
        flash(_("The provider of identities does not answer. Try again, or sign in with your password."))
        return redirect(url_for("account.sign_in"), code=303)
    return found


@pages.get("/sign-in/openid/back")
def openid_back() -> Response:
    """Take the provider's word for who somebody is: an address that it verified, and that was invited here."""
    client = _client()
    try:
        token = client.authorize_access_token()
        claims = token.get("userinfo") or {}
        subject, email = str(claims.get("sub", "")), str(claims.get("email", "")).lower()
        if not subject or not email or claims.get("email_verified") is False:
            raise RefusedError("openid_unknown")  # noqa: TRY301 - the same answer as for somebody unknown
        issuer, name = str(claims.get("iss", "")), str(claims.get("name", ""))[:120]
        person_id = sign_in.open_id_person(place(), f"{issuer} {subject}"[:255], email, name, address())
    except RefusedError as error:
        flash(refusal(error))
        return redirect(url_for("account.sign_in"), code=303)
    except (AuthlibBaseError, JoseError, RequestException, KeyError, ValueError):
        flash(_("The provider of identities did not confirm who you are. Try again."))
        return redirect(url_for("account.sign_in"), code=303)
    return enter(person_id)

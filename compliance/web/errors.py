"""What goes wrong, in words: 4xx for what a person can mend, one last 500 without detail."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from compliance.operations.made_now import TRY_LATER
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError, SecondFactorNeededError
from compliance.storage.database import away, why
from compliance.storage.rows import ConflictError
from compliance.web import limits
from compliance.web.api import problems
from compliance.web.api.table import ROOT
from compliance.web.watching.watch import REQUEST_ID
from compliance.web.words import refusal

_log = logging.getLogger("pyramide")


def _words(code: int) -> tuple[str, str]:
    """Return heading and text of an error page."""
    return {
        400: (_("This request could not be read"), _("Go back and try again.")),
        403: (_("Your role does not allow this"), _("Ask an administrator of your organisation if you need it.")),
        404: (_("Nothing found here"), _("The page was moved or never was, or belongs to another organisation.")),
        405: (_("This address does not take that"), _("Go back and use the page's own buttons.")),
        409: (
            _("Somebody else changed this in the meantime"),
            _("Your change was not saved. Go back, reload the page to see theirs, then change it again."),
        ),
        413: (
            _("This is too large"),
            _(
                "At most %(mb)s MB may be sent at once, and %(kb)s kB of text.",
                mb=limits.REQUEST_BYTES // 1024**2,
                kb=limits.FORM_BYTES // 1000,
            ),
        ),
        503: (_("This cannot be made right now"), _("Go back and try again in a moment.")),
        422: (_("This could not be taken"), _("Go back and correct it.")),
    }.get(code, (_("This did not work"), _("Go back and try again.")))


def page(code: int, text: str | None = None, kept: dict[str, str] | None = None) -> tuple[str, int]:
    """Return an error page; ``kept`` is what the person had typed."""
    heading, plain = _words(code)
    return render_template("errors/error.html", heading=heading, text=text or plain, code=code, kept=kept), code


def _typed() -> dict[str, str]:
    """Return what was typed, so that it can be copied back."""
    hidden = ("csrf_token", "password", "current_password", "code", "new")
    return {name: value for name, value in request.form.items() if name not in hidden and value}


def _failed(error: Exception) -> tuple[str, int]:
    """Return the page for what nobody foresaw, or for a store that is away or full."""
    number = request.environ[REQUEST_ID]
    fields = {"request": number}
    if away(error):
        _log.error("the store is away, %s at %s: %s", number, request.endpoint, why(error), extra={"fields": fields})
        code, heading = 503, _("Nothing can be kept or shown right now")
        text = _(
            "The place where everything is kept cannot be reached, or is full. What was saved before is safe; what you "
            "just sent may not be saved. Try again in a few minutes. If it lasts, tell your administrator this number: "
            "%(number)s.",
            number=number,
        )
    else:
        _log.error("error %s at %s", number, request.endpoint, exc_info=error, extra={"fields": fields})
        code, heading = 500, _("Something went wrong on our side")
        text = _("Nothing that you saved is lost. Tell your administrator this number: %(number)s.", number=number)
    kept = _typed() if code == 503 else None  # noqa: PLR2004
    return render_template("errors/error.html", heading=heading, text=text, code=code, kept=kept), code


def install(app: Flask) -> None:
    """Give every error its page."""

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> Any:
        return page(400, _("The page was too old to be sent: open it again. What you typed is below."), _typed())

    @app.errorhandler(SecurityError)
    def strange_host(_error: SecurityError) -> Any:
        return "400", 400, {"Content-Type": "text/plain"}  # no page: its links would need a name to stand on

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect, not an error
            return error
        if request.path.startswith(f"{ROOT}/"):  # an address that the API has not, or another method
            return problems.of(error)
        cause = getattr(error, "original_exception", None)  # of what went wrong outside of any view
        if cause is not None:
            return _failed(cause)
        return page(error.code, kept=_typed() if error.code == 503 else None)  # noqa: PLR2004 - the site is stopping

    @app.errorhandler(NotFoundError)
    def absent(_error: NotFoundError) -> Any:
        return page(404)

    @app.errorhandler(SecondFactorNeededError)
    def second_factor(_error: SecondFactorNeededError) -> Any:
        flash(_("This asks for a second factor: set it up here first."))
        return redirect(url_for("account.second_factor"), code=303)

    @app.errorhandler(NotAllowedError)
    def not_allowed(_error: NotAllowedError) -> Any:
        return page(403)

    @app.errorhandler(ConflictError)
    def conflict(_error: ConflictError) -> Any:
        return page(409, kept=_typed())

    @app.errorhandler(RefusedError)
    def refused(error: RefusedError) -> Any:
        return page(503 if error.code in TRY_LATER else 422, refusal(error), _typed())

    app.register_error_handler(Exception, _failed)

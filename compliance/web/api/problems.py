"""What goes wrong, as RFC 9457 asks: a problem in JSON, in the words of the reader's language, with its place."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from compliance.law.problems import sentence
from compliance.operations.answers import AnswerRefusedError
from compliance.operations.made_now import TRY_LATER
from compliance.operations.tokens import KeyBusyError, KeyUsedError, UnknownTokenError
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError
from compliance.storage.database import away, why
from compliance.storage.rows import ConflictError
from compliance.web.here import tongue
from compliance.web.watching.watch import REQUEST_ID
from compliance.web.words import refusal

_log = logging.getLogger("pyramide")
_LATER = {"too_many_failures": 429, "too_many_keys": 429, **dict.fromkeys(TRY_LATER, 503)}


class InvalidError(Exception):
    """A request that does not fit its schema; ``errors`` are places and sentences."""

    def __init__(self, errors: list[tuple[str, str]], status: int = 422, code: str = "invalid") -> None:
        super().__init__(code)
        self.errors, self.status, self.code = errors, status, code


class ScopeMissingError(NotAllowedError):
    """The token has not the scope that an operation asks for."""


class StandsError(Exception):
    """Somebody else changed it in the meantime; ``stands`` is what it is now."""

    def __init__(self, stands: Any) -> None:
        super().__init__()
        self.stands = stands


def _title(status: int) -> str:
    titles: dict[int, str] = {
        400: _("This request could not be read"),
        401: _("No valid token"),
        403: _("This is not allowed"),
        404: _("Nothing found here"),
        405: _("This address does not take that"),
        409: _("Somebody else changed this in the meantime"),
        413: _("This is too large"),
        415: _("A body is sent as application/json"),
        422: _("This could not be taken"),
        429: _("Too many requests"),
        503: _("This cannot be made right now"),
    }
    return titles.get(status) or str(_("Something went wrong on our side"))


def problem(
    status: int,
    code: str,
    detail: str = "",
    errors: list[tuple[str, str]] | None = None,
    *,
    stands: Any = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a problem."""
    title = str(_title(status))
    said: dict[str, Any] = {
        "type": f"urn:pyramide:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "request": request.environ[REQUEST_ID],
    }
    if errors:
        said["errors"] = [{"pointer": place, "detail": words} for place, words in errors]
    if stands is not None:
        said["stands"] = stands
    text = json.dumps(said, ensure_ascii=False)
    return Response(text, status, headers, content_type="application/problem+json")


def _refused(error: RefusedError) -> Response:
    said = refusal(error)
    status = _LATER.get(error.code, 422)
    later = {"Retry-After": str(60 * int(error.values.get("minutes", 1)))} if error.code in _LATER else None
    return problem(status, error.code, said, [(f"/{error.field}", said)] if error.field else None, headers=later)


def of(error: Exception) -> Response:  # noqa: PLR0911 - one line for each kind
    """Return the problem that an error is; one that nobody foresaw is told by its number alone."""
    match error:
        case InvalidError():
            return problem(error.status, error.code, errors=error.errors)
        case UnknownTokenError():
            said = _("Send a living token: Authorization: Bearer pyr_…")
            return problem(401, "unknown_token", said, headers={"WWW-Authenticate": 'Bearer realm="Pyramide"'})
        case ScopeMissingError():
            return problem(403, "scope", _("The token lacks the scope %(scope)s.", scope=str(error)))
        case NotAllowedError():
            return problem(403, "right", _("Your role does not allow this"))
        case NotFoundError():
            return problem(404, "not_found")
        case StandsError():
            return problem(409, "conflict", stands=error.stands)
        case ConflictError():
            return problem(409, "conflict")
        case KeyBusyError():
            return problem(
                409, "key_busy", _("The same request is being answered: ask again."), headers={"Retry-After": "1"}
            )
        case KeyUsedError():
            return problem(422, "key_used", _("This key was used for another request."))
        case AnswerRefusedError():
            said = sentence(error.problem, tongue())
            return problem(422, error.problem.code, said, [("/value", said)])
        case RefusedError():
            return _refused(error)
        case HTTPException() if error.code and error.code < 500:  # noqa: PLR2004
            allowed = getattr(error, "valid_methods", None)
            return problem(error.code, f"http_{error.code}", headers={"Allow": ", ".join(allowed)} if allowed else None)
        case HTTPException() if error.code == 503:  # noqa: PLR2004
            return problem(503, "http_503", headers={"Retry-After": "5"})
    return _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    """Return the problem for what nobody foresaw, or for a store that is away or full."""
    number = request.environ[REQUEST_ID]
    if away(error):
        fields = {"request": number}
        _log.error("the store is away, %s at %s: %s", number, request.endpoint, why(error), extra={"fields": fields})
        return problem(503, "store_away", headers={"Retry-After": "60"})
    _log.exception("error %s at %s", number, request.endpoint, exc_info=error, extra={"fields": {"request": number}})
    return problem(500, "error", _("Tell your administrator this number: %(number)s.", number=number))

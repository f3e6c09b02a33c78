"""What every view needs: the workplace, the actor, the language, and safe ways back."""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote

from flask import current_app, flash, g, make_response, redirect, request, session
from flask_babel import get_locale
from werkzeug.wrappers import Response

from compliance.operations.workplace import Actor, Workplace
from compliance.text import Language
from compliance.web.sessions import ServerSession

_ID, _LONG = 32, 9  # signs of an id; no row changes a thousand million times


def place() -> Workplace:
    """Return the workplace that the site shows."""
    return cast("Workplace", current_app.extensions["workplace"])


def actor() -> Actor:
    """Return who acts; only on pages that ask for somebody signed in."""
    return cast("Actor", g.actor)


def tongue() -> Language:
    """Return the language of the page."""
    locale = get_locale()
    return "en" if locale and locale.language == "en" else "fr"


def browser() -> ServerSession:
    """Return the browser's session."""
    return cast("ServerSession", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


def address() -> str:
    """Return where a request comes from."""
    return request.remote_addr or ""


def is_fragment() -> bool:
    """Tell whether a script asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def local_path(target: str | None) -> str | None:
    """Return a path on this site, or None where a target leads elsewhere."""
    if not target:
        return None
    plain = unquote(unquote(target))
    unsafe = any(ord(sign) < 32 or sign in "\\\x7f" for sign in plain)  # noqa: PLR2004 - control characters
    if not plain.startswith("/") or plain.startswith("//") or unsafe or ":" in plain.split("?")[0]:
        return None
    return target


def row_id(text: str | None) -> str | None:
    """Return the id of a row from an address or a form, or None where it is none."""
    return text if text and len(text) == _ID and text.isalnum() else None


def version_of(sent: object) -> int:
    """Return the version that a form was read at; what is no such number matches nothing."""
    text = str(sent or "")
    return int(text) if text.isdecimal() and len(text) < _LONG else 0


def go(target: str) -> Response:
    """Go to another page, also where a script asks."""
    if not is_fragment():
        return redirect(target, code=303)
    response = make_response("")
    response.headers["HX-Redirect"] = target
    return response


def back(target: str, message: str | None = None) -> Response:
    """Go to a page after a change, with a word about it."""
    if message:
        flash(message)
    return redirect(target, code=303)

"""What comes in, read and checked by the schema of its operation; each fault with its place and in words."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from jsonschema_rs import Draft202012Validator

from compliance.web import limits
from compliance.web.api.problems import InvalidError
from compliance.web.api.schemas import Schema
from compliance.web.api.table import Operation, checker
from compliance.web.forms import clean

_ERRORS_MOST = 20


def body(of: Operation) -> dict[str, Any]:
    """Return the body of a request. Raises InvalidError."""
    if of.takes is None:
        return {}
    if request.mimetype != "application/json":
        raise InvalidError([], 415, "media_type")
    if (request.content_length or 0) > limits.FORM_BYTES:
        raise InvalidError([], 413, "too_large")
    sent = request.get_data(cache=False)
    if len(sent) > limits.FORM_BYTES:
        raise InvalidError([], 413, "too_large")
    try:
        found = json.loads(sent.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InvalidError([], 400, "not_json") from None
    faults = [(place, _fault_words(error)) for place, error in _faults(checker(of.takes), found)]
    if faults:
        raise InvalidError(faults)
    return {name: _clean(value, f"/{name}") for name, value in found.items()}


def _no_number(_text: str) -> float:
    raise ValueError


def _faults(schema: Draft202012Validator, found: Any) -> Iterator[tuple[str, Any]]:
    for count, error in enumerate(schema.iter_errors(found)):
        if count == _ERRORS_MOST:
            return
        yield "".join(f"/{part}" for part in error.instance_path), error.kind


def _fault_words(kind: Any) -> str:
    """Return what does not fit, in words."""
    match kind.name:
        case "required":
            return str(_("This is needed: %(name)s", name=kind.property))
        case "additionalProperties":
            return str(_("There is no such field: %(names)s", names=", ".join(kind.unexpected)[: limits.SEARCH]))
        case "maxLength":
            return str(_("At most %(most)s characters.", most=kind.limit))
        case "minLength":
            return str(_("This is needed."))
        case "enum":
            return str(_("Choose one of the list."))
        case "format" | "pattern":
            return str(_("This is not written as it should be."))
    return str(_("This is not of the kind that is asked for: %(rule)s", rule=kind.name))


def _clean(value: Any, place: str) -> Any:
    """Return a value with its texts in one normal form. Raises InvalidError on what has no place in a text."""
    if isinstance(value, str):
        try:
            return clean(value)
        except ValueError as error:
            raise InvalidError([(place, str(error))]) from None
    if isinstance(value, list):
        return [_clean(item, f"{place}/{number}") for number, item in enumerate(value)]
    if isinstance(value, Mapping):
        for name in value:
            _clean(name, place)
        return {name: _clean(item, f"{place}/{name}") for name, item in value.items()}
    return value


def query(of: Operation) -> dict[str, Any]:
    """Return what the address asks for; what it does not know is refused. Raises InvalidError."""
    faults: list[tuple[str, str]] = []
    found: dict[str, Any] = {}
    for name, typed in request.args.items(multi=True):
        if name not in of.query or name in found:
            faults.append((f"?{name[: limits.SEARCH]}", str(_("There is no such field: %(names)s", names=name[:50]))))
            continue
        value = _parameter(of.query[name], typed)
        if value is None:
            faults.append((f"?{name}", str(_("This is not written as it should be."))))
        found[name] = value
    if faults:
        raise InvalidError(faults[:_ERRORS_MOST])
    return found


def _parameter(schema: Schema, typed: str) -> Any:
    """Return a parameter, or None where it does not fit its schema."""
    value: Any = typed
    if schema.get("type") == "integer":
        value = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else None  # noqa: PLR2004
    elif schema.get("type") == "boolean":
        value = {"true": True, "false": False}.get(typed)
    if value is None or not Draft202012Validator(schema, validate_formats=True).is_valid(value):
        return None
    if isinstance(value, str) and any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
        return None
    return value


def day(typed: str | None) -> date | None:
    """Return a day that its schema let pass."""
    return date.fromisoformat(typed) if typed else None

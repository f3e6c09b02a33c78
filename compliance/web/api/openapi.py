"""The API described: as OpenAPI 3.1 for programs, and for people; both from the definitions that check requests."""

from __future__ import annotations

import json
import shlex
from functools import cache
from typing import Any

from compliance import __doc__ as about
from compliance.operations.events import EVENTS
from compliance.operations.tokens import KEY
from compliance.text import Language
from compliance.web.access import BY_TOKEN
from compliance.web.api.schemas import ID, SCHEMAS, Schema, ref
from compliance.web.api.table import OPERATIONS, ROOT, Operation

_PROBLEMS = {
    "400": "The request could not be read",
    "401": "No living token",
    "403": "The scope or the role does not allow it",
    "404": "Absent, or another organisation's",
    "409": "Changed in the meantime; `stands` is what it is now",
    "413": "Too large",
    "415": "The body is not application/json",
    "422": "Does not fit; `errors` say where",
    "429": "Too many unknown tokens from this address, or too many keys",
    "503": "Busy or stopping: try again",
}
_SIGNED = "Signed as Standard Webhooks says; anything but 2XX is tried again, eight times within a day."
_SIGNATURE = {
    "webhook-id": "The same for every attempt",
    "webhook-timestamp": "Seconds since 1970, of this attempt",
    "webhook-signature": "`v1,` and HMAC-SHA256 of `id.timestamp.body` in Base64; two, by a blank, after a new secret",
}
_WITH_BODY = ("400", "413", "415")


def _path(of: Operation) -> str:
    return ROOT + of.path.replace("{id_}", "{id}")


def _parameters(of: Operation) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in of.path.split("/") if part.startswith("{")]
    found: list[dict[str, Any]] = [
        {
            "name": "id" if name == "id_" else name,
            "in": "path",
            "required": True,
            "schema": ID if name in ("case_id", "id_") else {"type": "string", "pattern": "^[a-z0-9][a-z0-9@._-]*$"},
        }
        for name in names
    ]
    found += [{"name": name, "in": "query", "schema": schema} for name, schema in of.query.items()]
    if of.once:
        schema = {"type": "string", "pattern": f"^{KEY.pattern}$"}
        said = "The same key with the same body, within 24 hours: done once, answered alike"
        found.append({"name": "Idempotency-Key", "in": "header", "schema": schema, "description": said})
    return found


def _responses(of: Operation) -> dict[str, Any]:
    is_json = not of.gives.startswith("application/")
    content = (
        {"application/json": {"schema": ref(of.gives)}}
        if is_json
        else {of.gives: {"schema": {"type": "string", "format": "binary"}}}
    )
    codes = [code for code in _PROBLEMS if of.takes or code not in _WITH_BODY]
    codes = [code for code in codes if code != "409" or of.once or of.conflicts]
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    return {
        str(of.status): {"description": of.title.en, "content": content},
        **{code: {"description": _PROBLEMS[code], "content": problem} for code in codes},
    }


def _operation(of: Operation) -> dict[str, Any]:
    scope, rights = BY_TOKEN[f"api.{of.id}"]
    found: dict[str, Any] = {
        "operationId": of.id,
        "summary": of.title.en,
        "description": f"{of.title.fr}. Scope: {scope}. Right: {' / '.join(rights)}.",
        "security": [{"token": []}],
        "parameters": _parameters(of),
        "responses": _responses(of),
    }
    if of.takes:
        body: dict[str, Any] = {"schema": ref(of.takes)}
        if of.example:
            body["example"] = of.example
        found["requestBody"] = {"required": True, "content": {"application/json": body}}
    return found


def _webhook(event: str) -> dict[str, Any]:
    """Return how an endpoint of webhooks is told of an event."""
    schema = {"allOf": [ref("Event"), {"properties": {"type": {"const": event}}}]}
    return {
        "summary": EVENTS[event].en,
        "description": f"{EVENTS[event].fr}. {_SIGNED}",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": said}
            for name, said in _SIGNATURE.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"2XX": {"description": "Taken"}, "410": {"description": "Gone: nothing more is sent there"}},
    }


def document(base_url: str) -> dict[str, Any]:
    """Return the OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for of in OPERATIONS.values():
        paths.setdefault(_path(of), {})[of.method.lower()] = _operation(of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pyramide", "version": "1", "description": (about or "").strip()},
        "servers": [{"url": base_url}],
        "paths": paths,
        "webhooks": {event: {"post": _webhook(event)} for event in EVENTS},
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "pyr_…"}},
        },
    }


@cache
def text(base_url: str) -> str:
    """Return the OpenAPI document as JSON."""
    return json.dumps(document(base_url), ensure_ascii=False, indent=1)


def _kind(schema: Schema) -> str:
    """Return in short what a field takes."""
    if "$ref" in schema:
        return _kind(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "description" in schema:
        return str(schema["description"])
    if "anyOf" in schema:
        return " | ".join(_kind(item) for item in schema["anyOf"])
    bounds = [f"≤ {schema[name]}" for name in ("maxLength", "maximum") if name in schema]
    return " ".join([str(schema.get("format") or schema.get("type", "")), *bounds])


def shown(of: Operation, language: Language) -> dict[str, Any]:
    """Return an operation as the page for people shows it."""
    scope, rights = BY_TOKEN[f"api.{of.id}"]
    body = SCHEMAS[of.takes] if of.takes else {"properties": {}, "required": []}
    fields = [(name, _kind(item), name in body["required"]) for name, item in body["properties"].items()]
    return {
        "id": of.id,
        "method": of.method,
        "path": _path(of),
        "title": of.title.to(language),
        "scope": scope,
        "rights": rights,
        "query": [(name, _kind(schema)) for name, schema in of.query.items()],
        "fields": fields,
        "once": of.once,
        "gives": of.gives,
        "status": of.status,
        "curl": _curl(of),
    }


def _curl(of: Operation) -> str:
    """Return a command that asks for an operation; the token and the address come from the reader's shell."""
    lines = [f'curl -X {of.method} "$PYRAMIDE{_path(of)}"', '-H "Authorization: Bearer $PYRAMIDE_TOKEN"']
    if of.once:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if of.takes:
        lines += [
            '-H "Content-Type: application/json"',
            f"-d {shlex.quote(json.dumps(of.example, ensure_ascii=False))}",
        ]
    if of.gives == "application/pdf":
        lines.append("-o report.pdf")
    return " \\\n  ".join(lines)

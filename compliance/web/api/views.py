"""Every request to the API takes the same way: token, scope, right, schema, operation, answer."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from compliance.evidence.canonical import digest
from compliance.operations import tokens
from compliance.operations.events import EVENTS
from compliance.operations.tokens import UnknownTokenError
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError
from compliance.storage.tokens import Asked
from compliance.web.access import BY_TOKEN
from compliance.web.api import checking, handlers, openapi, problems
from compliance.web.api.problems import InvalidError, ScopeMissingError
from compliance.web.api.table import OPERATIONS, ROOT, Answer, Call, Operation
from compliance.web.here import address, place, tongue
from compliance.web.watching.watch import ORGANISATION

pages = Blueprint("api", __name__, url_prefix=ROOT)
human = Blueprint("api_pages", __name__)
_DID_NOTHING = (InvalidError, RefusedError, NotFoundError, NotAllowedError)
_ = handlers  # it fills the table


def _who() -> tokens.Holder:
    """Return who asks; sets who acts, and nothing of a browser is looked at. Raises UnknownTokenError, RefusedError."""
    kind, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        raise UnknownTokenError
    holder = tokens.open_token(place(), secret.strip(), address())
    g.actor = holder.actor
    request.environ[ORGANISATION] = holder.actor.org_id
    return holder


def answer(of: Operation, **in_address: Any) -> Response:
    """Answer one request. Raises what ``problems`` has words for."""
    holder = _who()
    scope, rights = BY_TOKEN[f"api.{of.id}"]
    if scope not in holder.scopes:
        raise ScopeMissingError(scope)
    holder.actor.require(*rights)
    query, body = checking.query(of), checking.body(of)
    key = request.headers.get("Idempotency-Key")
    if not of.once or key is None:
        return _response(of.run(Call(query, body), **in_address))
    if not tokens.KEY.fullmatch(key):
        raise InvalidError([], 400, "key")
    begun = tokens.begin(place(), holder.actor, key, digest([request.method, request.path, body]))
    if begun.status is not None:
        return _again(begun)
    try:
        made = of.run(Call(query, body, begun.id), **in_address)
    except _DID_NOTHING:
        tokens.let_go(place(), holder.actor, begun)
        raise
    tokens.end(place(), holder.actor, begun, made.status, json.dumps([made.value, dict(made.headers)]))
    return _response(made)


def _again(begun: Asked) -> Response:
    """Return what was answered before."""
    value, headers = json.loads(begun.answer)
    return _response(Answer(value, begun.status or 200, {**headers, "Idempotent-Replayed": "true"}))


def _response(made: Answer) -> Response:
    is_json = made.media_type == "application/json"
    content = json.dumps(made.value, ensure_ascii=False) if is_json else made.value
    return Response(content, made.status, dict(made.headers), content_type=made.media_type)


def _route(of: Operation) -> None:
    path = of.path.replace("{case_id}", "<uuid:case_id>").replace("{id_}", "<uuid:id_>")
    path = path.replace("{", "<").replace("}", ">")
    pages.add_url_rule(
        path,
        of.id,
        lambda **in_address: answer(of, **in_address),
        methods=[of.method],
        provide_automatic_options=False,
    )


for found in OPERATIONS.values():
    _route(found)


@pages.route("/openapi.json", methods=["GET"], provide_automatic_options=False)
def description() -> Response:
    """Give the OpenAPI document."""
    return Response(openapi.text(place().settings.base_url), content_type="application/json")


@pages.errorhandler(Exception)
def wrong(error: Exception) -> Response:
    """Answer with the problem that an error is."""
    return problems.of(error)


@pages.errorhandler(HTTPException)
def refused(error: HTTPException) -> Response:
    """Answer with the problem that an error of HTTP is."""
    return problems.of(error)


@human.get("/api")
def show() -> Response:
    """Show every operation to people."""
    shown = [openapi.shown(of, tongue()) for of in OPERATIONS.values()]
    root = place().settings.base_url + ROOT
    return make_response(render_template("api/show.html", shown=shown, root=root, events=EVENTS))

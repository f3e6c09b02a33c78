"""What a supervisor asks: alive, ready, figures. Plain words and numbers; nothing of anybody's data."""

from __future__ import annotations

import hmac
import logging
import platform

from flask import Blueprint, Response, abort, current_app, request

from compliance import __version__
from compliance.jobs import open_queue
from compliance.operations import watched
from compliance.web.here import place
from compliance.web.watching.counting import family
from compliance.web.watching.watch import Watch

pages = Blueprint("watching", __name__)
_log = logging.getLogger("pyramide")
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def watch() -> Watch:
    """Return what counts this application's requests."""
    found: Watch = current_app.extensions["watch"]
    return found


@pages.get("/health")
def health() -> Response:
    """Say that the process is alive; nothing else is looked at, so that no outage elsewhere has it killed."""
    return Response("alive\n", mimetype="text/plain")


@pages.get("/ready")
def ready() -> Response:
    """Say whether requests may be sent here; 503 with one word for what is missing."""
    missing = "stopping" if watch().stopping.is_set() else watched.missing(place()) or _queue_missing()
    return Response(f"{missing or 'ready'}\n", 503 if missing else 200, mimetype="text/plain")


def _queue_missing() -> str:
    try:
        if "watched_queue" not in current_app.extensions:
            current_app.extensions["watched_queue"] = open_queue(place().settings)
        current_app.extensions["watched_queue"].pending_count()
    except Exception as error:  # noqa: BLE001 - each kind of queue fails in its own way
        _log.warning("the queue is away: %s", type(error).__name__)
        return "queue"
    return ""


@pages.get("/metrics")
def metrics() -> Response:
    """Give the figures to whoever has the token; without a token in the settings, nobody has."""
    token = place().settings.metrics_token
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(404)
    build = {"version": __version__, "python": platform.python_version()}
    lines = family("pyramide_build_info", "gauge", "What is running.", [(build, 1)])
    lines += family("pyramide_requests_running", "gauge", "Requests being answered.", [({}, watch().running)])
    lines += watch().requests.lines()
    figures = watched.figures(place())
    lines += family("pyramide_store_up", "gauge", "1 where the database answers.", [({}, int(figures is not None))])
    if figures is not None:
        lines += family("pyramide_saves_total", "counter", "Changes kept, each a line of a log.", [({}, figures.saves)])
        states = [({"state": state}, count) for state, count in figures.reports.items()]
        lines += family("pyramide_reports", "gauge", "Reports in the store, by where they stand.", states)
        sent = [({"state": state}, count) for state, count in figures.webhooks.items()]
        lines += family("pyramide_webhooks", "gauge", "Messages of the last month, by where they stand.", sent)
    return Response("\n".join(lines) + "\n", content_type=_PROMETHEUS)

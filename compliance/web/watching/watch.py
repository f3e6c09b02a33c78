"""Every request seen from outside the pages: it gets an id, it is counted, it leaves one line, it is waited for."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Iterable
from threading import Event, Lock
from time import perf_counter
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wsgi import ClosingIterator

from compliance.config import Settings
from compliance.web.watching.counting import METHODS, Requests

REQUEST_ID, RULE, ORGANISATION = "pyramide.request_id", "pyramide.rule", "pyramide.organisation"
QUIET = frozenset(("watching.health", "watching.ready"))  # asked every few seconds; a line only when something is wrong
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SIGN_INS = frozenset(("account.sign_in", "account.code", "account.openid_back"))
_BAD, _WRONG = 400, 500
_log = logging.getLogger("pyramide.requests")
StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Watch:
    """What stands around the application; ``stopping`` is set once no new request is to be taken."""

    def __init__(self, application: Application, settings: Settings) -> None:
        self.application, self.requests = application, Requests()
        self.stopping = Event()
        self._lock, self._running = Lock(), 0
        self._key = settings.secret_key.encode()
        self._trusting = settings.proxies > 0  # without a proxy of ours, anybody could choose the id of a request

    @property
    def running(self) -> int:
        """Return how many requests are being answered."""
        return self._running

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, and keep count of it."""
        given = environ.get("HTTP_X_REQUEST_ID", "")
        id_ = given if self._trusting and _ID.fullmatch(given) else secrets.token_hex(8)
        environ[REQUEST_ID] = id_
        status = [_WRONG]  # what the server itself answers when nothing starts a response

        def start(said: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            status[0] = int(said[:3])
            return start_response(said, [*headers, ("X-Request-Id", id_)], *more)

        began = perf_counter()
        self._count(1)
        try:
            body = self.application(environ, start)
        except BaseException:
            self._count(-1)
            raise
        finally:
            self._note(environ, id_, status[0], perf_counter() - began)
        # Closed once its last byte was handed to the server: until then, stopping waits for it.
        return ClosingIterator(body, lambda: self._count(-1))

    def _count(self, by: int) -> None:
        with self._lock:
            self._running += by

    def _note(self, environ: dict[str, Any], id_: str, status: int, seconds: float) -> None:
        """Count an answer and write its line: the pattern of the route, never the address that was asked for."""
        rule: Rule | None = environ.get(RULE)
        route, endpoint = (rule.rule, rule.endpoint) if rule else ("none", "")
        method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else "other"
        self.requests.add(route, method, status, seconds)
        if endpoint in _SIGN_INS and status >= _BAD:
            self.requests.sign_in_refused()
        if endpoint in QUIET and status < _BAD:
            return
        fields = {"request": id_, "method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        if org := environ.get(ORGANISATION):
            fields["organisation"] = hmac.new(self._key, f"log {org}".encode(), hashlib.sha256).hexdigest()[:16]
        said = f"{method} {route} {status} {fields['ms']:.0f} ms"
        _log.log(logging.INFO, "%s, %s", said, id_, extra={"fields": fields, "said": said})

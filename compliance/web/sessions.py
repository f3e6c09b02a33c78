"""Sessions kept on the server: the browser holds a random id, the store its hash."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import CallbackDict

from compliance.operations import sign_in
from compliance.operations.sign_in import Opened, token_hash
from compliance.operations.workplace import Workplace
from compliance.storage.database import away, why

_log = logging.getLogger("pyramide")
_WITHOUT = ("/health", "/ready", "/metrics")  # asked by machines; the first must answer even without a database
_API = "/api/v1/"


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """One browser's values; ``opened`` says who acts in it."""

    def __init__(self, token: str | None, opened: Opened | None) -> None:
        def changed(_: object) -> None:
            self.modified = True

        super().__init__(dict(opened.session.values) if opened else None, changed)
        self.modified = False
        self.token = token
        self.opened = opened
        self.person_id = opened.session.person_id if opened else None
        self.org_id = opened.session.org_id if opened else None
        self.replaced: str | None = None  # hash of the session that this one takes the place of
        self.ended = False
        self.trouble: SQLAlchemyError | None = None  # why it could not be read; then nothing of it is kept

    @property
    def id_hash(self) -> str:
        """The hash under which it is stored; nothing matches while it is new."""
        return token_hash(self.token) if self.token else ""

    def become(self, person_id: str | None, org_id: str | None = None) -> None:
        """Begin anew under a fresh id, for a person or for nobody yet."""
        self.replaced = self.id_hash or None
        self.token = None
        kept = {name: self[name] for name in ("language", "next") if name in self}
        self.clear()
        self.update(kept)
        self.person_id, self.org_id = person_id, org_id
        self.modified = True

    def move(self, org_id: str) -> None:
        """Go to another organisation, under a fresh id, for the roles differ."""
        self.become(self.person_id, org_id)

    def end(self) -> None:
        """Forget everything."""
        self.clear()
        self.ended = True


class ServerSessions(SessionInterface):
    """How Flask opens and keeps them."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self.cookie = "__Host-session" if place.settings.secure else "session"

    def open_session(self, app: Flask, request: Request) -> ServerSession:  # noqa: ARG002
        """Return the browser's session, or a new one."""
        if request.path.startswith(("/static/", _API)) or request.path in _WITHOUT:
            return ServerSession(None, None)
        token = request.cookies.get(self.cookie)
        try:
            opened = sign_in.open_session(self.place, token_hash(token)) if token and len(token) < 100 else None  # noqa: PLR2004
        except SQLAlchemyError as error:  # raised anew once there can be a page for it
            unread = ServerSession(None, None)
            unread.trouble = error
            return unread
        return ServerSession(token if opened else None, opened)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Keep what changed; refresh the time of use at most once a minute."""
        assert isinstance(session, ServerSession)
        if session.trouble:
            return
        if session.ended or session.replaced:
            sign_in.end_session(self.place, session.replaced or session.id_hash)
        if session.ended:
            response.delete_cookie(self.cookie, secure=self.place.settings.secure, httponly=True, samesite="Lax")
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
            return
        opened = session.opened
        old = opened is not None and (self.place.clock() - opened.session.seen_at).total_seconds() > 60  # noqa: PLR2004
        if not session.modified:
            if old:
                self._note_use(session)
            return
        if session.token is None:
            session.token = secrets.token_urlsafe(32)
            response.set_cookie(
                self.cookie, session.token, secure=self.place.settings.secure, httponly=True, samesite="Lax", path="/"
            )
        sign_in.keep_session(self.place, session.id_hash, session.person_id, session.org_id, dict(session))

    def _note_use(self, session: ServerSession) -> None:
        """Note that a session is in use. Whoever only reads need not wait for a disk that is full to have room again.

        The page goes out all the same; a store that stays away ends the session after its time, as for the idle.
        """
        try:
            sign_in.keep_session(self.place, session.id_hash, session.person_id, session.org_id, dict(session))
        except SQLAlchemyError as error:
            if not away(error):
                raise
            _log.warning("the use of a session could not be noted: %s", why(error))

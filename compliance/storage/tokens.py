"""Tokens of the API, and what was asked under a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from compliance.storage import token_tables as tables
from compliance.storage.rows import add, find, many, selecting


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret."""

    id: str
    org_id: str
    person_id: str
    name: str
    scopes: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def lives(self, now: datetime) -> bool:
        """Tell whether it opens anything at a moment."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was made under a key."""

    id: str
    asked: str
    status: int | None
    answer: str
    at: datetime


def add_token(connection: Connection, org: str, **values: Any) -> None:
    """Add a token."""
    add(connection, tables.api_token, org_id=org, **values)


def tokens(connection: Connection, org: str, person_id: str) -> list[Token]:
    """Return somebody's tokens in an organisation, the newest first."""
    t = tables.api_token
    statement = selecting(t, Token, org_id=org, person_id=person_id)
    return many(connection, Token, statement.order_by(t.c.made_at.desc(), t.c.id))


def with_hash(connection: Connection, token_hash: str) -> Token | None:
    """Return the token that a secret belongs to, of whatever organisation."""
    return find(connection, tables.api_token, Token, token_hash=token_hash)


def change_token(connection: Connection, org: str, id_: str, **values: Any) -> None:
    """Change a token."""
    t = tables.api_token
    connection.execute(update(t).where(t.c.org_id == org, t.c.id == id_), values)


def asked(connection: Connection, org: str, person_id: str, key: str) -> Asked | None:
    """Return what somebody asked under a key."""
    return find(connection, tables.api_request, Asked, org_id=org, person_id=person_id, key=key)


def ask(connection: Connection, org: str, **values: Any) -> None:
    """Note that something is asked under a key. Raises IntegrityError where the key is in use."""
    add(connection, tables.api_request, org_id=org, **values)


def answered(connection: Connection, org: str, id_: str, **values: Any) -> None:
    """Keep what was answered, or another moment from which it counts as being done."""
    t = tables.api_request
    connection.execute(update(t).where(t.c.org_id == org, t.c.id == id_), values)


def let_go(connection: Connection, org: str, id_: str) -> None:
    """Forget one request, so that its key can be used again."""
    t = tables.api_request
    connection.execute(delete(t).where(t.c.org_id == org, t.c.id == id_))


def forget(connection: Connection, org: str, before: datetime) -> int:
    """Forget what was asked before a moment; return how many requests are left."""
    t = tables.api_request
    connection.execute(delete(t).where(t.c.org_id == org, t.c.at < before))
    return int(connection.execute(select(func.count()).where(t.c.org_id == org)).scalar_one())

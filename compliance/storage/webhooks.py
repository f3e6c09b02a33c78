"""Endpoints of webhooks, and the outbox of events: what is to be sent, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, or_, select, update

from compliance.storage import webhook_tables as tables
from compliance.storage.rows import add, add_all, change, many, one, selecting

ON, PAUSED, OFF = "on", "paused", "off"  # off: by itself, after many failures
WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
TEST = "webhook.test"  # sent whatever the state of its endpoint


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an organisation has events sent; its secrets are sealed."""

    id: str
    url: str
    description: str
    events: str
    secret_sealed: str
    old_secret_sealed: str | None
    old_secret_until: datetime | None
    state: str
    failures: int
    made_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint, and what became of it."""

    id: str
    endpoint_id: str
    event_id: str
    event: str
    body: str
    at: datetime
    state: str
    attempts: int
    next_at: datetime | None
    tried_at: datetime | None
    status: int | None
    failure: str | None


def endpoints(connection: Connection, org: str) -> list[Endpoint]:
    """Return an organisation's endpoints, the oldest first."""
    t = tables.webhook_endpoint
    return many(connection, Endpoint, selecting(t, Endpoint, org_id=org).order_by(t.c.made_at, t.c.id))


def listening(connection: Connection, org: str) -> list[tuple[str, frozenset[str]]]:
    """Return the endpoints that take events, those that wait included, each with the events that it wants."""
    c = tables.webhook_endpoint.c
    rows = connection.execute(select(c.id, c.events).where(c.org_id == org, c.state != OFF))
    return [(row.id, frozenset(row.events.split())) for row in rows]


def endpoint(connection: Connection, org: str, id_: str) -> Endpoint | None:
    """Return one endpoint."""
    return one(connection, Endpoint, selecting(tables.webhook_endpoint, Endpoint, org_id=org, id=id_))


def add_endpoint(connection: Connection, org: str, **values: Any) -> None:
    """Add an endpoint."""
    add(connection, tables.webhook_endpoint, org_id=org, version=1, failures=0, **values)


def change_endpoint(connection: Connection, org: str, found: Endpoint, **values: Any) -> None:
    """Change an endpoint. Raises ConflictError."""
    change(connection, tables.webhook_endpoint, {"org_id": org, "id": found.id}, found.version, **values)


def remove_endpoint(connection: Connection, org: str, id_: str) -> None:
    """Remove an endpoint with all that was or is to be sent to it."""
    d, e = tables.webhook_delivery, tables.webhook_endpoint
    connection.execute(delete(d).where(d.c.org_id == org, d.c.endpoint_id == id_))
    connection.execute(delete(e).where(e.c.org_id == org, e.c.id == id_))


def add_deliveries(connection: Connection, org: str, rows: Iterable[dict[str, Any]]) -> None:
    """Put events into the outbox, to be sent from the moment on at which they happened."""
    fixed = {"org_id": org, "state": WAITING, "attempts": 0}
    add_all(connection, tables.webhook_delivery, ({**fixed, **row, "next_at": row["at"]} for row in rows))


def deliveries(connection: Connection, org: str, endpoint_id: str, limit: int) -> list[Delivery]:
    """Return what was or is to be sent to an endpoint, the newest first."""
    t = tables.webhook_delivery
    statement = selecting(t, Delivery, org_id=org, endpoint_id=endpoint_id)
    return many(connection, Delivery, statement.order_by(t.c.at.desc(), t.c.id).limit(limit))


def delivery(connection: Connection, org: str, id_: str) -> Delivery | None:
    """Return one delivery."""
    return one(connection, Delivery, selecting(tables.webhook_delivery, Delivery, org_id=org, id=id_))


def change_delivery(connection: Connection, org: str, id_: str, **values: Any) -> None:
    """Record what became of a delivery. Raises ConflictError where it is gone."""
    change(connection, tables.webhook_delivery, {"org_id": org, "id": id_}, None, **values)


def counts(connection: Connection, org: str) -> dict[tuple[str, str], int]:
    """Return how many deliveries each endpoint has in each state."""
    c = tables.webhook_delivery.c
    statement = select(c.endpoint_id, c.state, func.count()).where(c.org_id == org)
    return {(row[0], row[1]): row[2] for row in connection.execute(statement.group_by(c.endpoint_id, c.state))}


def by_state(connection: Connection) -> dict[str, int]:
    """Return how many messages of all organisations stand where; every state is named."""
    c = tables.webhook_delivery.c
    found = dict.fromkeys((WAITING, DELIVERED, FAILED), 0)
    return found | {row[0]: row[1] for row in connection.execute(select(c.state, func.count()).group_by(c.state))}


def _due(now: datetime) -> ColumnElement[bool]:
    d, e = tables.webhook_delivery.c, tables.webhook_endpoint.c
    return and_(d.next_at <= now, or_(e.state == ON, d.event == TEST))


def _joined(statement: Select[Any]) -> Select[Any]:
    d, e = tables.webhook_delivery, tables.webhook_endpoint
    return statement.join_from(d, e, and_(e.c.org_id == d.c.org_id, e.c.id == d.c.endpoint_id))


def due(connection: Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Return organisations and endpoints that something is to be sent to by now, who waits longest first."""
    c = tables.webhook_delivery.c
    statement = _joined(select(c.org_id, c.endpoint_id)).where(_due(now)).group_by(c.org_id, c.endpoint_id)
    return [(row[0], row[1]) for row in connection.execute(statement.order_by(func.min(c.next_at)).limit(limit))]


def take(connection: Connection, org: str, endpoint_id: str, now: datetime, until: datetime) -> Delivery | None:
    """Take what is due longest at an endpoint: it counts as an attempt, and is nobody else's until a moment."""
    c = tables.webhook_delivery.c
    statement = _joined(select(c.id)).where(c.org_id == org, c.endpoint_id == endpoint_id, _due(now))
    id_ = connection.execute(statement.order_by(c.next_at, c.at, c.id).limit(1)).scalar()
    if id_ is None:
        return None
    t = tables.webhook_delivery
    own = and_(t.c.org_id == org, t.c.id == id_)
    connection.execute(update(t).where(own).values(attempts=t.c.attempts + 1, next_at=until, tried_at=now))
    return delivery(connection, org, id_)


def forget(connection: Connection, before: datetime) -> None:
    """Forget deliveries of all organisations older than a moment, whatever became of them."""
    t = tables.webhook_delivery
    connection.execute(delete(t).where(t.c.at < before))

"""The log of each organisation: numbered without gaps, hashed, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from compliance.evidence import chain
from compliance.storage import tables
from compliance.storage.rows import add, many, selecting


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    seq: int
    at: str  # UTC, ISO 8601
    who: str | None
    what: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log is asked for; None means all. Both days count."""

    who: str | None = None
    kind: str | None = None  # how ``what`` begins
    subject: str | None = None
    from_day: date | None = None
    until_day: date | None = None


ALL = Wanted()


_LAST = select(func.max(tables.audit_entry.c.seq)).where(tables.audit_entry.c.org_id == bindparam("org"))


def append(
    connection: Connection,
    org: str,
    now: datetime,
    who: str | None,
    what: str,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    """Add one line; the caller holds the writer's place, so that numbers have no gap."""
    t = tables.audit_entry
    seq = (connection.execute(_LAST, {"org": org}).scalar() or 0) + 1
    entry = {
        "seq": seq,
        "at": now.isoformat(timespec="milliseconds"),
        "who": who,
        "what": what,
        "subject": subject,
        "detail": dict(detail),
    }
    add(connection, t, org_id=org, leaf=chain.leaf({"org": org, **entry}), **entry)


def size_of_all(connection: Connection) -> int:
    """Return how many lines the logs of all organisations have; the last number of each is its length."""
    t = tables.audit_entry
    last = select(func.max(t.c.seq).label("last")).group_by(t.c.org_id).subquery()
    return int(connection.execute(select(func.coalesce(func.sum(last.c.last), 0))).scalar_one())


def _where(org: str, wanted: Wanted) -> ColumnElement[bool]:
    c = tables.audit_entry.c
    parts = [c.org_id == org]
    if wanted.who is not None:
        parts.append(c.who == wanted.who)
    if wanted.kind is not None:
        parts.append(c.what.startswith(wanted.kind, autoescape=True))
    if wanted.subject is not None:
        parts.append(c.subject == wanted.subject)
    if wanted.from_day is not None:  # ``at`` is text: a day sorts before every moment of it
        parts.append(c.at >= wanted.from_day.isoformat())
    if wanted.until_day is not None and wanted.until_day < date.max:
        parts.append(c.at < (wanted.until_day + timedelta(days=1)).isoformat())
    return and_(*parts)


def entries(
    connection: Connection, org: str, wanted: Wanted = ALL, *, limit: int | None = None, offset: int = 0
) -> list[Entry]:
    """Return lines of the log, the newest first."""
    t = tables.audit_entry
    statement = selecting(t, Entry).where(_where(org, wanted)).order_by(t.c.seq.desc())
    return many(connection, Entry, statement.limit(limit).offset(offset))


def size(connection: Connection, org: str, wanted: Wanted = ALL) -> int:
    """Return how many lines there are."""
    statement = select(func.count()).select_from(tables.audit_entry).where(_where(org, wanted))
    return int(connection.execute(statement).scalar_one())


def codes(connection: Connection, org: str) -> list[str]:
    """Return every code that a line of the log has."""
    t = tables.audit_entry
    return list(connection.execute(select(t.c.what).where(t.c.org_id == org).distinct()).scalars())


def leaves(connection: Connection, org: str) -> list[bytes]:
    """Return the hash of each line in its order, as it was given when it was written."""
    t = tables.audit_entry
    return [
        bytes(leaf)
        for leaf in connection.execute(select(t.c.leaf).where(t.c.org_id == org).order_by(t.c.seq)).scalars()
    ]


def head(connection: Connection, org: str) -> tuple[int, str]:
    """Return the size of the log and its root, in hexadecimal."""
    found = leaves(connection, org)
    return len(found), chain.root(found).hex()


def broken_at(connection: Connection, org: str) -> int | None:
    """Return the number of the first line that is not as it was written, or None."""
    rows = connection.execute(
        select(tables.audit_entry).where(tables.audit_entry.c.org_id == org).order_by(tables.audit_entry.c.seq)
    )
    for expected, row in enumerate(rows, 1):
        entry = {name: getattr(row, name) for name in ("seq", "at", "who", "what", "subject", "detail")}
        if row.seq != expected or chain.leaf({"org": org, **entry}) != row.leaf:
            return expected
    return None


def lines(connection: Connection, org: str) -> list[tuple[dict[str, Any], bytes]]:
    """Return the whole log in its order: each entry, and the hash that it was given when it was written."""
    t = tables.audit_entry
    names = [field.name for field in fields(Entry)]
    statement = select(*(t.c[name] for name in names), t.c.leaf).where(t.c.org_id == org).order_by(t.c.seq)
    return [(dict(zip(names, row[:-1], strict=True)), bytes(row[-1])) for row in connection.execute(statement)]

"""The log of each organisation: numbered without gaps, hashed, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

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
    seq = (connection.execute(select(func.max(t.c.seq)).where(t.c.org_id == org)).scalar() or 0) + 1
    entry = {
        "seq": seq,
        "at": now.isoformat(timespec="milliseconds"),
        "who": who,
        "what": what,
        "subject": subject,
        "detail": dict(detail),
    }
    add(connection, t, org_id=org, leaf=chain.leaf({"org": org, **entry}), **entry)


def entries(
    connection: Connection, org: str, *, subject: str | None = None, who: str | None = None, limit: int, offset: int = 0
) -> list[Entry]:
    """Return lines of the log, the newest first."""
    statement = selecting(tables.audit_entry, Entry, org_id=org, **_about(subject, who))
    statement = statement.order_by(tables.audit_entry.c.seq.desc()).limit(limit).offset(offset)
    return many(connection, Entry, statement)


def _about(subject: str | None, who: str | None) -> dict[str, str]:
    return {name: value for name, value in (("subject", subject), ("who", who)) if value}


def size(connection: Connection, org: str, *, subject: str | None = None, who: str | None = None) -> int:
    """Return how many lines there are."""
    t = tables.audit_entry
    statement = select(func.count()).where(t.c.org_id == org)
    for name, value in _about(subject, who).items():
        statement = statement.where(t.c[name] == value)
    return int(connection.execute(statement).scalar_one())


def head(connection: Connection, org: str) -> tuple[int, str]:
    """Return the size of the log and its root, in hexadecimal."""
    t = tables.audit_entry
    leaves = connection.execute(select(t.c.leaf).where(t.c.org_id == org).order_by(t.c.seq)).scalars().all()
    return len(leaves), chain.root(leaves).hex()


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

"""Pieces of evidence: files and links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from compliance.storage import tables
from compliance.storage.rows import add, change, find, many, selecting


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file or a link that supports an answer or an action, or is what a supplier was to give."""

    id: str
    case_id: str
    fact: str | None
    action_id: str | None
    supply: str | None
    title: str
    url: str | None
    media_type: str | None
    size: int | None
    sha256: str | None
    removed: bool
    person_id: str
    at: datetime


def pieces(connection: Connection, org: str, case_id: str, **where: Any) -> list[Evidence]:
    """Return the evidence of a use case."""
    t = tables.evidence
    statement = selecting(t, Evidence, org_id=org, case_id=case_id, removed=False, **where)
    return many(connection, Evidence, statement.order_by(t.c.at))


def piece(connection: Connection, org: str, id_: str) -> Evidence | None:
    """Return one piece of evidence."""
    return find(connection, tables.evidence, Evidence, org_id=org, id=id_)


def content(connection: Connection, org: str, id_: str) -> bytes:
    """Return a file's bytes."""
    t = tables.evidence
    found = connection.execute(select(t.c.content).where(t.c.org_id == org, t.c.id == id_)).scalar_one()
    return bytes(found or b"")


def add_piece(connection: Connection, org: str, **values: Any) -> None:
    """Add a piece of evidence."""
    add(connection, tables.evidence, org_id=org, **values)


def remove_piece(connection: Connection, org: str, id_: str) -> None:
    """Take a piece of evidence away from the pages; it stays in the store."""
    change(connection, tables.evidence, {"org_id": org, "id": id_}, None, removed=True)

"""Lists that were read and wait to be confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete

from compliance.storage import tables
from compliance.storage.rows import add, find


@dataclass(frozen=True, slots=True)
class Draft:
    """A list as it was read, with the columns that were recognised."""

    id: str
    person_id: str
    name: str
    table: list[list[str]]
    columns: dict[str, int | None]
    at: datetime


def draft(connection: Connection, org: str, id_: str) -> Draft | None:
    """Return a list."""
    return find(connection, tables.import_draft, Draft, org_id=org, id=id_)


def add_draft(connection: Connection, org: str, **values: Any) -> None:
    """Keep a list."""
    add(connection, tables.import_draft, org_id=org, **values)


def forget(connection: Connection, org: str, person_id: str) -> None:
    """Forget a person's lists."""
    t = tables.import_draft
    connection.execute(delete(t).where(t.c.org_id == org, t.c.person_id == person_id))

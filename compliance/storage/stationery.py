"""What an organisation puts on its reports: a logo, a template for Word."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from compliance.storage import tables
from compliance.storage.rows import add


def content(connection: Connection, org: str, kind: str) -> bytes | None:
    """Return the organisation's logo, or its template."""
    t = tables.stationery
    found = connection.execute(select(t.c.content).where(t.c.org_id == org, t.c.kind == kind)).scalar()
    return None if found is None else bytes(found)


def put(connection: Connection, org: str, kind: str, **values: Any) -> None:
    """Set the organisation's logo, or its template."""
    remove(connection, org, kind)
    add(connection, tables.stationery, org_id=org, kind=kind, **values)


def remove(connection: Connection, org: str, kind: str) -> None:
    """Take the logo, or the template, away."""
    t = tables.stationery
    connection.execute(delete(t).where(t.c.org_id == org, t.c.kind == kind))

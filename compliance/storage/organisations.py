"""Organisations with their sites and suppliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from compliance.storage import tables
from compliance.storage.rows import add, change, find, many, new_id, selecting
from compliance.storage.schema import SCHEMA


@dataclass(frozen=True, slots=True)
class Organisation:
    """A company whose data nobody else sees."""

    id: str
    name: str
    language: str
    pack: str
    example: bool
    version: int


@dataclass(frozen=True, slots=True)
class Named:
    """A site or a supplier."""

    id: str
    name: str
    version: int


def organisation(connection: Connection, org: str) -> Organisation | None:
    """Return an organisation."""
    return find(connection, tables.organisation, Organisation, id=org)


def organisations(connection: Connection) -> list[Organisation]:
    """Return all organisations."""
    return many(connection, Organisation, selecting(tables.organisation, Organisation))


def add_organisation(connection: Connection, **values: Any) -> None:
    """Add an organisation."""
    add(connection, tables.organisation, last_reference=0, version=1, **values)


def change_organisation(connection: Connection, found: Organisation, **values: Any) -> None:
    """Change an organisation. Raises ConflictError."""
    change(connection, tables.organisation, {"id": found.id}, found.version, **values)


def next_reference(connection: Connection, org: str, count: int = 1) -> int:
    """Return the next number of a use case, and count on by ``count``."""
    t = tables.organisation
    last = connection.execute(select(t.c.last_reference).where(t.c.id == org)).scalar_one()
    connection.execute(update(t).where(t.c.id == org), {"last_reference": last + count})
    return int(last) + 1


NAMED = {"site": tables.site, "supplier": tables.supplier}


def named(connection: Connection, kind: str, org: str) -> list[Named]:
    """Return an organisation's sites or suppliers by name."""
    table = NAMED[kind]
    return many(connection, Named, selecting(table, Named, org_id=org).order_by(func.lower(table.c.name)))


def sites(connection: Connection, org: str) -> list[Named]:
    """Return an organisation's sites."""
    return named(connection, "site", org)


def suppliers(connection: Connection, org: str) -> list[Named]:
    """Return an organisation's suppliers."""
    return named(connection, "supplier", org)


def add_named(connection: Connection, kind: str, org: str, name: str) -> str:
    """Add a site or a supplier; return its id."""
    id_ = new_id()
    add(connection, NAMED[kind], org_id=org, id=id_, name=name, version=1)
    return id_


def rename(connection: Connection, kind: str, org: str, found: Named, name: str) -> None:
    """Rename a site or a supplier. Raises ConflictError."""
    change(connection, NAMED[kind], {"org_id": org, "id": found.id}, found.version, name=name)


def remove_named(connection: Connection, kind: str, org: str, id_: str) -> None:
    """Remove a site or a supplier that nothing names."""
    table = NAMED[kind]
    connection.execute(delete(table).where(table.c.org_id == org, table.c.id == id_))


def erase(connection: Connection, org: str) -> None:
    """Remove an organisation with everything in it; the log lets only an example go."""
    for table in reversed(SCHEMA.sorted_tables):
        if "org_id" in table.c and table is not tables.session:
            connection.execute(delete(table).where(table.c.org_id == org))
    connection.execute(update(tables.session).where(tables.session.c.org_id == org), {"org_id": None})
    connection.execute(delete(tables.organisation).where(tables.organisation.c.id == org))

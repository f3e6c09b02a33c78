"""All that is of one organisation, whichever table it stands in: read for handing over, or erased."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Table, and_, delete, select, update

from compliance.storage import tables
from compliance.storage.organisations import erase as erase_rows
from compliance.storage.schema import SCHEMA

_SECRETS = {"password_hash", "totp_secret", "totp_last_step", "openid_subject", "token_hash"}
_SECRETS |= {"secret_sealed", "old_secret_sealed"}  # what signs webhooks
_OF_NOBODY = {"session", "audit_entry"}  # the log is handed over in its own form


def _tables() -> list[Table]:
    return [table for table in SCHEMA.sorted_tables if "org_id" in table.c and table.name not in _OF_NOBODY]


def _naming_people() -> Iterator[tuple[Table, Column[Any]]]:
    for table in SCHEMA.sorted_tables:
        for column in table.c:
            if any(key.column.table is tables.person for key in column.foreign_keys):
                yield table, column


def people(connection: Connection, org: str) -> set[str]:
    """Return the ids of everybody whom a row of an organisation names."""
    found: set[str] = set()
    for table, column in _naming_people():
        if table in _tables():
            statement = select(column).where(table.c.org_id == org, column.is_not(None)).distinct()
            found |= set(connection.execute(statement).scalars())
    return found


def rows(connection: Connection, org: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's rows of an organisation, without files and without what proves who somebody is."""
    yield _rows(connection, tables.organisation, tables.organisation.c.id == org)
    yield _rows(connection, tables.person, tables.person.c.id.in_(people(connection, org)))
    for table in _tables():
        yield _rows(connection, table, table.c.org_id == org)


def _rows(connection: Connection, table: Table, where: Any) -> tuple[str, list[dict[str, Any]]]:
    columns = [c for c in table.c if not isinstance(c.type, LargeBinary) and c.name not in _SECRETS]
    statement = select(*columns).where(where).order_by(*table.primary_key)
    names = [column.name for column in columns]
    return table.name, [dict(zip(names, row, strict=True)) for row in connection.execute(statement)]


def files(connection: Connection, org: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an organisation, each under its table, its row and its column."""
    for table in _tables():
        keys = [column for column in table.primary_key if column.name != "org_id"]
        for blob in (column for column in table.c if isinstance(column.type, LargeBinary)):
            statement = select(*keys).where(table.c.org_id == org, blob.is_not(None)).order_by(*keys)
            for key in connection.execute(statement).all():
                of_row = and_(table.c.org_id == org, *(c == part for c, part in zip(keys, key, strict=True)))
                content = connection.execute(select(blob).where(of_row)).scalar_one()
                yield f"{table.name}/{'-'.join(map(str, key))}.{blob.name}", bytes(content)


def erase(connection: Connection, org: str) -> None:
    """Remove an organisation with everything in it, its log too, and everybody whom nothing else names.

    What guards logs, issued reports and published rules lets an example go: the organisation becomes one first.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # or the words stay in pages that are free
    named = people(connection, org)
    connection.execute(update(tables.organisation).where(tables.organisation.c.id == org).values(example=True))
    erase_rows(connection, org)
    for table, column in _naming_people():
        if table not in (tables.session, tables.link):
            named -= set(connection.execute(select(column).where(column.is_not(None)).distinct()).scalars())
    for table in (tables.session, tables.link):
        connection.execute(delete(table).where(table.c.person_id.in_(named)))
    connection.execute(delete(tables.link).where(tables.link.c.made_by.in_(named)))
    connection.execute(delete(tables.person).where(tables.person.c.id.in_(named)))

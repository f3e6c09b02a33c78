"""Rows to records and back: the few statements that every repository repeats."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, insert, select, update

Record = TypeVar("Record")


class ConflictError(Exception):
    """Somebody else changed the row in the meantime."""


def new_id() -> str:
    """Return a random id of 122 bits."""
    return uuid.uuid4().hex


def containing(text: str) -> str:
    """Return a pattern for LIKE that finds a text anywhere, whatever signs it holds; its escape is a backslash."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def selecting(table: Table, record: type[Any], **where: Any) -> Select[Any]:
    """Return the query for a table's rows as records of a type, whose fields are named like the columns."""
    statement = select(*(table.c[field.name] for field in fields(record)))
    for name, value in where.items():
        statement = statement.where(table.c[name] == value)
    return statement


def one(connection: Connection, record: type[Record], statement: Select[Any]) -> Record | None:
    """Return the first row as a record, or None."""
    row = connection.execute(statement).first()
    return None if row is None else record(*row)


def many(connection: Connection, record: type[Record], statement: Select[Any]) -> list[Record]:
    """Return all rows as records."""
    return [record(*row) for row in connection.execute(statement)]


def add(connection: Connection, table: Table, /, **values: Any) -> None:
    """Insert one row."""
    connection.execute(insert(table), [values])


def add_all(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows."""
    if found := list(rows):
        connection.execute(insert(table), found)


def change(connection: Connection, table: Table, key: dict[str, Any], version: int | None, /, **values: Any) -> None:
    """Change one row, and its version where it has one. Raises ConflictError when it is not as it was read."""
    statement = update(table)
    for name, value in key.items():
        statement = statement.where(table.c[name] == value)
    if version is not None:
        statement = statement.where(table.c.version == version)
        values["version"] = version + 1
    if connection.execute(statement, values).rowcount != 1:
        raise ConflictError(table.name)

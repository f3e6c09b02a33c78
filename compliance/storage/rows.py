"""Rows to records and back: the few statements that every repository repeats."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Select, Table, Update, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

Record = TypeVar("Record")


class ConflictError(Exception):
    """Somebody else changed the row in the meantime."""


def new_id() -> str:
    """Return a random id of 122 bits."""
    return uuid.uuid4().hex


def containing(text: str) -> str:
    """Return a pattern for LIKE that finds a text anywhere, whatever signs it holds; its escape is a backslash."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


@cache
def _all_of(table: Table, record: type[Any]) -> Select[Any]:
    return select(*(table.c[field.name] for field in fields(record)))


@cache
def _where(table: Table, record: type[Any], names: tuple[str, ...]) -> Select[Any]:
    """Return a query made once: to build a statement anew costs more than to run it."""
    return _all_of(table, record).where(*(table.c[name] == bindparam(name) for name in names))  # type: ignore[arg-type]


@cache
def _adding(table: Table) -> Insert:
    return insert(table)


@cache
def _adding_once(table: Table, dialect: str) -> Insert:
    made = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    once = made.on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
    return once.execution_options(preserve_rowcount=True)  # else an INSERT tells it on SQLite alone


@cache
def _changing(table: Table, names: tuple[str, ...]) -> Update:
    return update(table).where(*(table.c[name] == bindparam(f"key_{name}") for name in names))


def selecting(table: Table, record: type[Any], **where: Any) -> Select[Any]:
    """Return the query for a table's rows as records of a type, whose fields are named like the columns."""
    return _all_of(table, record).where(*(table.c[name] == value for name, value in where.items()))  # type: ignore[arg-type]


def find(connection: Connection, table: Table, record: type[Record], /, **where: Any) -> Record | None:
    """Return the first row whose columns have these values, as a record, or None."""
    return one(connection, record, _where(table, record, tuple(where)), **where)  # type: ignore[arg-type]


def one(connection: Connection, record: type[Record], statement: Select[Any], /, **values: Any) -> Record | None:
    """Return the first row of a query, given the values of its parameters, as a record, or None."""
    row = connection.execute(statement, values).first()
    return None if row is None else record(*row)


def many(connection: Connection, record: type[Record], statement: Select[Any], /, **values: Any) -> list[Record]:
    """Return all rows of a query, given the values of its parameters, as records."""
    return [record(*row) for row in connection.execute(statement, values)]


def add(connection: Connection, table: Table, /, **values: Any) -> None:
    """Insert one row."""
    connection.execute(_adding(table), [values])


def add_once(connection: Connection, table: Table, /, **values: Any) -> None:
    """Insert one row. Raises ConflictError where its primary key is there already; the transaction can go on."""
    if connection.execute(_adding_once(table, connection.dialect.name), values).rowcount != 1:
        raise ConflictError(table.name)


def add_all(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows."""
    if found := list(rows):
        connection.execute(_adding(table), found)


def change(connection: Connection, table: Table, key: dict[str, Any], version: int | None, /, **values: Any) -> None:
    """Change one row, and its version where it has one. Raises ConflictError when it is not as it was read."""
    if version is not None:
        key = {**key, "version": version}
        values["version"] = version + 1
    keyed = {f"key_{name}": value for name, value in key.items()}
    if connection.execute(_changing(table, tuple(key)), {**values, **keyed}).rowcount != 1:
        raise ConflictError(table.name)

"""Texts of the law that something was frozen under, kept by their hash."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from compliance.storage import tables


def has(connection: Connection, hash_: str) -> bool:
    """Tell whether a text is kept."""
    t = tables.law_text
    return connection.execute(select(t.c.hash).where(t.c.hash == hash_)).first() is not None


def keep(connection: Connection, **values: Any) -> None:
    """Keep a text; another organisation may be keeping the same one at this moment."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(tables.law_text).on_conflict_do_nothing(), [values])


def packed(connection: Connection, hash_: str) -> bytes | None:
    """Return a text's files, packed."""
    t = tables.law_text
    found = connection.execute(select(t.c.content).where(t.c.hash == hash_)).scalar()
    return None if found is None else bytes(found)

"""The answers of all use cases in short, for replays of the whole portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from compliance.storage import tables

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Use cases column by column; one place in each list is one use case."""

    orgs: list[str]
    ids: list[str]
    references: list[int]
    names: list[str]
    packs: list[str]
    known: list[str]


def of_family(connection: Connection, family: str, org: str | None = None) -> Rows:
    """Return the use cases, not archived, that stand under a text or a published version of it."""
    c = tables.use_case.c
    where: list[ColumnElement[bool]] = [c.archived.is_(False), or_(c.pack == family, c.pack.like(f"{family}@%"))]
    if org is not None:
        where.append(c.org_id == org)
    columns = (c.org_id, c.id, c.reference, c.name, c.pack, c.known)
    found = connection.execute(select(*columns).where(and_(*where)).order_by(c.org_id, c.reference))
    made: list[list[Any]] = [[] for _ in columns]
    for part in found.partitions(_AT_ONCE):  # a million rows are never all there as rows
        for column, values in zip(made, zip(*part, strict=True), strict=True):
            column.extend(values)
    return Rows(*made)


def head(connection: Connection, org: str) -> int:
    """Return the number of the newest line of an organisation's log: every change of a use case leaves one."""
    t = tables.audit_entry
    return connection.execute(select(func.max(t.c.seq)).where(t.c.org_id == org)).scalar() or 0

"""Use cases, the list of them, and the assessments frozen from them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, update

from compliance.storage import tables
from compliance.storage.rows import add, change, containing, find, many, selecting


def decided(levels: str) -> str | None:
    """Return the level that a row's levels leave, once only one is possible."""
    return levels if " " not in levels else None


@dataclass(frozen=True, slots=True)
class UseCase:
    """One use of AI, with a summary of what its answers give."""

    id: str
    reference: int
    name: str
    description: str
    function: str | None
    sector: str | None
    site_id: str | None
    supplier_id: str | None
    owner_id: str | None
    catalogue_entry: str | None
    pack: str
    state: str
    levels: str
    presumed: int
    open_count: int
    deciding_fact: str | None
    duties: str
    next_due: date | None
    stale: bool
    archived: bool
    created_by: str
    created_at: datetime
    changed_at: datetime
    version: int

    @property
    def possible(self) -> tuple[str, ...]:
        """The levels still possible, by rank."""
        return tuple(self.levels.split())

    @property
    def level(self) -> str | None:
        """The level, once only one is possible."""
        return decided(self.levels)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the inventory."""

    case: UseCase
    site: str | None
    supplier: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What the inventory is asked for; None means all."""

    text: str | None = None
    level: str | None = None  # a level id, or "open"
    function: str | None = None
    sector: str | None = None
    site: str | None = None
    supplier: str | None = None
    state: str | None = None
    owner: str | None = None
    due_before: date | None = None
    archived: bool = False
    only: tuple[str, ...] | None = None  # ids, for somebody who may see no others


SORTS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "reference": (tables.use_case.c.reference,),
    "name": (func.lower(tables.use_case.c.name),),
    "level": (tables.use_case.c.levels, tables.use_case.c.reference),
    "function": (tables.use_case.c.function, func.lower(tables.use_case.c.name)),
    "sector": (tables.use_case.c.sector, func.lower(tables.use_case.c.name)),
    "site": (tables.site.c.name, func.lower(tables.use_case.c.name)),
    "owner": (tables.person.c.name, func.lower(tables.use_case.c.name)),
    "state": (tables.use_case.c.state, tables.use_case.c.reference),
    "due": (tables.use_case.c.next_due.is_(None), tables.use_case.c.next_due, tables.use_case.c.reference),
    "changed": (tables.use_case.c.changed_at,),
}


def _where(org: str, wanted: Filter) -> ColumnElement[bool]:
    c = tables.use_case.c
    parts = [c.org_id == org, c.archived == wanted.archived]
    for column, value in (
        (c.function, wanted.function),
        (c.sector, wanted.sector),
        (c.site_id, wanted.site),
        (c.supplier_id, wanted.supplier),
        (c.state, wanted.state),
        (c.owner_id, wanted.owner),
    ):
        if value is not None:
            parts.append(column == value)
    if wanted.level == "open":
        parts.append(c.levels.like("% %"))
    elif wanted.level is not None:
        parts.append(c.levels == wanted.level)
    if wanted.due_before is not None:
        parts.append(c.next_due <= wanted.due_before)
    if wanted.only is not None:
        parts.append(c.id.in_(wanted.only))
    for word in (wanted.text or "").split():
        like = containing(word)
        found = or_(c.name.ilike(like, escape="\\"), c.description.ilike(like, escape="\\"))
        number = word.upper().removeprefix("IA-").removeprefix("#")
        if number.isdecimal() and len(number) < 9:  # noqa: PLR2004 - beyond any reference
            found = or_(found, c.reference == int(number))
        parts.append(found)
    return and_(*parts)


def _listing(org: str, wanted: Filter) -> Select[Any]:
    u, s, v, p = tables.use_case, tables.site, tables.supplier, tables.person
    return (
        select(*(u.c[field.name] for field in fields(UseCase)), s.c.name, v.c.name, p.c.name)
        .outerjoin(s, and_(s.c.org_id == u.c.org_id, s.c.id == u.c.site_id))
        .outerjoin(v, and_(v.c.org_id == u.c.org_id, v.c.id == u.c.supplier_id))
        .outerjoin(p, p.c.id == u.c.owner_id)
        .where(_where(org, wanted))
    )


def listed(
    connection: Connection,
    org: str,
    wanted: Filter,
    *,
    sort: str = "reference",
    descending: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[Listed]:
    """Return lines of the inventory."""
    order = [column.desc() if descending else column.asc() for column in SORTS[sort]]
    statement = _listing(org, wanted).order_by(*order, tables.use_case.c.reference).limit(limit).offset(offset)
    return [Listed(UseCase(*row[:-3]), *row[-3:]) for row in connection.execute(statement)]


def count(connection: Connection, org: str, wanted: Filter) -> int:
    """Return how many use cases a filter finds."""
    statement = select(func.count()).select_from(tables.use_case).where(_where(org, wanted))
    return int(connection.execute(statement).scalar_one())


def counts(connection: Connection, org: str, *by: str, wanted: Filter | None = None) -> list[tuple[Any, ...]]:
    """Return how many use cases there are for each combination of columns, and the number last."""
    columns = [tables.use_case.c[name] for name in by]
    statement = select(*columns, func.count()).where(_where(org, wanted or Filter())).group_by(*columns)
    return [tuple(row) for row in connection.execute(statement)]


def case(connection: Connection, org: str, id_: str) -> UseCase | None:
    """Return a use case."""
    return find(connection, tables.use_case, UseCase, org_id=org, id=id_)


def titles(connection: Connection, org: str, ids: Collection[str] | None = None) -> dict[str, tuple[int, str]]:
    """Return reference and name of use cases, those in the archive included: of some, or of all."""
    t = tables.use_case
    statement = select(t.c.id, t.c.reference, t.c.name).where(t.c.org_id == org)
    if ids is not None:
        statement = statement.where(t.c.id.in_(ids))
    return {row.id: (row.reference, row.name) for row in connection.execute(statement)}


def by_reference(connection: Connection, org: str, reference: int) -> UseCase | None:
    """Return the use case that has a number."""
    return find(connection, tables.use_case, UseCase, org_id=org, reference=reference)


def all_cases(connection: Connection, org: str) -> list[UseCase]:
    """Return every use case that is not archived, by reference."""
    statement = selecting(tables.use_case, UseCase, org_id=org, archived=False)
    return many(connection, UseCase, statement.order_by(tables.use_case.c.reference))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a use case stands, without what it says."""

    state: str
    owner_id: str | None
    levels: str


def standing(connection: Connection, org: str) -> dict[str, Standing]:
    """Return where every use case stands that is not archived, by id."""
    c = tables.use_case.c
    statement = select(c.id, c.state, c.owner_id, c.levels).where(c.org_id == org, c.archived.is_(False))
    return {row.id: Standing(row.state, row.owner_id, row.levels) for row in connection.execute(statement)}


def stale_cases(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Return use cases whose summary waits, with their organisation."""
    t = tables.use_case
    return [tuple(row) for row in connection.execute(select(t.c.org_id, t.c.id).where(t.c.stale).limit(limit))]


def mark_stale(connection: Connection, org: str) -> None:
    """Say that every summary of an organisation waits to be computed anew."""
    t = tables.use_case
    connection.execute(update(t).where(t.c.org_id == org, t.c.archived.is_(False)), {"stale": True})


def add_case(connection: Connection, org: str, **values: Any) -> None:
    """Add a use case."""
    add(connection, tables.use_case, org_id=org, **values)


def change_case(connection: Connection, org: str, id_: str, version: int | None, **values: Any) -> None:
    """Change a use case. Raises ConflictError."""
    change(connection, tables.use_case, {"org_id": org, "id": id_}, version, **values)


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answers and the result of a use case, frozen when submitted."""

    id: str
    case_id: str
    number: int
    state: str
    pack: str
    pack_version: str
    pack_hash: str
    date: date
    answers: list[dict[str, Any]]
    levels: str
    obligations: list[str]
    author_id: str
    note: str
    at: datetime
    validator_id: str | None
    opinion: str
    decided_at: datetime | None
    version: int

    @property
    def possible(self) -> tuple[str, ...]:
        """The levels possible when it was submitted."""
        return tuple(self.levels.split())


def assessments(connection: Connection, org: str, case_id: str) -> list[Assessment]:
    """Return the assessments of a use case, the newest first."""
    statement = selecting(tables.assessment, Assessment, org_id=org, case_id=case_id)
    return many(connection, Assessment, statement.order_by(tables.assessment.c.number.desc()))


def assessment(connection: Connection, org: str, id_: str) -> Assessment | None:
    """Return one assessment."""
    return find(connection, tables.assessment, Assessment, org_id=org, id=id_)


def add_assessment(connection: Connection, org: str, **values: Any) -> None:
    """Add an assessment."""
    add(connection, tables.assessment, org_id=org, version=1, **values)


def change_assessment(connection: Connection, org: str, found: Assessment, **values: Any) -> None:
    """Record a decision on an assessment. Raises ConflictError."""
    change(connection, tables.assessment, {"org_id": org, "id": found.id}, found.version, **values)


@dataclass(frozen=True, slots=True)
class HandOver:
    """Questions that a colleague was asked to answer."""

    id: str
    case_id: str
    facts: list[str]
    to_id: str
    from_id: str
    note: str
    at: datetime
    done_at: datetime | None
    version: int


def hand_overs(connection: Connection, org: str, *, open_only: bool = True, **where: Any) -> list[HandOver]:
    """Return hand-overs, of a use case or to a person."""
    statement = selecting(tables.hand_over, HandOver, org_id=org, **where)
    if open_only:
        statement = statement.where(tables.hand_over.c.done_at.is_(None))
    return many(connection, HandOver, statement.order_by(tables.hand_over.c.at))


def hand_over(connection: Connection, org: str, id_: str) -> HandOver | None:
    """Return one hand-over."""
    return find(connection, tables.hand_over, HandOver, org_id=org, id=id_)


def add_hand_over(connection: Connection, org: str, **values: Any) -> None:
    """Add a hand-over."""
    add(connection, tables.hand_over, org_id=org, version=1, **values)


def close_hand_over(connection: Connection, org: str, found: HandOver, now: datetime) -> None:
    """Record that a hand-over is done. Raises ConflictError."""
    change(connection, tables.hand_over, {"org_id": org, "id": found.id}, found.version, done_at=now)


def was_handed(connection: Connection, org: str, person_id: str, case_id: str) -> bool:
    """Tell whether a person was ever asked about a use case."""
    t = tables.hand_over
    found = exists().where(t.c.org_id == org, t.c.to_id == person_id, t.c.case_id == case_id)
    return bool(connection.execute(select(found)).scalar())

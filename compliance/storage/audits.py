"""What auditors keep: samples drawn, what was looked at, findings and remarks with their replies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from compliance.storage import tables
from compliance.storage.cases import UseCase
from compliance.storage.rows import add, add_all, change, find, many


@dataclass(frozen=True, slots=True)
class Sample:
    """Use cases drawn once to be looked at; nothing of it ever changes.

    ``criteria`` holds "filter" (what was asked for), "words" (the names it had then), "asked" (how many, or None for
    all), "order" ("random", or what the first were taken by) and "references" (the population, in order).
    """

    id: str
    name: str
    criteria: dict[str, Any]
    seed: str
    population: int
    person_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListedSample:
    """A sample with who drew it, how many use cases it has and how many were looked at."""

    sample: Sample
    person: str
    size: int
    looked: int


@dataclass(frozen=True, slots=True)
class Item:
    """One use case of a sample, with what an auditor says of having looked at it."""

    id: str
    sample_id: str
    case_id: str
    place: int
    looked_at: str
    looked_by: str | None
    looked_on: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item with its use case."""

    item: Item
    case: UseCase
    looked_by: str | None
    findings: int
    remarks: int


@dataclass(frozen=True, slots=True)
class Observation:
    """A finding or a remark of an auditor about a use case."""

    id: str
    case_id: str
    report_id: str | None
    sample_id: str | None
    kind: str
    text: str
    person_id: str
    at: datetime
    state: str
    closing: str
    closed_by: str | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class ListedObservation:
    """An observation with its use case, its author and the report that it is about."""

    observation: Observation
    case_name: str
    case_reference: int
    person: str
    report: str | None  # its number


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody answered to an observation."""

    id: str
    observation_id: str
    text: str
    person_id: str
    at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class ObservationFilter:
    """Which observations are asked for; None means all."""

    kind: str | None = None
    state: str | None = None  # a state, or "unclosed"
    case: str | None = None
    sample: str | None = None
    site: str | None = None
    person: str | None = None


# Samples


def reported(connection: Connection, org: str) -> set[str]:
    """Return the use cases that have an issued report."""
    t = tables.report
    statement = select(t.c.case_id).where(t.c.org_id == org, t.c.number.is_not(None), t.c.case_id.is_not(None))
    return set(connection.execute(statement.distinct()).scalars())


def is_report_of(connection: Connection, org: str, id_: str, case_id: str) -> bool:
    """Tell whether an issued report is about a use case."""
    t = tables.report
    where = (t.c.org_id == org, t.c.id == id_, t.c.case_id == case_id, t.c.number.is_not(None))
    return connection.execute(select(t.c.id).where(*where)).first() is not None


def last_assessed(connection: Connection, org: str) -> dict[str, date]:
    """Return, by use case, the day of its last assessment."""
    t = tables.assessment
    statement = select(t.c.case_id, func.max(t.c.date)).where(t.c.org_id == org).group_by(t.c.case_id)
    return {row[0]: row[1] for row in connection.execute(statement)}


def add_sample(connection: Connection, org: str, items: Iterable[dict[str, Any]], /, **values: Any) -> None:
    """Add a sample with its items."""
    add(connection, tables.sample, org_id=org, **values)
    shared = {"org_id": org, "sample_id": values["id"], "looked_at": "", "version": 1}
    add_all(connection, tables.sample_item, ({**shared, **item} for item in items))


def sample(connection: Connection, org: str, id_: str) -> Sample | None:
    """Return a sample."""
    return find(connection, tables.sample, Sample, org_id=org, id=id_)


def samples(connection: Connection, org: str) -> list[ListedSample]:
    """Return every sample, the newest first."""
    s, i, p = tables.sample, tables.sample_item, tables.person
    columns = [s.c[field.name] for field in fields(Sample)]
    items = (
        select(i.c.sample_id, func.count().label("size"), func.count(i.c.looked_on).label("looked"))
        .where(i.c.org_id == org)
        .group_by(i.c.sample_id)
        .subquery()
    )
    statement = (
        select(*columns, p.c.name, items.c.size, items.c.looked)
        .join(p, p.c.id == s.c.person_id)
        .join(items, items.c.sample_id == s.c.id)
        .where(s.c.org_id == org)
        .order_by(s.c.at.desc(), s.c.id)
    )
    return [ListedSample(Sample(*row[:-3]), *row[-3:]) for row in connection.execute(statement)]


def _count(org: str, kind: str) -> Any:
    """Return how many observations of a kind an item's use case has within its sample."""
    o, i = tables.observation, tables.sample_item
    return (
        select(func.count())
        .where(o.c.org_id == org, o.c.sample_id == i.c.sample_id, o.c.case_id == i.c.case_id, o.c.kind == kind)
        .scalar_subquery()
    )


def items(connection: Connection, org: str, *, site: str | None = None, **where: str) -> list[ListedItem]:
    """Return items in the order drawn: of a sample, or one by its id; of one site only where one is given."""
    i, u, p = tables.sample_item, tables.use_case, tables.person
    own = [i.c[field.name] for field in fields(Item)]
    case = [u.c[field.name] for field in fields(UseCase)]
    statement = (
        select(*own, *case, p.c.name, _count(org, "finding"), _count(org, "remark"))
        .select_from(i)
        .join(u, and_(u.c.org_id == i.c.org_id, u.c.id == i.c.case_id))
        .outerjoin(p, p.c.id == i.c.looked_by)
        .where(i.c.org_id == org)
        .order_by(i.c.place)
    )
    for name, value in where.items():
        statement = statement.where(i.c[name] == value)
    if site is not None:
        statement = statement.where(u.c.site_id == site)
    cut = len(own)
    return [
        ListedItem(Item(*row[:cut]), UseCase(*row[cut:-3]), *row[-3:]) for row in connection.execute(statement).all()
    ]


def change_item(connection: Connection, org: str, id_: str, version: int, **values: Any) -> None:
    """Record what was looked at. Raises ConflictError."""
    change(connection, tables.sample_item, {"org_id": org, "id": id_}, version, **values)


# Findings and remarks


def _conditions(org: str, wanted: ObservationFilter) -> list[ColumnElement[bool]]:
    o = tables.observation.c
    parts: list[ColumnElement[bool]] = [o.org_id == org]
    if wanted.state == "unclosed":
        parts.append(o.state != "closed")
    elif wanted.state is not None:
        parts.append(o.state == wanted.state)
    for column, value in (
        (o.kind, wanted.kind),
        (o.case_id, wanted.case),
        (o.sample_id, wanted.sample),
        (o.person_id, wanted.person),
        (tables.use_case.c.site_id, wanted.site),
    ):
        if value is not None:
            parts.append(column == value)
    return parts


def _joined(org: str, wanted: ObservationFilter, *columns: Any) -> Select[Any]:
    o, u, p, r = tables.observation, tables.use_case, tables.person, tables.report
    return (
        select(*columns)
        .select_from(o)
        .join(u, and_(u.c.org_id == o.c.org_id, u.c.id == o.c.case_id))
        .join(p, p.c.id == o.c.person_id)
        .outerjoin(r, and_(r.c.org_id == o.c.org_id, r.c.id == o.c.report_id))
        .where(*_conditions(org, wanted))
    )


def observations(
    connection: Connection, org: str, wanted: ObservationFilter, *, limit: int | None = None, offset: int = 0
) -> list[ListedObservation]:
    """Return observations, the newest first."""
    o, u = tables.observation, tables.use_case
    columns = [o.c[field.name] for field in fields(Observation)]
    statement = _joined(org, wanted, *columns, u.c.name, u.c.reference, tables.person.c.name, tables.report.c.number)
    statement = statement.order_by(o.c.at.desc(), o.c.id).limit(limit).offset(offset)
    return [ListedObservation(Observation(*row[:-4]), *row[-4:]) for row in connection.execute(statement)]


def count_by_kind_and_state(connection: Connection, org: str, wanted: ObservationFilter) -> dict[tuple[str, str], int]:
    """Return how many observations a filter finds of each kind in each state."""
    o = tables.observation.c
    statement = _joined(org, wanted, o.kind, o.state, func.count()).group_by(o.kind, o.state)
    return {(row[0], row[1]): row[2] for row in connection.execute(statement)}


def observation(connection: Connection, org: str, id_: str) -> Observation | None:
    """Return one observation."""
    return find(connection, tables.observation, Observation, org_id=org, id=id_)


def add_observation(connection: Connection, org: str, **values: Any) -> None:
    """Add an observation."""
    add(connection, tables.observation, org_id=org, state="open", closing="", version=1, **values)


def change_observation(connection: Connection, org: str, found: Observation, **values: Any) -> None:
    """Change where an observation stands. Raises ConflictError."""
    change(connection, tables.observation, {"org_id": org, "id": found.id}, found.version, **values)


def replies(connection: Connection, org: str, observations: Iterable[str]) -> dict[str, list[Reply]]:
    """Return the replies to observations, the oldest first."""
    r, p = tables.observation_reply, tables.person
    statement = (
        select(r.c.id, r.c.observation_id, r.c.text, r.c.person_id, r.c.at, p.c.name)
        .join(p, p.c.id == r.c.person_id)
        .where(r.c.org_id == org, r.c.observation_id.in_(list(observations)))
        .order_by(r.c.at, r.c.id)
    )
    found: dict[str, list[Reply]] = {}
    for reply in many(connection, Reply, statement):
        found.setdefault(reply.observation_id, []).append(reply)
    return found


def has_reply(connection: Connection, org: str, id_: str) -> bool:
    """Tell whether a reply is there already."""
    t = tables.observation_reply
    return connection.execute(select(t.c.id).where(t.c.org_id == org, t.c.id == id_)).first() is not None


def add_reply(connection: Connection, org: str, **values: Any) -> None:
    """Add a reply."""
    add(connection, tables.observation_reply, org_id=org, **values)

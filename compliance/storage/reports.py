"""Reports: asked for, made, issued; with a number they never change."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, func, or_, select, update

from compliance.storage import tables
from compliance.storage.rows import ConflictError, add, change, containing, many, one

WAITING, MAKING, READY, FAILED = "waiting", "making", "ready", "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """A report without its record and its file."""

    id: str
    kind: str
    form: str
    language: str
    case_id: str | None
    site_id: str | None
    title: str
    asked: dict[str, Any]
    number: str | None
    issue: bool
    levels: str
    pack_version: str
    pack_hash: str
    log_size: int
    log_root: str
    supersedes_id: str | None
    sha256: str | None
    state: str
    failure: str | None
    attempts: int
    taken_by: str | None
    taken_at: datetime | None
    person_id: str
    at: datetime
    ready_at: datetime | None
    version: int

    @property
    def possible(self) -> tuple[str, ...]:
        """The levels that were possible."""
        return tuple(self.levels.split())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the register is asked for; None means all."""

    text: str | None = None
    kind: str | None = None
    case: str | None = None
    level: str | None = None
    site: str | None = None  # a site id: of a use case, or of a portfolio
    only: tuple[str, ...] | None = None  # ids
    by: str | None = None  # drafts of one person; None: issued reports alone


def _selecting(org: str, **where: Any) -> Select[Any]:
    statement = select(*(tables.report.c[field.name] for field in fields(Report)))
    statement = statement.where(tables.report.c.org_id == org)
    for name, value in where.items():
        statement = statement.where(tables.report.c[name] == value)
    return statement


def report(connection: Connection, org: str, id_: str) -> Report | None:
    """Return one report."""
    return one(connection, Report, _selecting(org, id=id_))


def add_report(connection: Connection, org: str, record: bytes | None = None, **values: Any) -> None:
    """Add a report that waits to be made."""
    packed = None if record is None else zlib.compress(record)
    add(connection, tables.report, org_id=org, record=packed, state=WAITING, attempts=0, version=1, **values)


def change_report(
    connection: Connection, org: str, found: Report, *, record: bytes | None = None, **values: Any
) -> None:
    """Change where a report stands. Raises ConflictError when somebody else did."""
    if record is not None:
        values["record"] = zlib.compress(record)
    change(connection, tables.report, {"org_id": org, "id": found.id}, found.version, **values)


def record_bytes(connection: Connection, org: str, id_: str) -> bytes | None:
    """Return the record as canonical JSON."""
    t = tables.report
    found = connection.execute(select(t.c.record).where(t.c.org_id == org, t.c.id == id_)).scalar()
    return None if found is None else zlib.decompress(found)


def record(connection: Connection, org: str, id_: str) -> dict[str, Any] | None:
    """Return the record."""
    found = record_bytes(connection, org, id_)
    return None if found is None else dict(json.loads(found))


def pdf(connection: Connection, org: str, id_: str) -> bytes | None:
    """Return the file."""
    t = tables.report
    found = connection.execute(select(t.c.pdf).where(t.c.org_id == org, t.c.id == id_)).scalar()
    return None if found is None else bytes(found)


def next_number(connection: Connection, org: str) -> int:
    """Return the next number of a report, and count on."""
    t = tables.organisation
    last = connection.execute(select(t.c.last_report).where(t.c.id == org)).scalar_one()
    connection.execute(update(t).where(t.c.id == org), {"last_report": last + 1})
    return int(last) + 1


def latest(connection: Connection, org: str, kind: str, form: str, subject: ColumnElement[bool]) -> Report | None:
    """Return the last issued report of a kind about a subject: what the next one supersedes."""
    t = tables.report
    statement = _selecting(org, kind=kind, form=form).where(subject, t.c.number.is_not(None))
    return one(connection, Report, statement.order_by(t.c.log_size.desc()).limit(1))


def about_case(case_id: str) -> ColumnElement[bool]:
    """Return the condition for reports of one use case."""
    return tables.report.c.case_id == case_id


def about_selection(site_id: str | None, title: str) -> ColumnElement[bool]:
    """Return the condition for portfolio reports of one title, of one site or of none."""
    t = tables.report
    same = t.c.site_id.is_(None) if site_id is None else t.c.site_id == site_id
    return and_(t.c.case_id.is_(None), same, t.c.title == title)


def issued(connection: Connection, org: str, case_id: str) -> list[Report]:
    """Return the issued reports of one use case, the newest first."""
    t = tables.report
    statement = _selecting(org, case_id=case_id).where(t.c.number.is_not(None))
    return many(connection, Report, statement.order_by(t.c.log_size.desc()))


def superseded(connection: Connection, org: str, ids: Iterable[str]) -> dict[str, str]:
    """Return by which number each of the reports that were superseded was."""
    t = tables.report
    statement = select(t.c.supersedes_id, t.c.number).where(t.c.org_id == org, t.c.supersedes_id.in_(list(ids)))
    return {row[0]: row[1] for row in connection.execute(statement) if row[1]}


def numbers(connection: Connection, org: str) -> dict[str, str]:
    """Return the number of the last issued report of each use case."""
    t = tables.report
    statement = select(t.c.case_id, t.c.number).where(
        t.c.org_id == org, t.c.number.is_not(None), t.c.kind == "use_case"
    )
    return {row[0]: row[1] for row in connection.execute(statement.order_by(t.c.log_size))}


def _where(org: str, wanted: Wanted) -> ColumnElement[bool]:
    c, u = tables.report.c, tables.use_case.c
    parts = [c.org_id == org]
    parts.append(c.number.is_not(None) if wanted.by is None else and_(c.number.is_(None), c.person_id == wanted.by))
    if wanted.kind:
        parts.append(c.kind == wanted.kind)
    if wanted.case:
        parts.append(c.case_id == wanted.case)
    if wanted.level:
        parts.append(c.levels.like("% %") if wanted.level == "open" else c.levels == wanted.level)
    if wanted.site:
        parts.append(or_(u.site_id == wanted.site, c.site_id == wanted.site))
    if wanted.only is not None:
        parts.append(c.id.in_(wanted.only))
    for word in (wanted.text or "").split():
        like = containing(word)
        parts.append(or_(c.title.ilike(like, escape="\\"), c.number.ilike(like, escape="\\")))
    return and_(*parts)


_WITH_CASE = and_(tables.use_case.c.org_id == tables.report.c.org_id, tables.use_case.c.id == tables.report.c.case_id)


def listed(connection: Connection, org: str, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Report]:
    """Return lines of the register, the newest first."""
    statement = select(*(tables.report.c[field.name] for field in fields(Report)))
    statement = statement.outerjoin(tables.use_case, _WITH_CASE).where(_where(org, wanted))
    order = (tables.report.c.at.desc(), tables.report.c.number.desc())
    return many(connection, Report, statement.order_by(*order).limit(limit).offset(offset))


def count(connection: Connection, org: str, wanted: Wanted) -> int:
    """Return how many reports a filter finds."""
    statement = select(func.count()).select_from(tables.report).outerjoin(tables.use_case, _WITH_CASE)
    return int(connection.execute(statement.where(_where(org, wanted))).scalar_one())


# The work of making them


def take(connection: Connection, org: str, id_: str, worker: str, now: datetime) -> Report | None:
    """Take a waiting report to make it; None when another worker has it, or it is done."""
    found = report(connection, org, id_)
    if found is None or found.state != WAITING:
        return None
    try:
        change_report(connection, org, found, state=MAKING, taken_by=worker, taken_at=now, attempts=found.attempts + 1)
    except ConflictError:
        return None
    return report(connection, org, id_)


def waiting(connection: Connection) -> list[tuple[str, str]]:
    """Return the reports that wait, with their organisation, the oldest first."""
    t = tables.report
    statement = select(t.c.org_id, t.c.id).where(t.c.state == WAITING).order_by(t.c.at)
    return [tuple(row) for row in connection.execute(statement)]


def give_back(connection: Connection, *, worker: str | None, taken_before: datetime | None, most: int) -> int:
    """Let reports wait again whose worker died, or that were taken too long ago; after ``most`` attempts they fail."""
    t = tables.report
    lost = [t.c.state == MAKING]
    if worker is not None:
        lost.append(t.c.taken_by == worker)
    if taken_before is not None:
        lost.append(t.c.taken_at < taken_before)
    tired = t.c.attempts >= most
    values = {
        "state": case((tired, FAILED), else_=WAITING),
        "failure": case((tired, "worker"), else_=None),
        "version": t.c.version + 1,
    }
    return int(connection.execute(update(t).where(*lost).values(values)).rowcount)


def unfinished(connection: Connection, org: str) -> int:
    """Return how many reports of an organisation are to be made."""
    t = tables.report
    statement = select(func.count()).where(t.c.org_id == org, t.c.state.in_((WAITING, MAKING)))
    return int(connection.execute(statement).scalar_one())


def by_state(connection: Connection) -> dict[str, int]:
    """Return how many reports of all organisations stand where; every state is named."""
    t = tables.report
    found = dict.fromkeys((WAITING, MAKING, READY, FAILED), 0)
    for state, number in connection.execute(select(t.c.state, func.count()).group_by(t.c.state)):
        found[state] = number
    return found


def ahead(connection: Connection, at: datetime) -> int:
    """Return how many reports of all organisations are to be made before one asked for at a moment."""
    t = tables.report
    statement = select(func.count()).where(t.c.state.in_((WAITING, MAKING)), t.c.at < at)
    return int(connection.execute(statement).scalar_one())


def remove_drafts(connection: Connection, before: datetime) -> int:
    """Remove drafts made before a moment."""
    t = tables.report
    statement = delete(t).where(t.c.number.is_(None), t.c.at < before, t.c.state.in_((READY, FAILED)))
    return int(connection.execute(statement).rowcount)

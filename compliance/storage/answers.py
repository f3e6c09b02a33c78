"""Answers as they stand, and every event that led to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from compliance.storage import tables
from compliance.storage.rows import add, add_all, add_once, change, many, new_id, selecting


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands for one question, who said so and when."""

    subject: str
    fact: str
    value: Any  # as JSON; None when unknown or taken back
    unknown: bool
    presumed: bool
    comment: str
    person_id: str
    at: datetime
    version: int
    source: dict[str, str] | None = None  # a supplier's word: "supplier", "by", "on"


@dataclass(frozen=True, slots=True)
class Event:
    """One change of an answer."""

    subject: str
    fact: str
    value: Any
    unknown: bool
    presumed: bool
    comment: str
    person_id: str
    at: datetime
    version: int
    person: str
    source: dict[str, str] | None


_OF_SUBJECTS = selecting(tables.answer, Answer, org_id=bindparam("org_id")).where(
    tables.answer.c.subject.in_(bindparam("subjects", expanding=True))
)


def answers(connection: Connection, org: str, *subjects: str) -> dict[str, Answer]:
    """Return the answers of subjects by fact; a later subject wins."""
    found = many(connection, Answer, _OF_SUBJECTS, org_id=org, subjects=subjects)
    found.sort(key=lambda item: subjects.index(item.subject))
    return {item.fact: item for item in found}


def put(connection: Connection, org: str, subject: str, fact: str, version: int, **values: Any) -> Answer:
    """Keep an answer read at ``version`` (0: there was none) and its event; return what stands. Raises ConflictError.

    Nothing is kept then, and the transaction can go on.
    """
    if version == 0:
        add_once(connection, tables.answer, org_id=org, subject=subject, fact=fact, version=1, **values)
    else:
        key = {"org_id": org, "subject": subject, "fact": fact}
        change(connection, tables.answer, key, version, **values)
    add(
        connection,
        tables.answer_event,
        org_id=org,
        id=new_id(),
        subject=subject,
        fact=fact,
        version=version + 1,
        **values,
    )
    return Answer(subject, fact, version=version + 1, **values)


def put_all(connection: Connection, org: str, rows: Iterable[dict[str, Any]]) -> None:
    """Keep first answers of new use cases, and their events."""
    found = list(rows)
    add_all(connection, tables.answer, ({"org_id": org, "version": 1, **row} for row in found))
    add_all(connection, tables.answer_event, ({"org_id": org, "id": new_id(), "version": 1, **row} for row in found))


def events(connection: Connection, org: str, subject: str) -> list[Event]:
    """Return all that was answered about a subject, the newest first."""
    e, p = tables.answer_event, tables.person
    statement = (
        select(
            e.c.subject,
            e.c.fact,
            e.c.value,
            e.c.unknown,
            e.c.presumed,
            e.c.comment,
            e.c.person_id,
            e.c.at,
            e.c.version,
            p.c.name,
            e.c.source,
        )
        .join(p, p.c.id == e.c.person_id)
        .where(and_(e.c.org_id == org, e.c.subject == subject))
        .order_by(e.c.at.desc(), e.c.version.desc())
    )
    return many(connection, Event, statement)

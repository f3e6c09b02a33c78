"""Actions: what is done about obligations and gaps of controls, by whom and until when; the mail that reminds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from compliance.assessment.action_plan import GAP
from compliance.storage import tables
from compliance.storage.rows import add, add_all, change, find, many, selecting

CLOSED = ("done", "not_applicable")


@dataclass(frozen=True, slots=True)
class Action:
    """What is done about one obligation of one use case, or one gap of it or of the whole organisation."""

    id: str
    case_id: str | None  # None: of the organisation
    obligation: str  # or "control:" and the id of a control
    state: str
    owner_id: str | None
    due: date | None
    due_chosen: bool  # by a person, not proposed from the law or the control
    comment: str
    needed: bool
    changed_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ListedAction:
    """One line of the action plan of the organisation; without a use case where it is about all of them."""

    action: Action
    case_name: str | None
    case_reference: int | None
    case_pack: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class ActionFilter:
    """What the action plan is asked for; None means all."""

    case: str | None = None
    state: str | None = None  # a state, "open" or "overdue"
    owner: str | None = None  # an id, or "none"
    due_before: date | None = None
    today: date | None = None
    about: str | None = None  # "act" or "concerns"


def actions(connection: Connection, org: str, case_id: str | None) -> list[Action]:
    """Return the actions of a use case, or those of the organisation itself, by date."""
    t = tables.action
    statement = selecting(t, Action, org_id=org, case_id=case_id)
    return many(connection, Action, statement.order_by(t.c.due.is_(None), t.c.due, t.c.obligation))


def action(connection: Connection, org: str, id_: str) -> Action | None:
    """Return one action."""
    return find(connection, tables.action, Action, org_id=org, id=id_)


def _conditions(org: str, wanted: ActionFilter) -> list[Any]:
    a, u = tables.action.c, tables.use_case.c
    parts = [a.org_id == org, a.needed, or_(a.case_id.is_(None), u.archived.is_(False))]
    if wanted.case:
        parts.append(a.case_id == wanted.case)
    if wanted.state in ("open", "overdue"):
        parts.append(a.state.not_in(CLOSED))
    elif wanted.state:
        parts.append(a.state == wanted.state)
    if wanted.state == "overdue":
        parts.append(a.due < wanted.today)
    if wanted.owner == "none":
        parts.append(a.owner_id.is_(None))
    elif wanted.owner:
        parts.append(a.owner_id == wanted.owner)
    if wanted.due_before:
        parts.append(a.due <= wanted.due_before)
    if wanted.about:
        gap = a.obligation.startswith(GAP)
        parts.append(gap if wanted.about == "concerns" else ~gap)
    return parts


def _joined(org: str, wanted: ActionFilter, *columns: Any) -> Any:
    a, u, p = tables.action, tables.use_case, tables.person
    return (
        select(*columns)
        .select_from(a)
        .outerjoin(u, and_(u.c.org_id == a.c.org_id, u.c.id == a.c.case_id))
        .outerjoin(p, p.c.id == a.c.owner_id)
        .where(*_conditions(org, wanted))
    )


def listed(
    connection: Connection, org: str, wanted: ActionFilter, *, limit: int | None = None, offset: int = 0
) -> list[ListedAction]:
    """Return lines of the action plan, the most urgent first."""
    a, u, p = tables.action, tables.use_case, tables.person
    columns = [a.c[field.name] for field in fields(Action)]
    statement = _joined(org, wanted, *columns, u.c.name, u.c.reference, u.c.pack, p.c.name)
    statement = statement.order_by(a.c.due.is_(None), a.c.due, *_by_case(), a.c.obligation)
    rows = connection.execute(statement.limit(limit).offset(offset))
    return [ListedAction(Action(*row[:-4]), *row[-4:]) for row in rows]


def _by_case() -> tuple[Any, ...]:
    """Return an order that every database keeps alike: the organisation's own after those of its use cases."""
    reference = tables.use_case.c.reference
    return reference.is_(None), reference


def count(connection: Connection, org: str, wanted: ActionFilter) -> int:
    """Return how many actions a filter finds."""
    return int(connection.execute(_joined(org, wanted, func.count())).scalar_one())


def due_from(connection: Connection, org: str, today: date, limit: int) -> list[ListedAction]:
    """Return the open actions due from a day on, the next first."""
    a, u, p = tables.action, tables.use_case, tables.person
    columns = [a.c[field.name] for field in fields(Action)]
    statement = _joined(org, ActionFilter(state="open"), *columns, u.c.name, u.c.reference, u.c.pack, p.c.name)
    statement = statement.where(a.c.due >= today).order_by(a.c.due, *_by_case()).limit(limit)
    return [ListedAction(Action(*row[:-4]), *row[-4:]) for row in connection.execute(statement)]


def dates_ahead(connection: Connection, org: str, after: date, limit: int) -> list[tuple[date, int, int]]:
    """Return the days after one on which open actions fall due by law, with how many, of how many use cases."""
    a = tables.action.c
    statement = (
        _joined(org, ActionFilter(state="open", about="act"), a.due, func.count(), func.count(a.case_id.distinct()))
        .where(a.due > after, a.due_chosen.is_(False))
        .group_by(a.due)
        .order_by(a.due)
        .limit(limit)
    )
    return [tuple(row) for row in connection.execute(statement)]


def count_by_state(connection: Connection, org: str) -> dict[str, int]:
    """Return how many needed actions are in each state."""
    statement = _joined(org, ActionFilter(), tables.action.c.state, func.count()).group_by(tables.action.c.state)
    return {row[0]: row[1] for row in connection.execute(statement)}


def add_actions(connection: Connection, org: str, rows: Iterable[dict[str, Any]]) -> None:
    """Add actions."""
    add_all(connection, tables.action, ({"org_id": org, "version": 1, **row} for row in rows))


def change_action(connection: Connection, org: str, id_: str, version: int, **values: Any) -> None:
    """Change an action. Raises ConflictError."""
    change(connection, tables.action, {"org_id": org, "id": id_}, version, **values)


def mark(connection: Connection, org: str, ids: Iterable[str], **values: Any) -> None:
    """Change what answers, not a person, say of actions: whether needed, the date proposed, done no longer."""
    if wanted := list(ids):
        t = tables.action
        connection.execute(update(t).where(t.c.org_id == org, t.c.id.in_(wanted)), values)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message, sent or waiting in the outbox."""

    id: str
    to_id: str | None
    address: str
    subject: str
    body: str
    kind: str
    at: datetime
    sent_at: datetime | None
    failure: str | None


def mails(connection: Connection, org: str, limit: int) -> list[Mail]:
    """Return the organisation's messages, the newest first."""
    statement = selecting(tables.mail, Mail, org_id=org).order_by(tables.mail.c.at.desc())
    return many(connection, Mail, statement.limit(limit))


def waiting(connection: Connection) -> list[tuple[str, Mail]]:
    """Return the messages of all organisations that were not sent yet, with the organisation."""
    t = tables.mail
    columns = [t.c[field.name] for field in fields(Mail)]
    statement = (
        select(t.c.org_id, *columns)
        .join(tables.organisation, tables.organisation.c.id == t.c.org_id)
        .where(t.c.sent_at.is_(None), tables.organisation.c.example.is_(False))
    )
    return [(row[0], Mail(*row[1:])) for row in connection.execute(statement.order_by(t.c.at).limit(200))]


def add_mail(connection: Connection, org: str, **values: Any) -> None:
    """Put a message in the outbox."""
    add(connection, tables.mail, org_id=org, **values)


def written(connection: Connection, org: str, kinds: Iterable[str]) -> set[str]:
    """Return which of these kinds of message were written already."""
    t = tables.mail
    statement = select(t.c.kind).where(t.c.org_id == org, t.c.kind.in_(list(kinds)))
    return set(connection.execute(statement).scalars())


def mark_mail(connection: Connection, org: str, id_: str, **values: Any) -> None:
    """Record that a message was sent, or why not."""
    change(connection, tables.mail, {"org_id": org, "id": id_}, None, **values)


def cases_open(connection: Connection, org: str, obligations: Collection[str], by: str) -> dict[str | None, int]:
    """Return how many use cases have one of some obligations still open, by a column of the use case."""
    a, u = tables.action.c, tables.use_case.c
    statement = _joined(org, ActionFilter(state="open"), u[by], func.count(a.case_id.distinct()))
    return {
        row[0]: row[1] for row in connection.execute(statement.where(a.obligation.in_(obligations)).group_by(u[by]))
    }

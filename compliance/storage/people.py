"""People, what they may do where, their sessions, one-time links and failed sign-ins."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, or_, select, update

from compliance.storage import tables
from compliance.storage.rows import add, change, find, many, selecting


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: str
    email: str
    name: str
    language: str | None
    password_hash: str | None
    totp_secret: str | None
    totp_last_step: int
    openid_subject: str | None
    active: bool
    one_at_a_time: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """What narrows a role: to one site, to a period of which both days count; None does not narrow."""

    site_id: str | None
    from_day: date | None
    until_day: date | None

    @property
    def any(self) -> bool:
        """Tell whether anything is narrowed."""
        return self.columns() != UNBOUND.columns()

    def begun(self, day: date) -> bool:
        """Tell whether the period has begun on a day."""
        return self.from_day is None or self.from_day <= day

    def over(self, day: date) -> bool:
        """Tell whether the period is over on a day."""
        return self.until_day is not None and self.until_day < day

    def columns(self) -> dict[str, str | date | None]:
        """Return the bounds as columns."""
        return {"site_id": self.site_id, "from_day": self.from_day, "until_day": self.until_day}

    def detail(self) -> dict[str, str]:
        """Return the bounds as a line of the log names them: those that there are."""
        return {name: str(value) for name, value in self.columns().items() if value is not None}


UNBOUND = Bounds(None, None, None)


@dataclass(frozen=True, slots=True)
class Membership(Bounds):
    """What a person may do in an organisation."""

    org_id: str
    person_id: str
    roles: str  # joined by blanks
    active: bool
    version: int


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation that a person may enter."""

    org_id: str
    name: str
    example: bool
    language: str
    roles: str
    site_id: str | None


@dataclass(frozen=True, slots=True)
class Member(Bounds):
    """A membership with the person's name."""

    person_id: str
    name: str
    email: str
    roles: str
    active: bool
    version: int
    has_password: bool
    has_totp: bool


@dataclass(frozen=True, slots=True)
class Link(Bounds):
    """A one-time link; an invitation's bounds are those of the membership that it gives."""

    token_hash: str
    org_id: str | None
    purpose: str
    email: str | None
    person_id: str | None
    roles: str | None
    made_by: str | None
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in, or is about to."""

    id_hash: str
    person_id: str | None
    org_id: str | None
    values: dict[str, Any]
    created_at: datetime
    seen_at: datetime


def person(connection: Connection, **where: Any) -> Person | None:
    """Return the person with an id, an e-mail address or an OpenID subject."""
    return find(connection, tables.person, Person, **where)


def add_person(connection: Connection, **values: Any) -> None:
    """Add a person."""
    add(connection, tables.person, **values)


def change_person(connection: Connection, person_id: str, **values: Any) -> None:
    """Change a person."""
    change(connection, tables.person, {"id": person_id}, None, **values)


def any_person(connection: Connection) -> bool:
    """Tell whether anybody can sign in yet: somebody who is not part of the example."""
    statement = select(tables.person.c.id).where(
        tables.person.c.password_hash.is_not(None) | tables.person.c.openid_subject.is_not(None)
    )
    return connection.execute(statement.limit(1)).first() is not None


def membership(connection: Connection, org: str, person_id: str) -> Membership | None:
    """Return a person's place in an organisation."""
    return find(connection, tables.membership, Membership, org_id=org, person_id=person_id)


def _belongings(*, on_a_day: bool) -> Select[Any]:
    m, o = tables.membership, tables.organisation
    statement = (
        select(o.c.id, o.c.name, o.c.example, o.c.language, m.c.roles, m.c.site_id)
        .join(m, m.c.org_id == o.c.id)
        .where(m.c.person_id == bindparam("person_id"), m.c.active)
        .order_by(o.c.example, o.c.name)
    )
    if not on_a_day:
        return statement
    day: BindParameter[date] = bindparam("day")
    return statement.where(
        or_(m.c.from_day.is_(None), m.c.from_day <= day), or_(m.c.until_day.is_(None), m.c.until_day >= day)
    )


_BELONGINGS, _BELONGINGS_ON = _belongings(on_a_day=False), _belongings(on_a_day=True)


def memberships(connection: Connection, person_id: str, on: date | None) -> list[Belonging]:
    """Return the organisations where a person is active on a day, or whatever the period without one."""
    if on is None:
        return many(connection, Belonging, _BELONGINGS, person_id=person_id)
    return many(connection, Belonging, _BELONGINGS_ON, person_id=person_id, day=on)


def administrators(connection: Connection) -> list[str]:
    """Return everybody who administers an organisation."""
    m = tables.membership
    statement = select(m.c.person_id).where(m.c.active, m.c.roles.contains("administrator")).distinct()
    return list(connection.execute(statement).scalars())


def members(connection: Connection, org: str) -> list[Member]:
    """Return everybody of an organisation by name."""
    m, p = tables.membership, tables.person
    statement = (
        select(
            m.c.site_id,
            m.c.from_day,
            m.c.until_day,
            p.c.id,
            p.c.name,
            p.c.email,
            m.c.roles,
            m.c.active & p.c.active,
            m.c.version,
            p.c.password_hash.is_not(None),
            p.c.totp_secret.is_not(None),
        )
        .join(p, p.c.id == m.c.person_id)
        .where(m.c.org_id == org)
        .order_by(p.c.name)
    )
    return [Member(*row) for row in connection.execute(statement)]


def join(connection: Connection, org: str, person_id: str, roles: str, bounds: Bounds = UNBOUND) -> None:
    """Make a person a member, or give a member other roles and bounds."""
    found = membership(connection, org, person_id)
    values = {"roles": roles, "active": True, **bounds.columns()}
    if found is None:
        add(connection, tables.membership, org_id=org, person_id=person_id, version=1, **values)
    else:
        set_membership(connection, found, **values)


def set_membership(connection: Connection, found: Membership, **values: Any) -> None:
    """Change a membership. Raises ConflictError."""
    key = {"org_id": found.org_id, "person_id": found.person_id}
    change(connection, tables.membership, key, found.version, **values)


def remove_unused(connection: Connection, ids: list[str]) -> None:
    """Remove people who cannot sign in and are nobody's members."""
    p, m = tables.person, tables.membership
    statement = delete(p).where(
        p.c.id.in_(ids),
        p.c.password_hash.is_(None),
        p.c.openid_subject.is_(None),
        p.c.id.not_in(select(m.c.person_id)),
    )
    connection.execute(statement)


def link(connection: Connection, token_hash: str) -> Link | None:
    """Return a one-time link."""
    return find(connection, tables.link, Link, token_hash=token_hash)


def links(connection: Connection, org: str, purpose: str) -> list[Link]:
    """Return an organisation's links that were not used."""
    statement = selecting(tables.link, Link, org_id=org, purpose=purpose).where(tables.link.c.used_at.is_(None))
    return many(connection, Link, statement.order_by(tables.link.c.email))


def invitations_to(connection: Connection, email: str) -> list[Link]:
    """Return the invitations to an address that were not used, of all organisations."""
    statement = selecting(tables.link, Link, purpose="invitation", email=email)
    return many(connection, Link, statement.where(tables.link.c.used_at.is_(None)))


def add_link(connection: Connection, **values: Any) -> None:
    """Add a one-time link."""
    add(connection, tables.link, **values)


def use_link(connection: Connection, token_hash: str, now: datetime) -> bool:
    """Mark a link as used; False when it was already, or is too old.

    A used link lets go of its site, which could not be removed otherwise.
    """
    t = tables.link
    statement = update(t).where(t.c.token_hash == token_hash, t.c.used_at.is_(None), t.c.expires_at > now)
    return connection.execute(statement, {"used_at": now, "site_id": None}).rowcount == 1


def withdraw_links(connection: Connection, purpose: str, **where: Any) -> None:
    """Take back unused links."""
    statement = delete(tables.link).where(tables.link.c.purpose == purpose, tables.link.c.used_at.is_(None))
    for name, value in where.items():
        statement = statement.where(tables.link.c[name] == value)
    connection.execute(statement)


_SESSION = (
    selecting(tables.session, Session, id_hash=bindparam("id_hash"))
    .add_columns(*(tables.person.c[field.name] for field in fields(Person)))
    .outerjoin(tables.person, tables.person.c.id == tables.session.c.person_id)
)


def session(connection: Connection, id_hash: str) -> tuple[Session, Person | None] | None:
    """Return a session, and the person who signed in."""
    row = connection.execute(_SESSION, {"id_hash": id_hash}).first()
    if row is None:
        return None
    own = len(fields(Session))
    return Session(*row[:own]), Person(*row[own:]) if row[own] else None


def put_session(connection: Connection, id_hash: str, now: datetime, **values: Any) -> None:
    """Keep a session's values, adding it where it is new."""
    t = tables.session
    statement = update(t).where(t.c.id_hash == id_hash)
    if connection.execute(statement, {**values, "seen_at": now}).rowcount == 0:
        add(connection, t, id_hash=id_hash, created_at=now, seen_at=now, **values)


def end_sessions(connection: Connection, *, besides: str = "", **where: Any) -> None:
    """End sessions: one by its hash, or all of a person but one."""
    statement = delete(tables.session).where(tables.session.c.id_hash != besides)
    for name, value in where.items():
        statement = statement.where(tables.session.c[name] == value)
    connection.execute(statement)


def end_old_sessions(connection: Connection, seen_before: datetime, made_before: datetime) -> None:
    """End sessions that were not used for long, or are old."""
    t = tables.session
    connection.execute(delete(t).where((t.c.seen_at < seen_before) | (t.c.created_at < made_before)))


def failures(connection: Connection, key: str) -> tuple[int, datetime | None]:
    """Return how often sign-in failed of late for an account or address, and when last."""
    t = tables.throttle
    row = connection.execute(select(t.c.failures, t.c.last_at).where(t.c.key == key)).first()
    return (0, None) if row is None else (row.failures, row.last_at)


def count_failure(connection: Connection, key: str, now: datetime, forget_after: timedelta) -> None:
    """Count one failed sign-in."""
    t = tables.throttle
    count, last = failures(connection, key)
    if last is None:
        add(connection, t, key=key, failures=1, last_at=now)
        return
    fresh = now - last < forget_after
    connection.execute(update(t).where(t.c.key == key), {"failures": count + 1 if fresh else 1, "last_at": now})


def forget_failures(connection: Connection, key: str) -> None:
    """Start counting anew after a good sign-in."""
    connection.execute(delete(tables.throttle).where(tables.throttle.c.key == key))

"""The organisation itself: its name, text of the law, sites and suppliers; the example and its removal."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from compliance.operations.rights import Right
from compliance.operations.workplace import (
    Actor,
    NotFoundError,
    RefusedError,
    SecondFactorNeededError,
    Workplace,
    work,
)
from compliance.storage import audit, cases, organisations, people
from compliance.storage.organisations import Named, Organisation

NAMED_MOST = 2_000


def organisation(place: Workplace, actor: Actor) -> Organisation:
    """Return the organisation."""
    with place.database.reading() as connection:
        found = organisations.organisation(connection, actor.org_id)
    assert found
    return found


def change(place: Workplace, actor: Actor, found: Organisation, *, name: str, language: str, pack: str) -> None:
    """Change name, language and the text of the law for new use cases. Raises ConflictError."""
    actor.require(Right.ADMINISTER)
    if not actor.has_totp:
        raise SecondFactorNeededError
    if pack not in place.library.names():
        raise RefusedError("unknown_choice", "pack")
    with work(place, actor) as unit:
        organisations.change_organisation(unit.connection, found, name=name, language=language, pack=pack)
        unit.log("organisation.changed", actor.org_id, pack=pack)


def named(place: Workplace, actor: Actor, kind: str) -> list[tuple[Named, int]]:
    """Return sites or suppliers, each with how many use cases name it."""
    actor.require(Right.READ)
    column = f"{kind}_id"
    with place.database.reading() as connection:
        used = dict(cases.counts(connection, actor.org_id, column))
        return [(item, used.get(item.id, 0)) for item in organisations.named(connection, kind, actor.org_id)]


def add_named(place: Workplace, actor: Actor, kind: str, name: str) -> str:
    """Add a site or a supplier; return its id."""
    actor.require(Right.ARRANGE)
    with work(place, actor) as unit:
        found = organisations.named(unit.connection, kind, actor.org_id)
        if len(found) >= NAMED_MOST:
            raise RefusedError("too_many", "name", most=NAMED_MOST)
        if name.casefold() in {item.name.casefold() for item in found}:
            raise RefusedError("name_taken", "name")
        id_ = organisations.add_named(unit.connection, kind, unit.org, name)
        unit.log(f"{kind}.added", id_)
    return id_


def remove_named(place: Workplace, actor: Actor, kind: str, id_: str) -> None:
    """Remove a site or supplier that nothing names. Raises RefusedError."""
    actor.require(Right.ARRANGE)
    with work(place, actor) as unit:
        try:
            organisations.remove_named(unit.connection, kind, unit.org, id_)
        except IntegrityError:  # a use case, a report, somebody's bounds
            raise RefusedError("still_used") from None
        unit.log(f"{kind}.removed", id_)


def rename_named(place: Workplace, actor: Actor, kind: str, id_: str, name: str) -> None:
    """Rename a site or a supplier."""
    actor.require(Right.ARRANGE)
    with work(place, actor) as unit:
        found = organisations.named(unit.connection, kind, actor.org_id)
        item = next((item for item in found if item.id == id_), None)
        if item is None:
            raise NotFoundError
        if name.casefold() in {other.name.casefold() for other in found if other.id != id_}:
            raise RefusedError("name_taken", "name")
        organisations.rename(unit.connection, kind, unit.org, item, name)
        unit.log(f"{kind}.renamed", id_)


def remove_example(place: Workplace, actor: Actor) -> None:
    """Remove the example organisation with everything in it, and the made-up colleagues."""
    actor.require(Right.ADMINISTER)
    if not actor.example:
        raise RefusedError("not_example")
    with place.database.writing() as connection:
        made_up = [member.person_id for member in people.members(connection, actor.org_id) if not member.has_password]
        organisations.erase(connection, actor.org_id)
        people.remove_unused(connection, made_up)


def log(
    place: Workplace, actor: Actor, *, subject: str | None, who: str | None, page: int, per_page: int
) -> tuple[list[audit.Entry], int]:
    """Return lines of the organisation's log, the newest first, and how many there are in all."""
    actor.require(Right.READ_LOG)
    with place.database.reading() as connection:
        found = audit.entries(
            connection, actor.org_id, subject=subject, who=who, limit=per_page, offset=(page - 1) * per_page
        )
        return found, audit.size(connection, actor.org_id, subject=subject, who=who)


def check_log(place: Workplace, actor: Actor) -> tuple[int | None, int, str]:
    """Return the first line that is not as it was written (or None), the size of the log and its root."""
    actor.require(Right.READ_LOG)
    with place.database.reading() as connection:
        return audit.broken_at(connection, actor.org_id), *audit.head(connection, actor.org_id)

"""The organisation itself: its name, text of the law, sites and suppliers; the example and its removal; its log."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from compliance.operations import texts
from compliance.operations.log_words import KINDS, kind_of
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
from compliance.storage.audit import Entry, Wanted
from compliance.storage.organisations import Named, Organisation

NAMED_MOST = 2_000
LOG_PER_PAGE = 100


def organisation(place: Workplace, actor: Actor) -> Organisation:
    """Return the organisation."""
    with place.database.reading(actor.org_id) as connection:
        found = organisations.organisation(connection, actor.org_id)
    assert found
    return found


def change(place: Workplace, actor: Actor, found: Organisation, *, name: str, language: str, pack: str) -> None:
    """Change name, language and the text of the law for new use cases. Raises ConflictError."""
    actor.require(Right.ADMINISTER)
    if not actor.has_totp:
        raise SecondFactorNeededError
    with work(place, actor) as unit:
        if pack not in {texts.family(name) for name in texts.offered(unit.connection, place, unit.org)}:
            raise RefusedError("unknown_choice", "pack")
        organisations.change_organisation(unit.connection, found, name=name, language=language, pack=pack)
        unit.log("organisation.changed", actor.org_id, pack=pack)


def named(place: Workplace, actor: Actor, kind: str) -> list[tuple[Named, int]]:
    """Return sites or suppliers, each with how many use cases name it."""
    actor.require(Right.READ)
    column = f"{kind}_id"
    with place.database.reading(actor.org_id) as connection:
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


def log(place: Workplace, actor: Actor, wanted: Wanted, *, page: int | None) -> tuple[list[Entry], int]:
    """Return one page of the organisation's log, or all of it, the newest line first, and how many lines there are."""
    actor.require(Right.READ_LOG)
    limit, offset = (None, 0) if page is None else (LOG_PER_PAGE, (page - 1) * LOG_PER_PAGE)
    with place.database.reading(actor.org_id) as connection:
        found = audit.entries(connection, actor.org_id, wanted, limit=limit, offset=offset)
        return found, audit.size(connection, actor.org_id, wanted)


def log_kinds(place: Workplace, actor: Actor) -> list[str]:
    """Return the kinds of event that the log holds, in the order of their list."""
    actor.require(Right.READ_LOG)
    with place.database.reading(actor.org_id) as connection:
        held = {kind_of(code) for code in audit.codes(connection, actor.org_id)}
    return [kind for kind in KINDS if kind in held]


def log_case(place: Workplace, actor: Actor, reference: int) -> str | None:
    """Return the id of the use case that has a number, to ask the log for it."""
    actor.require(Right.READ_LOG)
    with place.database.reading(actor.org_id) as connection:
        found = cases.by_reference(connection, actor.org_id, reference)
    return found.id if found else None


@dataclass(frozen=True, slots=True)
class Names:
    """What lines of the log name by id, by name."""

    people: dict[str, str]
    sites: dict[str, str]
    suppliers: dict[str, str]
    cases: dict[str, tuple[int, str]]  # reference and name


def log_names(place: Workplace, actor: Actor, lines: list[Entry]) -> Names:
    """Return the names of what lines of the log speak of."""
    actor.require(Right.READ_LOG)
    ids = {line.subject for line in lines} | {str(line.detail.get("source")) for line in lines}
    org = actor.org_id
    with place.database.reading(actor.org_id) as connection:
        return Names(
            {member.person_id: member.name for member in people.members(connection, org)},
            {item.id: item.name for item in organisations.sites(connection, org)},
            {item.id: item.name for item in organisations.suppliers(connection, org)},
            cases.titles(connection, org, ids if len(ids) <= 2 * LOG_PER_PAGE else None),
        )


def check_log(place: Workplace, actor: Actor) -> tuple[int | None, int, str]:
    """Return the first line that is not as it was written (or None), the size of the log and its root."""
    actor.require(Right.READ_LOG)
    with place.database.reading(actor.org_id) as connection:
        return audit.broken_at(connection, actor.org_id), *audit.head(connection, actor.org_id)

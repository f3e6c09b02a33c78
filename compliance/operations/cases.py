"""The inventory of use cases: listed, begun, copied, described, put away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from compliance.operations import dossiers, texts
from compliance.operations.answers import OPEN_STATES
from compliance.operations.library import Law
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Unit, Workplace, work
from compliance.storage import answers, cases, organisations, people
from compliance.storage.cases import Filter, Listed
from compliance.storage.rows import new_id

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Description:
    """What people say of a use case before any question of law."""

    name: str
    description: str = ""
    function: str | None = None
    sector: str | None = None
    site_id: str | None = None
    supplier_id: str | None = None
    owner_id: str | None = None

    def columns(self) -> dict[str, Any]:
        """Return the description as columns."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the pickers of the inventory offer."""

    sites: list[organisations.Named]
    suppliers: list[organisations.Named]
    people: list[people.Member]


def choices(place: Workplace, actor: Actor) -> Choices:
    """Return the organisation's sites, suppliers and active members; of sites, only the one that a role is bound to."""
    actor.require(Right.READ_CASE, Right.ANSWER)
    with place.database.reading(actor.org_id) as connection:
        members = [member for member in people.members(connection, actor.org_id) if member.active]
        sites = organisations.sites(connection, actor.org_id)
        if actor.site_id is not None:
            return Choices([site for site in sites if site.id == actor.site_id], [], members)
        return Choices(sites, organisations.suppliers(connection, actor.org_id), members)


def search(
    place: Workplace, actor: Actor, wanted: Filter, *, sort: str, descending: bool, page: int
) -> tuple[list[Listed], int]:
    """Return one page of the inventory, within the actor's bounds, and how many use cases there are in all."""
    actor.require(Right.READ_CASE)
    wanted = dossiers.bounded(actor, wanted)
    with place.database.reading(actor.org_id) as connection:
        total = cases.count(connection, actor.org_id, wanted)
        found = cases.listed(
            connection,
            actor.org_id,
            wanted,
            sort=sort,
            descending=descending,
            limit=PER_PAGE,
            offset=(page - 1) * PER_PAGE,
        )
    return found, total


def everything(place: Workplace, actor: Actor, wanted: Filter) -> list[Listed]:
    """Return all use cases of a filter, for an export."""
    actor.require(Right.READ)
    with place.database.reading(actor.org_id) as connection:
        return cases.listed(connection, actor.org_id, wanted)


def _check(unit: Unit, described: Description) -> None:
    """Raise RefusedError where a description names what is not the organisation's."""
    for field, found in (
        ("site_id", organisations.sites(unit.connection, unit.org)),
        ("supplier_id", organisations.suppliers(unit.connection, unit.org)),
    ):
        value = getattr(described, field)
        if value is not None and value not in {item.id for item in found}:
            raise RefusedError("unknown_choice", field)
    if described.owner_id is not None:
        member = people.membership(unit.connection, unit.org, described.owner_id)
        if member is None:
            raise RefusedError("unknown_choice", "owner_id")


def law_for_new(connection: Connection, place: Workplace, org: str) -> Law:
    """Return the text that new use cases begin under: the version in effect of the one that the organisation chose."""
    found = organisations.organisation(connection, org)
    assert found
    return place.library.law(texts.current(connection, place, org, found.pack))


def law_with_catalogue(place: Workplace, law: Law) -> Law:
    """Return the text whose catalogue goes with one: its own, or where it has none that of the default text."""
    return law if law.pack.catalogue else place.library.law(place.library.default)


def catalogue(place: Workplace, actor: Actor) -> Law:
    """Return the text whose catalogue new use cases are begun from."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        return law_with_catalogue(place, law_for_new(connection, place, actor.org_id))


def row(
    unit: Unit, place: Workplace, described: Description, reference: int, *, law: Law | None = None, **also: Any
) -> dict[str, Any]:
    """Return the row of a new use case, under a text that the caller worked out or the one for new use cases."""
    law = law or law_for_new(unit.connection, place, unit.org)
    return {
        "id": new_id(),
        "reference": reference,
        "pack": law.name,
        "state": "draft",
        "levels": " ".join(level.id for level in law.pack.levels),
        "presumed": 0,
        "open_count": 0,
        "duties": "",
        "stale": False,
        "archived": False,
        "created_by": unit.who,
        "created_at": unit.now,
        "changed_at": unit.now,
        "version": 1,
        **described.columns(),
        **also,
    }


def begin(
    place: Workplace,
    actor: Actor,
    described: Description,
    *,
    presumed: Mapping[str, object] | None = None,
    catalogue_entry: str | None = None,
    key: str | None = None,
) -> str:
    """Begin a use case, blank or with presumed answers to confirm; return its id.

    ``key`` is an id that the form was given: sent twice, it begins one use case.
    """
    actor.require(Right.EDIT)
    if key:
        with place.database.reading(actor.org_id) as connection:
            if cases.case(connection, actor.org_id, key):
                return key
    with work(place, actor) as unit:
        _check(unit, described)
        reference = organisations.next_reference(unit.connection, unit.org)
        new = row(unit, place, described, reference, catalogue_entry=catalogue_entry)
        if key:
            new["id"] = key
        cases.add_case(unit.connection, unit.org, **new)
        presume(unit, new["id"], presumed or {})
        unit.log("case.begun", new["id"], reference=reference, presumed=len(presumed or {}))
        dossiers.refresh(place, unit, new["id"])
    return str(new["id"])


def presume(unit: Unit, case_id: str, values: Mapping[str, object]) -> None:
    """Put presumed answers into a new use case; a value "unknown" is nothing to presume."""
    standing = {"unknown": False, "presumed": True, "comment": "", "person_id": unit.who, "at": unit.now}
    answers.put_all(
        unit.connection,
        unit.org,
        ({"subject": case_id, "fact": fact, "value": value, **standing} for fact, value in presumable(values).items()),
    )


def presumable(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values that can be presumed: those that say something."""
    return {fact: value for fact, value in values.items() if value is not None and value != "unknown"}


def copy(place: Workplace, actor: Actor, case_id: str, name: str) -> str:
    """Begin a use case with the description and answers of another, the answers to confirm; return its id."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        source = dossiers.load(unit.connection, place, actor.org_id, case_id)
        described = Description(
            name,
            source.case.description,
            source.case.function,
            source.case.sector,
            source.case.site_id,
            source.case.supplier_id,
            source.case.owner_id,
        )
        reference = organisations.next_reference(unit.connection, unit.org)
        new = row(unit, place, described, reference, law=source.law, catalogue_entry=source.case.catalogue_entry)
        cases.add_case(unit.connection, unit.org, **new)
        own = {fact: answer.value for fact, answer in source.answers.items() if answer.subject == case_id}
        presume(unit, new["id"], own)
        unit.log("case.copied", new["id"], reference=reference, source=case_id)
        dossiers.refresh(place, unit, new["id"])
    return str(new["id"])


def describe(place: Workplace, actor: Actor, case_id: str, described: Description, version: int) -> None:
    """Change a use case's description. Raises ConflictError when it is not as it was read."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        found = cases.case(unit.connection, unit.org, case_id)
        if found is None:
            raise NotFoundError
        _check(unit, described)
        new = described.columns()
        changed = sorted(name for name, value in new.items() if getattr(found, name) != value)
        cases.change_case(unit.connection, unit.org, case_id, version, **new, changed_at=unit.now)
        unit.log("case.described", case_id, fields=changed)


def put_away(place: Workplace, actor: Actor, case_id: str, *, away: bool) -> None:
    """Put a use case into the archive, or take it out again; nothing of it is lost."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        found = cases.case(unit.connection, unit.org, case_id)
        if found is None:
            raise NotFoundError
        cases.change_case(unit.connection, unit.org, case_id, found.version, archived=away, changed_at=unit.now)
        unit.log("case.archived" if away else "case.restored", case_id)
        if not away:
            dossiers.refresh(place, unit, case_id)


def change_text(place: Workplace, actor: Actor, case_id: str, pack: str) -> None:
    """Assess a use case under another text of the law; answers stay, questions new there are open."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        if pack not in texts.offered(unit.connection, place, unit.org):
            raise RefusedError("unknown_choice", "pack")
        found = cases.case(unit.connection, unit.org, case_id)
        if found is None:
            raise NotFoundError
        if found.state not in OPEN_STATES:
            raise RefusedError("case_closed")
        cases.change_case(unit.connection, unit.org, case_id, found.version, pack=pack)
        unit.log("case.text_changed", case_id, before=found.pack, after=pack)
        dossiers.refresh(place, unit, case_id, changed_at=unit.now)

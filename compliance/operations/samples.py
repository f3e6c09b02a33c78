"""Samples: an auditor draws use cases once, and says of each what was looked at."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from compliance.evidence import drawing
from compliance.evidence.canonical import digest
from compliance.operations import dossiers
from compliance.operations.rights import Right
from compliance.operations.vocabulary import CASE_STATES, FUNCTIONS, SECTORS
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, SentTwiceError, Workplace, work
from compliance.storage import audit, audits, cases, organisations, people
from compliance.storage.audit import Wanted
from compliance.storage.audits import ListedItem, ListedSample, Sample
from compliance.storage.cases import Filter, Listed
from compliance.storage.rows import new_id
from compliance.text import Text

AT_MOST = 500
RANDOM = "random"
ORDERS: dict[str, Text] = {
    RANDOM: Text("au hasard", "at random"),
    "level": Text("niveau le plus élevé d'abord", "highest level first"),
    "assessed": Text("évaluation la plus ancienne d'abord, les jamais évalués en tête", "oldest assessment first"),
    "open": Text("plus de questions ouvertes d'abord", "most open questions first"),
    "reference": Text("ordre d'inscription", "order of entry"),
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which use cases may be drawn; None means all. ``reported``: with an issued report, or without."""

    level: str | None = None
    function: str | None = None
    sector: str | None = None
    site: str | None = None
    supplier: str | None = None
    state: str | None = None
    owner: str | None = None
    reported: bool | None = None

    def filter(self) -> Filter:
        """Return the criteria that the inventory knows too."""
        return Filter(
            level=self.level,
            function=self.function,
            sector=self.sector,
            site=self.site,
            supplier=self.supplier,
            state=self.state,
            owner=self.owner,
        )


@dataclass(frozen=True, slots=True)
class OpenSample:
    """A sample with its items, and whether it is as it was drawn.

    ``again`` tells whether drawing it again gives the same use cases, ``line`` is the number of the line of the log
    that names the same seed, population and use cases.
    """

    sample: Sample
    person: str
    items: list[ListedItem]
    again: bool | None  # None where nothing was drawn by lot
    line: int | None  # None where the log says otherwise


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One item with its neighbours in the sample."""

    sample: Sample
    listed: ListedItem
    before: str | None
    after: str | None
    size: int


def _may_see(actor: Actor, sample: Sample) -> bool:
    """Tell whether a sample lies within the actor's bounds: it was drawn among the one site's use cases."""
    return actor.site_id is None or sample.criteria["filter"]["site"] == actor.site_id


def _population(connection: Connection, actor: Actor, criteria: Criteria) -> list[Listed]:
    """Return the use cases that may be drawn, by reference, within the actor's bounds."""
    found = cases.listed(connection, actor.org_id, dossiers.bounded(actor, criteria.filter()))
    if criteria.reported is None:
        return found
    reported = audits.reported(connection, actor.org_id)
    return [item for item in found if (item.case.id in reported) is criteria.reported]


def population(place: Workplace, actor: Actor, criteria: Criteria) -> int:
    """Return how many use cases may be drawn."""
    actor.require(Right.AUDIT)
    with place.database.reading(actor.org_id) as connection:
        return len(_population(connection, actor, criteria))


def _sorting(place: Workplace, connection: Connection, org: str, order: str) -> Callable[[Listed], Any]:
    ranks = {level.id: at for at, level in enumerate(place.library.law(place.library.default).pack.levels)}
    assessed = audits.last_assessed(connection, org)
    keys: dict[str, Callable[[Listed], Any]] = {
        "level": lambda item: (ranks.get(item.case.possible[0], 0), item.case.reference),
        "assessed": lambda item: (assessed.get(item.case.id, date.min), item.case.reference),
        "open": lambda item: (-item.case.open_count, item.case.reference),
        "reference": lambda item: item.case.reference,
    }
    return keys[order]


def _words(connection: Connection, org: str, criteria: Criteria) -> dict[str, str]:
    """Return the names of what a criterion points to, as they are on the day of the draw."""
    found = {}
    for name, value, named in (
        ("site", criteria.site, organisations.sites),
        ("supplier", criteria.supplier, organisations.suppliers),
    ):
        if value is not None:
            found[name] = next((item.name for item in named(connection, org) if item.id == value), None)
    if criteria.owner is not None:
        members = people.members(connection, org)
        found["owner"] = next((item.name for item in members if item.person_id == criteria.owner), None)
    for name, chosen in found.items():
        if chosen is None:
            raise RefusedError("unknown_choice", name)
    return {name: chosen for name, chosen in found.items() if chosen}


def _check(place: Workplace, criteria: Criteria, order: str) -> None:
    levels = {level.id for level in place.library.law(place.library.default).pack.levels} | {"open"}
    for name, value, known in (
        ("level", criteria.level, levels),
        ("function", criteria.function, FUNCTIONS),
        ("sector", criteria.sector, SECTORS),
        ("state", criteria.state, CASE_STATES),
        ("order", order, ORDERS),
    ):
        if value is not None and value not in known:
            raise RefusedError("unknown_choice", name)


def draw(
    place: Workplace, actor: Actor, name: str, criteria: Criteria, *, size: int | None, order: str, key: str | None
) -> str:
    """Draw a sample: ``size`` use cases, or all; return its id.

    The seed of a lot is made here, after the criteria are fixed, and kept. ``key`` is an id that the form was given:
    sent twice, it draws once.
    """
    actor.require(Right.AUDIT)
    _check(place, criteria, order)
    if actor.site_id is not None:
        criteria = Criteria(**{**asdict(criteria), "site": actor.site_id})
    id_ = key or new_id()
    with suppress(SentTwiceError), work(place, actor) as unit:
        if audits.sample(unit.connection, unit.org, id_):
            raise SentTwiceError
        words = _words(unit.connection, unit.org, criteria)
        found = _population(unit.connection, actor, criteria)
        count = len(found) if size is None else size
        if not found:
            raise RefusedError("nobody_to_draw", "size")
        if count > len(found):
            raise RefusedError("too_few", "size", count=len(found))
        if not 1 <= count <= AT_MOST:
            raise RefusedError("sample_size", "size", most=AT_MOST)
        seed = secrets.token_hex(16) if order == RANDOM else ""
        if seed:
            drawn = [found[at] for at in drawing.draw(seed, len(found), count)]
        else:
            drawn = sorted(found, key=_sorting(place, unit.connection, unit.org, order))[:count]
        references = [item.case.reference for item in found]
        audits.add_sample(
            unit.connection,
            unit.org,
            [{"id": new_id(), "case_id": item.case.id, "place": at} for at, item in enumerate(drawn, 1)],
            id=id_,
            name=name,
            criteria={
                "filter": asdict(criteria),
                "words": words,
                "asked": size,
                "order": order,
                "references": references,
            },
            seed=seed,
            population=len(found),
            person_id=actor.person_id,
            at=unit.now,
        )
        unit.log(
            "sample.drawn",
            id_,
            criteria={name: value for name, value in asdict(criteria).items() if value is not None},
            order=order,
            seed=seed,
            population=len(found),
            population_digest=digest(references),
            size=count,
            drawn_digest=digest([item.case.id for item in drawn]),
        )
    return id_


def samples(place: Workplace, actor: Actor) -> list[ListedSample]:
    """Return the samples within the actor's bounds, the newest first."""
    actor.require(Right.AUDIT)
    with place.database.reading(actor.org_id) as connection:
        return [item for item in audits.samples(connection, actor.org_id) if _may_see(actor, item.sample)]


def _sample(connection: Connection, actor: Actor, id_: str) -> Sample:
    found = audits.sample(connection, actor.org_id, id_)
    if found is None or not _may_see(actor, found):
        raise NotFoundError
    return found


def drawn_again(sample: Sample, items: list[ListedItem]) -> bool | None:
    """Draw a sample again from its seed and its population, and tell whether the same use cases come out."""
    if not sample.seed:
        return None
    references = sample.criteria["references"]
    again = [references[at] for at in drawing.draw(sample.seed, len(references), len(items))]
    return again == [item.case.reference for item in items]


def _line(connection: Connection, org: str, sample: Sample, items: list[ListedItem]) -> int | None:
    drawn = (sample.seed, digest(sample.criteria["references"]), digest([item.case.id for item in items]))
    for entry in audit.entries(connection, org, Wanted(kind="sample.drawn", subject=sample.id)):
        if drawn == tuple(entry.detail.get(name) for name in ("seed", "population_digest", "drawn_digest")):
            return entry.seq
    return None


def sample(place: Workplace, actor: Actor, id_: str) -> OpenSample:
    """Return a sample with its items; those that left the actor's site since are not shown."""
    actor.require(Right.AUDIT)
    with place.database.reading(actor.org_id) as connection:
        found = _sample(connection, actor, id_)
        items = audits.items(connection, actor.org_id, sample_id=id_)
        person = people.person(connection, id=found.person_id)
        line = _line(connection, actor.org_id, found, items)
    shown = [item for item in items if dossiers.within(actor, item.case)]
    return OpenSample(found, person.name if person else "", shown, drawn_again(found, items), line)


def _item(connection: Connection, actor: Actor, id_: str) -> tuple[Sample, ListedItem]:
    found = audits.items(connection, actor.org_id, id=id_, site=actor.site_id)
    if not found:
        raise NotFoundError
    return _sample(connection, actor, found[0].item.sample_id), found[0]


def item(place: Workplace, actor: Actor, id_: str) -> OpenItem:
    """Return one use case of a sample."""
    actor.require(Right.AUDIT)
    with place.database.reading(actor.org_id) as connection:
        sample_, found = _item(connection, actor, id_)
        others = audits.items(connection, actor.org_id, sample_id=sample_.id, site=actor.site_id)
    at = next(at for at, other in enumerate(others) if other.item.id == id_)
    return OpenItem(
        sample_,
        found,
        others[at - 1].item.id if at else None,
        others[at + 1].item.id if at + 1 < len(others) else None,
        len(others),
    )


def look(place: Workplace, actor: Actor, id_: str, version: int, text: str) -> None:
    """Record what was looked at in one use case of a sample. Raises ConflictError."""
    actor.require(Right.AUDIT)
    standing = item(place, actor, id_).listed.item
    if (standing.looked_at, standing.looked_by) == (text, actor.person_id):
        return  # sent twice
    with work(place, actor) as unit:
        _, found = _item(unit.connection, actor, id_)
        audits.change_item(
            unit.connection,
            unit.org,
            id_,
            version,
            looked_at=text,
            looked_by=actor.person_id if text else None,
            looked_on=unit.now if text else None,
        )
        unit.log("sample.looked", found.case.id, sample=found.item.sample_id, item=id_, signs=len(text))

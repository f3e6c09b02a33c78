"""What a change of the law does to the use cases at hand: counted, listed, handed out."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from compliance.assessment import portfolio as replaying
from compliance.assessment.freeze import text
from compliance.assessment.portfolio import Changed, Impact, Levels, Portfolio
from compliance.law.compiling import Program
from compliance.law.model import Pack
from compliance.operations import dossiers
from compliance.reports.sheets import Cell, Sheet, to_csv, to_xlsx
from compliance.storage import portfolio as stored
from compliance.storage.portfolio import Rows
from compliance.text import Text

_LISTED = 50
Programs = Callable[[str], Program]


@dataclass(frozen=True, slots=True)
class Group:
    """Use cases of one organisation under one version of a text, with their answers as bit sets."""

    org: str
    pack: str
    rows: Sequence[int]  # places in ``Gathered.rows``
    portfolio: Portfolio
    common: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every use case under a text, ready to be replayed under any program."""

    rows: Rows
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does, group by group."""

    gathered: Gathered
    parts: tuple[tuple[Group, Impact], ...]

    @property
    def cases(self) -> int:
        """How many use cases were replayed."""
        return sum(impact.count for _, impact in self.parts)

    def changed(self) -> Iterator[tuple[int, Changed]]:
        """Yield every use case that changes: its place in the rows, and how."""
        for group, impact in self.parts:
            for change in impact.rows():
                yield group.rows[change.row], change


def gather(connection: Connection, family: str, org: str | None = None) -> Gathered:
    """Read the use cases under a text, of one organisation or of all."""
    with _nothing_collected():
        return _gathered(connection, family, org)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep the collector from looking again and again at rows that all stay: a million are read in 16 s, not in 22."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _gathered(connection: Connection, family: str, org: str | None) -> Gathered:
    rows = stored.of_family(connection, family, org)
    places: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(zip(rows.orgs, rows.packs, strict=True)):
        places.setdefault(key, []).append(place)
    common = {owner: dossiers.common_answers(connection, owner) for owner in dict.fromkeys(key[0] for key in places)}
    groups = tuple(
        Group(owner, pack, found, replaying.gather([rows.known[place] for place in found]), common[owner])
        for (owner, pack), found in places.items()
    )
    return Gathered(rows, groups)


def effect(gathered: Gathered, before: Programs, after: Program, seconds: float) -> Effect:
    """Replay every use case under its own text and under the new one; ``seconds`` bound what the solver may take."""
    until = monotonic() + seconds
    parts = []
    for group in gathered.groups:
        old = replaying.replay(before(group.pack), group.portfolio, group.common)
        new = replaying.replay(after, group.portfolio, group.common)
        parts.append((group, replaying.difference(old, new, group.portfolio, lambda: monotonic() < until)))
    return Effect(gathered, tuple(parts))


def data(found: Effect, pack: Pack, old: Pack) -> dict[str, Any]:
    """Return an effect as plain data in words: counts, and the first use cases that change."""
    levels: Counter[tuple[Levels, Levels]] = Counter()
    duties: dict[str, list[int]] = {}
    for _, impact in found.parts:
        levels += replaying.levels_counted(impact)
        for duty in impact.duties:
            counts = duties.setdefault(duty.id, [0, 0, 0])
            for place, bits in enumerate((duty.comes, duty.goes, duty.moves)):
                counts[place] += bits.bit_count()
    ordered = sorted(duties.items(), key=lambda item: -sum(item[1]))
    return {
        "cases": found.cases,
        "levels": [{"before": a, "after": b, "count": count} for (a, b), count in levels.most_common()],
        "duties": [
            {"id": id_, "title": text(_action(id_, pack, old)), "comes": c[0], "goes": c[1], "moves": c[2]}
            for id_, c in ordered
        ],
        "changed": sum(impact.changed.bit_count() for _, impact in found.parts),
        "undecided": sum(impact.undecided.bit_count() for _, impact in found.parts),
        "listed": [_line(found.gathered.rows, place, change) for place, change in islice(found.changed(), _LISTED)],
    }


def _action(id_: str, *packs: Pack) -> Text:
    return next((p.obligations[id_].action for p in packs if id_ in p.obligations), Text(id_, id_))


def _line(rows: Rows, place: int, change: Changed) -> dict[str, Any]:
    return {
        "case_id": rows.ids[place],
        "reference": rows.references[place],
        "name": rows.names[place],
        "before": change.before,
        "after": change.after,
        "comes": change.comes,
        "goes": change.goes,
        "moves": change.moves,
    }


_HEAD = (
    "N° / No.",
    "Cas d'usage / Use case",
    "Niveau avant / Level before",
    "Niveau après / Level after",
    "Obligations nouvelles / New duties",
    "Obligations supprimées / Duties gone",
    "Échéances déplacées / Dates moved",
)


def sheet(found: Effect, pack: Pack, old: Pack, form: str) -> bytes:
    """Return every use case that changes as "csv" or "xlsx", in both languages."""
    titles = {level.id: level.title for one in (old, pack) for level in one.levels}

    def named(levels: Levels) -> str:
        both = (titles.get(level, Text(level, level)) for level in levels)
        return ", ".join(f"{title.fr} / {title.en}" for title in both) or "="

    def actions(ids: Sequence[str]) -> str:
        return "\n".join(f"{said.fr} / {said.en}" for said in (_action(id_, pack, old) for id_ in ids))

    rows: list[list[Cell]] = [
        [
            found.gathered.rows.references[place],
            found.gathered.rows.names[place],
            named(change.before),
            named(change.after),
            actions(change.comes),
            actions(change.goes),
            actions(change.moves),
        ]
        for place, change in found.changed()
    ]
    if form == "csv":
        return to_csv(_HEAD, rows)
    return to_xlsx([Sheet("Impact", _HEAD, rows)], on=datetime(2000, 1, 1, tzinfo=UTC))

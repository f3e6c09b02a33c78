"""What the pages of a questionnaire show: sections at the left, the state of the pyramid at the right."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.assessment.explain import not_reached, reasons
from compliance.assessment.interview import effects_of
from compliance.assessment.outcome import Effect, NotReached, Reason
from compliance.assessment.progress import Reading
from compliance.assessment.state import reading_order
from compliance.law.model import Fact, Level, Section
from compliance.law.terms import FactScope
from compliance.operations import dossiers
from compliance.operations.dossiers import Dossier
from compliance.web.here import place


@dataclass(frozen=True, slots=True)
class SectionState:
    """A section at the left: what is answered, what is open."""

    section: Section
    answered: int
    open: int


@dataclass(frozen=True, slots=True)
class Panel:
    """The right side: where the use case stands, why, and what matters most."""

    possible: tuple[str, ...]
    decided: Level | None
    reasons: tuple[Reason, ...]
    ruled_out: tuple[NotReached, ...]
    left_for_level: int
    left: int
    presumed: int
    deciding: Fact | None
    effects: tuple[Effect, ...]


def sections(dossier: Dossier, reading: Reading) -> list[SectionState]:
    """Return the sections of the questionnaire that have something to show, in their order."""
    pack, open_ = dossier.law.pack, reading.open
    answered: dict[str, int] = {}
    left: dict[str, int] = {}
    for fact in dossier.answers:
        section = pack.facts[fact].section
        answered[section] = answered.get(section, 0) + 1
    for fact in open_ - dossier.answers.keys():
        section = pack.facts[fact].section
        left[section] = left.get(section, 0) + 1
    return [
        SectionState(section, answered.get(section.id, 0), left.get(section.id, 0))
        for section in sorted(pack.sections.values(), key=lambda item: item.order)
        if not section.beyond and (section.id in answered or section.id in left)
    ]


def beside(dossier: Dossier, reading: Reading) -> frozenset[str]:
    """Return the questions beside the Act that are asked of one use case, not once for all."""
    pack = dossier.law.pack
    return frozenset(
        fact for fact in reading.beyond if fact not in pack.controls or pack.controls[fact].of is FactScope.USE_CASE
    )


def panel(dossier: Dossier) -> Panel:
    """Return the right side; what each answer to the most telling question would do is exact."""
    reading = dossiers.reading(place(), dossier)
    state = dossier.law.state(dossier.facts)
    levels = dossier.law.pack.levels
    decided = next((level for level in levels if reading.possible == (level.id,)), None)
    summary = dossiers.summary(place(), dossier.law, dossier.facts)
    deciding = dossier.law.pack.facts[summary.deciding_fact] if summary.deciding_fact and not decided else None
    highest = min(level.rank for level in levels if level.id in reading.possible)
    out = [level for level in levels if level.id not in reading.possible and level.rank < highest]
    return Panel(
        reading.possible,
        decided,
        reasons(state, decided.when) if decided else (),
        tuple(found for level in out if (found := not_reached(state, level))),
        len(set(reading.for_level) - dossier.passed),
        len(reading.open - dossier.passed),
        len(dossier.presumed & dossier.facts.values.keys()),
        deciding,
        effects_of(state, deciding.id) if deciding else (),
    )


def next_fact(dossier: Dossier, reading: Reading, after: str | None = None) -> str | None:
    """Return the question to show: presumed answers and open questions, those of the level first.

    ``after`` is the question just left: what comes next does not jump back over it without need.
    """
    pack = dossier.law.pack
    left = reading_order(pack, after) if after else None

    def turn(fact: str) -> tuple[bool, tuple[int, int, str]]:
        order = reading_order(pack, fact)
        return left is not None and order <= left, order

    first = {*(dossier.presumed & dossier.facts.values.keys()), *reading.for_level} - dossier.passed
    return min(first or set(reading.for_rest) - dossier.passed, key=turn, default=None)


def previous_fact(dossier: Dossier, reading: Reading, fact: str) -> str | None:
    """Return the question before one, among those answered or open."""
    pack = dossier.law.pack
    here = reading_order(pack, fact)
    earlier = [id_ for id_ in reading.open | dossier.answers.keys() if reading_order(pack, id_) < here]
    return max(earlier, key=lambda id_: reading_order(pack, id_), default=None)

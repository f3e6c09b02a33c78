"""The same answers under another text; the same use case on another day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from compliance.assessment.outcome import DueObligation, Outcome
from compliance.law.model import Pack
from compliance.operations import texts
from compliance.operations.dossiers import Dossier
from compliance.operations.workplace import Workplace
from compliance.storage.answers import Event


@dataclass(frozen=True, slots=True)
class DutyPair:
    """One duty under two texts; None where a text does not have it."""

    here: DueObligation | None
    there: DueObligation | None


@dataclass(frozen=True, slots=True)
class OtherText:
    """How the use case stands under another text of the law."""

    pack: Pack
    possible: tuple[str, ...]
    differs: bool
    duties: tuple[DutyPair, ...]  # those that differ in being owed, or in their date


def _pairs(here: Outcome, there: Outcome) -> tuple[DutyPair, ...]:
    ours = {item.id: item for item in here.obligations}
    theirs = {item.id: item for item in there.obligations}
    found = [DutyPair(ours.get(id_), theirs.get(id_)) for id_ in dict.fromkeys((*ours, *theirs))]
    return tuple(
        pair
        for pair in found
        if pair.here is None or pair.there is None or pair.here.applies_from != pair.there.applies_from
    )


def between_texts(place: Workplace, dossier: Dossier) -> list[OtherText]:
    """Return how the answers fare under each other text."""
    today = place.today()
    here = place.library.outcome(dossier.law, dossier.facts, today)
    found = []
    for name in place.library.names():
        if name == texts.family(dossier.case.pack):  # versions of the same text are what re-assessing is about
            continue
        law = place.library.law(name)
        values = {fact: value for fact, value in _raw(dossier).items() if fact in law.pack.facts}
        there = place.library.outcome(law, law.facts(values), today)
        pairs = _pairs(here, there)
        found.append(OtherText(law.pack, there.level.possible, there.level.possible != here.level.possible, pairs))
    return found


def _raw(dossier: Dossier) -> dict[str, object]:
    return {fact: answer.value for fact, answer in dossier.answers.items() if not answer.unknown}


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One question answered otherwise on two days."""

    fact: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class DayDifference:
    """What changed between two days: the answers, and what follows from them."""

    levels_before: tuple[str, ...]
    levels_after: tuple[str, ...]
    answers: tuple[AnswerChange, ...]
    came: tuple[DueObligation, ...]
    went: tuple[DueObligation, ...]


def _as_of(events: list[Event], day: date) -> dict[str, object]:
    """Return the answers that stood at the end of a day."""
    end = datetime.combine(day, time.max, UTC)
    standing: dict[str, object] = {}
    for event in sorted((e for e in events if e.at <= end), key=lambda e: (e.at, e.version)):
        standing[event.fact] = event.value if not event.unknown else None
    return {fact: value for fact, value in standing.items() if value is not None}


def between_dates(place: Workplace, dossier: Dossier, events: list[Event], before: date, after: date) -> DayDifference:
    """Compare the use case on two days, each judged as of its day under the text that it now names.

    Answers about the organisation count as they stand today on both days.
    """
    law = dossier.law
    common = {fact: value for fact, value in _raw(dossier).items() if dossier.answers[fact].subject != dossier.case.id}
    sides: list[tuple[Mapping[str, object], Outcome]] = []
    for day in (before, after):
        values = {fact: value for fact, value in _as_of(events, day).items() if fact in law.pack.facts}
        sides.append((values, place.library.outcome(law, law.facts({**common, **values}), day)))
    (old, was), (new, now) = sides
    owed_then, owed_now = {o.id for o in was.obligations}, {o.id for o in now.obligations}
    return DayDifference(
        was.level.possible,
        now.level.possible,
        tuple(
            AnswerChange(fact, old.get(fact), new.get(fact))
            for fact in dict.fromkeys((*old, *new))
            if old.get(fact) != new.get(fact)
        ),
        tuple(o for o in now.obligations if o.id not in owed_then),
        tuple(o for o in was.obligations if o.id not in owed_now),
    )

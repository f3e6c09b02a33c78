"""What a list of use cases shows of each: levels, what is open, what is owed and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.assessment import beyond, due_dates
from compliance.assessment.action_plan import first_day, gaps, proposed_due
from compliance.assessment.facts import Facts
from compliance.assessment.interview import most_narrowing
from compliance.assessment.outcome import DueState, Truth
from compliance.assessment.progress import Reading
from compliance.assessment.state import owed, run
from compliance.law.compiling import Program
from compliance.law.model import Nature
from compliance.law.terms import FactScope


@dataclass(frozen=True, slots=True)
class Summary:
    """The short form of an outcome."""

    possible: tuple[str, ...]
    open_for_level: int
    open_count: int
    deciding_fact: str | None  # the open question that narrows the range most
    duties: tuple[tuple[str, date | None], ...]  # owed for certain, with the day proposed to be done by
    next_due: date | None  # the first day on which a duty applies, from the day of assessment on
    gaps: tuple[tuple[str, date], ...] = ()  # of its own controls, by key of the plan, with the day proposed


def summarise(program: Program, facts: Facts, on: date, reading: Reading) -> Summary:
    """Return the summary of a use case whose questionnaire stands at ``reading``; the range is exact."""
    state = run(program, facts)
    pack = program.pack
    duties: list[tuple[str, date | None]] = []
    days: list[date] = []
    for obligation in pack.obligations.values():
        if obligation.nature not in (Nature.DUTY, Nature.EVENT) or owed(state, obligation) is not Truth.TRUE:
            continue
        due = due_dates.due(state, pack.deadlines[obligation.deadline], on)
        if due.state is DueState.NEVER:
            continue
        duties.append((obligation.id, proposed_due(obligation.nature, due, on)))
        if (day := first_day(due)) and day >= on:
            days.append(day)
    return Summary(
        reading.possible,
        len(reading.for_level),
        len(reading.open),
        most_narrowing(state, reading.for_level, reading.possible),
        tuple(duties),
        min(days, default=None),
        tuple(gaps(beyond.concerns(state), FactScope.USE_CASE, on).items())
        if not pack.controls.keys().isdisjoint(facts.values)  # most use cases place none
        else (),
    )

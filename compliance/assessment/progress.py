"""Where a questionnaire stands: what is open, answered, set aside, and what to ask next."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.assessment.facts import Facts
from compliance.assessment.interview import open_beyond, open_for_level, open_for_rest
from compliance.assessment.state import possible_levels, reading_order, run
from compliance.law.compiling import Program
from compliance.law.model import Pack


@dataclass(frozen=True, slots=True)
class Reading:
    """What is open in a questionnaire; facts in reading order."""

    possible: tuple[str, ...]
    for_level: tuple[str, ...]
    for_rest: tuple[str, ...]  # those that can change a role, a finding or an obligation, not the level
    beyond: tuple[str, ...] = ()  # those that only other regimes and the concerns beyond the Act ask for

    @property
    def open(self) -> frozenset[str]:
        """Every question whose answer can still change something."""
        return frozenset((*self.for_level, *self.for_rest))


def read(program: Program, facts: Facts) -> Reading:
    """Return where a questionnaire stands with these answers."""
    state = run(program, facts)
    level = open_for_level(state)
    rest = open_for_rest(state) - level
    beyond = open_beyond(state) - level - rest
    pack = program.pack
    return Reading(possible_levels(state), ordered(pack, level), ordered(pack, rest), ordered(pack, beyond))


def ordered(pack: Pack, facts: set[str]) -> tuple[str, ...]:
    """Return facts in reading order."""
    return tuple(sorted(facts, key=lambda fact: reading_order(pack, fact)))


def counts(program: Program, facts: Facts, fact: str) -> bool:
    """Tell whether an answer counts: without it, its question could still change something."""
    state = run(program, facts.with_answer(fact, None), leave=fact)
    return any(fact in asked(state) for asked in (open_for_level, open_for_rest, open_beyond))

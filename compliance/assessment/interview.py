"""Which questions still matter, in which order, and what each answer would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from compliance.assessment.deriving import fill, settle
from compliance.assessment.facts import Facts, Partial, bits, truth_of
from compliance.assessment.outcome import AnswerValue, Effect, OpenQuestion, Truth
from compliance.assessment.state import State, open_facts, owed, reading_order, run, settled, truth
from compliance.assessment.wording import answer_text
from compliance.law import proving
from compliance.law.compiling import Atom, Program, all_conditions
from compliance.law.model import Fact
from compliance.law.terms import Condition, FactType, Group, GroupKind

Changes = tuple[tuple[str, AnswerValue], ...]
"""Answers to put in the place of those given."""
NOT_ACT = frozenset(("derivation", "regime", "regime_duty", "control", "training", "supply"))
"""Kinds of conditions on which no level, finding or obligation of the Act depends."""


def open_for_level(state: State) -> set[str]:
    """Return the facts that can still change the level."""
    pack = state.program.pack
    if any(state.slot("is", level.id) is Truth.TRUE for level in pack.levels):
        return set()
    seen: set[str] = set()
    found: set[str] = set()
    for level in pack.levels:
        if level.when is not None:
            found |= open_facts(state, level.when, seen)
    return _with_trade(state, found)


def open_for_rest(state: State) -> set[str]:
    """Return the facts that can still change a role, a finding, or an obligation, with its date and fine."""
    pack, seen = state.program.pack, set[str]()
    found: set[str] = set()
    wanted: set[str] = set()
    for finding in pack.findings.values():
        if state.slot("finding", finding.id) is not Truth.FALSE and finding.deadline:
            wanted.add(finding.deadline)
    for obligation in pack.obligations.values():
        if owed(state, obligation) is not Truth.FALSE:
            wanted |= {obligation.deadline, f"fine {obligation.penalty}"}
    for (kind, id_), condition in all_conditions(pack).items():
        asked = {"deadline": id_.partition("/")[0], "percent": f"fine {id_}", "lower": f"fine {id_}"}.get(kind)
        if kind == "obligation" and owed(state, pack.obligations[id_]) is Truth.FALSE:
            continue
        if kind not in NOT_ACT and kind != "level" and (asked is None or asked in wanted):
            found |= open_facts(state, condition, seen)
    return _with_trade(state, found)


def open_beyond(state: State) -> set[str]:
    """Return the facts that other regimes, controls and training still ask for."""
    pack, seen = state.program.pack, set[str]()
    found: set[str] = set()
    for (kind, id_), condition in all_conditions(pack).items():
        if kind not in NOT_ACT or kind in ("derivation", "supply"):
            continue
        if kind == "regime_duty" and state.slot("regime", pack.regime_duties[id_].regime) is Truth.FALSE:
            continue
        found |= open_facts(state, condition, seen)
    concerned = (
        id_
        for id_, control in pack.controls.items()
        if control.when is None or state.slot("control", id_) is not Truth.FALSE
    )
    return found | {id_ for id_ in concerned if id_ not in state.facts.values}


def _with_trade(state: State, wanted: set[str]) -> set[str]:
    """Return questions with those of a trade from whose answers one of theirs may follow."""
    pack, found = state.program.pack, set(wanted)
    waiting = [
        derivation
        for derivation in pack.derivations.values()
        if state.slot("derivation", derivation.id) is Truth.UNKNOWN
    ]
    while useful := [derivation for derivation in waiting if not found.isdisjoint(derivation.gives)]:
        waiting = [derivation for derivation in waiting if found.isdisjoint(derivation.gives)]
        for derivation in useful:
            found |= _first_open(state, derivation.when)
    return found


def _first_open(state: State, condition: Condition) -> set[str]:
    """Return what to ask of a condition first: of parts that must all hold, only the first that is open."""
    if isinstance(condition, Group) and condition.kind is GroupKind.ALL:
        for part in condition.parts:
            if truth(state, part) is Truth.UNKNOWN:
                return _first_open(state, part)
    return open_facts(state, condition, set())


def next_question(state: State, skipped: frozenset[str] = frozenset()) -> str | None:
    """Return the fact to ask next: those that decide the level first, in reading order; None at the end.

    ``skipped`` are the facts that the person could not answer.
    """
    for wanted in (open_for_level(state) - skipped, open_for_rest(state) - skipped):
        if wanted:
            return min(wanted, key=lambda fact: reading_order(state.program.pack, fact))
    return None


def candidates(program: Program, fact: Fact) -> tuple[AnswerValue, ...]:
    """Return the answers that tell the sides of every condition apart, in reading order."""
    match fact.type:
        case FactType.BOOLEAN:
            return (True, False)
        case FactType.CHOICE:
            return tuple(option.id for option in fact.options)
        case FactType.CHOICES:
            return ((), *((option.id,) for option in fact.options))
        case FactType.DATE:
            values = {program.atoms[n].value for n in program.by_fact.get(fact.id, ())}
            days = sorted(value for value in values if isinstance(value, date))
            return (*(day - timedelta(days=1) for day in days), *days[-1:])
        case FactType.NUMBER:
            values = {program.atoms[n].value for n in program.by_fact.get(fact.id, ())}
            numbers = sorted(value for value in values if isinstance(value, Decimal))
            below = [number - 1 for number in numbers[:1] if fact.minimum is None or number - 1 >= fact.minimum]
            return (*below, *numbers, *(number + 1 for number in numbers[-1:]))
        case _:
            return ()


def ranges(program: Program, given: Facts, changes: Sequence[Changes]) -> list[tuple[str, ...]]:
    """Return the levels possible by Kleene's logic after each of the changes to some answers, all in one run."""
    mask = (1 << len(changes)) - 1
    true, false = ([mask * bit for bit in side] for side in bits(program, given))
    for case, changed in enumerate(changes):
        bit = 1 << case
        for fact, value in changed:
            for number in program.by_fact.get(fact, ()):
                said = truth_of(program.atoms[number], value)
                true[number] = true[number] | bit if said else true[number] & ~bit
                false[number] = false[number] | bit if said is False else false[number] & ~bit
    fill(program, true, false, mask)
    _, no = program.levels(true, false, mask)
    ids = [level.id for level in program.pack.levels]
    return [tuple(id_ for id_, b in zip(ids, no, strict=True) if not b >> case & 1) for case in range(len(changes))]


def _exact(state: State, asked: list[tuple[str, AnswerValue]], found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the ranges after each answer made exact; a partial answer keeps Kleene's range."""
    steps = {
        number: (_said(state, fact, answer), levels)
        for number, ((fact, answer), levels) in enumerate(zip(asked, found, strict=True))
        if len(levels) > 1 and fact not in state.facts.values
    }
    if not steps:
        return found
    exact = dict(zip(steps, proving.possible_after(state.program, settled(state), list(steps.values())), strict=True))
    return [exact.get(number, levels) for number, levels in enumerate(found)]


def _said(state: State, fact: str, answer: AnswerValue) -> dict[Atom, bool]:
    """Return what an answer to an open question says of atoms, what follows from it included."""
    program, values = state.program, state.facts.values
    after = settle(program, state.given.with_answer(fact, answer))[0].values if program.derived else {fact: answer}
    return {
        program.atoms[number]: said
        for name, value in after.items()
        if name not in values
        for number in program.by_fact.get(name, ())
        if (said := truth_of(program.atoms[number], value)) is not None
    }


def open_questions(state: State, possible: tuple[str, ...], *, exact: bool = True) -> tuple[OpenQuestion, ...]:
    """Return the questions that matter: those of the level first, by how much they narrow the range."""
    program, pack = state.program, state.program.pack
    for_level = open_for_level(state)
    rest = open_for_rest(state) - for_level
    asked = [
        (fact, answer)
        for fact in sorted(for_level, key=lambda f: reading_order(program.pack, f))
        for answer in candidates(program, pack.facts[fact])
    ]
    found = ranges(program, state.given, [(one,) for one in asked])
    if exact:
        found = _exact(state, asked, found)
    effects: dict[str, list[Effect]] = {}
    for (fact, answer), levels in zip(asked, found, strict=True):
        effects.setdefault(fact, []).append(Effect(answer, answer_text(pack.facts[fact], answer), levels))
    questions = [_question(state, fact, tuple(effects.get(fact, ())), possible, matters=True) for fact in for_level]
    questions += [_question(state, fact, (), possible, matters=False) for fact in rest]
    return tuple(
        sorted(questions, key=lambda q: (not q.matters_to_level, -q.narrowing, reading_order(program.pack, q.fact)))
    )


def most_narrowing(state: State, facts: Sequence[str], possible: tuple[str, ...]) -> str | None:
    """Return the question whose answers leave the fewest levels on average, by Kleene's logic; None if none does."""
    program = state.program
    asked = [(fact, answer) for fact in facts for answer in candidates(program, program.pack.facts[fact])]
    left: dict[str, list[int]] = {}
    for (fact, _), levels in zip(asked, ranges(program, state.given, [(one,) for one in asked]), strict=True):
        left.setdefault(fact, []).append(sum(level in possible for level in levels))
    return min(left, key=lambda fact: sum(left[fact]) / len(left[fact]), default=None)


def effects_of(state: State, fact: str) -> tuple[Effect, ...]:
    """Return what each answer to one question would leave possible, exactly."""
    asked = [(fact, answer) for answer in candidates(state.program, state.program.pack.facts[fact])]
    found = ranges(state.program, state.given, [(one,) for one in asked])
    return tuple(
        Effect(answer, answer_text(state.program.pack.facts[fact], answer), levels)
        for (_, answer), levels in zip(asked, _exact(state, asked, found), strict=True)
    )


def _question(
    state: State, id_: str, effects: tuple[Effect, ...], possible: tuple[str, ...], *, matters: bool
) -> OpenQuestion:
    fact = state.program.pack.facts[id_]
    narrowing = 0.0
    if effects and len(possible) > 1:
        narrowing = sum(len(possible) - len(effect.possible) for effect in effects) / len(effects) / (len(possible) - 1)
    return OpenQuestion(id_, fact.question, fact.cite, fact.section, matters, effects, round(narrowing, 3))


def answered(program: Program, facts: Facts) -> tuple[list[str], Facts]:
    """Return the questions that an interview would ask to a decided level when these are the answers."""
    given: Facts = Facts({})
    asked: list[str] = []
    while True:
        state = run(program, given)
        wanted = [fact for fact in open_for_level(state) if fact not in asked]
        if not wanted:
            return asked, given
        fact = min(wanted, key=lambda f: reading_order(program.pack, f))
        asked.append(fact)
        value = facts.values.get(fact)
        if value is not None and not isinstance(value, Partial):
            given = given.with_answer(fact, value)

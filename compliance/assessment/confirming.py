"""A change that the solver found, held against the evaluator."""

from __future__ import annotations

from datetime import date

from compliance.assessment.deriving import settle
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept_known
from compliance.assessment.outcome import Outcome
from compliance.law.compiling import Program
from compliance.law.meaning import Change

_ANY_DAY = date(2026, 1, 1)  # what is compared does not depend on the day of assessment


def confirm(before: Program, after: Program, change: Change) -> bool:
    """Tell whether the evaluator gives, of the change's example, what the change says of either side."""
    if change.situation is None:
        return True
    if change.kind == "derivation":
        return _follows(before, after, change)
    sides = []
    for program in (before, after):
        facts = accept_known(program.pack, change.situation.completion)
        sides.append(evaluate(program.pack, program, facts, _ANY_DAY, brief=True))
    if change.kind == "penalty":
        return _ceilings(before, change.id, sides[0]) != _ceilings(after, change.id, sides[1])
    return all(_says(outcome, change, word) for outcome, word in zip(sides, (change.before, change.after), strict=True))


def _follows(before: Program, after: Program, change: Change) -> bool:
    """Tell whether all that a derivation gives follows where it holds, and some of it does not under the other text.

    Each answer is left open for it: the example answers all questions, and what is answered does not follow.
    """
    holding, other = (after, before) if change.after else (before, after)
    assert change.situation
    answers = change.situation.completion
    gives = holding.pack.derivations[change.id].gives
    asked = {fact: value for fact, value in gives.items() if fact in holding.by_fact}

    def given(program: Program, fact: str) -> object:
        left = {name: answer for name, answer in answers.items() if name != fact}
        return settle(program, accept_known(program.pack, left))[0].values.get(fact)

    return all(given(holding, fact) == value for fact, value in asked.items()) and any(
        given(other, fact) != value for fact, value in asked.items()
    )


def _ceilings(program: Program, penalty: str, outcome: Outcome) -> set[object]:
    duties = program.pack.obligations
    return {repr(duty.penalty) for duty in outcome.obligations if duties[duty.id].penalty == penalty}


def _says(outcome: Outcome, change: Change, word: str) -> bool:
    if change.kind == "level":
        return outcome.level.value == word
    if change.kind == "date":
        days = {
            o.due.applies_from.isoformat() if o.due.applies_from else "never"
            for o in outcome.obligations
            if o.id in change.concerned
        }
        days |= {
            f.due.applies_from.isoformat() if f.due.applies_from else "never"
            for f in outcome.findings
            if f.id in change.concerned and f.due
        }
        return days == {word}
    held = {"role": outcome.roles, "finding": outcome.findings, "obligation": outcome.obligations}[change.kind]
    return (change.id in {entry.id for entry in held}) is bool(word)  # type: ignore[attr-defined]

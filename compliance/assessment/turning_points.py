"""The smallest changes of answers that would move the level, up or down."""

from __future__ import annotations

from itertools import combinations

from compliance.assessment.interview import candidates, ranges
from compliance.assessment.outcome import AnswerValue, Change, TurningPoint
from compliance.assessment.state import State, possible_levels, reading_order, run
from compliance.assessment.wording import answer_text
from compliance.law.model import Fact
from compliance.law.terms import FactType
from compliance.text import Text

MOST = 10
_MOST_OF_ONE = 2
_MOST_PAIRS = 4000
_WHOSE = frozenset(("system", "scope"))  # chapters on whether it is AI at all, on roles and on exclusions


def turning_points(state: State, level: str) -> tuple[TurningPoint, ...]:
    """Return at most ten turning points from a decided level: single changes first, the surest first."""
    program, pack = state.program, state.program.pack
    singles = [
        (fact, value)
        for fact in sorted(state.given.complete(), key=lambda f: reading_order(pack, f))
        if fact in program.by_fact
        for value in _others(state, pack.facts[fact])
    ]
    reached = ranges(program, state.given, [(one,) for one in singles])
    found = [
        _point(state, level, (change,), levels)
        for change, levels in zip(singles, reached, strict=True)
        if levels != (level,)
    ]
    if len(found) < MOST:
        found += _pairs(state, level, [s for s, levels in zip(singles, reached, strict=True) if levels == (level,)])
    ranks = {entry.id: entry.rank for entry in pack.levels}
    found.sort(key=lambda point: (len(point.changes), *_likely(state, point), not point.certain, ranks[point.level]))
    exact = (_made_exact(state, level, point) for point in _spread(found))
    return tuple(point for point in exact if point)


def _made_exact(state: State, level: str, point: TurningPoint) -> TurningPoint | None:
    """Return the point with the exact range after its changes, or None if the level stays after all."""
    if point.certain:
        return point
    facts = state.given
    for change in point.changes:
        facts = facts.with_answer(change.fact, change.after)
    possible = possible_levels(run(state.program, facts))
    if possible == (level,):
        return None
    return _point(state, level, tuple((change.fact, change.after) for change in point.changes), possible)


def _likely(state: State, point: TurningPoint) -> tuple[int, ...]:
    """Sort what is asked last first: what a system is for changes more easily than what it is, or who one is.

    Roles and exclusions end the list even where a trade is asked before them: nobody turns military by a new option.
    """
    pack = state.program.pack
    whose = sum(pack.facts[change.fact].section in _WHOSE for change in point.changes)
    return whose, *(-part for change in point.changes for part in reading_order(pack, change.fact)[:1])


def _spread(found: list[TurningPoint]) -> list[TurningPoint]:
    """Keep at most two points of one fact, so that a long list of options does not drown the rest."""
    kept: list[TurningPoint] = []
    count: dict[tuple[str, ...], int] = {}
    for point in found:
        facts = tuple(change.fact for change in point.changes)
        if count.get(facts, 0) < _MOST_OF_ONE and len(kept) < MOST:
            kept.append(point)
            count[facts] = count.get(facts, 0) + 1
    return kept


def _pairs(state: State, level: str, quiet: list[tuple[str, AnswerValue]]) -> list[TurningPoint]:
    pairs = [pair for pair in combinations(quiet, 2) if pair[0][0] != pair[1][0]][:_MOST_PAIRS]
    reached = ranges(state.program, state.given, pairs)
    return [
        _point(state, level, pair, levels)
        for pair, levels in zip(pairs, reached, strict=True)
        if levels != (level,) and len(levels) == 1
    ]


def _others(state: State, fact: Fact) -> list[AnswerValue]:
    now = state.given.values[fact.id]
    if fact.type is not FactType.CHOICES:
        return [value for value in candidates(state.program, fact) if value != now]
    assert isinstance(now, tuple)
    added = [(*now, option.id) for option in fact.options if option.id not in now]
    removed = [tuple(other for other in now if other != option) for option in now]
    return [*removed, *added]


def _point(
    state: State, level: str, changes: tuple[tuple[str, AnswerValue], ...], possible: tuple[str, ...]
) -> TurningPoint:
    pack = state.program.pack
    ranks = {entry.id: entry.rank for entry in pack.levels}
    titles = {entry.id: entry.title for entry in pack.levels}
    certain = len(possible) == 1
    target = possible[0] if certain or possible[0] != level else possible[1]
    made = tuple(_change(state, fact, value) for fact, value in changes)
    conditions = [_condition(state, change) for change in made]
    french = " et ".join(condition.fr for condition in conditions)
    english = " and ".join(condition.en for condition in conditions)
    others = [titles[id_] for id_ in possible if id_ != level]
    to = Text(" ou ".join(f"« {title.fr} »" for title in others), " or ".join(f'"{title.en}"' for title in others))
    text = (
        Text(f"Le niveau deviendrait {to.fr} {french}.", f"The level would become {to.en} {english}.")
        if certain
        else Text(
            f"Le niveau pourrait devenir {to.fr}, selon d'autres réponses, {french}.",
            f"The level could become {to.en}, depending on further answers, {english}.",
        )
    )
    cites = {c.written: c for change in made for c in pack.facts[change.fact].cite}
    return TurningPoint(made, target, certain, possible, ranks[target] < ranks[level], text, tuple(cites.values()))


def _change(state: State, id_: str, value: AnswerValue) -> Change:
    fact = state.program.pack.facts[id_]
    before = state.given.complete()[id_]
    return Change(id_, before, value, answer_text(fact, before), answer_text(fact, value))


def _condition(state: State, change: Change) -> Text:
    """Return the change as a condition: "if to … the answer were …"."""
    fact = state.program.pack.facts[change.fact]
    asked = fact.question
    if isinstance(change.before, tuple) and isinstance(change.after, tuple) and change.before and change.after:
        added = tuple(option for option in change.after if option not in change.before)
        moved = answer_text(fact, added or tuple(option for option in change.before if option not in change.after))
        french, english = ("s'ajoutait", "were added") if added else ("était retiré", "were taken away")
        return Text(
            f"si à « {asked.fr} » {french} « {moved.fr} »", f'if to "{asked.en}" the answer "{moved.en}" {english}'
        )
    after = change.after_label
    return Text(
        f"si à « {asked.fr} » la réponse était « {after.fr} »", f'if to "{asked.en}" the answer were "{after.en}"'
    )

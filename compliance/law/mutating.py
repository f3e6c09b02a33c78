"""Small changes of the law, one at a time: what scenarios and proofs of a pack have to notice.

Each mutant is the pack with one condition changed in one place. Changes that say the same as the
condition they start from, or as another change of it, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from compliance.law.model import Pack
from compliance.law.terms import AtLeast, Condition, FactType, Group, GroupKind, Not, Operator, Position, Ref, Test
from compliance.text import Text


class Kind(StrEnum):
    """What was done to the law."""

    NEGATE = "negate"
    DROP_PART = "drop_part"
    SWAP = "swap"
    NONE_TO_ANY = "none_to_any"
    DROP_UNLESS = "drop_unless"
    COUNT = "count"
    DROP_OPTION = "drop_option"
    DROP_ROLE = "drop_role"
    SHIFT_DAY = "shift_day"
    SHIFT_NUMBER = "shift_number"


KINDS = {
    Kind.NEGATE: Text("condition inversée", "condition reversed"),
    Kind.DROP_PART: Text("élément retiré d'un groupe", "part of a group left out"),
    Kind.SWAP: Text("« tous » et « au moins un » échangés", "“all” and “any” swapped"),
    Kind.NONE_TO_ANY: Text("« aucun » changé en « au moins un »", "“none” turned into “any”"),
    Kind.DROP_UNLESS: Text("exception retirée", "exception left out"),
    Kind.COUNT: Text("nombre exigé changé d'une unité", "count changed by one"),
    Kind.DROP_OPTION: Text("réponse retirée d'une liste", "answer left out of a list"),
    Kind.DROP_ROLE: Text("rôle retiré d'une obligation", "role left out of a duty"),
    Kind.SHIFT_DAY: Text("date déplacée d'un jour", "date moved by a day"),
    Kind.SHIFT_NUMBER: Text("seuil déplacé", "threshold moved"),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The pack with one change. ``id`` stays the same from run to run while the entry keeps its shape."""

    id: str  # section/entry/place/path/kind
    section: str
    entry: str
    kind: Kind
    done: str  # what was changed, in the words of the rule language
    position: Position
    pack: Pack


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one condition: the condition as changed, and where in it."""

    path: str  # "2.1": first part of the second part, counted from 1
    kind: Kind
    done: str
    position: Position
    changed: Condition


_OPPOSITE = {
    Operator.ANY_OF: Operator.NONE_OF,
    Operator.NONE_OF: Operator.ANY_OF,
    Operator.BEFORE: Operator.ON_OR_AFTER,
    Operator.ON_OR_AFTER: Operator.BEFORE,
    Operator.LESS_THAN: Operator.AT_LEAST,
    Operator.AT_LEAST: Operator.LESS_THAN,
    Operator.AT_MOST: Operator.MORE_THAN,
    Operator.MORE_THAN: Operator.AT_MOST,
}
_BESIDE = {  # the same threshold, itself counted in or out
    Operator.LESS_THAN: Operator.AT_MOST,
    Operator.AT_MOST: Operator.LESS_THAN,
    Operator.AT_LEAST: Operator.MORE_THAN,
    Operator.MORE_THAN: Operator.AT_LEAST,
}


def in_short(condition: Condition) -> str:
    """Return the condition in the words of the rule language, on one line, cut where it is long."""
    if isinstance(condition, Ref):
        return condition.id
    if isinstance(condition, Not):
        return f"not {in_short(condition.part)}"
    if isinstance(condition, Test):
        return _test_in_short(condition)
    name = "at_least " + str(condition.count) if isinstance(condition, AtLeast) else condition.kind.value
    inside = ", ".join(in_short(part) for part in condition.parts)
    return f"{name} [{inside if len(inside) <= 60 else inside[:57] + '…'}]"  # noqa: PLR2004 - a line of a table


def _test_in_short(test: Test) -> str:
    if test.operator is Operator.IS:
        return test.fact if test.truth else f"not {test.fact}"
    value = test.day or test.number or ", ".join(test.options)
    return f"{test.fact} {test.operator.value} {value}"


def negated(condition: Condition) -> Condition:
    """Return the contrary of a condition, without a double negation."""
    if isinstance(condition, Not):
        return condition.part
    if isinstance(condition, Test) and condition.operator is Operator.IS:
        return replace(condition, truth=not condition.truth)
    if isinstance(condition, Test) and condition.operator in _OPPOSITE:
        return replace(condition, operator=_OPPOSITE[condition.operator])
    return Not(condition, condition.position)


def changes(condition: Condition, pack: Pack) -> Iterator[Change]:
    """Yield every small change of a condition, each meaning something else than the condition and the others."""
    seen = {_shape(condition)}
    for change in _changes(condition, pack):
        shape = _shape(change.changed)
        if shape not in seen:
            seen.add(shape)
            yield change


def _changes(condition: Condition, pack: Pack) -> Iterator[Change]:
    at, short = condition.position, in_short(condition)
    if isinstance(condition, Group) and condition.kind is GroupKind.NONE:
        yield Change("", Kind.NONE_TO_ANY, short, at, replace(condition, kind=GroupKind.ANY))
    else:
        yield Change("", Kind.NEGATE, short, at, negated(condition))
    if isinstance(condition, Test):
        yield from _test_changes(condition, pack)
        return
    if isinstance(condition, Ref):
        return
    if isinstance(condition, Group) and condition.kind is not GroupKind.NONE:
        other = GroupKind.ANY if condition.kind is GroupKind.ALL else GroupKind.ALL
        yield Change("", Kind.SWAP, short, at, replace(condition, kind=other))
    if isinstance(condition, AtLeast):
        for count in (condition.count - 1, condition.count + 1):
            if 1 <= count <= len(condition.parts):
                yield Change("", Kind.COUNT, f"{short}: {count}", at, replace(condition, count=count))
    parts = (condition.part,) if isinstance(condition, Not) else condition.parts
    for number, part in enumerate(parts):
        if not isinstance(condition, Not) and len(parts) > (condition.count if isinstance(condition, AtLeast) else 1):
            kept = (*parts[:number], *parts[number + 1 :])
            yield Change(f"{number + 1}", Kind.DROP_PART, in_short(part), part.position, replace(condition, parts=kept))
        for inner in _changes(part, pack):
            path = f"{number + 1}.{inner.path}" if inner.path else f"{number + 1}"
            yield replace(inner, path=path, changed=_with_part(condition, number, inner.changed))


def _with_part(condition: Group | Not | AtLeast, number: int, part: Condition) -> Condition:
    if isinstance(condition, Not):
        return replace(condition, part=part)
    return replace(condition, parts=(*condition.parts[:number], part, *condition.parts[number + 1 :]))


def _test_changes(test: Test, pack: Pack) -> Iterator[Change]:
    at, short = test.position, in_short(test)
    if len(test.options) > 1:
        if pack.facts[test.fact].type is FactType.CHOICES and test.operator is not Operator.NONE_OF:
            other = Operator.ALL_OF if test.operator is Operator.ANY_OF else Operator.ANY_OF
            yield Change("", Kind.SWAP, short, at, replace(test, operator=other))
        for option in test.options:
            kept = tuple(known for known in test.options if known != option)
            yield Change(option, Kind.DROP_OPTION, f"{test.fact}: {option}", at, replace(test, options=kept))
    if test.day is not None:
        for days in (-1, 1):
            day = test.day + timedelta(days)
            yield Change(f"{days:+}", Kind.SHIFT_DAY, f"{short}: {day}", at, replace(test, day=day))
    if test.number is not None:
        operator = _BESIDE[test.operator]
        yield Change("bound", Kind.SHIFT_NUMBER, f"{short}: {operator.value}", at, replace(test, operator=operator))
        for share in ("0.9", "1.1"):
            number = test.number * Decimal(share)
            yield Change(share, Kind.SHIFT_NUMBER, f"{short}: × {share}", at, replace(test, number=number))


def _shape(condition: Condition, positive: bool = True) -> tuple[object, ...]:
    """Return what tells two conditions apart whatever their place and the way in which they negate."""
    if isinstance(condition, Not):
        return _shape(condition.part, not positive)
    if isinstance(condition, Ref):
        return ("ref", condition.id, positive)
    if isinstance(condition, Test):
        return _test_shape(condition, positive)
    if isinstance(condition, AtLeast):
        return ("at least", condition.count, positive, tuple(_shape(part) for part in condition.parts))
    inside = positive is (condition.kind is not GroupKind.NONE)
    parts = tuple(_shape(part, inside) for part in condition.parts)
    if len(parts) == 1:
        return parts[0]
    every = positive is not (condition.kind is GroupKind.ANY)
    return ("all" if every else "any", parts)


def _test_shape(test: Test, positive: bool) -> tuple[object, ...]:
    if test.operator is Operator.IS:
        return ("fact", test.fact, test.truth is positive)
    operator: Operator = test.operator
    if operator is Operator.ALL_OF and len(test.options) == 1:
        operator = Operator.ANY_OF
    if not positive and operator in _OPPOSITE:
        operator, positive = _OPPOSITE[operator], True
    return ("test", test.fact, operator, positive, test.options, test.day, test.number)


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Yield every mutant of a pack, entry by entry: levels, definitions, roles, findings, obligations and so on."""
    for level in pack.levels:
        if level.when is not None:
            yield from _of(pack, "levels", level.id, "when", level.when, _putting_level(pack, level.id))
    for section in ("definitions", "roles", "findings", "obligations", "records", "penalties"):
        for id_, entry in getattr(pack, section).items():
            for place in ("when", "unless", "percent_when", "lower_when"):
                condition = getattr(entry, place, None)
                if condition is not None:
                    put = _putting(pack, section, id_, place)
                    yield from _of(pack, section, id_, place, condition, put)
                    if place == "unless":
                        where = f"{section}/{id_}/unless/{Kind.DROP_UNLESS}"
                        said, at = in_short(condition), condition.position
                        yield Mutant(where, section, id_, Kind.DROP_UNLESS, said, at, put(None, where))
            yield from _roles(pack, section, id_)
    yield from _dates(pack)


_Put = Callable[[Any, str], Pack]  # what takes the place of the old, and the mutant's id; gives the pack


def _of(pack: Pack, section: str, id_: str, place: str, condition: Condition, put: _Put) -> Iterator[Mutant]:
    for change in changes(condition, pack):
        where = "/".join(filter(None, (section, id_, place, change.path, change.kind)))
        yield Mutant(where, section, id_, change.kind, change.done, change.position, put(change.changed, where))


def _roles(pack: Pack, section: str, id_: str) -> Iterator[Mutant]:
    entry = getattr(pack, section)[id_]
    who: tuple[str, ...] = getattr(entry, "who", ())
    if len(who) > 1:
        put = _putting(pack, section, id_, "who")
        for role in who:
            where = f"{section}/{id_}/who/{role}/{Kind.DROP_ROLE}"
            kept = tuple(other for other in who if other != role)
            yield Mutant(where, section, id_, Kind.DROP_ROLE, role, entry.position, put(kept, where))


def _dates(pack: Pack) -> Iterator[Mutant]:
    """Yield the mutants of deadlines: the condition of each line, and each day from which something applies."""
    for id_, deadline in pack.deadlines.items():
        for number, case in enumerate(deadline.cases):
            line, when, day = str(number + 1), _putting_case(pack, id_, number, "when"), case.applies_from
            if case.when is not None:
                yield from _of(pack, "deadlines", id_, line, case.when, when)
            if day is not None:
                where = f"deadlines/{id_}/{line}/applies_from/{Kind.SHIFT_DAY}"
                later = day + timedelta(1)
                moved = _putting_case(pack, id_, number, "applies_from")(later, where)
                yield Mutant(where, "deadlines", id_, Kind.SHIFT_DAY, f"{day}: {later}", case.position, moved)


def _hashed(pack: Pack, where: str) -> str:
    """Return the hash of a mutant: never that of the pack, under which formulas are kept."""
    return f"{pack.hash}:{where}"


def _putting(pack: Pack, section: str, id_: str, place: str) -> _Put:
    def put(value: Any, where: str) -> Pack:
        entries = dict(getattr(pack, section))
        entries[id_] = replace(entries[id_], **{place: value})
        changed: dict[str, Any] = {section: MappingProxyType(entries), "hash": _hashed(pack, where)}
        return replace(pack, **changed)

    return put


def _putting_case(pack: Pack, id_: str, number: int, place: str) -> _Put:
    def put(value: Any, where: str) -> Pack:
        cases = list(pack.deadlines[id_].cases)
        cases[number] = replace(cases[number], **{place: value})
        return _putting(pack, "deadlines", id_, "cases")(tuple(cases), where)

    return put


def _putting_level(pack: Pack, id_: str) -> _Put:
    def put(value: Any, where: str) -> Pack:
        levels = tuple(replace(level, when=value) if level.id == id_ else level for level in pack.levels)
        return replace(pack, levels=levels, hash=_hashed(pack, where))

    return put

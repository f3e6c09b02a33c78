"""Which scenarios cover an entry: where it holds, where it does not, where it stays open. All in one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from compliance.assessment.deriving import fill
from compliance.assessment.facts import Facts, FactsError, accept, bits, cases_in, truth_of
from compliance.law.compiling import Atom, Program, atoms_of
from compliance.law.entries import Key
from compliance.law.model import Pack
from compliance.law.scenarios import Expectation, Scenario
from compliance.law.terms import AtLeast, Condition, GroupKind, Not, Operator, Ref, Test

_SECTIONS = {"definition": "definitions", "role": "roles", "finding": "findings", "deadline": "deadlines"}
_PENALTIES = ("percent", "lower")
_NOTHING = (0, 0)
Pair = tuple[int, int]  # the scenarios, one bit each, where something is certainly true, and certainly false


@dataclass(frozen=True, slots=True)
class Covered:
    """The scenarios of one entry, as numbers; those in ``named`` say what they expect of it."""

    true: tuple[int, ...]
    false: tuple[int, ...]
    open: tuple[int, ...]
    named: frozenset[int]


@dataclass(frozen=True, slots=True)
class Covering:
    """All scenarios of a pack held against all its entries.

    ``facts`` are the answers of each scenario, None where the pack does not take them. ``found`` maps entries to the
    scenarios where they hold and where they do not: a question holds where it is answered, an obligation where it is
    owed, a record where it is needed. Of deadlines, each line stands for itself: ("deadlines", "high_risk/0"); of
    penalties, each condition: ("penalties", "operators/lower").
    """

    scenarios: tuple[Scenario, ...]
    facts: tuple[Facts | None, ...]
    found: Mapping[Key, Pair]
    named: Mapping[Key, frozenset[int]]

    def of(self, key: Key) -> Covered | None:
        """Return the scenarios of an entry, or None where it has no condition that could hold."""
        if key not in self.found:
            return None
        true, false = self.found[key]
        usable = sum(1 << number for number, facts in enumerate(self.facts) if facts is not None)
        rest = usable & ~(true | false)
        return Covered(
            tuple(cases_in(true)), tuple(cases_in(false)), tuple(cases_in(rest)), self.named.get(key, frozenset())
        )


def covering(program: Program, scenarios: Sequence[Scenario]) -> Covering:
    """Hold all scenarios against all entries, in one run of the program."""
    facts = tuple(_accepted(program.pack, scenario) for scenario in scenarios)
    sliced = _Sliced(program, facts)
    named: dict[Key, set[int]] = {}
    for number, scenario in enumerate(scenarios):
        for key in _expected(scenario.expect):
            named.setdefault(key, set()).add(number)
    frozen = {key: frozenset(numbers) for key, numbers in named.items()}
    return Covering(tuple(scenarios), facts, _found(program.pack, sliced), frozen)


def _accepted(pack: Pack, scenario: Scenario) -> Facts | None:
    try:
        return accept(pack, scenario.facts)
    except FactsError:
        return None  # the check of the pack says it, at the scenario


def _expected(expect: Expectation) -> Iterator[Key]:
    """Yield the entries of which a scenario says what it expects."""
    for section, ids in (
        ("levels", expect.level or ()),
        ("findings", (*expect.findings_include, *expect.findings_exclude)),
        ("obligations", (*expect.obligations_include, *expect.obligations_exclude, *expect.due)),
        ("roles", (*expect.roles_include, *expect.roles_exclude)),
        ("facts", (*expect.open_include, *expect.open_exclude)),
        ("records", (*expect.records_include, *expect.records_exclude)),
    ):
        yield from ((section, id_) for id_ in ids)


class _Sliced:
    """The answers of all scenarios as bit sets, and what one run of the program says of them."""

    def __init__(self, program: Program, facts: Sequence[Facts | None]) -> None:
        self.program, self.facts = program, facts
        self.mask = (1 << len(facts)) - 1
        self.inputs = bits(program, *facts)
        fill(program, *self.inputs, self.mask)
        self.outputs = program.run(*self.inputs, self.mask)

    def slot(self, kind: str, id_: str) -> Pair:
        number = self.program.slots[kind, id_]
        return self.outputs[0][number], self.outputs[1][number]

    def atom(self, atom: Atom) -> Pair:
        if atom in self.program.index:
            number = self.program.index[atom]
            return self.inputs[0][number], self.inputs[1][number]
        true = false = 0  # asked by a record alone
        for number, known in enumerate(self.facts):
            truth = truth_of(atom, known.values.get(atom.fact)) if known else None
            true |= (truth is True) << number
            false |= (truth is False) << number
        return true, false

    def holds(self, condition: Condition | None) -> Pair:
        """Return where a condition holds that the program has no slot for."""
        if condition is None:
            return self.mask, 0
        if isinstance(condition, Ref):
            return self.slot("definition", condition.id)
        if isinstance(condition, Test):
            return self.test(condition)
        if isinstance(condition, Not):
            return _swapped(self.holds(condition.part))
        parts = [self.holds(part) for part in condition.parts]
        if isinstance(condition, AtLeast):
            wanted = len(parts) - condition.count + 1
            return _counted(condition.count, [t for t, _ in parts], self.mask), _counted(
                wanted, [f for _, f in parts], self.mask
            )
        if condition.kind is GroupKind.ALL:
            return _every(parts)
        return _either(parts) if condition.kind is GroupKind.ANY else _swapped(_either(parts))

    def test(self, test: Test) -> Pair:
        parts = [self.atom(atom) if positive else _swapped(self.atom(atom)) for atom, positive in atoms_of(test)]
        if test.operator is Operator.ALL_OF:
            return _every(parts)
        return _swapped(_either(parts)) if test.operator is Operator.NONE_OF else _either(parts)


def _swapped(pair: Pair) -> Pair:
    return pair[1], pair[0]


def _every(parts: Sequence[Pair]) -> Pair:
    return reduce(and_, (true for true, _ in parts)), reduce(or_, (false for _, false in parts))


def _either(parts: Sequence[Pair]) -> Pair:
    return reduce(or_, (true for true, _ in parts)), reduce(and_, (false for _, false in parts))


def _counted(count: int, bits: Sequence[int], mask: int) -> int:
    """Return where at least ``count`` of the bit sets are set."""
    row = [mask] + [0] * count
    for bit in bits:
        row = [mask, *(row[n] | (row[n - 1] & bit) for n in range(1, count + 1))]
    return row[count]


def _found(pack: Pack, sliced: _Sliced) -> dict[Key, Pair]:
    found: dict[Key, Pair] = {}
    for fact in pack.facts:
        given = sum(1 << n for n, known in enumerate(sliced.facts) if known and fact in known.values)
        found["facts", fact] = given, sliced.mask & ~given
    for kind, id_ in sliced.program.slots:
        if kind in _SECTIONS:
            found[_SECTIONS[kind], id_] = sliced.slot(kind, id_)
        elif kind == "is":
            found["levels", id_] = sliced.slot(kind, id_)
        elif kind in _PENALTIES:
            found["penalties", f"{id_}/{kind}"] = sliced.slot(kind, id_)
    for id_, obligation in pack.obligations.items():
        found["obligations", id_] = _every([sliced.slot("obligation", id_), _held(sliced, obligation.who)])
    for id_, record in pack.records.items():
        found["records", id_] = _every([sliced.holds(record.when), _held(sliced, record.who)])
    for id_, item in pack.record_items.items():
        if item.when is not None:
            found["record_items", id_] = sliced.holds(item.when)
    usable = sum(1 << number for number, known in enumerate(sliced.facts) if known is not None)
    return {key: (true & usable, false & usable) for key, (true, false) in found.items()}


def _held(sliced: _Sliced, roles: Sequence[str]) -> Pair:
    return _either([sliced.slot("role", role) for role in roles]) if roles else _NOTHING

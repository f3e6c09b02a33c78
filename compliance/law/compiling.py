"""From a pack to a program: straight-line Python over pairs of integers used as bit sets.

Each bit is one case. Of every atom and entry the program knows the cases where it is certainly true and
those where it is certainly false; a case in neither set is unknown (Kleene's strong three-valued logic).
The generated source holds numbered variables only: no text of a pack ever becomes code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from compliance.law.atoms import Atom, Domain, atoms_of, domains, number_cut, walk
from compliance.law.model import (
    AtLeast,
    Condition,
    Definition,
    GroupKind,
    Not,
    Operator,
    Pack,
    Ref,
    Test,
)

_WIDEST = 60  # parts of one generated expression: the parser and the compiler of Python are recursive
_DEEPEST = 12  # nesting of one generated expression

Bits = Sequence[int]
_Stage = Callable[..., tuple[list[int], list[int]]]


class Kind(StrEnum):
    """What an entry of a program is about."""

    DEFINITION = "definition"
    CONDITION = "condition"  # of a level, taken alone
    LEVEL = "level"  # the level is reached: its condition holds, none above does
    ROLE = "role"
    FINDING = "finding"
    OBLIGATION = "obligation"  # its condition holds, and one of its roles
    CASE = "case"  # of a deadline: "name/0" for the first
    PERCENT = "percent"  # of a penalty: whether the share of turnover applies
    LOWER = "lower"  # of a penalty: whether the lower of the two applies


Slot = tuple[Kind, str]


class Values(NamedTuple):
    """The result of a run: for each slot, where it is certainly true and certainly false."""

    t: Bits
    f: Bits


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A compiled pack. Slots up to ``level_slots`` are all that the levels depend on."""

    pack: Pack
    atoms: tuple[Atom, ...]
    domains: Mapping[str, Domain]
    slots: Mapping[Slot, int]
    level_slots: int
    reached: tuple[int, ...]  # slot of "this level is reached", by rank
    source: str = field(repr=False)
    _first: _Stage = field(repr=False)
    _second: _Stage = field(repr=False)

    def run(self, t: Bits, f: Bits, mask: int) -> Values:
        """Evaluate everything for all the cases of ``mask``, given where each atom is true and false."""
        t1, f1 = self._first(t, f, mask)
        t2, f2 = self._second(t, f, mask, t1, f1)
        return Values(t1 + t2, f1 + f2)

    def run_levels(self, t: Bits, f: Bits, mask: int) -> Values:
        """Evaluate the levels, and what they depend on, only."""
        return Values(*self._first(t, f, mask))


def compile_pack(pack: Pack) -> Program:
    """Return the program of a checked pack."""
    return _Compiler(pack).program()


class _Expression(NamedTuple):
    """Source of the cases where a condition is true, and where it is false."""

    t: str
    f: str
    depth: int = 0


_TRUE = _Expression("m", "0")


def _swap(e: _Expression) -> _Expression:
    return _Expression(e.f, e.t, e.depth)


class _Compiler:
    """Collects the lines of a program; used once."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.domains = domains(pack)
        self.atoms = tuple(atom for domain in self.domains.values() for atom in atoms_of(domain))
        self.cut_index: dict[tuple[str, object], int] = {}
        for domain in self.domains.values():
            for offset, key in enumerate(domain.options or domain.days or domain.cuts):
                self.cut_index[domain.fact, key] = domain.first + offset
        self.slots: dict[Slot, int] = {}
        self.lines: list[str] = []
        self.temporaries = 0

    def program(self) -> Program:
        definitions = ordered(self.pack)
        for definition in _cone(self.pack, definitions, self._level_conditions()):
            self._define(definition)
        reached = self._levels()
        border = len(self.slots)
        first = self._stage("first(T,F,m)", 0, border)
        for definition in definitions:
            if (Kind.DEFINITION, definition.id) not in self.slots:
                self._define(definition)
        self._rest()
        second = self._stage("second(T,F,m,t,f)", border, len(self.slots))
        source = first + second
        scope: dict[str, _Stage] = {}
        exec(compile(source, "<pack>", "exec"), {"__builtins__": {}}, scope)  # noqa: S102 - numbered names only
        return Program(
            self.pack,
            self.atoms,
            MappingProxyType(self.domains),
            MappingProxyType(self.slots),
            border,
            reached,
            source,
            scope["first"],
            scope["second"],
        )

    def _stage(self, signature: str, start: int, end: int) -> str:
        names = range(start, end)
        head = [f"def {signature}:"]
        if self.atoms:
            head.append(f" {''.join(f'a{i},' for i in range(len(self.atoms)))}=T")
            head.append(f" {''.join(f'b{i},' for i in range(len(self.atoms)))}=F")
        if start:
            head.append(f" {''.join(f't{i},' for i in range(start))}=t")
            head.append(f" {''.join(f'f{i},' for i in range(start))}=f")
        tail = f" return [{','.join(f't{i}' for i in names)}],[{','.join(f'f{i}' for i in names)}]\n"
        body = "\n".join([*head, *self.lines, tail])
        self.lines = []
        return body

    def _level_conditions(self) -> list[Condition]:
        return [level.when for level in self.pack.levels if level.when is not None]

    def _define(self, definition: Definition) -> None:
        e = self._express(definition.when)
        if definition.unless is not None:
            e = self._join([e, _swap(self._express(definition.unless))], "&", "|")
        self._store((Kind.DEFINITION, definition.id), e)

    def _levels(self) -> tuple[int, ...]:
        conditions = []
        for level in self.pack.levels:
            e = _TRUE if level.when is None else self._express(level.when)
            conditions.append(self._store((Kind.CONDITION, level.id), e))
        reached = []
        above: list[_Expression] = []
        for level, condition in zip(self.pack.levels, conditions, strict=True):
            e = self._join([condition, *above], "&", "|")
            self._store((Kind.LEVEL, level.id), e)
            reached.append(self.slots[Kind.LEVEL, level.id])
            above.append(_swap(condition))
        return tuple(reached)

    def _rest(self) -> None:
        for role in self.pack.roles.values():
            self._store((Kind.ROLE, role.id), self._express(role.when))
        for finding in self.pack.findings.values():
            self._store((Kind.FINDING, finding.id), self._express(finding.when))
        for obligation in self.pack.obligations.values():
            held = self._join([self._slot((Kind.ROLE, role)) for role in obligation.who], "|", "&")
            self._store(
                (Kind.OBLIGATION, obligation.id), self._join([held, self._express(obligation.when)], "&", "|")
            )
        for deadline in self.pack.deadlines.values():
            for number, case in enumerate(deadline.cases):
                e = _TRUE if case.when is None else self._express(case.when)
                self._store((Kind.CASE, f"{deadline.id}/{number}"), e)
        for penalty in self.pack.penalties.values():
            for kind, when, default in (
                (Kind.PERCENT, penalty.percent_when, _TRUE),
                (Kind.LOWER, penalty.lower_when, _swap(_TRUE)),
            ):
                self._store((kind, penalty.id), default if when is None else self._express(when))

    def _store(self, slot: Slot, e: _Expression) -> _Expression:
        number = self.slots[slot] = len(self.slots)
        self.lines.append(f" t{number}={e.t};f{number}={e.f}")
        return self._slot(slot)

    def _slot(self, slot: Slot) -> _Expression:
        number = self.slots[slot]
        return _Expression(f"t{number}", f"f{number}")

    def _keep(self, e: _Expression) -> _Expression:
        self.temporaries += 1
        n = self.temporaries
        self.lines.append(f" x{n}={e.t};y{n}={e.f}")
        return _Expression(f"x{n}", f"y{n}")

    def _atom(self, index: int) -> _Expression:
        return _Expression(f"a{index}", f"b{index}")

    def _join(self, parts: list[_Expression], t: str, f: str) -> _Expression:
        """Join parts by one operator for the true cases and its dual for the false ones."""
        if not parts:
            return _TRUE if t == "&" else _swap(_TRUE)
        parts = [self._keep(part) if part.depth > _DEEPEST else part for part in parts]
        while len(parts) > _WIDEST:
            parts = [self._keep(self._join(parts[:_WIDEST], t, f)), *parts[_WIDEST:]]
        if len(parts) == 1:
            return parts[0]
        depth = 1 + max(part.depth for part in parts)
        return _Expression(f"({t.join(p.t for p in parts)})", f"({f.join(p.f for p in parts)})", depth)

    def _express(self, condition: Condition) -> _Expression:
        if isinstance(condition, Ref):
            if condition.id in self.pack.definitions:
                return self._slot((Kind.DEFINITION, condition.id))
            return self._atom(self.domains[condition.id].first)
        if isinstance(condition, Test):
            return self._test(condition)
        if isinstance(condition, Not):
            return _swap(self._express(condition.part))
        parts = [self._express(part) for part in condition.parts]
        if isinstance(condition, AtLeast):
            return self._at_least(condition.count, parts)
        if condition.kind is GroupKind.ALL:
            return self._join(parts, "&", "|")
        joined = self._join(parts, "|", "&")
        return _swap(joined) if condition.kind is GroupKind.NONE else joined

    def _test(self, test: Test) -> _Expression:
        operator = test.operator
        if operator is Operator.IS:
            e = self._atom(self.domains[test.fact].first)
            return e if test.truth else _swap(e)
        if test.day is not None:
            e = self._atom(self.cut_index[test.fact, test.day])
            return e if operator is Operator.BEFORE else _swap(e)
        if test.number is not None:
            e = self._atom(self.cut_index[test.fact, number_cut(test)])
            return e if operator in {Operator.LESS_THAN, Operator.AT_MOST} else _swap(e)
        options = [self._atom(self.cut_index[test.fact, option]) for option in test.options]
        if operator is Operator.ALL_OF:
            return self._join(options, "&", "|")
        joined = self._join(options, "|", "&")
        return _swap(joined) if operator is Operator.NONE_OF else joined

    def _at_least(self, count: int, parts: list[_Expression]) -> _Expression:
        parts = [self._keep(part) if part.depth else part for part in parts]
        t = self._count([part.t for part in parts], count)
        f = self._count([part.f for part in parts], len(parts) - count + 1)
        return _Expression(t, f)

    def _count(self, parts: list[str], count: int) -> str:
        """Write lines that find the cases with at least ``count`` of the parts; return the variable."""
        if count <= 0:
            return "m"
        if count > len(parts):
            return "0"
        self.temporaries += 1
        name = f"n{self.temporaries}_"
        self.lines.extend(f" {name}{j}=0" for j in range(1, count + 1))
        for part in parts:
            for j in range(count, 1, -1):
                self.lines.append(f" {name}{j}|={name}{j - 1}&{part}")
            self.lines.append(f" {name}1|={part}")
        return f"{name}{count}"


def ordered(pack: Pack) -> list[Definition]:
    """Return the definitions so that each comes after those it builds on.

    Raises:
        ValueError: when definitions build on each other in a circle.
    """
    done: dict[str, bool] = {}
    result: list[Definition] = []
    for start in pack.definitions.values():
        pending: list[tuple[Definition, bool]] = [(start, False)]
        while pending:
            definition, left = pending.pop()
            if left:
                done[definition.id] = True
                result.append(definition)
                continue
            if definition.id in done:
                if not done[definition.id]:
                    raise ValueError(f"definitions in a circle at {definition.id}")
                continue
            done[definition.id] = False
            pending.append((definition, True))
            pending.extend((d, False) for d in used_definitions(pack, definition) if not done.get(d.id))
    return result


def parts_of(definition: Definition) -> tuple[Condition, ...]:
    """Return the conditions of a definition: ``when``, and ``unless`` if there is one."""
    return (definition.when,) if definition.unless is None else (definition.when, definition.unless)


def used_definitions(pack: Pack, definition: Definition) -> list[Definition]:
    """Return the definitions that a definition builds on directly."""
    leaves = (leaf for condition in parts_of(definition) for leaf in walk(condition))
    return [
        pack.definitions[leaf.id] for leaf in leaves if isinstance(leaf, Ref) and leaf.id in pack.definitions
    ]


def _cone(pack: Pack, definitions: list[Definition], roots: Iterable[Condition]) -> list[Definition]:
    """Return the definitions that the roots depend on, in the order given."""
    needed = reach(pack, roots)[0]
    return [definition for definition in definitions if definition.id in needed]


def reach(pack: Pack, roots: Iterable[Condition]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the definitions and the facts that conditions depend on, directly or not."""
    found: set[str] = set()
    facts: set[str] = set()
    pending = list(roots)
    while pending:
        for leaf in walk(pending.pop()):
            if isinstance(leaf, Test):
                facts.add(leaf.fact)
            elif leaf.id not in pack.definitions:
                facts.add(leaf.id)
            elif leaf.id not in found:
                found.add(leaf.id)
                pending.extend(parts_of(pack.definitions[leaf.id]))
    return frozenset(found), frozenset(facts)

"""A pack compiled to straight-line code over pairs of bit sets: Kleene's three-valued logic, no branch.

Every condition reduces to atoms. For each atom and each entry two integers say in which cases it is
certainly true and certainly false; one bit is one case. One call evaluates one case or a million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compliance.law.checking import beside, definition_order
from compliance.law.model import Pack
from compliance.law.terms import AtLeast, Condition, FactType, Group, GroupKind, Not, Operator, Ref, Test


@dataclass(frozen=True, slots=True)
class Atom:
    """One question of yes or no that conditions come down to.

    ``value`` is True for a boolean fact, an option's id, or the threshold of "before this day" (a date)
    or "at least this number" / "more than this number" (a number, with ``strict``).
    """

    fact: str
    value: bool | str | date | Decimal
    strict: bool = False


Bits = list[int]


@dataclass(frozen=True, slots=True)
class Derived:
    """One answer that a derivation gives, and what it says of each atom of its question."""

    derivation: str
    fact: str
    atoms: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled pack. ``slots`` names what comes out of ``run``, in its order."""

    pack: Pack
    atoms: tuple[Atom, ...]
    index: dict[Atom, int]
    by_fact: dict[str, tuple[int, ...]]
    slots: dict[tuple[str, str], int]
    code: Callable[[Bits, Bits, int], tuple[Bits, Bits]]
    level_code: Callable[[Bits, Bits, int], tuple[Bits, Bits]]
    derivation_code: Callable[[Bits, Bits, int], tuple[Bits, Bits]]
    derived: tuple[Derived, ...]
    source: str

    def run(self, true: Bits, false: Bits, mask: int) -> tuple[Bits, Bits]:
        """Return for every slot the cases where it is certainly true and certainly false.

        ``true`` and ``false`` hold one bit set per atom; ``mask`` has a bit for every case.
        """
        return self.code(true, false, mask)

    def levels(self, true: Bits, false: Bits, mask: int) -> tuple[Bits, Bits]:
        """Return, per level by rank, where it is certainly the level and certainly not: the fast subset."""
        return self.level_code(true, false, mask)

    def derivations(self, true: Bits, false: Bits, mask: int) -> Bits:
        """Return, per entry of ``derived``, where its condition certainly holds."""
        return self.derivation_code(true, false, mask)[0]


def atoms_of(test: Test) -> tuple[tuple[Atom, bool], ...]:
    """Return the atoms of a test; False with an atom means that it counts reversed."""
    match test.operator:
        case Operator.IS:
            return ((Atom(test.fact, True), test.truth),)
        case Operator.ANY_OF | Operator.ALL_OF | Operator.NONE_OF:
            return tuple((Atom(test.fact, option), True) for option in test.options)
        case Operator.BEFORE | Operator.ON_OR_AFTER:
            assert test.day is not None
            return ((Atom(test.fact, test.day), test.operator is Operator.BEFORE),)
        case _:
            assert test.number is not None
            strict = test.operator in (Operator.MORE_THAN, Operator.AT_MOST)
            above = test.operator in (Operator.MORE_THAN, Operator.AT_LEAST)
            return ((Atom(test.fact, test.number, strict), above),)


def _tests(condition: Condition | None) -> Iterable[Test]:
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, Group | AtLeast):
        for part in condition.parts:
            yield from _tests(part)
    elif isinstance(condition, Not):
        yield from _tests(condition.part)


def all_conditions(pack: Pack) -> dict[tuple[str, str], Condition]:
    """Return every condition outside definitions, by slot: (kind, id)."""
    found: dict[tuple[str, str], Condition] = {}
    for level in pack.levels:
        if level.when is not None:
            found["level", level.id] = level.when
    for kind, entries in (
        ("derivation", pack.derivations),
        ("role", pack.roles),
        ("finding", pack.findings),
        ("obligation", pack.obligations),
    ):
        for id_, entry in entries.items():
            found[kind, id_] = entry.when
    for id_, deadline in pack.deadlines.items():
        for number, case in enumerate(deadline.cases):
            if case.when is not None:
                found["deadline", f"{id_}/{number}"] = case.when
    found |= {(kind, id_): when for kind, id_, when in beside(pack) if when is not None}
    for id_, penalty in pack.penalties.items():
        if penalty.percent_when is not None:
            found["percent", id_] = penalty.percent_when
        if penalty.lower_when is not None:
            found["lower", id_] = penalty.lower_when
    return found


class _Compiler:
    """Writes the code; only numbers from tables enter it, never a word of the pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.index: dict[Atom, int] = {}
        self.names: dict[str, int] = {}
        self.lines: list[str] = []
        self.count = 0
        self.memo: dict[tuple[object, ...], int] = {}

    def atom(self, atom: Atom) -> int:
        return self.index.setdefault(atom, len(self.index))

    def emit(self, true: str, false: str) -> int:
        key = (true, false)
        if key in self.memo:
            return self.memo[key]
        number = self.count
        self.count += 1
        self.lines.append(f"t{number}={true};f{number}={false}")
        self.memo[key] = number
        return number

    def test(self, test: Test) -> tuple[str, str]:
        pairs = [(f"T[{self.atom(a)}]", f"F[{self.atom(a)}]", positive) for a, positive in atoms_of(test)]
        oriented = [(t, f) if positive else (f, t) for t, f, positive in pairs]
        if test.operator is Operator.ALL_OF:
            return _join(oriented, "&", "|")
        true, false = _join(oriented, "|", "&")
        return (false, true) if test.operator is Operator.NONE_OF else (true, false)

    def condition(self, condition: Condition) -> tuple[str, str]:
        if isinstance(condition, Ref):
            number = self.names[condition.id]
            return f"t{number}", f"f{number}"
        if isinstance(condition, Test):
            return self.test(condition)
        if isinstance(condition, Not):
            true, false = self.condition(condition.part)
            return false, true
        parts = [self.simple(part) for part in condition.parts]
        if isinstance(condition, AtLeast):
            return self.at_least(condition.count, parts)
        if condition.kind is GroupKind.ALL:
            return _join(parts, "&", "|")
        true, false = _join(parts, "|", "&")
        return (true, false) if condition.kind is GroupKind.ANY else (false, true)

    def simple(self, condition: Condition) -> tuple[str, str]:
        """Return short names for a part, so that no expression grows deep."""
        true, false = self.condition(condition)
        if len(true) + len(false) < 24:  # noqa: PLR2004 - already a name or an atom
            return true, false
        number = self.emit(true, false)
        return f"t{number}", f"f{number}"

    def at_least(self, count: int, parts: list[tuple[str, str]]) -> tuple[str, str]:
        true = self.counted(count, [t for t, _ in parts])
        false = self.counted(len(parts) - count + 1, [f for _, f in parts])
        return true, false

    def counted(self, count: int, bits: list[str]) -> str:
        """Return where at least ``count`` of the bit sets are set; one running row per count."""
        row = ["M"] + ["0"] * count
        for bit in bits:
            fresh = [row[0]]
            for k in range(1, count + 1):
                number = self.emit(f"{row[k]}|({row[k - 1]}&{bit})", "0")
                fresh.append(f"t{number}")
            row = fresh
        return row[count]


def _join(parts: list[tuple[str, str]], true: str, false: str) -> tuple[str, str]:
    if len(parts) == 1:
        return parts[0]
    return f"({true.join(t for t, _ in parts)})", f"({false.join(f for _, f in parts)})"


def compile_pack(pack: Pack) -> Program:
    """Compile a checked pack."""
    compiler = _Compiler(pack)
    for condition in (*_definition_conditions(pack), *all_conditions(pack).values()):
        for test in _tests(condition):
            for atom, _ in atoms_of(test):
                compiler.atom(atom)
    for fact in pack.facts.values():  # choices closed: every option of a choice is an atom once one is
        if fact.type is FactType.CHOICE and any(Atom(fact.id, o.id) in compiler.index for o in fact.options):
            for option in fact.options:
                compiler.atom(Atom(fact.id, option.id))
    slots: dict[tuple[str, str], int] = {}
    results: list[str] = []
    for id_ in definition_order(dict(pack.definitions))[0]:
        definition = pack.definitions[id_]
        true, false = compiler.condition(definition.when)
        if definition.unless is not None:
            when, unless = (true, false), compiler.condition(definition.unless)
            true, false = f"({when[0]}&{unless[1]})", f"({when[1]}|{unless[0]})"
        compiler.names[id_] = number = compiler.emit(true, false)
        slots["definition", id_] = len(results)
        results.append(str(number))
    derived_results: dict[str, str] = {}
    for id_, derivation in pack.derivations.items():
        number = compiler.emit(*compiler.condition(derivation.when))
        slots["derivation", id_] = len(results)
        results.append(str(number))
        derived_results[id_] = str(number)
    derived_lines = list(compiler.lines)
    level_results: list[str] = []
    above_true, above_false = "0", "M"
    for level in pack.levels:
        own = compiler.condition(level.when) if level.when is not None else ("M", "0")
        number = compiler.emit(f"{own[0]}&{above_false}", f"{own[1]}|{above_true}")
        level_results.append(str(number))
        above = compiler.emit(f"{above_true}|{own[0]}", f"{above_false}&{own[1]}")
        above_true, above_false = f"t{above}", f"f{above}"
        slots["is", level.id] = len(results)
        results.append(str(number))
    level_lines = list(compiler.lines)
    for slot, condition in all_conditions(pack).items():
        if slot in slots:
            continue
        number = compiler.emit(*compiler.condition(condition))
        slots[slot] = len(results)
        results.append(str(number))
    derived = tuple(_derived(pack, compiler.index))
    source = _function("run", compiler.lines, results) + _function("levels", level_lines, level_results)
    source += _function("derivations", derived_lines, [derived_results[item.derivation] for item in derived])
    namespace: dict[str, Callable[[Bits, Bits, int], tuple[Bits, Bits]]] = {}
    exec(compile(source, f"<pack {pack.version}>", "exec"), namespace)  # noqa: S102 - numbers only, see _Compiler
    atoms = tuple(compiler.index)
    by_fact: dict[str, list[int]] = {}
    for number, atom in enumerate(atoms):
        by_fact.setdefault(atom.fact, []).append(number)
    groups = {fact: tuple(numbers) for fact, numbers in by_fact.items()}
    codes = namespace["run"], namespace["levels"], namespace["derivations"]
    return Program(pack, atoms, compiler.index, groups, slots, *codes, derived, source)


def _derived(pack: Pack, index: dict[Atom, int]) -> Iterable[Derived]:
    """Yield the answers that derivations give to questions on which something depends."""
    for derivation in pack.derivations.values():
        for fact, value in derivation.gives.items():
            said = tuple(
                (number, atom.value in value if isinstance(value, tuple) else atom.value == value)
                for atom, number in index.items()
                if atom.fact == fact
            )
            if said:
                yield Derived(derivation.id, fact, said)


def _definition_conditions(pack: Pack) -> list[Condition]:
    found: list[Condition] = []
    for definition in pack.definitions.values():
        found.append(definition.when)
        if definition.unless is not None:
            found.append(definition.unless)
    return found


def _function(name: str, lines: list[str], results: list[str]) -> str:
    body = "\n ".join(lines) or "pass"
    true, false = ",".join(f"t{n}" for n in results), ",".join(f"f{n}" for n in results)
    return f"def {name}(T,F,M):\n {body}\n return [{true}],[{false}]\n"

"""Proofs by solver: exact ranges, dead rules. The only importer of z3, and only when it is asked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any

from compliance.law.compiling import Atom, Program, all_conditions, atoms_of
from compliance.law.model import AtLeast, Condition, FactType, GroupKind, Not, Operator, Ref, Test


class _Formula:
    """The conditions of a pack as formulas, with what is already known put in place."""

    def __init__(self, program: Program, known: Mapping[Atom, bool], definitions: Mapping[str, bool]) -> None:
        import z3  # noqa: PLC0415 - the solver is loaded only where Kleene's logic is not enough

        solver: Any = z3
        self.z3 = solver
        self.context: Any = solver.Context()  # one of its own: no other thread's formulas are in it
        self.program = program
        self.known = known
        self.names: dict[str, Any] = {id_: solver.BoolVal(truth, self.context) for id_, truth in definitions.items()}
        self.variables: dict[Atom, Any] = {}

    def atom(self, atom: Atom) -> Any:
        if atom in self.known:
            return self.z3.BoolVal(self.known[atom], self.context)
        if atom not in self.variables:
            self.variables[atom] = self.z3.Bool(f"a{self.program.index[atom]}", self.context)
        return self.variables[atom]

    def test(self, test: Test) -> Any:
        parts = [self.atom(a) if positive else self.z3.Not(self.atom(a)) for a, positive in atoms_of(test)]
        if test.operator is Operator.ALL_OF:
            return self.z3.And(parts)
        return self.z3.Not(self.z3.Or(parts)) if test.operator is Operator.NONE_OF else self.z3.Or(parts)

    def of(self, condition: Condition) -> Any:
        z3 = self.z3
        if isinstance(condition, Ref):
            return self.definition(condition.id)
        if isinstance(condition, Test):
            return self.test(condition)
        if isinstance(condition, Not):
            return z3.Not(self.of(condition.part))
        parts = [self.of(part) for part in condition.parts]
        if isinstance(condition, AtLeast):
            return z3.AtLeast(*parts, condition.count)
        if condition.kind is GroupKind.ALL:
            return z3.And(parts)
        return z3.Or(parts) if condition.kind is GroupKind.ANY else z3.Not(z3.Or(parts))

    def definition(self, id_: str) -> Any:
        if id_ not in self.names:
            definition = self.program.pack.definitions[id_]
            formula = self.of(definition.when)
            if definition.unless is not None:
                formula = self.z3.And(formula, self.z3.Not(self.of(definition.unless)))
            self.names[id_] = self.z3.simplify(formula)
        return self.names[id_]

    def theory(self) -> list[Any]:
        """Return what holds among atoms: one option per choice, thresholds in order."""
        z3, pack = self.z3, self.program.pack
        rules: list[Any] = []
        for name in {atom.fact for atom in self.variables}:
            fact = pack.facts[name]
            atoms = [self.program.atoms[number] for number in self.program.by_fact[name]]
            if fact.type is FactType.CHOICE:
                rules.append(z3.PbEq([(self.atom(atom), 1) for atom in atoms], 1))
            elif fact.type in (FactType.DATE, FactType.NUMBER):
                ordered = sorted(atoms, key=lambda atom: (atom.value, atom.strict))
                for low, high in pairwise(ordered):
                    if fact.type is FactType.DATE:
                        rules.append(z3.Implies(self.atom(low), self.atom(high)))
                    else:
                        rules.append(z3.Implies(self.atom(high), self.atom(low)))
                if fact.type is FactType.NUMBER:
                    rules += self._bounds(name, ordered)
        return rules

    def _bounds(self, name: str, ordered: list[Atom]) -> list[Any]:
        fact = self.program.pack.facts[name]
        rules: list[Any] = []
        for atom in ordered:
            if fact.minimum is not None and (
                fact.minimum > atom.value or (fact.minimum == atom.value and not atom.strict)  # type: ignore[operator]
            ):
                rules.append(self.atom(atom))
            if fact.maximum is not None and (
                fact.maximum < atom.value or (fact.maximum == atom.value and atom.strict)  # type: ignore[operator]
            ):
                rules.append(self.z3.Not(self.atom(atom)))
        return rules

    def levels(self) -> list[Any]:
        """Return, by rank, the formula under which each level is the level."""
        found: list[Any] = []
        above: list[Any] = []
        for level in self.program.pack.levels:
            own = self.of(level.when) if level.when is not None else self.z3.BoolVal(True, self.context)
            found.append(self.z3.And([own, *[self.z3.Not(other) for other in above]]))
            above.append(own)
        return found


class _Levels:
    """The levels of one program as formulas: each question is only a set of assumptions."""

    def __init__(self, program: Program, known: Mapping[Atom, bool]) -> None:
        formula = _Formula(program, known, {})
        z3 = formula.z3
        self.formula, self.lock = formula, Lock()  # a solver serves one thread at a time
        self.solver: Any = z3.Solver(ctx=formula.context)
        levels = {level.id: f for level, f in zip(program.pack.levels, formula.levels(), strict=True)}
        self.solver.add(formula.theory())
        self.names = {id_: z3.Bool(f"is {id_}", formula.context) for id_ in levels}
        for id_, name in self.names.items():
            self.solver.add(z3.Implies(name, levels[id_]))

    def assumed(self, atoms: Mapping[Atom, bool]) -> list[Any]:
        """Return what is known as assumptions; atoms that no level depends on are left out."""
        variables, negated = self.formula.variables, self.formula.z3.Not
        return [
            variables[atom] if truth else negated(variables[atom]) for atom, truth in atoms.items() if atom in variables
        ]

    def possible(self, given: list[Any], candidates: tuple[str, ...]) -> tuple[str, ...]:
        """Return the candidate levels that some completion of what is known gives."""
        sat = self.formula.z3.sat
        return tuple(id_ for id_ in candidates if self.solver.check(self.names[id_], *given) == sat)


_KEPT, _FEW = 8, 24
_ready: OrderedDict[str, _Levels] = OrderedDict()
_making = Lock()


def _levels_of(program: Program) -> _Levels:
    """Return the levels of a program, made once; a program is known by the hash of its pack."""
    with _making:
        key = program.pack.hash
        if key not in _ready:
            _ready[key] = _Levels(program, {})
        _ready.move_to_end(key)
        while len(_ready) > _KEPT:
            _ready.popitem(last=False)
        return _ready[key]


def possible_after(
    program: Program, known: Mapping[Atom, bool], steps: Sequence[tuple[Mapping[Atom, bool], tuple[str, ...]]]
) -> list[tuple[str, ...]]:
    """Return, for each further step of knowledge, those of its candidate levels that remain possible.

    Few steps use formulas kept ready; for many, formulas with what is known put in place pay for their making.
    """
    levels = _levels_of(program) if len(steps) <= _FEW else _Levels(program, known)
    with levels.lock:
        return [levels.possible(levels.assumed({**known, **learned}), candidates) for learned, candidates in steps]


def dead_rules(program: Program) -> tuple[tuple[str, str, bool], ...]:
    """Return the conditions that no answers make true (False), or that all answers do (True), as slots."""
    formula = _Formula(program, {}, {})
    pack = program.pack
    conditions: dict[tuple[str, str], Any] = {("definition", id_): formula.definition(id_) for id_ in pack.definitions}
    conditions |= {slot: formula.of(condition) for slot, condition in all_conditions(pack).items()}
    conditions |= {("is", level.id): f for level, f in zip(pack.levels, formula.levels(), strict=True)}
    solver = formula.z3.Solver(ctx=formula.context)
    solver.add(formula.theory())
    found: list[tuple[str, str, bool]] = []
    for (kind, id_), condition in conditions.items():
        if solver.check(condition) == formula.z3.unsat:
            found.append((kind, id_, False))
        elif solver.check(formula.z3.Not(condition)) == formula.z3.unsat:
            found.append((kind, id_, True))
    return tuple(found)

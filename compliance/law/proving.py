"""Conditions as formulas, and exact ranges by solver. The only importer of z3, and only when it is asked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any

from compliance.law.compiling import Atom, Program, atoms_of
from compliance.law.model import Fact
from compliance.law.terms import AtLeast, Condition, FactType, GroupKind, Not, Operator, Ref, Test


class Formula:
    """The conditions of a pack as formulas, with what is already known put in place.

    ``beside`` is another pack's formulas: the same atoms are then the same variables.
    """

    def __init__(
        self,
        program: Program,
        known: Mapping[Atom, bool],
        definitions: Mapping[str, bool],
        beside: Formula | None = None,
    ) -> None:
        import z3  # noqa: PLC0415 - the solver is loaded only where Kleene's logic is not enough

        solver: Any = z3
        self.z3 = solver
        self.context: Any = beside.context if beside else solver.Context()  # no other thread's formulas are in it
        self.program = program
        self.known = known
        self.names: dict[str, Any] = {id_: solver.BoolVal(truth, self.context) for id_, truth in definitions.items()}
        self.variables: dict[Atom, Any] = beside.variables if beside else {}

    def atom(self, atom: Atom) -> Any:
        """Return the variable of an atom, or its value where it is known."""
        if atom in self.known:
            return self.z3.BoolVal(self.known[atom], self.context)
        if atom not in self.variables:
            self.variables[atom] = self.z3.Bool(f"a{len(self.variables)}", self.context)
        return self.variables[atom]

    def test(self, test: Test) -> Any:
        """Return the formula of a test."""
        parts = [self.atom(a) if positive else self.z3.Not(self.atom(a)) for a, positive in atoms_of(test)]
        if test.operator is Operator.ALL_OF:
            return self.z3.And(parts)
        return self.z3.Not(self.z3.Or(parts)) if test.operator is Operator.NONE_OF else self.z3.Or(parts)

    def of(self, condition: Condition) -> Any:
        """Return the formula of a condition."""
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
        """Return the formula of a definition, its exception included."""
        if id_ not in self.names:
            definition = self.program.pack.definitions[id_]
            formula = self.of(definition.when)
            if definition.unless is not None:
                formula = self.z3.And(formula, self.z3.Not(self.of(definition.unless)))
            self.names[id_] = self.z3.simplify(formula)
        return self.names[id_]

    def theory(self, *others: Formula) -> list[Any]:
        """Return what holds among the atoms met: one option per choice, thresholds in order, numbers within bounds.

        ``others`` are formulas that share the variables; their atoms count as well.
        """
        names = dict.fromkeys(atom.fact for atom in self.variables)
        return [rule for name in names for rule in self.theory_of(name, *others)]

    def theory_of(self, name: str, *others: Formula) -> list[Any]:
        """Return what holds among the atoms of one question."""
        programs = [formula.program for formula in (self, *others)]
        atoms = dict.fromkeys(p.atoms[number] for p in programs for number in p.by_fact.get(name, ()))
        fact = next(p.pack.facts[name] for p in programs if name in p.pack.facts)
        if fact.type is FactType.CHOICE:
            exactly_one = self.z3.PbEq([(self.atom(atom), 1) for atom in atoms], 1)
            return [exactly_one, *self._known_to_all(atoms, programs, name)]
        if fact.type in (FactType.DATE, FactType.NUMBER):
            return self._in_order(fact, sorted(atoms, key=lambda atom: (atom.value, atom.strict)))
        return []

    def _known_to_all(self, atoms: Mapping[Atom, None], programs: list[Program], name: str) -> list[Any]:
        """Return that only an option is chosen that every pack with the question has."""
        having = [program for program in programs if name in program.by_fact]
        return [self.z3.Not(self.atom(atom)) for atom in atoms if any(atom not in p.index for p in having)]

    def _in_order(self, fact: Fact, ordered: list[Atom]) -> list[Any]:
        z3 = self.z3
        rules: list[Any] = []
        for low, high in pairwise(ordered):
            first, then = (low, high) if fact.type is FactType.DATE else (high, low)
            rules.append(z3.Implies(self.atom(first), self.atom(then)))
        for atom in ordered if fact.type is FactType.NUMBER else ():
            if fact.minimum is not None and (
                fact.minimum > atom.value or (fact.minimum == atom.value and not atom.strict)  # type: ignore[operator]
            ):
                rules.append(self.atom(atom))
            if fact.maximum is not None and (
                fact.maximum < atom.value or (fact.maximum == atom.value and atom.strict)  # type: ignore[operator]
            ):
                rules.append(z3.Not(self.atom(atom)))
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
        formula = Formula(program, known, {})
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

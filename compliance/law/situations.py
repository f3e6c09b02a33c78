"""Situations by solver: results of packs as formulas, and the smallest answers that make something certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from compliance.law.compiling import Atom, Program
from compliance.law.model import Deadline, Fact
from compliance.law.proving import Formula
from compliance.law.terms import FactType

Target = tuple[str, str]
Holding = tuple[Atom, ...]  # the atoms of one question that hold
GENEROUS = 20_000  # milliseconds that one question to the solver may take


class UndecidedError(Exception):
    """The solver did not decide a question in its time."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Answers that alone make something certain, and one way in which all other questions may be answered.

    Values are as ``assessment.facts.accept`` takes them.
    """

    answers: Mapping[str, object]
    completion: Mapping[str, object]


def owed(formula: Formula, id_: str) -> Any:
    """Return the formula under which an obligation is owed: its condition, and one of its roles."""
    pack, z3 = formula.program.pack, formula.z3
    obligation = pack.obligations[id_]
    roles = [formula.of(pack.roles[role].when) for role in obligation.who]
    return z3.And(formula.of(obligation.when), z3.Or(roles)) if roles else formula.of(obligation.when)


def reached(formula: Formula, deadline: Deadline) -> dict[date | None, Any]:
    """Return, for each day of a deadline (None: never), the formula under which it is the day."""
    z3 = formula.z3
    found: dict[date | None, list[Any]] = {}
    before: list[Any] = []
    for case in deadline.cases:
        own = z3.BoolVal(True, formula.context) if case.when is None else formula.of(case.when)
        found.setdefault(case.applies_from, []).append(z3.And([own, *[z3.Not(other) for other in before]]))
        before.append(own)
    return {day: z3.Or(formulas) for day, formulas in found.items()}


def results(formula: Formula) -> dict[Target, Any]:
    """Return what a pack says of a situation, as formulas: levels, roles, findings, obligations owed."""
    pack = formula.program.pack
    found: dict[Target, Any] = {("level", level.id): f for level, f in zip(pack.levels, formula.levels(), strict=True)}
    found |= {("role", id_): formula.of(role.when) for id_, role in pack.roles.items()}
    found |= {("finding", id_): formula.of(finding.when) for id_, finding in pack.findings.items()}
    return found | {("obligation", id_): owed(formula, id_) for id_ in pack.obligations}


class Asker:
    """A solver over one or two packs that share their variables."""

    def __init__(self, formula: Formula, *others: Formula, milliseconds: int = GENEROUS) -> None:
        self.formula, self.z3 = formula, formula.z3
        self.programs = [f.program for f in (formula, *others)]
        for program in self.programs:
            for atom in program.atoms:
                formula.atom(atom)
        self.atoms = dict(formula.variables)
        self.others = others
        self.met: set[str] = set()  # questions that the solvers know the answers of
        self.yes: Any = self.z3.SimpleSolver(ctx=formula.context)
        self.no: Any = self.z3.SimpleSolver(ctx=formula.context)
        for solver in (self.yes, self.no):
            solver.set("timeout", milliseconds)
        self.no.set("core.minimize", True)
        self.known: dict[int, tuple[Any, Situation | None]] = {}  # the formula is held, so its number stays its own
        self.by_fact: dict[str, list[Atom]] = {}
        for atom in self.atoms:
            self.by_fact.setdefault(atom.fact, []).append(atom)
        self.answered: dict[str, Any] = {  # assumed where a question is answered as in the example at hand
            name: self.z3.Bool(f"answered {name}", formula.context) for name in self.by_fact
        }
        self.meant: dict[tuple[str, Holding], Any] = {}
        self.mentioned: dict[int, tuple[Any, frozenset[str]]] = {
            variable.get_id(): (variable, frozenset((atom.fact,))) for atom, variable in self.atoms.items()
        }

    def possible(self, wanted: Any) -> Any | None:
        """Return a model of a formula, or None where no situation meets it. Raises UndecidedError."""
        self._meet(self.mentions(wanted))
        self.yes.push()
        try:
            self.yes.add(wanted)
            found = self.yes.check()
            if found == self.z3.unknown:
                raise UndecidedError
            return self.yes.model() if found == self.z3.sat else None
        finally:
            self.yes.pop()

    def smallest(self, wanted: Any) -> Situation | None:
        """Return the answers, none of which could be spared, that make a formula certain; None where nothing can."""
        number = wanted.get_id()
        if number not in self.known:
            self.known[number] = wanted, self._smallest(wanted)
        return self.known[number][1]

    def _smallest(self, wanted: Any) -> Situation | None:
        model = self.possible(wanted)
        if model is None:
            return None
        mentioned = self.mentions(wanted)
        names = [name for name in self.by_fact if name in mentioned]
        true = self._true(model)
        self.no.push()
        try:
            self.no.add(self.z3.Not(wanted), *[self._means(name, true[name]) for name in names])
            needed = self._core(names)
        finally:
            self.no.pop()
        completion = self._anyhow | {name: self._value(name, true[name]) for name in names}
        return Situation({name: completion[name] for name in self._in_reading_order(needed)}, completion)

    def mentions(self, formula: Any) -> frozenset[str]:
        """Return the questions in a formula. No other matters to it: what always holds is about one question each."""
        number = formula.get_id()
        if number not in self.mentioned:
            found = frozenset[str]().union(*map(self.mentions, formula.children()))
            self.mentioned[number] = formula, found
        return self.mentioned[number][1]

    def _meet(self, names: frozenset[str]) -> None:
        """Tell the solvers which answers of these questions exclude each other; in an order that is always the same."""
        for name in self.by_fact:
            if name in names and name not in self.met:
                self.met.add(name)
                rules = self.formula.theory_of(name, *self.others)
                self.yes.add(*rules)
                self.no.add(*rules)

    @cached_property
    def _anyhow(self) -> dict[str, object]:
        """One way in which all questions may be answered, for those that do not matter."""
        solver = self.z3.SimpleSolver(ctx=self.formula.context)
        solver.add(self.formula.theory(*self.others))
        solver.check()
        return {name: self._value(name, true) for name, true in self._true(solver.model()).items()}

    @cached_property
    def _number(self) -> Any:
        """All atoms as the digits of one binary number: a model is read in one go, the first atom from the right."""
        z3, context = self.z3, self.formula.context
        one, zero = z3.BitVecVal(1, 1, context), z3.BitVecVal(0, 1, context)
        digits = [z3.If(variable, one, zero) for variable in self.atoms.values()]
        return z3.Concat([zero, *reversed(digits)])

    def _true(self, model: Any) -> dict[str, Holding]:
        """Return, for each question, its atoms that a model holds true."""
        number = model.eval(self._number, model_completion=True).as_long()
        true = {atom for place, atom in enumerate(self.atoms) if number >> place & 1}
        return {name: tuple(atom for atom in atoms if atom in true) for name, atoms in self.by_fact.items()}

    def _means(self, name: str, true: Holding) -> Any:
        """Return what it says that a question is answered so; of a choice, the option chosen rules the others out."""
        key = name, true
        if key not in self.meant:
            z3, chosen = self.z3, self._fact(name).type is FactType.CHOICE
            parts = [self.atoms[atom] for atom in true]
            parts += [z3.Not(self.atoms[atom]) for atom in self.by_fact[name] if not chosen and atom not in true]
            self.meant[key] = z3.Implies(self.answered[name], z3.And(parts))
        return self.meant[key]

    def _core(self, names: list[str]) -> list[str]:
        """Return questions whose answers contradict the contrary of what is wanted, none of which could be spared."""
        if self.no.check(*[self.answered[name] for name in names]) != self.z3.unsat:
            return names  # undecided: all answers together are still true of the example
        core = {answer.get_id() for answer in self.no.unsat_core()}
        return [name for name in names if self.answered[name].get_id() in core]

    def _in_reading_order(self, names: Iterable[str]) -> list[str]:
        def order(name: str) -> tuple[int, int, str]:
            pack = next(p.pack for p in reversed(self.programs) if name in p.pack.facts)
            fact = pack.facts[name]
            return pack.sections[fact.section].order, fact.order, name

        return sorted(names, key=order)

    def _value(self, name: str, true: Holding) -> object:
        fact = self._fact(name)
        if fact.type is FactType.BOOLEAN:
            return bool(true)
        if fact.type is FactType.CHOICE:
            return str(true[0].value)
        if fact.type is FactType.CHOICES:
            return sorted(str(atom.value) for atom in true)
        false = [atom for atom in self.by_fact[name] if atom not in true]
        return _day(true, false) if fact.type is FactType.DATE else str(_number(fact, true, false))

    def _fact(self, name: str) -> Fact:
        return next(p.pack.facts[name] for p in reversed(self.programs) if name in p.pack.facts)


def _day(true: Holding, false: list[Atom]) -> str:
    """Return a day before those of the true atoms, and not before those of the false ones."""
    if false:
        return str(max(atom.value for atom in false))
    first = min(atom.value for atom in true)
    assert isinstance(first, date)
    return (first - timedelta(days=1)).isoformat()


def _number(fact: Fact, true: Holding, false: list[Atom]) -> Decimal:
    """Return a number that reaches the thresholds of the true atoms, and none of the false ones."""
    lows = [(atom.value, atom.strict) for atom in true if isinstance(atom.value, Decimal)]
    highs = [(atom.value, atom.strict) for atom in false if isinstance(atom.value, Decimal)]
    low, high = max(lows, default=None), min(highs, default=None)
    if low is None:
        assert high
        below = high[0] if high[1] else high[0] - 1
        return max(below, fact.minimum) if fact.minimum is not None else below
    if not low[1]:
        return low[0]
    if high is None:
        return low[0] + 1 if fact.maximum is None else (low[0] + fact.maximum) / 2
    return high[0] if high[1] else (low[0] + high[0]) / 2


def beside(before: Program, after: Program) -> tuple[Formula, Formula]:
    """Return the formulas of two packs over the same variables."""
    old = Formula(before, {}, {})
    return old, Formula(after, {}, {}, old)

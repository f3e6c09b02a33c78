"""What a pack must satisfy in every situation, proved by solver; what breaks a proof is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import combinations
from typing import Any

from compliance.law.checking import beside as law_beside
from compliance.law.checking import references
from compliance.law.compiling import Program, all_conditions
from compliance.law.entries import entries
from compliance.law.model import Derivation, Fact, Option, Pack
from compliance.law.proving import Formula
from compliance.law.situations import GENEROUS, Asker, Situation, UndecidedError, beside, reached, results
from compliance.law.terms import Condition, FactType, Group, GroupKind, Operator, Position, Test
from compliance.text import Text

KINDS = (
    "one_level",
    "levels_reachable",
    "no_dead_rule",
    "derivations_agree",
    "questions_matter",
    "duties_reachable",
    "never_lower",
    "translated",
)
MUST_HOLD = ("one_level", "derivations_agree", "never_lower")  # or nothing is published
_SENTENCE = 4  # words that two languages do not share by chance


@dataclass(frozen=True, slots=True)
class Failure:
    """What breaks a proof: an entry, and the situation in which it does where there is one.

    ``why`` tells failures of one kind apart: "several", "never", "always", "disagree", "no_matter", "lower", "gone",
    "same_words".
    """

    section: str
    id: str
    why: str
    position: Position | None
    example: Situation | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """One statement about a pack: it holds when nothing breaks it and nothing was left undecided."""

    kind: str
    checked: int
    failures: tuple[Failure, ...] = ()
    undecided: int = 0

    @property
    def holds(self) -> bool | None:
        """Whether it is proved; None where the solver did not decide in its time."""
        return False if self.failures else None if self.undecided else True


class _Prover:
    def __init__(self, program: Program, under: Program | None, milliseconds: int) -> None:
        self.program, self.pack, self.under = program, program.pack, under
        if under is None:
            self.formula = Formula(program, {}, {})
            self.asker = Asker(self.formula, milliseconds=milliseconds)
        else:
            self.below, self.formula = beside(under, program)
            self.asker = Asker(self.below, self.formula, milliseconds=milliseconds)
        self.z3, self.context = self.formula.z3, self.formula.context
        self.results = results(self.formula)
        self.theory = self.formula.theory()
        self.undecided = 0

    def ask(self, wanted: Any) -> Any | None:
        """Return a model; None, counted, where the solver does not decide is told apart by ``undecided``."""
        try:
            return self.asker.possible(wanted)
        except UndecidedError:
            self.undecided += 1
            return None

    def example(self, wanted: Any) -> Situation | None:
        try:
            return self.asker.smallest(wanted)
        except UndecidedError:
            self.undecided += 1
            return None

    def never(self, wanted: Any) -> bool:
        before = self.undecided
        return self.ask(wanted) is None and self.undecided == before

    def proof(self, kind: str, checked: int, failures: Iterator[Failure]) -> Proof:
        self.undecided = 0
        found = tuple(failures)
        return Proof(kind, checked, found, self.undecided)

    def one_level(self) -> Iterator[Failure]:
        exactly = self.z3.PbEq([(self.results["level", level.id], 1) for level in self.pack.levels], 1)
        if example := self.example(self.z3.Not(exactly)):
            yield Failure("levels", self.pack.levels[0].id, "several", self.pack.levels[0].position, example)

    def levels_reachable(self) -> Iterator[Failure]:
        for level in self.pack.levels:
            if self.never(self.results["level", level.id]):
                yield Failure("levels", level.id, "never", level.position)

    def conditions(self) -> dict[tuple[str, str], tuple[Any, Position]]:
        """Return every written condition as a formula, with its place."""
        found = {
            ("definitions", id_): (self.formula.definition(id_), definition.position)
            for id_, definition in self.pack.definitions.items()
        }
        sections = {"level": "levels", "percent": "penalties", "lower": "penalties"}
        sections |= {"regime_duty": "regime_duties", "training": "training", "supply": "supplies"}
        for (kind, id_), condition in all_conditions(self.pack).items():
            found[sections.get(kind, f"{kind}s"), id_] = self.formula.of(condition), condition.position
        return found

    def no_dead_rule(self) -> Iterator[Failure]:
        for (section, id_), (formula, position) in self.conditions().items():
            if self.never(formula):
                yield Failure(section, id_, "never", position)
            elif section != "deadlines" and self.never(self.z3.Not(formula)):
                yield Failure(section, id_, "always", position)

    def rivals(self) -> list[tuple[Derivation, Derivation]]:
        """Return the derivations, two by two, that give one question different answers."""
        return [
            (one, other)
            for one, other in combinations(self.pack.derivations.values(), 2)
            if any(other.gives.get(fact, value) != value for fact, value in one.gives.items())
        ]

    def derivations_agree(self) -> Iterator[Failure]:
        for one, other in self.rivals():
            if _apart(self.pack, one.when, other.when):
                continue
            both = self.z3.And(self.formula.of(one.when), self.formula.of(other.when))
            if not self.never(both):
                yield Failure("derivations", other.id, "disagree", other.position, self.example(both))

    def duties_reachable(self) -> Iterator[Failure]:
        for id_, obligation in self.pack.obligations.items():
            if self.never(self.results["obligation", id_]):
                yield Failure("obligations", id_, "never", obligation.position)

    def questions(self) -> list[Fact]:
        return [fact for fact in self.pack.facts.values() if fact.id in self.program.by_fact]

    def questions_matter(self) -> Iterator[Failure]:
        targets = list(self._targets())
        for fact in self.questions():
            before = self.undecided
            if not self._matters(fact, targets) and self.undecided == before:
                yield Failure("facts", fact.id, "no_matter", fact.position)

    def _matters(self, fact: Fact, targets: list[tuple[frozenset[str], Callable[[], Any]]]) -> bool:
        z3, context = self.z3, self.formula.context
        mine = [self.program.atoms[number] for number in self.program.by_fact[fact.id]]
        pairs = [(self.asker.atoms[atom], z3.Bool(f"other {n}", context)) for n, atom in enumerate(mine)]
        theory = [z3.substitute(rule, *pairs) for rule in self.theory if fact.type is not FactType.BOOLEAN]
        for asked, formula in targets:
            if fact.id in asked:
                made = formula()
                otherwise = z3.substitute(made, *pairs)
                if self.ask(z3.And(*theory, z3.Xor(made, otherwise))) is not None:
                    return True
        return False

    def _targets(self) -> Iterator[tuple[frozenset[str], Callable[[], Any]]]:
        """Yield what an answer may change, with the questions that it depends on; dates where something is owed."""
        reach, pack, made = _Reach(self.pack), self.pack, self.results
        for level in pack.levels:
            above = [other.when for other in pack.levels if other.rank <= level.rank]
            yield reach.of(*above), partial(made.get, ("level", level.id))
        for id_, finding in pack.findings.items():
            yield reach.of(finding.when), partial(made.get, ("finding", id_))
        for derivation in pack.derivations.values():
            yield reach.of(derivation.when), partial(self.formula.of, derivation.when)
        for _, _, when in law_beside(pack):
            if when is not None:
                yield reach.of(when), partial(self.formula.of, when)
        for id_, role in pack.roles.items():
            yield reach.of(role.when), partial(made.get, ("role", id_))
        for id_, duty in pack.obligations.items():
            roles = [pack.roles[role].when for role in duty.who]
            yield reach.of(duty.when, *roles), partial(made.get, ("obligation", id_))
        for key, name in self._with_deadline():
            deadline = pack.deadlines[name]
            asked = reach.of(*(case.when for case in deadline.cases))
            for day in dict.fromkeys(case.applies_from for case in deadline.cases):
                yield asked, partial(self._dated, key, deadline, day)
        for penalty in pack.penalties.values():
            for condition in (penalty.percent_when, penalty.lower_when):
                if condition is not None:
                    yield reach.of(condition), partial(self._fined, penalty.id, condition)

    def _with_deadline(self) -> Iterator[tuple[tuple[str, str], str]]:
        for id_, duty in self.pack.obligations.items():
            yield ("obligation", id_), duty.deadline
        for id_, finding in self.pack.findings.items():
            if finding.deadline:
                yield ("finding", id_), finding.deadline

    def _fined(self, penalty: str, condition: Condition) -> Any:
        users = [id_ for id_, duty in self.pack.obligations.items() if duty.penalty == penalty]
        owed = self.z3.Or([self.results["obligation", id_] for id_ in users] or [self.z3.BoolVal(False, self.context)])
        return self.z3.And(self.formula.of(condition), owed)

    def _dated(self, key: tuple[str, str], deadline: Any, day: date | None) -> Any:
        return self.z3.And(self.results[key], reached(self.formula, deadline)[day])

    def never_lower(self) -> Iterator[Failure]:
        assert self.under
        old, ranks = results(self.below), {level.id: level.rank for level in self.pack.levels}
        for level in self.under.pack.levels:
            for lower in self.pack.levels:
                if lower.rank > ranks[level.id]:
                    wanted = self.z3.And(old["level", level.id], self.results["level", lower.id])
                    if example := self.example(wanted):
                        yield Failure("levels", level.id, "lower", lower.position, example)
        for (kind, id_), formula in old.items():
            new = self._still(kind, id_)
            compared = kind in ("obligation", "finding") and not formula.eq(new)
            if compared and (example := self.example(self.z3.And(formula, self.z3.Not(new)))):
                yield Failure(f"{kind}s", id_, "gone", None, example)

    def _still(self, kind: str, id_: str) -> Any:
        return self.results.get((kind, id_), self.z3.BoolVal(False, self.formula.context))


def _apart(pack: Pack, one: Condition, other: Condition) -> bool:
    """Tell whether two conditions want different answers to one choice, so that no solver need be asked."""
    wanted = _wanted(pack, one)
    return any(not wanted[fact] & options for fact, options in _wanted(pack, other).items() if fact in wanted)


def _wanted(pack: Pack, condition: Condition) -> dict[str, frozenset[str]]:
    parts = condition.parts if isinstance(condition, Group) and condition.kind is GroupKind.ALL else (condition,)
    return {
        part.fact: frozenset(part.options)
        for part in parts
        if isinstance(part, Test) and part.operator is Operator.ANY_OF and pack.facts[part.fact].type is FactType.CHOICE
    }


class _Reach:
    """The questions that conditions come down to, through definitions."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.known: dict[str, frozenset[str]] = {}

    def of(self, *conditions: Condition | None) -> frozenset[str]:
        found: set[str] = set()
        for condition in conditions:
            for name in references(condition):
                found |= self.named(name) if name in self.pack.definitions else {name}
        return frozenset(found)

    def named(self, id_: str) -> frozenset[str]:
        if id_ not in self.known:
            definition = self.pack.definitions[id_]
            self.known[id_] = self.of(definition.when, definition.unless)
        return self.known[id_]


def texts(pack: Pack) -> Iterator[tuple[tuple[str, str], Any, Text]]:
    """Yield every text of a pack with its entry: all that a person may read of it."""
    for key, entry in entries(pack).items():
        for text in _within(entry):
            yield key, entry, text


def _within(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _within(item)
    elif isinstance(value, Option) or hasattr(value, "position"):
        for name in getattr(type(value), "__dataclass_fields__", {}):
            if name not in ("when", "unless"):
                yield from _within(getattr(value, name))
    elif hasattr(value, "values"):
        for item in value.values():
            yield from _within(item)


def _same_words(pack: Pack) -> Iterator[Failure]:
    for (section, id_), entry, text in texts(pack):
        if text.fr == text.en and len(text.fr.split()) > _SENTENCE:
            yield Failure(section, id_, "same_words", entry.position)


def prove(
    program: Program, under: Program | None = None, milliseconds: int = GENEROUS, only: Collection[str] = KINDS
) -> tuple[Proof, ...]:
    """Return the proofs of a pack; ``under`` is the pack that it builds on, where it is one on top.

    ``milliseconds`` bound each question to the solver: what it does not decide is counted, never taken as holding.
    ``only`` names the kinds wanted.
    """
    prover = _Prover(program, under, milliseconds)
    pack = program.pack
    kinds: dict[str, tuple[Callable[[], int], Callable[[], Iterator[Failure]]]] = {
        "one_level": (lambda: len(pack.levels), prover.one_level),
        "levels_reachable": (lambda: len(pack.levels), prover.levels_reachable),
        "no_dead_rule": (lambda: len(prover.conditions()), prover.no_dead_rule),
        "derivations_agree": (lambda: len(prover.rivals()), prover.derivations_agree),
        "questions_matter": (lambda: len(prover.questions()), prover.questions_matter),
        "duties_reachable": (lambda: len(pack.obligations), prover.duties_reachable),
        "never_lower": (lambda: len(pack.levels), prover.never_lower),
        "translated": (lambda: sum(1 for _ in texts(pack)), lambda: _same_words(pack)),
    }
    wanted = [kind for kind in KINDS if kind in only and (kind != "never_lower" or under is not None)]
    return tuple(prover.proof(kind, kinds[kind][0](), kinds[kind][1]()) for kind in wanted)


def dead_rules(program: Program) -> tuple[tuple[str, str, bool], ...]:
    """Return the conditions that no answers make true (False), or that all answers do (True), with their section."""
    prover = _Prover(program, None, GENEROUS)
    found = (*prover.levels_reachable(), *prover.no_dead_rule(), *prover.duties_reachable())
    return tuple((failure.section, failure.id, failure.why == "always") for failure in found)

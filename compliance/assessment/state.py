"""One case run through a program: what is true, false or unknown of every entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance.assessment.deriving import fill, merged
from compliance.assessment.facts import Facts, bits, truth_of
from compliance.assessment.outcome import Explanation, Truth
from compliance.law import proving
from compliance.law.compiling import Atom, Bits, Program, atoms_of
from compliance.law.model import Definition, Obligation, Pack
from compliance.law.terms import AtLeast, Condition, Group, GroupKind, Not, Operator, Ref, Test

TRUTHS = {(0, 0): Truth.UNKNOWN, (1, 0): Truth.TRUE, (0, 1): Truth.FALSE}


@dataclass(frozen=True, slots=True)
class State:
    """The answers, the program, and what one run of it said.

    ``given`` are the answers as people gave them; ``facts`` also holds those that follow, each by the derivation that
    ``derived`` names.
    """

    program: Program
    given: Facts
    facts: Facts
    derived: Mapping[str, str]
    true: list[int]
    false: list[int]
    inputs: tuple[Bits, Bits]  # per atom
    trees: dict[str, Explanation] = field(default_factory=dict, compare=False, repr=False)  # of concepts, once each
    walked: dict[int, tuple[Condition, Truth]] = field(default_factory=dict, compare=False, repr=False)

    def slot(self, kind: str, id_: str) -> Truth:
        """Return what is known of one entry's condition."""
        number = self.program.slots[kind, id_]
        return TRUTHS[self.true[number], self.false[number]]


def reading_order(pack: Pack, fact: str) -> tuple[int, int, str]:
    """Return the place of a question: its section's, then its own."""
    found = pack.facts[fact]
    return pack.sections[found.section].order, found.order, fact


def run(program: Program, facts: Facts, leave: str | None = None) -> State:
    """Run the program over one case; ``leave`` is a question that stays open even where its answer would follow."""
    true, false = bits(program, facts)
    settled_facts, derived = merged(program, facts, fill(program, true, false, 1, leave))
    return State(program, facts, settled_facts, derived, *program.run(true, false, 1), (true, false))


def possible_levels(state: State, *, exact: bool = True) -> tuple[str, ...]:
    """Return the levels still possible by rank; by Kleene's logic alone unless ``exact``."""
    pack = state.program.pack
    found = tuple(level.id for level in pack.levels if state.slot("is", level.id) is not Truth.FALSE)
    if not exact or len(found) == 1:
        return found
    return proving.possible_after(state.program, settled(state), [({}, found)])[0]


def settled(state: State) -> dict[Atom, bool]:
    """Return the atoms that are known."""
    values = state.facts.values
    return {atom: known for atom in state.program.atoms if (known := truth_of(atom, values.get(atom.fact))) is not None}


def truth(state: State, condition: Condition) -> Truth:
    """Return what is known of any condition, by walking its tree once; definitions come from the run."""
    if isinstance(condition, Ref):
        return state.slot("definition", condition.id)
    walked = state.walked.get(id(condition))
    if walked is None:
        walked = condition, _walk(state, condition)
        state.walked[id(condition)] = walked
    return walked[1]


def _walk(state: State, condition: Test | Not | Group | AtLeast) -> Truth:
    if isinstance(condition, Test):
        return _test(state, condition)
    if isinstance(condition, Not):
        return negated(truth(state, condition.part))
    parts = [truth(state, part) for part in condition.parts]
    if isinstance(condition, AtLeast):
        if parts.count(Truth.TRUE) >= condition.count:
            return Truth.TRUE
        return Truth.FALSE if len(parts) - parts.count(Truth.FALSE) < condition.count else Truth.UNKNOWN
    if condition.kind is GroupKind.ALL:
        return combined(parts, Truth.FALSE, Truth.TRUE)
    either = combined(parts, Truth.TRUE, Truth.FALSE)
    return either if condition.kind is GroupKind.ANY else negated(either)


def combined(parts: list[Truth], decisive: Truth, otherwise: Truth) -> Truth:
    """Return ``decisive`` if one part is, ``unknown`` if one is, else ``otherwise``."""
    if decisive in parts:
        return decisive
    return Truth.UNKNOWN if Truth.UNKNOWN in parts else otherwise


def owed(state: State, obligation: Obligation) -> Truth:
    """Return whether an obligation is owed: its condition holds, and one of its roles is held."""
    holds = state.slot("obligation", obligation.id)
    if holds is Truth.FALSE:  # most are
        return holds
    roles = [state.slot("role", role) for role in obligation.who]
    return combined([holds, combined(roles, Truth.TRUE, Truth.FALSE)], Truth.FALSE, Truth.TRUE)


def negated(value: Truth) -> Truth:
    """Return the contrary of what is known."""
    return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(value, Truth.UNKNOWN)


def _test(state: State, test: Test) -> Truth:
    number = state.program.index
    parts = []
    for atom, positive in atoms_of(test):
        if atom in number:
            true, false = (side[number[atom]] for side in state.inputs)
            found = True if true else False if false else None
        else:  # asked by a record alone
            found = truth_of(atom, state.facts.values.get(test.fact))
        parts.append(Truth.UNKNOWN if found is None else Truth.TRUE if found is positive else Truth.FALSE)
    if test.operator is Operator.ALL_OF:
        return combined(parts, Truth.FALSE, Truth.TRUE)
    either = combined(parts, Truth.TRUE, Truth.FALSE)
    return negated(either) if test.operator is Operator.NONE_OF else either


def definition_truth(state: State, definition: Definition) -> Truth:
    """Return what a walk of a definition's own tree says, its exception included."""
    when = truth(state, definition.when)
    if definition.unless is None:
        return when
    return combined([when, negated(truth(state, definition.unless))], Truth.FALSE, Truth.TRUE)


def open_facts(state: State, condition: Condition, seen: set[str]) -> set[str]:
    """Return the facts whose answer may still change an unknown condition; ``seen`` spares repeats."""
    if truth(state, condition) is not Truth.UNKNOWN:
        return set()
    if isinstance(condition, Test):
        return {condition.fact}
    if isinstance(condition, Ref):
        if condition.id in seen:
            return set()
        seen.add(condition.id)
        definition = state.program.pack.definitions[condition.id]
        found = open_facts(state, definition.when, seen)
        return found | (open_facts(state, definition.unless, seen) if definition.unless else set())
    parts = condition.parts if isinstance(condition, Group | AtLeast) else (condition.part,)
    return set().union(*(open_facts(state, part, seen) for part in parts))

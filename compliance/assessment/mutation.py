"""Who notices a change of the law: the checks of a pack, its scenarios, its proofs, or nobody.

All scenarios are run at once through a mutant's program, one bit a scenario, to find those whose result may be
another; a mutant counts as caught by a scenario only when that scenario, run as it always is, fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from compliance.assessment import scenarios
from compliance.assessment.deriving import fill
from compliance.assessment.facts import Facts, accept, cases_in, truth_of
from compliance.law.checking import check
from compliance.law.compiling import Atom, Program, compile_pack
from compliance.law.meaning import compare
from compliance.law.model import Pack
from compliance.law.mutating import Mutant
from compliance.law.proofs import prove
from compliance.law.scenarios import Scenario
from compliance.law.terms import Group, GroupKind
from compliance.text import Text

Slot = tuple[str, str]


class Catch(StrEnum):
    """How a mutant ended."""

    CHECK = "check"  # the pack with the change has an error, or a warning that no published pack may have
    SCENARIO = "scenario"
    PROOF = "proof"
    EQUIVALENT = "equivalent"  # proved: the same result in every situation, records included
    SURVIVED = "survived"


CATCHES = {
    Catch.CHECK: Text("arrêtés par la vérification", "stopped by the check"),
    Catch.SCENARIO: Text("arrêtés par un scénario", "stopped by a scenario"),
    Catch.PROOF: Text("arrêtés par une preuve", "stopped by a proof"),
    Catch.EQUIVALENT: Text("sans effet, c'est prouvé", "proved to change nothing"),
    Catch.SURVIVED: Text("passés inaperçus", "not noticed"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one mutant ended, and by whom: the words of a problem, a scenario's name, a slot without effect."""

    mutant: Mutant
    catch: Catch
    by: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """A pack and its scenarios, made ready to try many mutants."""

    pack: Pack
    program: Program
    scenarios: tuple[Scenario, ...]
    facts: tuple[Facts, ...]
    true: list[int]
    false: list[int]
    watched: Mapping[Slot, int]  # the scenarios that say something of a slot
    watching: int  # the scenarios that may see a change anywhere
    failures: frozenset[tuple[str, ...]]  # proofs that fail for the pack itself
    columns: dict[Atom, tuple[int, int]] = field(default_factory=dict)


def prepare(pack: Pack, told: tuple[Scenario, ...]) -> Bench:
    """Return the bench of a pack. All its scenarios must pass; raises FactsError where one's answers do not fit."""
    program = compile_pack(pack)
    facts = tuple(accept(pack, scenario.facts) for scenario in told)
    columns: dict[Atom, tuple[int, int]] = {}
    true, false = _run(program, facts, columns)
    watched: dict[Slot, int] = {}
    watching = 0
    for number, scenario in enumerate(told):
        for slot in _watched(pack, scenario):
            watched[slot] = watched.get(slot, 0) | 1 << number
        if _sees_all(scenario):
            watching |= 1 << number
    failures = frozenset(_failures(program))
    return Bench(pack, program, told, facts, true, false, watched, watching, failures, columns)


def _failures(program: Program) -> Iterator[tuple[str, ...]]:
    for proof in prove(program):
        yield from ((proof.kind, failure.section, failure.id, failure.why) for failure in proof.failures)


def _run(program: Program, facts: tuple[Facts, ...], columns: dict[Atom, tuple[int, int]]) -> tuple[list[int], ...]:
    for atom in program.atoms:
        if atom not in columns:
            truths = [truth_of(atom, given.values.get(atom.fact)) for given in facts]
            columns[atom] = (
                sum(1 << number for number, truth in enumerate(truths) if truth is True),
                sum(1 << number for number, truth in enumerate(truths) if truth is False),
            )
    true, false = [columns[atom][0] for atom in program.atoms], [columns[atom][1] for atom in program.atoms]
    fill(program, true, false, (1 << len(facts)) - 1)
    return program.run(true, false, (1 << len(facts)) - 1)


def _sees_all(scenario: Scenario) -> bool:
    expect = scenario.expect
    return bool(
        expect.cites_include
        or expect.open_include
        or expect.open_exclude
        or expect.records_include
        or expect.records_exclude
        or len(expect.level or ()) > 1
    )


def _watched(pack: Pack, scenario: Scenario) -> Iterator[Slot]:
    expect = scenario.expect
    if expect.level:
        yield from (("is", level.id) for level in pack.levels)
    yield from (("finding", id_) for id_ in (*expect.findings_include, *expect.findings_exclude))
    yield from (("role", id_) for id_ in (*expect.roles_include, *expect.roles_exclude))
    for id_ in (*expect.obligations_include, *expect.obligations_exclude, *expect.due):
        yield "obligation", id_
        yield from (("role", role) for role in pack.obligations[id_].who)
    for id_ in expect.due:
        deadline = pack.deadlines[pack.obligations[id_].deadline]
        yield from (("deadline", f"{deadline.id}/{number}") for number in range(len(deadline.cases)))


def _candidates(bench: Bench, mutant: Mutant, program: Program) -> list[Scenario]:
    """Return the scenarios whose result may be another under the mutant, the surest first."""
    true, false = _run(program, bench.facts, bench.columns)
    sure = anywhere = 0
    for slot, number in program.slots.items():
        before = bench.program.slots[slot]
        changed = (bench.true[before] ^ true[number]) | (bench.false[before] ^ false[number])
        sure |= changed & bench.watched.get(slot, 0)
        anywhere |= changed
    maybe = anywhere & bench.watching & ~sure
    first, then = ([bench.scenarios[number] for number in cases_in(found)] for found in (sure, maybe))
    return first + then + [scenario for scenario in bench.scenarios if _names(bench.pack, scenario, mutant)]


def _names(pack: Pack, scenario: Scenario, mutant: Mutant) -> bool:
    """Return whether a scenario speaks of what no slot shows: a duty's roles, a date, a record."""
    expect = scenario.expect
    match mutant.section:
        case "records":
            return mutant.entry in (*expect.records_include, *expect.records_exclude)
        case "deadlines":
            return any(pack.obligations[id_].deadline == mutant.entry for id_ in expect.due)
        case "obligations":
            return mutant.entry in (*expect.obligations_include, *expect.obligations_exclude, *expect.due)
    return False


def judge(bench: Bench, mutant: Mutant) -> Verdict:
    """Return how a mutant ends."""
    problems = check(mutant.pack)
    if problems:
        return Verdict(mutant, Catch.CHECK, problems[0].code)
    program = compile_pack(mutant.pack)
    for scenario in _candidates(bench, mutant, program):
        if not scenarios.run(mutant.pack, program, scenario).passed:
            return Verdict(mutant, Catch.SCENARIO, scenario.name.en)
    broken = next((failure for failure in _failures(program) if failure not in bench.failures), None)
    if broken:
        return Verdict(mutant, Catch.PROOF, "/".join(broken))
    meaning = compare(compile_pack(_whole(bench.pack)), compile_pack(_whole(mutant.pack)))
    if meaning.alike:
        return Verdict(mutant, Catch.EQUIVALENT)
    first = next(iter(meaning.changes), None)
    return Verdict(mutant, Catch.SURVIVED, f"{first.kind}/{first.id}" if first else "")


def _whole(pack: Pack) -> Pack:
    """Return the pack with its records made findings, so that a comparison of meaning sees them too."""
    like = next(iter(pack.findings.values()))
    found = dict(pack.findings)
    for id_, record in pack.records.items():
        roles = Group(GroupKind.ANY, tuple(pack.roles[role].when for role in record.who), record.position)
        when = Group(GroupKind.ALL, (record.when, roles), record.position)
        found[f"record {id_}"] = replace(like, id=f"record {id_}", when=when, deadline=None)
    return replace(pack, findings=MappingProxyType(found))

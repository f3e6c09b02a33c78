"""Small changes of the law: what they are, and that scenarios and proofs notice them (docs/mutation.md)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from compliance.assessment import scenarios
from compliance.assessment.mutation import Catch, judge, prepare
from compliance.law import terms
from compliance.law.compiling import compile_pack
from compliance.law.entries import changed, entry_of
from compliance.law.mutating import Kind, changes, mutants
from compliance.law.terms import Group, GroupKind, Not, Operator, Position, Ref
from tests import the_law

RULES = Path("rules")
LOADED = the_law.loaded()
AT = Position("rules.yaml", 1, 1)
A, B = Ref("a", AT), Ref("b", AT)


def group(kind, *parts):
    return Group(kind, parts, AT)


def made(condition):
    return [(change.path, change.kind) for change in changes(condition, LOADED.pack)]


def test_each_change_says_something_else():
    both = group(GroupKind.ALL, A, Not(B, AT))
    assert made(both) == [
        ("", Kind.NEGATE),
        ("", Kind.SWAP),
        ("1", Kind.DROP_PART),
        ("1", Kind.NEGATE),
        ("2", Kind.DROP_PART),
        ("2", Kind.NEGATE),
    ]
    assert made(group(GroupKind.NONE, A)) == [("", Kind.NONE_TO_ANY)]
    assert made(Not(A, AT)) == made(A) == [("", Kind.NEGATE)]


def test_options_dates_and_thresholds_are_moved():
    uses = terms.Test("annex_iii_use", Operator.ANY_OF, AT, options=("recruitment", "fraud_detection"))
    assert [(c.kind, c.changed.operator, c.changed.options) for c in changes(uses, LOADED.pack)] == [
        (Kind.NEGATE, Operator.NONE_OF, uses.options),
        (Kind.SWAP, Operator.ALL_OF, uses.options),
        (Kind.DROP_OPTION, Operator.ANY_OF, ("fraud_detection",)),
        (Kind.DROP_OPTION, Operator.ANY_OF, ("recruitment",)),
    ]
    early = terms.Test("first_placed_on", Operator.BEFORE, AT, day=date(2026, 8, 2))
    assert [(c.changed.operator, c.changed.day.day) for c in changes(early, LOADED.pack)] == [
        (Operator.ON_OR_AFTER, 2),
        (Operator.BEFORE, 1),
        (Operator.BEFORE, 3),
    ]
    few = terms.Test("staff", Operator.LESS_THAN, AT, number=Decimal(250))
    assert [(c.changed.operator, c.changed.number) for c in changes(few, LOADED.pack)] == [
        (Operator.AT_LEAST, 250),
        (Operator.AT_MOST, 250),
        (Operator.LESS_THAN, 225),
        (Operator.LESS_THAN, 275),
    ]


def test_a_mutant_is_the_pack_with_one_entry_changed():
    every = list(mutants(LOADED.pack))
    assert len({mutant.id for mutant in every}) == len(every)
    assert len({mutant.pack.hash for mutant in every[::97]}) == len(every[::97])
    for mutant in every[::997]:
        altered = changed(LOADED.pack, mutant.pack).altered
        assert list(altered) == [(mutant.section, mutant.entry)], mutant.id


@pytest.fixture(scope="module")
def bench():
    return prepare(LOADED.pack, LOADED.scenarios)


def test_a_sample_of_mutants_is_noticed_or_listed(bench, examples):
    listed = Path("docs/mutation.md").read_text(encoding="utf-8")
    ours = [m for m in mutants(LOADED.pack) if "ai-act" in entry_of(LOADED.pack, (m.section, m.entry)).position.file]
    sample = ours[:: len(ours) // examples(60)]
    assert len(sample) >= examples(60)
    verdicts = [judge(bench, mutant) for mutant in sample]
    missed = [v.mutant.id for v in verdicts if v.catch in {Catch.SURVIVED, Catch.EQUIVALENT}]
    assert [id_ for id_ in missed if f"`{id_}`" not in listed] == []


def test_what_a_scenario_catches_it_does_catch(bench):
    wanted = "definitions/prohibited_practice/when/1/drop_part"
    mutant = next(mutant for mutant in mutants(LOADED.pack) if mutant.id == wanted)
    verdict = judge(bench, mutant)
    told = next(scenario for scenario in LOADED.scenarios if scenario.name.en == verdict.by)
    assert verdict.catch is Catch.SCENARIO
    assert not scenarios.run(mutant.pack, compile_pack(mutant.pack), told).passed


@pytest.mark.thorough
def test_what_changes_nothing_is_told_from_what_nobody_notices(bench):
    every = {mutant.id: mutant for mutant in mutants(LOADED.pack)}
    assert judge(bench, every["obligations/modification_compute/when/2/drop_part"]).catch is Catch.EQUIVALENT
    assert judge(bench, every["penalties/prohibited_practices/lower_when/negate"]).catch is Catch.SURVIVED

"""Sectors, other regimes and concerns: proved, put to the test on both sides, and shorter than the generic road."""

from collections import Counter
from dataclasses import replace
from statistics import median

import pytest

from compliance.assessment.deriving import settle
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import Facts, accept
from compliance.assessment.interview import answered
from compliance.assessment.scenarios import run as run_scenario
from compliance.assessment.state import possible_levels, run
from compliance.law.beyond_model import Maturity
from compliance.law.proofs import KINDS, prove
from tests.packs.test_packs import LOADED, PROGRAMS

NAME = "ai-act-2026"
PACK, PROGRAM = LOADED[NAME].pack, PROGRAMS[NAME]
SECTORS = [option.id for option in PACK.facts["sector"].options if option.id != "other"]
SOLD = [s for s in LOADED[NAME].scenarios if s.facts.get("sector") in SECTORS and "sectors/" in s.position.file]


@pytest.mark.parametrize("name", [pytest.param("ai-act", marks=pytest.mark.thorough), "ai-act-2026"])
def test_what_is_proved_of_the_act_is_proved_of_its_parts(name):
    proofs = {proof.kind: proof for proof in prove(PROGRAMS[name])}
    assert {kind: [f.id for f in proof.failures] for kind, proof in proofs.items() if not proof.holds} == {}
    assert proofs["derivations_agree"].checked > 1000
    assert list(proofs) == [kind for kind in KINDS if kind != "never_lower"]


@pytest.mark.parametrize("sector", SECTORS)
def test_a_sector_has_its_scenarios_on_both_sides(sector):
    mine = [scenario for scenario in SOLD if scenario.facts["sector"] == sector]
    assert len(mine) >= 12
    assert len({scenario.expect.level for scenario in mine}) >= 2
    reached = {id_ for scenario in mine for id_ in settle(PROGRAM, accept(PACK, scenario.facts))[1].values()}
    derivations = {d.id for d in PACK.derivations.values() if sector in d.position.file}
    assert derivations - reached == set()


def _road(scenario):
    """Return how many questions lead to the level, in the words of the trade and in general ones."""
    given = accept(PACK, scenario.facts)
    whole, _ = settle(PROGRAM, given)
    general = {fact: value for fact, value in whole.values.items() if PACK.facts[fact].section != "sector"}
    generic = Facts({**general, "sector": "other"})
    asked, _ = answered(PROGRAM, generic)
    return len(answered(PROGRAM, given)[0]), sum(PACK.facts[fact].section != "sector" for fact in asked)


def test_a_sector_asks_a_quarter_fewer_questions():
    ways = [_road(scenario) for scenario in SOLD[::4]]
    assert median(trade for trade, _ in ways) <= 0.75 * median(general for _, general in ways)


def test_the_words_of_a_trade_never_lead_to_another_level_than_the_general_ones():
    for scenario in SOLD:
        given = accept(PACK, scenario.facts)
        whole, _ = settle(PROGRAM, given)
        levels = possible_levels(run(PROGRAM, given))
        assert possible_levels(run(PROGRAM, Facts({**whole.values, "sector": "other"}))) == levels, scenario.name.en


@pytest.mark.parametrize(
    "name",
    [
        "Load limiter of a crane, on no list",
        "Press brake: camera that learns in service and stops when a hand approaches",
    ],
)
def test_what_turns_a_level_begins_with_the_use_and_ends_with_roles_and_exclusions(name):
    scenario = next(scenario for scenario in SOLD if scenario.name.en == name)
    points = evaluate(PACK, PROGRAM, accept(PACK, scenario.facts), scenario.on).turning_points
    whose = [PACK.facts[point.changes[0].fact].section in ("scope", "system") for point in points]
    assert whose == sorted(whose)
    assert set(whose) == {False, True}


def test_a_tool_of_the_plant_is_no_tool_before_the_protection_of_people_is_known():
    options = {
        fact.id: fact.section
        for fact in PACK.facts.values()
        if "plant_or_office" in {option.id for option in fact.options}
    }
    assert len(options) == len(SECTORS)
    for use in options:
        sector = next(scenario for scenario in SOLD if scenario.facts.get(use) == "plant_or_office").facts["sector"]
        said = {"sector": sector, use: "plant_or_office"}
        links = [
            settle(PROGRAM, accept(PACK, {**said, **more}))[0].values.get("product_link")
            for more in ({}, {"plant_protects_people": "true"}, {"plant_protects_people": "false"})
        ]
        assert links == [None, None, "tool"], use


def test_a_scenario_says_what_a_supplier_has_to_give():
    scenario = next(scenario for scenario in SOLD if scenario.name.en == "Sorting camera at the end of the line")
    assert run_scenario(PACK, PROGRAM, scenario).passed
    expect = replace(scenario.expect, supplies_include=("supplied_logs",), supplies_exclude=("supplied_purpose",))
    wrong = run_scenario(PACK, PROGRAM, replace(scenario, expect=expect))
    assert [difference.code for difference in wrong.differences] == ["scenario_missing", "scenario_extra"]


def test_no_question_is_asked_twice():
    """No two facts have the same words, and none of the other regimes asks what the Act asks."""
    for language in ("fr", "en"):
        counts = Counter(fact.question.to(language) for fact in PACK.facts.values() if fact.section != "sector")
        assert [words for words, count in counts.items() if count > 1] == []


def test_every_regime_serves_the_act_and_every_module_can_be_measured():
    for regime in PACK.regimes.values():
        duties = [duty for duty in PACK.regime_duties.values() if duty.regime == regime.id]
        assert len(duties) >= 3
        assert any(duty.serves for duty in duties), regime.id
    for module in PACK.modules.values():
        assert sum(control.module == module.id for control in PACK.controls.values()) >= 5
    assert all(control.target is not Maturity.NOTHING and control.cite for control in PACK.controls.values())
    assert len(PACK.catalogue) >= 100


def test_regimes_controls_and_training_move_nothing_of_the_act():
    """Conditions of levels, roles, findings and obligations name no question that is asked beside the Act."""
    beside = {fact.id for fact in PACK.facts.values() if PACK.sections[fact.section].beyond}
    named = {atom.fact for atom in PROGRAM.atoms}
    assert named & set(PACK.controls) == set()
    state = run(PROGRAM, Facts({}))
    answers = {fact: state.facts.values.get(fact) for fact in beside}
    assert set(answers.values()) == {None}

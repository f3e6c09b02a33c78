"""All scenarios at once say the same of every entry as each scenario on its own."""

from dataclasses import replace

import pytest

from compliance.assessment.act_records import needed
from compliance.assessment.covering import covering
from compliance.assessment.facts import accept
from compliance.assessment.outcome import Truth
from compliance.assessment.state import owed, run, truth
from tests import the_law


@pytest.fixture(scope="module")
def act():
    loaded = the_law.loaded()
    program = the_law.compiled()
    return loaded.pack, program, covering(program, loaded.scenarios)


def test_one_run_of_all_scenarios_agrees_with_each_alone(act):
    pack, program, found = act
    for number in range(0, len(found.scenarios), 120):
        facts = accept(pack, found.scenarios[number].facts)
        state = run(program, facts)
        said = {}
        for key in found.found:
            covered = found.of(key)
            here = [name for name in ("true", "false", "open") if number in getattr(covered, name)]
            assert len(here) == 1, key
            said[key] = here[0]
        for kind, section in (("definition", "definitions"), ("role", "roles"), ("finding", "findings")):
            for slot, id_ in program.slots:
                if slot == kind:
                    assert said[section, id_] == _word(state.slot(kind, id_)), id_
        for level in pack.levels:
            assert said["levels", level.id] == _word(state.slot("is", level.id))
        for obligation in pack.obligations.values():
            assert said["obligations", obligation.id] == _word(owed(state, obligation)), obligation.id
        for record in pack.records.values():
            assert said["records", record.id] == _word(needed(state, record)), record.id
        for item in pack.record_items.values():
            if item.when is not None:
                assert said["record_items", item.id] == _word(truth(state, item.when)), item.id
        for fact in pack.facts:
            assert said["facts", fact] == ("true" if fact in facts.values else "false")


def _word(value):
    return "open" if value is Truth.UNKNOWN else value.value


def test_scenarios_that_speak_of_an_entry_are_marked(act):
    _, _, found = act
    for number, scenario in enumerate(found.scenarios):
        for id_ in scenario.expect.obligations_include:
            covered = found.of(("obligations", id_))
            assert number in covered.named
            assert number in covered.true


def test_a_scenario_that_the_pack_does_not_take_covers_nothing(act):
    _, program, found = act
    first, second, third = found.scenarios[:3]
    again = covering(program, [first, replace(second, facts={"no_such_question": "true"}), third])
    for key in again.found:
        covered = again.of(key)
        assert sorted((*covered.true, *covered.false, *covered.open)) == [0, 2]

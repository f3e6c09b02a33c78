"""The packs that we publish: no error, no warning, every scenario, every provision."""

from pathlib import Path

import pytest

from compliance.assessment import scenarios
from compliance.law.coverage import cover
from compliance.law.loading import list_packs
from compliance.law.problems import word
from tests import the_law

RULES = Path("rules")
LOADED = {name: the_law.loaded(name) for name in list_packs(RULES)}
PROGRAMS = {name: the_law.compiled(name) for name, loaded in LOADED.items() if loaded.pack}


@pytest.mark.parametrize("name", LOADED)
def test_no_error_and_no_warning(name):
    assert [word(problem, "en") for problem in LOADED[name].problems] == []


@pytest.mark.parametrize("name", LOADED)
def test_scenarios(name):
    loaded = LOADED[name]
    wrong = []
    for scenario in loaded.scenarios:
        wrong += scenarios.run(loaded.pack, PROGRAMS[name], scenario).differences
    assert [word(problem, "en") for problem in wrong] == []


def test_there_are_enough_scenarios():
    assert sum(len(loaded.scenarios) for loaded in LOADED.values()) >= 200


@pytest.mark.parametrize("name", LOADED)
def test_every_provision_is_accounted_for(name):
    pack = LOADED[name].pack
    unexplained = [pack.provisions[id_].label for id_, why in cover(pack).not_encoded.items() if why is None]
    assert unexplained == []


@pytest.mark.parametrize("name", LOADED)
def test_every_binding_conclusion_cites_binding_law(name):
    pack = LOADED[name].pack
    for entry in (*pack.findings.values(), *pack.obligations.values(), *pack.levels):
        status = getattr(entry, "status", "binding")
        cited = any(citation.provision for citation in entry.cite)
        if "sectors/" in entry.position.file:  # or the act of the trade
            cited = cited or any(c.written.startswith(("regulation", "directive")) for c in entry.cite)
        assert status != "binding" or cited, entry.id

"""Records of the Act filled from answers: what is known, what stays a gap, never anything supposed."""

from datetime import date

import pytest

from compliance.assessment.act_records import ActionNote, Filling, Note, Situation, fill, needed
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.assessment.outcome import Truth
from compliance.assessment.state import run
from compliance.text import Text
from tests import the_law

LOADED = {name: the_law.loaded(name) for name in ("ai-act", "ai-act-2026")}
PROGRAMS = {name: the_law.compiled(name) for name in LOADED}
DAY = date(2026, 11, 25)
IN_PROGRESS = Text("en cours", "in progress")
SCREENING = {
    "technique": "machine_learning",
    "absent_elements": [],
    "role": ["provider"],
    "placed_in_union": True,
    "exclusive_purpose": "none",
    "stage": "available",
    "free_open_source": False,
    "practices": [],
    "biometric_functions": [],
    "generated_content": [],
    "annex_iii_use": ["recruitment"],
    "product_link": "tool",
    "direct_interaction": "none",
    "integrates_third_party_model": False,
    "exemption_grounds": [],
    "profiling": True,
}


def filled(record, facts, text="ai-act-2026", **known):
    program = PROGRAMS[text]
    accepted = accept(program.pack, facts)
    outcome = evaluate(program.pack, program, accepted, DAY)
    situation = Situation(
        known.pop("organisation", "Aciéries du Nord"), known.pop("case", {}), known.pop("notes", {}), **known
    )
    found = fill(program.pack.records[record], run(program, accepted), outcome, situation)
    return found, {item.item.id: item for part in found.parts for item in part.items}


def test_needed_not_needed_and_open():
    program = PROGRAMS["ai-act-2026"]

    def of(record, facts):
        return needed(run(program, accept(program.pack, facts)), program.pack.records[record])

    assert of("technical_documentation", SCREENING) is Truth.TRUE
    assert of("assessment_not_high_risk", SCREENING) is Truth.FALSE
    without = {key: value for key, value in SCREENING.items() if key not in ("exemption_grounds", "profiling")}
    assert of("technical_documentation", without) is Truth.UNKNOWN
    assert of("assessment_not_high_risk", without) is Truth.UNKNOWN
    assert of("rights_assessment", {**SCREENING, "role": ["importer"]}) is Truth.FALSE


@pytest.mark.parametrize("text", PROGRAMS)
def test_without_answers_every_line_is_a_gap_or_open(text):
    for record in PROGRAMS[text].pack.records:
        found, lines = filled(record, {}, text, organisation="")
        assert found.needed is not Truth.TRUE
        assert lines
        for line in lines.values():
            kinds = {known.kind for known in line.known}
            assert kinds <= {"outcome"}, line.item.id
            assert line.filling is Filling.GAP or kinds == {"outcome"}


def test_a_line_says_what_is_known_and_which_questions_would_say_more():
    case = {"name": "Tri de CV", "reference": "IA-007", "description": "", "supplier": None}
    _, lines = filled("registration_high_risk", SCREENING, case=case)
    provider = lines["entry_provider"]
    assert [known.value.fr for known in provider.known] == ["Aciéries du Nord"]
    assert provider.known[0].label.fr == "Votre organisation (fournisseur)"
    assert provider.filling is Filling.PARTIAL  # the address is not known
    assert lines["entry_representative"].filling is Filling.GAP  # the role is not held
    assert [known.value.en for known in lines["entry_name"].known] == ["Tri de CV", "IA-007"]
    assert "entry_purpose" in lines
    assert all(known.name != "description" for known in lines["entry_purpose"].known)
    assert lines["entry_status"].missing == ("first_placed_on",)
    assert lines["entry_countries"].filling is Filling.GAP


def test_a_partly_unknown_answer_is_shown_as_such_and_still_asked():
    facts = {**SCREENING, "annex_iii_use": {"selected": ["recruitment"], "unknown": ["worker_monitoring"]}}
    _, lines = filled("registration_high_risk", facts)
    purpose = lines["entry_purpose"]
    assert "partly unknown" in purpose.known[-1].value.en
    assert purpose.missing == ("annex_iii_use",)


def test_a_line_is_complete_only_when_its_sources_are_and_say_all():
    facts = {**SCREENING, "exemption_grounds": ["narrow_procedural_task"], "profiling": False}
    _, lines = filled("registration_not_high_risk", facts)
    assert lines["held_entry_condition"].filling is Filling.FILLED
    _, lines = filled("assessment_not_high_risk", facts)
    assert lines["held_conclusion"].filling is Filling.FILLED
    assert lines["held_condition"].filling is Filling.PARTIAL
    assert {known.name for known in lines["held_condition"].known} == {
        "exemption_grounds",
        "derogation_narrow_task",
    }
    assert lines["held_no_significant_risk"].filling is Filling.GAP


def test_comments_evidence_and_presumption_stand_with_the_answer():
    notes = {"profiling": Note(presumed=True, comment="Vu avec l'éditeur.", evidence=("Courrier du 3 mars",))}
    facts = {**SCREENING, "exemption_grounds": ["narrow_procedural_task"], "profiling": False}
    _, lines = filled("assessment_not_high_risk", facts, notes=notes)
    known = lines["held_no_profiling"].known[0]
    assert (known.presumed, known.comment, known.evidence) == (True, "Vu avec l'éditeur.", ("Courrier du 3 mars",))


def test_an_action_under_way_is_said_but_fills_nothing_until_there_is_something_to_show():
    _, lines = filled(
        "technical_documentation",
        SCREENING,
        actions={
            "cybersecurity": ActionNote(IN_PROGRESS, "P. Martin", "2027-12-02"),
            "risk_management": ActionNote(IN_PROGRESS, evidence=("Registre des risques",)),
        },
    )
    assert lines["file_cybersecurity"].filling is Filling.GAP
    assert [known.value.fr for known in lines["file_cybersecurity"].known] == ["en cours"]
    assert lines["file_risks"].filling is Filling.PARTIAL


def test_lines_without_object_are_told_apart_from_gaps():
    _, lines = filled("technical_documentation", {**SCREENING, "staff": 4000})
    assert lines["file_product"].filling is Filling.NOT_APPLICABLE
    assert lines["file_simplified"].filling is Filling.NOT_APPLICABLE
    _, lines = filled("technical_documentation", SCREENING)
    assert lines["file_simplified"].applies is Truth.UNKNOWN


def test_the_simplified_form_reaches_small_mid_caps_since_the_amendment():
    company = {
        **SCREENING,
        "organisation_kind": "private",
        "staff": 600,
        "turnover_eur": 90_000_000,
        "balance_sheet_eur": 60_000_000,
        "linked_enterprises": False,
    }
    before, after = (
        filled("technical_documentation", company, text)[1]["file_simplified"].applies for text in PROGRAMS
    )
    assert (before, after) == (Truth.FALSE, Truth.TRUE)


def test_only_models_with_systemic_risk_owe_the_second_section():
    facts = next(s.facts for s in LOADED["ai-act-2026"].scenarios if s.name.en == "Proprietary general-purpose model")
    found, lines = filled("model_documentation", facts)
    assert found.needed is Truth.TRUE
    assert lines["model_evaluation"].filling is Filling.NOT_APPLICABLE
    assert lines["model_compute"].known[0].value.en.startswith("5")


def test_law_enforcement_systems_register_fewer_points():
    facts = {**SCREENING, "annex_iii_use": ["le_evidence"]}
    _, lines = filled("registration_high_risk", facts)
    left_out = {id_ for id_, line in lines.items() if line.filling is Filling.NOT_APPLICABLE}
    assert left_out == {
        "entry_operation",
        "entry_certificate",
        "entry_certificate_copy",
        "entry_declaration",
        "entry_instructions",
        "entry_link",
    }


@pytest.mark.parametrize("text", PROGRAMS)
def test_each_record_is_needed_in_some_scenario_and_not_in_others(text):
    program, scenarios = PROGRAMS[text], LOADED["ai-act-2026"].scenarios
    states = [
        run(program, accept(program.pack, {k: v for k, v in scenario.facts.items() if k in program.pack.facts}))
        for scenario in scenarios
    ]
    for record in program.pack.records.values():
        found = {needed(state, record) for state in states}
        assert {Truth.TRUE, Truth.FALSE} <= found, record.id

"""The command line as a person uses it."""

import json
import shutil

import pytest

from compliance.cli import FAILED, OK, WRONG, main
from compliance.terminal.words import WORDS

CASE = """pack: ai-act-2026
date: 2026-11-24
facts:
  technique: machine_learning
  absent_elements: []
  role: [deployer]
  established_in_union: true
  exclusive_purpose: none
  stage: available
  practices: []
  biometric_functions: []
  generated_content: []
  annex_iii_use: [recruitment]
  profiling: true
"""


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(CASE)
    return str(path)


def run(capsys, *arguments):
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_assess_in_both_languages(case, capsys):
    code, french, _ = run(capsys, "assess", case, "--lang", "fr")
    assert code == OK
    assert "HAUT RISQUE" in french
    assert "annexe III, point 4, a)" in french
    code, english, _ = run(capsys, "assess", case, "--lang", "en")
    assert code == OK
    assert "HIGH RISK" in english


def test_assess_as_json_keeps_its_promised_keys(case, capsys):
    code, out, _ = run(capsys, "assess", case, "--json", "--on", "2027-12-15")
    found = json.loads(out)
    assert code == OK
    assert {"pack", "on", "level", "findings", "obligations", "open_questions", "turning_points"} <= set(found)
    assert found["level"]["value"] == "high_risk"
    assert found["on"] == "2027-12-15"
    assert all(item["citations"] for item in found["findings"] + found["obligations"])


def test_the_original_text_on_demand(case, capsys):
    _, out, _ = run(capsys, "assess", case, "--json", "--pack", "ai-act")
    assert json.loads(out)["pack"]["folder"] == "ai-act"


@pytest.mark.parametrize("id_", ["high_risk", "annex_iii_4", "listed_recruitment", "use_as_instructed", "deployer"])
def test_explain(case, capsys, id_):
    assert run(capsys, "explain", case, id_, "--lang", "en")[0] == OK
    code, out, _ = run(capsys, "explain", case, id_, "--json")
    assert code == OK
    assert json.loads(out)["truth"] == "true"


def test_explain_something_unknown(case, capsys):
    code, _, error = run(capsys, "explain", case, "nothing", "--lang", "fr")
    assert code == WRONG
    assert "nothing" in error


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("role: [deployer]", "role: [deploier]"), "deployer"),
        (("profiling: true", "profilling: true"), "profiling"),
        (("profiling: true", "profiling: peut-être"), "profiling"),
        (("date: 2026-11-24", "date: 24/11/2026"), "YYYY-MM-DD"),
        (("pack: ai-act-2026", "pack: ai-act-2025"), "ai-act-2026"),
    ],
)
def test_a_wrong_case_is_refused_with_place_and_hint(tmp_path, capsys, change, words):
    path = tmp_path / "case.yaml"
    path.write_text(CASE.replace(*change))
    code, _, error = run(capsys, "assess", str(path), "--lang", "en")
    assert code == WRONG
    assert words in error
    assert "Traceback" not in error


def test_a_missing_file(capsys):
    assert run(capsys, "assess", "nowhere.yaml")[0] == WRONG


def test_export_and_import_keep_the_answers(case, tmp_path, capsys):
    out = tmp_path / "case.json"
    assert run(capsys, "export", case, "--format", "json", "--out", str(out))[0] == OK
    back = tmp_path / "back.yaml"
    assert run(capsys, "import", str(out), "--out", str(back))[0] == OK
    first = json.loads(run(capsys, "assess", case, "--json")[1])
    assert json.loads(run(capsys, "assess", str(back), "--json")[1]) == first
    assert run(capsys, "export", case, "--out", str(out))[0] == WRONG


def test_interview_asks_saves_and_resumes(tmp_path, capsys, monkeypatch):
    out = tmp_path / "mine.yaml"
    replies = iter(["1", "0", "0", "help", "2", "wrong", "2", "q"])
    monkeypatch.setattr("builtins.input", lambda _: next(replies))
    code, shown, _ = run(capsys, "interview", "--out", str(out), "--lang", "en")
    assert code == OK
    assert "Which technique" in shown
    first = out.read_text()
    monkeypatch.setattr("builtins.input", lambda _: "q")
    assert run(capsys, "interview", "--out", str(out), "--lang", "fr")[0] == OK
    assert out.read_text() == first


def test_check_coverage_and_facts(capsys):
    assert run(capsys, "check", "--lang", "fr")[0] == OK
    code, out, _ = run(capsys, "coverage", "--json")
    found = json.loads(out)
    assert code == OK
    assert set(found) >= {"encoded", "binds_others", "not_encoded"}
    code, out, _ = run(capsys, "facts", "--json")
    assert code == OK
    assert all(fact["question"]["fr"] and fact["question"]["en"] for fact in json.loads(out))


def test_check_says_what_is_wrong(tmp_path, capsys):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "pack.yaml").write_text("pack: bad\n")
    code, out, _ = run(capsys, "check", "--rules", str(tmp_path), "--format", "github")
    assert code == FAILED
    assert "::error file=" in out


def test_check_names_a_presumed_answer_that_no_question_takes(tmp_path, capsys):
    rules = tmp_path / "rules"
    shutil.copytree("rules", rules)
    catalogue = rules / "ai-act-2026" / "catalogue.yaml"
    text = catalogue.read_text().replace("technique: machine_learning", "technique: machine_lerning", 1)
    catalogue.write_text(text)
    code, said, _ = run(capsys, "--lang", "en", "--rules", str(rules), "check")
    assert code == FAILED
    assert "catalogue.yaml:5:5: error:" in said
    assert 'did you mean "machine_learning"?' in said


def test_words_exist_in_both_languages():
    assert all(french and english for french, english in WORDS.values())

"""Amendments, and packs that build on a text."""

from datetime import date

import pytest

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.assessment.state import possible_levels, run
from compliance.law.compiling import compile_pack
from compliance.law.loading import load_pack
from tests.factories import HEAD, T

BASE = f"""sections: {{s: {{title: {T}, order: 1}}}}
facts:
  wet: {{type: boolean, section: s, order: 1, question: {T}, cite: other}}
definitions:
  damp: {{title: {T}, cite: other, when: wet}}
levels:
  top: {{rank: 1, title: {T}, description: {T}, cite: other, when: damp}}
  rest: {{rank: 2, title: {T}, description: {T}, cite: other}}
"""
AMENDS = """amends: tiny@2026-01-01
version: 2026-06-01
title: {fr: a, en: a}
text: {celex: 1, eli: y, title: {fr: a, en: a}}
"""
BUILDS = "pack: acme\nbuilds_on: [tiny]\nversion: 1\ntitle: {fr: a, en: a}\n"


@pytest.fixture
def rules(tmp_path):
    def write(name, head, text):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pack.yaml").write_text(head)
        (tmp_path / name / "rules.yaml").write_text(text)
        return load_pack(name, tmp_path)

    write("tiny", HEAD, BASE)
    return write


def codes(loaded):
    return [problem.code for problem in loaded.problems if problem.severity == "error"]


def test_insert_replace_repeal(rules):
    text = f"""facts: {{insert: {{cold: {{type: boolean, section: s, order: 2, question: {T}, cite: other}}}}}}
definitions: {{replace: {{damp: {{title: {T}, cite: other, when: {{all: [wet, cold]}}}}}}}}
"""
    loaded = rules("tiny-2", AMENDS, text)
    assert codes(loaded) == []
    assert loaded.pack.id == "tiny"
    assert loaded.pack.version == "2026-06-01"
    assert [act.celex for act in loaded.pack.amended_by] == ["1"]
    assert "cold" in loaded.pack.facts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"definitions: {{insert: {{damp: {{title: {T}, cite: other, when: wet}}}}}}", "amend_exists"),
        (f"definitions: {{replace: {{dump: {{title: {T}, cite: other, when: wet}}}}}}", "amend_missing"),
        ("definitions: {repeal: {damp: {}}}", "missing_key"),
        ("definitions: {remove: {damp: {cite: other}}}", "amend_operation"),
    ],
)
def test_wrong_amendments_are_named(rules, text, code):
    assert code in codes(rules("tiny-2", AMENDS, text))


def test_the_wrong_version_is_refused(rules):
    assert "pack_version" in codes(rules("tiny-2", AMENDS.replace("@2026-01-01", "@2025-01-01"), "{}\n"))


def test_a_pack_on_top_raises_a_level(rules):
    text = f"""facts:
  icy: {{type: boolean, section: ai-act:s, order: 9, question: {T}, cite: other}}
levels: {{raise: {{top: {{when: icy, because: {T}, cite: other}}}}}}
""".replace("ai-act:", "tiny:")
    loaded = rules("acme", BUILDS, text)
    assert codes(loaded) == []
    program = compile_pack(loaded.pack)
    facts = accept(loaded.pack, {"wet": False, "acme:icy": True})
    assert possible_levels(run(program, facts)) == ("top",)
    level = evaluate(loaded.pack, program, facts, date(2026, 11, 24)).level
    assert level.because.en == "text"
    assert "acme:raises_top" in [reason.id for reason in level.reasons]
    assert "other" in [citation.written for citation in level.citations]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("levels: {lower: {top: {when: wet}}}", "only_adds"),
        (f"levels: {{new: {{rank: 0, title: {T}, description: {T}, cite: other}}}}", "only_adds"),
        (f"levels: {{raise: {{tpo: {{when: tiny:wet, because: {T}, cite: other}}}}}}", "unknown_reference"),
    ],
)
def test_a_pack_on_top_cannot_lower(rules, text, code):
    assert code in codes(rules("acme", BUILDS, text))


def test_a_pack_cannot_stand_on_itself(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "pack.yaml").write_text(BUILDS.replace("[tiny]", "[acme]"))
    assert "pack_cycle" in codes(load_pack("acme", tmp_path))


@pytest.mark.parametrize("name", ["../tiny", "/etc", "tiny/../tiny", "..", "tinny"])
def test_what_a_pack_stands_on_is_a_name_never_a_path(rules, name):
    assert "pack_unknown" in codes(rules("acme", BUILDS.replace("[tiny]", f'["{name}"]'), "{}"))


@pytest.mark.parametrize("index", ["", "[]", "{", '{"provisions": [{"id": 1}]}', '{"provisions": 3}'])
@pytest.mark.usefixtures("rules")
def test_a_broken_index_is_named(tmp_path, index):
    (tmp_path / "tiny" / "provisions.json").write_text(index)
    loaded = load_pack("tiny", tmp_path)
    assert "unreadable" in codes(loaded)
    assert loaded.problems[0].position.file.endswith("provisions.json")


def test_two_files_cannot_raise_the_same_level_unseen(rules, tmp_path):
    raised = f"levels: {{raise: {{top: {{when: tiny:wet, because: {T}, cite: other}}}}}}\n"
    rules("acme", BUILDS, raised)
    (tmp_path / "acme" / "second.yaml").write_text(raised.replace("tiny:wet", "{tiny:wet: false}"))
    assert "duplicate_entry" in codes(load_pack("acme", tmp_path))


def test_a_raise_never_takes_the_name_of_a_definition(rules):
    text = f"""definitions: {{raises_top: {{title: {T}, cite: other, when: tiny:wet}}}}
levels: {{raise: {{top: {{when: raises_top, because: {T}, cite: other}}}}}}
"""
    assert "duplicate_entry" in codes(rules("acme", BUILDS, text))

"""The section `records` of the rule language: read, refused with words, amended line by line."""

from pathlib import Path

import pytest

from compliance.law.coverage import cover
from compliance.law.loading import load_pack
from compliance.law.problems import word
from compliance.law.records import lines_of
from tests import the_law
from tests.factories import HEAD, T

BASE = f"""sections: {{s: {{title: {T}, order: 1}}}}
facts:
  wet: {{type: boolean, section: s, order: 1, question: {T}, cite: other}}
  name: {{type: text, section: s, order: 2, question: {T}, cite: other}}
levels:
  top: {{rank: 1, title: {T}, description: {T}, cite: other, when: wet}}
  rest: {{rank: 2, title: {T}, description: {T}, cite: other}}
roles: {{maker: {{title: {T}, cite: other, when: wet}}}}
records:
  paper: {{title: {T}, purpose: {T}, cite: other, who: maker, when: wet, parts: {{one: {T}, two: {T}}}}}
record_items:
  second: {{record: paper, part: one, order: 20, title: {T}, guide: {T}, cite: other}}
  first: {{record: paper, part: one, order: 10, title: {T}, guide: {T}, cite: other, from: [fact:name, case:name]}}
  third:
    {{record: paper, part: two, order: 5, title: {T}, guide: {T}, cite: o, from: organisation:maker, sufficient: true}}
"""


def load(folder: Path, text: str, name: str = "tiny", head: str = HEAD):
    (folder / name).mkdir()
    (folder / name / "pack.yaml").write_text(head)
    (folder / name / "rules.yaml").write_text(text)
    return load_pack(name, folder)


def test_lines_come_in_order_with_their_sources(tmp_path):
    loaded = load(tmp_path, BASE)
    assert [problem.code for problem in loaded.problems] == ["no_index"]
    pack = loaded.pack
    record = pack.records["paper"]
    assert list(record.parts) == ["one", "two"]
    assert [item.id for item in lines_of(pack, record, "one")] == ["first", "second"]
    assert pack.record_items["first"].sources == (("fact", "name"), ("case", "name"))
    assert pack.record_items["third"].sources == (("organisation", "maker"),)
    assert pack.record_items["third"].sufficient


GOOD = "order: 10, title: %T, guide: %T, cite: other, from: [fact:name, case:name]"
MISTAKES = {
    "record": ("record: paper, part: two", "record: papper, part: two", "unknown_reference", '"paper"', "« paper »"),
    "part": ("record: paper, part: two", "record: paper, part: too", "unknown_reference", '"two"', "« two »"),
    "kind": ("fact:name", "fcat:name", "record_source", 'did you mean "fact"?', "vouliez-vous dire « fact » ?"),
    "bare": ("fact:name", "name", "record_source", "a colon and a name", "deux-points et un nom"),
    "fact": ("fact:name", "fact:naem", "unknown_reference", 'did you mean "name"?', "« name »"),
    "case": ("case:name", "case:nmae", "bad_value", "choose among: reference, name", "choisissez parmi : reference"),
    "role": ("organisation:maker", "organisation:makr", "bad_value", '"maker"', "« maker »"),
    "outcome": ("case:name", "outcome:levle", "bad_value", '"level"', "« level »"),
    "obligation": ("case:name", "obligation:stop", "unknown_reference", 'obligations "stop"', "« stop »"),
    "condition": ("when: wet, parts", "when: wat, parts", "unknown_name", '"wet"', "« wet »"),
    "who": ("who: maker", "who: taker", "unknown_reference", '"maker"', "« maker »"),
    "truth": ("sufficient: true", "sufficient: si", "bad_boolean", "true or false", "true ou false"),
    "sufficient": ("from: organisation:maker, ", "", "record_sufficient", "without a source", "sans source"),
    "guide": ("order: 20, title: %T, guide: %T", "order: 20, title: %T", "missing_key", '"guide"', "« guide »"),
    "parts": ("parts: {one: %T, two: %T}", "parts: one", "expected_mapping", "keys and values", "clés et valeurs"),
    "part id": ("parts: {one: %T", "parts: {One: %T", "bad_id", "identifier", "identifiant"),
    "two": ("  third:", "  first:", "duplicate_key", "line", "ligne"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place_in_both_languages(tmp_path, name):
    before, after, code, english, french = (part.replace("%T", T) for part in MISTAKES[name])
    assert before in BASE
    loaded = load(tmp_path, BASE.replace(before, after, 1))
    assert loaded.pack is None
    found = [problem for problem in loaded.problems if problem.code == code]
    assert found, [word(problem, "en") for problem in loaded.problems]
    assert found[0].position.line > 1
    assert english in word(found[0], "en")
    assert french in word(found[0], "fr")


def test_a_chapter_without_lines_is_named(tmp_path):
    loaded = load(tmp_path, BASE.replace("record: paper, part: two", "record: paper, part: one"))
    found = [word(problem, "en") for problem in loaded.problems if problem.code == "unused"]
    assert [said.partition("warning: ")[2] for said in found] == ['"paper.two" is used nowhere']


def test_an_amendment_changes_one_line(tmp_path):
    load(tmp_path, BASE)
    head = """amends: tiny@2026-01-01
version: 2026-06-01
title: {fr: a, en: a}
text: {celex: 1, eli: y, title: {fr: a, en: a}}
"""
    text = f"""record_items:
  insert:
    between: {{record: paper, part: one, order: 15, title: {T}, guide: {T}, cite: other}}
  repeal:
    second: {{cite: other}}
"""
    pack = load(tmp_path, text, "tiny-2", head).pack
    assert [item.id for item in lines_of(pack, pack.records["paper"], "one")] == ["first", "between"]


def test_an_organisation_adds_its_own_line(tmp_path):
    load(tmp_path, BASE)
    head = "pack: acme\nbuilds_on: [tiny]\nversion: 1\ntitle: {fr: a, en: a}\n"
    text = f"""record_items:
  ours: {{record: tiny:paper, part: two, order: 50, title: {T}, guide: {T}, cite: charter, from: fact:tiny:name}}
"""
    pack = load(tmp_path, text, "acme", head).pack
    assert [item.id for item in lines_of(pack, pack.records["paper"], "two")] == ["third", "acme:ours"]
    assert pack.record_items["acme:ours"].sources == (("fact", "name"),)


PACKS = {name: the_law.loaded(name).pack for name in ("ai-act", "ai-act-2026")}
ANNEXES = {
    "registration_high_risk": "annex-viii-sec-a",
    "registration_not_high_risk": "annex-viii-sec-b",
    "registration_of_use": "annex-viii-sec-c",
    "declaration_of_conformity": "annex-v",
    "technical_documentation": "annex-iv",
    "model_documentation": "annex-xi",
    "model_downstream_information": "annex-xii",
    "rights_assessment": "art-27-par-1",
}


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("record", ANNEXES)
def test_every_point_has_its_line(name, record):
    pack, root = PACKS[name], ANNEXES[record]
    parents = {provision.parent for provision in pack.provisions.values()}
    points = {
        id_
        for id_, provision in pack.provisions.items()
        if id_.startswith(f"{root}-") and id_ not in parents and not provision.deleted
    }
    lines = [item for item in pack.record_items.values() if item.record == record]
    assert len(points) >= 5
    assert points <= {citation.provision for item in lines for citation in item.cite}


def test_the_amendment_takes_two_points_of_section_b_away_and_rewrites_two_lines():
    before, after = PACKS["ai-act"].record_items, PACKS["ai-act-2026"].record_items
    assert before.keys() - after.keys() == {"held_entry_grounds", "held_entry_countries"}
    assert after.keys() <= before.keys()
    assert {id_ for id_, item in after.items() if item.source == "ai-act-2026"} == {
        "file_simplified",
        "rights_data_protection",
    }
    assert "moyenne capitalisation" in after["file_simplified"].guide.fr


@pytest.mark.parametrize("name", PACKS)
def test_records_count_as_encoded_and_nothing_that_is_left_out_is_in_one(name):
    pack = PACKS[name]
    found = cover(pack)
    assert "entry_link" in found.encoded["annex-viii-sec-a-pt-13"]
    assert "rights_risks" in found.encoded["art-27-par-1-pt-d"]
    cited = {c.provision for item in pack.record_items.values() for c in item.cite}
    left_out = {c.provision for one in pack.coverage.values() if one.kind == "not_encoded" for c in one.cite}
    assert not cited & left_out


@pytest.mark.parametrize("name", PACKS)
def test_each_text_stands_once_in_a_record(name):
    pack = PACKS[name]
    for record in pack.records.values():
        for part in record.parts:
            titles = [item.title for item in lines_of(pack, record, part)]
            assert len(set(titles)) == len(titles), (record.id, part)
            orders = [item.order for item in lines_of(pack, record, part)]
            assert len(set(orders)) == len(orders), (record.id, part)

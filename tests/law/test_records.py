"""The section `records` of the rule language: read, refused with words, amended line by line."""

from pathlib import Path

import pytest

from compliance.law.loading import load_pack
from compliance.law.problems import word
from compliance.law.records import lines_of
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

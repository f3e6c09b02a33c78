"""What editors of rule files offer: every key explained, names as a file of the pack writes them."""

import json
from pathlib import Path

import pytest

from compliance.law.completing import KEYS_OF_ENTRY, TOP_KEYS, VALUES, words
from compliance.law.loading import load_pack
from compliance.law.schema import pack_schema
from compliance.law.shelf import Folder
from tests import the_law

RULES = Path("rules")


@pytest.fixture(scope="module")
def offered():
    return words(the_law.loaded().pack)


def _keys_and_values(schema, keys, values):
    for name, below in schema.get("properties", {}).items():
        keys.add(name)
        _keys_and_values(below, keys, values)
    values |= {value for value in schema.get("enum", ()) if isinstance(value, str)}
    for below in (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())):
        if isinstance(below, dict):
            _keys_and_values(below, keys, values)


def test_every_word_of_the_language_is_explained():
    schema = pack_schema()
    keys, values = set(), set()
    for part in (*schema["properties"].values(), *schema["$defs"].values()):
        _keys_and_values(part, keys, values)
    assert set(TOP_KEYS) == set(schema["properties"])
    assert set(KEYS_OF_ENTRY) == keys
    assert set(VALUES) == values


def test_it_holds_what_the_pack_holds(offered):
    assert json.loads(json.dumps(offered)) == offered
    pack = the_law.loaded().pack
    entries = offered["entries"]
    assert entries["definitions"]["safety_component"]["title"] == {
        "fr": pack.definitions["safety_component"].title.fr,
        "en": pack.definitions["safety_component"].title.en,
    }
    assert entries["facts"]["product_law"]["type"] == "choices"
    assert "lifts" in entries["facts"]["product_law"]["options"]
    assert set(offered["refers"].values()) <= set(entries)
    assert set(offered["kinds"]) == set(entries)
    assert "fact:product_law" in offered["sources"]


def test_provisions_carry_their_heading_or_name_the_one_above(offered):
    found = {provision["label"]: provision for provision in offered["provisions"]}
    pack = the_law.loaded().pack
    deleted = {provision.label for provision in pack.provisions.values() if provision.deleted}
    assert deleted
    assert not deleted & set(found)
    assert found["art. 26"]["heading"]["fr"]
    assert found["art. 26(1)"] == {"label": "art. 26(1)", "under": "art. 26"}


def test_a_pack_of_an_organisation_calls_the_text_by_name_and_its_own_entries_plainly(tmp_path):
    for name in Folder(RULES, {}).folders():
        (tmp_path / name).symlink_to((RULES / name).resolve())
    acme = tmp_path / "acme"
    acme.mkdir()
    (acme / "pack.yaml").write_text(
        "pack: acme\nbuilds_on: [ai-act-2026]\nversion: 2026-11-24\ntitle: {fr: Charte, en: Charter}\n"
    )
    assert "ai-act:safety_component" in words(load_pack("acme", tmp_path).pack)["entries"]["definitions"]
    (acme / "own.yaml").write_text(
        "definitions:\n  in_our_plants:\n    title: {fr: Dans nos usines, en: In our plants}\n"
        '    cite: "charte interne"\n    when: ai-act:safety_component\n'
    )
    loaded = load_pack("acme", tmp_path)
    assert loaded.pack, loaded.problems
    entries = words(loaded.pack)["entries"]
    assert "in_our_plants" in entries["definitions"]
    assert "ai-act:safety_component" in entries["definitions"]
    assert "safety_component" not in entries["definitions"]

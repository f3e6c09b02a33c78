"""Conditions in words: nothing left out, nothing in the other language, read as a lawyer would."""

import pytest
from hypothesis import given, settings

from compliance.law.checking import references
from compliance.law.entries import entries
from compliance.law.phrasing import heading, line, phrase
from compliance.law.terms import AtLeast, Group, Not, Ref
from compliance.law.uses import conditions_of
from tests import the_law
from tests.factories import T, facts_yaml, pack_sources, write_pack


@pytest.fixture(scope="module")
def act():
    return the_law.loaded().pack


def leaves(found):
    if not found.children:
        return [found]
    return [leaf for child in found.children for leaf in leaves(child)]


def shape(condition):
    """Return how groups and leaves of a condition nest; a concept that must not hold is one leaf."""
    if isinstance(condition, Not):
        return "leaf" if isinstance(condition.part, Ref) else [shape(condition.part)]
    if isinstance(condition, Group | AtLeast):
        return [shape(part) for part in condition.parts]
    return "leaf"


def nesting(found):
    return [nesting(child) for child in found.children] if found.children else "leaf"


def every_condition(pack):
    for entry in entries(pack).values():
        yield from (condition for condition in conditions_of(entry) if condition is not None)


def assert_whole(pack, condition):
    found = phrase(pack, condition)
    named = list(references(condition))
    assert [leaf.id for leaf in leaves(found)] == named
    said = line(pack, condition)
    for id_ in named:
        text = pack.facts[id_].question if id_ in pack.facts else pack.definitions[id_].title
        assert text.fr.rstrip(" :") in said.fr
        assert text.en.rstrip(" :") in said.en
    assert said.fr.count("(") == said.fr.count(")")


@settings(max_examples=60, deadline=None)
@given(pack_sources())
def test_every_leaf_of_a_condition_is_in_its_words_in_order(tmp_path_factory, sources):
    pack = write_pack(tmp_path_factory.mktemp("pack"), *sources).pack
    for condition in every_condition(pack):
        assert_whole(pack, condition)


def test_the_words_nest_as_the_condition_does(act):
    for condition in every_condition(act):
        assert_whole(act, condition)
        assert nesting(phrase(act, condition)) == shape(condition)


def test_every_entry_has_a_heading_in_both_languages(act):
    for key, entry in entries(act).items():
        assert heading(entry).fr, key
        assert heading(entry).en, key


LABEL = "{label: {fr: Un, en: One}}, y: {label: {fr: Deux, en: Two}}, z: {label: {fr: Trois, en: Three}}"
MORE = LABEL + ", w: {label: {fr: Quatre, en: Four}}, v: {label: {fr: Cinq, en: Five}}"
UNIT = "{fr: euros par an, en: euros a year}"


@pytest.mark.parametrize(
    ("condition", "fr", "en"),
    [
        ("a", "« texte » : oui", "“text”: yes"),
        ("{a: false}", "« texte » : non", "“text”: no"),
        ("{day: {before: 2026-08-01}}", "« texte » : avant le 1er août 2026", "“text”: before 1 August 2026"),
        (
            "{day: {on_or_after: 2027-12-02}}",
            "« texte » : à partir du 2 décembre 2027",
            "“text”: on or after 2 December 2027",
        ),
        ("{size: {at_most: 50000000}}", "« texte » : au plus 50\u202f000\u202f000 (euros par an)", None),
        ("{size: {more_than: 10}}", None, "“text”: more than 10 (euros a year)"),
        ("{c: {any_of: [x, y]}}", "« texte » : « Un » ou « Deux »", "“text”: “One” or “Two”"),
        ("{c: {none_of: [x, y]}}", "« texte » : toute réponse sauf « Un » et « Deux »", None),
        ("{d: {all_of: [x, y]}}", "« texte » : « Un » et « Deux »", "“text”: “One” and “Two”"),
        ("{d: {none_of: [x, y]}}", "« texte » : ni « Un » ni « Deux »", "“text”: neither “One” nor “Two”"),
        ("{d: {none_of: [x]}}", "« texte » : sans « Un »", "“text”: without “One”"),
        ("{d: {none_of: [x, y, z, w, v]}}", "« texte » : aucun de ces cas", "“text”: none of these"),
        (
            "{d: {any_of: [x, y, z, w]}}",
            "« texte » : une de ces réponses (« Un » ; « Deux » ; « Trois » ; « Quatre »)",
            "“text”: one of these answers (“One”; “Two”; “Three”; “Four”)",
        ),
        ("{not: d1}", "« Notion » : non", "“Concept”: no"),
        (
            "{all: [d1, {any: [a, {not: {all: [a, b]}}]}]}",
            None,
            "Concept; and (“text”: yes; or (this condition is not met: (“text”: yes; and “text”: yes)))",
        ),
        (
            "{at_least: {count: 2, of: [a, b, d1]}}",
            "au moins 2 de ces conditions : « texte » : oui ; « texte » : oui ; Notion",
            "at least 2 of these conditions: “text”: yes; “text”: yes; Concept",
        ),
    ],
)
def test_what_must_be_answered_is_said_in_words(tmp_path, condition, fr, en):
    facts = [entry for entry in facts_yaml() if entry.split(":")[0].strip() in ("a", "b", "day")]
    common = f"section: s, order: 1, question: {T}, cite: other"
    facts += [
        f"  c: {{type: choice, {common}, options: {{x: {LABEL}}}}}",
        f"  d: {{type: choices, {common}, options: {{x: {MORE}}}}}",
        f"  size: {{type: number, {common}, unit: {UNIT}}}",
    ]
    definitions = [
        "  d1: {title: {fr: Notion, en: Concept}, cite: other, when: a}",
        f"  d2: {{title: {T}, cite: other, when: {condition}}}",
    ]
    levels = [f"  low: {{rank: 1, title: {T}, description: {T}, cite: other}}"]
    pack = write_pack(tmp_path, definitions, levels, [], facts).pack
    said = line(pack, pack.definitions["d2"].when)
    assert fr is None or said.fr == fr
    assert en is None or said.en == en

"""What a change means, and what must hold in every situation: the solver against brute force and the evaluator."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given

from compliance.assessment.change_words import change_text, meaning_data, proofs_data
from compliance.assessment.confirming import confirm
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.law import meaning, proofs
from compliance.law.compiling import compile_pack
from compliance.law.loading import load
from compliance.law.schema import RULES
from compliance.law.shelf import Files, Folder, everything
from tests import the_law
from tests.assessment.test_engine_properties import ON, SETTINGS, completions
from tests.assessment.test_engine_properties import load as load_tiny
from tests.factories import T, pack_sources

PROGRAMS = {name: the_law.compiled(name) for name in ("ai-act", "ai-act-2026")}


def results(pack, program, raw):
    outcome = evaluate(pack, program, accept(pack, raw), ON, brief=True)
    return outcome.level.value, {finding.id for finding in outcome.findings}


@SETTINGS
@given(pack_sources(), pack_sources())
def test_a_change_is_found_where_there_is_one_and_proved_absent_where_there_is_none(one, other):
    (old, before), (new, after) = load_tiny(one), load_tiny(other)
    differing = set()
    for raw in completions({}):
        (was, had), (now, has) = results(old, before, raw), results(new, after, raw)
        differing |= {("level", was, now)} if was != now else set()
        differing |= {("finding", "", "held") for _ in has - had} | {("finding", "held", "") for _ in had - has}
    found = meaning.compare(before, after)
    assert {(c.kind, c.before, c.after) for c in found.changes} == differing
    for change in found.changes:
        assert confirm(before, after, change)
        assert_smallest(old, before, new, after, change)


def assert_smallest(old, before, new, after, change):
    """Hold an example to its promise: it makes the change certain, and no answer of it could be spared."""

    def certain(raw):
        sides = ((old, before, change.before), (new, after, change.after))
        if change.kind == "level":
            return all(
                results(pack, program, complete)[0] == word
                for complete in completions(raw)
                for pack, program, word in sides
            )
        return all(
            (change.id in results(pack, program, complete)[1]) is bool(word)
            for complete in completions(raw)
            for pack, program, word in sides
        )

    known = accept(new, change.situation.answers).values
    raw = {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()}
    if "day" in raw or "size" in raw:
        return  # brute force has only some days and sizes
    assert certain(raw)
    assert not any(certain({k: v for k, v in raw.items() if k != name}) for name in raw)


def test_every_change_between_the_two_texts_is_confirmed_by_the_evaluator():
    before, after = PROGRAMS["ai-act"], PROGRAMS["ai-act-2026"]
    found = meaning.compare(before, after)
    assert not found.undecided
    assert {change.kind for change in found.changes} == set(meaning.KINDS)
    followed = [change for change in found.changes if change.kind == "derivation"]
    assert not [change for change in (*found.changes[::4], *followed) if not confirm(before, after, change)]
    data = meaning_data(before, after, found)
    assert all(change["text"]["fr"] and change["text"]["en"] for change in data["changes"])


def edited(old, new):
    folder = Folder(RULES, {})
    files = everything(folder)
    path = next(path for path, data in files.items() if "/scenarios/" not in path and old in data.decode())
    files[path] = files[path].decode().replace(old, new, 1).encode()
    return compile_pack(load("ai-act-2026", Files(files)).pack)


def test_an_edit_is_told_in_words_and_a_mere_turn_of_phrase_is_proved_to_change_nothing():
    before = PROGRAMS["ai-act-2026"]
    after = edited("- staff: {less_than: 750}", "- staff: {less_than: 700}")
    found = meaning.compare(before, after)
    assert {change.kind for change in found.changes} == {"obligation", "penalty"}
    gone = next(change for change in found.changes if change.kind == "obligation")
    assert int(gone.situation.answers["staff"]) in range(700, 750)
    assert change_text(before.pack, after.pack, gone).en.startswith("Duty gone: ")
    swapped = edited(
        "{all: [chapter_iii_system, small_or_medium_enterprise]}",
        "{all: [small_or_medium_enterprise, chapter_iii_system]}",
    )
    assert meaning.compare(before, swapped).alike


@pytest.mark.parametrize(
    ("old", "new", "sides"),
    [
        ("{any: [{digital_elements: false}, cra_excluded_product]}", "{digital_elements: false}", ["follows"]),
        ("gives: {cyber_resilience_product: false}", "gives: {cyber_resilience_product: true}", ["", "follows"]),
        ("    no_cyber_resilience_product:", "    outside_cyber_resilience:", []),  # another name, the same answers
    ],
)
def test_an_answer_that_follows_otherwise_is_found_with_its_smallest_example(old, new, sides):
    before, after = PROGRAMS["ai-act-2026"], edited(old, new)
    found = meaning.compare(before, after)
    assert not found.undecided
    assert [(change.kind, change.before) for change in found.changes] == [("derivation", side) for side in sides]
    assert found.alike is not bool(sides)
    assert all(confirm(before, after, change) and len(change.situation.answers) <= 4 for change in found.changes)
    if len(sides) == 1:
        (gone,) = found.changes
        assert not confirm(after, before, gone), "the other way round, it is no change"
        assert change_text(before.pack, after.pack, gone).en.startswith("No longer follows from other answers: ")


def tiny(tmp_path, definitions, findings=()):
    from tests.factories import write_pack  # noqa: PLC0415

    levels = [
        f"  high: {{rank: 1, title: {T}, description: {T}, cite: other, when: d1}}",
        f"  low: {{rank: 3, title: {T}, description: {T}, cite: other}}",
    ]
    written = [f"  {id_}: {{title: {T}, cite: other, when: {when}}}" for id_, when in definitions.items()]
    loaded = write_pack(tmp_path, written, levels, list(findings))
    assert loaded.pack, loaded.problems
    return compile_pack(loaded.pack)


@pytest.mark.parametrize(
    ("definitions", "kind", "why"),
    [
        ({"d1": "{all: [a, {a: false}]}"}, "levels_reachable", "never"),
        ({"d1": "{any: [a, {a: false}]}"}, "levels_reachable", "never"),
        ({"d1": "a", "d2": "{all: [{c: x}, {c: y}]}", "d3": "{any: [d1, d2]}"}, "no_dead_rule", "never"),
        ({"d1": "{any: [a, {all: [a, b]}]}"}, "questions_matter", "no_matter"),
        ({"d1": "{any: [a, {size: {at_least: 10}}, {size: {less_than: 20}}]}"}, "no_dead_rule", "always"),
    ],
)
def test_a_proof_fails_on_what_breaks_it(tmp_path, definitions, kind, why):
    program = tiny(tmp_path, definitions)
    broken = {proof.kind: {failure.why for failure in proof.failures} for proof in proofs.prove(program)}
    assert why in broken[kind]
    assert all(item["text"]["fr"] for item in proofs_data(program, proofs.prove(program), "tiny"))


def test_a_pack_on_top_that_lowers_a_level_is_shown_where():
    """Packs on top cannot write this; the proof is held against two texts where one does lower it."""
    before, after = PROGRAMS["ai-act"], PROGRAMS["ai-act-2026"]
    (proof,) = proofs.prove(after, before, only=("never_lower",))
    assert proof.holds is False
    lowered = [failure for failure in proof.failures if failure.why == "lower"]
    ranks = [level.id for level in after.pack.levels]
    for failure in lowered:
        sides = [
            evaluate(
                p.pack, p, accept_seen(p.pack, failure.example.completion), date(2026, 11, 24), brief=True
            ).level.value
            for p in (before, after)
        ]
        assert ranks.index(sides[0]) < ranks.index(sides[1])
    assert lowered
    assert all(a.rank < b.rank for a, b in pairwise(after.pack.levels))


def accept_seen(pack, answers):
    from compliance.assessment.facts import accept_known  # noqa: PLC0415

    return accept_known(pack, answers)

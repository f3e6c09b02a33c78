"""The engine against brute force on random small packs."""

import itertools
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.assessment.evaluate import evaluate
from compliance.assessment.explain import explain
from compliance.assessment.facts import accept
from compliance.assessment.interview import answered, open_for_level, ranges
from compliance.assessment.outcome import Truth
from compliance.assessment.state import definition_truth, possible_levels, run, truth
from compliance.law.compiling import compile_pack
from tests.factories import ANSWERS, VALUES, pack_sources, write_pack

ON = date(2026, 11, 24)
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def load(source):
    with tempfile.TemporaryDirectory() as folder:
        loaded = write_pack(Path(folder), *source)
    assert loaded.pack is not None, loaded.problems
    return loaded.pack, compile_pack(loaded.pack)


def completions(raw):
    free = [name for name in VALUES if name not in raw]
    for chosen in itertools.product(*(VALUES[name] for name in free)):
        yield raw | dict(zip(free, chosen, strict=True))


def level_of(pack, program, raw):
    (level,) = possible_levels(run(program, accept(pack, raw)), exact=False)
    return level


@SETTINGS
@given(pack_sources(), ANSWERS)
def test_range_is_sound_and_exact(source, raw):
    pack, program = load(source)
    reached = {level_of(pack, program, complete) for complete in completions(raw)}
    state = run(program, accept(pack, raw))
    assert set(possible_levels(state)) == reached
    assert set(possible_levels(state, exact=False)) >= reached


@SETTINGS
@given(pack_sources(), ANSWERS)
def test_walk_and_program_agree(source, raw):
    pack, program = load(source)
    state = run(program, accept(pack, raw))
    for id_, definition in pack.definitions.items():
        assert state.slot("definition", id_) is definition_truth(state, definition)
        assert explain(state, id_).truth is state.slot("definition", id_)
    for id_, finding in pack.findings.items():
        assert state.slot("finding", id_) is truth(state, finding.when)


@SETTINGS
@given(pack_sources(), ANSWERS, st.sampled_from(sorted(VALUES)))
def test_more_answers_leave_fewer_levels(source, raw, name):
    pack, program = load(source)
    before = set(possible_levels(run(program, accept(pack, raw))))
    if name in raw:
        return
    for value in VALUES[name]:
        assert set(possible_levels(run(program, accept(pack, raw | {name: value})))) <= before


@SETTINGS
@given(pack_sources(), ANSWERS, st.randoms(use_true_random=False))
def test_order_of_entries_never_matters(source, raw, random):
    pack, program = load(source)
    shuffled = tuple(random.sample(part, len(part)) for part in source)
    other, other_program = load(shuffled)
    first = evaluate(pack, program, accept(pack, raw), ON)
    second = evaluate(other, other_program, accept(other, raw), ON)
    assert first.level.possible == second.level.possible
    assert {f.id for f in first.findings} == {f.id for f in second.findings}


@SETTINGS
@given(pack_sources(), ANSWERS)
def test_a_question_not_open_cannot_change_the_level(source, raw):
    pack, program = load(source)
    state = run(program, accept(pack, raw))
    before = set(possible_levels(state))
    for name in set(VALUES) - set(raw) - open_for_level(state):
        for value in VALUES[name]:
            assert set(possible_levels(run(program, accept(pack, raw | {name: value})))) == before


@SETTINGS
@given(pack_sources(), st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}))
def test_an_interview_ends_at_the_level_of_the_answers(source, raw):
    pack, program = load(source)
    asked, given_ = answered(program, accept(pack, raw))
    assert len(asked) == len(set(asked))
    assert possible_levels(run(program, given_), exact=False) == (level_of(pack, program, raw),)


@SETTINGS
@given(pack_sources(), st.lists(ANSWERS, min_size=1, max_size=40))
def test_many_cases_at_once_equal_each_alone(source, many):
    pack, program = load(source)
    cases = [accept(pack, raw) for raw in many]
    changes = [tuple(facts.values.items()) for facts in cases]
    assert ranges(program, cases[0], changes) == [possible_after_all(program, cases[0], change) for change in changes]


def possible_after_all(program, facts, changes):
    for fact, value in changes:
        facts = facts.with_answer(fact, value)
    return possible_levels(run(program, facts), exact=False)


@SETTINGS
@given(pack_sources(), st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}))
def test_turning_points_do_turn(source, raw):
    pack, program = load(source)
    outcome = evaluate(pack, program, accept(pack, raw), ON)
    assert outcome.level.decided
    for point in outcome.turning_points:
        changed = accept(pack, raw)
        for change in point.changes:
            changed = changed.with_answer(change.fact, change.after)
        levels = possible_levels(run(program, changed), exact=False)
        assert levels != (outcome.level.value,)
        assert point.level in levels
    assert not outcome.open_questions or outcome.level.decided


@SETTINGS
@given(pack_sources(), ANSWERS)
def test_effects_of_open_questions_are_exact(source, raw):
    pack, program = load(source)
    outcome = evaluate(pack, program, accept(pack, raw), ON)
    for question in outcome.open_questions:
        for effect in question.effects:
            facts = accept(pack, raw).with_answer(question.fact, effect.answer)
            assert effect.possible == possible_levels(run(program, facts))


def test_truth_of_unknown_is_unknown():
    assert Truth("unknown") is Truth.UNKNOWN

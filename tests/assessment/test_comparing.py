"""Two frozen records side by side, made by the real pack and the real record."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compliance.assessment.comparing import between
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.evidence.canonical import canonical
from compliance.reports.record import Case, Given, of_use_case
from tests import the_law

RULES = Path("rules")
DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def laws():
    return {name: (the_law.loaded(name).pack, the_law.compiled(name)) for name in ("ai-act-2026", "ai-act")}


def answers(pack, values, unknown=(), **also):
    known = [Given(fact, False, False, "", "Nadia", "2026-11-20T08:00:00+00:00") for fact in values]
    known += [Given(fact, True, False, "", "Nadia", "2026-11-20T08:00:00+00:00") for fact in unknown]
    return tuple(replace(given, **also.get(given.fact, {})) for given in known)


def record(laws, values, *, law="ai-act-2026", number="R-2026-0001", on=DAY, unknown=(), **also):
    """Return a record as it is read back from the store."""
    pack, program = laws[law]
    known = {fact: value for fact, value in values.items() if fact in pack.facts}
    facts = accept(pack, known)
    case = Case("IA-001", "Tri de CV", "", facts, answers(pack, known, unknown, **also))
    envelope = {
        "organisation": {"name": "Aciérie", "logo": None},
        "number": number,
        "language": "fr",
        "made": {"at": "2026-11-24T09:00:00+00:00", "by": "Claire"},
        "supersedes": None,
        "log": {"size": 1, "root": "00"},
    }
    return json.loads(canonical(of_use_case(case, evaluate(pack, program, facts, on), envelope)))


@pytest.fixture(scope="module")
def hiring(laws):
    """Return the answers of a typical high-risk use."""
    return dict(laws["ai-act-2026"][0].catalogue["screening_and_ranking_of_applications"].facts)


def test_a_record_and_itself_differ_in_nothing(laws, hiring):
    same = between(record(laws, hiring), record(laws, hiring, number="R-2026-0002"))
    assert not same.result_differs
    assert not same.answers
    assert not same.law_differs
    assert (same.before.number, same.after.number) == ("R-2026-0001", "R-2026-0002")
    assert same.before.possible == ("high_risk",)


def test_an_answer_changed_with_who_and_when_and_what_follows(laws, hiring):
    technique = {"person": "Paul", "at": "2026-12-01T10:00:00+00:00", "comment": "Vu avec l'éditeur"}
    after = record(laws, hiring | {"technique": "basic_processing"}, number="R-2026-0002", technique=technique)
    found = between(record(laws, hiring), after)
    (change,) = found.answers
    assert change.fact == "technique"
    assert (change.before.person, change.after.person) == ("Nadia", "Paul")
    assert change.after.comment == "Vu avec l'éditeur"
    assert change.before.answer.fr != change.after.answer.fr
    assert change.before.answer.en != change.after.answer.en
    assert found.level_differs
    assert found.after.possible == ("out_of_scope",)
    assert {duty.id for duty in found.went} >= {"ai_literacy_deployer"}
    assert not found.came
    back = between(after, record(laws, hiring))
    assert {duty.id for duty in back.came} == {duty.id for duty in found.went}
    assert all(duty.before is None or not duty.before.certain for duty in back.came)


def test_a_day_that_came_is_no_difference_a_date_that_moved_is(laws, hiring):
    later = between(record(laws, hiring), record(laws, hiring, on=date(2029, 1, 1)))
    assert not later.result_differs, "the same duties from the same days"
    older = between(record(laws, hiring, law="ai-act"), record(laws, hiring))
    assert older.law_differs
    assert older.moved
    oversight = next(duty for duty in older.moved if duty.id == "human_oversight")
    assert min(oversight.before.possible_dates) < min(oversight.after.possible_dates), "postponed in 2026"
    assert not older.level_differs


def test_doubt_and_what_is_only_possible(laws, hiring):
    fewer = {fact: value for fact, value in hiring.items() if fact not in ("annex_iii_use", "employment_use")}
    assert len(fewer) < len(hiring)
    dropped = sorted(hiring.keys() - fewer.keys())
    found = between(record(laws, hiring), record(laws, fewer, unknown=dropped))
    assert {change.fact for change in found.answers} == set(dropped)
    assert all(change.after.answer is None for change in found.answers)
    assert len(found.after.possible) > 1
    went = [duty for duty in found.went if duty.after is not None]
    assert went, "duties that were owed are now only possible"
    assert all(not duty.after.certain for duty in went)


def test_presumed_and_then_confirmed_is_a_change(laws, hiring):
    before = record(laws, hiring, technique={"presumed": True})
    (change,) = between(before, record(laws, hiring)).answers
    assert (change.before.presumed, change.after.presumed) == (True, False)


def test_every_text_is_there_in_both_languages(laws, hiring):
    found = between(record(laws, hiring, law="ai-act"), record(laws, hiring | {"technique": "basic_processing"}))
    for duty in (*found.came, *found.went, *found.moved):
        assert duty.action.fr
        assert duty.action.en
        assert duty.citations
    for side in (found.before, found.after):
        assert side.law.fr != side.law.en
        assert [level.id for level in side.levels]


def test_what_is_no_record_is_refused():
    with pytest.raises((KeyError, TypeError, ValueError)):
        between({}, {})

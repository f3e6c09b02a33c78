"""What follows from answers: it fills what is open, is asked for in its place, and yields to what a person says."""

import pytest

from compliance.assessment.deriving import settle
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.assessment.freeze import freeze
from compliance.assessment.interview import open_for_level, ranges
from compliance.assessment.portfolio import gather, replay
from compliance.assessment.progress import counts
from compliance.assessment.state import possible_levels, run
from compliance.law.compiling import compile_pack
from compliance.law.loading import load_pack
from compliance.law.proofs import prove
from tests.factories import HEAD, T

OPTIONS = ", ".join(f"{name}: {{label: {T}}}" for name in ("one", "two", "other"))
RULES = f"""
sections: {{s: {{title: {T}, order: 1}}}}
facts:
  trade: {{type: choice, section: s, order: 1, question: {T}, cite: other, options: {{{OPTIONS}}}}}
  body: {{type: boolean, section: s, order: 2, question: {T}, cite: other}}
  harm: {{type: boolean, section: s, order: 3, question: {T}, cite: other}}
derivations:
  body_acts: {{title: {T}, when: {{trade: one}}, gives: {{body: true}}, cite: other, because: {T}}}
  harm_follows: {{title: {T}, when: body, gives: {{harm: true}}, cite: other, because: {T}}}
  no_body: {{title: {T}, when: {{trade: two}}, gives: {{body: false}}, cite: other, because: {T}}}
levels:
  high: {{rank: 1, title: {T}, description: {T}, cite: other, when: {{all: [body, harm]}}}}
  low: {{rank: 2, title: {T}, description: {T}, cite: other}}
"""


def made(folder, rules=RULES):
    pack = folder / "tiny"
    pack.mkdir(parents=True, exist_ok=True)
    (pack / "pack.yaml").write_text(HEAD)
    (pack / "rules.yaml").write_text(rules)
    return load_pack("tiny", folder)


@pytest.fixture
def program(tmp_path):
    loaded = made(tmp_path)
    assert loaded.pack, loaded.problems
    return compile_pack(loaded.pack)


def level(program, **answers):
    return possible_levels(run(program, accept(program.pack, answers)))


def test_answers_follow_from_others_and_from_those_that_followed(program):
    assert level(program, trade="one") == ("high",)
    assert level(program, trade="two") == ("low",)
    assert level(program, trade="other") == ("high", "low")
    assert settle(program, accept(program.pack, {"trade": "one"}))[1] == {"body": "body_acts", "harm": "harm_follows"}


def test_what_a_person_says_wins_and_counts(program):
    facts = accept(program.pack, {"trade": "one", "body": False})
    assert possible_levels(run(program, facts)) == ("low",)
    assert counts(program, facts, "body")
    assert [counts(program, facts, fact) for fact in ("body", "trade")] == [True, False]


def test_the_question_of_the_trade_is_asked_for_in_the_place_of_those_that_follow(program):
    assert open_for_level(run(program, accept(program.pack, {}))) == {"trade", "body", "harm"}
    assert open_for_level(run(program, accept(program.pack, {"trade": "other"}))) == {"body", "harm"}
    assert open_for_level(run(program, accept(program.pack, {"trade": "one"}))) == set()


def test_many_changes_at_once_equal_each_alone(program):
    given = accept(program.pack, {"trade": "one"})
    changes = [(("trade", value),) for value in ("one", "two", "other")]
    assert ranges(program, given, changes) == [level(program, trade=v) for v in ("one", "two", "other")]


def test_a_portfolio_and_a_case_agree(program):
    lines = ['trade="one"', 'trade="two"', 'trade="other"', 'body=false\ntrade="one"', ""]
    found = replay(program, gather(lines), {})
    alone = [level(program, trade="one"), level(program, trade="two"), ("high", "low"), ("low",), ("high", "low")]
    for row, expected in enumerate(alone):
        assert tuple(name for name in ("high", "low") if found.possible(name) >> row & 1) == expected


def test_an_outcome_says_what_followed_and_from_what(program):
    facts = accept(program.pack, {"trade": "one"})
    outcome = evaluate(program.pack, program, facts, on=__import__("datetime").date(2026, 11, 24))
    assert [(item.fact, item.derivation, item.sources) for item in outcome.derived] == [
        ("body", "body_acts", ("trade",)),
        ("harm", "harm_follows", ("body",)),
    ]
    assert outcome.answers == {"trade": "one"}
    assert [item["fact"] for item in freeze(outcome)["derived"]] == ["body", "harm"]
    assert {point.changes[0].fact for point in outcome.turning_points} == {"trade"}


def test_answers_that_would_stand_against_each_other_are_found_with_a_situation(tmp_path):
    rules = RULES.replace("when: {trade: two}, gives: {body: false}", "when: {trade: one}, gives: {body: false}")
    program = compile_pack(made(tmp_path, rules).pack)
    proof = next(proof for proof in prove(program) if proof.kind == "derivations_agree")
    assert [(failure.id, failure.why) for failure in proof.failures] == [("no_body", "disagree")]
    assert proof.failures[0].example.answers == {"trade": "one"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("gives: {body: true}", "gives: {trade: two}", "derives_itself"),
        ("gives: {body: true}", "gives: {nobody: true}", "fact_unknown"),
        ("gives: {body: true}", "gives: {body: perhaps}", "fact_type"),
        ("gives: {body: true}", "gives: {}", "expected_mapping"),
        ("when: body, gives: {harm: true}", "when: body, gives: {trade: three}", "unknown_option"),
        ("harm: {type: boolean", "harm: {type: date", "cannot_derive"),
    ],
)
def test_a_wrong_derivation_is_named(tmp_path, old, new, code):
    assert old in RULES
    found = made(tmp_path, RULES.replace(old, new, 1)).problems
    assert code in {problem.code for problem in found}

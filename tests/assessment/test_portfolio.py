"""Many use cases at once give what each gives alone, exactly, before and after a change of the law."""

import json
import random
from datetime import date

import pytest

from compliance.assessment import portfolio
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept_known
from tests import the_law
from tests.assessment.test_meaning import PROGRAMS, edited

ON = date(2026, 11, 24)
EDITS = [
    ("- staff: {less_than: 750}", "- staff: {less_than: 10}"),
    ("when: {all: [chapter_iii_system, small_or_medium_enterprise]}", "when: chapter_iii_system"),
]


def cases(seed, count):
    """Return answers: those of scenarios, with some left out and some of others put in."""
    draw = random.Random(seed)
    loaded = the_law.loaded()
    seeds = [dict(s.facts) for s in loaded.scenarios]
    for _ in range(count):
        facts = {**draw.choice(seeds), **dict(draw.sample(sorted(draw.choice(seeds).items(), key=str), 3))}
        yield {name: value for name, value in facts.items() if value != "unknown" and draw.random() > 0.25}


def short(facts):
    return "\n".join(f"{name}={json.dumps(facts[name], sort_keys=True)}" for name in sorted(facts))


def alone(program, facts):
    outcome = evaluate(program.pack, program, accept_known(program.pack, facts), ON, brief=True)
    owed = {o.id: o.due.applies_from or o.due.possible_dates or "never" for o in outcome.obligations}
    return outcome.level.possible, owed


@pytest.mark.parametrize("change", ["text", *range(len(EDITS))])
def test_replay_is_what_each_use_case_gives_alone(change):
    before = PROGRAMS["ai-act"] if change == "text" else PROGRAMS["ai-act-2026"]
    after = PROGRAMS["ai-act-2026"] if change == "text" else edited(*EDITS[change])
    given = list(cases(str(change), 60))
    common = {"organisation_kind": "private", "staff": "120"}
    found = portfolio.gather([short(facts) for facts in given])
    runs = [portfolio.replay(program, found, common) for program in (before, after)]
    impact = portfolio.difference(*runs, found, lambda: True)
    assert not impact.undecided
    rows = {row.row: row for row in impact.rows()}
    for number, facts in enumerate(given):
        (was, had), (now, has) = (alone(program, {**common, **facts}) for program in (before, after))
        row = rows.get(number)
        levels = (row.before, row.after) if row and row.before else None
        assert levels == ((was, now) if was != now else None), facts
        assert set(row.comes if row else ()) == has.keys() - had.keys()
        assert set(row.goes if row else ()) == had.keys() - has.keys()
        moved = {id_ for id_ in had.keys() & has.keys() if isinstance(had[id_], date) and isinstance(has[id_], date)}
        sure = {id_ for id_ in moved if had[id_] != has[id_]}
        assert set(row.moves if row else ()) >= sure


def test_without_time_nothing_is_guessed():
    given = [short(facts) for facts in cases("none", 80)]
    found = portfolio.gather(given)
    runs = [portfolio.replay(PROGRAMS[name], found, {}) for name in ("ai-act", "ai-act-2026")]
    exact = portfolio.difference(*runs, found, lambda: True)
    hurried = portfolio.difference(*runs, found, lambda: False)
    assert hurried.undecided
    decided = ~hurried.undecided
    for pair, bits in hurried.levels.items():
        assert not bits & decided & ~exact.levels.get(pair, 0)


def test_answers_that_a_text_does_not_take_are_left_out():
    program = the_law.compiled("ai-act")
    lines = [short({"technique": "no_such", "unheard_of": True, "role": ["provider", "no_such"]}), short({})]
    true, false = portfolio.atoms(program, portfolio.gather(lines), {})
    known = [program.atoms[n] for n in range(len(true)) if true[n] or false[n]]
    assert {atom.fact for atom in known} == {"role"}

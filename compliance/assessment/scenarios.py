"""Running the scenarios that lawyers write: a situation, a date, and what must come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from compliance.assessment import due_dates
from compliance.assessment.act_records import needed
from compliance.assessment.beyond import regimes, supplies
from compliance.assessment.facts import FactsError, accept
from compliance.assessment.interview import open_for_level, open_for_rest
from compliance.assessment.outcome import Truth
from compliance.assessment.state import State, owed, possible_levels
from compliance.assessment.state import run as run_state
from compliance.law.compiling import Program
from compliance.law.model import Obligation, Pack
from compliance.law.problems import Problem, problem, sentence
from compliance.law.scenarios import Scenario
from compliance.text import Text

_KINDS = {
    "finding": Text("le constat", "finding"),
    "obligation": Text("l'obligation", "duty"),
    "role": Text("le rôle", "role"),
    "citation": Text("la citation", "citation"),
    "record": Text("le document", "document"),
    "question": Text("la question ouverte", "open question"),
    "regime": Text("l'autre loi", "other law"),
    "regime_duty": Text("l'obligation d'une autre loi", "duty of another law"),
    "supply": Text("ce qu'il faut obtenir du fournisseur :", "thing to obtain from the supplier"),
}
_NEVER, _OPEN, _NOT_OWED = Text("jamais", "never"), Text("en suspens", "open"), Text("rien de dû", "not owed")


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Whether a scenario came out as written, and every difference."""

    passed: bool
    differences: tuple[Problem, ...]


def wrong_presumptions(pack: Pack) -> tuple[Problem, ...]:
    """Return the presumed answers of the catalogue that the pack's questions do not take, at their entry."""
    found: list[Problem] = []
    for entry in pack.catalogue.values():
        try:
            accept(pack, entry.facts, dict.fromkeys(entry.facts, entry.position))
        except FactsError as error:
            found += error.problems
    return tuple(found)


def run(pack: Pack, program: Program, scenario: Scenario) -> ScenarioResult:
    """Run one scenario."""
    try:
        facts = accept(pack, scenario.facts)
    except FactsError as error:
        wrong = tuple(
            problem(
                "scenario_facts",
                scenario.position,
                name=scenario.name,
                why=Text(sentence(item, "fr"), sentence(item, "en")),
            )
            for item in error.problems
        )
        return ScenarioResult(False, wrong)
    state, expect = run_state(program, facts), scenario.expect
    findings = [entry for entry in pack.findings.values() if state.slot("finding", entry.id) is Truth.TRUE]
    duties = {entry.id: entry for entry in pack.obligations.values() if owed(state, entry) is Truth.TRUE}
    roles = [id_ for id_ in pack.roles if state.slot("role", id_) is Truth.TRUE]
    possible = possible_levels(state)
    cited = {citation.written for finding in findings for citation in finding.cite}
    if len(possible) == 1:
        cited |= {c.written for level in pack.levels if level.id == possible[0] for c in level.cite}
    found = [*_level(scenario, possible), *_due(scenario, state, duties)]
    for kind, include, exclude, held in (
        ("finding", expect.findings_include, expect.findings_exclude, [entry.id for entry in findings]),
        ("obligation", expect.obligations_include, expect.obligations_exclude, list(duties)),
        ("role", expect.roles_include, expect.roles_exclude, roles),
    ):
        found += _compare(scenario, kind, include, exclude, held)
    found += _compare(scenario, "citation", [c.written for c in expect.cites_include], (), cited)
    found += _beside(scenario, state)
    return ScenarioResult(not found, tuple(found))


def _beside(scenario: Scenario, state: State) -> list[Problem]:
    """Compare what few scenarios speak of: records, open questions, other regimes."""
    expect, pack, found = scenario.expect, state.program.pack, list[Problem]()
    of_records = expect.records_include or expect.records_exclude
    of_questions = expect.open_include or expect.open_exclude
    of_duties = expect.regime_duties_include or expect.regime_duties_exclude
    of_regimes = expect.regimes_include or expect.regimes_exclude or of_duties
    of_supplies = expect.supplies_include or expect.supplies_exclude
    if not (of_records or of_questions or of_regimes or of_supplies):
        return found
    if of_records:
        kept = [record.id for record in pack.records.values() if needed(state, record) is Truth.TRUE]
        found += _compare(scenario, "record", expect.records_include, expect.records_exclude, kept)
    if of_questions:
        opened = open_for_level(state) | open_for_rest(state)
        found += _compare(scenario, "question", expect.open_include, expect.open_exclude, opened)
    held = [regime for regime in regimes(state) if regime.certain] if of_regimes else []
    duties = [duty.id for regime in held for duty in regime.duties if duty.certain]
    found += _compare(scenario, "regime", expect.regimes_include, expect.regimes_exclude, [r.id for r in held])
    found += _compare(scenario, "regime_duty", expect.regime_duties_include, expect.regime_duties_exclude, duties)
    wanted = [supply.id for supply, certain in supplies(state) if certain] if of_supplies else []
    return found + _compare(scenario, "supply", expect.supplies_include, expect.supplies_exclude, wanted)


def _level(scenario: Scenario, possible: tuple[str, ...]) -> list[Problem]:
    expected = scenario.expect.level
    if expected is None or set(expected) == set(possible):
        return []
    return [
        problem(
            "scenario_level",
            scenario.position,
            name=scenario.name,
            expected=", ".join(expected),
            found=", ".join(possible),
        )
    ]


def _compare(
    scenario: Scenario, kind: str, include: Iterable[str], exclude: Iterable[str], found: Iterable[str]
) -> list[Problem]:
    have, name, at, what = set(found), scenario.name, scenario.position, _KINDS[kind]
    missing = [problem("scenario_missing", at, name=name, kind=what, id=id_) for id_ in include if id_ not in have]
    return missing + [problem("scenario_extra", at, name=name, kind=what, id=id_) for id_ in exclude if id_ in have]


def _due(scenario: Scenario, state: State, duties: Mapping[str, Obligation]) -> list[Problem]:
    found: list[Problem] = []
    for id_, expected in scenario.expect.due.items():
        shown: date | Text = _NOT_OWED
        if id_ in duties:
            due = due_dates.due(state, state.program.pack.deadlines[duties[id_].deadline], scenario.on)
            shown = due.applies_from or (_NEVER if due.never and not due.possible_dates else _OPEN)
        wanted = expected or _NEVER
        if shown != wanted:
            found.append(
                problem(
                    "scenario_due",
                    scenario.position,
                    name=scenario.name,
                    id=id_,
                    expected=wanted,
                    found=shown,
                )
            )
    return found

"""The record of a report: one value from which every form of it is made, none computing anything of its own.

It is plain JSON, in both languages, and holds what is needed to compute the outcome again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import compliance
from compliance.assessment.action_plan import gap_key
from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import Facts
from compliance.assessment.freeze import cited, freeze, named, stored, text
from compliance.assessment.outcome import Outcome
from compliance.assessment.progress import read
from compliance.assessment.summary import summarise
from compliance.assessment.wording import answer_text
from compliance.law.compiling import Program
from compliance.law.model import Nature, Pack
from compliance.text import Text

FORMAT = "pyramide-report/1"


@dataclass(frozen=True, slots=True)
class Given:
    """Who said what about one question, when."""

    fact: str
    unknown: bool
    presumed: bool
    comment: str
    person: str
    at: str  # UTC, ISO 8601
    evidence: tuple[Mapping[str, Any], ...] = ()
    source: Mapping[str, Any] | None = None  # a supplier whose word it is: "supplier", "by", "on"


@dataclass(frozen=True, slots=True)
class Case:
    """What a report says of a use case beside its outcome.

    Each of ``actions`` has ``obligation`` (its key in the plan), ``state`` ({fr, en}), ``closed`` (done, or without
    object), ``owner``, ``due`` (YYYY-MM-DD or None) and ``comment``.
    """

    reference: str
    name: str
    description: str
    facts: Facts
    answers: tuple[Given, ...]
    actions: tuple[Mapping[str, Any], ...] = ()
    evidence: tuple[Mapping[str, Any], ...] = ()
    assessment: Mapping[str, Any] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)  # function, sector, site, supplier, owner


@dataclass(frozen=True, slots=True)
class PortfolioCase:
    """One use case of a portfolio: its answers, the text that they are read under, where it stands."""

    case: Case
    law: Program
    state: Text
    report: str | None = None  # the number of its last issued report


def of_use_case(case: Case, outcome: Outcome, envelope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of the report of one use case.

    ``envelope`` holds who issues it: ``organisation``, ``number`` (None for a draft), ``made`` (at, by),
    ``supersedes`` and ``log`` (size, root).
    """
    pack = outcome.pack
    return {
        "format": FORMAT,
        "kind": "use_case",
        "program": compliance.__version__,
        **envelope,
        "use_case": {
            "reference": case.reference,
            "name": case.name,
            "description": case.description,
            **case.details,
        },
        "assessment": case.assessment,
        "facts": {fact: stored(value) for fact, value in sorted(case.facts.values.items())},
        "answers": [answer_row(given, case.facts, pack) for given in _ordered(case.answers, pack)],
        "sections": [{"id": section.id, "title": text(section.title)} for section in pack.sections.values()],
        "levels": levels_of(pack),
        "actions": list(case.actions),
        "evidence": list(case.evidence),
        "outcome": freeze(outcome),
    }


def _ordered(answers: Iterable[Given], pack: Pack) -> list[Given]:
    place = {section.id: number for number, section in enumerate(pack.sections.values())}
    facts = pack.facts
    return sorted(
        (given for given in answers if given.fact in facts),
        key=lambda given: (place.get(facts[given.fact].section, 0), facts[given.fact].order, given.fact),
    )


def answer_row(given: Given, facts: Facts, pack: Pack) -> dict[str, Any]:
    """Return what a record says of one answer."""
    fact = pack.facts[given.fact]
    value = facts.values.get(given.fact)
    return {
        "fact": given.fact,
        "section": fact.section,
        "question": text(fact.question),
        "answer": None if value is None else text(answer_text(fact, value)),
        "unknown": given.unknown or value is None,
        "presumed": given.presumed,
        "comment": given.comment,
        "person": given.person,
        "at": given.at,
        "citations": cited(fact.cite, pack),
        "evidence": [dict(piece) for piece in given.evidence],
        **({"source": dict(given.source)} if given.source else {}),
    }


def of_portfolio(
    title: Text, selection: Text, cases: Sequence[PortfolioCase], on: date, envelope: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the record of the report of many use cases, read on one day; ``selection`` says in words which.

    ``envelope`` is that of ``of_use_case``. What is computed of each case can be computed again from its ``facts``
    and the text whose hash it names (see ``computed``); the totals are sums over the cases.
    """
    laws = {one.law.pack.hash: one.law.pack for one in cases}
    rows = [_row(one, on) for one in cases]
    levels = {level["id"]: level for pack in laws.values() for level in levels_of(pack)}
    return {
        "format": FORMAT,
        "kind": "portfolio",
        "program": compliance.__version__,
        **envelope,
        "title": text(title),
        "selection": text(selection),
        "on": on.isoformat(),
        "levels": list(levels.values()),
        "laws": [law_of(pack, [row for row in rows if row["pack"] == pack.hash]) for pack in laws.values()],
        "cases": rows,
        "totals": totals_of(rows),
    }


def computed(program: Program, facts: Facts, on: date) -> dict[str, Any]:
    """Return what a portfolio says of one use case that follows from its answers alone."""
    pack = program.pack
    outcome = evaluate(pack, program, facts, on, brief=True)
    summary = summarise(program, facts, on, read(program, facts))
    owed = [item for item in outcome.obligations if item.nature in (Nature.DUTY, Nature.EVENT) and not item.never]
    return {
        "pack": pack.hash,
        "possible": list(outcome.level.possible),
        "because": text(outcome.level.because),
        "citations": cited(outcome.level.citations, pack),
        "roles": [role.id for role in outcome.roles],
        "open_for_level": summary.open_for_level,
        "open_count": summary.open_count,
        "deciding_fact": summary.deciding_fact if len(summary.possible) > 1 else None,
        "duties": [
            {
                "id": item.id,
                "state": item.due.state.value,
                "applies_from": item.applies_from.isoformat() if item.applies_from else None,
                "possible_dates": [day.isoformat() for day in item.possible_dates],
            }
            for item in owed
        ],
        "possible_duties": len(outcome.possible_obligations),
        "next_due": summary.next_due.isoformat() if summary.next_due else None,
    }


def levels_of(pack: Pack) -> list[dict[str, Any]]:
    """Return the levels of a text, from the top, in its words."""
    return [
        {
            "id": level.id,
            "title": text(level.title),
            "description": text(level.description),
            "citations": cited(level.cite, pack),
        }
        for level in pack.levels
    ]


def _row(one: PortfolioCase, on: date) -> dict[str, Any]:
    case = one.case
    return {
        "reference": case.reference,
        "name": case.name,
        "description": case.description,
        **case.details,
        "state": text(one.state),
        "report": one.report,
        "facts": {fact: stored(value) for fact, value in sorted(case.facts.values.items())},
        "actions": [dict(action) for action in case.actions],
        **computed(one.law, case.facts, on),
    }


def law_of(pack: Pack, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the text that some cases are read under, with the words of the duties and questions they name.

    Among the duties stand the gaps of controls that actions are planned for, under their key of the plan.
    """
    duties = {duty["id"] for row in rows for duty in row["duties"]}
    duties |= {action["obligation"] for row in rows for action in row["actions"]}
    asked = {row["deciding_fact"] for row in rows}
    return {
        **named(pack),
        "duties": {
            duty.id: {"action": text(duty.action), "citations": cited(duty.cite, pack)}
            for duty in pack.obligations.values()
            if duty.id in duties
        }
        | {
            gap_key(control.id): {"action": text(control.action), "citations": cited(control.cite, pack)}
            for control in pack.controls.values()
            if gap_key(control.id) in duties
        },
        "questions": {
            fact.id: {"question": text(fact.question), "citations": cited(fact.cite, pack)}
            for fact in pack.facts.values()
            if fact.id in asked
        },
    }


def totals_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums that a portfolio shows; "open" counts the use cases whose level is not decided."""
    deciding = Counter((row["pack"], row["deciding_fact"]) for row in rows if row["deciding_fact"])
    days = Counter(duty["applies_from"] for row in rows for duty in row["duties"] if duty["applies_from"])
    cases = Counter(day for row in rows for day in {duty["applies_from"] for duty in row["duties"]} if day)
    return {
        "cases": len(rows),
        "levels": dict(Counter(_column(row) for row in rows)),
        **{f"by_{key}": _shares(rows, key) for key in ("function", "sector", "site")},
        "deciding": [
            {"pack": pack, "fact": fact, "cases": count}
            for (pack, fact), count in sorted(deciding.items(), key=lambda item: (-item[1], item[0]))
        ],
        "dates": [{"day": day, "duties": days[day], "cases": cases[day]} for day in sorted(days)],
    }


def _column(row: Mapping[str, Any]) -> str:
    return str(row["possible"][0]) if len(row["possible"]) == 1 else "open"


def _shares(rows: Sequence[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return how many use cases each function, sector or site has on each level; those that name none come last."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        value = row.get(key)
        title = {"fr": value, "en": value} if isinstance(value, str) else value
        share = found.setdefault(title["fr"] if title else "", {"title": title, "levels": Counter()})
        share["levels"][_column(row)] += 1
    shares = sorted(found.items(), key=lambda item: (not item[0], -item[1]["levels"].total(), item[0]))
    return [{"title": share["title"], "levels": dict(share["levels"])} for _, share in shares]

"""The record of a report: one value from which every form of it is made, none computing anything of its own.

It is plain JSON, in both languages, and holds what is needed to compute the outcome again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import compliance
from compliance.assessment.facts import Facts
from compliance.assessment.freeze import cited, freeze, stored, text
from compliance.assessment.outcome import Outcome
from compliance.assessment.wording import answer_text
from compliance.law.model import Pack

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


@dataclass(frozen=True, slots=True)
class Case:
    """What a report says of a use case beside its outcome."""

    reference: str
    name: str
    description: str
    facts: Facts
    answers: tuple[Given, ...]
    actions: tuple[Mapping[str, Any], ...] = ()
    evidence: tuple[Mapping[str, Any], ...] = ()
    assessment: Mapping[str, Any] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)  # function, sector, site, supplier, owner


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
        "answers": [_answer(given, case.facts, pack) for given in _ordered(case.answers, pack)],
        "sections": [{"id": section.id, "title": text(section.title)} for section in pack.sections.values()],
        "levels": [
            {
                "id": level.id,
                "title": text(level.title),
                "description": text(level.description),
                "citations": cited(level.cite, pack),
            }
            for level in pack.levels
        ],
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


def _answer(given: Given, facts: Facts, pack: Pack) -> dict[str, Any]:
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
    }

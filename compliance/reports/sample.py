"""A record of a made-up use case, with something in each of its lists: what templates and forms are tried on."""

from __future__ import annotations

from datetime import date
from typing import Any

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.law.compiling import compile_pack
from compliance.law.loading import load_pack
from compliance.law.schema import RULES
from compliance.reports import record
from compliance.reports.record import Case, Given
from compliance.text import Language, Text

_PACK = "ai-act-2026"
_ON = date(2026, 11, 25)
_AT = "2026-11-25T09:00:00+00:00"
_FACTS: dict[str, Any] = {
    "technique": "machine_learning",
    "absent_elements": [],
    "generated_content": [],
    "role": ["deployer"],
    "established_in_union": True,
    "exclusive_purpose": "none",
    "stage": "available",
    "practices": [],
    "biometric_functions": [],
    "annex_iii_use": ["recruitment"],
    "profiling": True,
    "decides_about_persons": True,
    "value_chain_changes": [],
    "organisation_kind": "private",
    "staff": 1200,
    "turnover_eur": 300000000,
    "balance_sheet_eur": 200000000,
}
_NAME = Text("Tri de candidatures", "Screening of applications")
_DONE = Text("En cours", "In progress")


def sample(language: Language) -> dict[str, Any]:
    """Return the record: a deployer's recruiting tool, high-risk, some questions open."""
    pack = load_pack(_PACK, RULES).pack
    assert pack is not None, "the published rules are sound"
    facts = accept(pack, _FACTS)
    outcome = evaluate(pack, compile_pack(pack), facts, _ON)
    person = "Camille Martin"
    piece = {"title": "notice.pdf", "sha256": "0" * 64}
    given = [
        Given(fact, unknown=False, presumed=fact == "stage", comment="…", person=person, at=_AT, evidence=(piece,))
        for fact in _FACTS
    ]
    given.append(Given("used_at_workplace", unknown=True, presumed=False, comment="", person=person, at=_AT))
    actions = [
        {
            "obligation": duty.id,
            "state": {"fr": _DONE.fr, "en": _DONE.en},
            "closed": False,
            "owner": person,
            "due": "2027-06-30",
            "comment": "…",
        }
        for duty in outcome.obligations[:3]
    ]
    case = Case(
        reference="1",
        name=_NAME.to(language),
        description="…",
        facts=facts,
        answers=tuple(given),
        actions=tuple(actions),
        evidence=tuple({**piece, "obligation": duty.id} for duty in outcome.obligations[:3]),
        assessment={
            "number": 1,
            "state": {"fr": "Validée", "en": "Approved"},
            "author": person,
            "validator": "Dominique Petit",
        },
        details={"function": "RH", "sector": "…", "site": "…", "supplier": "…", "owner": person},
    )
    envelope = {
        "organisation": {"name": "Exemple SA", "logo": None},
        "number": "R-2026-0001",
        "language": language,
        "made": {"at": _AT, "by": person},
        "supersedes": "R-2025-0009",
        "log": {"size": 1, "root": "0" * 64},
    }
    return record.of_use_case(case, outcome, envelope)

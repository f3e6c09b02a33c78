"""An outcome as plain data, ready for JSON: texts in both languages, so that it depends on no reader."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, overload

from compliance.assessment.facts import Partial
from compliance.assessment.outcome import (
    AnswerValue,
    Concern,
    DerivedAnswer,
    Due,
    DueObligation,
    Explanation,
    FineCeiling,
    HeldFinding,
    HeldRegime,
    Outcome,
    Reason,
)
from compliance.law import citations
from compliance.law.beyond_model import Training
from compliance.law.model import Pack
from compliance.law.terms import Citation
from compliance.text import Text

_EXACT = 2**53  # the largest whole number that every reader of JSON keeps exact; beyond, computing power in FLOP


@overload
def text(value: Text) -> dict[str, str]: ...
@overload
def text(value: None) -> None: ...
@overload
def text(value: Text | None) -> dict[str, str] | None: ...
def text(value: Text | None) -> dict[str, str] | None:
    """Return a text as ``{fr, en}``."""
    return {"fr": value.fr, "en": value.en} if value else None


def cited(found: tuple[Citation, ...], pack: Pack) -> list[dict[str, Any]]:
    """Return citations as written and as shown, with the provision's id and the address of the official text."""
    return [
        {
            "written": citation.written,
            "shown": {"fr": citations.format(citation, "fr"), "en": citations.format(citation, "en")},
            "provision": citation.provision,
            "url": {"fr": link, "en": citations.link(citation, pack, "en")}
            if (link := citations.link(citation, pack, "fr"))
            else None,
        }
        for citation in found
    ]


def plain(value: object) -> Any:
    """Return an answer as JSON can hold it."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) <= _EXACT else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, StrEnum) else value


def stored(value: AnswerValue | Partial) -> Any:
    """Return an answer as it is stored, in JSON."""
    if isinstance(value, Partial):
        return {"selected": list(value.selected), "unknown": list(value.unknown)}
    return plain(value)


def named(pack: Pack) -> dict[str, Any]:
    """Return which text of the law a pack is, as data."""
    return {
        "id": pack.id,
        "version": pack.version,
        "folder": pack.folder,
        "title": text(pack.title),
        "text": pack.text.celex,
        "amended_by": [amending.celex for amending in pack.amended_by],
        "consolidated": pack.consolidated,
        "hash": pack.hash,
    }


def freeze(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as data; its published schema is rules/schema/outcome.schema.json."""
    pack, level = outcome.pack, outcome.level
    beside: dict[str, Any] = {}
    if outcome.derived:
        beside["derived"] = [_derived(item, pack) for item in outcome.derived]
    if outcome.regimes:
        beside["regimes"] = [_regime(item, pack) for item in outcome.regimes]
    if measured := [_concern(item, pack) for item in outcome.concerns if item.placed]:
        beside["concerns"] = measured
    if outcome.training:
        beside["training"] = [_lesson(*item, pack) for item in outcome.training]
    return beside | {
        "pack": named(pack),
        "on": outcome.on.isoformat(),
        "level": {
            "decided": level.decided,
            "value": level.value,
            "possible": list(level.possible),
            "exact": level.exact,
            "title": text(level.title),
            "because": text(level.because),
            "citations": cited(level.citations, pack),
            "reasons": _reasons(level.reasons, pack),
            "not_reached": [
                {
                    "level": item.level,
                    "title": text(item.title),
                    "because": text(item.sentence),
                    "answers": _reasons(item.answers, pack),
                    "citations": cited(item.citations, pack),
                }
                for item in level.not_reached
            ],
        },
        "roles": [{"id": r.id, "title": text(r.title), "citations": cited(r.citations, pack)} for r in outcome.roles],
        "findings": [_finding(finding, pack) for finding in outcome.findings],
        "possible_findings": [_finding(finding, pack) for finding in outcome.possible_findings],
        "obligations": [_obligation(item, pack) for item in outcome.obligations],
        "possible_obligations": [_obligation(item, pack) for item in outcome.possible_obligations],
        "open_questions": [
            {
                "fact": question.fact,
                "question": text(question.question),
                "citations": cited(question.citations, pack),
                "section": question.section,
                "matters_to_level": question.matters_to_level,
                "narrowing": question.narrowing,
                "effects": [
                    {
                        "answer": plain(effect.answer),
                        "label": text(effect.label),
                        "possible": list(effect.possible),
                    }
                    for effect in question.effects
                ],
            }
            for question in outcome.open_questions
        ],
        "turning_points": [
            {
                "changes": [
                    {"fact": change.fact, "from": plain(change.before), "to": plain(change.after)}
                    for change in point.changes
                ],
                "level": point.level,
                "certain": point.certain,
                "possible": list(point.possible),
                "upward": point.upward,
                "text": text(point.text),
                "citations": cited(point.citations, pack),
            }
            for point in outcome.turning_points
        ],
        "doubts": [
            {
                "id": doubt.id,
                "kind": doubt.kind,
                "title": text(doubt.title),
                "status": doubt.status.value,
                "to_confirm": text(doubt.to_confirm),
                "citations": cited(doubt.citations, pack),
            }
            for doubt in outcome.doubts
        ],
        "answers": {fact: plain(value) for fact, value in sorted(outcome.answers.items())},
    }


def _derived(item: DerivedAnswer, pack: Pack) -> dict[str, Any]:
    return {
        "fact": item.fact,
        "answer": plain(item.value),
        "text": text(item.sentence),
        "derivation": item.derivation,
        "title": text(item.title),
        "because": text(item.because),
        "from": list(item.sources),
        "status": item.status.value,
        "citations": cited(item.citations, pack),
    }


def _regime(item: HeldRegime, pack: Pack) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": text(item.title),
        "act": text(item.act),
        "purpose": text(item.purpose),
        "because": text(item.because),
        "certain": item.certain,
        "status": item.status.value,
        "to_confirm": text(item.to_confirm),
        "citations": cited(item.citations, pack),
        "duties": [
            {
                "id": duty.id,
                "action": text(duty.action),
                "evidence": text(duty.evidence),
                "owner": {"id": duty.owner, "title": text(duty.owner_title)},
                "certain": duty.certain,
                "serves": [{"id": id_, "action": text(action)} for id_, action in duty.serves],
                "applies_from": plain(duty.applies_from),
                "note": text(duty.note),
                "status": duty.status.value,
                "to_confirm": text(duty.to_confirm),
                "citations": cited(duty.citations, pack),
            }
            for duty in item.duties
        ],
    }


def _concern(item: Concern, pack: Pack) -> dict[str, Any]:
    return {
        "id": item.module.id,
        "title": text(item.module.title),
        "purpose": text(item.module.purpose),
        "citations": cited(item.module.cite, pack),
        "score": plain(item.score),
        "open": item.open,
        "controls": [
            {
                "id": placed.control.id,
                "of": placed.control.of.value,
                "question": text(placed.control.question),
                "maturity": plain(placed.maturity),
                "target": placed.control.target.value,
                "gap": placed.gap,
                "action": text(placed.control.action),
                "evidence": text(placed.control.evidence),
                "owner": {"id": placed.control.owner, "title": text(placed.owner_title)},
                "months": placed.control.months,
                "status": placed.control.status.value,
                "citations": cited(placed.control.cite, pack),
            }
            for placed in item.placed
        ],
    }


def _lesson(line: Training, certain: bool, pack: Pack) -> dict[str, Any]:
    return {
        "id": line.id,
        "audience": text(line.audience),
        "content": text(line.content),
        "format": text(line.format),
        "certain": certain,
        "citations": cited(line.cite, pack),
    }


def _reasons(reasons: tuple[Reason, ...], pack: Pack) -> list[dict[str, Any]]:
    return [
        {
            "kind": reason.kind,
            "id": reason.id,
            "text": text(reason.sentence),
            "depth": reason.depth,
            "status": reason.status.value,
            "citations": cited(reason.citations, pack),
        }
        for reason in reasons
    ]


def _due(due: Due | None, pack: Pack) -> dict[str, Any]:
    if due is None:
        return {"applies_from": None, "state": None}
    return {
        "state": due.state.value,
        "applies_from": plain(due.applies_from),
        "possible_dates": [day.isoformat() for day in due.possible_dates],
        "never": text(due.never),
        "days_left": due.days_left,
        "in_application": due.in_application,
        "date_citations": cited(due.citations, pack),
        "date_note": text(due.note),
    }


def _finding(finding: HeldFinding, pack: Pack) -> dict[str, Any]:
    return {
        "id": finding.id,
        "title": text(finding.title),
        "because": text(finding.because),
        "citations": cited(finding.citations, pack),
        "status": finding.status.value,
        "to_confirm": text(finding.to_confirm),
        "reasons": _reasons(finding.reasons, pack),
        **_due(finding.due, pack),
    }


def _fine(fine: FineCeiling | None, pack: Pack) -> dict[str, Any] | None:
    if fine is None:
        return None
    return {
        "id": fine.id,
        "title": text(fine.title),
        "ceiling": fine.ceiling,
        "possible_ceilings": list(fine.possible_ceilings),
        "text": text(fine.sentence),
        "note": text(fine.note),
        "citations": cited(fine.citations, pack),
    }


def _obligation(item: DueObligation, pack: Pack) -> dict[str, Any]:
    return {
        "id": item.id,
        "who": list(item.who),
        "action": text(item.action),
        "evidence": text(item.evidence),
        "owner": {"id": item.owner, "title": text(item.owner_title)},
        "citations": cited(item.citations, pack),
        "nature": item.nature.value,
        **_due(item.due, pack),
        "penalty": _fine(item.penalty, pack),
        "note": text(item.note),
        "status": item.status.value,
        "to_confirm": text(item.to_confirm),
        "reasons": _reasons(item.reasons, pack),
    }


def freeze_explanation(node: Explanation, pack: Pack) -> dict[str, Any]:
    """Return an explanation as data."""
    return {
        "kind": node.kind,
        "id": node.id,
        "truth": node.truth.value,
        "text": text(node.text),
        "because": text(node.because),
        "citations": cited(node.citations, pack),
        "status": node.status.value,
        "decisive": node.decisive,
        "children": [freeze_explanation(child, pack) for child in node.children],
    }

"""What the operations give, as the API writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from compliance.assessment.freeze import freeze, text
from compliance.assessment.outcome import Outcome
from compliance.law.model import Fact
from compliance.law.terms import FactScope
from compliance.operations.freezing import reference
from compliance.operations.library import Law
from compliance.operations.reports import Line
from compliance.storage.actions import Action
from compliance.storage.answers import Answer
from compliance.storage.cases import UseCase


def moment(found: datetime) -> str:
    """Return a moment in UTC."""
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(found: date | None) -> str | None:
    return found.isoformat() if found else None


def use_case(found: UseCase) -> dict[str, Any]:
    """Return a use case."""
    names = ("name", "description", "function", "sector", "site_id", "supplier_id", "owner_id")
    return {
        "id": found.id,
        "reference": reference(found.reference),
        **{name: getattr(found, name) for name in names},
        "pack": found.pack,
        "state": found.state,
        "level": found.level,
        "possible_levels": list(found.possible),
        "open_questions": found.open_count,
        "presumed": found.presumed,
        "next_due": _day(found.next_due),
        "archived": found.archived,
        "changed_at": moment(found.changed_at),
        "version": found.version,
    }


def question(found: Fact) -> dict[str, Any]:
    """Return a question of a text."""
    return {
        "id": found.id,
        "type": found.type.value,
        "section": found.section,
        "about": "organisation" if found.of is FactScope.ORGANISATION else "use_case",
        "question": text(found.question),
        "help": text(found.help),
        "options": [{"id": option.id, "label": text(option.label)} for option in found.options],
        "unit": text(found.unit),
    }


def standing(found: Answer | None) -> dict[str, Any] | None:
    """Return what stands for a question."""
    if found is None:
        return None
    return {
        "value": found.value,
        "unknown": found.unknown,
        "presumed": found.presumed,
        "comment": found.comment,
        "version": found.version,
        "person_id": found.person_id,
        "at": moment(found.at),
    }


def fact(found: Fact, answers: Mapping[str, Answer], still_open: frozenset[str]) -> dict[str, Any]:
    """Return a question of a use case with what stands for it."""
    return {**question(found), "open": found.id in still_open, "answer": standing(answers.get(found.id))}


def outcome(found: Outcome, *, whole: bool) -> dict[str, Any]:
    """Return what follows from answers: whole with every reason and article, or in short."""
    frozen = freeze(found)
    if whole:
        return frozen
    level = frozen["level"]
    return {
        "pack": frozen["pack"],
        "on": frozen["on"],
        "level": {name: level[name] for name in ("decided", "value", "possible", "title", "because")},
        "roles": [{name: item[name] for name in ("id", "title")} for item in frozen["roles"]],
        "obligations": [
            {name: item[name] for name in ("id", "who", "action", "state", "applies_from")}
            for item in frozen["obligations"]
        ],
        "open_questions": [
            {name: item[name] for name in ("fact", "question", "matters_to_level")} for item in frozen["open_questions"]
        ],
    }


def action(found: Action) -> dict[str, Any]:
    """Return an action."""
    return {
        "id": found.id,
        "use_case_id": found.case_id,
        "obligation": found.obligation,
        "state": found.state,
        "owner_id": found.owner_id,
        "due": _day(found.due),
        "comment": found.comment,
        "needed": found.needed,
        "version": found.version,
    }


def report(line: Line, ahead: int = 0) -> dict[str, Any]:
    """Return a report's state."""
    found = line.report
    names = ("id", "kind", "form", "language", "title", "number", "state", "sha256")
    return {
        **{name: getattr(found, name) for name in names},
        "use_case_id": found.case_id,
        "ahead": ahead,
        "at": moment(found.at),
    }


def pack(law: Law, default: str) -> dict[str, Any]:
    """Return a text of the law."""
    found = law.pack
    return {
        "name": law.name,
        "version": found.version,
        "title": text(found.title),
        "hash": found.hash,
        "default": law.name == default,
    }

"""The duties of a record joined with what is done about each: the lines of a plan, whatever its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.assessment.action_plan import gap_key, is_gap
from compliance.reports.words import Words


@dataclass(frozen=True, slots=True)
class Line:
    """One duty of one use case with the action that answers it, if any; or an action that closes a control's gap."""

    number: int  # as in the report's chapter of obligations, where gaps follow them
    reference: str
    name: str
    duty: Mapping[str, Any]
    action: Mapping[str, Any]  # empty where none is planned
    evidence: tuple[str, ...]  # titles of what was given
    roles: Mapping[str, Mapping[str, str]]  # titles of the roles that the organisation certainly has


def lines(record: Mapping[str, Any]) -> list[Line]:
    """Return the lines of a record, in the order of its report."""
    if record["kind"] == "portfolio":
        return _of_portfolio(record)
    outcome = record["outcome"]
    roles = {role["id"]: role["title"] for role in outcome["roles"]}
    duties = [duty for _, items in grouped(outcome["obligations"]) for _, duty in items]
    controls = {gap_key(item["id"]): item for concern in outcome.get("concerns", ()) for item in concern["controls"]}
    return _of_case(record["use_case"], [*duties, *gaps(record["actions"], controls)], record, roles)


def gaps(actions: Iterable[Mapping[str, Any]], controls: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the planned gaps of controls in the form of duties: without role, date of application or fine."""
    blank: dict[str, Any] = {
        "nature": "control",
        "state": "gap",
        "who": [],
        "applies_from": None,
        "penalty": None,
        "note": None,
    }
    keys = [action["obligation"] for action in actions if action["obligation"] in controls]
    return [{**controls[key], **blank, "id": key} for key in keys if is_gap(key)]


def _of_case(
    case: Mapping[str, Any],
    duties: Iterable[Mapping[str, Any]],
    kept: Mapping[str, Any],  # actions and evidence
    roles: Mapping[str, Mapping[str, str]],
) -> list[Line]:
    planned = {action["obligation"]: action for action in kept["actions"]}
    pieces: dict[str, list[str]] = {}
    for piece in kept.get("evidence", ()):
        if piece.get("obligation"):
            pieces.setdefault(piece["obligation"], []).append(piece["title"])
    return [
        Line(
            number,
            case["reference"],
            case["name"],
            duty,
            planned.get(duty["id"], {}),
            tuple(pieces.get(duty["id"], ())),
            roles,
        )
        for number, duty in enumerate(duties, 1)
    ]


def _of_portfolio(record: Mapping[str, Any]) -> list[Line]:
    """Return the duties of all cases; their words stand once for each text that the cases are read under."""
    said = {law["hash"]: law["duties"] for law in record["laws"]}
    found: list[Line] = []
    for case in record["cases"]:
        words = said[case["pack"]]
        duties = ({**duty, **words[duty["id"]]} for duty in case["duties"])
        found.extend(_of_case(case, (*duties, *gaps(case["actions"], words)), case, {}))
    return found


def _binds(item: Mapping[str, Any]) -> bool:
    return item["nature"] in ("duty", "event")


def grouped(obligations: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[int, Mapping[str, Any]]]]]:
    """Return the obligations, numbered, by when they bind: now, later, open, not at all; what is free stands apart."""
    found: dict[str, list[Mapping[str, Any]]] = {
        "in_application": [],
        "to_come": [],
        "open": [],
        "free": [],
        "never": [],
    }
    for item in obligations:
        key = "never" if item["state"] == "never" else item["state"] if _binds(item) else "free"
        found[key].append(item)
    number = 0
    groups = []
    for key, items in found.items():
        if items:
            groups.append((key, list(enumerate(items, number + 1))))
            number += len(items)
    return groups


def references(citations: list[dict[str, Any]], words: Words) -> str:
    """Return citations as one text."""
    joint = "\u00a0; " if words.language == "fr" else "; "
    return joint.join(words.text(citation["shown"]) for citation in citations)


def address(citations: list[dict[str, Any]], words: Words) -> str | None:
    """Return the address of the official text of the first provision that has one."""
    found = (citation["url"][words.language] for citation in citations if citation["url"])
    return next((url for url in found if url.startswith("https://")), None)


def held_as(line: Line, words: Words) -> str:
    """Return the roles by which the organisation owes a duty."""
    return ", ".join(words.text(line.roles[role]) for role in line.duty["who"] if role in line.roles)

"""The duties of a record joined with what is done about each: the lines of a plan, whatever its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.reports.words import Words


@dataclass(frozen=True, slots=True)
class Line:
    """One duty of one use case, and the action that answers it, if any."""

    number: int  # as in the report's chapter of obligations
    reference: str
    name: str
    duty: Mapping[str, Any]
    action: Mapping[str, Any]  # empty where none is planned
    evidence: tuple[str, ...]  # titles of what was given
    roles: Mapping[str, Mapping[str, str]]  # titles of the roles that the organisation certainly has


def lines(record: Mapping[str, Any]) -> list[Line]:
    """Return the lines of a record of one use case, in the order of its report."""
    outcome, case = record["outcome"], record["use_case"]
    actions = {action["obligation"]: action for action in record["actions"]}
    roles = {role["id"]: role["title"] for role in outcome["roles"]}
    return [
        Line(
            number,
            case["reference"],
            case["name"],
            duty,
            action := actions.get(duty["id"], {}),
            tuple(str(piece["title"]) for piece in action.get("evidence", ())),
            roles,
        )
        for number, duty in enumerate(outcome["obligations"], 1)
    ]


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

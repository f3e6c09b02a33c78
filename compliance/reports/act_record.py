"""The value from which a record that the Act asks for is printed: plain JSON, both languages, gaps included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import compliance
from compliance.assessment.act_records import ActionNote, FilledItem, Filling, Known, Note, Situation, fill, needed
from compliance.assessment.freeze import cited, freeze, stored, text
from compliance.assessment.outcome import Outcome, Truth
from compliance.assessment.state import run
from compliance.law.compiling import Program
from compliance.law.model import Pack
from compliance.reports.record import FORMAT, Case
from compliance.text import Text

_NEEDED = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "open"}


def situation(case: Case, organisation: str) -> Situation:
    """Return what a case says beside its answers; evidence names the ``obligation`` that it proves."""
    details = {key: value for key, value in case.details.items() if isinstance(value, str | Mapping)}
    named: dict[str, Text | str | None] = {
        key: value if isinstance(value, str) else Text(value["fr"], value["en"]) for key, value in details.items()
    }
    pieces: dict[str, list[str]] = {}
    for piece in case.evidence:
        if piece.get("obligation"):
            pieces.setdefault(piece["obligation"], []).append(piece["title"])
    return Situation(
        organisation,
        {**named, "reference": case.reference, "name": case.name, "description": case.description},
        {
            given.fact: Note(given.presumed, given.comment, tuple(piece["title"] for piece in given.evidence))
            for given in case.answers
        },
        {
            action["obligation"]: ActionNote(
                Text(action["state"]["fr"], action["state"]["en"]),
                action.get("owner") or "",
                action.get("due"),
                action.get("comment") or "",
                tuple(pieces.get(action["obligation"], ())),
            )
            for action in case.actions
        },
    )


def list_records(program: Program, case: Case) -> list[dict[str, Any]]:
    """Return the records of the text, in its order, and whether this case needs each: "yes", "no" or "open"."""
    state, pack = run(program, case.facts), program.pack
    return [
        {
            "id": record.id,
            "title": text(record.title),
            "purpose": text(record.purpose),
            "citations": cited(record.cite, pack),
            "needed": _NEEDED[needed(state, record)],
        }
        for record in pack.records.values()
    ]


def of_act_record(
    id_: str, case: Case, program: Program, outcome: Outcome, envelope: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the value of one record of the Act for a case; ``outcome`` is that of its answers under ``program``.

    ``envelope`` is that of ``record.of_use_case``. Raises KeyError where the text has no such record.
    """
    pack = program.pack
    filled = fill(
        pack.records[id_], run(program, case.facts), outcome, situation(case, envelope["organisation"]["name"])
    )
    return {
        "format": FORMAT,
        "kind": "act_record",
        "program": compliance.__version__,
        **envelope,
        "use_case": {
            "reference": case.reference,
            "name": case.name,
            "description": case.description,
            **case.details,
        },
        "act_record": {
            "id": id_,
            "title": text(filled.record.title),
            "purpose": text(filled.record.purpose),
            "citations": cited(filled.record.cite, pack),
            "roles": [text(pack.roles[role].title) for role in filled.record.who],
            "needed": _NEEDED[filled.needed],
            "counts": {filling.value: filled.count(filling) for filling in Filling},
            "parts": [
                {"id": part.id, "title": text(part.title), "items": [_item(item, pack) for item in part.items]}
                for part in filled.parts
            ],
        },
        "facts": {fact: stored(value) for fact, value in sorted(case.facts.values.items())},
        "outcome": freeze(outcome),
    }


def _item(filled: FilledItem, pack: Pack) -> dict[str, Any]:
    item = filled.item
    return {
        "id": item.id,
        "title": text(item.title),
        "guide": text(item.guide),
        "citations": cited(item.cite, pack),
        "state": filled.filling.value,
        "only_if_open": filled.applies is Truth.UNKNOWN,
        "known": [_known(known, pack) for known in filled.known],
        "missing": [{"fact": fact, "question": text(pack.facts[fact].question)} for fact in filled.missing],
    }


def _known(known: Known, pack: Pack) -> dict[str, Any]:
    return {
        "source": f"{known.kind}:{known.name}",
        "label": text(known.label),
        "value": text(known.value),
        "citations": cited(known.citations, pack),
        "typed": known.typed,
        "presumed": known.presumed,
        "comment": known.comment,
        "evidence": list(known.evidence),
        "owner": known.owner,
        "due": known.due,
    }

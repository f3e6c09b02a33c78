"""What reports freeze: use cases as they stand, with their answers, actions and evidence, as records."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from compliance.operations import dossiers
from compliance.operations.dossiers import Dossier
from compliance.operations.vocabulary import ACTION_STATES, ASSESSMENT_STATES, CASE_STATES, FUNCTIONS, SECTORS
from compliance.operations.workplace import Workplace
from compliance.reports import record
from compliance.reports.act_record import list_records, of_act_record
from compliance.reports.logo import described
from compliance.reports.record import Case, Given, PortfolioCase
from compliance.storage import actions, cases, evidence, organisations, stationery
from compliance.storage.actions import CLOSED
from compliance.text import Text


@dataclass(frozen=True, slots=True)
class Names:
    """The names that ids of an organisation stand for."""

    people: Mapping[str, str]
    sites: Mapping[str, str]
    suppliers: Mapping[str, str]


def names(connection: Connection, org: str) -> Names:
    """Return the names of an organisation's people, sites and suppliers."""
    return Names(
        dossiers.names(connection, org),
        {item.id: item.name for item in organisations.sites(connection, org)},
        {item.id: item.name for item in organisations.suppliers(connection, org)},
    )


def _pair(text: Text | None) -> dict[str, str] | None:
    return {"fr": text.fr, "en": text.en} if text else None


def reference(number: int) -> str:
    """Return the reference of a use case as pages and reports write it."""
    return f"IA-{number:03d}"


def details(dossier: Dossier, known: Names) -> dict[str, Any]:
    """Return what people say of a use case beside its answers."""
    case = dossier.case
    return {
        "function": _pair(FUNCTIONS.get(case.function or "")),
        "sector": _pair(SECTORS.get(case.sector or "")),
        "site": known.sites.get(case.site_id or ""),
        "supplier": known.suppliers.get(case.supplier_id or ""),
        "owner": known.people.get(case.owner_id or ""),
    }


def case_of(connection: Connection, org: str, dossier: Dossier, known: Names, *, whole: bool = True) -> Case:
    """Return a use case as reports show it; without answers and evidence where it is one of many."""
    planned = actions.actions(connection, org, dossier.case.id)
    pieces = evidence.pieces(connection, org, dossier.case.id) if whole else []
    duties = {action.id: action.obligation for action in planned}
    shown = [
        {
            "title": piece.title,
            "sha256": piece.sha256,
            "url": piece.url,
            "obligation": duties.get(piece.action_id or ""),
            "fact": piece.fact,
        }
        for piece in pieces
    ]
    return Case(
        reference(dossier.case.reference),
        dossier.case.name,
        dossier.case.description,
        dossier.facts,
        tuple(_given(dossier, known, shown)) if whole else (),
        tuple(
            {
                "obligation": action.obligation,
                "state": _pair(ACTION_STATES[action.state]),
                "closed": action.state in CLOSED,
                "owner": known.people.get(action.owner_id or ""),
                "due": action.due.isoformat() if action.due else None,
                "comment": action.comment,
                "evidence": [piece for piece in shown if piece["obligation"] == action.obligation],
            }
            for action in planned
            if action.needed
        ),
        tuple(shown),
        _assessment(connection, org, dossier, known) if whole else None,
        details(dossier, known),
    )


def _given(dossier: Dossier, known: Names, pieces: list[dict[str, Any]]) -> list[Given]:
    return [
        Given(
            answer.fact,
            answer.unknown,
            answer.presumed,
            answer.comment,
            known.people.get(answer.person_id, ""),
            answer.at.isoformat(timespec="seconds"),
            tuple(piece for piece in pieces if piece["fact"] == answer.fact),
            answer.source,
        )
        for answer in dossier.answers.values()
    ]


def _assessment(connection: Connection, org: str, dossier: Dossier, known: Names) -> dict[str, Any] | None:
    """Return the assessment that covers the answers as they stand: what was submitted and not taken up again since."""
    found = cases.assessments(connection, org, dossier.case.id)
    if not found or dossier.case.state not in ("submitted", "approved"):
        return None
    return {
        "number": found[0].number,
        "state": _pair(ASSESSMENT_STATES[found[0].state]),
        "approved": found[0].state == "approved",
        "author": known.people.get(found[0].author_id),
        "validator": known.people.get(found[0].validator_id or ""),
        "opinion": found[0].opinion,
    }


def paper(connection: Connection, org: str) -> dict[str, Any]:
    """Return whose report it is: the organisation's name and logo."""
    found = organisations.organisation(connection, org)
    assert found
    content = stationery.content(connection, org, "logo")
    logo = {**described(content), "data": base64.b64encode(content).decode()} if content else None
    return {"name": found.name, "logo": logo}


def use_case(
    connection: Connection, place: Workplace, dossier: Dossier, envelope: Mapping[str, Any], org: str
) -> dict[str, Any]:
    """Return the record of a use case's report."""
    outcome = place.library.outcome(dossier.law, dossier.facts, place.today())
    return record.of_use_case(case_of(connection, org, dossier, names(connection, org)), outcome, envelope)


def act_record(
    connection: Connection, place: Workplace, dossier: Dossier, id_: str, envelope: Mapping[str, Any], org: str
) -> dict[str, Any]:
    """Return the record of something that the Act asks to keep or to hand over."""
    outcome = place.library.outcome(dossier.law, dossier.facts, place.today())
    case = case_of(connection, org, dossier, names(connection, org))
    return of_act_record(id_, case, dossier.law.program, outcome, envelope)


def act_records(connection: Connection, org: str, dossier: Dossier) -> list[dict[str, Any]]:
    """Return the records that the Act asks for, and whether this use case needs each."""
    return list_records(dossier.law.program, case_of(connection, org, dossier, names(connection, org)))


def portfolio_cases(
    connection: Connection, place: Workplace, org: str, wanted: cases.Filter, numbers: Mapping[str, str]
) -> list[PortfolioCase]:
    """Return the use cases of a portfolio."""
    known = names(connection, org)
    found = []
    for item in cases.listed(connection, org, wanted):
        dossier = dossiers.load(connection, place, org, item.case.id)
        case = case_of(connection, org, dossier, known, whole=False)
        state = CASE_STATES[item.case.state]
        found.append(PortfolioCase(case, dossier.law.program, state, numbers.get(item.case.id)))
    return found

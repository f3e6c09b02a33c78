"""What other programs are told of: events written into the outbox of webhooks with the change that they tell of.

A message says what happened to what, and where the API gives it; never a name, nor anything that somebody wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from compliance.storage import webhooks
from compliance.storage.rows import new_id
from compliance.storage.studio import name_of
from compliance.text import Text

CLASSIFIED, CHANGED, DUE = "use_case.classified", "action.changed", "action.due"
EVENTS: dict[str, Text] = {
    CLASSIFIED: Text(
        "Le niveau d'un cas d'usage a changé : décidé, autre, ou de nouveau ouvert",
        "The level of a use case changed: decided, another one, or open again",
    ),
    "assessment.submitted": Text(
        "L'évaluation d'un cas d'usage attend un avis", "A use case's assessment waits for review"
    ),
    "assessment.approved": Text("L'évaluation d'un cas d'usage est validée", "A use case's assessment is approved"),
    CHANGED: Text("L'état d'une action a changé", "The state of an action changed"),
    DUE: Text(
        "Un rappel d'échéance est écrit au responsable d'une action", "The owner of an action is reminded of its date"
    ),
    "report.issued": Text("Un rapport est émis et numéroté", "A report is issued and numbered"),
    "report.ready": Text("Le fichier d'un rapport émis est prêt", "The file of an issued report is ready"),
    "pack.published": Text("Une version des règles est publiée", "A version of rules is published"),
}
ROOT = "/api/v1"
USE_CASE, ACTION, REPORT, PACK, ENDPOINT = "use_case", "action", "report", "pack", "endpoint"
Named = tuple[str, str, str | None]  # what kind of thing, its id, and its use case where it has one


def tell(connection: Connection, org: str, now: datetime, event: str, things: Sequence[Named]) -> None:
    """Write an event about each thing into the outbox of every endpoint that asks for it, in this transaction."""
    if not things:
        return
    wanting = [id_ for id_, events in webhooks.listening(connection, org) if event in events]
    if wanting:
        webhooks.add_deliveries(
            connection, org, (row for thing in things for row in _rows(org, now, event, thing, wanting))
        )


def tell_one(connection: Connection, org: str, now: datetime, endpoint_id: str) -> None:
    """Write an event for trying out into the outbox of one endpoint."""
    thing = (ENDPOINT, endpoint_id, None)
    webhooks.add_deliveries(connection, org, _rows(org, now, webhooks.TEST, thing, [endpoint_id]))


def _rows(org: str, now: datetime, event: str, thing: Named, endpoints: Iterable[str]) -> Iterable[dict[str, Any]]:
    event_id = new_id()
    body = json.dumps(message(event_id, event, now, org, thing), separators=(",", ":"))
    for endpoint_id in endpoints:
        fixed = {"id": new_id(), "endpoint_id": endpoint_id, "event_id": event_id}
        yield {**fixed, "event": event, "body": body, "at": now}


def message(event_id: str, event: str, at: datetime, org: str, thing: Named) -> dict[str, Any]:
    """Return what an endpoint is sent."""
    kind, id_, case_id = thing
    return {
        "id": event_id,
        "type": event,
        "timestamp": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": {"organisation_id": org, "object": kind, "object_id": id_, "path": _path(kind, id_, case_id)},
    }


def _path(kind: str, id_: str, case_id: str | None) -> str | None:
    """Return where the API gives a thing; an action stands in the list of its use case."""
    if kind == ACTION:
        return f"{ROOT}/use-cases/{case_id}/actions" if case_id else None
    paths = {USE_CASE: f"/use-cases/{id_}", REPORT: f"/reports/{id_}", PACK: f"/packs/{id_}/questions"}
    return ROOT + paths[kind] if kind in paths else None


def of_line(
    connection: Connection, org: str, now: datetime, what: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Write what a line of the log is to other programs, if anything, in the transaction of the line."""
    if what in ("assessment.submitted", "assessment.approved"):
        tell(connection, org, now, what, [(USE_CASE, subject, None)])
    elif what in ("report.issued", "report.made"):
        event = "report.issued" if what == "report.issued" else "report.ready"
        tell(connection, org, now, event, [(REPORT, detail["report"], None)])
    elif what in ("action.changed", "actions.changed") and "state" in detail["fields"]:
        case_id = subject if subject != org else None
        found = detail["actions"] if "actions" in detail else [detail["action"]]
        tell(connection, org, now, CHANGED, [(ACTION, id_, case_id) for id_ in found])
    elif what == "law.published":
        tell(connection, org, now, "pack.published", [(PACK, name_of(detail["pack"], detail["hash"]), None)])

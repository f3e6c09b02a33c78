"""Issued reports looked at again: two of one use case compared, and an old one computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from compliance.assessment import comparing
from compliance.assessment.comparing import Differences
from compliance.assessment.facts import FactsError
from compliance.assessment.freeze import freeze, text
from compliance.law.compiling import Program
from compliance.operations import dossiers, law_kept
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Workplace
from compliance.reports.recomputing import Difference, recompute
from compliance.storage import reports
from compliance.storage.cases import UseCase
from compliance.storage.reports import Report, Wanted
from compliance.text import Text

_SHOWN = 20  # differences


@dataclass(frozen=True, slots=True)
class Replay:
    """An issued report computed anew.

    ``state`` is "agrees", "differs" or "unknown_law": the same answers under the text of that day, on that day.
    ``today`` sets it beside the same answers under today's text, today; ``left_out`` are questions that this text
    no longer asks.
    """

    report: Report
    case: UseCase
    state: str
    differences: tuple[Difference, ...]
    today: Differences
    left_out: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two issued reports of one use case, compared."""

    before: Report
    after: Report
    differences: Differences


def latest(place: Workplace, actor: Actor, most: int) -> list[Report]:
    """Return the latest issued reports within the actor's bounds."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        return reports.listed(connection, actor.org_id, Wanted(site=actor.site_id), limit=most)


def issued(place: Workplace, actor: Actor, case_id: str) -> list[Report]:
    """Return the issued reports of a use case, the newest first."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        dossiers.find(connection, actor, case_id)
        return [report for report in reports.issued(connection, actor.org_id, case_id) if report.kind == "use_case"]


def _record(connection: Connection, actor: Actor, report: Report) -> dict[str, Any]:
    found = reports.record(connection, actor.org_id, report.id)
    if found is None:
        raise NotFoundError
    return found


def compare(place: Workplace, actor: Actor, case_id: str, before: str | None, after: str | None) -> Pair:
    """Compare two issued reports of a use case, from their records alone; by default the two newest."""
    found = issued(place, actor, case_id)
    if len(found) < 2:  # noqa: PLR2004 - a pair
        raise RefusedError("two_reports_needed")
    by_id = {report.id: report for report in found}
    old, new = by_id.get(before or found[1].id), by_id.get(after or found[0].id)
    if old is None or new is None:
        raise RefusedError("two_reports_needed")
    with place.database.reading(actor.org_id) as connection:
        records = [_record(connection, actor, report) for report in (old, new)]
    return Pair(old, new, comparing.between(*records))


def replay(place: Workplace, actor: Actor, report_id: str) -> Replay:
    """Compute an issued report of a use case anew: as of its day, and as of today."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        report = reports.report(connection, actor.org_id, report_id)
        if report is None or report.number is None or report.kind != "use_case" or report.case_id is None:
            raise NotFoundError
        case = dossiers.find(connection, actor, report.case_id)
        record = _record(connection, actor, report)
        state, differences = _again(record, law_kept.programs(place, connection, {report.pack_hash}))
    now, left_out = _today(place, record)
    return Replay(report, case, state, differences, comparing.between(record, now), left_out)


def _again(record: dict[str, Any], law: dict[str, Program]) -> tuple[str, tuple[Difference, ...]]:
    try:
        found = recompute(record, law.get)
    except (FactsError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return "differs", ()
    if not all(one.known for one in found):
        return "unknown_law", ()
    differences = tuple(difference for one in found for difference in one.differences)
    return ("differs" if differences else "agrees"), differences[:_SHOWN]


def _today(place: Workplace, record: dict[str, Any]) -> tuple[dict[str, Any], tuple[Text, ...]]:
    """Return a record of the same answers under today's text, today, and the questions that it no longer asks."""
    law = place.library.law(place.library.default)
    facts = law.facts(record["facts"])
    outcome = place.library.outcome(law, facts, place.today())
    levels = [{"id": level.id, "title": text(level.title)} for level in law.pack.levels]
    asked = {answer["fact"]: answer["question"] for answer in record["answers"]}
    left_out = tuple(
        Text(asked[fact]["fr"], asked[fact]["en"])
        for fact in record["facts"]
        if fact in asked and fact not in facts.values
    )
    return {**record, "number": None, "made": None, "levels": levels, "outcome": freeze(outcome)}, left_out

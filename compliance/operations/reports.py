"""Reports asked for, issued and handed out; what was issued is numbered, frozen, on the log, only ever superseded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from compliance.evidence.canonical import canonical
from compliance.operations import dossiers, freezing, law_kept
from compliance.operations.dossiers import Dossier
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Unit, Workplace, work
from compliance.storage import audit, cases, reports
from compliance.storage.cases import Filter
from compliance.storage.reports import FAILED, READY, Report, Wanted
from compliance.storage.rows import new_id
from compliance.text import Language

FORMS = ("full", "summary")
PORTFOLIO_MOST = 2_000
ZIP_MOST = 200
WAITING_MOST = 200  # of one organisation's reports at a time
PER_PAGE = 50
_TITLE = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the register."""

    report: Report
    superseded_by: str | None
    person: str
    reference: int | None  # of the use case


def envelope(unit: Unit, person: str, language: str, *, number: str | None, supersedes: str | None) -> dict[str, Any]:
    """Return who issues a report, when, under which number, and the head of the log as it stands."""
    size, root = audit.head(unit.connection, unit.org) if number else (0, "")
    return {
        "organisation": freezing.paper(unit.connection, unit.org),
        "number": number,
        "language": language,
        "made": {"at": unit.now.isoformat(timespec="seconds"), "by": person},
        "supersedes": supersedes,
        "log": {"size": size, "root": root} if number else None,
    }


def numbered(unit: Unit) -> str:
    """Return the next number of a report."""
    return f"R-{unit.now.year}-{reports.next_number(unit.connection, unit.org):04d}"


def ask(
    place: Workplace, actor: Actor, case_id: str, *, form: str, language: Language, issue: bool, key: str | None = None
) -> str:
    """Ask for the report of a use case, as a draft or to be issued; return its id. It is frozen now and made soon.

    ``form`` is "full", "summary", or the id of a record that the Act asks for. ``key`` is an id that the form was
    given: sent twice, it asks once. Raises RefusedError, NotFoundError.
    """
    actor.require(Right.ISSUE)
    if key and _there(place, actor, key):
        return key
    warmed = dossiers.view(place, actor, case_id)  # what takes long is computed before the writer's place is taken
    if form not in FORMS and form not in warmed.law.pack.records:
        raise NotFoundError
    place.library.outcome(warmed.law, warmed.facts, place.today())
    id_ = key or new_id()
    with work(place, actor) as unit:
        _check_queue(unit)
        dossier = dossiers.load(unit.connection, place, unit.org, case_id)
        if issue:
            _check_issue(dossier)
        kind = "use_case" if form in FORMS else "act_record"
        before = reports.latest(unit.connection, unit.org, kind, form, reports.about_case(case_id)) if issue else None
        number = numbered(unit) if issue else None
        said = envelope(unit, actor.name, language, number=number, supersedes=before.number if before else None)
        record = (
            freezing.use_case(unit.connection, place, dossier, said, unit.org)
            if kind == "use_case"
            else freezing.act_record(unit.connection, place, dossier, form, said, unit.org)
        )
        law_kept.keep(unit.connection, place, dossier.law, unit.now)
        reports.add_report(
            unit.connection,
            unit.org,
            canonical(record),
            id=id_,
            kind=kind,
            form=form,
            language=language,
            case_id=case_id,
            title=f"{freezing.reference(dossier.case.reference)} {dossier.case.name}"[:_TITLE],
            asked={},
            issue=issue,
            number=number,
            levels=" ".join(_possible(record)),
            pack_version=dossier.law.pack.version,
            pack_hash=dossier.law.pack.hash,
            log_size=said["log"]["size"] if number else 0,
            log_root=said["log"]["root"] if number else "",
            supersedes_id=before.id if before else None,
            person_id=actor.person_id,
            at=unit.now,
        )
        if number:
            unit.log("report.issued", case_id, report=id_, number=number, form=form, language=language)
        else:
            unit.log("report.draft", case_id, report=id_, form=form, language=language)
    place.announce(actor.org_id, id_)
    return id_


def _possible(record: Mapping[str, Any]) -> list[str]:
    outcome = record["outcome"]
    return list(outcome["level"]["possible"] if "level" in outcome else outcome["possible"])


def _there(place: Workplace, actor: Actor, id_: str) -> bool:
    with place.database.reading(actor.org_id) as connection:
        return reports.report(connection, actor.org_id, id_) is not None


def _check_issue(dossier: Dossier) -> None:
    if dossier.case.archived:
        raise RefusedError("case_closed")
    if waiting := dossier.presumed & dossier.facts.values.keys():
        raise RefusedError("presumed_left", "", count=len(waiting))


def _check_queue(unit: Unit) -> None:
    if reports.unfinished(unit.connection, unit.org) >= WAITING_MOST:
        raise RefusedError("reports_waiting", "", most=WAITING_MOST)


def ask_portfolio(
    place: Workplace,
    actor: Actor,
    wanted: Filter,
    *,
    title: str,
    selection: tuple[str, str],
    language: Language,
    issue: bool,
    key: str | None = None,
) -> str:
    """Ask for the report of many use cases; return its id. It is frozen when its turn comes, as the cases then stand.

    ``selection`` says in French and in English which use cases the filter finds.
    """
    actor.require(Right.ISSUE)
    if key and _there(place, actor, key):
        return key
    id_ = key or new_id()
    with work(place, actor) as unit:
        _check_queue(unit)
        found = cases.count(unit.connection, unit.org, wanted)
        if not found:
            raise RefusedError("nothing_selected")
        if found > PORTFOLIO_MOST:
            raise RefusedError("portfolio_too_large", "", most=PORTFOLIO_MOST, count=found)
        asked = asdict(wanted)
        asked["due_before"] = wanted.due_before.isoformat() if wanted.due_before else None
        reports.add_report(
            unit.connection,
            unit.org,
            id=id_,
            kind="portfolio",
            form="full",
            language=language,
            site_id=wanted.site,
            title=title[:_TITLE],
            asked={"filter": asked, "selection": list(selection), "by": actor.name},
            issue=issue,
            person_id=actor.person_id,
            at=unit.now,
        )
        unit.log("report.asked", "", report=id_, count=found, issue=issue)
    place.announce(actor.org_id, id_)
    return id_


# The register


def within(connection: Connection, actor: Actor, found: Report) -> bool:
    """Tell whether a report lies within the bounds of the actor's role; drafts are for those who may issue."""
    if found.number is None:
        return actor.may(Right.ISSUE)
    if actor.site_id is None:
        return True
    if found.case_id is None:
        return found.site_id == actor.site_id
    case = cases.case(connection, actor.org_id, found.case_id)
    return case is not None and dossiers.within(actor, case)


def find(connection: Connection, actor: Actor, id_: str) -> Report:
    """Return a report within the actor's bounds. Others' and absent ones are the same NotFoundError."""
    actor.require(Right.READ_CASE)
    found = reports.report(connection, actor.org_id, id_)
    if found is None or not within(connection, actor, found):
        raise NotFoundError
    return found


def register(place: Workplace, actor: Actor, wanted: Wanted, *, page: int) -> tuple[list[Line], int]:
    """Return one page of the register of issued reports, and how many there are in all."""
    actor.require(Right.READ_CASE)
    bounded = Wanted(**{**asdict(wanted), "site": actor.site_id or wanted.site, "by": None})
    with place.database.reading(actor.org_id) as connection:
        found = reports.listed(connection, actor.org_id, bounded, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        return _lines(connection, actor, found), reports.count(connection, actor.org_id, bounded)


def drafts(place: Workplace, actor: Actor) -> list[Line]:
    """Return the actor's own reports that are not issued: drafts, and what still waits for its number."""
    actor.require(Right.ISSUE)
    wanted = Wanted(by=actor.person_id)
    with place.database.reading(actor.org_id) as connection:
        return _lines(connection, actor, reports.listed(connection, actor.org_id, wanted, limit=PER_PAGE))


def of_case(place: Workplace, actor: Actor, case_id: str) -> list[Line]:
    """Return the issued reports of one use case, the newest first."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        dossiers.find(connection, actor, case_id)
        return _lines(connection, actor, reports.issued(connection, actor.org_id, case_id))


def _lines(connection: Connection, actor: Actor, found: list[Report]) -> list[Line]:
    names = dossiers.names(connection, actor.org_id)
    later = reports.superseded(connection, actor.org_id, [item.id for item in found])
    return [
        Line(item, later.get(item.id), names.get(item.person_id, ""), _reference(connection, actor.org_id, item))
        for item in found
    ]


def _reference(connection: Connection, org: str, found: Report) -> int | None:
    case = cases.case(connection, org, found.case_id) if found.case_id else None
    return case.reference if case else None


def line(place: Workplace, actor: Actor, id_: str) -> tuple[Line, int]:
    """Return one report as the register shows it, and how many are to be made before it."""
    with place.database.reading(actor.org_id) as connection:
        found = find(connection, actor, id_)
        ahead = 0 if found.state in (READY, FAILED) else reports.ahead(connection, found.at)
        return _lines(connection, actor, [found])[0], ahead


def pdf(place: Workplace, actor: Actor, id_: str) -> tuple[Report, bytes]:
    """Return a report's file. Raises NotFoundError while it is not made."""
    with place.database.reading(actor.org_id) as connection:
        found = find(connection, actor, id_)
        content = reports.pdf(connection, actor.org_id, id_)
    if content is None:
        raise NotFoundError
    return found, content


def record(place: Workplace, actor: Actor, id_: str) -> tuple[Report, dict[str, Any]]:
    """Return a report's record. Raises NotFoundError while it is not frozen."""
    with place.database.reading(actor.org_id) as connection:
        found = find(connection, actor, id_)
        frozen = reports.record(connection, actor.org_id, id_)
    if frozen is None:
        raise NotFoundError
    return found, frozen


def again(place: Workplace, actor: Actor, id_: str) -> None:
    """Try once more to make a report that could not be made."""
    actor.require(Right.ISSUE)
    with work(place, actor) as unit:
        found = find(unit.connection, actor, id_)
        if found.state != FAILED:
            raise RefusedError("report_not_failed")
        reports.change_report(unit.connection, unit.org, found, state=reports.WAITING, failure=None, attempts=0)
        unit.log("report.again", found.case_id or "", report=id_)
    place.announce(actor.org_id, id_)


def asked_filter(found: Report) -> Filter:
    """Return the selection of use cases that a portfolio report was asked for."""
    from_store = dict(found.asked["filter"])
    day = from_store["due_before"]
    from_store["due_before"] = datetime.fromisoformat(day).date() if day else None
    from_store["only"] = tuple(from_store["only"]) if from_store["only"] else None
    return Filter(**from_store)


def case_records(place: Workplace, actor: Actor, case_id: str) -> list[dict[str, Any]]:
    """Return the records that the Act asks for, and whether a use case needs each."""
    with place.database.reading(actor.org_id) as connection:
        dossier = dossiers.open_dossier(connection, place, actor, case_id, Right.READ_CASE)
        return freezing.act_records(connection, actor.org_id, dossier)


def now_as_record(place: Workplace, actor: Actor, case_id: str, form: str, language: Language) -> dict[str, Any]:
    """Return the record of a use case as it stands, as a draft that is not kept: for files to edit."""
    with place.database.reading(actor.org_id) as connection:
        dossier = dossiers.open_dossier(connection, place, actor, case_id, Right.READ_CASE)
        unit = Unit(connection, actor.org_id, actor.person_id, place.clock())
        said = envelope(unit, actor.name, language, number=None, supersedes=None)
        if form in FORMS:
            return _plain(freezing.use_case(connection, place, dossier, said, actor.org_id))
        if form not in dossier.law.pack.records:
            raise NotFoundError
        return _plain(freezing.act_record(connection, place, dossier, form, said, actor.org_id))


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """Return a record as it is once frozen: what JSON makes of it."""
    return dict(json.loads(canonical(found)))

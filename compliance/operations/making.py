"""Reports made in the background: taken from the store, frozen where they still have to be, rendered, signed, kept.

Where each one stands is in its row; whoever dies in the middle leaves it to be taken again.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from compliance.evidence.canonical import canonical
from compliance.operations import freezing, law_kept
from compliance.operations import reports as operations
from compliance.operations.workplace import Unit, Workplace
from compliance.reports import identity as identities
from compliance.reports import rendering, signing
from compliance.reports.record import of_portfolio
from compliance.reports.rendering import RenderingError
from compliance.storage import reports
from compliance.storage.reports import READY, Report
from compliance.text import Language, Text

ATTEMPTS = 3
KEY_ERRORS = (identities.KeyFileError, OSError)
_TAKEN_AT_MOST = timedelta(minutes=45)  # longer than any bound on rendering
_DRAFTS_LIVE = timedelta(days=7)
_REASON = Text("Rapport émis par {org}", "Report issued by {org}")


def make(place: Workplace, worker: str, org: str, id_: str) -> bool:
    """Make one report; False where it is not to be made, or another worker has it."""
    with place.database.writing() as connection:
        found = reports.take(connection, org, id_, worker, place.clock())
    if found is None:
        return False
    try:
        record = _frozen(place, org, found)
        content = _signed(place, record, found)
    except RenderingError as error:
        _failed(place, org, id_, error.reason)
    except KEY_ERRORS:
        _failed(place, org, id_, "key")
    else:
        _keep(place, org, id_, content)
    return True


def identity(place: Workplace) -> identities.Identity:
    """Return who signs: the company's certificate, or the key made for this instance. Raises KeyFileError."""
    given = place.settings.signing
    if given:
        return identities.read_identity(given.certificate, given.key, given.passphrase)
    return identities.load_or_make_identity(place.settings.instance, _host(place), place.clock())


def _host(place: Workplace) -> str:
    return f"Pyramide – {place.settings.base_url.split('://', 1)[1]}"


def _frozen(place: Workplace, org: str, found: Report) -> dict[str, Any]:
    """Return the record; a portfolio's is frozen now, as its cases stand, and numbered if it is to be issued."""
    with place.database.reading() as connection:
        frozen = reports.record(connection, org, found.id)
        if frozen is not None:
            return frozen
        wanted = operations.asked_filter(found)
        cases = freezing.portfolio_cases(connection, place, org, wanted, reports.numbers(connection, org))
    if not cases:
        raise RenderingError("nothing")
    title = Text(found.title, found.title)
    made = of_portfolio(title, Text(*found.asked["selection"]), cases, place.today(), {})
    laws = [place.library.with_hash(case.law.pack.hash) for case in cases]
    with place.database.writing() as connection:
        unit = Unit(connection, org, found.person_id, place.clock())
        subject = reports.about_selection(found.site_id, found.title)
        before = reports.latest(connection, org, found.kind, found.form, subject) if found.issue else None
        number = operations.numbered(unit) if found.issue else None
        said = operations.envelope(
            unit, found.asked["by"], found.language, number=number, supersedes=before.number if before else None
        )
        record = {**made, **said}
        for law in laws:
            if law is not None:
                law_kept.keep(connection, place, law, unit.now)
        reports.change_report(
            connection,
            org,
            found,
            record=canonical(record),
            number=number,
            supersedes_id=before.id if before else None,
            log_size=said["log"]["size"] if number else 0,
            log_root=said["log"]["root"] if number else "",
            pack_version=cases[0].law.pack.version,
            pack_hash=cases[0].law.pack.hash if len({case.law.pack.hash for case in cases}) == 1 else "",
        )
        if number:
            unit.log("report.issued", "", report=found.id, number=number, form=found.form, language=found.language)
    return dict(json.loads(canonical(record)))


def _signed(place: Workplace, record: dict[str, Any], found: Report) -> bytes:
    language: Language = "en" if found.language == "en" else "fr"
    content = rendering.render(record, language, found.form)
    if not record["number"]:
        return content
    at = datetime.fromisoformat(record["made"]["at"]).astimezone(UTC)
    reason = _REASON.to(language).format(org=record["organisation"]["name"])
    return signing.sign(content, identity(place), at, reason)


def _keep(place: Workplace, org: str, id_: str, content: bytes) -> None:
    """Keep a file that was made; an issued one goes on the log with its hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    with place.database.writing() as connection:
        found = reports.report(connection, org, id_)
        if found is None or found.state != reports.MAKING:
            return  # the example was removed, or another worker was quicker after all
        unit = Unit(connection, org, None, place.clock())
        reports.change_report(
            connection, org, found, pdf=content, sha256=sha256, state=READY, ready_at=unit.now, failure=None
        )
        if found.number:
            unit.log("report.made", found.case_id or "", report=id_, number=found.number, sha256=sha256)


def _failed(place: Workplace, org: str, id_: str, reason: str) -> None:
    with place.database.writing() as connection:
        found = reports.report(connection, org, id_)
        if found is not None and found.state == reports.MAKING:
            reports.change_report(connection, org, found, state=reports.FAILED, failure=reason)


def waiting(place: Workplace) -> list[tuple[str, str]]:
    """Return what waits to be made: organisations and reports, the oldest first."""
    with place.database.reading() as connection:
        return reports.waiting(connection)


def give_back(place: Workplace, worker: str | None) -> int:
    """Let reports wait again that a worker had when it died (all its own at its start), or that take far too long."""
    with place.database.writing() as connection:
        late = place.clock() - _TAKEN_AT_MOST
        count = reports.give_back(connection, worker=None, taken_before=late, most=ATTEMPTS)
        if worker is not None:
            count += reports.give_back(connection, worker=worker, taken_before=None, most=ATTEMPTS)
    return count


def remove_drafts(place: Workplace) -> int:
    """Remove drafts that are a week old; they can be made anew at any time."""
    with place.database.writing() as connection:
        return reports.remove_drafts(connection, place.clock() - _DRAFTS_LIVE)

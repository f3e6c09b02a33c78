"""``compliance report``: the draft of a report, from a case file alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from compliance.assessment.facts import Facts
from compliance.assessment.outcome import Outcome
from compliance.law.scenarios import CaseFile
from compliance.reports import rendering
from compliance.reports.record import Case, of_use_case
from compliance.terminal.words import say
from compliance.text import Language


class CannotReportError(Exception):
    """The report cannot be made or written; the message is in the person's language."""


def write_draft(
    case: CaseFile, facts: Facts, outcome: Outcome, language: Language, form: str, organisation: str, out: Path
) -> None:
    """Write the draft of a case's report. Raises CannotReportError."""
    name = case.name.to(language) if case.name else out.stem
    day = datetime(outcome.on.year, outcome.on.month, outcome.on.day, tzinfo=UTC)  # the same case, the same file
    envelope = {
        "organisation": {"name": organisation, "logo": None},
        "number": None,
        "language": language,
        "made": {"at": day.isoformat(timespec="seconds"), "by": "—"},
        "supersedes": None,
        "log": None,
    }
    record = of_use_case(Case("—", name, "", facts, ()), outcome, envelope)
    try:
        out.write_bytes(rendering.render(record, language, form))
    except rendering.RenderingError:
        raise CannotReportError(say("cannot_render", language)) from None
    except OSError as error:
        raise CannotReportError(say("cannot_write", language, path=out, why=error.strerror)) from None
    print(say("written", language, path=out))

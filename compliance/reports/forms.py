"""The forms in which a report leaves the house beside its PDF, all made from its record. One line adds a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.evidence.canonical import canonical
from compliance.reports import act_record_word, calendar_file, plan_sheet, word_file
from compliance.text import Language, Text

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A form: what it is called, how its file is, of which kinds of record it can be made, and how.

    ``make`` takes a record and the reader's language and returns the file; the same record gives the same bytes.
    """

    id: str
    title: Text
    media_type: str
    extension: str
    kinds: frozenset[str]
    make: Callable[[Record, Language], bytes]


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_EDITABLE = frozenset({"use_case", "act_record"})
_PLANS = frozenset({"use_case", "portfolio"})
_ALL = frozenset({"use_case", "portfolio", "act_record"})


def _json(record: Record, _: Language) -> bytes:
    return canonical(dict(record))


def _docx(record: Record, language: Language) -> bytes:
    make = act_record_word.make if record["kind"] == "act_record" else word_file.make
    return make(record, language)


FORMS = {
    form.id: form
    for form in (
        Form("json", Text("Données (JSON)", "Data (JSON)"), "application/json", "json", _ALL, _json),
        Form(
            "xlsx",
            Text("Plan d'action (Excel)", "Action plan (Excel)"),
            f"{_OPEN_XML}spreadsheetml.sheet",
            "xlsx",
            _PLANS,
            plan_sheet.make,
        ),
        Form(
            "docx",
            Text("Rapport modifiable (Word)", "Editable report (Word)"),
            f"{_OPEN_XML}wordprocessingml.document",
            "docx",
            _EDITABLE,
            _docx,
        ),
        Form("ics", Text("Calendrier", "Calendar"), "text/calendar; charset=utf-8", "ics", _PLANS, calendar_file.make),
    )
}


def available(record: Record) -> list[Form]:
    """Return the forms that can be made of a record."""
    return [form for form in FORMS.values() if record["kind"] in form.kinds]

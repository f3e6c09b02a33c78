"""Reports handed out: one in another form, many in one archive with an index, what stands today to be edited."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from compliance.operations import reports
from compliance.operations.made_now import made_now
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Workplace
from compliance.reports import act_record_word, sheets, word_file
from compliance.reports.forms import FORMS
from compliance.reports.sheets import Cell
from compliance.storage import reports as store
from compliance.storage import stationery
from compliance.storage.reports import Report
from compliance.text import Language, Text

_HEAD = (
    Text("Fichier", "File"),
    Text("Numéro", "Number"),
    Text("Titre", "Title"),
    Text("Émis le (UTC)", "Issued on (UTC)"),
    Text("Langue", "Language"),
    Text("Niveaux possibles", "Levels possible"),
    Text("Version des règles", "Version of the rules"),
    Text("Empreinte des règles", "Hash of the rules"),
    Text("Taille du journal", "Size of the log"),
    Text("Tête du journal", "Head of the log"),
    Text("Empreinte SHA-256 du fichier", "SHA-256 of the file"),
    Text("Remplacé par", "Superseded by"),
)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def file_name(found: Report) -> str:
    """Return the name of a report's file, without its suffix; nothing that people typed is in it."""
    return f"{found.number or 'draft'}-{found.form.replace('_', '-')}-{found.language}"


def many(place: Workplace, actor: Actor, ids: list[str], language: Language) -> bytes:
    """Return several issued reports as one archive with an index. Raises RefusedError, NotFoundError."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise RefusedError("nothing_selected")
    if len(wanted) > reports.ZIP_MOST:
        raise RefusedError("too_many", "", most=reports.ZIP_MOST)
    out = io.BytesIO()
    rows: list[list[Cell]] = []
    with place.database.reading(actor.org_id) as connection, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        found = [reports.find(connection, actor, id_) for id_ in wanted]
        later = store.superseded(connection, actor.org_id, wanted)
        for report in found:
            content = store.pdf(connection, actor.org_id, report.id)
            if content is None or report.number is None:
                continue
            name = f"{file_name(report)}.pdf"
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
            rows.append([
                name, report.number, report.title, f"{report.at:%Y-%m-%d %H:%M}", report.language, report.levels,
                report.pack_version, report.pack_hash, report.log_size, report.log_root, report.sha256,
                later.get(report.id),
            ])  # fmt: skip
        if not rows:
            raise RefusedError("nothing_selected")
        archive.writestr(zipfile.ZipInfo("index.csv", _EPOCH), sheets.to_csv([h.to(language) for h in _HEAD], rows))
    return out.getvalue()


def _as(place: Workplace, actor: Actor, record: dict[str, Any], form: str, language: Language) -> bytes:
    """Return a record in another form; a file for Word follows the organisation's template."""
    if form not in FORMS or record["kind"] not in FORMS[form].kinds:
        raise NotFoundError
    if form == "docx" and record["kind"] == "use_case":
        with place.database.reading(actor.org_id) as connection:
            template = stationery.content(connection, actor.org_id, "word")
        with made_now():
            return word_file.make(record, language, template)
    return FORMS[form].make(record, language)


def other_form(place: Workplace, actor: Actor, id_: str, form: str) -> tuple[Report, bytes]:
    """Return a report in another form. Raises NotFoundError."""
    found, record = reports.record(place, actor, id_)
    return found, _as(place, actor, record, form, "en" if found.language == "en" else "fr")


def today(place: Workplace, actor: Actor, case_id: str, form: str, language: Language) -> tuple[str, bytes]:
    """Return a use case as it stands today in a form to edit, as a draft; and the name of the file."""
    actor.require(Right.READ_CASE)
    record = reports.now_as_record(place, actor, case_id, "full", language)
    content = _as(place, actor, record, form, language)
    return f"{record['use_case']['reference']}-{language}.{FORMS[form].extension}", content


def act_record(place: Workplace, actor: Actor, case_id: str, record_id: str, language: Language) -> tuple[str, bytes]:
    """Return a record that the Act asks for, as far as it is known today, as a file for Word; and the file's name."""
    record = reports.now_as_record(place, actor, case_id, record_id, language)
    name = f"{record['use_case']['reference']}-{record_id.replace('_', '-')}-{language}.docx"
    return name, act_record_word.make(record, language)

"""The inventory in and out of spreadsheets, the catalogue, and which answers would settle most."""

from __future__ import annotations

import io
from collections import Counter
from uuid import UUID

from flask import Response as FlaskResponse
from flask import abort, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import cases, imports, people
from compliance.operations.cases import Description
from compliance.operations.imports import FIELDS, Preview
from compliance.operations.vocabulary import CASE_STATES, FUNCTIONS, SECTORS
from compliance.operations.workplace import RefusedError
from compliance.reports.sheets import Cell, Sheet, UnreadableSheetError, read, to_csv, to_xlsx
from compliance.storage.cases import Filter, Listed
from compliance.text import plain
from compliance.web import limits
from compliance.web.forms import one_line, sent_file
from compliance.web.here import actor, back, place, tongue
from compliance.web.inventory.forms import UploadForm
from compliance.web.inventory.views import pages, wanted
from compliance.web.templating import spoken

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_PREVIEWED = 200


def send(content: bytes, name: str, kind: str) -> FlaskResponse:
    """Send a table, to be saved."""
    return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)


def _head() -> list[str]:
    return [spoken(title) for title in FIELDS.values()]


def _lists() -> dict[int, list[str]]:
    """Return the closed lists of the sheet by column."""
    order = list(FIELDS)
    catalogue = cases.catalogue(place(), actor()).pack.catalogue.values()
    offered = cases.choices(place(), actor())
    return {
        order.index("type"): sorted(entry.title.to(tongue()) for entry in catalogue),
        order.index("function"): [text.to(tongue()) for text in FUNCTIONS.values()],
        order.index("sector"): [text.to(tongue()) for text in SECTORS.values()],
        order.index("site"): [site.name for site in offered.sites],
    }


def _hint() -> str:
    return str(_("Choose one of the list; sites and suppliers may be new."))


@pages.get("/use-cases/export.<kind>")
def export(kind: str) -> FlaskResponse:
    """Give the use cases of a filter as a sheet that can be imported again."""
    if kind not in ("csv", "xlsx"):
        abort(404)
    law = cases.catalogue(place(), actor())
    emails = {member.person_id: member.email for member in people.members(place(), actor())}
    levels = {level.id: level.title for level in law.pack.levels}
    head = [*_head(), _("Level"), _("State"), _("Next date"), _("Questions left")]
    rows: list[list[Cell]] = []
    for item in cases.everything(place(), actor(), wanted()):
        possible = " / ".join(levels[id_].to(tongue()) for id_ in item.case.possible if id_ in levels)
        state = CASE_STATES[item.case.state].to(tongue())
        line = imports.sheet_row(item, law, emails, tongue())
        rows.append([*line, possible, state, item.case.next_due, item.case.open_count])
    name = _("use-cases")
    if kind == "csv":
        return send(to_csv(head, rows), f"{name}.csv", CSV)
    sheet = Sheet(_("Use cases"), head, rows, _lists(), hint=_hint())
    return send(to_xlsx([sheet], on=place().clock()), f"{name}.xlsx", XLSX)


@pages.get("/use-cases/template.xlsx")
def template() -> FlaskResponse:
    """Give an empty list with its choices and an example line."""
    law = cases.catalogue(place(), actor())
    entry = next(iter(law.pack.catalogue.values()))
    example: list[Cell] = [
        None,
        entry.title.to(tongue()),
        entry.description.to(tongue()),
        entry.title.to(tongue()),
        FUNCTIONS[entry.function].to(tongue()),
        SECTORS["machinery"].to(tongue()),
        _("Lille plant"),
        _("Name of the supplier"),
        actor().email,
    ]
    notes = {0: _("Leave empty for a new use case."), 3: _("Gives presumed answers, to be confirmed.")}
    sheet = Sheet(_("Use cases"), _head(), [example], _lists(), notes, _hint())
    return send(to_xlsx([sheet], on=place().clock()), _("use-cases-template") + ".xlsx", XLSX)


def sheet_problem(error: UnreadableSheetError) -> str:
    """Return why a file cannot be taken, in words."""
    sentences = {
        "no_lines": _("The file holds no line under its head."),
        "not_a_table": _("This file cannot be read as XLSX or CSV."),
        "too_many_rows": _("The file has more than %(most)s lines."),
        "too_packed": _("This file is packed in an unusual way and is not opened."),
    }
    return str(sentences[error.code] % error.values)


@pages.route("/use-cases/import", methods=["GET", "POST"])
def upload() -> Response | tuple[str, int]:
    """Take a list from a spreadsheet."""
    form = UploadForm()
    file = sent_file(form.file)
    if request.method == "POST" and file is None:
        form.file.errors = [_("Choose a file.")]
    if file is not None and form.validate():
        try:
            table = [[_tidy(cell) for cell in row] for row in read(file.read())]
            draft = imports.start(place(), actor(), one_line(file.filename or "") or "", table)
        except UnreadableSheetError as error:
            form.file.errors = [*form.file.errors, sheet_problem(error)]
        except ValueError as error:
            form.file.errors = [*form.file.errors, str(error)]
        else:
            return back(url_for("inventory.preview", id_=draft))
    return render_template("inventory/upload.html", form=form), 422 if form.errors else 200


def _tidy(cell: str) -> str:
    """Return a cell with no characters that have no place in text."""
    kept = "".join(sign for sign in cell if sign in "\n\t" or ord(sign) >= 32)  # noqa: PLR2004 - control characters
    return kept.encode("utf-8", "ignore").decode()


def _columns() -> dict[str, int | None] | None:
    """Return the columns that the page chose, or None when it has not yet."""
    source = request.form if request.method == "POST" else request.args
    if "c-name" not in source:
        return None
    chosen = {field: source.get(f"c-{field}", "") for field in FIELDS}
    return {field: int(at) if at.isdecimal() and len(at) < 3 else None for field, at in chosen.items()}  # noqa: PLR2004


@pages.route("/use-cases/import/<uuid:id_>", methods=["GET", "POST"])
def preview(id_: UUID) -> Response | tuple[str, int]:
    """Show a list as it would be saved; save it when confirmed."""
    columns = _columns()
    source = request.form if request.method == "POST" else request.args
    suggest = "c-name" not in source or source.get("suggest") == "1"
    wrong = None
    if request.method == "POST" and columns is not None:
        duplicates = request.form.get("duplicates") == "1"
        try:
            new, changed = imports.confirm(place(), actor(), id_.hex, columns, suggest=suggest, duplicates=duplicates)
        except RefusedError:
            wrong = _("Say which column holds the name.")
        else:
            return back(
                url_for("inventory.listing"),
                _("Imported: %(new)s new use cases, %(changed)s changed.", new=new, changed=changed),
            )
    found = imports.preview(place(), actor(), id_.hex, columns, suggest=suggest)
    page = render_template(
        "inventory/preview.html",
        found=found,
        shown=found.lines[:_PREVIEWED],
        fields=FIELDS,
        suggest=suggest,
        wrong=wrong,
        problem=_problem,
        pack=cases.catalogue(place(), actor()).pack,
        settling=_settling(found),
    )
    return page, 422 if wrong else 200


def _settling(found: Preview) -> list[tuple[str, int]]:
    """Return the questions whose answer would decide most lines."""
    counted = Counter(line.deciding for line in found.lines if line.deciding and len(line.possible) > 1)
    return counted.most_common(5)


def _problem(code: str, written: str) -> str:
    sentences = {
        "missing": _("is missing"),
        "too_long": _("is longer than %(written)s characters", written=written),
        "not_in_list": _('"%(written)s" is not in the list', written=written),
        "not_in_catalogue": _('"%(written)s" is not in the catalogue', written=written),
        "not_a_member": _('"%(written)s" has no account here: left empty', written=written),
        "will_be_added": _('"%(written)s" will be added', written=written),
        "not_a_number": _('"%(written)s" is not a number of a use case', written=written),
        "no_such_case": _('"%(written)s" is not the number of a use case here', written=written),
    }
    return str(sentences[code])


# The catalogue


@pages.get("/use-cases/catalogue")
def catalogue() -> str:
    """Show typical industrial uses."""
    law = cases.catalogue(place(), actor())
    try:
        text = (one_line(request.args.get("q", "")[: limits.SEARCH]) or "").strip()
    except ValueError:
        text = ""
    function = request.args.get("function") if request.args.get("function") in FUNCTIONS else None
    words = plain(text).split()
    found = []
    for entry in law.pack.catalogue.values():
        hay = plain(f"{entry.title.fr} {entry.title.en} {entry.description.fr} {entry.description.en}")
        if (function is None or entry.function == function) and all(word in hay for word in words):
            summary = place().library.summary(law, law.facts(entry.facts), place().today())
            found.append((entry, summary.possible))
    return render_template(
        "inventory/catalogue.html", found=found, text=text, function=function, pack=law.pack, functions=FUNCTIONS
    )


@pages.post("/use-cases/catalogue/<entry_id>")
def from_catalogue(entry_id: str) -> Response:
    """Begin a use case from the catalogue."""
    law = cases.catalogue(place(), actor())
    entry = law.pack.catalogue.get(entry_id)
    if entry is None:
        abort(404)
    described = Description(
        entry.title.to(tongue()),
        entry.description.to(tongue()),
        entry.function,
        entry.sector,
        owner_id=actor().person_id,
    )
    case_id = cases.begin(place(), actor(), described, presumed=entry.facts, catalogue_entry=entry.id)
    return back(
        url_for("questionnaire.review", case_id=case_id),
        _("Begun from the catalogue: check the presumed answers, then confirm."),
    )


@pages.get("/use-cases/settle")
def settle() -> str:
    """Show which questions, answered, would decide most use cases."""
    law = place().library.law(place().library.default)
    groups: dict[str, list[Listed]] = {}
    for item in cases.everything(place(), actor(), Filter(level="open")):
        fact = item.case.deciding_fact
        if fact is not None and fact in law.pack.facts:
            groups.setdefault(fact, []).append(item)
    ordered = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    return render_template("inventory/settle.html", groups=ordered, pack=law.pack)

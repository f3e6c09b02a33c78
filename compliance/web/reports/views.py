"""The register of reports, and each report with its files."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from compliance.operations import handing_out, reports
from compliance.operations.rights import Right
from compliance.operations.workplace import RefusedError
from compliance.reports.forms import FORMS, available
from compliance.storage.reports import FAILED, READY, Wanted
from compliance.web.here import actor, back, is_fragment, place, row_id, tongue
from compliance.web.inventory.forms import level_choices
from compliance.web.inventory.views import level_asked, page_number, text_asked
from compliance.web.templating import spoken
from compliance.web.words import refusal

pages = Blueprint("reports", __name__)
_KINDS = ("use_case", "portfolio", "act_record")


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to be saved, never shown inline; the name is ours."""
    response = make_response(content)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _wanted() -> Wanted:
    args = request.args
    return Wanted(
        text=text_asked(),
        kind=args.get("kind") if args.get("kind") in _KINDS else None,
        level=level_asked(),
        site=row_id(args.get("site")),
    )


@pages.get("/reports")
def register() -> str:
    """Show the register of issued reports."""
    return register_page()


def register_page(problem: str | None = None) -> str:
    """Render the register, with what was wrong."""
    filter_ = _wanted()
    found, total = reports.register(place(), actor(), filter_, page=page_number())
    pack = place().library.law(place().library.default).pack
    return render_template(
        "register/listing.html",
        found=found,
        total=total,
        filter=filter_,
        filtered=filter_ != Wanted(),
        problem=problem,
        pack=pack,
        levels=level_choices([(level.id, spoken(level.title)) for level in pack.levels]),
        mine=reports.drafts(place(), actor()) if actor().may(Right.ISSUE) else [],
        page=page_number(),
        per_page=reports.PER_PAGE,
        most=reports.ZIP_MOST,
        arguments={key: value for key, value in request.args.items() if key not in ("page", "id")},
        READY=READY,
    )


@pages.get("/reports/many.zip")
def many() -> Response | tuple[str, int]:
    """Give several reports with an index."""
    ids = [id_ for id_ in map(row_id, request.args.getlist("id")) if id_]
    try:
        content = handing_out.many(place(), actor(), ids, tongue())
    except RefusedError as error:
        return register_page(refusal(error)), 422
    return attachment(content, "application/zip", "pyramide-reports.zip")


@pages.get("/reports/<uuid:id_>")
def show(id_: UUID) -> Response:
    """Show where a report stands and what of it can be had; a page that waits asks for that part alone."""
    line, ahead = reports.line(place(), actor(), id_.hex)
    forms = []
    if line.report.state == READY:
        forms = available(reports.record(place(), actor(), id_.hex)[1])
    response = make_response(
        render_template(
            "register/state.html" if is_fragment() else "register/show.html",
            line=line,
            ahead=ahead,
            forms=forms,
            pack=place().library.law(place().library.default).pack,
            READY=READY,
        )
    )
    if is_fragment() and line.report.state in (READY, FAILED):
        response.headers["HX-Refresh"] = "true"  # what stands beside it has changed too
    return response


@pages.get("/reports/<uuid:id_>/report.pdf")
def pdf(id_: UUID) -> Response:
    """Give a report's file."""
    found, content = reports.pdf(place(), actor(), id_.hex)
    return attachment(content, "application/pdf", f"{handing_out.file_name(found)}.pdf")


@pages.get("/reports/<uuid:id_>/as/<form>")
def other(id_: UUID, form: str) -> Response:
    """Give a report in another form, made from the same record."""
    found, content = handing_out.other_form(place(), actor(), id_.hex, form)
    made = FORMS[form]
    return attachment(content, made.media_type, f"{handing_out.file_name(found)}.{made.extension}")


@pages.post("/reports/<uuid:id_>/again")
def again(id_: UUID) -> Response:
    """Try once more to make a report."""
    reports.again(place(), actor(), id_.hex)
    return back(url_for("reports.show", id_=id_), _("It is being made again."))


def form_or_404(form: str) -> str:
    """Return the id of a form that there is."""
    if form not in FORMS:
        raise NotFound
    return form

"""The inventory: listed, searched, begun, described."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import cases, dossiers
from compliance.operations.vocabulary import CASE_STATES, FUNCTIONS, SECTORS
from compliance.operations.workplace import RefusedError
from compliance.storage.cases import SORTS, Filter
from compliance.web import limits
from compliance.web.forms import one_line
from compliance.web.here import actor, back, place, row_id, version_of
from compliance.web.inventory.forms import CopyForm, DescriptionForm, EditForm, level_choices, options
from compliance.web.templating import spoken

pages = Blueprint("inventory", __name__)
_SOON = {"30": 30, "90": 90, "365": 365}


def due_before() -> date | None:
    """Return the day up to which an address asks for deadlines."""
    days = _SOON.get(request.args.get("due", ""))
    return place().today() + timedelta(days=days) if days else None


def text_asked() -> str | None:
    """Return the words that an address searches for."""
    try:
        return one_line(request.args.get("q", "")[: limits.SEARCH]) or None
    except ValueError:
        return None


def level_asked() -> str | None:
    """Return the level that an address asks for, "open" for undecided; what is neither is left out."""
    levels = {level.id for level in place().library.law(place().library.default).pack.levels} | {"open"}
    asked = request.args.get("level")
    return asked if asked in levels else None


def wanted() -> Filter:
    """Return the filter that an address asks for; what it does not know is left out."""
    args = request.args
    return Filter(
        text=text_asked(),
        level=level_asked(),
        function=args.get("function") if args.get("function") in FUNCTIONS else None,
        sector=args.get("sector") if args.get("sector") in SECTORS else None,
        site=row_id(args.get("site")),
        supplier=row_id(args.get("supplier")),
        state=args.get("state") if args.get("state") in CASE_STATES else None,
        owner=row_id(args.get("owner")),
        due_before=due_before(),
        archived=args.get("archived") == "1",
    )


def page_number() -> int:
    """Return the page that an address asks for."""
    text = request.args.get("page", "1")
    return min(max(int(text), 1), limits.PAGE_MOST) if text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004


@pages.get("/use-cases")
def listing() -> str:
    """Show the inventory."""
    sort = request.args.get("sort", "reference")
    sort = sort if sort in SORTS else "reference"
    descending = request.args.get("down") == "1"
    filter_ = wanted()
    found, total = cases.search(place(), actor(), filter_, sort=sort, descending=descending, page=page_number())
    offered = cases.choices(place(), actor())
    pack = place().library.law(place().library.default).pack
    return render_template(
        "inventory/listing.html",
        found=found,
        total=total,
        filter=filter_,
        filtered=filter_ != Filter(),
        sort=sort,
        descending=descending,
        page=page_number(),
        per_page=cases.PER_PAGE,
        arguments={key: value for key, value in request.args.items() if key != "page"},
        pack=pack,
        levels=level_choices([(level.id, spoken(level.title)) for level in pack.levels]),
        functions=options(FUNCTIONS),
        sectors=options(SECTORS),
        states=options(CASE_STATES),
        offered=offered,
        stale=any(item.case.stale for item in found),
    )


def _new_form() -> DescriptionForm:
    form = DescriptionForm()
    form.offer(cases.choices(place(), actor()))
    if request.method == "GET":
        form.owner_id.data = actor().person_id
    return form


@pages.route("/use-cases/new", methods=["GET", "POST"])
def new() -> Response | tuple[str, int]:
    """Begin a use case."""
    form = _new_form()
    if form.validate_on_submit():
        try:
            case_id = cases.begin(place(), actor(), form.described(), key=form.own_key)
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("questionnaire.resume", case_id=case_id))
    return render_template("inventory/new.html", form=form), 422 if form.errors else 200


@pages.route("/use-cases/<uuid:case_id>/edit", methods=["GET", "POST"])
def edit(case_id: UUID) -> Response | tuple[str, int]:
    """Change what a use case is."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    case = dossier.case
    values: dict[str, Any] = {name: getattr(case, name) or "" for name in case.__slots__}
    form = EditForm(**values)
    form.offer(cases.choices(place(), actor()))
    if form.validate_on_submit():
        try:
            cases.describe(place(), actor(), case_id.hex, form.described(), version_of(form.version.data))
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("results.show", case_id=case_id), _("Saved."))
    status = 422 if form.errors else 200
    return render_template("inventory/edit.html", form=form, dossier=dossier, pack=dossier.law.pack), status


@pages.route("/use-cases/<uuid:case_id>/copy", methods=["GET", "POST"])
def copy(case_id: UUID) -> Response | tuple[str, int]:
    """Begin a use case from another."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    form = CopyForm()
    if request.method == "GET":
        form.name.data = _("%(name)s (copy)", name=dossier.case.name)[: limits.NAME]
    if form.validate_on_submit():
        new_id = cases.copy(place(), actor(), case_id.hex, form.name.data or "")
        return back(
            url_for("questionnaire.review", case_id=new_id),
            _("Copied: check the presumed answers, then confirm."),
        )
    return render_template("inventory/copy.html", form=form, dossier=dossier), 422 if form.errors else 200


@pages.post("/use-cases/<uuid:case_id>/archive")
def archive(case_id: UUID) -> Response:
    """Put a use case away, or take it out again."""
    away = request.form.get("away") == "1"
    cases.put_away(place(), actor(), case_id.hex, away=away)
    message = _("Put into the archive; nothing of it is lost.") if away else _("Taken out of the archive.")
    return back(url_for("results.show", case_id=case_id), message)

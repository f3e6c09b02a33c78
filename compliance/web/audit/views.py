"""The auditor's desk: figures, samples and what was looked at in each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import cases, observations, replays, samples
from compliance.operations.rights import Right
from compliance.operations.workplace import RefusedError
from compliance.storage.audits import ObservationFilter
from compliance.storage.rows import ConflictError
from compliance.web.audit.forms import DrawForm, LookForm, ObservationForm
from compliance.web.audit.sample_file import criteria_words, workbook
from compliance.web.here import actor, back, place, version_of
from compliance.web.inventory.forms import level_choices
from compliance.web.inventory.imports import XLSX, send
from compliance.web.inventory.views import page_number
from compliance.web.templating import spoken

pages = Blueprint("audit", __name__)
_REPORTS_SHOWN = 8


def _pack() -> Any:
    return place().library.law(place().library.default).pack


def wanted() -> ObservationFilter:
    """Return which observations an address asks for: by default, those not closed."""
    kind, state = request.args.get("kind"), request.args.get("state", "unclosed")
    return ObservationFilter(
        kind=kind if kind in observations.KINDS else None,
        state=state if state in (*observations.STATES, "unclosed") else None,
        person=actor().person_id if request.args.get("mine") == "1" else None,
    )


@pages.get("/audit")
def desk() -> str:
    """Show where the audit of the organisation stands."""
    filter_ = wanted()
    found, total = observations.search(place(), actor(), filter_, page_number())
    return render_template(
        "audit/desk.html",
        figures=observations.figures(place(), actor()),
        pack=_pack(),
        found=found,
        total=total,
        filter=filter_,
        page=page_number(),
        per_page=observations.PER_PAGE,
        arguments={key: value for key, value in request.args.items() if key != "page"},
        kinds=observations.KINDS,
        states=observations.STATES,
        samples=samples.samples(place(), actor()) if actor().may(Right.AUDIT) else [],
        reports=replays.latest(place(), actor(), _REPORTS_SHOWN),
    )


@pages.route("/audit/samples/new", methods=["GET", "POST"])
def draw() -> Response | tuple[str, int]:
    """Draw a sample."""
    form = DrawForm()
    levels = level_choices([(level.id, spoken(level.title)) for level in _pack().levels])[1:]
    form.offer(cases.choices(place(), actor()), levels)
    if form.validate_on_submit():
        try:
            id_ = samples.draw(
                place(),
                actor(),
                form.name.data or "",
                form.criteria(),
                size=form.count,
                order=form.order.data,
                key=form.own_key,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("audit.sample", id_=id_), _("Drawn: this sample stays as it is."))
    return render_template("audit/draw.html", form=form), 422 if form.errors else 200


@pages.get("/audit/samples/<uuid:id_>")
def sample(id_: UUID) -> str:
    """Show a sample, how it was drawn, and how far its examination is."""
    found = samples.sample(place(), actor(), id_.hex)
    return render_template(
        "audit/sample.html",
        found=found,
        sample=found.sample,
        pack=_pack(),
        orders=samples.ORDERS,
        criteria=criteria_words(found.sample, _pack()),
        threads=observations.threads(place(), actor(), ObservationFilter(sample=id_.hex)),
        kinds=observations.KINDS,
        states=observations.STATES,
    )


@pages.get("/audit/samples/<uuid:id_>/export.xlsx")
def sample_export(id_: UUID) -> Response:
    """Give a sample with its results as a workbook."""
    found = samples.sample(place(), actor(), id_.hex)
    threads = observations.threads(place(), actor(), ObservationFilter(sample=id_.hex))
    content = workbook(found, threads, _pack(), place().clock())
    return send(content, _("audit-sample") + ".xlsx", XLSX)


@pages.route("/audit/items/<uuid:id_>", methods=["GET", "POST"])
def item(id_: UUID) -> Response | tuple[str, int]:
    """Show one use case of a sample; record what was looked at, or an observation."""
    found = samples.item(place(), actor(), id_.hex)
    listed = found.listed
    here = url_for("audit.item", id_=id_)
    look = LookForm(formdata=None, looked_at=listed.item.looked_at, version=listed.item.version)
    observe = ObservationForm(formdata=None)
    status, theirs = 200, None
    reports = replays.issued(place(), actor(), listed.case.id)
    observe.offer(reports)
    if request.method == "POST" and "kind" in request.form:
        observe = ObservationForm()
        observe.offer(reports)
        status = 422
        if observe.validate():
            try:
                observations.record(
                    place(),
                    actor(),
                    listed.case.id,
                    kind=observe.kind.data,
                    text=observe.text.data or "",
                    report_id=observe.report_id.data or None,
                    sample_id=found.sample.id,
                    key=observe.own_key,
                )
            except RefusedError as error:
                observe.refuse(error)
            else:
                return back(here, _("Recorded; whoever is in charge is told."))
    elif request.method == "POST":
        look = LookForm()
        status = 422
        if look.validate():
            try:
                samples.look(place(), actor(), id_.hex, version_of(look.version.data), look.looked_at.data or "")
            except ConflictError:
                theirs, status = samples.item(place(), actor(), id_.hex).listed, 409
                look.version.data = str(theirs.item.version)
            else:
                return back(here, _("Saved."))
    page = render_template(
        "audit/item.html",
        found=found,
        case=listed.case,
        pack=place().library.law(listed.case.pack).pack,
        look=look,
        observe=observe,
        theirs=theirs,
        reports=reports,
        threads=observations.threads(place(), actor(), ObservationFilter(case=listed.case.id)),
        kinds=observations.KINDS,
        states=observations.STATES,
    )
    return page, status

"""The action plan: of one use case, and across the organisation."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.assessment.action_plan import task
from compliance.operations import actions, cases, dossiers, evidence, people
from compliance.operations.rights import Right
from compliance.operations.vocabulary import ACTION_STATES
from compliance.operations.workplace import RefusedError
from compliance.reports.sheets import Cell, Sheet, to_xlsx
from compliance.storage.actions import ActionFilter
from compliance.storage.rows import ConflictError
from compliance.web.actions.forms import ActionForm, ManyForm
from compliance.web.actions.timeline import timeline as draw
from compliance.web.here import actor, back, local_path, place, row_id, tongue, version_of
from compliance.web.inventory.imports import XLSX, send
from compliance.web.inventory.views import due_before, page_number
from compliance.web.questionnaire.forms import EvidenceForm
from compliance.web.questionnaire.handing import piece
from compliance.web.templating import cite

pages = Blueprint("actions", __name__)


@pages.get("/use-cases/<uuid:case_id>/actions")
def of_case(case_id: UUID) -> str:
    """Show the plan of one use case."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    found = actions.of_case(place(), actor(), case_id.hex)
    names = people.names(place(), actor())
    return render_template(
        "actions/of_case.html",
        dossier=dossier,
        pack=dossier.law.pack,
        needed=[action for action in found if action.needed],
        gone=[action for action in found if not action.needed],
        names=names,
        today=place().today(),
        task=task,
    )


def wanted() -> ActionFilter:
    """Return the filter that an address asks for."""
    args = request.args
    state = args.get("state", "open")
    owner, about = args.get("owner") or None, args.get("about")
    if not actor().may(Right.READ):
        owner = actor().person_id
    return ActionFilter(
        state=state if state in (*ACTION_STATES, "open", "overdue") else None,
        owner=owner if owner == "none" else row_id(owner),
        due_before=due_before(),
        today=place().today(),
        about=about if about in ("act", "concerns") else None,
    )


@pages.get("/actions")
def listing() -> str:
    """Show the plan of the organisation, or one's own actions."""
    return _listing(ManyForm(formdata=None), 200)[0]


def _listing(form: ManyForm, status: int) -> tuple[str, int]:
    filter_ = wanted()
    found, total = actions.search(place(), actor(), filter_, page_number())
    choices = cases.choices(place(), actor())
    form.offer(choices)
    page = render_template(
        "actions/listing.html",
        found=found,
        total=total,
        filter=filter_,
        page=page_number(),
        per_page=actions.PER_PAGE,
        arguments={key: value for key, value in request.args.items() if key != "page"},
        people=choices.people,
        form=form,
        law=partial(actions.law_of, place()),
        task=task,
        today=place().today(),
    )
    return page, status


@pages.post("/actions")
def many() -> Response | tuple[str, int]:
    """Change many actions at once."""
    form = ManyForm()
    form.offer(cases.choices(place(), actor()))
    ids = [id_ for id_ in request.form.getlist("ids") if row_id(id_)]
    if form.validate():
        try:
            count = actions.change_many(
                place(),
                actor(),
                ids,
                state=form.state.data or None,
                owner_id=form.owner_id.data or None,
                due=form.due.data,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            target = local_path(request.form.get("back")) or url_for("actions.listing")
            return back(target, _("Actions changed: %(count)s.", count=count))
    return _listing(form, 422)


@pages.route("/actions/<uuid:id_>", methods=["GET", "POST"])
def change(id_: UUID) -> Response | tuple[str, int]:
    """Show and change one action."""
    found = actions.action(place(), actor(), id_.hex)
    case = actions.case_of(place(), actor(), found)
    pack = actions.law_of(place(), case.pack if case else None).pack
    form = ActionForm(
        state=found.state, owner_id=found.owner_id or "", due=found.due, comment=found.comment, version=found.version
    )
    form.offer(cases.choices(place(), actor()))
    evidence_form = EvidenceForm(formdata=None)
    theirs, status = None, 200
    if request.method == "POST" and "title" in request.form and case:
        evidence_form = EvidenceForm()
        form.process(formdata=None, obj=found)
        if evidence_form.validate():
            try:
                evidence.add(place(), actor(), case.id, piece(evidence_form), action_id=found.id)
            except RefusedError as error:
                evidence_form.refuse(error)
            else:
                return back(url_for("actions.change", id_=id_), _("Evidence added."))
        status = 422
    elif request.method == "POST":
        status = 422
        if form.validate():
            try:
                actions.change(
                    place(),
                    actor(),
                    id_.hex,
                    version_of(form.version.data),
                    state=form.state.data,
                    comment=form.comment.data or "",
                    owner_id=form.owner_id.data or None,
                    due=form.due.data,
                )
            except RefusedError as error:
                form.refuse(error)
            except ConflictError:
                theirs, status = actions.action(place(), actor(), id_.hex), 409
                form.version.data = str(theirs.version)
            else:
                return back(local_path(request.args.get("back")) or url_for("actions.change", id_=id_), _("Saved."))
    planned = task(pack, found.obligation)
    if planned is None:
        abort(404)
    page = render_template(
        "actions/change.html",
        action=found,
        case=case,
        pack=pack,
        task=planned,
        form=form,
        theirs=theirs,
        may=actions.may_change(actor(), found),
        pieces=evidence.of_case(place(), actor(), case.id, action_id=found.id) if case else [],
        evidence_form=evidence_form,
        names=people.names(place(), actor()),
    )
    return page, status


@pages.get("/actions/timeline")
def timeline() -> str:
    """Show the plan over time."""
    found = actions.everything(place(), actor(), ActionFilter(state="open", today=place().today()))
    return render_template("actions/timeline.html", chart=draw(found, place().today(), _("Organisation")))


@pages.get("/actions/export.xlsx")
def export() -> Response:
    """Give the plan as a sheet, one line an action."""
    filter_ = wanted()
    if case := row_id(request.args.get("case")):
        filter_ = ActionFilter(case=case)
    head = [
        _("No."),
        _("Use case"),
        _("Action"),
        _("Article"),
        _("Concern"),
        _("State"),
        _("Owner"),
        _("Due"),
        _("Evidence expected"),
        _("Comment"),
    ]
    rows: list[list[Cell]] = []
    for item in actions.everything(place(), actor(), filter_):
        found = task(actions.law_of(place(), item.case_pack).pack, item.action.obligation)
        if found is None:
            continue
        rows.append(
            [
                f"IA-{item.case_reference:03d}" if item.action.case_id else "",
                item.case_name or _("Organisation"),
                found.action.to(tongue()),
                "; ".join(cite(citation) for citation in found.cite),
                found.concern.title.to(tongue()) if found.concern else "",
                ACTION_STATES[item.action.state].to(tongue()),
                item.owner,
                item.action.due,
                found.evidence.to(tongue()),
                item.action.comment,
            ]
        )
    content = to_xlsx([Sheet(_("Action plan"), head, rows)], on=place().clock())
    return send(content, _("action-plan") + ".xlsx", XLSX)

"""The organisation's side: what has to be obtained, questionnaires, what came back."""

from __future__ import annotations

import io
from datetime import date
from uuid import UUID

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import dossiers, supply_returns, supplying
from compliance.operations.dossiers import Dossier
from compliance.operations.rights import Right
from compliance.operations.supply_returns import Decision
from compliance.operations.supplying import Asking, Handed
from compliance.operations.workplace import RefusedError
from compliance.web.here import actor, back, place, tongue, version_of
from compliance.web.questionnaire.forms import EvidenceForm
from compliance.web.questionnaire.handing import piece
from compliance.web.supply.forms import AskForm, RenewForm
from compliance.web.templating import day

pages = Blueprint("supply", __name__)


def source_shown(source: dict[str, str]) -> str:
    """Return in words whose word an answer is: the supplier, who sent it there, and on which day."""
    by = source.get("by")
    who = f"{source['supplier']} ({by})" if by else source["supplier"]
    return str(_("according to %(who)s, %(day)s", who=who, day=day(date.fromisoformat(source["on"]))))


pages.add_app_template_global(source_shown, "source_shown")


@pages.get("/use-cases/<uuid:case_id>/supplier")
def of_case(case_id: UUID) -> str:
    """Show what a use case has to obtain from its supplier, and the questionnaires about it."""
    return _of_case(case_id, None, None)


def _of_case(case_id: UUID, refused: str | None, form: EvidenceForm | None) -> str:
    overview = supplying.of_case(place(), actor(), case_id.hex)
    return render_template(
        "supply/of_case.html",
        overview=overview,
        dossier=overview.dossier,
        pack=overview.dossier.law.pack,
        may=actor().may(Right.EDIT) and not overview.dossier.case.archived,
        evidence_form=EvidenceForm(formdata=None),
        refused=refused,
        refused_form=form,
    )


@pages.post("/use-cases/<uuid:case_id>/supplier/<supply>")
def give(case_id: UUID, supply: str) -> Response | tuple[str, int]:
    """Keep what the supplier gave already, outside any questionnaire."""
    form = EvidenceForm()
    if form.validate():
        try:
            supplying.give(place(), actor(), case_id.hex, supply, piece(form))
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("supply.of_case", case_id=case_id, _anchor=f"w-{supply}"), _("Evidence added."))
    if supply not in dossiers.view(place(), actor(), case_id.hex).law.pack.supplies:
        abort(404)
    return _of_case(case_id, supply, form), 422


@pages.route("/use-cases/<uuid:case_id>/supplier/ask", methods=["GET", "POST"])
def ask(case_id: UUID) -> str | tuple[str, int]:
    """Put a questionnaire together; its link is shown once."""
    overview = supplying.of_case(place(), actor(), case_id.hex)
    dossier = overview.dossier
    offered = supplying.offered(place(), dossier)
    form = AskForm(
        formdata=request.form if request.method == "POST" else None,
        supplier=overview.supplier,
        language=tongue(),
        shown_name=dossier.case.name,
    )
    if request.method == "GET":
        only = [item.supply.id for item in overview.wanted if item.supply.id in request.args.getlist("supply")]
        form.supplies.data = only or [item.supply.id for item in overview.wanted if item.state == "missing"]
        form.facts.data = [] if only else [fact.id for fact in offered.known]
    elif form.validate():
        try:
            handed = supplying.ask(place(), actor(), case_id.hex, _asking(form))
        except RefusedError as error:
            form.refuse(error)
        else:
            return _link_page(dossier, handed, form.email.data or None, form.supplier.data or "")
    page = render_template(
        "supply/ask.html", form=form, dossier=dossier, overview=overview, offered=offered, pack=dossier.law.pack
    )
    return page, 422 if form.errors else 200


def _asking(form: AskForm) -> Asking:
    return Asking(
        form.supplier.data or "",
        form.email.data or None,
        form.language.data,
        form.days.data or supplying.DAYS,
        form.shown_name.data or "",
        form.note.data or "",
        tuple(form.facts.data or ()),
        tuple(form.supplies.data or ()),
    )


def _link_page(dossier: Dossier, handed: Handed, address: str | None, supplier: str) -> str:
    return render_template("supply/link.html", dossier=dossier, handed=handed, address=address, supplier=supplier)


@pages.get("/supplier-requests/<uuid:id_>")
def show(id_: UUID) -> str:
    """Show a questionnaire, and what came back beside what stands."""
    found = supply_returns.returned(place(), actor(), id_.hex)
    return _show(found, RenewForm(formdata=None))


def _show(found: supply_returns.Returned, form: RenewForm) -> str:
    case = found.dossier.case
    may = actor().may(Right.EDIT) and not case.archived
    return render_template(
        "supply/show.html",
        found=found,
        request_=found.request,
        dossier=found.dossier,
        pack=found.dossier.law.pack,
        form=form,
        may=may,
        open_case=case.state in ("draft", "returned"),
    )


@pages.post("/supplier-requests/<uuid:id_>/decide")
def decide(id_: UUID) -> Response:
    """Take over, or leave aside, what came back: all of it, or what is ticked."""
    wanted = request.form.get("decision")
    decision = Decision(
        tuple(request.form.getlist("item")),
        wanted == "all",
        version_of(request.form.get("version")),
        {name[2:]: version_of(value) for name, value in request.form.items() if name.startswith("v-")},
    )
    target = url_for("supply.show", id_=id_)
    if wanted == "set_aside":
        count = supply_returns.put_aside(place(), actor(), id_.hex, decision)
        return back(target, _("Left aside: %(count)s.", count=count))
    if wanted not in ("accept", "all"):
        abort(400)
    count = supply_returns.accept(place(), actor(), id_.hex, decision)
    return back(target, _("Accepted: %(count)s.", count=count))


@pages.post("/supplier-requests/<uuid:id_>/withdraw")
def withdraw(id_: UUID) -> Response:
    """Take a questionnaire back."""
    found = supplying.withdraw(place(), actor(), id_.hex)
    return back(url_for("supply.of_case", case_id=found.case_id), _("Withdrawn: the link opens nothing any more."))


@pages.post("/supplier-requests/<uuid:id_>/renew")
def renew(id_: UUID) -> str | tuple[str, int]:
    """Give a questionnaire a new link and a new last day."""
    found = supply_returns.returned(place(), actor(), id_.hex)
    form = RenewForm()
    if form.validate():
        try:
            handed = supplying.renew(place(), actor(), id_.hex, form.days.data or supplying.DAYS)
        except RefusedError as error:
            form.refuse(error)
        else:
            return _link_page(found.dossier, handed, found.request.address, found.request.supplier)
    return _show(found, form), 422


@pages.get("/supplier-files/<uuid:id_>")
def file(id_: UUID) -> FlaskResponse:
    """Send a file that a supplier sent, to be saved, never shown inline."""
    content, kind, name = supply_returns.file(place(), actor(), id_.hex)
    return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)

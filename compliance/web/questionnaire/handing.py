"""Questions handed to a colleague, the colleague's page, and evidence."""

from __future__ import annotations

from uuid import UUID

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.assessment.state import reading_order
from compliance.operations import cases, dossiers, evidence, handing_over, people
from compliance.operations.evidence import Piece
from compliance.operations.rights import Role, roles_of
from compliance.operations.workplace import RefusedError
from compliance.storage.answers import Answer
from compliance.web.forms import listed, sent_file
from compliance.web.here import actor, back, local_path, place
from compliance.web.questionnaire.forms import AnswerForm, EvidenceForm, HandOverForm, showing
from compliance.web.questionnaire.views import keep_many, pages
from compliance.web.templating import spoken


@pages.route("/use-cases/<uuid:case_id>/hand-over", methods=["GET", "POST"])
def hand_over(case_id: UUID) -> Response | tuple[str, int]:
    """Choose questions and the colleague who knows."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    pack = dossier.law.pack
    reading = dossiers.reading(place(), dossier)
    chosen = request.args.getlist("fact")
    offered = sorted(
        {*reading.open, *(fact for fact in chosen if fact in pack.facts)}, key=lambda f: reading_order(pack, f)
    )
    form = HandOverForm()
    form.facts.choices = listed([(fact, spoken(pack.facts[fact].question)) for fact in offered])
    able = [
        member
        for member in cases.choices(place(), actor()).people
        if roles_of(member.roles) & {Role.CONTRIBUTOR, Role.OFFICER} and member.person_id != actor().person_id
    ]
    form.to.choices = listed([("", "—"), *((member.person_id, member.name) for member in able)])
    if request.method == "GET":
        form.facts.data = chosen
    elif form.validate():
        try:
            handing_over.hand_over(
                place(), actor(), case_id.hex, form.facts.data or [], form.to.data, form.note.data or ""
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            name = next(member.name for member in able if member.person_id == form.to.data)
            return back(url_for("questionnaire.review", case_id=case_id), _("Handed to %(name)s.", name=name))
    status = 422 if form.errors else 200
    return render_template("questionnaire/hand_over.html", form=form, dossier=dossier, able=able), status


@pages.get("/handed-over")
def handed() -> str:
    """Show what colleagues asked the actor."""
    return render_template("questionnaire/handed.html", found=handing_over.mine(place(), actor()))


@pages.route("/handed-over/<uuid:id_>", methods=["GET", "POST"])
def handed_one(id_: UUID) -> Response | tuple[str, int]:
    """Ask just the questions that were handed over."""
    found, dossier = handing_over.open_hand_over(place(), actor(), id_.hex)
    pack = dossier.law.pack
    facts = [pack.facts[fact] for fact in found.facts if fact in pack.facts]
    forms: dict[str, AnswerForm] = {}
    conflicts: dict[str, Answer | None] = {}
    status = 200
    if request.method == "POST" and found.done_at is None:
        wanted = [fact for fact in request.form.getlist("fact") if fact in found.facts]
        forms, conflicts, status = keep_many(dossier, wanted)
        if status == 200:  # noqa: PLR2004
            if "done" in request.form:
                return handed_done(id_)
            return back(url_for("questionnaire.handed_one", id_=id_), _("Saved."))
        found, dossier = handing_over.open_hand_over(place(), actor(), id_.hex)
    for fact in facts:
        if fact.id not in forms:
            forms[fact.id] = showing(fact, dossier.answers.get(fact.id), prefix=fact.id)
    page = render_template(
        "questionnaire/handed_one.html",
        found=found,
        dossier=dossier,
        pack=pack,
        asked=facts,
        forms=forms,
        conflicts=conflicts,
        names=people.names(place(), actor()),
    )
    return page, status


@pages.post("/handed-over/<uuid:id_>/done")
def handed_done(id_: UUID) -> Response:
    """Say that the questions are answered."""
    handing_over.finish(place(), actor(), id_.hex)
    target = local_path(request.form.get("back")) or url_for("questionnaire.handed")
    return back(target, _("Thank you: your colleague was told."))


@pages.route("/use-cases/<uuid:case_id>/questions/<fact>/evidence", methods=["POST"])
def evidence_add(case_id: UUID, fact: str) -> Response | tuple[str, int]:
    """Add a file or a link for an answer."""
    form = EvidenceForm()
    target = local_path(request.form.get("back")) or url_for("questionnaire.question", case_id=case_id, fact=fact)
    if form.validate_on_submit():
        try:
            evidence.add(place(), actor(), case_id.hex, piece(form), fact=fact)
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(target, _("Evidence added."))
    return render_template("questionnaire/evidence.html", form=form, back=target), 422


def piece(form: EvidenceForm) -> Piece:
    """Return what an evidence form holds."""
    file = sent_file(form.file)
    content = file.read() if file else None
    return Piece(form.title.data or "", None if content is not None else form.url.data, content)


@pages.get("/evidence/<uuid:id_>")
def evidence_file(id_: UUID) -> FlaskResponse:
    """Send a file, to be saved, never shown inline."""
    import io  # noqa: PLC0415 - only here

    content, kind, name = evidence.file(place(), actor(), id_.hex)
    return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)


@pages.post("/evidence/<uuid:id_>/remove")
def evidence_remove(id_: UUID) -> Response:
    """Take a piece of evidence away."""
    found = evidence.remove(place(), actor(), id_.hex)
    target = local_path(request.form.get("back"))
    return redirect(target or url_for("questionnaire.review", case_id=found.case_id), code=303)

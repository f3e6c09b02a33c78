"""The questionnaire of one use case: one question at a time, or a section at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.assessment.explain import derived_answers
from compliance.law.terms import FactScope
from compliance.operations import answers, dossiers, evidence, handing_over, people
from compliance.operations.dossiers import Dossier
from compliance.storage.answers import Answer
from compliance.web.here import actor, back, go, is_fragment, place
from compliance.web.questionnaire.forms import AnswerForm, EvidenceForm, answer_form, kept, showing, shown, touched
from compliance.web.questionnaire.pages import beside, next_fact, panel, previous_fact, sections

pages = Blueprint("questionnaire", __name__, url_prefix="")
pages.add_app_template_global(shown, "answer_shown")


def _dossier(case_id: UUID) -> Dossier:
    return dossiers.view(place(), actor(), case_id.hex)


def show(template: str, dossier: Dossier, status: int = 200, **values: Any) -> Response:
    """Render a page of the questionnaire; a script gets its middle and left only, the rest follows."""
    reading = dossiers.reading(place(), dossier)
    fragment = is_fragment()
    response = make_response(
        render_template(
            template,
            layout="questionnaire/fragment.html" if fragment else "questionnaire/page.html",
            dossier=dossier,
            pack=dossier.law.pack,
            reading=reading,
            sections=sections(dossier, reading),
            panel=None if fragment else panel(dossier),
            **values,
        ),
        status,
    )
    if fragment:
        response.headers["HX-Trigger"] = "answered"
        response.headers["HX-Push-Url"] = values.get("here", request.full_path.rstrip("?"))
    return response


def keep(case_id: str, form: AnswerForm) -> tuple[Dossier | None, Answer | None, int]:
    """Save what a form holds; return the dossier after it, or what stands instead, and the status.

    What is wrong is put on the form's field.
    """
    return kept(form, lambda given, version: answers.record(place(), actor(), case_id, form.fact.id, given, version))


@pages.get("/use-cases/<uuid:case_id>/questions")
def resume(case_id: UUID) -> Response:
    """Go on where the questionnaire was left."""
    dossier = _dossier(case_id)
    return redirect(_next(dossier, None))


def _next(dossier: Dossier, after: str | None) -> str:
    """Return the address of the next question, or of the review when none is left."""
    return _address(dossier, next_fact(dossier, dossiers.reading(place(), dossier), after))


def _address(dossier: Dossier, fact: str | None) -> str:
    """Return where a question is asked; without one, the review."""
    case_id = UUID(dossier.case.id)
    if fact is None:
        return url_for("questionnaire.review", case_id=case_id)
    if actor().one_at_a_time:
        return url_for("questionnaire.question", case_id=case_id, fact=fact)
    return url_for("questionnaire.section", case_id=case_id, section=dossier.law.pack.facts[fact].section)


@pages.route("/use-cases/<uuid:case_id>/questions/<fact>", methods=["GET", "POST"])
def question(case_id: UUID, fact: str) -> Response:
    """Ask one question, and save its answer."""
    facts = dossiers.law_of(place(), actor(), case_id.hex).pack.facts
    if fact not in facts:
        abort(404)
    form = answer_form(facts[fact])
    if request.method == "POST":
        after, theirs, status = keep(case_id.hex, form)
        return _question_page(_dossier(case_id), fact, form, theirs, status) if after is None else _on(after, fact)
    dossier = _dossier(case_id)
    form.shows(dossier.answers.get(fact))
    return _question_page(dossier, fact, form)


def _question_page(
    dossier: Dossier, fact: str, form: AnswerForm, theirs: Answer | None = None, status: int = 200
) -> Response:
    case_id = UUID(dossier.case.id)
    reading = dossiers.reading(place(), dossier)
    standing = dossier.answers.get(fact)
    return show(
        "questionnaire/question.html",
        dossier,
        status,
        here=url_for("questionnaire.question", case_id=case_id, fact=fact, to=_to()),
        fact=dossier.law.pack.facts[fact],
        form=form,
        theirs=theirs,
        standing=standing,
        counted=fact in reading.open or standing is None or not dossiers.set_aside(place(), dossier, {fact}),
        names=people.names(place(), actor()),
        current=dossier.law.pack.facts[fact].section,
        previous=previous_fact(dossier, reading, fact),
        skip_to=_next(dossier, fact),
        pieces=evidence.of_fact(place(), actor(), dossier.case.id, fact),
        evidence_form=EvidenceForm(formdata=None),
        of_organisation=dossier.law.pack.facts[fact].of is FactScope.ORGANISATION,
    )


def _to() -> str | None:
    """Return where the page leads afterwards, when it is not the next question."""
    return "review" if request.args.get("to") == "review" else None


def _on(dossier: Dossier, fact: str) -> Response:
    """Go from a saved answer to the next question, at once where a script asks."""
    if request.args.get("to") == "review":
        return go(url_for("questionnaire.review", case_id=dossier.case.id))
    following = next_fact(dossier, dossiers.reading(place(), dossier), fact)
    if not is_fragment() or following is None:
        return go(_address(dossier, following))
    form = showing(dossier.law.pack.facts[following], dossier.answers.get(following))
    return _question_page(dossier, following, form)


@pages.route("/use-cases/<uuid:case_id>/sections/<section>", methods=["GET", "POST"])
def section(case_id: UUID, section: str) -> Response:
    """Ask a section's questions together, and save the answers that changed."""
    dossier = _dossier(case_id)
    if section not in dossier.law.pack.sections:
        abort(404)
    conflicts: dict[str, Answer | None] = {}
    forms: dict[str, AnswerForm] = {}
    status = 200
    if request.method == "POST":
        wanted = [fact for fact in request.form.getlist("fact") if fact in dossier.law.pack.facts]
        forms, conflicts, status = keep_many(dossier, wanted)
        dossier = _dossier(case_id)
        if status == 200 and "next" in request.form:  # noqa: PLR2004
            return go(_next_section(dossier, section))
    reading = dossiers.reading(place(), dossier)
    mine = [fact for fact in dossier.law.pack.facts.values() if fact.section == section]
    mine.sort(key=lambda fact: fact.order)
    aside = dossiers.set_aside(place(), dossier, {fact.id for fact in mine})
    open_ = reading.open | beside(dossier, reading)
    asked = [fact for fact in mine if (fact.id in open_ or fact.id in dossier.answers) and fact.id not in aside]
    for fact in asked:
        if fact.id not in forms:
            forms[fact.id] = showing(fact, dossier.answers.get(fact.id), prefix=fact.id)
    return show(
        "questionnaire/section.html",
        dossier,
        status,
        here=url_for("questionnaire.section", case_id=case_id, section=section),
        current=section,
        asked=asked,
        aside=[fact for fact in mine if fact.id in aside],
        forms=forms,
        conflicts=conflicts,
        names=people.names(place(), actor()),
        next_url=_next_section(dossier, section),
    )


def keep_many(dossier: Dossier, wanted: list[str]) -> tuple[dict[str, AnswerForm], dict[str, Answer | None], int]:
    """Save the answers of several questions that were touched; return the forms to show again, and the status."""
    forms: dict[str, AnswerForm] = {}
    conflicts: dict[str, Answer | None] = {}
    worst = 200
    for fact in wanted:
        form = answer_form(dossier.law.pack.facts[fact], prefix=fact)
        if not touched(form, dossier.answers.get(fact)):
            continue
        _after, theirs, status = keep(dossier.case.id, form)
        worst = max(worst, status)
        if status != 200:  # noqa: PLR2004
            forms[fact] = form
        if status == 409:  # noqa: PLR2004
            conflicts[fact] = theirs
    return forms, conflicts, worst


def _next_section(dossier: Dossier, section: str) -> str:
    """Return the address of the next section that has an open question, or of the review."""
    case_id = UUID(dossier.case.id)
    order = dossier.law.pack.sections[section].order
    if dossier.law.pack.sections[section].beyond:
        return url_for("beyond.of_case", case_id=case_id)
    reading = dossiers.reading(place(), dossier)
    open_ = [item for item in sections(dossier, reading) if item.open]
    later = [item for item in open_ if item.section.order > order] or [
        item for item in open_ if item.section.id != section
    ]
    if later:
        return url_for("questionnaire.section", case_id=case_id, section=later[0].section.id)
    return url_for("questionnaire.review", case_id=case_id)


@pages.get("/use-cases/<uuid:case_id>/panel")
def panel_only(case_id: UUID) -> str:
    """Return the right side alone, for a script."""
    dossier = _dossier(case_id)
    return render_template("questionnaire/panel.html", dossier=dossier, pack=dossier.law.pack, panel=panel(dossier))


@pages.get("/use-cases/<uuid:case_id>/review")
def review(case_id: UUID) -> Response:
    """Show every answer, each with a way to change it."""
    dossier = _dossier(case_id)
    pack = dossier.law.pack
    aside = dossiers.set_aside(place(), dossier, dossier.facts.values)
    reading = dossiers.reading(place(), dossier)
    groups = []
    for item in sorted(pack.sections.values(), key=lambda found: found.order):
        facts = sorted((fact for fact in pack.facts.values() if fact.section == item.id), key=lambda fact: fact.order)
        about = {fact.id for fact in facts if not (item.beyond and fact.of is FactScope.ORGANISATION)}
        answered = [fact for fact in facts if fact.id in dossier.answers and fact.id in about - aside]
        open_ = [fact for fact in facts if fact.id in reading.open and fact.id not in dossier.answers]
        if answered or open_:
            groups.append((item, answered, open_))
    return show(
        "questionnaire/review.html",
        dossier,
        groups=groups,
        aside=[pack.facts[fact] for fact in sorted(aside)],
        derived=derived_answers(dossier.law.state(dossier.facts)),
        names=people.names(place(), actor()),
        current=None,
        handed=handing_over.of_case(place(), actor(), dossier.case.id),
        here=url_for("questionnaire.review", case_id=case_id),
    )


@pages.post("/use-cases/<uuid:case_id>/confirm")
def confirm(case_id: UUID) -> Response:
    """Confirm presumed answers as they stand."""
    count = answers.confirm_presumed(place(), actor(), case_id.hex, request.form.getlist("fact"))
    return back(url_for("questionnaire.review", case_id=case_id), _("Answers confirmed: %(count)s.", count=count))

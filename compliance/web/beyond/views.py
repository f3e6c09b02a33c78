"""Other laws and concerns beyond the Act: of one use case, and of the whole organisation."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.assessment.action_plan import gap_key
from compliance.assessment.beyond import concerns_of_organisation
from compliance.assessment.facts import accept_known
from compliance.assessment.outcome import DueState
from compliance.law.beyond import SCALE
from compliance.law.model import Pack
from compliance.law.terms import FactScope
from compliance.operations import actions, answers, dossiers, people
from compliance.operations.answers import Given
from compliance.storage.actions import Action
from compliance.storage.answers import Answer
from compliance.web.here import actor, back, place
from compliance.web.questionnaire.forms import AnswerForm, answer_form, kept, showing, touched
from compliance.web.questionnaire.pages import beside

pages = Blueprint("beyond", __name__)


@pages.get("/use-cases/<uuid:case_id>/beyond")
def of_case(case_id: UUID) -> str:
    """Show what lies beside the Act for one use case: other laws, training, concerns."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    pack = dossier.law.pack
    own = beside(dossier, dossiers.reading(place(), dossier))
    open_ = {
        section.id: sum(pack.facts[fact].section == section.id for fact in own)
        for section in pack.sections.values()
        if section.beyond
    }
    outcome = place().library.outcome(dossier.law, dossier.facts, place().today())
    return render_template(
        "beyond/of_case.html",
        dossier=dossier,
        pack=pack,
        outcome=outcome,
        without_effect={duty.id: duty.due.never for duty in outcome.obligations if duty.due.state is DueState.NEVER},
        open=open_,
        scale=SCALE,
        gap_key=gap_key,
        planned=_planned(actions.of_case(place(), actor(), case_id.hex)),
    )


@pages.get("/concerns")
def organisation() -> str:
    """Show the organisation's profile: each concern on the scale, with its gaps."""
    pack, found = _standing()
    return render_template(
        "beyond/organisation.html",
        pack=pack,
        concerns=concerns_of_organisation(pack, accept_known(pack, dossiers.values_of(found))),
        answers=found,
        training=[(line, True) for line in sorted(pack.training.values(), key=lambda line: line.order)],
        scale=SCALE,
        gap_key=gap_key,
        planned=_planned([]),
    )


@pages.route("/concerns/<module>", methods=["GET", "POST"])
def module(module: str) -> Response | tuple[str, int]:
    """Ask the controls of one concern, all on one page."""
    pack, found = _standing()
    asked = [
        pack.facts[control.id]
        for control in sorted(pack.controls.values(), key=lambda entry: entry.order)
        if control.module == module and control.of is FactScope.ORGANISATION
    ]
    if not asked:
        abort(404)
    forms: dict[str, AnswerForm] = {}
    conflicts: dict[str, Answer | None] = {}
    status = 200
    if request.method == "POST":
        for fact in asked:
            form = answer_form(fact, prefix=fact.id)
            if touched(form, found.get(fact.id)):
                _none, theirs, found_status = kept(form, partial(_record, fact.id))
                status, forms[fact.id] = max(status, found_status), form
                if found_status == 409:  # noqa: PLR2004
                    conflicts[fact.id] = theirs
        if status == 200:  # noqa: PLR2004
            return back(url_for("beyond.organisation"), _("Saved."))
        _pack, found = _standing()
    for fact in asked:
        if fact.id not in forms:
            forms[fact.id] = showing(fact, found.get(fact.id), prefix=fact.id)
    page = render_template(
        "beyond/module.html",
        pack=pack,
        module=pack.modules[module],
        asked=asked,
        forms=forms,
        conflicts=conflicts,
        answers=found,
        names=people.names(place(), actor()),
    )
    return page, status


def _planned(of_case: list[Action]) -> dict[str, Action]:
    """Return actions by key: of a use case, and the organisation's own for those who may see them."""
    may = any(actor().may(right) for right in actions.READERS)
    own = actions.of_organisation(place(), actor()) if may else []
    return {found.obligation: found for found in (*own, *of_case)}


def _standing() -> tuple[Pack, dict[str, Answer]]:
    pack = place().library.law(place().library.default).pack
    return pack, dict(answers.organisation_answers(place(), actor()))


def _record(fact: str, given: Given, version: int) -> None:
    answers.record_organisation(place(), actor(), fact, given, version)

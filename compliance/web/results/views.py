"""The result of a use case: level or range, why, why not, what would change it, what is owed and when."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.assessment.freeze import freeze
from compliance.law.model import Nature
from compliance.operations import (
    actions,
    answers,
    cases,
    dossiers,
    evidence,
    observations,
    people,
    reassessing,
    reviews,
    sign_in,
)
from compliance.operations.workplace import RefusedError
from compliance.web.account.forms import ConfirmForm
from compliance.web.here import actor, address, back, place, tongue
from compliance.web.questionnaire.forms import value_shown
from compliance.web.results.comparing import between_dates, between_texts
from compliance.web.results.forms import DecideForm, SubmitForm, TextForm
from compliance.web.words import refusal

pages = Blueprint("results", __name__, url_prefix="")
_EVENTS_SHOWN = 300


@pages.get("/use-cases/<uuid:case_id>")
def show(case_id: UUID) -> Response:
    """Show the result."""
    return page(case_id)


def page(case_id: UUID, status: int = 200, **forms: Any) -> Response:
    """Render the result page, with forms that hold errors."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    outcome = place().library.outcome(dossier.law, dossier.facts, place().today())
    planned = {action.obligation: action for action in actions.of_case(place(), actor(), case_id.hex)}
    found = reviews.assessments(place(), actor(), case_id.hex)
    by_role: dict[str, list[Any]] = {}
    for obligation in outcome.obligations:
        by_role.setdefault(obligation.who[0], []).append(obligation)
    values = {
        "submit_form": forms.get("submit_form") or SubmitForm(formdata=None),
        "decide_form": forms.get("decide_form") or DecideForm(formdata=None),
        "confirm_form": forms.get("confirm_form") or ConfirmForm(formdata=None),
        "text_form": _text_form(dossier.case.pack),
    }
    return make_response(
        render_template(
            "results/show.html",
            dossier=dossier,
            pack=dossier.law.pack,
            outcome=outcome,
            by_role=by_role,
            planned=planned,
            latest=found[0] if found else None,
            approved=next((item for item in found if item.state == "approved"), None),
            names=people.names(place(), actor()),
            step=reassessing.of_case(place(), actor(), case_id.hex),
            law=place().library.law,
            other_texts=between_texts(place(), dossier),
            pieces=evidence.of_case(place(), actor(), case_id.hex),
            observed=observations.standing(place(), actor(), case_id.hex),
            Nature=Nature,
            **values,
        ),
        status,
    )


def _text_form(pack: str) -> TextForm:
    form = TextForm(formdata=None, pack=pack)
    form.offer(place(), actor())
    return form


@pages.get("/use-cases/<uuid:case_id>/outcome.json")
def data(case_id: UUID) -> Response:
    """Give the result as data."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    outcome = place().library.outcome(dossier.law, dossier.facts, place().today())
    response = make_response(json.dumps(freeze(outcome), ensure_ascii=False, indent=2))
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="IA-{dossier.case.reference:03d}.json"'
    return response


@pages.get("/use-cases/<uuid:case_id>/applicability")
def applicability(case_id: UUID) -> str:
    """Show every duty of the text: applies or not, why, evidence."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    outcome = place().library.outcome(dossier.law, dossier.facts, place().today())
    state = {item.id: "yes" for item in outcome.obligations} | {
        item.id: "possible" for item in outcome.possible_obligations
    }
    reasons = {item.id: item for item in (*outcome.obligations, *outcome.possible_obligations)}
    planned = {action.obligation: action for action in actions.of_case(place(), actor(), case_id.hex)}
    by_action: dict[str, list[Any]] = {}
    for piece in evidence.of_case(place(), actor(), case_id.hex):
        if piece.action_id:
            by_action.setdefault(piece.action_id, []).append(piece)
    return render_template(
        "results/applicability.html",
        dossier=dossier,
        pack=dossier.law.pack,
        state=state,
        held=reasons,
        roles={role.id for role in (*outcome.roles, *outcome.possible_roles)},
        planned=planned,
        by_action=by_action,
        names=people.names(place(), actor()),
    )


@pages.get("/use-cases/<uuid:case_id>/history")
def history(case_id: UUID) -> str:
    """Show the assessments, every answer ever given, and what changed between two dates."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    found = reviews.assessments(place(), actor(), case_id.hex)
    events = answers.history(place(), actor(), case_id.hex)
    return render_template(
        "results/history.html",
        dossier=dossier,
        pack=dossier.law.pack,
        assessments=found,
        events=events[:_EVENTS_SHOWN],
        all_events=len(events),
        names=people.names(place(), actor()),
        shown=lambda fact, value: value_shown(dossier.law.pack.facts[fact], value, tongue()),
        first=min((event.at for event in events), default=dossier.case.created_at).date(),
        today=place().today(),
    )


@pages.get("/use-cases/<uuid:case_id>/compare")
def compare(case_id: UUID) -> Response:
    """Show what changed between two dates."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    days: dict[str, date] = {}
    wrong: str | None = None
    for name in ("before", "after"):
        try:
            days[name] = date.fromisoformat(request.args.get(name, ""))
        except ValueError:
            wrong = _("Give two dates, such as 2026-08-02.")
    difference = None
    if wrong is None:
        events = answers.history(place(), actor(), case_id.hex)
        difference = between_dates(place(), dossier, events, days["before"], days["after"])
    return make_response(
        render_template(
            "results/compare.html",
            dossier=dossier,
            pack=dossier.law.pack,
            wrong=wrong,
            typed=request.args,
            difference=difference,
            days=days,
            shown=lambda fact, value: value_shown(dossier.law.pack.facts[fact], value, tongue()),
        ),
        422 if wrong else 200,
    )


# From draft to approved


@pages.post("/use-cases/<uuid:case_id>/submit")
def submit(case_id: UUID) -> Response:
    """Submit for review."""
    form = SubmitForm()
    if form.validate():
        try:
            reviews.submit(place(), actor(), case_id.hex, form.note.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("results.show", case_id=case_id), _("Submitted: somebody else can now review it."))
    return page(case_id, 422, submit_form=form)


@pages.post("/use-cases/<uuid:case_id>/decide")
def decide(case_id: UUID) -> Response:
    """Approve, or return with remarks."""
    form = DecideForm()
    if form.validate():
        approve = request.form.get("decision") == "approve"
        try:
            reviews.decide(place(), actor(), case_id.hex, approve=approve, opinion=form.opinion.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            message = _("Approved.") if approve else _("Returned to its author.")
            return back(url_for("results.show", case_id=case_id), message)
    return page(case_id, 422, decide_form=form)


@pages.post("/use-cases/<uuid:case_id>/withdraw")
def withdraw(case_id: UUID) -> Response:
    """Take a submission back."""
    reviews.withdraw(place(), actor(), case_id.hex)
    return back(url_for("results.show", case_id=case_id), _("Taken back: it is a draft again."))


@pages.post("/use-cases/<uuid:case_id>/reopen")
def reopen(case_id: UUID) -> Response:
    """Open an approved use case again; the password is asked for."""
    form = ConfirmForm()
    if form.validate():
        try:
            sign_in.confirm(place(), actor(), form.current_password.data or "", address())
            reviews.reopen(place(), actor(), case_id.hex)
        except RefusedError as error:
            form.refuse(error)
        else:
            text = _("Open again: the approved assessment stays until a new one is approved.")
            return back(url_for("results.show", case_id=case_id), text)
    return page(case_id, 422, confirm_form=form)


@pages.post("/use-cases/<uuid:case_id>/text")
def change_text(case_id: UUID) -> Response:
    """Assess under another text of the law."""
    form = TextForm()
    form.offer(place(), actor())
    if not form.validate():
        return page(case_id, 422)
    try:
        cases.change_text(place(), actor(), case_id.hex, form.pack.data)
    except RefusedError as error:
        return back(url_for("results.show", case_id=case_id), refusal(error))
    return back(url_for("results.show", case_id=case_id), _("Now assessed under this text."))

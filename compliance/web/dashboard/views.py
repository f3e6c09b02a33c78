"""The dashboard."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from compliance.assessment.action_plan import task
from compliance.operations import actions, cases, handing_over, overview, people, reassessing
from compliance.operations.rights import Right
from compliance.storage.cases import Filter
from compliance.web.access import ACCESS
from compliance.web.here import actor, place

pages = Blueprint("dashboard", __name__)


@pages.get("/")
def show() -> Response | str:
    """Show the organisation at a glance, or what the role is bound to; lead a contributor to what was asked."""
    if not actor().may(Right.READ):
        if actor().may(Right.READ_CASE):
            return _site()
        return redirect(url_for("questionnaire.handed"))
    found = overview.overview(place(), actor())
    asked = handing_over.mine(place(), actor()) if actor().may(Right.ANSWER) else []
    pack = place().library.law(place().library.default).pack
    return render_template(
        "dashboard/show.html",
        found=found,
        pack=pack,
        law=partial(actions.law_of, place()),
        task=task,
        asked=asked,
        steps=reassessing.waiting(place(), actor()).steps,
        today=place().today(),
    )


def _site() -> str:
    """Show the use cases of the one site that the role is bound to."""
    found, total = cases.search(place(), actor(), Filter(), sort="reference", descending=False, page=1)
    return render_template(
        "dashboard/site.html",
        found=found,
        total=total,
        mine=people.member(place(), actor(), actor().person_id),
        sites={site.id: site.name for site in cases.choices(place(), actor()).sites},
        pack=place().library.law(place().library.default).pack,
        desk="audit.desk" if "audit.desk" in ACCESS and actor().may(Right.AUDIT) else None,
    )

"""The dashboard."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from compliance.operations import handing_over, overview
from compliance.operations.rights import Right
from compliance.web.here import actor, place

pages = Blueprint("dashboard", __name__)


@pages.get("/")
def show() -> Response | str:
    """Show the organisation at a glance, or lead a contributor to what was asked."""
    if not actor().may(Right.READ):
        return redirect(url_for("questionnaire.handed"))
    found = overview.overview(place(), actor())
    asked = handing_over.mine(place(), actor()) if actor().may(Right.ANSWER) else []
    pack = place().library.law(place().library.default).pack
    return render_template("dashboard/show.html", found=found, pack=pack, asked=asked, today=place().today())

"""Issued reports looked at again: two compared, one computed anew."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from werkzeug.wrappers import Response

from compliance.operations import dossiers, replays
from compliance.operations.replays import Pair
from compliance.operations.rights import Right
from compliance.operations.workplace import RefusedError
from compliance.web.audit.views import pages
from compliance.web.here import actor, place, row_id
from compliance.web.words import refusal


@pages.get("/use-cases/<uuid:case_id>/reports/compare")
def compare(case_id: UUID) -> Response | tuple[str, int]:
    """Compare two issued reports of a use case."""
    dossier = dossiers.view(place(), actor(), case_id.hex, Right.READ_CASE)
    asked = [request.args.get(name) for name in ("a", "b")]
    pair: Pair | None = None
    wrong = ""
    try:
        pair = replays.compare(place(), actor(), case_id.hex, *(_id(one) for one in asked))
    except RefusedError as error:
        wrong = refusal(error)
    page = render_template(
        "audit/compare.html",
        dossier=dossier,
        pack=dossier.law.pack,
        reports=replays.issued(place(), actor(), case_id.hex),
        pair=pair,
        wrong=wrong,
    )
    return page, 422 if wrong and any(asked) else 200


def _id(typed: str | None) -> str | None:
    """Return the id that an address names, None where it names none, and what is no id as one that nothing has."""
    return (row_id(typed.replace("-", "")) or "-") if typed else None


@pages.get("/reports/<uuid:id_>/replay")
def replay(id_: UUID) -> str:
    """Compute an issued report anew, as of its day and as of today."""
    return render_template("audit/replay.html", found=replays.replay(place(), actor(), id_.hex))

"""Findings and remarks of one use case: recorded, answered, closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import dossiers, observations, replays
from compliance.operations.rights import Right
from compliance.operations.workplace import RefusedError
from compliance.storage.audits import Observation, ObservationFilter
from compliance.storage.rows import ConflictError
from compliance.web.audit.forms import CloseForm, ObservationForm, ReplyForm
from compliance.web.audit.views import pages
from compliance.web.here import actor, back, place, version_of


def _prefix(id_: str) -> str:
    """Return what sets the forms of one observation apart from those of the others on the page."""
    return f"o{id_}"


def _reply_form(id_: str, **how: Any) -> ReplyForm:
    return ReplyForm(prefix=_prefix(id_), **how)


def _close_form(found: Observation, **how: Any) -> CloseForm:
    return CloseForm(prefix=f"c{found.id}", **how)


def _page(
    case_id: str,
    status: int = 200,
    observe: ObservationForm | None = None,
    replies: Mapping[str, ReplyForm] | None = None,
    closings: Mapping[str, CloseForm] | None = None,
) -> tuple[str, int]:
    dossier = dossiers.view(place(), actor(), case_id, Right.READ_CASE)
    threads = observations.threads(place(), actor(), ObservationFilter(case=case_id))
    reports = replays.issued(place(), actor(), case_id)
    if observe is None:
        observe = ObservationForm(formdata=None)
    observe.offer(reports)
    found = [thread.listed.observation for thread in threads]
    page = render_template(
        "audit/of_case.html",
        dossier=dossier,
        pack=dossier.law.pack,
        threads=threads,
        reports=reports,
        kinds=observations.KINDS,
        states=observations.STATES,
        observe=observe,
        replies={item.id: _reply_form(item.id, formdata=None) for item in found} | dict(replies or {}),
        closings={item.id: _close_form(item, formdata=None, version=item.version) for item in found}
        | dict(closings or {}),
    )
    return page, status


@pages.get("/use-cases/<uuid:case_id>/audit")
def of_case(case_id: UUID) -> tuple[str, int]:
    """Show the findings and remarks about a use case."""
    return _page(case_id.hex)


@pages.post("/use-cases/<uuid:case_id>/audit")
def record(case_id: UUID) -> Response | tuple[str, int]:
    """Record a finding or a remark."""
    form = ObservationForm()
    form.offer(replays.issued(place(), actor(), case_id.hex))
    if form.validate():
        try:
            observations.record(
                place(),
                actor(),
                case_id.hex,
                kind=form.kind.data,
                text=form.text.data or "",
                report_id=form.report_id.data or None,
                key=form.own_key,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("audit.of_case", case_id=case_id), _("Recorded; whoever is in charge is told."))
    return _page(case_id.hex, 422, form)


@pages.post("/observations/<uuid:id_>/reply")
def reply(id_: UUID) -> Response | tuple[str, int]:
    """Answer an observation, or come back to it."""
    case_id = observations.case_of(place(), actor(), id_.hex)
    form = _reply_form(id_.hex)
    if form.validate():
        try:
            observations.reply(place(), actor(), id_.hex, form.text.data or "", key=form.own_key)
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("audit.of_case", case_id=case_id, _anchor=f"o-{id_.hex}"), _("Sent."))
    return _page(case_id, 422, replies={id_.hex: form})


@pages.post("/observations/<uuid:id_>/close")
def close(id_: UUID) -> Response | tuple[str, int]:
    """Close an observation."""
    case_id = observations.case_of(place(), actor(), id_.hex)
    form = CloseForm(prefix=f"c{id_.hex}")
    status = 422
    if form.validate():
        try:
            observations.close(place(), actor(), id_.hex, version_of(form.version.data), form.text.data or "")
        except RefusedError as error:
            form.refuse(error)
        except ConflictError:
            status = 409
            form.version.data = str(observations.version(place(), actor(), id_.hex))
            form.form_errors.append(
                _("Somebody wrote in the meantime: read it above, then close again if it still holds.")
            )
        else:
            return back(url_for("audit.of_case", case_id=case_id, _anchor=f"o-{id_.hex}"), _("Closed."))
    return _page(case_id, status, closings={id_.hex: form})

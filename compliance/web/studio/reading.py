"""What a draft changes, read line by line and understood; remarks on its lines; the reader's decision."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from compliance.operations import bench, drafting, publishing, sign_in
from compliance.operations.workplace import NotFoundError, RefusedError
from compliance.web.here import actor, address, back, place, version_of
from compliance.web.inventory.imports import CSV, XLSX, send
from compliance.web.studio import pages as shaping
from compliance.web.studio.forms import DecideForm, RemarkForm
from compliance.web.studio.views import LIVE, pages, version_of_draft
from compliance.web.templating import day
from compliance.web.words import refusal


def changes_page(
    id_: UUID, status: int = 200, *, decide: DecideForm | None = None, remark: RemarkForm | None = None
) -> Response:
    """Render what a draft changes, with what was wrong: a remark that found no place is shown with its words."""
    opened = drafting.opened(place(), actor(), id_.hex)
    draft = opened.draft
    message, found = None, None
    try:
        found = bench.analysis(place(), actor(), id_.hex, LIVE)
    except RefusedError as error:
        message = refusal(error)
    files = shaping.differences(opened)
    decide = decide or DecideForm(formdata=None)
    decide.seen.data = opened.mark
    return make_response(
        render_template(
            "studio/changes.html",
            opened=opened,
            draft=draft,
            mine=draft.person_id == actor().person_id,
            files=files,
            aside=shaping.aside(opened, files),
            anchor=shaping.anchor,
            published=version_of_draft(draft),
            found=found,
            message=message,
            id_=id_,
            own=set(opened.own),
            remark=remark,
            decide=decide,
        ),
        status,
    )


@pages.get("/studio/<uuid:id_>/changes")
def changes(id_: UUID) -> Response:
    """Show what a draft changes: in the text, in meaning, in the use cases at hand."""
    return changes_page(id_)


@pages.post("/studio/<uuid:id_>/remark")
def remark(id_: UUID) -> Response:
    """Put a remark on a line."""
    form = RemarkForm()
    path, line = request.form.get("path", ""), version_of(request.form.get("line"))
    if form.validate():
        try:
            drafting.remark(place(), actor(), id_.hex, path, line, form.text.data or "")
        except NotFoundError:  # the line, or the draft: then the page is not there either
            form.refuse(RefusedError("line_gone", "text"))
        except RefusedError as error:  # published or let go in the meantime
            form.refuse(error)
        else:
            here = f"{shaping.anchor(path)}-{line}"
            return back(url_for("studio.changes", id_=id_, _anchor=here), _("Remark kept."))
    return changes_page(id_, 422, remark=form)


@pages.post("/studio/<uuid:id_>/remarks/<uuid:remark_id>/settle")
def settle(id_: UUID, remark_id: UUID) -> Response:
    """Mark a remark as done with."""
    page = url_for("studio.changes", id_=id_)
    try:
        drafting.settle(place(), actor(), id_.hex, remark_id.hex)
    except RefusedError as error:
        return back(page, refusal(error))
    return back(page, _("Marked as settled."))


@pages.post("/studio/<uuid:id_>/decide")
def decide(id_: UUID) -> Response:
    """Approve and publish, with the password again, or send back with an opinion."""
    form = DecideForm()
    if form.validate():
        try:
            if request.form.get("decision") == "publish":
                return _publish(id_, form)
            publishing.send_back(place(), actor(), id_.hex, form.opinion.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("studio.desk"), _("Returned to its author."))
    return changes_page(id_, 422, decide=form)


def _publish(id_: UUID, form: DecideForm) -> Response:
    if not actor().has_totp:  # said here and not on another page, so that an opinion typed is not lost
        raise RefusedError("second_factor_first")
    sign_in.confirm(place(), actor(), form.current_password.data or "", address())
    version = publishing.publish(place(), actor(), id_.hex, form.seen.data or "")
    message = _("Published: version %(number)s counts from %(day)s.", number=version.number, day=day(version.effect))
    return back(url_for("studio.version", id_=UUID(version.id)), message)


@pages.get("/studio/<uuid:id_>/proofs")
def proofs(id_: UUID) -> str:
    """Prove what must hold in every situation; it takes some seconds."""
    opened = drafting.opened(place(), actor(), id_.hex)
    message, found = None, None
    try:
        found = bench.analysis(place(), actor(), id_.hex, frozenset(("problems", "proofs")))
    except RefusedError as error:
        message = refusal(error)
    return render_template(
        "studio/proofs.html", draft=opened.draft, found=found, message=message, id_=id_, own=set(opened.own)
    )


@pages.get("/studio/<uuid:id_>/impact.<form>")
def impact(id_: UUID, form: str) -> Response:
    """Hand out every use case that a draft would change."""
    if form not in ("csv", "xlsx"):
        raise NotFound
    try:
        content = bench.impact_file(place(), actor(), id_.hex, form)
    except RefusedError as error:
        return back(url_for("studio.changes", id_=id_), refusal(error))
    return send(content, f"impact.{form}", CSV if form == "csv" else XLSX)

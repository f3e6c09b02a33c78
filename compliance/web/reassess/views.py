"""Which use cases a version in effect would change, and putting them under it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from compliance.law.model import Nature
from compliance.operations import people, reassessing, sign_in, texts
from compliance.operations.reassessing import Done, Step
from compliance.operations.workplace import RefusedError
from compliance.web import limits
from compliance.web.account.forms import ConfirmForm
from compliance.web.here import actor, address, back, local_path, place, row_id

pages = Blueprint("reassess", __name__)
PER_PAGE = 50
_LISTS = ("changing", "same", "closed")


@pages.get("/reassess")
def show() -> Response:
    """Show the versions in effect, and the use cases under earlier ones."""
    return _page(ConfirmForm(formdata=None))


def _page(form: ConfirmForm, status: int = 200, chosen: frozenset[str] = frozenset()) -> Response:
    found = reassessing.waiting(place(), actor())
    asked = request.args.get("text") or next((step.version.pack for step in found.steps), "")
    step = found.step(asked) or next(iter(found.steps), None)
    page = render_template(
        "reassess/show.html",
        steps=found.steps,
        step=step,
        names=people.names(place(), actor()),
        law=place().library.law,
        numbers={kind: _number(kind) for kind in _LISTS},
        per_page=PER_PAGE,
        arguments={key: request.args[key] for key in ("text", *_LISTS) if key in request.args},
        confirm_form=form,
        chosen=chosen,
        Nature=Nature,
    )
    return make_response(page, status)


def _number(kind: str) -> int:
    """Return the page of a list that an address asks for."""
    text = request.args.get(kind, "1")
    return min(max(int(text), 1), limits.PAGE_MOST) if text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004


@pages.post("/reassess/<uuid:id_>")
def move(id_: UUID) -> Response:
    """Put the chosen use cases, or all of one list, under the version; the password is asked for approved ones."""
    version = next((one for one in texts.versions(place(), actor()) if one.id == id_.hex), None)
    if version is None:
        raise NotFound
    step, form = reassessing.waiting(place(), actor()).step(version.pack), ConfirmForm()
    wanted = _wanted(step)
    if not wanted:
        form.refuse(RefusedError("nothing_selected"))
        return _page(form, 422)
    try:
        if step and any(line.state == "approved" and line.case_id in wanted for line in step.lines):
            form.validate()
            sign_in.confirm(place(), actor(), form.current_password.data or "", address())
        done = reassessing.reassess(place(), actor(), wanted, version.pack, version.name)
    except RefusedError as error:
        form.refuse(error)
        return _page(form, 422, frozenset(wanted))
    return back(local_path(request.form.get("back")) or url_for("reassess.show", text=version.pack), _said(done))


def _wanted(step: Step | None) -> list[str]:
    """Return the use cases that a form names: those chosen, or all of one list."""
    if (kind := request.form.get("all")) in _LISTS[:2]:
        return [line.case_id for line in getattr(step, kind)] if step else []
    wanted = request.form.getlist("case")
    if not all(row_id(id_) for id_ in wanted):
        raise BadRequest
    return wanted


def _said(done: Done) -> str:
    said = [ngettext("%(num)s use case re-assessed.", "%(num)s use cases re-assessed.", done.moved)]
    if done.left:
        said.append(
            ngettext(
                "%(num)s is under review and was left as it is.",
                "%(num)s are under review and were left as they are.",
                done.left,
            )
        )
    if done.later:
        said.append(_("%(num)s are left: press again to go on with them.", num=done.later))
    if not done.moved and not done.left:
        return str(_("Nothing to do: they stand under this version already."))
    return " ".join(said)

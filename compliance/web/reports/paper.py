"""What the organisation puts on its reports."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from compliance.operations import paper
from compliance.operations.workplace import RefusedError
from compliance.reports import word_file
from compliance.reports.forms import FORMS
from compliance.web.forms import sent_file
from compliance.web.here import actor, back, place
from compliance.web.reports.forms import PaperForm
from compliance.web.reports.views import attachment, pages
from compliance.web.templating import spoken


@pages.get("/reports/paper")
def stationery() -> str:
    """Show the logo and the template for Word."""
    return _page(PaperForm(formdata=None))


def _page(form: PaperForm) -> str:
    return render_template(
        "register/paper.html",
        form=form,
        logo=paper.content(place(), actor(), "logo"),
        word=paper.content(place(), actor(), "word"),
    )


@pages.post("/reports/paper")
def change_stationery() -> Response | tuple[str, int]:
    """Set the logo, the template for Word, or both."""
    form = PaperForm()
    if not form.validate():
        return _page(form), 422
    kept = 0
    for kind in paper.KINDS:
        sent = sent_file(form[kind])
        if sent is None:
            continue
        try:
            paper.change(place(), actor(), kind, sent.read())
            kept += 1
        except RefusedError as error:
            form.refuse(error)
        except paper.TemplateRefusedError as error:
            form[kind].errors = [spoken(problem) for problem in error.problems]
    if any(field.errors for field in form):
        return _page(form), 422
    return back(url_for("reports.stationery"), _("Saved.") if kept else _("Choose a file first."))


@pages.post("/reports/paper/<kind>/remove")
def remove_stationery(kind: str) -> Response:
    """Take the logo or the template away."""
    if kind not in paper.KINDS:
        raise NotFound
    paper.remove(place(), actor(), kind)
    return back(url_for("reports.stationery"), _("Removed."))


@pages.get("/reports/paper/logo.png")
def logo() -> Response:
    """Give the logo as it stands on reports."""
    content = paper.content(place(), actor(), "logo")
    if content is None:
        raise NotFound
    return attachment(content, "image/png", "logo.png")


@pages.get("/reports/paper/template.docx")
def template() -> Response:
    """Give the template for Word in use: the organisation's, or the one to start from."""
    content = paper.content(place(), actor(), "word") or word_file.default_template()
    return attachment(content, FORMS["docx"].media_type, "template.docx")

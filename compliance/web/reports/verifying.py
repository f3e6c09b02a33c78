"""Reports verified by their files; and what is needed to verify them elsewhere."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from compliance.operations import verifying
from compliance.operations.verifying import Checked
from compliance.operations.workplace import RefusedError
from compliance.reports.opening import MOST
from compliance.reports.verdict_words import CHECKS, clean, sentence, shown
from compliance.reports.verdict_words import place as where
from compliance.web.here import actor, place
from compliance.web.reports.forms import VerifyForm
from compliance.web.reports.views import attachment, pages

_NAME = 120


@pages.get("/reports/verify")
def verify() -> str:
    """Ask for the files to verify."""
    return _page(VerifyForm(formdata=None), None, [])


@pages.post("/reports/verify")
def check_files() -> tuple[str, int]:
    """Say what files prove; they are read and not kept."""
    form = VerifyForm()
    sent = [file for file in request.files.getlist("file") if isinstance(file, FileStorage) and file.filename]
    checked = None
    if not sent:
        form.file.errors = [_("This is needed.")]
    elif form.validate():
        try:
            checked = verifying.check(place(), actor(), [file.read(MOST + 1) for file in sent])
        except RefusedError as error:
            form.refuse(error)
    names = [clean(file.filename or "")[:_NAME] for file in sent]
    return _page(form, checked, names), 200 if checked else 422


def _page(form: VerifyForm, checked: Checked | None, names: list[str]) -> str:
    return render_template(
        "register/verify.html",
        form=form,
        checked=checked,
        names=names,
        checks=CHECKS,
        sentence=sentence,
        where=where,
        shown=shown,
        who=verifying.certificate(place(), actor()),
    )


@pages.get("/reports/certificate.pem")
def certificate() -> Response:
    """Give the certificate that signs reports here."""
    found = verifying.certificate(place(), actor()).certificate
    return attachment(found, "application/x-pem-file", "pyramide-certificate.pem")


@pages.get("/log/whole.jsonl")
def log_file() -> Response:
    """Give the whole log with its signed head, for the verification elsewhere."""
    return attachment(verifying.log_file(place(), actor()), "application/jsonl", "pyramide-log.jsonl")


@pages.get("/log/head.json")
def head_file() -> Response:
    """Give the signed head of the log, to be kept elsewhere."""
    return attachment(verifying.head_file(place(), actor()), "application/json", "pyramide-log-head.json")

"""Packs of the organisation's own: begun from a template, or taken from a file."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.law import new_pack
from compliance.operations import drafting, texts
from compliance.operations.workplace import RefusedError
from compliance.reports import pack_signing
from compliance.text import Text
from compliance.web.forms import listed, sent_file
from compliance.web.here import actor, back, place, tongue
from compliance.web.studio.forms import ImportForm, NewForm
from compliance.web.studio.views import begin_choices, pages


def _new_page(form: NewForm, status: int = 200) -> Response:
    return make_response(render_template("studio/new.html", form=form), status)


@pages.get("/studio/new")
def new() -> Response:
    """Ask for what a new pack is called."""
    form = NewForm(formdata=None)
    form.base.choices = listed(begin_choices())
    return _new_page(form)


@pages.post("/studio/new")
def new_begin() -> Response:
    """Begin a draft of a new pack from the template."""
    form = NewForm()
    form.base.choices = listed(begin_choices())
    name = form.pack.data or ""
    if form.validate():
        title = Text(form.title_fr.data or "", form.title_en.data or "")
        base = texts.family(form.base.data)
        if not new_pack.good_name(name):
            form.refuse(RefusedError("pack_name", "pack"))
            return _new_page(form, 422)
        try:
            law, _version = texts.opened(place(), actor(), form.base.data)
            files = new_pack.template(name, title, base, law.pack.id)
            id_ = drafting.begin_with(place(), actor(), name, title.to(tongue()), files, form.base.data)
        except RefusedError as error:
            form.refuse(RefusedError(error.code, "pack", **error.values) if error.field == "name" else error)
        else:
            return back(url_for("studio.draft", id_=UUID(id_)), _("Begun from the template: it loads as it is."))
    return _new_page(form, 422)


@pages.get("/studio/import")
def receive() -> str:
    """Ask for a pack as a file."""
    return render_template("studio/import.html", form=ImportForm(formdata=None), received=None)


@pages.post("/studio/import")
def receive_file() -> Response:
    """Take a pack as a file: whatever it holds, it is looked at first, and becomes a draft at most."""
    form, received = ImportForm(), None
    sent = sent_file(form.file)
    if form.validate() and sent is not None:
        received = pack_signing.receive(sent.read(), place().library.shelf())
        loaded = received.loaded
        if loaded and loaded.pack and loaded.builds_on:
            try:
                below = texts.today(place(), actor(), loaded.builds_on)
                title = loaded.pack.title.to(tongue())
                id_ = drafting.begin_with(place(), actor(), received.name, title, received.files, below)
            except RefusedError as error:
                form.refuse(error)
            else:
                who = received.signed_by
                signed = _("Signed by %(name)s.", name=who.name) if who else _("Not signed.")
                return back(url_for("studio.draft", id_=UUID(id_)), f"{_('Imported as a draft.')} {signed}")
    return make_response(render_template("studio/import.html", form=form, received=received), 422)

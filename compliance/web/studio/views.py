"""Drafts of rules: begun, typed, read by a colleague, published; and the versions that came of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from compliance.law import completing
from compliance.operations import bench, drafting, publishing, texts
from compliance.operations.workplace import RefusedError
from compliance.storage.rows import ConflictError
from compliance.web.forms import listed
from compliance.web.here import actor, back, place, tongue, version_of
from compliance.web.reports.views import attachment
from compliance.web.results.forms import text_choices
from compliance.web.studio import pages as shaping
from compliance.web.studio.forms import BeginForm, DecideForm, FileForm, HandInForm, RemarkForm
from compliance.web.templating import day, spoken
from compliance.web.words import refusal

pages = Blueprint("studio", __name__)
LIVE = frozenset(("problems", "scenarios", "meaning", "impact"))
_CSV, _XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def begin_choices() -> list[tuple[str, str]]:
    """Return the texts that a draft may begin from: each as it stands today."""
    return text_choices(place(), actor())


def desk_page(status: int = 200, **given: object) -> Response:
    """Render the desk of the studio, with what was wrong."""
    drafts, names = drafting.listed(place(), actor())
    begin = given.pop("begin", None) or BeginForm(formdata=None)
    assert isinstance(begin, BeginForm)
    begin.name.choices = listed(begin_choices())
    known = {law.name: law for law, _version in texts.laws(place(), actor())}
    return make_response(
        render_template(
            "studio/desk.html",
            drafts=drafts,
            names=names,
            versions=texts.versions(place(), actor()),
            known=known,
            begin=begin,
            **given,
        ),
        status,
    )


@pages.get("/studio")
def desk() -> Response:
    """Show what is under way, what waits for a reader, and what was published."""
    return desk_page()


@pages.post("/studio/begin")
def begin() -> Response:
    """Begin a draft from a text at hand."""
    form = BeginForm()
    form.name.choices = listed(begin_choices())
    if not form.validate():
        return desk_page(422, begin=form)
    id_ = drafting.begin(place(), actor(), form.name.data, form.title.data or "")
    return back(url_for("studio.draft", id_=UUID(id_)), _("Begun. Nothing changes for anybody until it is published."))


def draft_page(
    id_: UUID, status: int = 200, *, hand_in: HandInForm | None = None, file: FileForm | None = None
) -> Response:
    """Render one draft, with what was wrong."""
    opened = drafting.opened(place(), actor(), id_.hex)
    draft = opened.draft
    if hand_in is None:
        hand_in = HandInForm(formdata=None, data={"effect": place().today()})
    return make_response(
        render_template(
            "studio/draft.html",
            opened=opened,
            draft=draft,
            mine=draft.person_id == actor().person_id,
            touched=shaping.touched(opened),
            hand_in=hand_in,
            file=file or FileForm(formdata=None),
            effect=draft.effect,
        ),
        status,
    )


@pages.get("/studio/<uuid:id_>")
def draft(id_: UUID) -> Response:
    """Show one draft: its files, where it stands."""
    return draft_page(id_)


@pages.post("/studio/<uuid:id_>/hand-in")
def hand_in(id_: UUID) -> Response:
    """Show a draft to colleagues, to be read and published."""
    form = HandInForm()
    if form.validate():
        effect = form.effect.data
        assert isinstance(effect, date)
        try:
            notes = {"note_fr": form.note_fr.data or "", "note_en": form.note_en.data or ""}
            publishing.hand_in(place(), actor(), id_.hex, **notes, effect=effect)
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("studio.changes", id_=id_), _("Handed in: another legal editor can now read it."))
    return draft_page(id_, 422, hand_in=form)


def _done(id_: UUID, message: str, change: object) -> Response:
    """Do a change that needs no words; say what came of it on the draft's page."""
    assert callable(change)
    try:
        change(place(), actor(), id_.hex)
    except RefusedError as error:
        return back(url_for("studio.draft", id_=id_), refusal(error))
    return back(url_for("studio.draft", id_=id_), message)


@pages.post("/studio/<uuid:id_>/take-back")
def take_back(id_: UUID) -> Response:
    """Take a draft back to go on typing."""
    return _done(id_, _("Taken back: you can go on typing."), publishing.take_back)


@pages.post("/studio/<uuid:id_>/catch-up")
def catch_up(id_: UUID) -> Response:
    """Let a draft stand on the text of today."""
    return _done(id_, _("The draft now stands on today's text."), publishing.catch_up)


@pages.post("/studio/<uuid:id_>/drop")
def drop(id_: UUID) -> Response:
    """Let a draft go."""
    try:
        drafting.drop(place(), actor(), id_.hex)
    except RefusedError as error:
        return back(url_for("studio.draft", id_=id_), refusal(error))
    return back(url_for("studio.desk"), _("The draft was let go."))


# Files


@pages.post("/studio/<uuid:id_>/files")
def add_file(id_: UUID) -> Response:
    """Add a file to a draft."""
    form = FileForm()
    if form.validate():
        path = form.path.data or ""
        header = "# yaml-language-server: $schema=../schema/pack.schema.json\n"
        try:
            drafting.save(place(), actor(), id_.hex, path, header, 0)
        except RefusedError as error:
            form.refuse(error)
        except ConflictError:
            form.refuse(RefusedError("name_taken", "path"))
        else:
            return back(url_for("studio.editor", id_=id_, path=path))
    return draft_page(id_, 422, file=form)


def editor_page(
    id_: UUID, path: str, *, typed: str | None = None, theirs: str | None = None, whole: bool = False
) -> Response:
    """Render the editor; with two texts where somebody else changed the file in the meantime.

    Without a script the ``whole`` analysis comes after each save; with one, the page comes at once and asks for it.
    """
    opened = drafting.opened(place(), actor(), id_.hex)
    text = opened.text(path)
    if text is None and path not in opened.touched:
        raise NotFound
    draft = opened.draft
    mine = draft.person_id == actor().person_id and draft.state == "draft"
    try:
        parts = LIVE if whole else frozenset(("problems",))
        patience = bench.PATIENCE if whole else 1.0
        found = bench.analysis(place(), actor(), id_.hex, parts, path=path, line=1, patience=patience)
    except RefusedError:
        found = None  # the page comes at once; its panel is asked for again
    file = opened.touched.get(path)
    return make_response(
        render_template(
            "studio/editor.html",
            opened=opened,
            draft=draft,
            path=path,
            text=typed if typed is not None else text or "",
            theirs=theirs,
            version=file.version if file else 0,
            mine=mine,
            touched=shaping.touched(opened),
            found=found,
        ),
        409 if theirs is not None else 200,
    )


@pages.get("/studio/<uuid:id_>/edit/<path:path>")
def editor(id_: UUID, path: str) -> Response:
    """Show a file to type in, and what the draft does beside it."""
    return editor_page(id_, path, whole="all" in request.args)


@pages.post("/studio/<uuid:id_>/edit/<path:path>")
def save(id_: UUID, path: str) -> Response:
    """Keep a file as typed: at every pause with a script, by the button without."""
    scripted = request.headers.get("X-Requested-With") == "editor"
    typed = request.form.get("text", "").replace("\r\n", "\n")
    try:
        version = drafting.save(place(), actor(), id_.hex, path, typed, version_of(request.form.get("version")))
    except ConflictError:
        opened = drafting.opened(place(), actor(), id_.hex)
        theirs, file = opened.text(path) or "", opened.touched.get(path)
        if scripted:
            message = _("This file was changed in another window in the meantime.")
            kept = {"version": file.version if file else 0, "text": theirs, "message": message}
            return make_response(jsonify(kept), 409)
        return editor_page(id_, path, typed=typed, theirs=theirs)
    except RefusedError as error:
        if scripted:
            return make_response(jsonify(message=refusal(error)), 422)
        return back(url_for("studio.draft", id_=id_), refusal(error))
    if scripted:
        return jsonify(version=version)
    return back(url_for("studio.editor", id_=id_, path=path, all=1), _("Saved."))


@pages.post("/studio/<uuid:id_>/restore/<path:path>")
def restore(id_: UUID, path: str) -> Response:
    """Let a file stand again as it was before the draft."""
    return _done(id_, _("The file is again as it was."), lambda p, a, d: drafting.restore(p, a, d, path))


@pages.post("/studio/<uuid:id_>/remove/<path:path>")
def remove(id_: UUID, path: str) -> Response:
    """Take a file out of the draft."""
    opened = drafting.opened(place(), actor(), id_.hex)
    file = opened.touched.get(path)
    if opened.text(path) is None:
        raise NotFound
    was = file.version if file else 0
    return _done(id_, _("The file is taken out."), lambda p, a, d: drafting.save(p, a, d, path, None, was))


@pages.get("/studio/<uuid:id_>/check/<path:path>")
def check(id_: UUID, path: str) -> Response:
    """Say what the draft is and does, for the editor: problems with their places, and the panel."""
    line = version_of(request.args.get("cursor")) or 1
    try:
        found = bench.analysis(place(), actor(), id_.hex, LIVE, path=path, line=line, patience=1.0)
    except RefusedError as error:
        if error.code == "analysing":
            return make_response(jsonify(retry=1500), 202)
        return jsonify(problems=[], panel=render_template("studio/late.html", message=refusal(error)))
    problems = [{**item, "text": spoken(item["text"][tongue()])} for item in found["problems"]]
    panel = render_template("studio/panel.html", found=found, id_=id_, path=path)
    return jsonify(problems=problems, panel=panel)


@pages.get("/studio/<uuid:id_>/words")
def words(id_: UUID) -> Response:
    """Give the words of the draft's text, for completion and help."""
    opened = drafting.opened(place(), actor(), id_.hex)
    name = opened.draft.base or place().library.default
    law, _version = texts.opened(place(), actor(), name)
    return jsonify(completing.words(law.pack))


# Reading and deciding


def changes_page(id_: UUID, status: int = 200, *, decide: DecideForm | None = None) -> Response:
    """Render what a draft changes, with what was wrong."""
    opened = drafting.opened(place(), actor(), id_.hex)
    draft = opened.draft
    message, found = None, None
    try:
        found = bench.analysis(place(), actor(), id_.hex, LIVE)
    except RefusedError as error:
        message = refusal(error)
    return make_response(
        render_template(
            "studio/changes.html",
            opened=opened,
            draft=draft,
            mine=draft.person_id == actor().person_id,
            files=shaping.differences(opened),
            found=found,
            message=message,
            id_=id_,
            remark=RemarkForm(formdata=None),
            decide=decide or DecideForm(formdata=None),
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
    if not form.validate():
        return back(url_for("studio.changes", id_=id_), _("A remark needs some words."))
    drafting.remark(place(), actor(), id_.hex, path, line, form.text.data or "")
    return back(url_for("studio.changes", id_=id_), _("Remark kept."))


@pages.post("/studio/<uuid:id_>/remarks/<uuid:remark_id>/settle")
def settle(id_: UUID, remark_id: UUID) -> Response:
    """Mark a remark as done with."""
    drafting.settle(place(), actor(), id_.hex, remark_id.hex)
    return back(url_for("studio.changes", id_=id_), _("Marked as settled."))


@pages.post("/studio/<uuid:id_>/decide")
def decide(id_: UUID) -> Response:
    """Approve and publish, or send back with an opinion."""
    form = DecideForm()
    if form.validate():
        try:
            if request.form.get("decision") == "publish":
                version = publishing.publish(place(), actor(), id_.hex)
                message = _(
                    "Published: version %(number)s counts from %(day)s.", number=version.number, day=day(version.effect)
                )
                return back(url_for("studio.version", id_=UUID(version.id)), message)
            publishing.send_back(place(), actor(), id_.hex, form.opinion.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("studio.desk"), _("Returned to its author."))
    return changes_page(id_, 422, decide=form)


@pages.get("/studio/<uuid:id_>/proofs")
def proofs(id_: UUID) -> str:
    """Prove what must hold in every situation; it takes some seconds."""
    opened = drafting.opened(place(), actor(), id_.hex)
    message, found = None, None
    try:
        found = bench.analysis(place(), actor(), id_.hex, frozenset(("problems", "proofs")))
    except RefusedError as error:
        message = refusal(error)
    return render_template("studio/proofs.html", draft=opened.draft, found=found, message=message, id_=id_)


@pages.get("/studio/<uuid:id_>/impact.<form>")
def impact(id_: UUID, form: str) -> Response:
    """Hand out every use case that a draft would change."""
    if form not in ("csv", "xlsx"):
        raise NotFound
    try:
        content = bench.impact_file(place(), actor(), id_.hex, form)
    except RefusedError as error:
        return back(url_for("studio.changes", id_=id_), refusal(error))
    return attachment(content, _CSV if form == "csv" else _XLSX, f"impact.{form}")


# Versions


@pages.get("/studio/versions/<uuid:id_>")
def version(id_: UUID) -> str:
    """Show one published version."""
    found = next((item for item in texts.versions(place(), actor()) if item.id == id_.hex), None)
    if found is None:
        raise NotFound
    law, _version = texts.opened(place(), actor(), found.name)
    _drafts, names = drafting.listed(place(), actor())
    return render_template("studio/version.html", version=found, law=law, names=names)


@pages.post("/studio/versions/<uuid:id_>/bring-back")
def bring_back(id_: UUID) -> Response:
    """Begin a draft that brings an earlier version back."""
    draft_id = publishing.begin_back(place(), actor(), id_.hex)
    message = _("A draft brings this version back: hand it in, and a colleague publishes it.")
    return back(url_for("studio.draft", id_=UUID(draft_id)), message)

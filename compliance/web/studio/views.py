"""Drafts of rules: begun, typed in, handed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Blueprint, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from compliance.law import completing, sources
from compliance.operations import bench, drafting, publishing, texts
from compliance.operations.workplace import Actor, RefusedError, Workplace
from compliance.storage.rows import ConflictError
from compliance.storage.studio import Draft, Version
from compliance.web.forms import clean, listed
from compliance.web.here import actor, back, place, tongue, version_of
from compliance.web.results.forms import text_choices
from compliance.web.studio import pages as shaping
from compliance.web.studio.forms import BeginForm, FileForm, HandInForm, TitleForm
from compliance.web.templating import spoken
from compliance.web.words import refusal

pages = Blueprint("studio", __name__)
LIVE = frozenset(("problems", "scenarios", "meaning", "impact"))


def begin_choices() -> list[tuple[str, str]]:
    """Return the texts that a draft may begin from: each as it stands today."""
    standing = texts.standing(place(), actor())
    return [(name, label) for name, label in text_choices(place(), actor()) if name in standing]


def in_effect() -> set[str]:
    """Return the ids of the versions that count today."""
    return {version.id for _law, version in texts.laws(place(), actor()) if version}


def version_of_draft(draft: Draft) -> Version | None:
    """Return the version that came of a draft."""
    if draft.state != "published":
        return None
    return next((item for item in texts.versions(place(), actor(), draft.pack) if item.draft_id == draft.id), None)


def desk_page(status: int = 200, **given: object) -> Response:
    """Render the desk of the studio, with what was wrong."""
    drafts, names = drafting.listed(place(), actor())
    begin = given.pop("begin", None) or BeginForm(formdata=None)
    assert isinstance(begin, BeginForm)
    begin.name.choices = listed(begin_choices())
    return make_response(
        render_template(
            "studio/desk.html",
            drafts=drafts,
            names=names,
            touching=drafting.touching(place(), actor(), drafts),
            versions=shaping.by_pack(texts.versions(place(), actor())),
            now=in_effect(),
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
    id_: UUID,
    status: int = 200,
    *,
    hand_in: HandInForm | None = None,
    file: FileForm | None = None,
    title: TitleForm | None = None,
) -> Response:
    """Render one draft, with what was wrong."""
    opened = drafting.opened(place(), actor(), id_.hex)
    draft, touched = opened.draft, shaping.touched(opened)
    if hand_in is None:
        effect = max(draft.effect or place().today(), place().today())
        hand_in = HandInForm(formdata=None, data={"note_fr": draft.note_fr, "note_en": draft.note_en, "effect": effect})
    return make_response(
        render_template(
            "studio/draft.html",
            opened=opened,
            draft=draft,
            mine=draft.person_id == actor().person_id,
            touched=touched,
            files=[path for path in dict.fromkeys(opened.own) if opened.text(path) is not None or path in touched],
            anchor=shaping.anchor,
            hand_in=hand_in,
            file=file or FileForm(formdata=None),
            title=title or TitleForm(formdata=None, data={"title": draft.title}),
            published=version_of_draft(draft),
        ),
        status,
    )


@pages.get("/studio/<uuid:id_>")
def draft(id_: UUID) -> Response:
    """Show one draft: its files, where it stands."""
    return draft_page(id_)


@pages.post("/studio/<uuid:id_>/title")
def rename(id_: UUID) -> Response:
    """Say anew what a draft is about."""
    form = TitleForm()
    if form.validate():
        try:
            drafting.rename(place(), actor(), id_.hex, form.title.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("studio.draft", id_=id_), _("Saved."))
    return draft_page(id_, 422, title=form)


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


def _done(
    id_: UUID, message: str, change: Callable[[Workplace, Actor, str], object], then: str | None = None
) -> Response:
    """Do a change that needs no words; say what came of it on the draft's page, or ``then`` on another."""
    page = url_for("studio.draft", id_=id_)
    try:
        change(place(), actor(), id_.hex)
    except RefusedError as error:
        return back(page, refusal(error))
    return back(then or page, message)


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
    return _done(id_, _("The draft was let go."), drafting.drop, url_for("studio.desk"))


# Files


@pages.post("/studio/<uuid:id_>/files")
def add_file(id_: UUID) -> Response:
    """Add a file to a draft."""
    form = FileForm()
    path = form.path.data or ""
    header = f"# yaml-language-server: $schema={'../' * path.count('/')}../schema/pack.schema.json\n"
    if not form.validate():
        pass
    elif drafting.opened(place(), actor(), id_.hex).text(path) is not None:
        form.refuse(RefusedError("name_taken", "path"))
    else:
        try:
            drafting.save(place(), actor(), id_.hex, path, header, 0)
        except RefusedError as error:
            form.refuse(error)
        except ConflictError:  # it was taken out of the draft, and can be put back
            form.refuse(RefusedError("name_taken", "path"))
        else:
            return back(url_for("studio.editor", id_=id_, path=path))
    return draft_page(id_, 422, file=form)


def editor_page(
    id_: UUID,
    path: str,
    status: int = 200,
    *,
    typed: str | None = None,
    theirs: str | None = None,
    refused: str = "",
    whole: bool = False,
) -> Response:
    """Render the editor; with two texts where another window changed the file, with what was typed where it is refused.

    Without a script the ``whole`` analysis comes after each save; with one, the page comes at once and asks for it.
    """
    opened = drafting.opened(place(), actor(), id_.hex)
    text = opened.text(path)
    if text is None and path not in opened.touched and typed is None:
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
            refused=refused,
            own=set(opened.own),
            version=file.version if file else 0,
            mine=mine,
            touched=shaping.touched(opened),
            found=found,
        ),
        status,
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
        clean(typed)  # control characters have no place in a file; layout is kept as typed
        version = drafting.save(place(), actor(), id_.hex, path, typed, version_of(request.form.get("version")))
    except ConflictError:
        opened = drafting.opened(place(), actor(), id_.hex)
        theirs, file = opened.text(path) or "", opened.touched.get(path)
        if scripted:
            message = _("This file was changed in another window in the meantime.")
            kept = {"version": file.version if file else 0, "text": theirs, "message": message}
            return make_response(jsonify(kept), 409)
        return editor_page(id_, path, 409, typed=typed, theirs=theirs)
    except (RefusedError, ValueError) as error:
        message = refusal(error) if isinstance(error, RefusedError) else str(error)
        if scripted:
            return make_response(jsonify(message=message), 422)
        return editor_page(id_, path, 422, typed=typed, refused=message)
    if scripted:
        return jsonify(version=version)
    return back(url_for("studio.editor", id_=id_, path=path, all=1), _("Saved."))


@pages.post("/studio/<uuid:id_>/restore/<path:path>")
def restore(id_: UUID, path: str) -> Response:
    """Let a file stand again as it was before the draft."""
    if path not in drafting.opened(place(), actor(), id_.hex).touched:
        raise NotFound
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
    panel = render_template("studio/panel.html", found=found, id_=id_, path=path, own=set(found["files"]))
    return jsonify(problems=problems, panel=panel)


@pages.get("/studio/<uuid:id_>/words")
def words(id_: UUID) -> Response:
    """Give the words of the draft's text, for completion and help."""
    opened = drafting.opened(place(), actor(), id_.hex)
    under = opened.draft.base or sources.unpacked(opened.base_content)[0]
    law, _version = texts.opened(place(), actor(), opened.draft.base or texts.today(place(), actor(), under))
    return jsonify(completing.words(law.pack))

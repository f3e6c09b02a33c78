"""Published versions: one in full, brought back, handed out as a file."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.law import sources
from compliance.operations import drafting, making, publishing, texts
from compliance.operations.rights import Right
from compliance.reports import pack_signing
from compliance.storage import studio
from compliance.web.here import actor, back, place
from compliance.web.reports.views import attachment
from compliance.web.studio import pages as shaping
from compliance.web.studio.views import in_effect, pages


@pages.get("/studio/versions/<uuid:id_>")
def version(id_: UUID) -> str:
    """Show one published version."""
    found = texts.version(place(), actor(), id_.hex)
    law, _newest = texts.opened(place(), actor(), found.name)
    _drafts, names = drafting.listed(place(), actor())
    return render_template(
        "studio/version.html",
        version=found,
        law=law,
        names=names,
        changed=shaping.changed_entries(found, law.pack),
        now=found.id in in_effect(),
    )


@pages.post("/studio/versions/<uuid:id_>/bring-back")
def bring_back(id_: UUID) -> Response:
    """Begin a draft that brings an earlier version back."""
    draft_id = publishing.begin_back(place(), actor(), id_.hex)
    message = _("A draft brings this version back: hand it in, and a colleague publishes it.")
    return back(url_for("studio.draft", id_=UUID(draft_id)), message)


@pages.get("/studio/versions/<uuid:id_>/pack.zip")
def pack_file(id_: UUID) -> Response:
    """Hand out a published version as a file, signed where it is a pack of the organisation's own."""
    actor().require(Right.EDIT_LAW)
    found = texts.version(place(), actor(), id_.hex)
    with place().database.reading() as connection:
        content = studio.content(connection, actor().org_id, found.id)
    shelf = sources.unpacked(content)[1]
    try:
        at = found.at.isoformat(timespec="seconds")
        content = pack_signing.hand_over(found.pack, shelf, making.identity(place()), actor().org_name, at)
    except KeyError:  # a text of the law: all files, as they are kept
        pass
    return attachment(content, "application/zip", f"{found.pack}-{found.number}.zip")

"""Versions of the law published for tests: the text of the instance with one condition written otherwise."""

from __future__ import annotations

from datetime import date

from compliance.law import sources
from compliance.law.loading import load
from compliance.operations.workplace import Workplace
from compliance.storage import studio
from compliance.storage.rows import new_id
from compliance.storage.studio import Version
from tests.offices import Office

TEXT = "ai-act-2026"
RECRUITING = ("{any_of: [recruitment, work_relationship_decisions,", "{any_of: [work_relationship_decisions,")
"""Recruitment is no longer named by point 4 of Annex III: such use cases are no longer high-risk."""


def publish(
    place: Workplace,
    office: Office,
    change: tuple[str, str] | None = RECRUITING,
    *,
    effect: date | None = None,
    pack: str = TEXT,
) -> Version:
    """Publish a version with one replacement (None: the text as it comes, with a comment more)."""
    files = dict(place.library.files(pack))
    old, new = change or ("amends:", "# unchanged\namends:")
    path = next(path for path, data in sorted(files.items()) if old.encode() in data and path.endswith(".yaml"))
    files[path] = files[path].replace(old.encode(), new.encode())
    content = sources.packed(pack, files)
    loaded = load(*sources.unpacked(content)).pack
    assert loaded
    editor = office.people["legal_editor"].person_id
    with place.database.writing() as connection:
        number = len(studio.versions(connection, office.org, pack)) + 1
        studio.add_version(
            connection,
            office.org,
            id=new_id(),
            pack=pack,
            number=number,
            hash=loaded.hash,
            content=content,
            title_fr=loaded.title.fr,
            title_en=loaded.title.en,
            note_fr="Le recrutement sort de l'annexe III.",
            note_en="Recruitment leaves Annex III.",
            effect=effect or place.today(),
            changed=[],
            author_id=editor,
            approver_id=office.people["officer"].person_id,
            draft_id=None,
            back_to=None,
            at=place.clock(),
        )
        return studio.versions(connection, office.org, pack)[0]

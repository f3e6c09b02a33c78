"""Drafts of rules: begun from a text, a template or a file; typed, shown to colleagues, taken back, let go."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from compliance.law import sources
from compliance.law.shelf import Files
from compliance.operations import texts
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Workplace, work
from compliance.storage import people, studio
from compliance.storage.rows import ConflictError, new_id
from compliance.storage.studio import Draft, DraftFile, Remark

FILE_MOST = 400_000  # signs
FILES_MOST = 200
OPEN = frozenset(("draft", "review"))  # the states in which something can still come of a remark
PATH = re.compile(r"([a-z0-9][a-z0-9_-]{0,60}/){0,3}[a-z0-9][a-z0-9_-]{0,60}\.yaml", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft with its files: as they were before it, and as they stand."""

    draft: Draft
    base_content: bytes  # the files that it began from, packed
    before: Files
    after: Files
    touched: Mapping[str, DraftFile]
    remarks: tuple[Remark, ...]
    names: Mapping[str, str]  # of people, by id

    @property
    def own(self) -> tuple[str, ...]:
        """The paths of the pack's own files, within the pack, as they stand; those taken out come last."""
        here = [path for path in self.after.files(self.draft.pack) if path.endswith(".yaml")]
        return (*here, *(path for path, file in self.touched.items() if file.text is None))

    @property
    def mark(self) -> str:
        """A mark of what a reader of the draft has before them: it is another once anything of it changes."""
        draft, files = self.draft, [(path, self.text(path)) for path in sorted(self.touched)]
        said = repr((draft.base_hash, draft.note_fr, draft.note_en, draft.effect, files))
        return hashlib.sha256(said.encode()).hexdigest()

    def text(self, path: str, *, before: bool = False) -> str | None:
        """Return what a file says, or None where there is none."""
        data = (self.before if before else self.after).content.get(f"{self.draft.pack}/{path}")
        return None if data is None else data.decode("utf-8", "replace")


def read(connection: Connection, org: str, id_: str) -> Opened:
    """Return a draft; the caller has seen to the right. Raises NotFoundError."""
    draft = studio.draft(connection, org, id_)
    if draft is None:
        raise NotFoundError
    base_content = studio.base_content(connection, org, id_)
    before = sources.unpacked(base_content)[1]
    touched = studio.files(connection, org, id_)
    after = dict(before.content)
    for path, file in touched.items():
        if file.text is None:
            after.pop(f"{draft.pack}/{path}", None)
        else:
            after[f"{draft.pack}/{path}"] = file.text.encode()
    names = {member.person_id: member.name for member in people.members(connection, org)}
    remarks = tuple(studio.remarks(connection, org, id_))
    return Opened(draft, base_content, before, Files(after), touched, remarks, names)


def listed(place: Workplace, actor: Actor) -> tuple[list[Draft], dict[str, str]]:
    """Return the drafts under way, the last changed first, and the names of people."""
    actor.require(Right.EDIT_LAW)
    with place.database.reading(actor.org_id) as connection:
        names = {member.person_id: member.name for member in people.members(connection, actor.org_id)}
        return studio.drafts(connection, actor.org_id), names


def touching(place: Workplace, actor: Actor, drafts: Iterable[Draft]) -> dict[str, list[str]]:
    """Return which files each draft changes, adds or takes out, by the draft's id."""
    actor.require(Right.EDIT_LAW)
    with place.database.reading(actor.org_id) as connection:
        return studio.touched(connection, actor.org_id, [draft.id for draft in drafts])


def opened(place: Workplace, actor: Actor, id_: str) -> Opened:
    """Return a draft. Raises NotFoundError."""
    actor.require(Right.EDIT_LAW)
    with place.database.reading(actor.org_id) as connection:
        return read(connection, actor.org_id, id_)


def begin(place: Workplace, actor: Actor, name: str, title: str) -> str:
    """Begin a draft from a text as it stands; return its id."""
    actor.require(Right.EDIT_LAW)
    law, _ = texts.opened(place, actor, name)
    content = sources.packed(law.pack.folder, place.library.files(name))
    return _begin(place, actor, pack=law.pack.folder, title=title, base=name, base_hash=law.pack.hash, content=content)


def begin_with(place: Workplace, actor: Actor, pack: str, title: str, files: Mapping[str, bytes], below: str) -> str:
    """Begin a draft of a pack of the organisation's own from files (paths within the pack); return its id.

    ``below`` is the text that it stands on. Where the organisation has the pack already, the draft replaces its files.
    """
    actor.require(Right.EDIT_LAW)
    if pack in place.library.names():
        raise RefusedError("pack_taken", "name")
    with place.database.reading(actor.org_id) as connection:
        known = texts.latest(connection, actor.org_id, pack, place.today())
    if known:
        id_ = begin(place, actor, known.name, title)
        old = opened(place, actor, id_).own
    else:
        law, _ = texts.opened(place, actor, below)
        content = sources.packed(law.pack.folder, place.library.files(below))
        id_, old = _begin(place, actor, pack=pack, title=title, base="", base_hash="", content=content), ()
    with place.database.writing() as connection:
        now, versions = place.clock(), studio.files(connection, actor.org_id, id_)
        for path in sorted({*old, *files}):
            text = files[path].decode() if path in files else None
            was = versions[path].version if path in versions else 0
            studio.put_file(connection, actor.org_id, id_, path, text, now, was)
    return id_


def _begin(place: Workplace, actor: Actor, *, pack: str, title: str, base: str, base_hash: str, content: bytes) -> str:
    id_ = new_id()
    with work(place, actor) as unit:
        studio.add_draft(
            unit.connection,
            unit.org,
            id=id_,
            pack=pack,
            title=title,
            base=base,
            base_hash=base_hash,
            base_content=content,
            state="draft",
            person_id=actor.person_id,
            at=unit.now,
            changed_at=unit.now,
            version=1,
        )
        unit.log("law.draft_begun", id_, pack=pack)
    return id_


def own_draft(connection: Connection, actor: Actor, id_: str) -> Draft:
    """Return a draft that the actor may type in: their own, not handed in."""
    draft = studio.draft(connection, actor.org_id, id_)
    if draft is None:
        raise NotFoundError
    if draft.person_id != actor.person_id:
        raise RefusedError("not_your_draft")
    if draft.state != "draft":
        raise RefusedError("draft_handed_in")
    return draft


def save(place: Workplace, actor: Actor, id_: str, path: str, text: str | None, was: int) -> int:
    """Keep a file as typed over version ``was`` of it (0: not touched yet); return its new version. None takes it out.

    Typing leaves no line on the log: what counts is handed in, and that does. Raises ConflictError when another
    window changed the file in the meantime.
    """
    actor.require(Right.EDIT_LAW)
    if text is not None and len(text) > FILE_MOST:
        raise RefusedError("file_too_large", "text", mb=0.4)
    with place.database.writing() as connection:
        draft = own_draft(connection, actor, id_)
        known = studio.files(connection, actor.org_id, id_)
        if path not in known:
            there = (
                f"{draft.pack}/{path}"
                in sources.unpacked(studio.base_content(connection, actor.org_id, id_))[1].content
            )
            if not there and (not PATH.fullmatch(path) or len(known) >= FILES_MOST):
                raise RefusedError("file_name", "path")
            if was:
                raise ConflictError(path)
        elif known[path].version != was:
            raise ConflictError(path)
        kept = text.replace("\r\n", "\n") if text is not None else None
        version = studio.put_file(connection, actor.org_id, id_, path, kept, place.clock(), was)
        studio.change_draft(connection, actor.org_id, id_, None, changed_at=place.clock())
    return version


def rename(place: Workplace, actor: Actor, id_: str, title: str) -> None:
    """Say anew what a draft is about."""
    actor.require(Right.EDIT_LAW)
    with place.database.writing() as connection:
        own_draft(connection, actor, id_)
        studio.change_draft(connection, actor.org_id, id_, None, title=title, changed_at=place.clock())


def restore(place: Workplace, actor: Actor, id_: str, path: str) -> None:
    """Let a file stand again as it was before the draft."""
    actor.require(Right.EDIT_LAW)
    with place.database.writing() as connection:
        own_draft(connection, actor, id_)
        studio.forget_files(connection, actor.org_id, id_, [path])


def drop(place: Workplace, actor: Actor, id_: str) -> None:
    """Let a draft go; it stays in the store, out of sight."""
    actor.require(Right.EDIT_LAW)
    with work(place, actor) as unit:
        own_draft(unit.connection, actor, id_)
        studio.change_draft(unit.connection, unit.org, id_, None, state="dropped", changed_at=unit.now)
        unit.log("law.draft_dropped", id_)


def _open_to_remarks(draft: Draft | None) -> None:
    if draft is None:
        raise NotFoundError
    if draft.state not in OPEN:
        raise RefusedError("draft_closed")


def remark(place: Workplace, actor: Actor, id_: str, path: str, line: int, text: str) -> None:
    """Put a remark on a line of a draft that is neither published nor let go."""
    actor.require(Right.EDIT_LAW)
    if not text.strip():
        raise RefusedError("opinion_needed", "text")
    with work(place, actor) as unit:
        found = read(unit.connection, unit.org, id_)
        _open_to_remarks(found.draft)
        lines = (found.text(path) or "").splitlines()
        if not 1 <= line <= len(lines):
            raise NotFoundError
        studio.add_remark(
            unit.connection,
            unit.org,
            id=new_id(),
            draft_id=id_,
            path=path,
            line=line,
            quoted=lines[line - 1].strip()[:300],
            text=text,
            person_id=actor.person_id,
            at=unit.now,
            version=1,
        )
        unit.log("law.remark", id_, path=path, line=line)


def settle(place: Workplace, actor: Actor, id_: str, remark_id: str) -> None:
    """Mark a remark as done with, while its draft is neither published nor let go."""
    actor.require(Right.EDIT_LAW)
    with work(place, actor) as unit:
        _open_to_remarks(studio.draft(unit.connection, unit.org, id_))
        if remark_id not in {remark.id for remark in studio.remarks(unit.connection, unit.org, id_)}:
            raise NotFoundError
        studio.change_remark(unit.connection, unit.org, remark_id, done_at=unit.now)
        unit.log("law.remark_settled", id_)

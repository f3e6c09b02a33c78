"""Versions, drafts and remarks of the rule studio."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from compliance.storage import studio_tables as tables
from compliance.storage.rows import add, change, find, many, new_id, selecting


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of a pack, without its files."""

    id: str
    pack: str
    number: int
    hash: str
    title_fr: str
    title_en: str
    note_fr: str
    note_en: str
    effect: date
    changed: list[str]
    author_id: str
    approver_id: str
    draft_id: str | None
    back_to: int | None
    at: datetime

    @property
    def name(self) -> str:
        """How use cases name the text."""
        return name_of(self.pack, self.hash)


@dataclass(frozen=True, slots=True)
class Draft:
    """Changes to a pack on their way, without the files that they began from."""

    id: str
    pack: str
    title: str
    base: str
    base_hash: str
    state: str
    person_id: str
    note_fr: str
    note_en: str
    effect: date | None
    opinion: str
    decided_by: str | None
    at: datetime
    changed_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that a draft changes."""

    id: str
    path: str
    text: str | None
    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A word on a line."""

    id: str
    path: str
    line: int
    quoted: str
    text: str
    person_id: str
    at: datetime
    done_at: datetime | None
    version: int


def name_of(pack: str, hash_: str) -> str:
    """Return how use cases name a published text: its pack and the beginning of its hash."""
    return f"{pack}@{hash_[:12]}"


def versions(connection: Connection, org: str, pack: str | None = None) -> list[Version]:
    """Return the published versions, of one pack or of all, the newest first."""
    where = {"org_id": org} | ({"pack": pack} if pack else {})
    t = tables.pack_version
    return many(connection, Version, selecting(t, Version, **where).order_by(t.c.at.desc(), t.c.number.desc()))


def version(connection: Connection, org: str, id_: str) -> Version | None:
    """Return a version."""
    return find(connection, tables.pack_version, Version, org_id=org, id=id_)


def published(connection: Connection, org: str, name: str) -> Version | None:
    """Return the newest version that is so named."""
    pack, _, beginning = name.partition("@")
    found = versions(connection, org, pack) if beginning else []
    return next((item for item in found if item.name == name), None)


def content(connection: Connection, org: str, id_: str) -> bytes:
    """Return the files of a version, packed."""
    t = tables.pack_version
    statement = select(t.c.content).where(t.c.org_id == org, t.c.id == id_)
    return bytes(connection.execute(statement).scalar_one())


def packed(connection: Connection, name: str) -> bytes | None:
    """Return the files of a text by its name, whoever published it: the name holds the hash of what it is."""
    pack, _, beginning = name.partition("@")
    t = tables.pack_version
    if not beginning.isalnum():
        return None
    statement = select(t.c.content).where(t.c.pack == pack, t.c.hash.like(f"{beginning}%")).limit(1)
    found = connection.execute(statement).scalar()
    return None if found is None else bytes(found)


def add_version(connection: Connection, org: str, **values: Any) -> None:
    """Keep a version."""
    add(connection, tables.pack_version, org_id=org, **values)


def drafts(connection: Connection, org: str, states: Collection[str] = ("draft", "review")) -> list[Draft]:
    """Return the drafts in some states, the last changed first."""
    t = tables.pack_draft
    return many(
        connection,
        Draft,
        selecting(t, Draft, org_id=org).where(t.c.state.in_(states)).order_by(t.c.changed_at.desc(), t.c.id),
    )


def draft(connection: Connection, org: str, id_: str) -> Draft | None:
    """Return a draft."""
    return find(connection, tables.pack_draft, Draft, org_id=org, id=id_)


def base_content(connection: Connection, org: str, id_: str) -> bytes:
    """Return the files that a draft began from, packed."""
    t = tables.pack_draft
    return bytes(
        connection.execute(select(t.c.base_content).where(t.c.org_id == org, t.c.id == id_)).scalar_one(),
    )


def add_draft(connection: Connection, org: str, **values: Any) -> None:
    """Begin a draft."""
    add(connection, tables.pack_draft, org_id=org, **values)


def change_draft(connection: Connection, org: str, id_: str, version: int | None, **values: Any) -> None:
    """Change a draft. Raises ConflictError when it is not as it was read."""
    change(connection, tables.pack_draft, {"org_id": org, "id": id_}, version, **values)


def files(connection: Connection, org: str, draft_id: str) -> dict[str, DraftFile]:
    """Return the files that a draft changes, by path."""
    statement = selecting(tables.pack_draft_file, DraftFile, org_id=org, draft_id=draft_id)
    return {file.path: file for file in many(connection, DraftFile, statement)}


def touched(connection: Connection, org: str, draft_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the paths of the files that some drafts change, by draft."""
    t = tables.pack_draft_file
    statement = select(t.c.draft_id, t.c.path).where(t.c.org_id == org, t.c.draft_id.in_(draft_ids)).order_by(t.c.path)
    found: dict[str, list[str]] = {}
    for draft_id, path in connection.execute(statement):
        found.setdefault(draft_id, []).append(path)
    return found


def put_file(
    connection: Connection, org: str, draft_id: str, path: str, text: str | None, at: datetime, was: int
) -> int:
    """Keep a file as typed over version ``was`` (0: not touched yet); return its new version.

    Raises ConflictError when it is not as it was read.
    """
    t, key = tables.pack_draft_file, {"org_id": org, "draft_id": draft_id, "path": path}
    if was:
        change(connection, t, key, was, text=text, at=at)
        return was + 1
    add(connection, t, **key, id=new_id(), text=text, at=at, version=1)
    return 1


def forget_files(connection: Connection, org: str, draft_id: str, paths: Collection[str]) -> None:
    """Let files of a draft stand again as they were before it."""
    t = tables.pack_draft_file
    connection.execute(t.delete().where(t.c.org_id == org, t.c.draft_id == draft_id, t.c.path.in_(paths)))


def remarks(connection: Connection, org: str, draft_id: str) -> list[Remark]:
    """Return the remarks on a draft, in order of file and line."""
    t = tables.pack_remark
    statement = selecting(t, Remark, org_id=org, draft_id=draft_id).order_by(t.c.path, t.c.line, t.c.at)
    return many(connection, Remark, statement)


def add_remark(connection: Connection, org: str, **values: Any) -> None:
    """Keep a remark."""
    add(connection, tables.pack_remark, org_id=org, **values)


def change_remark(connection: Connection, org: str, id_: str, **values: Any) -> None:
    """Change a remark."""
    change(connection, tables.pack_remark, {"org_id": org, "id": id_}, None, **values)

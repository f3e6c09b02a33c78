"""Evidence: a file or a link that supports an answer or an action. Files are kept as they came, never shown inline."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from urllib.parse import urlsplit

from compliance.operations import dossiers
from compliance.operations.answers import may_answer
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotAllowedError, NotFoundError, RefusedError, Unit, Workplace, work
from compliance.storage import actions
from compliance.storage import evidence as store
from compliance.storage.evidence import Evidence
from compliance.storage.rows import new_id

FILE_MOST = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """Evidence as it comes in: a link, or a file's bytes."""

    title: str
    url: str | None = None
    content: bytes | None = None


def _ooxml(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    office = "application/vnd.openxmlformats-officedocument."
    if "xl/workbook.xml" in names:
        return office + "spreadsheetml.sheet"
    return office + "wordprocessingml.document" if "word/document.xml" in names else None


def media_type(content: bytes) -> str | None:
    """Return a file's type by its content, or None where it is not one that is taken."""
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _ooxml(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "text/plain" if "\0" not in text else None


_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


def file_name(id_: str, kind: str) -> str:
    """Return the name under which a file of a type is handed out: made here, never its sender's."""
    return f"pyramide-{id_[:12]}{_SUFFIXES[kind]}"


def of_fact(place: Workplace, actor: Actor, case_id: str, fact: str) -> list[Evidence]:
    """Return the evidence for one answer."""
    return of_case(place, actor, case_id, fact=fact)


def of_case(place: Workplace, actor: Actor, case_id: str, **where: str) -> list[Evidence]:
    """Return the evidence of a use case, or what there is of it for one answer or action."""
    actor.require(Right.READ_CASE, Right.ANSWER)
    with place.database.reading(actor.org_id) as connection:
        dossiers.find(connection, actor, case_id)
        return store.pieces(connection, actor.org_id, case_id, **where)


def add(
    place: Workplace,
    actor: Actor,
    case_id: str,
    piece: Piece,
    *,
    fact: str | None = None,
    action_id: str | None = None,
    supply: str | None = None,
) -> None:
    """Add evidence for an answer or an action, or what a supplier had to give.

    Raises RefusedError with the field that is wrong.
    """
    if supply is not None:
        actor.require(Right.EDIT)
    if fact is not None and not may_answer(place, actor, case_id, fact):
        raise NotAllowedError(Right.EDIT)
    values = checked(piece)
    with work(place, actor) as unit:
        dossier = dossiers.load(unit.connection, place, actor.org_id, case_id)
        if fact is not None and fact not in dossier.law.pack.facts:
            raise NotFoundError
        if supply is not None and supply not in dossier.law.pack.supplies:
            raise NotFoundError
        if action_id is not None:
            _check_action(unit, actor, case_id, action_id)
        id_ = new_id()
        store.add_piece(
            unit.connection,
            unit.org,
            id=id_,
            case_id=case_id,
            fact=fact,
            action_id=action_id,
            supply=supply,
            title=piece.title,
            removed=False,
            person_id=actor.person_id,
            at=unit.now,
            **values,
        )
        unit.log("evidence.added", case_id, evidence=id_, sha256=values.get("sha256"))


def _check_action(unit: Unit, actor: Actor, case_id: str, action_id: str) -> None:
    found = actions.action(unit.connection, unit.org, action_id)
    if found is None or found.case_id != case_id:
        raise NotFoundError
    if not actor.may(Right.EDIT) and found.owner_id != actor.person_id:
        raise NotAllowedError(Right.EDIT)


def checked(piece: Piece) -> dict[str, object]:
    """Return what is kept of a piece of evidence. Raises RefusedError with the field that is wrong."""
    if piece.content is None:
        parts = urlsplit(piece.url or "")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise RefusedError("url_wrong", "url")
        return {"url": piece.url}
    if not piece.content:
        raise RefusedError("file_empty", "file")
    if len(piece.content) > FILE_MOST:
        raise RefusedError("file_too_large", "file", mb=FILE_MOST // 1024**2)
    kind = media_type(piece.content)
    if kind is None:
        raise RefusedError("file_type", "file")
    return {
        "media_type": kind,
        "size": len(piece.content),
        "sha256": hashlib.sha256(piece.content).hexdigest(),
        "content": piece.content,
    }


def file(place: Workplace, actor: Actor, id_: str) -> tuple[bytes, str, str]:
    """Return a file's bytes, its type and a name made here."""
    with place.database.reading(actor.org_id) as connection:
        found = store.piece(connection, actor.org_id, id_)
        if found is None or found.removed or found.media_type is None:
            raise NotFoundError
        dossiers.open_dossier(connection, place, actor, found.case_id, Right.READ_CASE)
        name = file_name(found.id, found.media_type)
        return store.content(connection, actor.org_id, id_), found.media_type, name


def remove(place: Workplace, actor: Actor, id_: str) -> Evidence:
    """Take a piece of evidence off the pages; the store and the log keep it."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        found = store.piece(unit.connection, unit.org, id_)
        if found is None or found.removed:
            raise NotFoundError
        store.remove_piece(unit.connection, unit.org, id_)
        unit.log("evidence.removed", found.case_id, evidence=id_)
    return found

"""Texts of the law kept by their hash, so that whatever was frozen can be computed again."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from compliance.law import sources
from compliance.law.compiling import Program, compile_pack
from compliance.operations.library import Law
from compliance.operations.workplace import RefusedError, Workplace
from compliance.storage import law_texts


def keep(connection: Connection, place: Workplace, law: Law, now: datetime) -> None:
    """Keep a text that something is frozen under, unless it is kept already.

    Raises RefusedError where its files are not those any more that it was loaded from.
    """
    pack = law.pack
    if not law_texts.has(connection, pack.hash):
        content = _packed(place.library.rules, pack.folder, pack.hash)
        law_texts.keep(connection, hash=pack.hash, folder=pack.folder, version=pack.version, content=content, at=now)


@lru_cache(maxsize=4)
def _packed(rules: Path, folder: str, hash_: str) -> bytes:
    try:
        content = sources.pack_file(folder, rules)
        same = sources.open_packed(content).hash == hash_
    except (KeyError, OSError, sources.PackFileError):
        same = False
    if not same:
        raise RefusedError("law_changed")
    return content


def by_hash(place: Workplace, connection: Connection, hash_: str) -> Law | None:
    """Return the text with a hash: of those at hand, or of those kept; None where it never was here."""
    if found := place.library.with_hash(hash_):
        return found
    packed = law_texts.packed(connection, hash_)
    if packed is None:
        return None
    pack = sources.open_packed(packed)
    assert pack.hash == hash_, "kept under its own hash"
    law = Law(pack, compile_pack(pack), pack.folder)
    place.library.remember(law)
    return law


def programs(place: Workplace, connection: Connection, hashes: set[str]) -> dict[str, Program]:
    """Return the programs of texts by their hash, as far as they are here."""
    found = {hash_: by_hash(place, connection, hash_) for hash_ in hashes}
    return {hash_: law.program for hash_, law in found.items() if law}

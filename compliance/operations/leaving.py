"""An organisation that leaves: all its data handed over, then erased; its log stays provable by its leaves."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

import compliance
from compliance.evidence.canonical import canonical
from compliance.evidence.log_file import Head, SealedHead, write_log
from compliance.operations import kept_file, making
from compliance.operations.kept_file import KeepingError
from compliance.operations.workplace import Workplace
from compliance.reports import verifying
from compliance.storage import audit, organisation_data, organisations
from compliance.storage.database import why
from compliance.storage.organisations import Organisation

EXPORT_FORMAT, ERASED_FORMAT = "pyramide-organisation/1", "pyramide-erased/1"


@dataclass(frozen=True, slots=True)
class Left:
    """What an export or an erasure wrote: the file, whose, how long the log is."""

    path: Path
    organisation: Organisation
    size: int


def _found(place: Workplace, named: str) -> Organisation:
    with place.database.reading() as connection:
        there = organisations.organisations(connection)
    found = [one for one in there if named in (one.id, one.name)]
    if len(found) != 1:
        raise KeepingError("organisation_unknown" if not found else "organisation_twice", name=named)
    return found[0]


def _sealed(place: Workplace, org: Organisation, head: tuple[int, str]) -> SealedHead:
    at = place.clock().isoformat(timespec="seconds")
    try:
        return verifying.seal(Head(org.id, org.name, *head, at), making.identity(place))
    except making.KEY_ERRORS:
        raise KeepingError("signing_key") from None


def export(place: Workplace, named: str, target: Path) -> Left:
    """Write all that is of an organisation into a ZIP that anybody can read. Raises KeepingError."""
    org = _found(place, named)
    if target.exists():
        raise KeepingError("exists", path=target)
    with place.database.reading() as connection:
        head = audit.head(connection, org.id)
        sealed = _sealed(place, org, head)

        def members() -> Iterator[tuple[str, bytes]]:
            for name, rows in organisation_data.rows(connection, org.id):
                yield f"tables/{name}.json", json.dumps(rows, default=_plain, ensure_ascii=False, indent=1).encode()
            for name, content in organisation_data.files(connection, org.id):
                yield f"files/{name}", content
            yield "log.json", b"".join(write_log(sealed, audit.lines(connection, org.id)))

        def fill(file: IO[bytes]) -> None:
            hashes = {}
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in members():
                    archive.writestr(name, content)
                    hashes[name] = hashlib.sha256(content).hexdigest()
                said: dict[str, Any] = {
                    "format": EXPORT_FORMAT,
                    "product": compliance.__version__,
                    "at": sealed.head.at,
                }
                said |= {"org": org.id, "organisation": org.name, "files": hashes}
                archive.writestr("manifest.json", json.dumps(said, ensure_ascii=False, indent=1))

        kept_file.write_whole(target, fill)
    return Left(target, org, head[0])


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def erase(place: Workplace, named: str, confirmed: str, target: Path) -> Left:
    """Erase an organisation with everything in it, once the leaves of its log are in a file. Raises KeepingError.

    The file holds the signed head and the hash of each entry, nothing of what they say: by it, a report or a log that
    somebody kept is still shown to be of this log.
    """
    org = _found(place, named)
    if confirmed != org.name:
        raise KeepingError("not_confirmed", name=org.name)
    if target.exists():
        raise KeepingError("exists", path=target)
    try:
        with place.database.writing() as connection:
            head = _leaves_kept(place, connection, org, target)
            organisation_data.erase(connection, org.id)
    except DatabaseError as error:  # nothing was erased
        target.unlink(missing_ok=True)
        raise KeepingError("store_unreadable", why=why(error)) from None
    place.database.tidy()
    return Left(target, org, head[0])


def _leaves_kept(place: Workplace, connection: Connection, org: Organisation, target: Path) -> tuple[int, str]:
    head = audit.head(connection, org.id)
    sealed = _sealed(place, org, head)
    seal = sealed.seal
    said = {
        "format": ERASED_FORMAT,
        "org": org.id,
        "organisation": org.name,
        "size": head[0],
        "root": head[1],
        "at": sealed.head.at,
        "seal": {"signature": seal.signature, "certificate": seal.certificate} if seal else None,
        "leaves": [leaf.hex() for leaf in audit.leaves(connection, org.id)],
    }

    def fill(file: IO[bytes]) -> None:
        file.write(canonical(said) + b"\n")

    kept_file.write_whole(target, fill)
    return head

"""A backup as one file: a ZIP with a manifest and what the instance held, sealed where there is a key.

What is read is taken for hostile: names are looked up among those known and never used as paths, sizes are bounded by
the manifest and by the room on the disk, and what a sealed file holds is not looked at before its end was seen.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from compliance.operations import rooms, sealed_file
from compliance.operations.sealed_file import SealedWriter, SealError
from compliance.storage.soundness import Head

FORMAT = "pyramide-backup/1"
STORE_SQLITE, STORE_POSTGRESQL = "store.sqlite", "store.pgdump"
SECRET_KEY, SIGNING_KEY = "secret-key", "signing-key.pem"
SECRETS = (SECRET_KEY, SIGNING_KEY)
_MANIFEST = "manifest.json"
_KNOWN = {STORE_SQLITE, STORE_POSTGRESQL, *SECRETS}
_MANIFEST_MOST, _SECRET_MOST = 50_000_000, 1_000_000
_PIECE = 1 << 20
_SPARE = 10_000_000  # bytes to be left on the disk
_LEVEL = 3  # of compression: most of the time goes into files that are packed already
_SHOWN = 80
_HASH = re.compile(r"[0-9a-f]{64}")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # those that unpack within a bound
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, KeyError, TypeError)


class KeepingError(Exception):
    """A backup cannot be made, read or put back; ``code`` says why."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str  # UTC, ISO 8601
    product: str
    schema: str
    sound: bool  # what was checked of the store was in order
    members: tuple[Member, ...]
    left_out: tuple[str, ...]  # secrets, where the file is not sealed
    heads: tuple[Head, ...]


def wrong_system(error: OSError, path: object, otherwise: str) -> KeepingError:
    """Return what the system refused, in our words where people meet it often."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return KeepingError("disk_full", path=path)
    return KeepingError(otherwise, path=path, why=error.strerror or error)


def member(name: str, path: Path) -> Member:
    """Return how a manifest names a file."""
    with path.open("rb") as file:
        return Member(name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def write(target: Path, manifest: Manifest, files: Mapping[str, Path], key: bytes | None) -> None:
    """Write a backup. Raises KeepingError."""
    write_whole(target, lambda file: _write(file, manifest, files, key))


def write_whole(target: Path, fill: Callable[[IO[bytes]], None]) -> None:
    """Write a file under a name of its own, then give it its name: it is there whole, or not. Raises KeepingError."""
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # readable by its owner alone
        try:
            with os.fdopen(handle, "wb") as file:
                rooms.hold(file.fileno())  # whoever finds it unlocked knows that its writer was killed
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(beside).unlink()
            raise
        sync_folder(target.parent)
    except OSError as error:
        raise wrong_system(error, target, "cannot_write") from None


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(file: IO[bytes], manifest: Manifest, files: Mapping[str, Path], key: bytes | None) -> None:
    out: Any = SealedWriter(file, key) if key else file
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        said = {"format": FORMAT, **asdict(manifest)}
        archive.writestr(_entry(_MANIFEST), json.dumps(said, ensure_ascii=False, indent=1))
        for name, path in files.items():
            with path.open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as inside:
                shutil.copyfileobj(source, inside, _PIECE)
    if key:
        out.close()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o100600 << 16
    return entry


def read(path: Path, key: bytes | None, folder: Path) -> tuple[Manifest, dict[str, Path]]:
    """Unpack a backup into a folder of ours; return its manifest and its files by name. Raises KeepingError.

    Every file has the size and the hash of the manifest, and no other file is there.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(sealed_file.HEADER)
            file.seek(0)
            if not sealed_file.is_sealed(beginning):
                return _unpack(path, file, folder)
            if key is None:
                raise KeepingError("key_missing", path=path)
            opened = folder / "opened.zip"
            _save(opened, sealed_file.unsealed(file, key), path.stat().st_size)
        with opened.open("rb") as file:
            found = _unpack(path, file, folder)
        opened.unlink()
    except SealError as error:
        raise KeepingError(error.code, path=path) from None
    except OSError as error:
        raise wrong_system(error, path, "cannot_read") from None
    return found


def _save(path: Path, pieces: Iterator[bytes], most: int) -> tuple[int, str]:
    """Write pieces into a new file, no more bytes than ``most``; return how many there were, and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        path.chmod(0o600)
        for piece in pieces:
            size += len(piece)
            if size > most:
                break
            file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _unpack(path: Path, file: IO[bytes], folder: Path) -> tuple[Manifest, dict[str, Path]]:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            for name in entries:
                if name not in _KNOWN and name != _MANIFEST:
                    shown = name.encode("ascii", "backslashreplace").decode()[:_SHOWN]
                    raise KeepingError("stranger", path=path, name=shown)
            packed = all(entry.compress_type in _METHODS for entry in entries.values())
            if len(entries) != len(archive.infolist()) or not packed:
                raise KeepingError("not_backup", path=path)
            manifest = _manifest(_small(archive, entries[_MANIFEST]))
            if {one.name for one in manifest.members} != entries.keys() - {_MANIFEST}:
                raise KeepingError("not_backup", path=path)
            if sum(one.size for one in manifest.members) > shutil.disk_usage(folder).free - _SPARE:
                raise KeepingError("disk_full", path=folder)
            return manifest, {one.name: _member(path, archive, one, folder) for one in manifest.members}
    except _BROKEN:
        raise KeepingError("not_backup", path=path) from None


def _small(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as inside:
        return inside.read(_MANIFEST_MOST)


def _member(path: Path, archive: zipfile.ZipFile, wanted: Member, folder: Path) -> Path:
    target = folder / wanted.name  # one of _KNOWN
    try:
        with archive.open(wanted.name) as inside:
            pieces = iter(_piecewise(inside.read), b"")
            found = _save(target, pieces, wanted.size)
    except _BROKEN:
        found = None
    if found != (wanted.size, wanted.sha256):
        raise KeepingError("member_differs", path=path, name=wanted.name)
    return target


def _piecewise(read_: Callable[[int], bytes]) -> Callable[[], bytes]:
    return lambda: read_(_PIECE)


def _manifest(content: bytes) -> Manifest:
    """Return the manifest as it was written. Raises ValueError, KeyError or TypeError."""
    said = json.loads(content)
    if said["format"] != FORMAT:
        raise KeepingError("newer_format", found=str(said["format"])[:_SHOWN])
    members = tuple(Member(**one) for one in said["members"])
    if not all(_right(one) for one in members) or len({one.name for one in members}) != len(members):
        raise ValueError
    if sum(one.name in (STORE_SQLITE, STORE_POSTGRESQL) for one in members) != 1:
        raise ValueError
    heads = tuple(Head(**one) for one in said["heads"])
    texts = [said["made_at"], said["product"], said["schema"], *said["left_out"]]
    texts += [text for one in heads for text in (one.org, one.organisation, one.root)]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError
    return Manifest(
        said["made_at"], said["product"], said["schema"], bool(said["sound"]), members, tuple(said["left_out"]), heads
    )


def _right(one: Member) -> bool:
    sized = type(one.size) is int and one.size >= 0
    small = one.name not in SECRETS or (sized and one.size <= _SECRET_MOST)
    return sized and small and one.name in _KNOWN and bool(_HASH.fullmatch(one.sha256))

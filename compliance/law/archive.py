"""ZIP archives from outside: what they hold, within bounds known before anything is unpacked."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compliance.law.problems import Problem, problem
from compliance.law.terms import Position

SIGNATURE = b"PK\x03\x04"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*){0,5}/?", re.ASCII)
_NAME_MOST = 200
_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")
_LEFT_BY_COMPUTERS = re.compile(r"__MACOSX/.*|(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini)", re.DOTALL)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # those that unpack within a bound
_ENCRYPTED = 0x1 | 0x40
_RATIO_MOST, _RATIO_FROM = 100, 1_000_000
_END, _FIXED, _ENTRY_MOST = 22, 46, 500  # bytes: end of a ZIP; entry of its directory without names, and with all
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP can hold
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an archive may hold: files, bytes of one, bytes of all."""

    files: int
    one: int
    all: int


def write(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return files as a ZIP: the same bytes for the same files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = method
            entry.create_system = 3  # the same on every system
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[name])
    return made.getvalue()


def read(content: bytes, bounds: Bounds) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the files of a ZIP by name, or what forbids unpacking it, each with the entry where it is.

    Nothing is unpacked before every entry was looked at, and no more than an entry states.
    """
    end = content[-_END:]
    if not content.startswith(SIGNATURE) or not end.startswith(b"PK\x05\x06"):
        return {}, [problem("archive_broken", at(""))]
    if int.from_bytes(end[12:16], "little") > bounds.files * _ENTRY_MOST:  # of the directory, read before any entry
        return {}, [problem("archive_many", at(""), limit=bounds.files)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            problems = [*_whole(archive, content), *_sizes(entries, bounds)] or list(_entries(entries))
            if problems:
                return {}, problems
            wanted = [e for e in entries if not e.is_dir() and not _LEFT_BY_COMPUTERS.fullmatch(e.filename)]
            found = {}
            for entry in wanted:
                with archive.open(entry) as stream:
                    found[entry.filename] = stream.read(bounds.one + 1)
            return found, []
    except _BROKEN:
        return {}, [problem("archive_broken", at(""))]


def at(name: str) -> Position:
    """Return the place of an entry, its name written so that it cannot be taken for anything else."""
    shown = name.encode("ascii", "backslashreplace").decode()[:_NAME_MOST]
    return Position("".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in shown) or "ZIP", 1, 1)


def _whole(archive: zipfile.ZipFile, content: bytes) -> Iterator[Problem]:
    """Refuse what stands before or beside the files: a second file within the file."""
    entries = archive.infolist()
    first = min((entry.header_offset for entry in entries), default=-1)
    if first != 0 or len(content) - archive.start_dir - sum(map(_directory, entries)) != _END:
        yield problem("archive_broken", at(""))


def _directory(entry: zipfile.ZipInfo) -> int:
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
    return _FIXED + len(name) + len(entry.extra) + len(entry.comment)


def _sizes(entries: list[zipfile.ZipInfo], bounds: Bounds) -> Iterator[Problem]:
    if len(entries) > bounds.files:
        yield problem("archive_many", at(""), limit=bounds.files)
    if sum(entry.file_size for entry in entries) > bounds.all:
        yield problem("archive_big", at(""), limit=_megabytes(bounds.all))
    for entry in entries[: bounds.files]:
        ratio = entry.file_size > _RATIO_FROM and entry.file_size > _RATIO_MOST * entry.compress_size
        if entry.file_size > bounds.one or ratio:
            yield problem("archive_big", at(entry.filename), limit=_megabytes(bounds.one))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g} MB"


def _entries(entries: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    names: set[str] = set()
    for entry in entries:
        code = _refusal(entry)
        name = entry.filename.rstrip("/").lower()
        if code is None and name in names:
            code = "archive_twice"
        names.add(name)
        if code:
            yield problem(code, at(entry.orig_filename))
    files = [e.filename.lower() for e in entries if not e.is_dir()]
    folders = {name[:index] for name in files for index, sign in enumerate(name) if sign == "/"}
    for name in files:
        if name in folders:
            yield problem("archive_twice", at(name))


def _refusal(entry: zipfile.ZipInfo) -> str | None:
    """Return why an entry is not to be unpacked, or None."""
    mode = stat.S_IFMT(entry.external_attr >> 16)
    name = entry.orig_filename
    checks = (
        (_OUTSIDE.search(name), "archive_outside"),
        (mode not in (0, stat.S_IFREG, stat.S_IFDIR) or (mode == stat.S_IFDIR) > entry.is_dir(), "archive_special"),
        (entry.flag_bits & _ENCRYPTED, "archive_encrypted"),
        (entry.compress_type not in _METHODS, "archive_method"),
        (entry.is_dir() and entry.file_size, "archive_special"),
        (len(name) > _NAME_MOST, "archive_name"),
        (not _NAME.fullmatch(name) and not _LEFT_BY_COMPUTERS.fullmatch(name), "archive_name"),
    )
    return next((code for found, code in checks if found), None)

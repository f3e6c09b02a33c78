"""A log outside the database: one line for its head, then one line an entry, in canonical JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.evidence import chain
from compliance.evidence.canonical import canonical

LOG_FORMAT, HEAD_FORMAT = "pyramide-log/1", "pyramide-head/1"
_FIELDS = ("seq", "at", "who", "what", "subject", "detail")
_HEX = 64
_DIGITS = re.compile(r"[0-9a-f]*")


class LogFileError(ValueError):
    """A file is no log or no head of ours; ``line`` is where that shows, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log had come: its organisation, number of entries, root in hexadecimal, and when (UTC, ISO 8601)."""

    org: str
    organisation: str
    size: int
    root: str
    at: str

    def spelled(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical({"format": HEAD_FORMAT, **self._fields()})

    def _fields(self) -> dict[str, Any]:
        return {
            "org": self.org,
            "organisation": self.organisation,
            "size": self.size,
            "root": self.root,
            "at": self.at,
        }


@dataclass(frozen=True, slots=True)
class Seal:
    """A signature over a head, in hexadecimal, with the certificate of its key in PEM."""

    signature: str
    certificate: str


@dataclass(frozen=True, slots=True)
class SealedHead:
    """A head with the signature that was put to it, if one was."""

    head: Head
    seal: Seal | None


@dataclass(frozen=True, slots=True)
class Log:
    """A log as read from a file; ``leaves`` are hashed anew from its entries."""

    sealed: SealedHead
    entries: tuple[Mapping[str, Any], ...]
    leaves: tuple[bytes, ...]

    @property
    def head(self) -> Head:
        """Return the head that the file states."""
        return self.sealed.head

    def broken_at(self) -> int | None:
        """Return the place, from 1, of the first entry that is not as it was written or not in its place, or None."""
        for place, (entry, found) in enumerate(zip(self.entries, self.leaves, strict=True), 1):
            if entry["seq"] != place or entry["leaf"] != found.hex():
                return place
        return None

    def differs_at(self, kept: Log) -> int | None:
        """Return the place, from 1, of the first entry that is not the one of a log kept earlier, or None.

        Where this log has fewer entries and all are those of the other, it is the place of the first that is gone.
        """
        for place, (found, before) in enumerate(zip(self.leaves, kept.leaves, strict=False), 1):
            if found != before:
                return place
        return len(self.leaves) + 1 if len(self.leaves) < len(kept.leaves) else None

    def root_at(self, size: int) -> str | None:
        """Return the root over the first ``size`` entries, in hexadecimal; None where there are not so many."""
        return chain.root(self.leaves[:size]).hex() if 0 <= size <= len(self.leaves) else None


def write_head(sealed: SealedHead) -> bytes:
    """Return a head as a file: what to keep outside, so that the log cannot be rebuilt unnoticed."""
    return _line(HEAD_FORMAT, sealed)


def write_log(sealed: SealedHead, entries: Iterable[tuple[Mapping[str, Any], bytes]]) -> Iterator[bytes]:
    """Yield a log as the lines of a file.

    Each of ``entries`` is an entry (``seq``, ``at``, ``who``, ``what``, ``subject``, ``detail``), without its
    organisation, and its leaf as stored when it was written.
    """
    yield _line(LOG_FORMAT, sealed)
    for entry, stored in entries:
        yield canonical({**{name: entry[name] for name in _FIELDS}, "leaf": stored.hex()}) + b"\n"


def _line(name: str, sealed: SealedHead) -> bytes:
    fields = json.loads(sealed.head.spelled())
    seal = sealed.seal
    signed = {"signature": seal.signature, "certificate": seal.certificate} if seal else None
    return canonical({**fields, "format": name, "seal": signed}) + b"\n"


def read_head(data: bytes) -> SealedHead:
    """Return the head in a file of a head or of a log. Raises LogFileError."""
    return _head(data.split(b"\n", 1)[0])


def read_kept(data: bytes) -> Log | SealedHead:
    """Return what a file of a log or of a head holds, kept outside to witness. Raises LogFileError."""
    return read_log(data) if _parsed(data.split(b"\n", 1)[0], 1).get("format") == LOG_FORMAT else read_head(data)


def read_log(data: bytes) -> Log:
    """Return the log in a file, its entries hashed anew. Raises LogFileError.

    Each line must be spelled as we spell it: of what is said twice, one would be hashed and the other read.
    """
    first, _, rest = data.partition(b"\n")
    sealed = _head(first)
    if _parsed(first, 1)["format"] != LOG_FORMAT:
        raise LogFileError(1)
    entries, leaves = [], []
    for number, line in enumerate(rest.splitlines(), 2):
        entry = _parsed(line, number)
        if set(entry) != {*_FIELDS, "leaf"}:
            raise LogFileError(number)
        entries.append(entry)
        try:
            leaves.append(chain.leaf({"org": sealed.head.org, **{name: entry[name] for name in _FIELDS}}))
        except (ValueError, RecursionError):
            raise LogFileError(number) from None
    return Log(sealed, tuple(entries), tuple(leaves))


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    broken: list[str] = []

    def with_point(spelled: str) -> float:
        broken.append(spelled)
        return float(spelled)

    try:
        found = json.loads(line, parse_float=with_point)
    except (ValueError, RecursionError):
        raise LogFileError(number) from None
    if not isinstance(found, dict) or not _spelled(found, line, plain=not broken):
        raise LogFileError(number)
    return found


def _spelled(found: dict[str, Any], line: bytes, *, plain: bool) -> bool:
    """Tell whether a line is the one spelling of what it says; ``plain``: no number in it has a point."""
    try:
        if plain and json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == line:
            return True
        return canonical(found) == line
    except (ValueError, RecursionError):
        return False


def _head(line: bytes) -> SealedHead:
    found = _parsed(line, 1)
    texts = ("org", "organisation", "root", "at")
    size, seal = found.get("size"), found.get("seal")
    if (
        found.get("format") not in (LOG_FORMAT, HEAD_FORMAT)
        or not all(isinstance(found.get(name), str) for name in texts)
        or not isinstance(size, int)
        or isinstance(size, bool)
        or len(found["root"]) != _HEX
    ):
        raise LogFileError(1)
    head = Head(found["org"], found["organisation"], size, found["root"], found["at"])
    if seal is None:
        return SealedHead(head, None)
    if not isinstance(seal, dict) or not all(isinstance(seal.get(name), str) for name in ("signature", "certificate")):
        raise LogFileError(1)
    if not _DIGITS.fullmatch(seal["signature"]):
        raise LogFileError(1)
    return SealedHead(head, Seal(seal["signature"], seal["certificate"]))

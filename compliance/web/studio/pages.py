"""What the pages of the studio show: files, differences line by line, analyses in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.operations.drafting import Opened
from compliance.storage.studio import Remark

_AROUND = 3  # unchanged lines shown around a change
_LINES_MOST = 3_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference: "same", "added", "removed", or "skipped" for a stretch that is left out."""

    kind: str
    text: str
    old: int | None
    new: int | None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a draft: what became of it."""

    path: str
    kind: str  # "added", "removed", "changed"
    lines: tuple[Line, ...]
    added: int
    removed: int


def touched(opened: Opened) -> dict[str, str]:
    """Return the files that differ from those the draft began from, each with what became of it."""
    found = {}
    for path in opened.touched:
        was, now = opened.text(path, before=True), opened.text(path)
        if was != now:
            found[path] = "added" if was is None else "removed" if now is None else "changed"
    return dict(sorted(found.items()))


def differences(opened: Opened) -> list[FileChange]:
    """Return the difference of each file, line by line, with the remarks at their lines."""
    found = []
    for path, kind in touched(opened).items():
        remarks = [remark for remark in opened.remarks if remark.path == path]
        was, now = opened.text(path, before=True) or "", opened.text(path) or ""
        lines = tuple(_lines(was.splitlines(), now.splitlines(), remarks))[:_LINES_MOST]
        counts = [sum(line.kind == wanted for line in lines) for wanted in ("added", "removed")]
        found.append(FileChange(path, kind, lines, *counts))
    return found


def _lines(was: Sequence[str], now: Sequence[str], remarks: Sequence[Remark]) -> Iterator[Line]:
    at: dict[int, list[Remark]] = {}
    for remark in remarks:
        at.setdefault(min(remark.line, max(len(now), 1)), []).append(remark)
    for operation, a, b, c, d in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if operation == "equal":
            yield from _unchanged(now, a, c, d, at, first=a == 0, last=d == len(now))
            continue
        for number in range(a, b):
            yield Line("removed", was[number], number + 1, None)
        for number in range(c, d):
            yield Line("added", now[number], None, number + 1, tuple(at.get(number + 1, ())))


def _unchanged(
    now: Sequence[str], a: int, c: int, d: int, at: dict[int, list[Remark]], *, first: bool, last: bool
) -> Iterator[Line]:
    """Yield a stretch that is the same: around changes and remarks; the rest is told by a skipped line."""
    skipping = False
    for number in range(c, d):
        near = (number - c < _AROUND and not first) or (d - number <= _AROUND and not last)
        if near or number + 1 in at:
            yield Line("same", now[number], a + number - c + 1, number + 1, tuple(at.get(number + 1, ())))
            skipping = False
        elif not skipping:
            yield Line("skipped", "", None, None)
            skipping = True

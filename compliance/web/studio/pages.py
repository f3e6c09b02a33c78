"""What the pages of the studio show: files, differences line by line, versions pack by pack."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.law import entries
from compliance.law.model import Pack
from compliance.law.phrasing import heading
from compliance.operations.drafting import Opened
from compliance.storage.studio import Remark, Version
from compliance.text import Text

_AROUND = 3  # unchanged lines shown around a change
_LINES_MOST = 3_000
_COMPARED_MOST = 3_000  # lines between the first and the last change; beyond, the stretch is shown as replaced


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
    left_out: int  # lines of the difference that are not shown

    @property
    def anchor(self) -> str:
        """What the lines are called in the page's address."""
        return anchor(self.path)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that a version changed: where it stands, and its name where it is still there."""

    section: str
    id: str
    title: Text | None


def anchor(path: str) -> str:
    """Return what the lines of a file are called in the page's address."""
    return f"L-{path.replace('/', '-')}"


def touched(opened: Opened) -> dict[str, str]:
    """Return the files that differ from those the draft began from, each with what became of it."""
    found = {}
    for path in opened.touched:
        was, now = opened.text(path, before=True), opened.text(path)
        if was != now:
            found[path] = "added" if was is None else "removed" if now is None else "changed"
    return dict(sorted(found.items()))


def by_pack(versions: Sequence[Version]) -> dict[str, list[Version]]:
    """Return versions under their packs, in the order in which they come."""
    found: dict[str, list[Version]] = {}
    for version in versions:
        found.setdefault(version.pack, []).append(version)
    return found


def changed_entries(version: Version, pack: Pack) -> list[Entry]:
    """Return the entries that a version changed, by name."""
    known = entries.entries(pack)
    keys = [(section, id_) for section, _, id_ in (name.partition("/") for name in version.changed)]
    return [Entry(*key, heading(known[key]) if key in known else None) for key in keys]


def differences(opened: Opened) -> list[FileChange]:
    """Return the difference of each file, line by line, with the remarks at their lines."""
    found = []
    for path, kind in touched(opened).items():
        remarks = [remark for remark in opened.remarks if remark.path == path]
        was, now = opened.text(path, before=True) or "", opened.text(path) or ""
        lines = tuple(_lines(was.splitlines(), now.splitlines(), remarks))
        added, removed = (sum(line.kind == wanted for line in lines) for wanted in ("added", "removed"))
        left_out = max(0, len(lines) - _LINES_MOST)
        found.append(FileChange(path, kind, lines[:_LINES_MOST], added, removed, left_out))
    return found


def aside(opened: Opened, files: Sequence[FileChange]) -> list[Remark]:
    """Return the remarks whose line is not among those shown."""
    shown = {remark.id for file in files for line in file.lines for remark in line.remarks}
    return [remark for remark in opened.remarks if remark.id not in shown]


Operation = tuple[str, int, int, int, int]


def _operations(was: Sequence[str], now: Sequence[str]) -> list[Operation]:
    """Return what became of which lines, in a time that is bounded whatever the files hold."""
    shorter = min(len(was), len(now))
    head = next((n for n in range(shorter) if was[n] != now[n]), shorter)
    most = shorter - head
    tail = next((n for n in range(most) if was[-1 - n] != now[-1 - n]), most)
    old, new = was[head : len(was) - tail], now[head : len(now) - tail]
    if max(len(old), len(new)) > _COMPARED_MOST:
        middle: list[Operation] = [("replace", 0, len(old), 0, len(new))]
    else:
        middle = list(difflib.SequenceMatcher(None, old, new).get_opcodes())
    found: list[Operation] = [("equal", 0, head, 0, head)] if head else []
    found += [(kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in middle]
    if tail:
        found.append(("equal", len(was) - tail, len(was), len(now) - tail, len(now)))
    return found


def _lines(was: Sequence[str], now: Sequence[str], remarks: Sequence[Remark]) -> Iterator[Line]:
    at: dict[int, list[Remark]] = {}
    for remark in remarks:
        at.setdefault(min(remark.line, max(len(now), 1)), []).append(remark)
    for operation, a, b, c, d in _operations(was, now):
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

"""Analyse drafts in a process of its own: ``python -m compliance.operations.bench_child MEGABYTES``.

Requests and answers are JSON behind their length; the process ends with its standard input. What was loaded is kept
for the next request: while a person types, only the file typed in is read anew.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

from compliance.assessment import analysing, change_words
from compliance.evidence.canonical import digest
from compliance.law import entries, meaning, proofs, sources
from compliance.law.compiling import Program, compile_pack
from compliance.law.loading import Loaded, load
from compliance.law.problems import Problem
from compliance.law.shelf import Files
from compliance.operations import drafting, impact, texts
from compliance.operations.bench import HEAD
from compliance.operations.drafting import Opened
from compliance.operations.library import Library
from compliance.operations.site import open_library
from compliance.storage import portfolio
from compliance.storage.database import Database

_MILLISECONDS = 4_000  # that one question to the solver may take
_IMPACT_SECONDS = 1.5  # for use cases that answer alike and are still open


def main() -> int:
    """Answer requests until there are no more."""
    bound = int(sys.argv[1]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(HEAD.size):
        (size,) = HEAD.unpack(head)
        _write(sink, _answer(json.loads(source.read(size))))
    return 0


def _write(sink: BinaryIO, answer: bytes) -> None:
    sink.write(HEAD.pack(len(answer)) + answer)
    sink.flush()


_KEPT: dict[tuple[str, ...], Any] = {}
_MOST = 16  # things kept: those of two or three drafts


def _once(key: tuple[str, ...], make: Callable[[], Any]) -> Any:
    """Return what was made for a draft as it is; it is not made again before somebody changes it."""
    if key not in _KEPT:
        _KEPT[key] = make()
        while len(_KEPT) > _MOST:
            del _KEPT[next(iter(_KEPT))]
    return _KEPT[key]


@lru_cache(maxsize=2)
def _database(url: str) -> Database:
    return Database(url)


@lru_cache(maxsize=4)
def _before(content: bytes, pack: str) -> tuple[Loaded, Program | None]:
    """Return what a draft is held against: the text that it began from, or for a new pack the one that it stands on."""
    root, shelf = sources.unpacked(content)
    loaded = load(pack if pack in shelf.packs() else root, shelf)
    return loaded, compile_pack(loaded.pack) if loaded.pack else None


@lru_cache(maxsize=4)
def _below(files: tuple[tuple[str, bytes], ...], name: str) -> Program | None:
    loaded = load(name, Files(dict(files)))
    return compile_pack(loaded.pack) if loaded.pack else None


def _answer(request: dict[str, Any]) -> bytes:
    database = _database(request["database"])
    with database.reading() as connection:
        opened = drafting.read(connection, request["org"], request["draft"])
    before, held = _before(opened.base_content, opened.draft.pack)
    if "form" in request:
        read = _read(opened, scenarios=False)
        if read.loaded.pack is None or read.program is None or held is None:
            return b""
        found = _impact(database, request, opened, held, read.program)
        return impact.sheet(found, read.loaded.pack, held.pack, request["form"])
    return json.dumps(_analysis(database, request, opened, before, held)).encode()


@dataclass(frozen=True, slots=True)
class _Read:
    """A draft as it was read."""

    mark: str  # of its files, and of those that it began from
    loaded: Loaded
    program: Program | None
    wrong: tuple[Problem, ...]


def _read(opened: Opened, *, scenarios: bool) -> _Read:
    pack = opened.draft.pack
    content = {path: sha256(data).hexdigest() for path, data in opened.after.content.items()}
    mark = digest({"pack": pack, "after": content, "before": sha256(opened.base_content).hexdigest()})

    def read() -> _Read:
        loaded = load(pack, opened.after, scenarios=scenarios)
        program = compile_pack(loaded.pack) if loaded.pack else None
        return _Read(mark, loaded, program, (*loaded.problems, *analysing.presumed(loaded)))

    found: _Read = _once((mark, "read", str(scenarios)), read)
    return found


def _analysis(
    database: Database, request: dict[str, Any], opened: Opened, before: Loaded, held: Program | None
) -> dict[str, Any]:
    pack, parts = opened.draft.pack, set(request["parts"])
    read = _read(opened, scenarios="scenarios" in parts)
    loaded, after = read.loaded, read.program
    seconds: dict[str, float] = {}
    found: dict[str, Any] = {
        "loads": loaded.pack is not None and not any(item.severity == "error" for item in read.wrong),
        "problems": analysing.problems(pack, read.wrong),
        "files": opened.own,
        "entry": None,
        "seconds": seconds,
    }
    if loaded.pack is None or after is None:
        return found
    if request["path"]:
        all_entries = entries.entries(loaded.pack)
        if key := analysing.at_line(all_entries, f"{pack}/{request['path']}", request["line"]):
            found["entry"] = analysing.shown(key, all_entries[key], loaded.pack)
    if before.pack:
        was, now = before.pack, loaded.pack
        found["changed"] = _once((read.mark, "changed"), lambda: analysing.differing(was, now))
    for part, make in (
        ("scenarios", lambda: analysing.failing(pack, after, loaded.scenarios)),
        ("meaning", lambda: _meaning(held, after)),
        ("proofs", lambda: _proofs(opened, loaded, after)),
        ("sound", lambda: _proofs(opened, loaded, after, proofs.MUST_HOLD)),
        ("impact", lambda: _replayed(database, request, opened, held, after)),
    ):
        if part in parts and (held or part in ("scenarios", "proofs", "sound")):
            began = perf_counter()
            found[part] = make() if part == "impact" else _once((read.mark, part), make)
            seconds[part] = round(perf_counter() - began, 3)
    return found


def _meaning(before: Program | None, after: Program) -> dict[str, Any]:
    assert before
    return change_words.meaning_data(before, after, meaning.compare(before, after, milliseconds=_MILLISECONDS))


def _proofs(
    opened: Opened, loaded: Loaded, after: Program, only: Collection[str] = proofs.KINDS
) -> list[dict[str, Any]]:
    under = None
    if loaded.builds_on:
        files = tuple(sorted((path, data) for path, data in loaded.files.items()))
        under = _below(files, loaded.builds_on)
    found = proofs.prove(after, under, milliseconds=_MILLISECONDS, only=only)
    return change_words.proofs_data(after, found, opened.draft.pack)


def _impact(
    database: Database, request: dict[str, Any], opened: Opened, before: Program, after: Program
) -> impact.Effect:
    base = opened.draft.base or before.pack.folder
    with database.reading() as connection:
        head = portfolio.head(connection, request["org"])
    gathered = _gathered(request["database"], request["org"], texts.family(base), head)
    library = _library(request["database"], request["rules"])

    def under(name: str) -> Program:
        return before if name == base else library.law(name).program

    return impact.effect(gathered, under, after, _IMPACT_SECONDS)


def _replayed(
    database: Database, request: dict[str, Any], opened: Opened, before: Program | None, after: Program
) -> dict[str, Any]:
    assert before
    return impact.data(_impact(database, request, opened, before, after), after.pack, before.pack)


@lru_cache(maxsize=2)
def _gathered(url: str, org: str, family: str, head: int) -> impact.Gathered:  # noqa: ARG001 - a change has its line
    with _database(url).reading() as connection:
        return impact.gather(connection, family, org)


@lru_cache(maxsize=2)
def _library(url: str, rules: str) -> Library:
    return open_library(_database(url), Path(rules), "")


if __name__ == "__main__":
    sys.exit(main())

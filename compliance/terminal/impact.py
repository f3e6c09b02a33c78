"""What a change of the law does to the use cases of an instance, at the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import ArgumentError, DatabaseError

from compliance.law.compiling import Program
from compliance.operations import impact, texts
from compliance.storage.database import Database, why
from compliance.terminal.words import colon, say
from compliance.terminal.wrong import WrongError
from compliance.text import Language

_SECONDS = 20.0  # that the solver may take over use cases with open answers
_SHOWN = 20
_HEAD, _WAL = 20, b"\x02\x02"  # bytes that end with how an SQLite file is written: ours with a log beside it


def replayed(place: str, before: Program, after: Program, language: Language) -> dict[str, Any]:
    """Return what a change does to the use cases under a text, in a store that is only read.

    Args:
        place: The address of a database, or the file of an SQLite one.
        before: The text as it stands; use cases under any version of it are replayed.
        after: The text as it would be.
        language: That of messages.

    Raises:
        WrongError: When the store cannot be read.
    """
    url = place if "://" in place else f"sqlite:///{_store(Path(place), language)}"
    try:
        with Database(url).reading() as connection:
            gathered = impact.gather(connection, texts.family(before.pack.folder))
    except (ArgumentError, DatabaseError) as error:
        raise WrongError(say("cannot_read", language, path=place, why=why(error))) from None
    found = impact.effect(gathered, lambda _name: before, after, _SECONDS)
    return impact.data(found, after.pack, before.pack)


def _store(path: Path, language: Language) -> Path:
    """Return the file of a store of Pyramide; another would be changed by being opened. Raises WrongError."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise WrongError(say("cannot_read", language, path=path, why=error.strerror)) from None
    if not head.startswith(b"SQLite format 3\0") or head[-2:] != _WAL:
        raise WrongError(say("cannot_read", language, path=path, why=say("no_store", language)))
    return path.resolve()


def impact_lines(data: Mapping[str, Any], before: Program, after: Program, language: Language) -> Iterator[str]:
    """Yield an impact for people: counts, levels, duties, and the first use cases."""
    titles = {level.id: level.title.to(language) for one in (before, after) for level in one.pack.levels}

    def named(levels: Sequence[str]) -> str:
        return ", ".join(titles.get(level, level) for level in levels) or "—"

    yield say("impact_count", language, changed=data["changed"], cases=data["cases"])
    for line in data["levels"]:
        yield f"  {named(line['before'])} → {named(line['after'])}{colon(language)} {line['count']}"
    for duty in data["duties"]:
        counts = say("impact_duty", language, comes=duty["comes"], goes=duty["goes"], moves=duty["moves"])
        yield f"  {duty['title'][language]} {counts}"
    for case in data["listed"][:_SHOWN]:
        change = f"{named(case['before'])} → {named(case['after'])}" if case["before"] != case["after"] else ""
        yield f"    {case['reference']} {case['name']} {change}".rstrip()
    if data["undecided"]:
        yield say("undecided", language, count=data["undecided"])

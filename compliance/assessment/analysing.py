"""What a draft of rules is and does, as plain data in words: for the panel beside the editor and for the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.assessment import scenarios as running
from compliance.assessment.freeze import text
from compliance.law.compiling import Program
from compliance.law.entries import changed, entry_of
from compliance.law.loading import Loaded
from compliance.law.model import Pack
from compliance.law.phrasing import heading
from compliance.law.phrasing import line as said
from compliance.law.problems import Problem, sentence
from compliance.law.scenarios import Scenario
from compliance.law.terms import Position
from compliance.text import Text

_SHOWN = 200


def within(pack: str, position: Position | None) -> dict[str, Any]:
    """Return a place in the pack's own files; elsewhere the file is called by its whole path."""
    if position is None:
        return {"file": "", "line": 1, "column": 1}
    return {"file": position.file.removeprefix(f"{pack}/"), "line": position.line, "column": position.column}


def problems(pack: str, found: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return what is wrong, errors first, with its place."""
    ordered = sorted(found, key=lambda item: item.severity != "error")
    return [
        {
            **within(pack, item.position),
            "severity": item.severity,
            "text": {"fr": sentence(item, "fr"), "en": sentence(item, "en")},
        }
        for item in ordered[:_SHOWN]
    ]


def failing(pack: str, program: Program, scenarios: Iterable[Scenario]) -> dict[str, Any]:
    """Return the scenarios that do not come out as written, with what was expected and found."""
    count, failed = 0, []
    for scenario in scenarios:
        count += 1
        result = running.run(program.pack, program, scenario)
        if not result.passed:
            differences = [{"fr": sentence(d, "fr"), "en": sentence(d, "en")} for d in result.differences]
            place = within(pack, scenario.position)
            failed.append({"name": text(scenario.name), **place, "differences": differences})
    return {"total": count, "failed": failed[:_SHOWN]}


def presumed(loaded: Loaded) -> tuple[Problem, ...]:
    """Return what is wrong with presumed answers of the catalogue."""
    return running.wrong_presumptions(loaded.pack) if loaded.pack else ()


def differing(before: Pack, after: Pack) -> dict[str, list[dict[str, Any]]]:
    """Return the entries that came, went, or say something else, by name."""
    found = changed(before, after)
    return {
        kind: [{"section": key[0], "id": key[1], "title": text(heading(entry_of(pack, key)))} for key in keys]
        for kind, keys, pack in (
            ("added", found.added, after),
            ("removed", found.removed, before),
            ("altered", found.altered, after),
        )
    }


def at_line(entries: Mapping[tuple[str, str], Any], file: str, line: int) -> tuple[str, str] | None:
    """Return the entry that a line of a file belongs to: the last that begins at it or before."""
    here = [
        (entry.position.line, key)
        for key, entry in entries.items()
        if entry.position.file == file and entry.position.line <= line
    ]
    return max(here)[1] if here else None


def both_languages(entry: Any) -> list[dict[str, str]]:
    """Return the texts of an entry, French beside English, in the order of its keys."""
    found = []
    for name in getattr(entry, "__dataclass_fields__", {}):
        value = getattr(entry, name)
        if isinstance(value, Text):
            found.append({"key": name, **text(value)})
        elif name == "examples":
            found += [{"key": name, **text(example)} for example in value]
        elif name == "options":
            found += [{"key": option.id, **text(option.label)} for option in value]
    return found


def shown(key: tuple[str, str], entry: Any, pack: Pack) -> dict[str, Any]:
    """Return an entry for the panel: its texts, what it cites, its condition in words."""
    when = getattr(entry, "when", None)
    return {
        "section": key[0],
        "id": key[1],
        "texts": both_languages(entry),
        "cite": [citation.written for citation in getattr(entry, "cite", ())],
        "condition": text(said(pack, when)) if when is not None else None,
    }

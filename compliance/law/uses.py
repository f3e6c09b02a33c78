"""What an entry of a pack builds on and what builds on it; from any provision to all that encodes it, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.law.beyond_model import Control, RegimeDuty
from compliance.law.checking import references
from compliance.law.entries import Key, entries
from compliance.law.model import (
    CatalogueEntry,
    Deadline,
    Derivation,
    Fact,
    Finding,
    Obligation,
    Pack,
    Penalty,
    RecordItem,
)
from compliance.law.terms import Citation, CitationKind, Condition

_KINDS = {"art": 0, "annex": 1, "rct": 2}
_ROMAN = {"i": 1, "v": 5, "x": 10}
_NUMBERED = re.compile(r"(\d+)([a-z]*)")
_SOURCES = {"fact": "facts", "obligation": "obligations", "finding": "findings", "organisation": "roles"}


@dataclass(frozen=True, slots=True)
class Uses:
    """Who uses what in a pack, and which entries cite which provision.

    ``builds_on`` and ``used_by`` map an entry to entries, in reading order; ``cited`` maps a provision to the entries
    that cite exactly it; ``below`` maps a provision to those that are parts of it, at any depth.
    """

    builds_on: Mapping[Key, tuple[Key, ...]]
    used_by: Mapping[Key, tuple[Key, ...]]
    cited: Mapping[str, tuple[Key, ...]]
    below: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Encoded:
    """What encodes one provision: citing itself, a part of it, or what it is a part of; each entry stands once."""

    itself: tuple[Key, ...]
    parts: Mapping[str, tuple[Key, ...]]
    above: Mapping[str, tuple[Key, ...]]


def uses(pack: Pack) -> Uses:
    """Return who uses what; to be kept, it is the same for the same pack."""
    found = entries(pack)
    builds_on = {key: tuple(dict.fromkeys(_named(pack, entry))) for key, entry in found.items()}
    used_by: dict[Key, list[Key]] = {key: [] for key in found}
    cited: dict[str, dict[Key, None]] = {}
    for key, entry in found.items():
        for name in builds_on[key]:
            used_by[name].append(key)
        for citation in citations_of(entry):
            if citation.provision:
                cited.setdefault(citation.provision, {})[key] = None
    return Uses(
        builds_on,
        {key: tuple(users) for key, users in used_by.items()},
        {provision: tuple(keys) for provision, keys in cited.items()},
        _below(pack),
    )


def encoded(pack: Pack, found: Uses, provision: str) -> Encoded:
    """Return all that encodes a provision. Raises KeyError where the pack's index has no such provision."""
    seen = set(found.cited.get(provision, ()))
    itself = found.cited.get(provision, ())
    parts = _unseen(found, found.below[provision], seen)
    return Encoded(itself, parts, _unseen(found, ancestors(pack, provision), seen))


def _unseen(found: Uses, provisions: tuple[str, ...], seen: set[Key]) -> dict[str, tuple[Key, ...]]:
    chosen: dict[str, tuple[Key, ...]] = {}
    for provision in provisions:
        fresh = tuple(key for key in found.cited.get(provision, ()) if key not in seen)
        seen.update(fresh)
        if fresh:
            chosen[provision] = fresh
    return chosen


def ancestors(pack: Pack, provision: str) -> tuple[str, ...]:
    """Return what a provision is a part of, the nearest first."""
    found: list[str] = []
    parent = pack.provisions[provision].parent
    while parent:
        found.append(parent)
        parent = pack.provisions[parent].parent
    return tuple(found)


def root(pack: Pack, provision: str) -> str:
    """Return the article, annex or recital that a provision is a part of."""
    return (provision, *ancestors(pack, provision))[-1]


def place_of(provision: str) -> tuple[int, int, str]:
    """Return where an article, annex or recital stands: articles first, 4a after 4, then annexes, then recitals."""
    kind, number = provision.split("-")[:2]
    if match := _NUMBERED.fullmatch(number):
        return _KINDS[kind], int(match[1]), match[2]
    values = [_ROMAN.get(sign, 0) for sign in number]
    following = (*values[1:], 0)
    total = sum(-value if value < after else value for value, after in zip(values, following, strict=True))
    return _KINDS[kind], total, ""


def citations_of(entry: Any) -> tuple[Citation, ...]:
    """Return every citation of an entry, those of its options and cases included."""
    found: tuple[Citation, ...] = getattr(entry, "cite", ())
    inner: tuple[Any, ...] = ()
    if isinstance(entry, Fact):
        inner = entry.options
    elif isinstance(entry, Deadline):
        inner = entry.cases
    return (*found, *(citation for part in inner for citation in part.cite))


def first_provision(pack: Pack, entry: Any) -> str | None:
    """Return the article, annex or recital under which an entry is read: the first that it cites."""
    for citation in citations_of(entry):
        if citation.provision and citation.kind is not CitationKind.OTHER:
            return root(pack, citation.provision)
    return None


def conditions_of(entry: Any) -> tuple[Condition | None, ...]:
    """Return the conditions of an entry; None stands for "always" or "otherwise"."""
    if isinstance(entry, Deadline):
        return tuple(case.when for case in entry.cases)
    if isinstance(entry, Penalty):
        return entry.percent_when, entry.lower_when
    if not hasattr(entry, "when"):
        return ()
    return entry.when, getattr(entry, "unless", None)


def _named(pack: Pack, entry: Any) -> Iterator[Key]:
    """Yield the entries that an entry names, as it is read."""
    for role in getattr(entry, "who", ()):
        yield "roles", role
    for condition in conditions_of(entry):
        for name in references(condition):
            yield ("facts" if name in pack.facts else "definitions"), name
    if isinstance(entry, Fact):
        yield "sections", entry.section
    elif isinstance(entry, Obligation):
        yield "owners", entry.owner
    elif isinstance(entry, Derivation):
        yield from (("facts", fact) for fact in entry.gives)
    elif isinstance(entry, CatalogueEntry):
        yield from (("facts", fact) for fact in entry.facts if fact in pack.facts)
    elif isinstance(entry, RecordItem):
        yield "records", entry.record
        yield from ((_SOURCES[kind], id_) for kind, id_ in entry.sources if _is_entry(pack, kind, id_))
    if isinstance(entry, Control | RegimeDuty):
        yield "owners", entry.owner
    if isinstance(entry, Control):
        yield "modules", entry.module
    if isinstance(entry, RegimeDuty):
        yield "regimes", entry.regime
        yield from (("obligations", id_) for id_ in entry.serves)
    if isinstance(entry, Obligation | Finding) and entry.deadline:
        yield "deadlines", entry.deadline
    if isinstance(entry, Obligation) and entry.penalty:
        yield "penalties", entry.penalty


def _is_entry(pack: Pack, kind: str, id_: str) -> bool:
    return kind in _SOURCES and id_ in getattr(pack, _SOURCES[kind])


def _below(pack: Pack) -> dict[str, tuple[str, ...]]:
    """Return for every provision its parts at any depth, in the order of the index."""
    found: dict[str, list[str]] = {id_: [] for id_ in pack.provisions}
    for id_ in pack.provisions:
        for above in ancestors(pack, id_):
            found[above].append(id_)
    return {id_: tuple(parts) for id_, parts in found.items()}

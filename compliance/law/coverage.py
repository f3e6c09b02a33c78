"""Which provisions a pack encodes, which bind others than companies, and which are left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compliance.law.model import Coverage, Pack
from compliance.law.terms import Citation
from compliance.law.uses import ancestors

# Counted by paragraph and point: what binds companies or decides whether it binds them.
_FINE = {
    "article": {
        *map(str, range(2, 7)),
        *map(str, range(8, 28)),
        *map(str, range(40, 50)),
        "4a",
        *map(str, range(50, 57)),
        "60",
        "60a",
        "72",
        "73",
        "86",
        "99",
        "101",
        "111",
        "113",
    },
    "annex": {"i", "iii", "iv", "v", "viii", "xi", "xii"},
}


@dataclass(frozen=True, slots=True)
class Cover:
    """The state of every provision that is counted; ``not_encoded`` maps to the reason, or None."""

    encoded: Mapping[str, tuple[str, ...]]
    binds_others: Mapping[str, Coverage]
    not_encoded: Mapping[str, Coverage | None]


def cover(pack: Pack) -> Cover:
    """Return the state of every counted provision.

    A citation covers the provision itself, those above it, and all below it unless it cites a whole article
    that has paragraphs of its own. A statement of coverage reaches all below it that no rule encodes.
    """
    children: dict[str, list[str]] = {}
    for provision in pack.provisions.values():
        if provision.parent:
            children.setdefault(provision.parent, []).append(provision.id)
    encoded: dict[str, set[str]] = {}
    for id_, citation in _entries(pack):
        if citation.provision is None:
            continue
        for reached in _reach(pack, children, citation.provision):
            encoded.setdefault(reached, set()).add(id_)
    others: dict[str, Coverage] = {}
    left_out: dict[str, Coverage | None] = {}
    stated: dict[str, Coverage] = {}
    for statement in pack.coverage.values():
        for citation in statement.cite:
            if citation.provision:
                for below in (citation.provision, *_below(children, citation.provision)):
                    stated.setdefault(below, statement)
    for id_ in _counted(pack, children):
        if id_ in encoded:
            continue
        found = stated.get(id_)
        if found and found.kind == "binds_others":
            others[id_] = found
        else:
            left_out[id_] = found
    return Cover({id_: tuple(sorted(names)) for id_, names in encoded.items()}, others, left_out)


def _reach(pack: Pack, children: Mapping[str, list[str]], id_: str) -> Iterator[str]:
    yield id_
    yield from ancestors(pack, id_)
    whole_article = id_.count("-") == 1 and any("-par-" in child for child in children.get(id_, ()))
    if not whole_article:
        yield from _below(children, id_)


def _below(children: Mapping[str, list[str]], id_: str) -> Iterator[str]:
    for child in children.get(id_, ()):
        yield child
        yield from _below(children, child)


def _counted(pack: Pack, children: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the provisions to account for: leaves where it matters, otherwise whole articles and annexes."""
    for provision in pack.provisions.values():
        kind, number = provision.id.split("-")[0], provision.id.split("-")[1]
        if kind == "rct" or provision.deleted:
            continue
        name = "article" if kind == "art" else "annex"
        if number in _FINE[name]:
            if not children.get(provision.id):
                yield provision.id
        elif provision.parent is None:
            yield provision.id


def _entries(pack: Pack) -> Iterator[tuple[str, Citation]]:
    groups = (
        pack.facts,
        pack.definitions,
        pack.roles,
        pack.findings,
        pack.obligations,
        pack.penalties,
        pack.glossary,
        pack.records,
        pack.record_items,
    )
    for group in groups:
        for entry in group.values():
            for citation in entry.cite:
                yield entry.id, citation
    for fact in pack.facts.values():
        for option in fact.options:
            for citation in option.cite:
                yield f"{fact.id}.{option.id}", citation
    for level in pack.levels:
        for citation in level.cite:
            yield level.id, citation
    for deadline in pack.deadlines.values():
        for case in deadline.cases:
            for citation in case.cite:
                yield deadline.id, citation

"""Typical use cases that a pack offers, with presumed answers."""

from __future__ import annotations

from types import MappingProxyType

from compliance.law.building import Builder, Entry
from compliance.law.model import CatalogueEntry
from compliance.law.problems import hinted, problem
from compliance.law.reading import MapNode
from compliance.law.scenarios import plain


def build(builder: Builder, id_: str, entry: Entry, node: MapNode) -> CatalogueEntry | None:
    """Build one entry; its answers must name questions of the pack."""
    title, description, flip = (builder.text(node.get(key)) for key in ("title", "description", "flip"))
    function, sector, facts = builder.scalar(node.get("function")), node.get("sector"), node.get("facts")
    named = builder.scalar(sector) if sector else None
    if not isinstance(facts, MapNode):
        builder.problems.append(problem("expected_mapping", node.position))
        return None
    known = builder.entries.get("facts", {})
    for key, _ in facts.items:
        if key.value not in known:
            builder.problems.append(hinted("fact_unknown", key.position, key.value, known, id=key.value))
    if title is None or description is None or flip is None or function is None:
        return None
    return CatalogueEntry(
        id_,
        title,
        description,
        function.value,
        named.value if named else None,
        flip,
        MappingProxyType({key.value: plain(value) for key, value in facts.items}),
        builder.cite(node.get("cite")),
        entry.key.position,
        entry.source,
    )

"""The records that the Act asks for, as a pack holds them: documents, their lines, and what fills each line."""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import MappingProxyType

from compliance.law.building import ID, Builder, Entry
from compliance.law.model import ActRecord, Pack, RecordItem
from compliance.law.problems import hinted, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode
from compliance.text import Text

CASE_SOURCES = ("reference", "name", "description", "function", "sector", "site", "supplier", "owner")
OUTCOME_SOURCES = (
    "level", "because", "reasons", "not_reached", "roles", "findings", "turning_points", "date", "text",
)  # fmt: skip
_SECTIONS = {"fact": "facts", "obligation": "obligations", "finding": "findings"}
KINDS = (*_SECTIONS, "case", "organisation", "outcome")
_TRUTHS = {"true": True, "false": False}


def build_record(builder: Builder, id_: str, entry: Entry, node: MapNode) -> ActRecord | None:
    """Build one record without its lines."""
    title, purpose = builder.text(node.get("title")), builder.text(node.get("purpose"))
    when, who = builder.condition(node.get("when"), entry), node.get("who")
    roles = [builder.reference(item, "roles", entry) for item in _each(who)]
    parts = _parts(builder, node.get("parts"))
    cite = builder.cite(node.get("cite"))
    if title is None or purpose is None or when is None or not parts:
        return None
    return ActRecord(
        id_, title, purpose, cite, tuple(roles), when, MappingProxyType(parts), entry.key.position, entry.source
    )


def build_item(builder: Builder, id_: str, entry: Entry, node: MapNode) -> RecordItem | None:
    """Build one line of a record; the record, its part and every source must exist."""
    title, guide = builder.text(node.get("title")), builder.text(node.get("guide"))
    order, cite = builder.number(node.get("order")), builder.cite(node.get("cite"))
    record = builder.reference(node.get("record"), "records", entry)
    part = _part(builder, record, node.get("part"))
    sources = [_source(builder, entry, item) for item in _each(node.get("from"))]
    sufficient, when = _sufficient(builder, node), builder.condition(node.get("when"), entry)
    if title is None or guide is None or order is None or not part:
        return None
    return RecordItem(
        id=id_,
        record=record,
        part=part,
        order=order,
        title=title,
        guide=guide,
        cite=cite,
        sources=tuple(source for source in sources if source),
        sufficient=sufficient,
        when=when,
        position=entry.key.position,
        source=entry.source,
    )


def lines_of(pack: Pack, record: ActRecord, part: str) -> tuple[RecordItem, ...]:
    """Return the lines of one part of a record, in order."""
    found = (item for item in pack.record_items.values() if (item.record, item.part) == (record.id, part))
    return tuple(sorted(found, key=lambda item: (item.order, item.id)))


def _each(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if isinstance(node, ListNode) else (node,)


def _parts(builder: Builder, node: Node | None) -> dict[str, Text]:
    if not isinstance(node, MapNode):
        if node is not None:
            builder.problems.append(problem("expected_mapping", node.position))
        return {}
    found: dict[str, Text] = {}
    for key, value in node.items:
        if not ID.fullmatch(key.value):
            builder.problems.append(problem("bad_id", key.position, id=key.value))
        if title := builder.text(value):
            found[key.value] = title
    return found


def _part(builder: Builder, record: str, node: Node | None) -> str:
    scalar, entry = builder.scalar(node), builder.entries.get("records", {}).get(record)
    parts = entry.node.get("parts") if entry and isinstance(entry.node, MapNode) else None
    if scalar is None or not isinstance(parts, MapNode):
        return ""  # what is wrong is said where the record is
    known = [key.value for key, _ in parts.items]
    if scalar.value not in known:
        builder.problems.append(
            hinted("unknown_reference", scalar.position, scalar.value, known, kind="parts", id=scalar.value)
        )
    return scalar.value


def _source(builder: Builder, entry: Entry, node: Node) -> tuple[str, str] | None:
    scalar = builder.scalar(node)
    if scalar is None:
        return None
    kind, _, written = scalar.value.partition(":")
    if kind not in KINDS or not written:
        kinds = ", ".join(KINDS)
        builder.problems.append(hinted("record_source", scalar.position, kind, KINDS, source=scalar.value, kinds=kinds))
        return None
    if section := _SECTIONS.get(kind):
        return kind, builder.reference(ScalarNode(written, scalar.position), section, entry)
    name = builder.name(entry)
    allowed: dict[str, tuple[Collection[str], Callable[[str], str]]] = {
        "case": (CASE_SOURCES, str),
        "outcome": (OUTCOME_SOURCES, str),
        "organisation": (("name", *builder.entries.get("roles", {})), name),
    }
    known, resolve = allowed[kind]
    resolved = written if written in known else resolve(written)
    if resolved not in known:
        words = ", ".join(known)
        builder.problems.append(hinted("bad_value", scalar.position, written, known, value=written, allowed=words))
    return kind, resolved


def _sufficient(builder: Builder, node: MapNode) -> bool:
    scalar = builder.scalar(node.get("sufficient"))
    if scalar is None:
        return False
    if scalar.value not in _TRUTHS:
        builder.problems.append(problem("bad_boolean", scalar.position, value=scalar.value))
    elif _TRUTHS[scalar.value] and node.get("from") is None:
        builder.problems.append(problem("record_sufficient", scalar.position))
    return _TRUTHS.get(scalar.value, False)

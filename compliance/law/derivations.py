"""Answers that follow from others: built from rule files, each value one that its question takes."""

from __future__ import annotations

from types import MappingProxyType

from compliance.law.building import Builder, Entry
from compliance.law.checking import references
from compliance.law.model import Derivation, Fact
from compliance.law.problems import hinted, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode
from compliance.law.terms import FactType

_TRUTHS = {"true": True, "false": False}
Value = bool | str | tuple[str, ...]


def build(builder: Builder, id_: str, entry: Entry, node: MapNode) -> Derivation | None:
    """Build one derivation; what it gives are answers to other questions than those that it asks."""
    title, because = builder.text(node.get("title")), builder.text(node.get("because"))
    when, given = builder.condition(node.get("when"), entry), node.get("gives")
    if not isinstance(given, MapNode) or not given.items:
        builder.problems.append(problem("expected_mapping", (given or node).position))
        return None
    gives: dict[str, Value] = {}
    for key, value in given.items:
        name = builder.name(entry)(key.value)
        fact = builder.facts.get(name)
        if fact is None:
            builder.problems.append(hinted("fact_unknown", key.position, key.value, builder.facts, id=key.value))
            continue
        if entry.prefix and not name.startswith(entry.prefix):
            builder.problems.append(problem("only_adds", key.position))
        if name in references(when):
            builder.problems.append(problem("derives_itself", key.position, id=name))
        found = _value(builder, fact, value)
        if found is not None:
            gives[name] = found
    cite, doubt = builder.cite(node.get("cite")), builder.doubt(node)
    if title is None or because is None or when is None:
        return None
    at = entry.key.position
    return Derivation(id_, title, when, MappingProxyType(gives), cite, because, at, source=entry.source, **doubt)


def _value(builder: Builder, fact: Fact, node: Node) -> Value | None:
    if fact.type is FactType.BOOLEAN:
        truth = _TRUTHS.get(node.value) if isinstance(node, ScalarNode) else None
        if truth is None:
            builder.problems.append(problem("fact_type", node.position, id=fact.id, expected="true / false", value="…"))
        return truth
    if fact.type not in (FactType.CHOICE, FactType.CHOICES):
        builder.problems.append(problem("cannot_derive", node.position, id=fact.id, type=fact.type.value))
        return None
    items = node.items if isinstance(node, ListNode) else (node,)
    known = [option.id for option in fact.options]
    chosen = []
    for item in items:
        scalar = builder.scalar(item)
        if scalar and scalar.value not in known:
            builder.problems.append(
                hinted("unknown_option", scalar.position, scalar.value, known, option=scalar.value, id=fact.id)
            )
        elif scalar:
            chosen.append(scalar.value)
    if fact.type is FactType.CHOICES:
        return tuple(option for option in known if option in chosen)
    return chosen[0] if len(chosen) == 1 else None

"""What a pack from outside may not hold, beyond what no pack may: nothing that misleads, nothing endless."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from compliance.law.checking import definition_order, references
from compliance.law.language import KEYS
from compliance.law.model import Pack
from compliance.law.problems import Problem, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode
from compliance.law.terms import Position

NODES_MOST, TEXT_MOST, KEY_MOST, DIGITS_MOST, CHAIN_MOST = 60_000, 10_000, 100, 60, 50
_COUNTED = {"entries": 3_000, "definitions": 300, "facts": 300, "options": 200, "when": 5_000, "cite": 5_000}
_CONDITIONS = ("when", "unless", "percent_when", "lower_when")
_NAMED = ("facts", "definitions", "roles", "findings", "obligations", "levels")
_LAW_KEYS = ("amends", "parts", "text", "consolidated")
_LAW_PROVISIONS = ("art-", "annex-", "rct-")
_PROVISIONS_MOST = 5_000
_LINES = "\n\r\t"


def signs(text: str, name: str) -> list[Problem]:
    """Return the signs in a file that nobody sees or that turn the order of others: what is read is not what counts.

    Bidirectional controls, zero-width signs, unusual line ends, private and unassigned code points; spaces of French
    typography are none of them.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if column := _strange(line):
            return [_sign(line[column - 1], Position(name, number, column))]
    return []


def _strange(text: str) -> int:
    """Return the column of the first such sign, or 0."""
    if text.isprintable():
        return 0
    for index, sign in enumerate(text):
        if not sign.isprintable() and sign not in _LINES and unicodedata.category(sign) != "Zs":
            return index + 1
    return 0


def _sign(sign: str, position: Position) -> Problem:
    return problem("strange_character", position, character=f"U+{ord(sign):04X}")


def look(files: Mapping[str, bytes], trees: Mapping[str, Node]) -> list[Problem]:
    """Return what a pack's files may not hold, before anything is built of them."""
    found = [item for name in trees for item in signs(files[name].decode("utf-8"), name)]
    found += [item for tree in trees.values() for item in _scalars(tree)]
    head = trees["pack.yaml"]
    if isinstance(head, MapNode):
        found += [
            problem("pack_law_key", key.position, key=key.value) for key, _ in head.items if key.value in _LAW_KEYS
        ]
    if "provisions.json" in files:
        found += _provisions(files["provisions.json"])
    return found or list(_amounts(trees))


def _scalars(node: Node) -> Iterator[Problem]:
    """Yield values too long for what they are, and signs that escapes hid from the eye."""
    if isinstance(node, ScalarNode):
        if column := _strange(node.value):
            yield _sign(node.value[column - 1], node.position)
        elif len(node.value) > TEXT_MOST:
            yield problem("text_long", node.position, limit=TEXT_MOST)
        elif len(node.value) > DIGITS_MOST and node.value.isdecimal():
            yield problem("bad_number", node.position, value=f"{node.value[:DIGITS_MOST]}…")
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _scalars(item)
    else:
        for key, value in node.items:
            yield from _scalars(key)
            if len(key.value) > KEY_MOST:
                yield problem("text_long", key.position, limit=KEY_MOST)
            yield from _scalars(value)


def _amounts(trees: Mapping[str, Node]) -> Iterator[Problem]:
    counts: Counter[str] = Counter()
    nodes = 0
    for tree in trees.values():
        nodes += _size(tree)
        if nodes > NODES_MOST:
            yield problem("too_long", tree.position, limit=NODES_MOST)
            return
        for what, count, position in _counted(tree):
            before = counts[what]
            counts[what] = max(before, count) if what == "options" else before + count
            if before <= _COUNTED[what] < counts[what]:
                yield problem("too_many", position, what=what, limit=_COUNTED[what])


def _size(node: Node) -> int:
    if isinstance(node, ScalarNode):
        return 1
    if isinstance(node, ListNode):
        return 1 + sum(map(_size, node.items))
    return 1 + sum(1 + _size(value) for _, value in node.items)


def _counted(tree: Node) -> Iterator[tuple[str, int, Position]]:
    """Yield what a file adds to each amount that is bounded."""
    if not isinstance(tree, MapNode):
        return
    for section, value in tree.items:
        if section.value not in KEYS or not isinstance(value, MapNode):
            continue
        yield "entries", len(value.items), section.position
        if section.value in _COUNTED:
            yield section.value, len(value.items), section.position
        yield from _parts(value)


def _parts(node: Node) -> Iterator[tuple[str, int, Position]]:
    if isinstance(node, ListNode):
        for item in node.items:
            yield from _parts(item)
    elif isinstance(node, MapNode):
        for key, value in node.items:
            if key.value in _CONDITIONS:
                yield "when", _size(value), key.position
            elif key.value == "cite":
                yield "cite", _size(value), key.position
            elif key.value == "options" and isinstance(value, MapNode):
                yield "options", len(value.items), key.position
                yield from _parts(value)
            else:
                yield from _parts(value)


def _provisions(data: bytes) -> list[Problem]:
    """Return what is wrong with a pack's own index of provisions; that of the law is not its to change."""
    start = Position("provisions.json", 1, 1)
    try:
        found = json.loads(data.decode("utf-8"))
        items = found["provisions"]
        good = isinstance(items, list) and len(items) <= _PROVISIONS_MOST and all(map(_provision, items))
        why = "id, label, heading, parent"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        good, why = False, type(error).__name__
    if not good:
        return [problem("provisions_wrong", start, why=why)]
    return [problem("shadows", start, id=item["id"]) for item in items if str(item["id"]).startswith(_LAW_PROVISIONS)]


def _provision(item: Any) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not isinstance(item.get("label"), str):
        return False
    heading, parent = item.get("heading"), item.get("parent")
    texts = [item["id"], item["label"], parent or ""]
    if heading is not None:
        if not isinstance(heading, dict) or not isinstance(heading.get("fr"), str) or "en" not in heading:
            return False
        texts += [heading["fr"], heading["en"]]
    return all(isinstance(text, str) and len(text) <= TEXT_MOST and not _strange(text) for text in texts)


def look_again(pack: Pack, name: str) -> list[Problem]:
    """Return what shows only once a pack is built: names that pass for the law's, and endless chains."""
    own = f"{name}:"
    entries: dict[str, Position] = {}
    law: set[str] = set()
    for section in _NAMED:
        group: Any = getattr(pack, section)
        for entry in group.values() if isinstance(group, Mapping) else group:
            if entry.id.startswith(own):
                entries[entry.id.removeprefix(own)] = entry.position
            else:
                law.add(entry.id)
    shadows = [problem("shadows", position, id=id_) for id_, position in entries.items() if id_ in law]
    return [*shadows, *_chains(pack)]


def _chains(pack: Pack) -> Iterator[Problem]:
    depth: dict[str, int] = {}
    for id_ in definition_order(dict(pack.definitions))[0]:
        definition = pack.definitions[id_]
        names = (*references(definition.when), *references(definition.unless))
        depth[id_] = 1 + max((depth.get(name, 0) for name in names), default=0)
        if depth[id_] == CHAIN_MOST + 1:
            yield problem("chain_long", definition.position, id=id_, limit=CHAIN_MOST)

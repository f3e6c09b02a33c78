"""The picture of how an entry is built from answers: boxes from left to right, laid out here, drawn by a template."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

from compliance.law.model import Pack
from compliance.law.phrasing import UNLESS, Phrase, phrase
from compliance.law.terms import Condition
from compliance.text import Language, Text
from compliance.web.templating import spoken

_LEAVES, _DEPTH = 16, 3  # more than these would be a wall, not a picture
_WIDE, _NARROW = 208, 68
_LINE, _PAD, _ACROSS, _DOWN = 16, 8, 26, 12
_SIGNS, _LINES_MOST = 29, 4
_GATES = {
    "all": Text("et", "and"),
    "any": Text("ou", "or"),
    "none": Text("aucune", "none"),
    "not": Text("non", "not"),
    "at_least": Text("au moins", "at least"),
    "unless": UNLESS,
}


@dataclass(slots=True)
class Node:
    """One box of the picture; ``kind`` is entry, concept, answer or gate."""

    kind: str
    text: Text
    said: Text | None = None
    id: str | None = None
    options: tuple[Text, ...] = ()  # of which the picture only says how many
    children: list[Node] = field(default_factory=list)
    folded: bool = False  # a concept whose own parts are not drawn
    lines: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    x: int = 0
    y: int = 0

    @property
    def width(self) -> int:
        """Return how wide the box is."""
        return _NARROW if self.kind == "gate" else _WIDE

    @property
    def height(self) -> int:
        """Return how high the box is."""
        return _LINE * (len(self.lines) + len(self.strong)) + 2 * _PAD


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture laid out: its boxes, the lines between them, and the same as a tree to read."""

    root: Node
    boxes: tuple[Node, ...]
    paths: tuple[str, ...]
    width: int
    height: int
    folded: bool


def draw(
    pack: Pack, title: Text, when: Condition | None, unless: Condition | None, language: Language
) -> Drawing | None:
    """Return the picture of an entry, concepts opened while there is room; None where nothing is asked of answers."""
    if when is None:
        return None
    root = Node("entry", title)
    _fill(pack, root, when, unless)
    _open(pack, root)
    boxes = list(_walk(root))
    for box in boxes:
        _wrap(box, language)
    height = _place(root, 1, 1)
    paths = tuple(_path(box, child) for box in boxes for child in box.children)
    width = max(box.x + box.width for box in boxes) + 1
    return Drawing(root, tuple(boxes), paths, width, height + 1, any(box.folded for box in boxes))


def _fill(pack: Pack, node: Node, when: Condition, unless: Condition | None) -> None:
    node.children = [_node(phrase(pack, when))]
    if unless is not None:
        node.children.append(Node("gate", _GATES["unless"], children=[_node(phrase(pack, unless))]))


def _node(found: Phrase) -> Node:
    if found.kind in ("all", "any") and len(found.children) == 1:
        return _node(found.children[0])
    if found.kind == "concept":
        return Node("concept", found.text, found.said, found.id, folded=True)
    if found.kind == "answer":
        return Node("answer", found.text, found.said, found.id, found.options)
    text = found.text if found.kind == "at_least" else _GATES[found.kind]
    return Node("gate", text, children=[_node(child) for child in found.children])


def _open(pack: Pack, root: Node) -> None:
    """Open concepts, the nearest first and each once, while the picture stays readable."""
    drawn: set[str] = set()
    waiting = [(box, 1) for box in _walk(root) if box.folded]
    room = _LEAVES - _leaves(root)
    while waiting:
        node, depth = waiting.pop(0)
        if node.id is None or node.id in drawn or depth > _DEPTH:
            continue
        definition = pack.definitions[node.id]
        trial = Node("concept", node.text)
        _fill(pack, trial, definition.when, definition.unless)
        more = _leaves(trial) - 1
        if more > room:
            continue
        room -= more
        drawn.add(node.id)
        node.children, node.folded = trial.children, False
        waiting += [(box, depth + 1) for child in node.children for box in _walk(child) if box.folded]


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _leaves(node: Node) -> int:
    return sum(_leaves(child) for child in node.children) if node.children else 1


def _wrap(box: Node, language: Language) -> None:
    signs = 9 if box.kind == "gate" else _SIGNS
    box.lines = _cut(spoken(box.text, language), signs, _LINES_MOST)
    count = f" ({len(box.options)})" if box.options else ""
    box.strong = _cut(spoken(box.said, language) + count, signs, _LINES_MOST) if box.said else ()


def _cut(text: str, signs: int, most: int) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, signs, max_lines=most, placeholder=" …", break_on_hyphens=False))


def _place(node: Node, x: int, top: int) -> int:
    """Put a box and what it is built from at a height; return where they end."""
    node.x = x
    if not node.children:
        node.y = top
        return top + node.height
    below = top
    for child in node.children:
        below = _place(child, x + node.width + _ACROSS, below) + _DOWN
    first = node.children[0]
    node.y = first.y + first.height // 2 - node.height // 2  # beside the first, so that a phone shows both
    down = max(0, top - node.y)
    for box in _walk(node) if down else ():
        box.y += down
    return max(below - _DOWN + down, node.y + node.height)


def _path(box: Node, child: Node) -> str:
    start, end = box.x + box.width, child.x
    middle = start + (end - start) // 2
    return f"M{start} {box.y + box.height // 2}H{middle}V{child.y + child.height // 2}H{end}"

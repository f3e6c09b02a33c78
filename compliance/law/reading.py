"""Rule files and case files as trees with positions: the only door through which YAML enters.

First pass of two. Everything that YAML can do beyond maps, lists and plain words is refused here, and
every value stays text; the second pass (``building``) converts by the schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from compliance.law.problems import Problem, problem
from compliance.law.terms import Position

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
MAX_NODES = 200_000

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value, as text."""

    value: str
    position: Position
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class ListNode:
    """Values in order."""

    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class MapNode:
    """Keys and values in order; keys are unique."""

    items: tuple[tuple[ScalarNode, Node], ...]
    position: Position

    def get(self, key: str) -> Node | None:
        """Return the value under ``key``, or None."""
        for name, value in self.items:
            if name.value == key:
                return value
        return None


Node = ScalarNode | ListNode | MapNode


class _RefusedError(Exception):
    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.found = found


def read_bytes(path: Path, name: str) -> tuple[bytes | None, tuple[Problem, ...]]:
    """Return the bytes of one file, or None and what is wrong; ``name`` is how positions call it."""
    start = Position(name, 1, 1)
    try:
        if path.stat().st_size > MAX_BYTES:
            return None, (problem("too_big", start, limit="2 MB"),)
        return path.read_bytes(), ()
    except OSError as error:
        return None, (problem("unreadable", start, why=error.strerror or "?"),)


def read_file(path: Path, name: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read one file; ``name`` is how positions call it. Return its tree, or None and what is wrong."""
    data, problems = read_bytes(path, name)
    return (None, problems) if data is None else read_text(data, name)


def read_text(data: bytes, name: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read the bytes of one file, as ``read_file`` does."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        return None, (problem("not_utf8", Position(name, line, column)),)
    if found := _control_character(text, name):
        return None, (found,)
    try:
        return _Reader(name).read(text), ()
    except _RefusedError as refused:
        return None, (refused.found,)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Position(name, mark.line + 1, mark.column + 1) if mark else Position(name, 1, 1)
        return None, (problem("syntax", at, why=error.problem or error.context or "?"),)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return None, (problem("syntax", Position(name, 1, 1), why=str(error).splitlines()[0]),)


def _control_character(text: str, name: str) -> Problem | None:
    found = _CONTROL.search(text)
    if found is None:
        return None
    index, code = found.start(), ord(found[0])
    line = text.count("\n", 0, index) + 1
    column = index - (text.rfind("\n", 0, index) + 1) + 1
    return problem("control_character", Position(name, line, column), character=f"U+{code:04X}")


class _Reader:
    """One walk over the parser's events."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes = 0

    def read(self, text: str) -> Node | None:
        self.events = yaml.parse(text, Loader=_PARSER)
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _RefusedError(problem("several_documents", self.at(event)))
                if event.tags or event.version:
                    raise _RefusedError(problem("tag", self.at(event), tag="%"))
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, 1)
        if root is None:
            raise _RefusedError(problem("empty", Position(self.name, 1, 1)))
        return root

    def at(self, event: yaml.Event) -> Position:
        assert event.start_mark is not None
        return Position(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def node(self, event: yaml.Event, depth: int) -> Node:
        at = self.at(event)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _RefusedError(problem("too_long", at, limit=MAX_NODES))
        if depth > MAX_DEPTH:
            raise _RefusedError(problem("too_deep", at, limit=MAX_DEPTH))
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise _RefusedError(problem("alias", at, name=event.anchor))
        tag = getattr(event, "tag", None)
        if tag:
            raise _RefusedError(problem("tag", at, tag=tag))
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(event.value, at, quoted=event.style is not None)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(at, depth)
        return self.mapping(at, depth)

    def sequence(self, at: Position, depth: int) -> ListNode:
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self.node(event, depth + 1))
        return ListNode(tuple(items), at)

    def mapping(self, at: Position, depth: int) -> MapNode:
        items: list[tuple[ScalarNode, Node]] = []
        seen: dict[str, int] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.node(event, depth + 1)
            if not isinstance(key, ScalarNode):
                raise _RefusedError(problem("key_not_text", key.position))
            if key.value == "<<":
                raise _RefusedError(problem("merge_key", key.position))
            if key.value in seen:
                raise _RefusedError(problem("duplicate_key", key.position, key=key.value, line=seen[key.value]))
            seen[key.value] = key.position.line
            items.append((key, self.node(next(self.events), depth + 1)))
        return MapNode(tuple(items), at)

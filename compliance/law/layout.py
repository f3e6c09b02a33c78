"""Rule files laid out anew: one indentation, keys in one order, no long lines; words and comments stay as they are."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeGuard

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode as Scalar
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import ScalarString

from compliance.law.amending import OPERATIONS
from compliance.law.language import KEYS
from compliance.law.problems import Problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode, read_text

WIDTH = 120
_COMMENT = re.compile(r"#.*")
_ENDLESS = 10_000_000  # ruamel would break lines within sentences; too long ones are opened into blocks instead


class _Words(VersionedResolver):
    """Every value is text, as in ``reading``: a date or a number is written again as it was."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return self.DEFAULT_SCALAR_TAG if kind is Scalar else super().resolve(kind, value, implicit)


class CannotLayOutError(Exception):
    """A file that is no rule file cannot be laid out; ``problems`` say where and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(len(problems))
        self.problems = problems


def tidy(data: bytes, name: str = "") -> bytes:
    """Return a rule file laid out anew: two spaces a level, keys as the language lists them, lines within 120 signs.

    What it says is the same, word for word, and every comment is there; laid out again, nothing moves. Where that
    cannot be promised of one of the steps, the file is left as it was before that step.

    Args:
        data: The file.
        name: How positions call it.

    Raises:
        CannotLayOutError: When it cannot be read as a rule file.
    """
    tree, problems = read_text(data, name)
    if tree is None:
        raise CannotLayOutError(problems)
    text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n") + "\n"
    said, kept = _said(data, tree), data
    for tries in ((_opened, _indented), (_remarked,), (_ordered,)):
        for step in tries:
            after = step(text)
            if after is not None and _says(after) == said:
                text, kept = after, after.encode()
                break
    return kept


def _said(data: bytes, tree: Node) -> tuple[Any, Counter[str]]:
    """Return what a file says and remarks, without where it stands."""
    return _plain(tree), comments(data.decode("utf-8"))


def _says(text: str) -> tuple[Any, Counter[str]] | None:
    tree, _ = read_text(text.encode(), "")
    return None if tree is None else _said(text.encode(), tree)


def _plain(node: Node) -> Any:
    if isinstance(node, ScalarNode):
        return node.value, node.quoted
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    return {key.value: _plain(value) for key, value in node.items}


def comments(text: str) -> Counter[str]:
    """Return the comments of a file, and how often each is there."""
    return Counter(text[start:end].rstrip() for start, end in _comments(text))


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each comment begins and ends: what stands between the words of the language after a "#"."""
    end = 0
    if "#" not in text:
        return
    for token in YAML(typ="safe", pure=True).scan(text):
        for found in _COMMENT.finditer(text, end, token.start_mark.index):
            yield found.span()
        end = token.end_mark.index


def _remarked(text: str) -> str:
    """Put comments one space after what they stand beside, or right above what they stand above."""
    lines = text.split("\n")
    for start, _ in _comments(text):
        number, column = text.count("\n", 0, start), start - (text.rfind("\n", 0, start) + 1)
        before, remark = lines[number][:column], lines[number][column:]
        following = next((line for line in lines[number + 1 :] if line.strip() and line.lstrip()[0] != "#"), None)
        if before.strip():
            lines[number] = f"{before.rstrip()} {remark}"
        elif following is not None:
            lines[number] = " " * (len(following) - len(following.lstrip())) + remark
    return "\n".join(lines)


def _round_trip() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Resolver = _Words
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    yaml.width = _ENDLESS
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _indented(text: str, *, opened: bool = False) -> str | None:
    yaml, made = _round_trip(), io.StringIO()
    try:
        tree = yaml.load(text)
        if opened:
            _open(tree, 0, 0)
        yaml.dump(tree, made)
    except (YAMLError, ValueError, TypeError, AttributeError, AssertionError, NotImplementedError):
        return None  # what the library does not write again stays as it is
    return "\n".join(line.rstrip() for line in made.getvalue().split("\n"))


def _opened(text: str) -> str | None:
    return _indented(text, opened=True)


def _open(node: Any, indent: int, column: int) -> None:
    """Write collections that are too long for their line as blocks.

    ``column`` is where the node would begin on its line, ``indent`` the level of its lines as a block.
    """
    if not isinstance(node, CommentedMap | CommentedSeq) or not node:
        return
    if node.fa.flow_style() and column + _length(node) <= WIDTH:
        return
    node.fa.set_block_style()
    if isinstance(node, CommentedSeq):
        for item in node:
            _open(item, indent + 4, indent + 4)
        return
    for key, value in node.items():
        inside = indent + 2 if isinstance(value, CommentedMap) else indent
        _open(value, inside, indent + _scalar(key) + 2)


def _length(node: Any) -> int:
    """Return how long a node is on one line."""
    if isinstance(node, CommentedMap):
        return sum(_scalar(key) + 4 + _length(value) for key, value in node.items())
    if isinstance(node, CommentedSeq):
        return sum(2 + _length(item) for item in node)
    return _scalar(node)


def _scalar(value: Any) -> int:
    text = str(value)
    return len(text) + 2 if isinstance(value, ScalarString) else len(text)


def _ordered(text: str) -> str | None:
    """Put the keys of each entry in the order of the language; remarks above a key move with it."""
    tree, _ = read_text(text.encode(), "")
    if not isinstance(tree, MapNode):
        return None
    lines = text.split("\n")
    for entry, order, last in reversed(list(_blocks(tree, len(lines)))):
        _sort(lines, entry, order, last)
    return "\n".join(lines)


def _blocks(tree: MapNode, end: int) -> Iterator[tuple[MapNode, tuple[str, ...], int]]:
    """Yield the entries written as blocks, the order of their keys, and the line after the last that may be theirs."""
    for (section, value), after in _with_ends(tree, end):
        if section.value not in KEYS or not isinstance(value, MapNode):
            continue
        order = (*KEYS[section.value][0], *KEYS[section.value][1])
        for (name, group), beyond in _with_ends(value, after):
            if name.value in OPERATIONS and isinstance(group, MapNode):
                yield from ((entry, order, last) for (_, entry), last in _with_ends(group, beyond) if _block(entry))
            elif _block(group):
                yield group, order, beyond


def _with_ends(node: MapNode, end: int) -> Iterator[tuple[tuple[ScalarNode, Node], int]]:
    following = [key.position.line - 1 for key, _ in node.items[1:]]
    return zip(node.items, [*following, end], strict=True)


def _block(node: Node) -> TypeGuard[MapNode]:
    """Tell whether a mapping has each of its keys on a line of its own, below one another."""
    if not isinstance(node, MapNode):
        return False
    places = [key.position for key, _ in node.items]
    return len({at.column for at in places}) == 1 and len({at.line for at in places}) == len(places)


def _sort(lines: list[str], entry: MapNode, order: tuple[str, ...], end: int) -> None:
    keys = [key.value for key, _ in entry.items]
    known = {key: order.index(key) if key in order else len(order) for key in keys}
    starts = [_above(lines, key.position.line - 1) for key, _ in entry.items]
    starts[0] = entry.items[0][0].position.line - 1  # what stands above the first belongs to the whole
    blocks = [lines[a:b] for a, b in pairwise([*starts, _above(lines, end)])]
    ordered = [block for _, block in sorted(zip(keys, blocks, strict=True), key=lambda pair: known[pair[0]])]
    lines[starts[0] : starts[0] + sum(map(len, blocks))] = [line for block in ordered for line in block]


def _above(lines: list[str], line: int) -> int:
    """Return the first of the remarks and empty lines that stand right above a line."""
    while line > 0 and (not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#")):
        line -= 1
    return line

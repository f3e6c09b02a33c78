"""A pack handed over as a file, taken as hostile until every part of it was looked at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from compliance.law import archive, suspecting
from compliance.law.loading import Loaded, load
from compliance.law.new_pack import good_name
from compliance.law.problems import Problem, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode, read_text
from compliance.law.shelf import Shelf, whole
from compliance.law.terms import Position

FORMAT = "pyramide-pack/1"
MANIFEST, SIGNED = "manifest.json", "signature.json"
BYTES_MOST = 4_000_000
_BOUNDS = archive.Bounds(files=200, one=400_000, all=BYTES_MOST)
_SHOWN_MOST, _WORDS_MOST = 200, 200
_HEAD_KEYS = ("pack", "amends", "builds_on", "version", "title", "text", "consolidated")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a pack, as the certificate says; only the fingerprint, known from elsewhere, proves it."""

    name: str
    fingerprint: str


Verify = Callable[[bytes, bytes], Signer | None]
"""What tells whose signature a ``signature.json`` holds over a manifest; None where it is nobody's."""


@dataclass(frozen=True, slots=True)
class Received:
    """A pack from a file: its files by path within it, and all that is wrong; ``loaded`` only where nothing is."""

    name: str
    files: Mapping[str, bytes]
    loaded: Loaded | None
    signed_by: Signer | None
    problems: tuple[Problem, ...]
    manifest: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Upon:
    """One pack in memory, beside those of another shelf; positions call its files by their path within it."""

    name: str
    own: Mapping[str, bytes]
    below: Shelf

    def packs(self) -> tuple[str, ...]:
        """Return the names of the packs."""
        return tuple(sorted({self.name, *self.below.packs()}))

    def folders(self) -> tuple[str, ...]:
        """Return the names of the packs and of the parts that packs are made of."""
        return tuple(sorted({self.name, *self.below.folders()}))

    def files(self, pack: str) -> tuple[str, ...]:
        """Return the paths of a pack's files."""
        return tuple(sorted(self.own)) if pack == self.name else self.below.files(pack)

    def read(self, pack: str, path: str) -> tuple[bytes | None, tuple[Problem, ...]]:
        """Return what a file holds."""
        return (self.own[path], ()) if pack == self.name else self.below.read(pack, path)

    def shown(self, pack: str, path: str) -> str:
        """Return the path of a file."""
        return path if pack == self.name else self.below.shown(pack, path)


class _RefusedError(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(len(problems))
        self.problems = problems


def receive(content: bytes, below: Shelf, verify: Verify) -> Received:
    """Look at a pack that somebody hands over: a ZIP, with a manifest or without, or a single YAML file.

    Args:
        content: The file.
        below: The packs at hand; the one received builds on one of them, and bears the name of none.
        verify: What checks a signature over the manifest.

    Nothing is raised, whatever the file holds: what is wrong is said with its place.
    """
    try:
        return _receive(content, below, verify)
    except _RefusedError as refused:
        ordered = sorted(refused.problems, key=lambda item: item.severity != "error")
        return Received("", {}, None, None, tuple(ordered[:_SHOWN_MOST]))


def _receive(content: bytes, below: Shelf, verify: Verify) -> Received:
    if len(content) > BYTES_MOST:
        raise _RefusedError([problem("archive_big", archive.at(""), limit="4 MB")])
    signer: Signer | None = None
    manifest: Mapping[str, Any] = {}
    lines: Mapping[str, list[int]] | None = None
    if content.startswith(b"PK"):
        entries = _unpack(content)
        manifest_bytes, signature = entries.pop(MANIFEST, None), entries.pop(SIGNED, None)
        if manifest_bytes is not None:
            manifest = _manifest(manifest_bytes, entries)
        if signature is not None:
            signer = verify(manifest_bytes, signature) if manifest_bytes is not None else None
            if signer is None:
                raise _RefusedError([problem("signature_wrong", archive.at(SIGNED))])
        files = _in_one_folder(entries)
    else:
        files, lines = _single(content)
    trees = _trees(files)
    name = _name(trees["pack.yaml"], manifest, below)
    if problems := suspecting.look(files, trees):
        raise _RefusedError(_placed(problems, lines))
    loaded = _loaded(name, files, below)
    problems = _placed(list(loaded.problems), lines)
    if loaded.pack is None:
        raise _RefusedError(problems)
    return Received(name, files, loaded, signer, tuple(problems[:_SHOWN_MOST]), manifest)


def _unpack(content: bytes) -> dict[str, bytes]:
    entries, problems = archive.read(content, _BOUNDS)
    if not problems:
        problems = [problem("archive_kind", archive.at(name)) for name in entries if not _kind(name)]
    if problems:
        raise _RefusedError(problems)
    return entries


def _kind(name: str) -> bool:
    if name in (MANIFEST, SIGNED):
        return True
    return name.endswith(".yaml") or PurePosixPath(name).name == "provisions.json"


def _in_one_folder(entries: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of the one pack in an archive, by path within its folder."""
    heads = [name for name in entries if PurePosixPath(name).name == "pack.yaml"]
    folder = heads[0].removesuffix("pack.yaml") if len(heads) == 1 else None
    if folder is None or folder.count("/") > 1:
        raise _RefusedError([problem("no_pack", archive.at(name)) for name in heads or [""]])
    apart = [name for name in entries if not name.startswith(folder)]
    if apart:
        raise _RefusedError([problem("archive_kind", archive.at(name)) for name in apart])
    files = {name.removeprefix(folder): data for name, data in entries.items()}
    deep = [name for name in files if name.endswith("provisions.json") and name != "provisions.json"]
    if deep:
        raise _RefusedError([problem("archive_kind", archive.at(name)) for name in deep])
    return files


def _manifest(data: bytes, entries: Mapping[str, bytes]) -> Mapping[str, Any]:
    """Return the manifest, held against the files that it lists. Raises _RefusedError."""
    found = _json(data)
    listed, by = found.get("files"), found.get("made")
    said = [found.get(key) for key in ("pack", "version", "builds_on")]
    said += [by.get("by"), by.get("at")] if isinstance(by, dict) else [None]
    named = all(isinstance(one, str) and len(one) <= _WORDS_MOST and not suspecting.signs(one, "") for one in said)
    if found.get("format") != FORMAT or not named or not isinstance(listed, dict):
        raise _RefusedError(
            [problem("manifest_wrong", archive.at(MANIFEST), why="format, pack, version, builds_on, made, files")]
        )
    folder = f"{found['pack']}/"
    problems = [
        problem("manifest_differs", archive.at(name))
        for name in sorted({*listed, *entries})
        if not name.startswith(folder)
        or name not in entries
        or listed.get(name) != hashlib.sha256(entries[name]).hexdigest()
    ]
    if problems:
        raise _RefusedError(problems)
    return MappingProxyType(found)


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
        if isinstance(found, dict):
            return found
        why = "{}"
    except (ValueError, RecursionError) as error:
        why = type(error).__name__
    raise _RefusedError([problem("manifest_wrong", archive.at(MANIFEST), why=why)])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _single(content: bytes) -> tuple[dict[str, bytes], dict[str, list[int]]]:
    """Return a file that holds a whole pack as its two files, and which line of it each of their lines is."""
    tree, problems = read_text(content, "YAML")
    found = list(problems) or suspecting.signs(content.decode("utf-8"), "YAML")
    if not found and not isinstance(tree, MapNode):
        found = [problem("expected_mapping", Position("YAML", 1, 1))]
    if found or not isinstance(tree, MapNode):
        raise _RefusedError(found)
    if any(key.position.column != 1 for key, _ in tree.items):
        raise _RefusedError([problem("single_file", tree.position)])
    text = content.decode("utf-8").splitlines(keepends=True)
    starts = [key.position.line - 1 for key, _ in tree.items]
    parts: dict[str, list[int]] = {"pack.yaml": [], "rules.yaml": []}
    for (key, _), start, end in zip(tree.items, [0, *starts[1:]], [*starts[1:], len(text)], strict=True):
        parts["pack.yaml" if key.value in _HEAD_KEYS else "rules.yaml"] += range(start, end)
    files = {name: "".join(text[line] for line in lines).encode() for name, lines in parts.items() if lines}
    return files, parts


def _placed(problems: list[Problem], lines: Mapping[str, list[int]] | None) -> list[Problem]:
    """Return problems with their place in the file that was given, where that was a single one."""
    if lines is None:
        return problems
    return [replace(item, position=_moved(item.position, lines)) for item in problems]


def _moved(place: Position | None, lines: Mapping[str, list[int]]) -> Position | None:
    if place is None or place.file not in lines:
        return place
    own = lines[place.file]
    return Position("YAML", own[place.line - 1] + 1 if 0 < place.line <= len(own) else 1, place.column)


def _trees(files: Mapping[str, bytes]) -> dict[str, Node]:
    trees: dict[str, Node] = {}
    found: list[Problem] = []
    for name, data in sorted(files.items()):
        if not name.endswith(".yaml"):
            continue
        tree, problems = read_text(data, name)
        found += problems
        if tree is not None:
            trees[name] = tree
    if not isinstance(trees.get("pack.yaml"), MapNode) and not found:
        found.append(problem("no_pack", archive.at("")))
    if found:
        raise _RefusedError(found)
    return trees


def _name(head: Node, manifest: Mapping[str, Any], below: Shelf) -> str:
    """Return how the pack is called, where it says so, says it alike, and may. Raises _RefusedError."""
    assert isinstance(head, MapNode), "the trees were looked at"
    if amends := head.get("amends"):
        raise _RefusedError([problem("pack_law_key", amends.position, key="amends")])
    node, base = head.get("pack"), head.get("builds_on")
    if not isinstance(node, ScalarNode) or not good_name(node.value):
        found = node.value if isinstance(node, ScalarNode) else ""
        raise _RefusedError([problem("pack_name", (node or head).position, id=found)])
    if node.value in below.packs():
        raise _RefusedError([problem("pack_taken", node.position, id=node.value)])
    item = base.items[0] if isinstance(base, ListNode) and len(base.items) == 1 else base
    if not isinstance(item, ScalarNode):
        raise _RefusedError([problem("pack_base", (base or head).position)])
    stated = {"pack": node.value, "builds_on": item.value}
    for key, value in stated.items():
        if manifest and manifest[key] != value:
            at = archive.at(MANIFEST)
            raise _RefusedError([problem("pack_other_name", at, found=manifest[key], wanted=value)])
    return node.value


def _loaded(name: str, files: Mapping[str, bytes], below: Shelf) -> Loaded:
    try:
        loaded = load(name, Upon(name, files, below), scenarios=True)
    except RecursionError:
        raise _RefusedError([problem("too_deep", archive.at("pack.yaml"), limit=suspecting.CHAIN_MOST)]) from None
    if loaded.pack is not None and (problems := suspecting.look_again(loaded.pack, name)):
        raise _RefusedError(problems)
    if loaded.pack is None and not loaded.problems:
        raise _RefusedError([problem("pack_base", archive.at("pack.yaml"))])
    return loaded


def made(name: str, shelf: Shelf, by: str, at: str) -> tuple[dict[str, bytes], bytes]:
    """Return the files of a pack to hand over, by name in the archive, and its manifest. Raises KeyError.

    Only the pack's own files go, scenarios and comments as they are; who receives them has the text beneath.
    """
    loaded = load(name, shelf)
    if loaded.pack is None or loaded.pack.id != name or loaded.stack[0] == name:
        raise KeyError(name)  # a pack of law is no pack on top
    files = whole(shelf, name)
    manifest = {
        "format": FORMAT,
        "pack": name,
        "version": loaded.pack.version,
        "title": {"fr": loaded.pack.title.fr, "en": loaded.pack.title.en},
        "builds_on": loaded.stack[-2],
        "made": {"by": by, "at": at},
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())},
    }
    return files, (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode()

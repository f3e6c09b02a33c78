"""Packs kept by content: the files of which a pack's hash is made, in one file from which it can be loaded again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from compliance.law import archive
from compliance.law.loading import load, load_pack
from compliance.law.model import Pack
from compliance.law.shelf import Files
from compliance.text import Text

_BOUNDS = archive.Bounds(files=2000, one=50_000_000, all=50_000_000)
_ROOT = "pack.txt"  # names the folder of the pack itself among those that it stands on
_NAME = re.compile(r"pack\.txt|[a-z][a-z0-9-]*(/[a-z0-9][a-z0-9._-]*)+", re.ASCII)

ERRORS = {
    "not_a_pack": Text(
        "ce n'est pas un paquet de règles conservé par Pyramide", "this is no rule pack kept by Pyramide"
    ),
    "broken_pack": Text(
        "le paquet de règles conservé ne se charge plus : il a été modifié, ou vient d'une autre version du programme",
        "the kept rule pack does not load any more: it was changed, or comes from another version of the program",
    ),
}


class PackFileError(ValueError):
    """A file holds no pack that can be used; ``code`` is one of ERRORS, ``text`` says it in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = ERRORS[code]


def collect(folder: str, rules: Path) -> dict[str, bytes]:
    """Return the files that make a pack's hash, by their path below the rules: its own and those it stands on.

    Scenarios are no part of a pack. Raises KeyError where the rules have no such pack that loads.
    """
    loaded = load_pack(rules / folder, rules)
    if loaded.pack is None:
        raise KeyError(folder)
    return dict(loaded.files)


def pack_file(folder: str, rules: Path) -> bytes:
    """Return a pack as one file, as ``packed``. Raises KeyError as ``collect``."""
    return packed(folder, collect(folder, rules))


def packed(folder: str, content: Mapping[str, bytes]) -> bytes:
    """Return the files of a pack, and of those that it stands on, as a ZIP: the same bytes for the same rules."""
    return archive.write({_ROOT: folder.encode(), **content})


def unpacked(content: bytes) -> tuple[str, Files]:
    """Return the name of the pack in a file of ``packed``, and the files. Raises PackFileError."""
    files, problems = archive.read(content, _BOUNDS)
    if problems or not all(_NAME.fullmatch(name) for name in files):
        raise PackFileError("not_a_pack")
    root = files.pop(_ROOT, b"").decode("ascii", "replace")
    shelf = Files(files)
    if root not in shelf.packs():
        raise PackFileError("not_a_pack")
    return root, shelf


def open_packed(content: bytes) -> Pack:
    """Return the pack in a file of ``packed``, loaded as any other. Raises PackFileError.

    Its hash is that of the files as they are: compare it with the one that was asked for.
    """
    pack = load(*unpacked(content)).pack
    if pack is None:
        raise PackFileError("broken_pack")
    return pack

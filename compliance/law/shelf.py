"""Where rule files stand: in a folder on disk, or in memory (drafts, published and imported packs)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from compliance.law.problems import Problem, problem
from compliance.law.reading import MAX_BYTES, read_bytes
from compliance.law.terms import Position

PACK_NAME = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)


class Shelf(Protocol):
    """Packs by name; the files of each by their path within it."""

    def packs(self) -> tuple[str, ...]:
        """Return the names of the packs, sorted."""

    def folders(self) -> tuple[str, ...]:
        """Return the names of the packs and of the parts that packs are made of, sorted."""

    def files(self, pack: str) -> tuple[str, ...]:
        """Return the paths of a pack's files, sorted, "/" between folders."""

    def read(self, pack: str, path: str) -> tuple[bytes | None, tuple[Problem, ...]]:
        """Return what a file holds, or None and what is wrong."""

    def shown(self, pack: str, path: str) -> str:
        """Return how a position calls a file."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Packs on disk, each a folder in ``rules``; ``apart`` are packs that stand elsewhere, by name."""

    rules: Path
    apart: Mapping[str, Path]

    def packs(self) -> tuple[str, ...]:
        """Return the names of the packs in the folder of rules."""
        return tuple(sorted(path.parent.name for path in self.rules.glob("*/pack.yaml")))

    def folders(self) -> tuple[str, ...]:
        """Return the names of the packs and of the parts that packs are made of."""
        parts = (path.parent.name for path in self.rules.glob("*/part.yaml"))
        return tuple(sorted({*self.packs(), *parts}))

    def _of(self, pack: str) -> Path:
        return self.apart.get(pack, self.rules / pack)

    def files(self, pack: str) -> tuple[str, ...]:
        """Return the paths of a pack's files."""
        folder = self._of(pack)
        return tuple(file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*")) if file.is_file())

    def read(self, pack: str, path: str) -> tuple[bytes | None, tuple[Problem, ...]]:
        """Return what a file holds; one that leads out of its pack's folder is refused."""
        folder = self._of(pack)
        file, shown = folder / path, self.shown(pack, path)
        if folder.resolve() not in file.resolve().parents:
            return None, (problem("outside_folder", Position(shown, 1, 1)),)
        return read_bytes(file, shown)

    def shown(self, pack: str, path: str) -> str:
        """Return the path of a file as the person would type it."""
        file = self._of(pack) / path
        try:
            return file.resolve().relative_to(Path.cwd()).as_posix()
        except ValueError:
            return file.as_posix()


@dataclass(frozen=True, slots=True)
class Files:
    """Packs in memory: content by path, ``ai-act/product.yaml``."""

    content: Mapping[str, bytes]

    def packs(self) -> tuple[str, ...]:
        """Return the names of the packs among the files."""
        return self._with("/pack.yaml")

    def folders(self) -> tuple[str, ...]:
        """Return the names of the packs and of the parts that packs are made of."""
        return tuple(sorted({*self.packs(), *self._with("/part.yaml")}))

    def _with(self, head: str) -> tuple[str, ...]:
        return tuple(sorted(path.removesuffix(head) for path in self.content if path.endswith(head)))

    def files(self, pack: str) -> tuple[str, ...]:
        """Return the paths of a pack's files."""
        return tuple(sorted(path.removeprefix(f"{pack}/") for path in self.content if path.startswith(f"{pack}/")))

    def read(self, pack: str, path: str) -> tuple[bytes | None, tuple[Problem, ...]]:
        """Return what a file holds."""
        data = self.content[f"{pack}/{path}"]
        if len(data) > MAX_BYTES:
            return None, (problem("too_big", Position(self.shown(pack, path), 1, 1), limit="2 MB"),)
        return data, ()

    def shown(self, pack: str, path: str) -> str:
        """Return the path of a file."""
        return f"{pack}/{path}"


def whole(shelf: Shelf, pack: str) -> dict[str, bytes]:
    """Return all rule files of a pack by path below the rules, scenarios included; what cannot be read is left out."""
    found = {}
    for path in shelf.files(pack):
        if path.endswith((".yaml", "provisions.json")):
            data, _ = shelf.read(pack, path)
            if data is not None:
                found[f"{pack}/{path}"] = data
    return found


def everything(shelf: Shelf) -> dict[str, bytes]:
    """Return all rule files of a shelf by path below the rules, parts included."""
    return {path: data for name in shelf.folders() for path, data in whole(shelf, name).items()}

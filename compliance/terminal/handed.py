"""Packs as a person names them at the terminal: by name, by folder, or as a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from compliance.law.compiling import Program, compile_pack
from compliance.law.loading import Loaded, load
from compliance.law.problems import Problem, hinted, problem
from compliance.law.receiving import Upon
from compliance.law.shelf import Folder, Shelf
from compliance.law.sources import PackFileError, unpacked
from compliance.law.terms import Position
from compliance.reports.pack_signing import receive
from compliance.terminal.wrong import refused
from compliance.text import Language

_MOST = 50_000_000  # bytes of a text kept with a report; receiving has a narrower bound of its own
_FILES = (".zip", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Given:
    """A pack on its shelf, or what forbids opening it."""

    name: str
    shelf: Shelf | None
    rules: Path
    at: Path | None = None  # its folder or file, where it was named by one
    problems: tuple[Problem, ...] = ()

    def folders(self) -> tuple[Path, ...]:
        """Return where its files are, and those of all that it may stand on."""
        below = tuple(sorted(path.parent for path in self.rules.glob("*/pack.yaml")))
        own = (self.at or self.rules / self.name,)
        if not isinstance(self.shelf, Folder):
            return own
        stack = load(self.name, self.shelf).stack
        return own + tuple(folder for folder in below if folder.name in stack and folder != own[0])


def find(given: str, rules: Path) -> Given:
    """Return a pack by its name in the rules, by its folder, or from a file that somebody handed over."""
    path = Path(given)
    if (path / "pack.yaml").is_file():
        return Given(path.resolve().name, Folder(rules, {path.resolve().name: path}), rules, path)
    if path.is_file() and path.suffix in _FILES:
        return _from_file(path, rules)
    folder = Folder(rules, {})
    if given in folder.packs() or (rules / given).is_dir():
        return Given(given, folder, rules)
    return Given(given, None, rules, path, (hinted("pack_unknown", None, given, folder.packs(), id=given),))


def _from_file(path: Path, rules: Path) -> Given:
    below = Folder(rules, {})
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST + 1)
    except OSError as error:
        unreadable = problem("unreadable", Position(str(path), 1, 1), why=error.strerror or "?")
        return Given(path.name, None, rules, path, (unreadable,))
    try:
        name, shelf = unpacked(content)  # a text kept with a report
        return Given(name, shelf, rules, path)
    except PackFileError:
        got = receive(content, below)
    if got.loaded is None:
        return Given(path.name, None, rules, path, got.problems)
    return Given(got.name, Upon(got.name, got.files, below), rules, path)


def opened(given: str, rules: Path, language: Language) -> tuple[Given, Loaded, Program]:
    """Return a pack that loads, and its program. Raises WrongError."""
    found = find(given, rules)
    if found.shelf is None:
        raise refused(found.problems, language)
    loaded = load(found.name, found.shelf, scenarios=True)
    if loaded.pack is None:
        raise refused(loaded.problems, language)
    return found, loaded, compile_pack(loaded.pack)

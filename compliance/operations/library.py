"""The law at hand: packs loaded once, compiled once, and results kept while they are asked for again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import Facts, accept_known
from compliance.assessment.outcome import Outcome
from compliance.assessment.progress import Reading, counts, read
from compliance.assessment.state import State, run
from compliance.assessment.summary import Summary, summarise
from compliance.law import sources
from compliance.law.compiling import Program, compile_pack
from compliance.law.loading import Loaded, list_packs, load, load_pack
from compliance.law.model import Pack
from compliance.law.scenarios import Scenario
from compliance.law.shelf import Files, Folder, everything, whole

_KEPT = {"outcome": 200, "summary": 4_000, "reading": 1_000, "aside": 4_000}
_EARLIER = 8
Result = TypeVar("Result")


class BrokenLawError(Exception):
    """A pack does not load; ``compliance check`` says why."""


@dataclass(frozen=True, slots=True)
class Law:
    """A pack with its program; ``name`` is how use cases name it: its folder, or a published version of it."""

    pack: Pack
    program: Program
    name: str = ""

    def facts(self, answers: Mapping[str, object]) -> Facts:
        """Return answers as stored, as facts; questions and options that this text does not know are left out."""
        return accept_known(self.pack, answers)

    def state(self, facts: Facts) -> State:
        """Return what one run says."""
        return run(self.program, facts)


def _key(facts: Facts) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((fact, repr(value)) for fact, value in facts.values.items()))


class Library:
    """Every text of the law that this instance knows: those in its folder, and those that were published.

    ``published`` returns the files of a published version by its name, packed, or None.
    """

    def __init__(
        self, rules: Path, default: str, published: Callable[[str], bytes | None] = lambda _name: None
    ) -> None:
        self.rules, self.default, self.published = rules, default, published
        self._laws: dict[str, Law] = {}
        self._scenarios: OrderedDict[str, tuple[Scenario, ...]] = OrderedDict()
        self._earlier: OrderedDict[str, Law] = OrderedDict()
        self._results: dict[str, OrderedDict[tuple[Any, ...], Any]] = {kind: OrderedDict() for kind in _KEPT}
        self._lock = Lock()

    def names(self) -> tuple[str, ...]:
        """Return the names of the texts in the folder: those that every organisation has."""
        return list_packs(self.rules)

    def law(self, name: str) -> Law:
        """Return a text of the law. Raises BrokenLawError."""
        if name not in self._laws:
            loaded = self._load(name)
            if loaded is None or loaded.pack is None:
                raise BrokenLawError(name)
            self._laws[name] = Law(loaded.pack, compile_pack(loaded.pack), name)
        return self._laws[name]

    def _load(self, name: str, *, scenarios: bool = False) -> Loaded | None:
        if "@" not in name:
            return load_pack(name, self.rules, scenarios=scenarios)
        content = self.published(name)
        return None if content is None else load(*sources.unpacked(content), scenarios=scenarios)

    def scenarios(self, name: str) -> tuple[Scenario, ...]:
        """Return the scenarios of a text. Raises BrokenLawError."""
        if name not in self._scenarios:
            loaded = self._load(name, scenarios=True)
            if loaded is None or loaded.pack is None:
                raise BrokenLawError(name)
            with self._lock:
                self._scenarios[name] = loaded.scenarios
                while len(self._scenarios) > _EARLIER:
                    self._scenarios.popitem(last=False)
        return self._scenarios[name]

    def files(self, name: str) -> dict[str, bytes]:
        """Return the files of a text by path below the rules: its own whole, and those that it stands on.

        Raises BrokenLawError.
        """
        if "@" in name:
            content = self.published(name)
            if content is None:
                raise BrokenLawError(name)
            return dict(sources.unpacked(content)[1].content)
        loaded = load_pack(name, self.rules)
        if loaded.pack is None:
            raise BrokenLawError(name)
        folder = Folder(self.rules, {})
        return {
            **loaded.files,
            **{path: data for own in (name, *loaded.parts) for path, data in whole(folder, own).items()},
        }

    def shelf(self) -> Files:
        """Return all files of the folder of rules, in memory."""
        return Files(everything(Folder(self.rules, {})))

    def with_hash(self, hash_: str) -> Law | None:
        """Return the text with a hash, of those that were opened; the names at hand are all opened for it."""
        if hash_ in self._earlier:
            return self._earlier[hash_]
        for name in self.names():
            with suppress(BrokenLawError):
                if self.law(name).pack.hash == hash_:
                    return self.law(name)
        return None

    def remember(self, law: Law) -> None:
        """Keep a text that is no longer at hand open, a few at a time."""
        with self._lock:
            self._earlier[law.pack.hash] = law
            while len(self._earlier) > _EARLIER:
                self._earlier.popitem(last=False)

    def outcome(self, law: Law, facts: Facts, on: date) -> Outcome:
        """Return all that follows from the answers."""
        return self._kept(
            "outcome", (law.pack.hash, on, _key(facts)), lambda: evaluate(law.pack, law.program, facts, on)
        )

    def summary(self, law: Law, facts: Facts, on: date) -> Summary:
        """Return what a list of use cases shows of one."""
        return self._kept(
            "summary",
            (law.pack.hash, on, _key(facts)),
            lambda: summarise(law.program, facts, on, self.reading(law, facts)),
        )

    def reading(self, law: Law, facts: Facts) -> Reading:
        """Return where a questionnaire stands."""
        return self._kept("reading", (law.pack.hash, _key(facts)), lambda: read(law.program, facts))

    def set_aside(self, law: Law, facts: Facts, among: Iterable[str]) -> frozenset[str]:
        """Return which of some answers no longer count; they come back when an earlier answer changes."""
        key = law.pack.hash, _key(facts)
        return frozenset(
            fact
            for fact in among
            if fact in facts.values and not self._kept("aside", (*key, fact), partial(counts, law.program, facts, fact))
        )

    def _kept(self, kind: str, key: tuple[Any, ...], make: Callable[[], Result]) -> Result:
        results = self._results[kind]
        with self._lock:
            if key in results:
                results.move_to_end(key)
                found: Result = results[key]
                return found
        made = make()
        with self._lock:
            results[key] = made
            while len(results) > _KEPT[kind]:
                results.popitem(last=False)
        return made

"""The scenarios that put an entry to the test, as its page lists them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from compliance.assessment.covering import Covered, Covering
from compliance.assessment.wording import answer_text
from compliance.law.entries import Key
from compliance.law.model import Pack
from compliance.law.scenarios import Scenario
from compliance.text import Text

_MOST = 120  # a list to read; those that say what they expect come first


@dataclass(frozen=True, slots=True)
class Scene:
    """One scenario of a list; ``named`` where it says what it expects of the entry, ``answer`` for a question."""

    scenario: Scenario
    named: bool
    answer: Text | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The scenarios where it comes out one way; ``more`` are counted, not shown."""

    word: str
    scenes: tuple[Scene, ...]
    named: int
    total: int

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.total - len(self.scenes)


@dataclass(frozen=True, slots=True)
class Scenes:
    """The scenarios in which one condition of an entry holds, does not, or stays open."""

    title: str  # which condition of the entry, where it has several
    lists: tuple[Listed, ...]


def of(pack: Pack, covering: Covering, key: Key) -> list[Scenes]:
    """Return the scenarios of an entry, by condition; nothing for entries without any."""
    section, id_ = key
    if section == "deadlines":
        cases = pack.deadlines[id_].cases
        keyed = [(_("Case %(number)s", number=n), f"{id_}/{n - 1}") for n in range(1, len(cases) + 1)]
    elif section == "penalties":
        keyed = [
            (_("The share counts when"), f"{id_}/percent"),
            (_("The lower of the two counts when"), f"{id_}/lower"),
        ]
    else:
        keyed = [("", id_)]
    found = [(title, covering.of((section, name))) for title, name in keyed]
    return [Scenes(title, _lists(pack, covering, key, covered)) for title, covered in found if covered]


def _lists(pack: Pack, covering: Covering, key: Key, covered: Covered) -> tuple[Listed, ...]:
    words = {
        "facts": (_("Answered"), _("Not answered"), ""),
        "levels": (_("This is the level"), _("This is not the level"), _("Undecided")),
        "obligations": (_("Owed"), _("Not owed"), _("Undecided")),
    }.get(key[0], (_("True"), _("False"), _("Undecided")))
    found = []
    for word, numbers in zip(words, (covered.true, covered.false, covered.open), strict=True):
        ordered = sorted(numbers, key=lambda number: (number not in covered.named, number))
        if ordered or word == words[0]:
            shown = tuple(_scene(pack, covering, key, covered, number) for number in ordered[:_MOST])
            found.append(Listed(word, shown, len(covered.named.intersection(numbers)), len(numbers)))
    return tuple(found)


def _scene(pack: Pack, covering: Covering, key: Key, covered: Covered, number: int) -> Scene:
    facts, answer = covering.facts[number], None
    if key[0] == "facts" and facts is not None and key[1] in facts.values:
        answer = answer_text(pack.facts[key[1]], facts.values[key[1]])
    return Scene(covering.scenarios[number], number in covered.named, answer)

"""The smallest questions of a pack: atoms, the answers they come from, and what one says of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from compliance.law.model import (
    Condition,
    FactType,
    Not,
    Operator,
    Pack,
    Ref,
    Test,
)

Answer = bool | str | tuple[str, ...] | date | Decimal
"""A complete answer to one fact."""

Cut = tuple[Decimal, bool]
"""A threshold on numbers: ``(n, False)`` is below n, ``(n, True)`` is at most n."""


class AtomKind(StrEnum):
    """What an atom says of its fact."""

    IS = "is"  # a boolean fact is true
    OPTION = "option"  # the option is the answer, or among the answers
    BEFORE = "before"  # the day is before a date
    UNDER = "under"  # the number is under a cut


@dataclass(frozen=True, slots=True)
class Atom:
    """One yes-or-no question about a fact."""

    fact: str
    kind: AtomKind
    option: str = ""
    day: date | None = None
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """The atoms of one fact, in the order of its options or thresholds."""

    fact: str
    type: FactType
    first: int  # index of the first atom; the others follow
    options: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    cuts: tuple[Cut, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def size(self) -> int:
        """Number of atoms."""
        return len(self.options or self.days or self.cuts) or 1

    @property
    def atoms(self) -> range:
        """Indices of the atoms."""
        return range(self.first, self.first + self.size)


def walk(condition: Condition) -> Iterator[Ref | Test]:
    """Yield the leaves of a condition, in reading order."""
    pending: list[Condition] = [condition]
    while pending:
        node = pending.pop()
        if isinstance(node, Ref | Test):
            yield node
        elif isinstance(node, Not):
            pending.append(node.part)
        else:
            pending.extend(reversed(node.parts))


def conditions(pack: Pack) -> Iterator[Condition]:
    """Yield every condition of a pack."""
    for definition in pack.definitions.values():
        yield definition.when
        if definition.unless is not None:
            yield definition.unless
    for level in pack.levels:
        if level.when is not None:
            yield level.when
    for section in (pack.roles, pack.findings, pack.obligations):
        for entry in section.values():
            yield entry.when
    for deadline in pack.deadlines.values():
        yield from (case.when for case in deadline.cases if case.when is not None)
    for penalty in pack.penalties.values():
        yield from (c for c in (penalty.percent_when, penalty.lower_when) if c is not None)


def number_cut(test: Test) -> Cut:
    """Return the cut that decides a test of numbers."""
    assert test.number is not None
    return test.number, test.operator in {Operator.AT_MOST, Operator.MORE_THAN}


def domains(pack: Pack) -> dict[str, Domain]:
    """Return the domain of every fact that a condition looks at, in the order of the pack's facts."""
    days: dict[str, set[date]] = {}
    cuts: dict[str, set[Cut]] = {}
    used: set[str] = set()
    for condition in conditions(pack):
        for leaf in walk(condition):
            if isinstance(leaf, Ref):
                if leaf.id not in pack.definitions:
                    used.add(leaf.id)
                continue
            used.add(leaf.fact)
            if leaf.day is not None:
                days.setdefault(leaf.fact, set()).add(leaf.day)
            elif leaf.number is not None:
                cuts.setdefault(leaf.fact, set()).add(number_cut(leaf))
    found: dict[str, Domain] = {}
    first = 0
    for fact in pack.facts.values():
        if fact.id in used and fact.type is not FactType.TEXT:
            domain = Domain(
                fact.id,
                fact.type,
                first,
                tuple(option.id for option in fact.options),
                tuple(sorted(days.get(fact.id, ()))),
                tuple(sorted(cuts.get(fact.id, ()))),
                fact.minimum,
                fact.maximum,
            )
            found[fact.id] = domain
            first += domain.size
    return found


def atoms_of(domain: Domain) -> tuple[Atom, ...]:
    """Return the atoms of a domain, in order."""
    if domain.options:
        return tuple(Atom(domain.fact, AtomKind.OPTION, option=o) for o in domain.options)
    if domain.days:
        return tuple(Atom(domain.fact, AtomKind.BEFORE, day=d) for d in domain.days)
    if domain.cuts:
        return tuple(Atom(domain.fact, AtomKind.UNDER, cut=c) for c in domain.cuts)
    return (Atom(domain.fact, AtomKind.IS),)


def under(value: Decimal, cut: Cut) -> bool:
    """Return whether a number is under a cut."""
    return value <= cut[0] if cut[1] else value < cut[0]


def truths(domain: Domain, answer: Answer) -> tuple[bool, ...]:
    """Return what a complete answer makes of each atom."""
    if domain.type is FactType.CHOICE:
        return tuple(option == answer for option in domain.options)
    if domain.type is FactType.CHOICES:
        assert isinstance(answer, tuple)
        return tuple(option in answer for option in domain.options)
    if domain.type is FactType.DATE:
        assert isinstance(answer, date)
        return tuple(answer < day for day in domain.days)
    if domain.type is FactType.NUMBER:
        assert isinstance(answer, Decimal)
        return tuple(under(answer, cut) for cut in domain.cuts)
    return (answer is True,)


def fixed(domain: Domain) -> dict[int, bool]:
    """Return the atoms that no answer can change: thresholds outside the bounds, a single option."""
    found: dict[int, bool] = {}
    if domain.type is FactType.CHOICE and len(domain.options) == 1:
        found[domain.first] = True
    for i, cut in enumerate(domain.cuts):
        if domain.minimum is not None and not under(domain.minimum, cut):
            found[domain.first + i] = False
        elif domain.maximum is not None and under(domain.maximum, cut):
            found[domain.first + i] = True
    if domain.days and domain.days[0] == date.min:
        found[domain.first] = False
    return found


def consequences(
    domain: Domain, atom: int, value: bool, known: Mapping[int, bool] | list[bool | None]
) -> dict[int, bool]:
    """Return all atoms settled by settling one of them, itself included.

    ``known`` gives what was settled before (closed in the same way), by index of the atom.
    """
    if domain.type is FactType.CHOICE:
        if value:
            return {other: other == atom for other in domain.atoms}
        open_ones = [other for other in domain.atoms if other != atom and _get(known, other) is None]
        settled = {atom: False}
        if len(open_ones) == 1 and not any(_get(known, other) for other in domain.atoms):
            settled[open_ones[0]] = True
        return settled
    if domain.type in {FactType.DATE, FactType.NUMBER}:
        if value:
            return dict.fromkeys(range(atom, domain.first + domain.size), True)
        return dict.fromkeys(range(domain.first, atom + 1), False)
    return {atom: value}


def _get(known: Mapping[int, bool] | list[bool | None], atom: int) -> bool | None:
    return known[atom] if isinstance(known, list) else known.get(atom)


def typical_answers(domain: Domain) -> tuple[Answer, ...]:
    """Return answers that stand for all others: one for each way the atoms may fall.

    For ``choices`` only none and each option alone: the rest are joins of those.
    """
    if domain.type is FactType.BOOLEAN:
        return (True, False)
    if domain.type is FactType.CHOICE:
        return domain.options
    if domain.type is FactType.CHOICES:
        return ((), *((option,) for option in domain.options))
    if domain.type is FactType.DATE:
        days = domain.days
        earlier = () if days[0] == date.min else (days[0] - timedelta(days=1),)
        return (*earlier, *days)
    return tuple(_typical_numbers(domain))


def _typical_numbers(domain: Domain) -> Iterator[Decimal]:
    low: Cut | None = None if domain.minimum is None else (domain.minimum, False)
    for cut in (*domain.cuts, None):
        high = cut
        if domain.maximum is not None and (high is None or under(domain.maximum, high)):
            high = (domain.maximum, True)
        number = _between(low, high)
        if number is not None:
            yield number
        if cut is not None and (low is None or cut > low):
            low = cut


def _between(low: Cut | None, high: Cut | None) -> Decimal | None:
    """Return a plain number that is not under ``low`` but under ``high``, if there is one."""
    if low is None:
        if high is None:
            return Decimal(0)
        return high[0] if high[1] else high[0] - 1
    candidates = [low[0], low[0] + 1] + ([] if high is None else [(low[0] + high[0]) / 2, high[0]])
    for number in candidates:
        if not under(number, low) and (high is None or under(number, high)):
            return number
    return None


def answer_from(domain: Domain, values: list[bool]) -> Answer:
    """Return an answer that gives the atoms of the domain these values (which must fit together)."""
    mine = tuple(values[i] for i in domain.atoms)
    if domain.type is FactType.CHOICES:
        return tuple(o for o, chosen in zip(domain.options, mine, strict=True) if chosen)
    return next(answer for answer in typical_answers(domain) if truths(domain, answer) == mine)

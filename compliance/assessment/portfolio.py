"""Many use cases at once: their answers as bit sets, a change of the law replayed over all of them.

One bit is one use case. A program runs once for all; only where Kleene's logic leaves more than one level, and what
changed takes part, is the solver asked, once for all that answer alike.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat

from compliance.assessment.deriving import fill
from compliance.assessment.facts import accept_known, cases_in, truth_of
from compliance.law import proving
from compliance.law.checking import references
from compliance.law.compiling import Atom, Program
from compliance.law.entries import fingerprint
from compliance.law.model import Deadline

_MANY = 64  # one number in so many places, at least

Bits = list[int]
Levels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The answers of many use cases: for each question and answer, the use cases that gave it."""

    count: int
    given: Mapping[str, Mapping[str, int]]  # question: answer as JSON: one bit per use case

    @property
    def mask(self) -> int:
        """A bit for every use case."""
        return (1 << self.count) - 1


def gather(lines: Sequence[str]) -> Portfolio:
    """Return the portfolio of use cases from their answers in short: one ``question=JSON`` a line, one text each."""
    rows: dict[str, list[int]] = {}
    for number, text in enumerate(lines):
        for item in text.split("\n"):
            try:
                rows[item].append(number)
            except KeyError:
                rows[item] = [number]
    rows.pop("", None)
    given: dict[str, dict[str, int]] = {}
    for item, numbers in rows.items():
        question, _, answer = item.partition("=")
        given.setdefault(question, {})[answer] = _bits(numbers, len(lines))
    return Portfolio(len(lines), given)


def _bits(numbers: Sequence[int], count: int) -> int:
    """Return numbers as a bit set of so many places. Measured: for many, a byte each first is twice as fast."""
    if len(numbers) < count // _MANY:
        found = bytearray(count // 8 + 1)
        for number in numbers:
            found[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(found, "little")
    each = bytearray(count)
    deque(map(each.__setitem__, numbers, repeat(1)), maxlen=0)
    return sum(int.from_bytes(each[place::8], "little") << place for place in range(8))


def atoms(program: Program, portfolio: Portfolio, common: Mapping[str, object]) -> tuple[Bits, Bits]:
    """Return, per atom, the use cases where it is true and where it is false; ``common`` are answers of them all."""
    true, false = [0] * len(program.atoms), [0] * len(program.atoms)

    def put(question: str, value: object, bits: int) -> None:
        known = accept_known(program.pack, {question: value}).values.get(question)
        for number in program.by_fact.get(question, ()):
            if (truth := truth_of(program.atoms[number], known)) is not None:
                (true if truth else false)[number] |= bits

    for question, answers in portfolio.given.items():
        if question in program.by_fact:
            for answer, bits in answers.items():
                put(question, json.loads(answer), bits)
    for question, value in common.items():
        own = 0
        for bits in portfolio.given.get(question, {}).values():
            own |= bits
        put(question, value, portfolio.mask & ~own)
    return true, false


@dataclass(frozen=True, slots=True)
class Run:
    """What one program says of all use cases."""

    program: Program
    true: Bits  # per atom
    false: Bits
    out_true: Bits  # per slot
    out_false: Bits

    def possible(self, level: str) -> int:
        """Return where a level is not ruled out by Kleene's logic."""
        return ~self.out_false[self.program.slots["is", level]]


def replay(program: Program, portfolio: Portfolio, common: Mapping[str, object]) -> Run:
    """Run a program over all use cases."""
    true, false = atoms(program, portfolio, common)
    fill(program, true, false, portfolio.mask)
    return Run(program, true, false, *program.run(true, false, portfolio.mask))


def owed(run: Run, mask: int) -> dict[str, int]:
    """Return, per obligation, where it is owed for certain."""
    slots, out = run.program.slots, run.out_true
    found = {}
    for id_, obligation in run.program.pack.obligations.items():
        held = 0
        for role in obligation.who:
            held |= out[slots["role", role]]
        found[id_] = out[slots["obligation", id_]] & held & mask
    return found


def days(run: Run, deadline: Deadline, mask: int) -> dict[date | None, int]:
    """Return, per day of a deadline (None: never), where it is the day for certain."""
    found: dict[date | None, int] = {}
    left = mask
    for number, case in enumerate(deadline.cases):
        slot = run.program.slots.get(("deadline", f"{deadline.id}/{number}"))
        holds, fails = (mask, 0) if slot is None else (run.out_true[slot], run.out_false[slot])
        found[case.applies_from] = found.get(case.applies_from, 0) | (left & holds)
        left &= fails
    return found


@dataclass(frozen=True, slots=True)
class Duty:
    """An obligation whose standing changes: in which use cases it comes, goes, or gets another day."""

    id: str
    comes: int
    goes: int
    moves: int


@dataclass(frozen=True, slots=True)
class Changed:
    """One use case that changes, by its row."""

    row: int
    before: Levels
    after: Levels
    comes: tuple[str, ...]
    goes: tuple[str, ...]
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of the law does to a portfolio; ``undecided`` use cases may change level, which was not decided."""

    count: int
    levels: Mapping[tuple[Levels, Levels], int]  # bits
    duties: tuple[Duty, ...]
    undecided: int = 0
    changed: int = field(default=0)

    def rows(self) -> Iterator[Changed]:
        """Yield every use case that changes, in order."""
        for row in cases_in(self.changed):
            bit = 1 << row
            move = next((pair for pair, bits in self.levels.items() if bits & bit), ((), ()))
            named = [tuple(d.id for d in self.duties if getattr(d, name) & bit) for name in ("comes", "goes", "moves")]
            yield Changed(row, *move, *named)


def difference(before: Run, after: Run, portfolio: Portfolio, clock: Callable[[], bool]) -> Impact:
    """Return what changes from one program to the other; ``clock`` tells whether there is time to ask the solver."""
    mask = portfolio.mask
    ranges = _ranges(before, mask), _ranges(after, mask)
    moved: dict[tuple[Levels, Levels], int] = {}
    undecided = 0
    affected = _affected(before, after, mask)

    def put(pair: tuple[Levels, Levels], bits: int) -> None:
        if bits and pair[0] != pair[1]:
            moved[pair] = moved.get(pair, 0) | bits

    for was, first in ranges[0].items():
        for now, then in ranges[1].items():
            bits = first & then
            doubtful = bits & affected if len(was) > 1 or len(now) > 1 else 0
            put((was, now), bits & ~doubtful)
            for pair, exact in _decided(before, after, doubtful, (was, now), clock) if doubtful else ():
                if pair is None:
                    undecided |= exact
                else:
                    put(pair, exact)
    changed = 0
    for bits in moved.values():
        changed |= bits
    duties = tuple(_duties(before, after, mask))
    for duty in duties:
        changed |= duty.comes | duty.goes | duty.moves
    return Impact(portfolio.count, moved, duties, undecided, changed)


def _ranges(run: Run, mask: int) -> dict[Levels, int]:
    found: dict[Levels, int] = {(): mask}
    for level in run.program.pack.levels:
        possible = run.possible(level.id)
        fresh: dict[Levels, int] = {}
        for levels, bits in found.items():
            if with_ := bits & possible:
                fresh[*levels, level.id] = with_
            if without := bits & ~possible:
                fresh[levels] = without
        found = fresh
    return found


def _affected(before: Run, after: Run, mask: int) -> int:
    """Return where a changed condition is not known to be the same under both; elsewhere no range can have changed."""
    old, new = before.program, after.program
    slots: list[tuple[str, str]] = []
    for id_ in sorted(_level_names(old)[0] | _level_names(new)[0]):
        a, b = old.pack.definitions.get(id_), new.pack.definitions.get(id_)
        if a is None or b is None or fingerprint((a.when, a.unless)) != fingerprint((b.when, b.unless)):
            slots.append(("definition", id_))
    ours = {level.id: level for level in old.pack.levels}
    theirs = {level.id: level for level in new.pack.levels}
    slots += [
        ("is", id_)
        for id_ in dict.fromkeys((*ours, *theirs))
        if id_ not in ours or id_ not in theirs or fingerprint(ours[id_].when) != fingerprint(theirs[id_].when)
    ]
    affected = 0
    given = {item.fact for item in (*old.derived, *new.derived)}
    for atom in old.index.keys() & new.index.keys():
        if atom.fact in given:
            was, now = old.index[atom], new.index[atom]
            affected |= (before.true[was] ^ after.true[now]) | (before.false[was] ^ after.false[now])
    for slot in slots:
        if slot not in old.slots or slot not in new.slots:
            continue  # met only through what names it, which differs as well
        was, now = old.slots[slot], new.slots[slot]
        same = (before.out_true[was] & after.out_true[now]) | (before.out_false[was] & after.out_false[now])
        affected |= mask & ~same
    return affected


def _decided(
    before: Run, after: Run, bits: int, ranges: tuple[Levels, Levels], clock: Callable[[], bool]
) -> Iterator[tuple[tuple[Levels, Levels] | None, int]]:
    """Yield exact ranges with the use cases that have them; None with those for which there was no time."""
    for known, alike in _alike((before, after), bits, clock):
        if not clock():
            yield None, alike
            continue
        pair = tuple(
            levels
            if len(levels) == 1
            else proving.possible_after(
                run.program, {a: v for a, v in known.items() if a in run.program.index}, [({}, levels)]
            )[0]
            for run, levels in zip((before, after), ranges, strict=True)
        )
        yield (pair[0], pair[1]), alike


def _exact(program: Program, known: Mapping[Atom, bool], levels: Levels) -> Levels:
    own = {atom: truth for atom, truth in known.items() if atom in program.index}
    return proving.possible_after(program, own, [({}, levels)])[0]


def _level_names(program: Program) -> tuple[frozenset[str], frozenset[str]]:
    """Return the definitions and the questions that levels come down to."""
    pack = program.pack
    questions: set[str] = set()
    definitions: set[str] = set()
    waiting = [name for level in pack.levels for name in references(level.when)]
    while waiting:
        name = waiting.pop()
        if name in pack.definitions and name not in definitions:
            definitions.add(name)
            definition = pack.definitions[name]
            waiting += [*references(definition.when), *references(definition.unless)]
        elif name in pack.facts:
            questions.add(name)
    return frozenset(definitions), frozenset(questions)


def _alike(runs: tuple[Run, Run], bits: int, clock: Callable[[], bool]) -> Iterator[tuple[dict[Atom, bool], int]]:
    """Split use cases into those that answer alike; yield what they answer, with them."""
    parts: list[tuple[dict[Atom, bool], int]] = [({}, bits)]
    for run in runs:
        asked = _level_names(run.program)[1]
        for number, atom in enumerate(run.program.atoms):
            if atom.fact not in asked:
                continue
            if not clock():
                return (yield {}, bits)
            true, false = run.true[number], run.false[number]
            fresh: list[tuple[dict[Atom, bool], int]] = []
            for known, part in parts:
                yes, no = part & true, part & false
                if yes in (0, part) and no in (0, part):
                    if yes or no:
                        known[atom] = bool(yes)
                    fresh.append((known, part))
                    continue
                if yes:
                    fresh.append(({**known, atom: True}, yes))
                if no:
                    fresh.append(({**known, atom: False}, no))
                if rest := part & ~yes & ~no:
                    fresh.append((known, rest))
            parts = fresh
    yield from parts


def _duties(before: Run, after: Run, mask: int) -> Iterator[Duty]:
    old, new = owed(before, mask), owed(after, mask)
    for id_ in dict.fromkeys((*old, *new)):
        was, now = old.get(id_, 0), new.get(id_, 0)
        moves = _moves(before, after, id_, was & now) if was & now else 0
        if was != now or moves:
            yield Duty(id_, now & ~was, was & ~now, moves)


def _moves(before: Run, after: Run, id_: str, bits: int) -> int:
    """Return where a duty owed in both has another day for certain."""
    packs = before.program.pack, after.program.pack
    old, new = (pack.deadlines[pack.obligations[id_].deadline] for pack in packs)
    moved = 0
    for day, held in days(before, old, bits).items():
        for other, then in days(after, new, bits).items():
            if day != other:
                moved |= held & then
    return moved


def levels_counted(impact: Impact) -> Counter[tuple[Levels, Levels]]:
    """Return how many use cases go from which range to which."""
    return Counter({pair: bits.bit_count() for pair, bits in impact.levels.items()})

"""What a change of the law means: which situations come out otherwise, each with its smallest example, by solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from compliance.law.compiling import Program
from compliance.law.derivations import Value
from compliance.law.entries import Key, changed, entry_of, fingerprint
from compliance.law.model import Pack, Penalty
from compliance.law.situations import GENEROUS, Asker, Situation, Target, UndecidedError, beside, reached, results
from compliance.law.terms import FactType

Given = Mapping[str, Value]  # answers by question
KINDS = ("level", "role", "finding", "obligation", "date", "penalty", "derivation")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that comes out otherwise in some situation.

    ``before`` and ``after`` are, by kind: level ids; "held" or "" for roles and findings; "owed" or "" for obligations;
    the day (ISO 8601) or "never" for dates; "follows" or "" for derivations; nothing for penalties. ``id`` is the
    entry; for a level, the new one; for a date, the deadline. ``concerned`` are obligations and findings whose date
    moves.
    """

    kind: str
    id: str
    before: str
    after: str
    situation: Situation | None
    concerned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """All that a change of the law changes; ``same`` counts, by kind, what was proved to stay in every situation."""

    changes: tuple[Change, ...]
    same: dict[str, int]
    undecided: tuple[Target, ...]
    new_questions: tuple[str, ...]
    gone_questions: tuple[str, ...]
    new_options: tuple[tuple[str, str], ...]  # question, option
    wording: tuple[Key, ...]  # entries that read otherwise and whose conditions are the same
    alike: bool = field(default=False)  # nothing changes in any situation


class _Comparison:
    def __init__(self, before: Program, after: Program, milliseconds: int) -> None:
        self.old, self.new = beside(before, after)
        self.before, self.after = before.pack, after.pack
        self.results = results(self.old), results(self.new)
        self.asker = Asker(self.old, self.new, milliseconds=milliseconds)
        self.z3 = self.old.z3
        self.false = self.z3.BoolVal(False, self.old.context)
        self.changes: list[Change] = []
        self.same: dict[str, int] = dict.fromkeys(KINDS, 0)
        self.undecided: list[Target] = []

    def ask(self, target: Target, wanted: Any) -> Situation | None:
        try:
            return self.asker.smallest(wanted)
        except UndecidedError:
            if target not in self.undecided:
                self.undecided.append(target)
            return None

    def levels(self) -> None:
        old, new = self.results
        pairs = [(a.id, b.id) for a in self.before.levels for b in self.after.levels if a.id != b.id]
        alike = all(
            ("level", level.id) in old and old["level", level.id].eq(new["level", level.id])
            for level in self.after.levels
        )
        moved: set[str] = set()
        for was, now in () if alike else pairs:
            wanted = self.z3.And(old["level", was], new["level", now])
            if situation := self.ask(("level", now), wanted):
                self.changes.append(Change("level", now, was, now, situation))
                moved |= {was, now}
        self.same["level"] += sum(level.id not in moved for level in self.after.levels)

    def held(self, kind: str, word: str) -> None:
        """Compare roles, findings or obligations: where each comes, and where it goes."""
        old, new = self.results
        for target in dict.fromkeys(t for t in (*old, *new) if t[0] == kind):
            was, now = old.get(target, self.false), new.get(target, self.false)
            if was.eq(now):
                self.same[kind] += 1
                continue
            found = 0
            for before, after, wanted in (
                ("", word, self.z3.And(now, self.z3.Not(was))),
                (word, "", self.z3.And(was, self.z3.Not(now))),
            ):
                if situation := self.ask(target, wanted):
                    found += 1
                    self.changes.append(Change(kind, target[1], before, after, situation))
            self.same[kind] += not found and target not in self.undecided

    def dates(self) -> None:
        old, new = self.results
        using: dict[tuple[str, str], list[tuple[str, Any]]] = {}
        for kind, name in self._dated():
            deadlines = getattr(self.before, f"{kind}s")[name].deadline, getattr(self.after, f"{kind}s")[name].deadline
            if all(deadlines):
                both = self.z3.And(old[kind, name], new[kind, name])
                using.setdefault(deadlines, []).append((name, both))
        for (was, now), users in using.items():
            before, after = reached(self.old, self.before.deadlines[was]), reached(self.new, self.after.deadlines[now])
            if before.keys() == after.keys() and all(before[day].eq(after[day]) for day in before):
                self.same["date"] += 1
                continue
            found = 0
            used = self.z3.Or([both for _, both in users])
            for day, other, wanted in self._moves(before, after):
                situation = self.ask(("date", now), self.z3.And(wanted, used))
                if situation:
                    found += 1
                    names = tuple(name for name, _ in users)
                    self.changes.append(Change("date", now, _shown(day), _shown(other), situation, names))
            self.same["date"] += not found and ("date", now) not in self.undecided

    def _dated(self) -> Iterator[Target]:
        for kind in ("obligation", "finding"):
            for name in getattr(self.before, f"{kind}s"):
                if name in getattr(self.after, f"{kind}s"):
                    yield kind, name

    def _moves(
        self, before: dict[date | None, Any], after: dict[date | None, Any]
    ) -> Iterator[tuple[date | None, date | None, Any]]:
        for day, holds in before.items():
            for other, then in after.items():
                if day != other:
                    yield day, other, self.z3.And(holds, then)

    def derivations(self) -> None:
        """Compare what follows from answers: where a derivation holds, and the other pack gives no such answer."""
        old, new = _given(self.old.program), _given(self.new.program)
        was = {id_: self.old.of(self.before.derivations[id_].when) for id_ in old}
        now = {id_: self.new.of(self.after.derivations[id_].when) for id_ in new}
        for id_ in dict.fromkeys((*was, *now)):
            both = id_ in was and id_ in now
            if both and was[id_].eq(now[id_]) and old[id_] == new[id_]:
                self.same["derivation"] += 1
                continue
            found = 0
            for before, after, given, holds, others, hold in (
                ("", "follows", new, now, old, was),
                ("follows", "", old, was, new, now),
            ):
                if not given.get(id_):
                    continue
                wanted = self.z3.And(holds[id_], self.z3.Not(self._all_follow(given[id_], others, hold)))
                if situation := self.ask(("derivation", id_), wanted):
                    found += 1
                    self.changes.append(Change("derivation", id_, before, after, situation))
            self.same["derivation"] += not found and ("derivation", id_) not in self.undecided

    def _all_follow(self, answers: Given, others: Mapping[str, Given], hold: Mapping[str, Any]) -> Any:
        """Return the formula under which some derivation of a pack gives each of the answers."""
        return self.z3.And(
            [
                self.z3.Or([self.false, *(hold[id_] for id_, given in others.items() if given.get(fact) == value)])
                for fact, value in answers.items()
            ]
        )

    def penalties(self) -> None:
        """Compare ceilings of fines: their amounts, and who owes the share or the lower of the two."""
        for name in dict.fromkeys((*self.before.penalties, *self.after.penalties)):
            was, now = self.before.penalties.get(name), self.after.penalties.get(name)
            if was is None or now is None or (was.amount, was.percent) != (now.amount, now.percent):
                change = Change("penalty", name, "there" if was else "", "there" if now else "", None)
                self.changes.append(change)
            elif situation := self._otherwise(was, now):
                self.changes.append(Change("penalty", name, "there", "there", situation))
            else:
                self.same["penalty"] += ("penalty", name) not in self.undecided

    def _otherwise(self, was: Penalty, now: Penalty) -> Situation | None:
        """Return a situation in which a duty under the same fine is owed in both, and its ceiling is another."""
        both = [
            self.z3.And(self.results[0]["obligation", id_], self.results[1]["obligation", id_])
            for id_, duty in self.after.obligations.items()
            if duty.penalty == now.id
            and id_ in self.before.obligations
            and self.before.obligations[id_].penalty == was.id
        ]
        for old, new in ((was.percent_when, now.percent_when), (was.lower_when, now.lower_when)):
            one = self.false if old is None else self.old.of(old)
            other = self.false if new is None else self.new.of(new)
            if both and not one.eq(other):
                wanted = self.z3.And(self.z3.Xor(one, other), self.z3.Or(both))
                if situation := self.ask(("penalty", now.id), wanted):
                    return situation
        return None


def _given(program: Program) -> dict[str, Given]:
    """Return what each derivation answers, as far as anything depends on the question."""
    return {
        id_: {fact: value for fact, value in derivation.gives.items() if fact in program.by_fact}
        for id_, derivation in program.pack.derivations.items()
    }


def _shown(day: date | None) -> str:
    return day.isoformat() if day else "never"


def compare(before: Program, after: Program, milliseconds: int = GENEROUS) -> Meaning:
    """Return which situations two packs judge otherwise; what is not listed is proved the same in all of them.

    A question or option that one pack lacks is not seen by it; of questions with one answer, only options that both
    have are compared. ``milliseconds`` bound each question to the solver; what it did not decide is named.
    """
    comparison = _Comparison(before, after, milliseconds)
    comparison.levels()
    comparison.held("role", "held")
    comparison.held("finding", "held")
    comparison.held("obligation", "owed")
    comparison.dates()
    comparison.penalties()
    comparison.derivations()
    altered = changed(before.pack, after.pack).altered
    old, new = before.pack.facts, after.pack.facts
    return Meaning(
        tuple(comparison.changes),
        comparison.same,
        tuple(comparison.undecided),
        tuple(id_ for id_ in new if id_ not in old),
        tuple(id_ for id_ in old if id_ not in new),
        tuple(_new_options(before.pack, after.pack)),
        tuple(key for key in altered if _same_conditions(before.pack, after.pack, key)),
        alike=not comparison.changes and not comparison.undecided,
    )


def _new_options(before: Pack, after: Pack) -> Iterator[tuple[str, str]]:
    for id_, fact in after.facts.items():
        if id_ in before.facts and fact.type in (FactType.CHOICE, FactType.CHOICES):
            known = {option.id for option in before.facts[id_].options}
            yield from ((id_, option.id) for option in fact.options if option.id not in known)


def _same_conditions(before: Pack, after: Pack, key: Key) -> bool:
    old, new = entry_of(before, key), entry_of(after, key)
    return all(
        fingerprint(getattr(old, name, None)) == fingerprint(getattr(new, name, None))
        for name in ("when", "unless", "gives", "cases", "who", "deadline", "amount", "percent", "type", "options")
    )

"""Two frozen records of one use case, side by side: what differs, from what they hold and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.text import Text

OWED, POSSIBLE = "owed", "possible"


@dataclass(frozen=True, slots=True)
class Level:
    """A level with its name, as the record has it."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Cited:
    """A provision as shown, with the address of the official text where there is one."""

    shown: Text
    url: Text | None


@dataclass(frozen=True, slots=True)
class Side:
    """What one record says of itself and of the level."""

    number: str | None
    made_at: str
    made_by: str
    on: date
    law: Text
    law_version: str
    law_hash: str
    celex: str
    amended_by: tuple[str, ...]
    levels: tuple[Level, ...]  # all that the text knows, by rank
    possible: tuple[str, ...]
    because: Text | None


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as a record holds it; ``answer`` is None for "I don't know"."""

    answer: Text | None
    presumed: bool
    comment: str
    person: str
    at: str


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A question answered otherwise; None on the side that has no answer."""

    fact: str
    question: Text
    citations: tuple[Cited, ...]
    before: Said | None
    after: Said | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a duty stands on one side: owed or only possible, and from when."""

    certain: bool
    applies_from: date | None
    possible_dates: tuple[date, ...]
    never: Text | None


@dataclass(frozen=True, slots=True)
class DutyChange:
    """A duty that stands otherwise; None on the side that does not have it."""

    id: str
    action: Text
    citations: tuple[Cited, ...]
    before: Standing | None
    after: Standing | None


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A point beside the level that came or went; "owed", "possible" or None on each side."""

    id: str
    title: Text
    citations: tuple[Cited, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs between two records."""

    before: Side
    after: Side
    answers: tuple[AnswerChange, ...]
    came: tuple[DutyChange, ...]  # owed now, and not before
    went: tuple[DutyChange, ...]  # owed before, and not now
    moved: tuple[DutyChange, ...]  # owed in both, from another day
    in_doubt: tuple[DutyChange, ...]  # possible in one or both, and otherwise
    findings: tuple[FindingChange, ...]

    @property
    def law_differs(self) -> bool:
        """Whether the two rest on different texts."""
        return self.before.law_hash != self.after.law_hash

    @property
    def level_differs(self) -> bool:
        """Whether the levels that remain possible are others."""
        return self.before.possible != self.after.possible

    @property
    def result_differs(self) -> bool:
        """Whether anything that follows from the answers is otherwise."""
        return bool(self.level_differs or self.came or self.went or self.moved or self.in_doubt or self.findings)


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """Return what differs between the records of two reports of one use case.

    Raises:
        KeyError, TypeError, ValueError: for what is no such record.
    """
    duties = _duties(before["outcome"], after["outcome"])
    owed = {change.id: (_owed(change.before), _owed(change.after)) for change in duties}
    return Differences(
        _side(before),
        _side(after),
        tuple(_answers(before, after)),
        tuple(change for change in duties if owed[change.id] == (False, True)),
        tuple(change for change in duties if owed[change.id] == (True, False)),
        tuple(change for change in duties if owed[change.id] == (True, True)),
        tuple(change for change in duties if owed[change.id] == (False, False)),
        tuple(_findings(before["outcome"], after["outcome"])),
    )


def _owed(standing: Standing | None) -> bool:
    return standing is not None and standing.certain


def _text(value: Mapping[str, str] | None) -> Text | None:
    return Text(value["fr"], value["en"]) if value else None


def _words(value: Mapping[str, str]) -> Text:
    return Text(value["fr"], value["en"])


def _cited(found: Iterable[Mapping[str, Any]]) -> tuple[Cited, ...]:
    return tuple(Cited(_words(one["shown"]), _text(one["url"])) for one in found)


def _side(record: Mapping[str, Any]) -> Side:
    outcome = record["outcome"]
    pack, level, made = outcome["pack"], outcome["level"], record.get("made") or {}
    return Side(
        record.get("number"),
        made.get("at", ""),
        made.get("by", ""),
        date.fromisoformat(outcome["on"]),
        _words(pack["title"]),
        pack["version"],
        pack["hash"],
        pack["text"],
        tuple(pack["amended_by"]),
        tuple(Level(one["id"], _words(one["title"])) for one in record["levels"]),
        tuple(level["possible"]),
        _text(level["because"]),
    )


def _answers(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[AnswerChange]:
    """Yield the answers whose value, or whose standing as known or presumed, is another."""
    old = {answer["fact"]: answer for answer in before["answers"]}
    new = {answer["fact"]: answer for answer in after["answers"]}
    for fact in dict.fromkeys((*old, *new)):
        was, now = old.get(fact), new.get(fact)
        if _value(was, before["facts"]) == _value(now, after["facts"]):
            continue
        shown = now or was
        assert shown
        yield AnswerChange(fact, _words(shown["question"]), _cited(shown["citations"]), _said(was), _said(now))


def _value(answer: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> Any:
    """Return what counts of an answer; its wording may differ from text to text."""
    if answer is None:
        return None
    return answer["unknown"], answer["presumed"], facts.get(answer["fact"])


def _said(answer: Mapping[str, Any] | None) -> Said | None:
    if answer is None:
        return None
    return Said(
        None if answer["unknown"] and not answer["answer"] else _text(answer["answer"]),
        answer["presumed"],
        answer["comment"],
        answer["person"],
        answer["at"],
    )


def _standings(outcome: Mapping[str, Any]) -> dict[str, tuple[Mapping[str, Any], Standing]]:
    found = {}
    for certain, key in ((False, "possible_obligations"), (True, "obligations")):
        for duty in outcome[key]:
            day, days = duty["applies_from"], tuple(date.fromisoformat(one) for one in duty.get("possible_dates", ()))
            from_day = date.fromisoformat(day) if day else None
            found[duty["id"]] = duty, Standing(certain, from_day, days, _text(duty.get("never")))
    return found


def _duties(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[DutyChange]:
    """Return the duties that stand otherwise; a day that has come in the meantime is no difference."""
    old, new = _standings(before), _standings(after)
    found = []
    for id_ in dict.fromkeys((*old, *new)):
        was, now = old.get(id_), new.get(id_)
        if was and now and _stands(was[1]) == _stands(now[1]):
            continue
        shown = (now or was or ({},))[0]
        found.append(
            DutyChange(
                id_,
                _words(shown["action"]),
                _cited(shown["citations"]),
                was[1] if was else None,
                now[1] if now else None,
            )
        )
    return found


def _stands(standing: Standing) -> tuple[Any, ...]:
    return standing.certain, standing.applies_from, standing.possible_dates, standing.never is None


def _findings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[FindingChange]:
    sides = []
    for outcome in (before, after):
        found = {one["id"]: (POSSIBLE, one) for one in outcome["possible_findings"]}
        sides.append(found | {one["id"]: (OWED, one) for one in outcome["findings"]})
    old, new = sides
    for id_ in dict.fromkeys((*old, *new)):
        was, now = old.get(id_), new.get(id_)
        if (was and was[0]) == (now and now[0]):
            continue
        shown = (now or was or ("", {}))[1]
        yield FindingChange(
            id_, _words(shown["title"]), _cited(shown["citations"]), was[0] if was else None, now[0] if now else None
        )

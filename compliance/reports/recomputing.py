"""What a record says that follows from its answers and the text of the law, computed again and compared."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import Facts, accept
from compliance.assessment.freeze import freeze, text
from compliance.evidence.canonical import canonical
from compliance.law.compiling import Program
from compliance.reports import record as making

Law = Callable[[str], Program | None]  # gives the program of a pack by its hash
KINDS = ("use_case", "portfolio", "act_record")
_NAMES = ("id", "fact", "reference", "level", "obligation", "hash", "day", "written")  # tell items of a list apart
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where what is inside is not what it should be; ``path`` leads there, by names where there are any."""

    path: tuple[str, ...]
    inside: Any
    again: Any


@dataclass(frozen=True, slots=True)
class Again:
    """What came of computing one outcome again; ``hash`` names the text, ``known`` whether it is at hand."""

    hash: str
    known: bool
    differences: tuple[Difference, ...] = ()


def recompute(record: Mapping[str, Any], law: Law) -> list[Again]:
    """Compute what a record says again: its one outcome, or those of its use cases by text of the law, and its sums.

    Raises FactsError where the text refuses the answers, and KeyError, TypeError, ValueError, AttributeError or
    RecursionError where the record is not made as its kind is.
    """
    if record["kind"] == "portfolio":
        return _portfolio(record, law)
    hash_ = str(record["outcome"]["pack"]["hash"])
    program = law(hash_)
    if program is None:
        return [Again(hash_, known=False)]
    facts = accept(program.pack, record["facts"])
    day = date.fromisoformat(record["outcome"]["on"])
    outcome = freeze(evaluate(program.pack, program, facts, day))
    computed: dict[str, Any] = {"outcome": outcome}
    if record["kind"] == "use_case":
        pack = program.pack
        computed |= {
            "levels": making.levels_of(pack),
            "sections": [{"id": section.id, "title": text(section.title)} for section in pack.sections.values()],
            "answers": [_answer(given, facts, program) for given in record["answers"]],
        }
    return [Again(hash_, known=True, differences=compare((), {key: record[key] for key in computed}, computed))]


def _answer(given: Mapping[str, Any], facts: Facts, program: Program) -> dict[str, Any]:
    said = making.Given(
        given["fact"],
        given["unknown"] and given["fact"] not in facts.values,
        given["presumed"],
        given["comment"],
        given["person"],
        given["at"],
        tuple(given["evidence"]),
        given.get("source"),
    )
    return making.answer_row(said, facts, program.pack)


def _portfolio(record: Mapping[str, Any], law: Law) -> list[Again]:
    day = date.fromisoformat(record["on"])
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in record["cases"]:
        rows.setdefault(str(row["pack"]), []).append(row)
    found = [_cases(record, hash_, group, law, day) for hash_, group in rows.items()]
    sums = compare((), {"totals": record["totals"]}, {"totals": making.totals_of(record["cases"])})
    first = found[0] if found else Again("", known=True)
    return [Again(first.hash, first.known, first.differences + sums), *found[1:]]


def _cases(record: Mapping[str, Any], hash_: str, rows: Sequence[Mapping[str, Any]], law: Law, day: date) -> Again:
    program = law(hash_)
    if program is None:
        return Again(hash_, known=False)
    said = [one for one in record["laws"] if one["hash"] == hash_]
    found = list(compare(("laws",), said, [making.law_of(program.pack, rows)]))
    for row in rows:
        computed = making.computed(program, accept(program.pack, row["facts"]), day)
        found += compare(("cases", str(row["reference"])), {key: row[key] for key in computed}, computed)
    return Again(hash_, known=True, differences=tuple(found))


def compare(path: tuple[str, ...], inside: Any, again: Any) -> tuple[Difference, ...]:
    """Return the places where two values differ, once both are spelled as JSON."""
    return tuple(_compare(path, json.loads(canonical(inside)), json.loads(canonical(again))))


def _compare(path: tuple[str, ...], inside: Any, again: Any) -> Iterator[Difference]:
    if inside == again:
        return
    if isinstance(inside, list) and isinstance(again, list) and (name := _name(inside, again)):
        inside, again = ({str(item[name]): item for item in side} for side in (inside, again))
        if inside == again:
            yield Difference((*path, "order"), list(inside), list(again))
    if not (isinstance(inside, dict) and isinstance(again, dict)) or _is_text(inside) or _is_text(again):
        yield Difference(path, None if inside is _MISSING else inside, None if again is _MISSING else again)
        return
    for key in dict.fromkeys((*inside, *again)):
        yield from _compare((*path, key), inside.get(key, _MISSING), again.get(key, _MISSING))


def _is_text(value: Mapping[str, Any]) -> bool:
    return value.keys() == {"fr", "en"}


def _name(*lists: Sequence[Any]) -> str | None:
    """Return the key whose values tell the items of each list apart, if there is one."""
    for name in _NAMES:
        if all(
            all(isinstance(item, dict) and isinstance(item.get(name), str) for item in side)
            and len({item[name] for item in side}) == len(side)
            for side in lists
        ):
            return name
    return None


def contradictions(record: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return where a record contradicts itself, for which no text of the law is needed. Raises as ``recompute``."""
    return tuple(_envelope(record)) + tuple(_own(record))


def _envelope(record: Mapping[str, Any]) -> Iterator[Difference]:
    datetime.fromisoformat(record["made"]["at"])
    number, log = record["number"], record["log"]
    if (number is None) != (log is None):
        yield Difference(("log",), log, None if number is None else number)
    logo = record["organisation"]["logo"]
    if logo is not None:
        found = hashlib.sha256(base64.b64decode(logo["data"])).hexdigest()
        if found != logo["sha256"]:
            yield Difference(("organisation", "logo"), logo["sha256"], found)


def _own(record: Mapping[str, Any]) -> Iterator[Difference]:
    if record["kind"] == "portfolio":
        yield from compare(("totals",), record["totals"], making.totals_of(record["cases"]))
    if record["kind"] != "use_case":
        return
    facts, outcome = record["facts"], record["outcome"]
    for fact, value in outcome["answers"].items():
        if facts.get(fact) != value:
            yield Difference(("facts", fact), facts.get(fact), value)
    for given in record["answers"]:
        if given["unknown"] is not (given["fact"] not in facts):
            yield Difference(("answers", given["fact"], "unknown"), given["unknown"], given["fact"] not in facts)
    level = outcome["level"]
    if level["decided"] is not (len(level["possible"]) == 1) or (
        level["decided"] and [level["value"]] != level["possible"]
    ):
        yield Difference(("outcome", "level", "value"), level["value"], ", ".join(level["possible"]))

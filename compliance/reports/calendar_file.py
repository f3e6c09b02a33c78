"""The dates of a report as a calendar (iCalendar, RFC 5545): days of application, and days by which actions are due.

A day keeps its identifier from one report to the next, so that importing again moves what moved.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from icalendar import Alarm, Calendar, Event, vText

from compliance.reports.plan import Line, lines, references
from compliance.reports.words import Words
from compliance.text import Language

_SPACE = uuid.UUID("6d1f4c0e-6a0b-5c57-9d0e-3c1c7c0b7a51")  # names of ours alone
_BEFORE = timedelta(days=30)
_DAY = timedelta(days=1)


def make(record: Mapping[str, Any], language: Language) -> bytes:
    """Return the calendar of a record."""
    words, plan = Words(language), lines(record)
    calendar = Calendar()
    calendar.add("prodid", f"-//Pyramide//{record['program']}//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):  # the first is the standard's, the second what most programs read
        calendar.add(name, vText(_name(record, words)))  # the library escapes neither by itself
    for event in (*_applications(record, plan, words), *_due(record, plan, words)):
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def _name(record: Mapping[str, Any], words: Words) -> str:
    if record["kind"] == "portfolio":
        return words.pair("Règlement IA : {title}", "AI Act: {title}", title=words.text(record["title"]))
    case = record["use_case"]
    return words.pair("Règlement IA : {case}", "AI Act: {case}", case=f"{case['reference']} {case['name']}")


def _applications(record: Mapping[str, Any], plan: Iterable[Line], words: Words) -> Iterable[Event]:
    dated = sorted((line for line in plan if line.duty["applies_from"]), key=lambda line: line.duty["applies_from"])
    for day, group in groupby(dated, key=lambda line: str(line.duty["applies_from"])):
        found = list(group)
        if record["kind"] == "portfolio":
            cases = Counter(_case(line) for line in found)
            about = words.pair("cas d'usage : {n}", "use cases: {n}", n=len(cases))
            text = "\n".join(f"{case}{words.colon()} {_counted(count, words)}" for case, count in cases.items())
            key = ("applies", "*", day)
        else:
            about = _case(found[0])
            text = "\n\n".join(_described(line, words) for line in found)
            key = ("applies", found[0].reference, day)
        said = f"{_counted(len(found), words)}, {about}"
        yield _event(record, key, date.fromisoformat(day), said, text, words)


def _due(record: Mapping[str, Any], plan: Iterable[Line], words: Words) -> Iterable[Event]:
    for line in plan:
        if not line.action.get("due"):
            continue
        said = words.pair(
            "Échéance : {what} ({case})", "Due: {what} ({case})", what=words.text(line.duty["action"]), case=_case(line)
        )
        key = ("due", line.reference, str(line.duty["id"]))
        event = _event(record, key, date.fromisoformat(line.action["due"]), said, _described(line, words), words)
        if line.action.get("closed"):
            event.subcomponents.clear()
            event.add("status", "CANCELLED")  # so that importing again takes the day off the calendar
        yield event


def _counted(count: int, words: Words) -> str:
    if count == 1:
        return words.pair("1 obligation s'applique", "1 obligation applies")
    return words.pair("{n} obligations s'appliquent", "{n} obligations apply", n=count)


def _case(line: Line) -> str:
    return f"{line.reference} {line.name}"


def _described(line: Line, words: Words) -> str:
    duty, action = line.duty, line.action
    parts = [
        f"{line.number}. {words.text(duty['action'])} ({references(duty['citations'], words)})",
        f"{words.pair('Applicable', 'Applies')}{words.colon()} {words.when(duty)}",
    ]
    if duty.get("evidence"):
        parts.append(
            f"{words.pair('Preuve attendue', 'Evidence expected')}{words.colon()} {words.text(duty['evidence'])}"
        )
    if action.get("state"):
        owner = f", {action['owner']}" if action.get("owner") else ""
        parts.append(f"{words.pair('État', 'State')}{words.colon()} {words.text(action['state'])}{owner}")
    return "\n".join(parts)


def _event(
    record: Mapping[str, Any], key: tuple[str, ...], day: date, summary: str, description: str, words: Words
) -> Event:
    made = datetime.fromisoformat(record["made"]["at"])
    spoken = {"language": words.language}
    event = Event()
    event.add("uid", str(uuid.uuid5(_SPACE, "\n".join((record["organisation"]["name"], *key)))))
    event.add("dtstamp", made)
    event.add("last-modified", made)
    event.add("sequence", int(made.timestamp()) // 60)  # a later report prevails
    event.add("dtstart", day)
    event.add("dtend", day + _DAY)
    event.add("transp", "TRANSPARENT")
    event.add("summary", summary, parameters=spoken)
    event.add("description", description, parameters=spoken)
    event.add("categories", [words.pair("Règlement IA", "AI Act")])
    if day > made.date():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", -_BEFORE)
        alarm.add("description", summary, parameters=spoken)
        event.add_component(alarm)
    return event

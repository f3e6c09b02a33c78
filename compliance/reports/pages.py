"""Records as pages to be printed: HTML, style sheet and drawings."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from compliance.assessment.action_plan import is_gap
from compliance.evidence.canonical import canonical
from compliance.reports import drawings, fonts
from compliance.reports.pdf import Page
from compliance.reports.plan import grouped, lines
from compliance.reports.words import Words
from compliance.text import Language

_ROOT = Path(__file__).parent.parent.parent
DATA_NAME = "pyramide-report.json"
_RUNNING_MOST, _TITLE_MOST = 58, 140
Pictures = dict[str, str | bytes]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _css() -> str:
    return (_ROOT / "static" / "css" / "report.css").read_text(encoding="utf-8")


def page(record: Mapping[str, Any], language: Language, form: str = "full") -> Page:
    """Return the pages of a record; ``form`` is "full" or "summary" (two pages for management)."""
    words = Words(language)
    pictures: Pictures = {f"{level}.svg": drawings.shape(level) for level in drawings.SHAPES}
    css = _css()
    if not record["number"]:
        pictures["watermark.svg"] = drawings.watermark(words.pair("PROJET", "DRAFT"))
        css += "@page { background: url(pyramide:watermark.svg) no-repeat center / 210mm 297mm; }\n"
    make = {"use_case": _use_case, "portfolio": _portfolio, "act_record": _act_record}[record["kind"]]
    values = make(record, words, pictures) | {"logo": _logo(record, pictures), "form": form}
    name = "summary" if form == "summary" and record["kind"] == "use_case" else record["kind"]
    data = canonical(dict(record))
    template = _environment().get_template(f"reports/{name}.html")
    odd = fonts.fitted(data.decode())[2]
    if name == "summary":  # two pages, of which one has a running head: it says no more than is needed
        values["running"] = record["use_case"]["reference"]
    html = template.render(r=record, w=words, lang=language, odd=odd, data_name=DATA_NAME, **values)
    html, families, _ = fonts.fitted(html)
    # WeasyPrint breaks a line at its first space, not its last, when what follows in another element does not fit.
    html = html.replace(' <span class="cites">', ' \u200b<span class="cites">')
    at = datetime.fromisoformat(record["made"]["at"])
    return Page(html, fonts.style(families) + css, pictures, DATA_NAME, data, values["title"], at)


def _logo(record: Mapping[str, Any], pictures: Pictures) -> bool:
    """Put the organisation's logo among the pictures; one whose bytes are not those it names is left out."""
    logo = record["organisation"]["logo"]
    if not logo or logo["media_type"] != "image/png":
        return False
    data = base64.b64decode(logo["data"])
    if hashlib.sha256(data).hexdigest() != logo["sha256"]:
        return False
    pictures["logo.png"] = data
    return True


def _titles(record: Mapping[str, Any], words: Words) -> dict[str, str]:
    return {level["id"]: words.text(level["title"]) for level in record["levels"]}


def _use_case(record: Mapping[str, Any], words: Words, pictures: Pictures) -> dict[str, Any]:
    outcome = record["outcome"]
    titles = _titles(record, words)
    possible = outcome["level"]["possible"]
    today = date.fromisoformat(outcome["on"])
    groups = grouped(outcome["obligations"])
    numbers = {item["id"]: number for _, items in groups for number, item in items}
    owed = [item for key, items in groups if key not in ("free", "never") for _, item in items]
    dated = _dated(owed, today)
    certain = [(day, items) for day, _, items, sure in dated if sure]
    later = [item["applies_from"] or (item["possible_dates"] or [""])[0] for item in owed]
    pictures["pyramid.svg"] = drawings.pyramid(titles, possible)
    noun = "obligation|obligations"
    shown = [
        (date.fromisoformat(day), f"{words.day(day)} — {words.count(len(items), noun, noun)}", sure)
        for day, _, items, sure in dated
    ]
    pictures["timeline.svg"] = drawings.timeline(shown, today, words.pair("évaluation", "assessment"))
    ceilings = [item["penalty"]["ceiling"] for item in owed if item["penalty"] and item["penalty"]["ceiling"]]
    amounts = [item["penalty"]["possible_ceilings"] for item in owed if item["penalty"]]
    name = record["use_case"]["name"]
    return {
        "title": f"{record['use_case']['reference']} {words.short(name, _TITLE_MOST)}",
        "running": words.short(f"{record['use_case']['reference']} {name}", _RUNNING_MOST),
        "titles": titles,
        "outcome": outcome,
        "possible": possible,
        "range_said": ", ".join(titles[level] for level in possible),
        "groups": groups,
        "numbers": numbers,
        "owed": owed,
        "dated": dated,
        "coming": [(day, len(items)) for day, items in certain if day > outcome["on"]],
        "maybe": sorted(day for day in later if day > outcome["on"]),
        "in_force": sum(len(items) for day, items in certain if day <= outcome["on"]),
        "telling": _telling(outcome["level"]["reasons"]),
        "highest": max(ceilings, default=None),
        "may_cost": max((most for found in amounts for most in found), default=None),
        "actions": {action["obligation"]: action for action in record["actions"]},
        "planned_gaps": [line for line in lines(record) if is_gap(line.duty["id"])],
        "fines": {item["penalty"]["id"]: item["penalty"] for item in owed if item["penalty"]},
        "questions": {item["fact"]: item for item in record["answers"]},
        "for_level": [item for item in outcome["open_questions"] if item["matters_to_level"]],
        "for_rest": [item for item in outcome["open_questions"] if not item["matters_to_level"]],
    }


def _dated(owed: Sequence[Mapping[str, Any]], today: date) -> list[tuple[str, int, list[Mapping[str, Any]], bool]]:
    """Return the days on which something applies, or may: the day, days left, obligations, whether for certain."""
    found: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for item in owed:
        sure = bool(item["applies_from"])
        for day in [item["applies_from"]] if sure else item["possible_dates"]:
            found.setdefault((day, sure), []).append(item)
    return [
        (day, (date.fromisoformat(day) - today).days, items, sure)
        for (day, sure), items in sorted(found.items(), key=lambda entry: (entry[0][0], not entry[0][1]))
    ]


def _telling(reasons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the legal steps of the last main reason: that the use is within the Act is said before it."""
    last = max((number for number, reason in enumerate(reasons) if reason["depth"] == 0), default=0)
    steps = [reason for reason in reasons[last:] if reason["kind"] != "answer"]
    return steps or list(reasons[last:])


def _portfolio(record: Mapping[str, Any], words: Words, pictures: Pictures) -> dict[str, Any]:
    titles = _titles(record, words)
    laws = {law["hash"]: law for law in record["laws"]}
    counts = record["totals"]["levels"]
    on = record["on"]
    pictures["pyramid.svg"] = drawings.pyramid(titles, [level for level in titles if counts.get(level)], counts)
    dates = record["totals"]["dates"]
    ahead = [item for item in dates if item["day"] > on]
    shown = [
        (
            date.fromisoformat(item["day"]),
            f"{words.day(item['day'])} — {words.count(item['cases'], 'usage|usages', 'use case|use cases')}",
            True,
        )
        for item in dates
    ]
    pictures["timeline.svg"] = drawings.timeline(shown, date.fromisoformat(on), words.pair("aujourd'hui", "today"))
    planned = [
        (action["due"], row, action)
        for row in record["cases"]
        for action in row["actions"]
        if action["due"] and not action["closed"]
    ]
    planned.sort(key=lambda item: (item[0], item[1]["reference"]))
    return {
        "title": f"{words.text(record['title'])} — {record['organisation']['name']}",
        "running": words.short(record["title"], _RUNNING_MOST),
        "titles": titles,
        "laws": laws,
        "counts": counts,
        "ahead": ahead,
        "overdue": [item for item in planned if item[0] < on],
        "due_next": [item for item in planned if item[0] >= on],
        "figures": {row["reference"]: Counter(duty["state"] for duty in row["duties"]) for row in record["cases"]},
    }


def _act_record(record: Mapping[str, Any], words: Words, pictures: Pictures) -> dict[str, Any]:  # noqa: ARG001
    title, case = words.text(record["act_record"]["title"]), record["use_case"]
    running = words.short(f"{case['reference']} {case['name']}", _RUNNING_MOST)
    return {"title": f"{title} — {case['reference']} {case['name']}", "running": running}

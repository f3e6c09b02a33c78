"""Records as pages to be printed: HTML, style sheet and drawings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from compliance.evidence.canonical import canonical
from compliance.reports import drawings
from compliance.reports.pdf import Page
from compliance.reports.words import Words
from compliance.text import Language

_ROOT = Path(__file__).parent.parent.parent
DATA_NAME = "pyramide-report.json"
_SOON = 5


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
    pictures = {f"{level}.svg": drawings.shape(level) for level in drawings.SHAPES}
    make = {"use_case": _use_case, "portfolio": _portfolio, "act_record": _act_record}[record["kind"]]
    values = make(record, words, pictures)
    template = _environment().get_template(f"reports/{record['kind']}.html")
    html = template.render(r=record, w=words, lang=language, form=form, **values)
    at = datetime.fromisoformat(record["made"]["at"])
    return Page(html, _css(), pictures, DATA_NAME, canonical(dict(record)), values["title"], at)


def _use_case(record: Mapping[str, Any], words: Words, pictures: dict[str, str]) -> dict[str, Any]:
    outcome = record["outcome"]
    titles = {level["id"]: words.text(level["title"]) for level in record["levels"]}
    possible = outcome["level"]["possible"]
    today = date.fromisoformat(outcome["on"])
    duties = outcome["obligations"]
    days = Counter(item["applies_from"] for item in duties if item["applies_from"])
    dated = sorted(days.items())
    pictures["pyramid.svg"] = drawings.pyramid(titles, possible)
    shown = [
        (
            date.fromisoformat(day),
            words.pair("{day} : {n}", "{day}: {n}", day=words.day(day), n=count),
        )
        for day, count in dated
    ]
    pictures["timeline.svg"] = drawings.timeline(shown, today)
    ceilings = [item["penalty"]["ceiling"] for item in duties if item["penalty"] and item["penalty"]["ceiling"]]
    reference = record["use_case"]["reference"]
    return {
        "title": f"{reference} {record['use_case']['name']}",
        "titles": titles,
        "outcome": outcome,
        "possible": possible,
        "range_said": ", ".join(titles[level] for level in possible),
        "dated": [(day, [item for item in duties if item["applies_from"] == day]) for day, _ in dated],
        "coming": [(day, count) for day, count in dated if date.fromisoformat(day) > today][:_SOON],
        "in_force": sum(count for day, count in dated if date.fromisoformat(day) <= today),
        "highest": max(ceilings, default=None),
        "actions": {action["obligation"]: action for action in record["actions"]},
        "fines": {item["penalty"]["id"]: item["penalty"] for item in duties if item["penalty"]},
        "questions": {item["fact"]: item for item in record["answers"]},
    }


def _portfolio(record: Mapping[str, Any], words: Words, pictures: dict[str, str]) -> dict[str, Any]:
    titles = {level["id"]: words.text(level["title"]) for level in record["levels"]}
    decided = Counter(case["possible"][0] for case in record["cases"] if len(case["possible"]) == 1)
    open_ = sum(len(case["possible"]) > 1 for case in record["cases"])
    pictures["pyramid.svg"] = drawings.pyramid(titles, [level for level in titles if decided[level]], decided)
    return {"title": words.text(record["title"]), "titles": titles, "decided": decided, "open": open_}


def _act_record(record: Mapping[str, Any], words: Words, pictures: dict[str, str]) -> dict[str, Any]:  # noqa: ARG001
    return {"title": f"{record['use_case']['reference']} {words.text(record['act_record']['title'])}"}

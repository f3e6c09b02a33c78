"""Lines of the log in the page's language: what happened, to what, with which details."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from compliance.assessment.action_plan import gap_key
from compliance.operations import events, texts
from compliance.operations.library import BrokenLawError
from compliance.operations.log_words import DETAILS, EVENTS, FIELDS
from compliance.operations.organisation import Names
from compliance.operations.vocabulary import ACTION_STATES, CASE_STATES, FUNCTIONS, ROLES, SECTORS
from compliance.operations.workplace import Workplace
from compliance.storage.audit import Entry
from compliance.text import Text
from compliance.web.here import actor, place
from compliance.web.templating import day, spoken

_ONLY_IF_TRUE = frozenset(("unknown", "taken_back", "openid", "second_factor", "example", "reopened"))
_ID, _HASH, _SHOWN = 32, 64, 8  # signs
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_LANGUAGES = {"fr": "français", "en": "English"}
Words = dict[str, dict[str, Text]]  # by the name of a detail: what its codes mean


@dataclass(frozen=True, slots=True)
class Line:
    """One line, ready to be shown."""

    seq: int
    at: str
    who: str
    what: str
    code: str
    subject: str
    case_id: str | None
    details: tuple[tuple[str, str], ...]


def lines(found: list[Entry], names: Names, *, short: bool) -> list[Line]:
    """Return lines in words; ``short`` cuts ids and hashes, for a page."""
    words = _words(place())
    return [_line(entry, names, words, short=short) for entry in found]


def _words(workplace: Workplace) -> Words:
    """Return what the texts of the law call the ids that a line may hold; the default text speaks last."""
    library = workplace.library
    facts: dict[str, Text] = {}
    obligations: dict[str, Text] = {}
    levels: dict[str, Text] = {}
    packs: dict[str, Text] = {}
    supplies: dict[str, Text] = {}
    for folder in (*library.names(), library.default):
        with suppress(BrokenLawError):
            pack = library.law(folder).pack
            packs |= {folder: pack.title, pack.hash: pack.title}
            facts |= {id_: fact.question for id_, fact in pack.facts.items()}
            obligations |= {id_: obligation.action for id_, obligation in pack.obligations.items()}
            obligations |= {gap_key(id_): control.action for id_, control in pack.controls.items()}
            levels |= {level.id: level.title for level in pack.levels}
            supplies |= {id_: supply.title for id_, supply in pack.supplies.items()}
    for version in texts.versions(workplace, actor()):
        title = Text(f"{version.title_fr}, version {version.number}", f"{version.title_en}, version {version.number}")
        packs |= {version.name: title, version.hash: title}
    roles = {"roles": ROLES, "before": ROLES | packs, "after": ROLES | packs}
    law = {"fact": facts, "facts": facts, "obligation": obligations, "levels": levels, "level": levels, "pack": packs}
    law |= {"levels_before": levels, "levels_after": levels, "supplies": supplies}
    lists = {
        "events": events.EVENTS,
        "fields": FIELDS,
        "state": ACTION_STATES | CASE_STATES,
        "function": FUNCTIONS,
        "sector": SECTORS,
    }
    return {**law, **roles, **lists}


def _line(entry: Entry, names: Names, words: Words, *, short: bool) -> Line:
    details = []
    for key, value in entry.detail.items():
        if value in _NOTHING or (value is False and key in _ONLY_IF_TRUE):
            continue
        details.append((spoken(DETAILS.get(key, key)), _value(key, value, names, words, short=short)))
    of_case = entry.subject in names.cases
    return Line(
        entry.seq,
        entry.at,
        names.people.get(entry.who or "", ""),
        spoken(EVENTS.get(entry.what, entry.what)),
        entry.what,
        _named(entry.subject, names) if entry.subject != entry.who else "",
        entry.subject if of_case else None,
        tuple(details),
    )


def _named(id_: str, names: Names) -> str:
    """Return the name behind an id; nothing for what has none."""
    if id_ in names.cases:
        reference, name = names.cases[id_]
        return f"IA-{reference:03d} {name}"
    return names.people.get(id_) or names.sites.get(id_) or names.suppliers.get(id_) or ""


def _value(key: str, value: Any, names: Names, words: Words, *, short: bool) -> str:
    if value in _NOTHING:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, dict):
        inner = {name: _value(name, found, names, words, short=short) for name, found in value.items()}
        return ", ".join(f"{spoken(DETAILS.get(name, name))} = {said}" for name, said in inner.items() if said)
    if isinstance(value, list):
        return " · ".join(_value(key, item, names, words, short=short) for item in value)
    text = _in_words(key, str(value), words.get(key, {})) or _named(str(value), names) or str(value)
    return f"{text[:_SHOWN]}…" if short and len(text) in (_ID, _HASH) and text.isalnum() else text


def _in_words(key: str, text: str, words: dict[str, Text]) -> str:
    """Return what a code means; nothing for what is none."""
    if key in ("roles", "before", "after") and all(word in ROLES for word in text.split()):
        return ", ".join(spoken(ROLES[word]) for word in text.split())
    if key in ("from_day", "until_day"):
        with suppress(ValueError):  # a line changed behind our back is still shown
            return day(date.fromisoformat(text))
    if key == "language":
        return _LANGUAGES.get(text, "")
    return spoken(words.get(text))

"""What templates may use: texts in the page's language, links to the law, dates and numbers in words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.support import Translations
from flask import Flask, g, url_for
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _

from compliance.assessment.outcome import Due, DueState
from compliance.law import citations
from compliance.law.model import Pack
from compliance.law.problems import sentence
from compliance.law.terms import Citation
from compliance.operations import vocabulary
from compliance.operations.rights import Right
from compliance.text import Language, Text, day_in_words, number_in_words
from compliance.web.here import tongue

TRANSLATIONS = str(Path(__file__).parent / "translations")
_SPACED = (":", ";", "?", "!", "»")


def spoken(text: Text | str | None, language: Language | None = None) -> str:
    """Return a text in the page's language or the one asked for, French signs kept on their line."""
    if text is None:
        return ""
    wanted = language or tongue()
    said = text.to(wanted) if isinstance(text, Text) else text
    if wanted == "fr":
        for sign in _SPACED:
            said = said.replace(f" {sign}", f"\u00a0{sign}")
        said = said.replace("« ", "«\u00a0")
    return said


def day(value: date | None) -> str:
    """Return a day in words."""
    return day_in_words(value).to(tongue()) if value else ""


def moment(value: datetime | str | None) -> str:
    """Return a moment, in UTC."""
    if value is None:
        return ""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    return str(format_datetime(when, "d MMM y, HH:mm")) + " UTC"


def number(value: int | Decimal) -> str:
    """Return a number with its digits grouped."""
    return number_in_words(Decimal(value)).to(tongue())


def semicolon() -> str:
    """Return a semicolon as the language spaces it, with the blank after it."""
    return "\u00a0; " if tongue() == "fr" else "; "


def colon() -> str:
    """Return a colon as the language spaces it."""
    return "\u00a0:" if tongue() == "fr" else ":"


def cite(citation: Citation) -> str:
    """Return a citation in short form."""
    return citations.format(citation, tongue())


def law_link(citation: Citation, pack: Pack) -> str | None:
    """Return the address of the provision in the official text."""
    return citations.link(citation, pack, tongue())


def when(due: Due) -> str:
    """Return from when something applies, in words."""
    if due.state is DueState.NEVER:
        return spoken(due.never)
    if due.applies_from is not None:
        if due.state is DueState.IN_APPLICATION:
            return str(_("applies since %(date)s", date=day(due.applies_from)))
        return str(_("applies on %(date)s, in %(days)s days", date=day(due.applies_from), days=due.days_left))
    days = ", ".join(day(found) for found in due.possible_dates)
    return str(_("date depends on open answers: %(dates)s", dates=days or spoken(due.never)))


@cache
def _catalogue(language: Language) -> Any:
    """Return the words of a language, read once: they stay the same while the site runs."""
    return Translations.load(TRANSLATIONS, [language])


def install(app: Flask) -> None:
    """Give templates their words."""
    app.jinja_env.filters.update(t=spoken, day=day, moment=moment, number=number, cite=cite)
    app.jinja_env.globals.update(
        law_link=law_link,
        when=when,
        semicolon=semicolon,
        colon=colon,
        words=vocabulary,
        sentence=sentence,
        Right=Right,
        other_language=_other_language,
        changed_url=_changed_url,
    )
    # The library asks for context, domain and language with every word of a page: a fourth of the time of a list.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda word: _catalogue(tongue()).ugettext(word),
        lambda one, many, count: _catalogue(tongue()).ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def here() -> dict[str, Any]:
        return {
            "actor": g.get("actor"),
            "organisations": g.get("organisations", ()),
            "lang": str(get_locale() or "fr"),
        }


def _other_language() -> Language:
    return "en" if tongue() == "fr" else "fr"


def _changed_url(endpoint: str, arguments: dict[str, Any], **changes: Any) -> str:
    """Return a listing's address with some of its arguments changed; None leaves one out.

    The arguments are somebody's words: they stand in the query alone, so that none is an option of ``url_for``.
    """
    base = url_for(endpoint, **{key: value for key, value in changes.items() if value not in (None, "")})
    kept = urlencode({key: value for key, value in arguments.items() if key not in changes and value not in (None, "")})
    return base + ("&" if "?" in base else "?") + kept if kept else base

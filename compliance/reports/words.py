"""What the templates of reports may use: texts in the report's language, days, amounts, citations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from compliance.text import Language, day_in_words, number_in_words

_SPACED = (":", ";", "?", "!", "»", "%", "€")
_ODD = {"\u2028": "\n", "\u2029": "\n"}


class Words:
    """The words of one report."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def pair(self, fr: str, en: str, **values: object) -> str:
        """Return what a template says itself, in the report's language, its values put in."""
        return self.tidy((fr if self.language == "fr" else en).format(**values))

    def text(self, value: Mapping[str, str] | str | None) -> str:
        """Return a text of the record."""
        if value is None:
            return ""
        return self.tidy(value if isinstance(value, str) else value[self.language])

    def tidy(self, said: str) -> str:
        """Return a text with French signs kept on their line."""
        if self.language == "fr":
            for sign in _SPACED:
                said = said.replace(f" {sign}", f"\u00a0{sign}")
            said = said.replace("« ", "«\u00a0").replace("art. ", "art.\u00a0").replace("§ ", "§\u00a0")
        return said.replace("Art. ", "Art.\u00a0")

    def typed(self, value: str) -> Markup:
        """Return what a person typed, its lines kept and its direction its own."""
        lines = escape("".join(_ODD.get(sign, sign) for sign in value.strip())).split("\n")
        return Markup('<span dir="auto" class="typed">{}</span>').format(Markup("<br>").join(lines))

    def short(self, value: Mapping[str, str] | str | None, most: int) -> str:
        """Return a text on one line, cut at a word where it is longer than ``most`` signs."""
        said = self.tidy(" ".join(self.text(value).split()))
        return said if len(said) <= most else f"{said[: most - 1].rsplit(' ', 1)[0][: most - 1]}…"

    def count(self, number: int, fr: str, en: str) -> str:
        """Return a number with its noun; ``fr`` and ``en`` are "singular|plural"."""
        one, many = (fr if self.language == "fr" else en).split("|")
        return f"{number}\u00a0{one if number == 1 or (number == 0 and self.language == 'fr') else many}"

    def day(self, value: str | None) -> str:
        """Return a day, written YYYY-MM-DD, in words."""
        return day_in_words(date.fromisoformat(value[:10])).to(self.language) if value else ""

    def source(self, value: Mapping[str, str]) -> str:
        """Return the supplier whose word an answer is, who sent it there, and on which day."""
        by = f" ({value['by']})" if value.get("by") else ""
        return f"{value['supplier']}{by}, {self.day(value['on'])}"

    def moment(self, value: str | None) -> str:
        """Return a moment in UTC, in words."""
        if not value:
            return ""
        return f"{self.day(value)}, {datetime.fromisoformat(value):%H:%M} UTC"

    def number(self, value: float) -> str:
        """Return a number."""
        return number_in_words(Decimal(str(value))).to(self.language)

    def euros(self, value: int) -> str:
        """Return an amount."""
        number = number_in_words(Decimal(value)).to(self.language)
        return f"{number}\u00a0€" if self.language == "fr" else f"€{number}"

    def colon(self) -> str:
        """Return a colon as the language writes it."""
        return "\u00a0:" if self.language == "fr" else ":"

    def cites(self, found: list[dict[str, Any]]) -> Markup:
        """Return citations, each linked to the official text."""
        parts = []
        for item in found:
            shown = self.tidy(item["shown"][self.language])
            url = item["url"][self.language] if item["url"] else None
            parts.append(Markup('<a href="{}">{}</a>').format(url, shown) if url else escape(shown))
        joined = Markup("\u00a0; " if self.language == "fr" else "; ").join(parts)
        return Markup('<span class="cites">{}</span>').format(joined) if parts else Markup("")

    def when(self, item: Mapping[str, Any]) -> str:
        """Return from when something applies."""
        state = item["state"]
        if state == "gap":
            return self.pair("écart d'un contrôle", "gap of a control")
        if state == "never":
            return self.text(item["never"])
        if item["applies_from"]:
            day = self.day(item["applies_from"])
            if state == "in_application":
                return self.pair("depuis le {day}", "since {day}", day=day)
            return self.pair("dès le {day}", "from {day}", day=day)
        days = self.pair(" ou ", " or ").join(self.day(found) for found in item.get("possible_dates", ()))
        if not days:
            return self.pair("selon les réponses ouvertes", "depends on open answers")
        return self.pair("{days} (réponses ouvertes)", "{days} (open answers)", days=days)

    def answer(self, item: Mapping[str, Any]) -> str:
        """Return an answer, as a sentence begins."""
        return self.capital(item["answer"])

    def capital(self, value: Mapping[str, str] | str | None) -> str:
        """Return a text with a capital first letter."""
        said = self.text(value)
        return said[:1].upper() + said[1:]

    def owned_by(self, item: Mapping[str, Any]) -> str:
        """Return who usually does it."""
        return self.text(item["owner"]["title"])

"""Texts in French and English, chosen by language; dates and numbers in words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")

_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_PLAIN_LIMIT = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Text:
    """One visible text in both languages."""

    fr: str
    en: str

    def to(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.fr if language == "fr" else self.en


def day_in_words(day: date) -> Text:
    """Return a date as read aloud: "1er août 2026", "1 August 2026"."""
    number = "1er" if day.day == 1 else str(day.day)
    return Text(
        f"{number} {_MONTHS['fr'][day.month - 1]} {day.year}",
        f"{day.day} {_MONTHS['en'][day.month - 1]} {day.year}",
    )


def number_in_words(number: Decimal) -> Text:
    """Return a number with the digits grouped as each language does; very large ones as a power of ten."""
    if abs(number) >= _PLAIN_LIMIT:
        shown = f"{number:.4g}".lower().replace("e+", "e")
        return Text(shown.replace(".", ","), shown)
    grouped = f"{number:,f}"
    return Text(grouped.replace(",", "\u202f").replace(".", ","), grouped)


def plain(text: str) -> str:
    """Return a text without accents, case and doubled blanks, to compare."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().replace("’", "'").split())

"""Texts in French and English, chosen by language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One visible text in both languages."""

    fr: str
    en: str

    def to(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.fr if language == "fr" else self.en

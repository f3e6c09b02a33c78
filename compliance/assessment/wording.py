"""Answers in words, in both languages."""

from __future__ import annotations

from decimal import Decimal

from compliance.assessment.facts import Partial
from compliance.assessment.outcome import AnswerValue
from compliance.law.model import Fact
from compliance.law.terms import FactType
from compliance.text import Text, day_in_words, number_in_words


def answer_text(fact: Fact, value: AnswerValue | Partial) -> Text:
    """Return an answer as a person would read it."""
    if isinstance(value, bool):
        return Text("oui", "yes") if value else Text("non", "no")
    if isinstance(value, Partial):
        known = answer_text(fact, value.selected)
        return Text(f"{known.fr} (en partie inconnu)", f"{known.en} (partly unknown)")
    if fact.type in (FactType.CHOICE, FactType.CHOICES):
        chosen = (value,) if isinstance(value, str) else value
        labels = [option.label for option in fact.options if option.id in chosen]  # type: ignore[operator]
        if not labels:
            return Text("aucun de ces cas", "none of these")
        return Text(" ; ".join(label.fr for label in labels), "; ".join(label.en for label in labels))
    if isinstance(value, Decimal):
        return number_in_words(value)
    return Text(value, value) if isinstance(value, str) else day_in_words(value)  # type: ignore[arg-type]


def stated(fact: Fact, value: AnswerValue | Partial) -> Text:
    """Return the question with its answer, on one line."""
    answer = answer_text(fact, value)
    return Text(f"{fact.question.fr} {_capital(answer.fr)}.", f"{fact.question.en} {_capital(answer.en)}.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""An outcome as lines of text for a person at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from compliance.assessment.outcome import Due, DueObligation, DueState, Explanation, Outcome
from compliance.law import citations
from compliance.law.model import Nature
from compliance.law.terms import Citation
from compliance.terminal.words import colon, say
from compliance.text import Language, day_in_words

_WIDTH = 100
_MOST = 12


def cites(found: Iterable[Citation], language: Language) -> str:
    """Return citations in short form, in brackets."""
    shown = [citations.format(citation, language) for citation in found]
    return f"[{' ; '.join(shown) if language == 'fr' else '; '.join(shown)}]" if shown else ""


def _line(text: str, indent: int = 0) -> str:
    pad = "  " * indent
    for sign in ":;?!»":  # French spaces before these signs do not break
        text = text.replace(f" {sign}", f"\u00a0{sign}")
    text = text.replace("« ", "«\u00a0")
    return textwrap.fill(text, _WIDTH, initial_indent=pad, subsequent_indent=pad + "  ", break_long_words=False)


def _head(key: str, language: Language) -> str:
    title = say(key, language)
    return f"\n{title}\n{'─' * len(title)}"


def when(due: Due, language: Language) -> str:
    """Return from when something applies, in words."""
    if due.state is DueState.NEVER:
        return due.never.to(language) if due.never else ""
    if due.applies_from:
        key = "in_application" if due.state is DueState.IN_APPLICATION else "to_come"
        return say(key, language, date=day_in_words(due.applies_from).to(language), days=due.days_left)
    return say("open_date", language, dates=", ".join(day_in_words(day).to(language) for day in due.possible_dates))


def outcome_lines(outcome: Outcome, language: Language) -> list[str]:
    """Return the outcome in full, as lines."""
    pack, level = outcome.pack, outcome.level
    titles = {entry.id: entry.title.to(language) for entry in pack.levels}
    lines = [
        f"{say('text', language)}{colon(language)} {pack.title.to(language)} ({pack.version})",
        f"{say('date', language)}{colon(language)} {day_in_words(outcome.on).to(language)}",
    ]
    if level.value and level.because:
        lines += [
            _head("level", language),
            f"▲ {titles[level.value].upper()}",
            _line(level.because.to(language)),
        ]
        lines.append(_head("why", language))
        lines += [
            _line(
                f"• {reason.sentence.to(language)} {cites(reason.citations, language) if reason.kind != 'answer' else ''}",
                reason.depth,
            )
            for reason in level.reasons
        ]
    else:
        lines.append(_head("possible_levels", language))
        lines += [f"△ {titles[id_]}" for id_ in level.possible]
    if level.not_reached:
        lines.append(_head("why_not", language))
        for item in level.not_reached:
            lines.append(_line(f"• {item.sentence.to(language)} {cites(item.citations, language)}"))
            lines += [_line(f"– {answer.sentence.to(language)}", 1) for answer in item.answers]
    if outcome.roles:
        lines.append(_head("roles", language))
        lines += [f"• {role.title.to(language)} {cites(role.citations, language)}" for role in outcome.roles]
    if outcome.findings:
        lines.append(_head("findings", language))
        for finding in outcome.findings:
            lines.append(_line(f"• {finding.title.to(language)} {cites(finding.citations, language)}"))
            lines.append(_line(finding.because.to(language), 1))
            if finding.due:
                lines.append(_line(when(finding.due, language), 1))
    lines += _obligations(outcome.obligations, "obligations", language)
    if outcome.possible_obligations:
        lines.append(_head("possible_obligations", language))
        shown = outcome.possible_obligations[:_MOST]
        lines += [_line(f"• {o.action.to(language)} {cites(o.citations, language)}") for o in shown]
        lines += _rest(len(outcome.possible_obligations), language)
    if outcome.open_questions:
        lines.append(_head("open_questions", language))
        for question in outcome.open_questions[:_MOST]:
            lines.append(
                _line(f"• {question.question.to(language)} ({question.fact}) {cites(question.citations, language)}")
            )
        lines += _rest(len(outcome.open_questions), language)
    if outcome.turning_points:
        lines.append(_head("turning_points", language))
        lines += [_line(f"• {point.text.to(language)}") for point in outcome.turning_points]
    if outcome.doubts:
        lines.append(_head("doubts", language))
        for doubt in outcome.doubts:
            said = f"{colon(language)} {doubt.to_confirm.to(language)}" if doubt.to_confirm else ""
            lines.append(
                _line(f"• {doubt.title.to(language)} ({doubt.status.value}){said} {cites(doubt.citations, language)}")
            )
    return lines


def _rest(count: int, language: Language) -> list[str]:
    return [say("more", language, count=count - _MOST)] if count > _MOST else []


def _obligations(found: tuple[DueObligation, ...], key: str, language: Language) -> list[str]:
    if not found:
        return []
    lines = [_head(key, language)]
    for item in found:
        nature = "" if item.nature is Nature.DUTY else f"({say(item.nature.value, language)}) "
        lines.append(_line(f"• {nature}{item.action.to(language)} {cites(item.citations, language)}"))
        lines.append(_line(f"{when(item.due, language)}", 1))
        lines.append(_line(f"{say('owner', language)}{colon(language)} {item.owner_title.to(language)}", 1))
        lines.append(_line(f"{say('evidence', language)}{colon(language)} {item.evidence.to(language)}", 1))
        if item.penalty:
            lines.append(
                _line(
                    f"{say('fine', language)}{colon(language)} {item.penalty.sentence.to(language)} {cites(item.penalty.citations, language)}",
                    1,
                )
            )
    return lines


def explanation_lines(node: Explanation, language: Language, depth: int = 0) -> list[str]:
    """Return the decisive parts of an explanation as an indented tree."""
    said = f"[{say(node.truth.value, language)}] {node.text.to(language)} {cites(node.citations, language)}"
    name = f" ({node.id})" if node.id else ""
    lines = [_line(said + name, depth)]
    for child in (child for child in node.children if child.decisive):
        lines += explanation_lines(child, language, depth + 1)
    return lines

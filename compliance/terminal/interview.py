"""The questionnaire in a terminal: one question at a time, saved after each answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from compliance.assessment.facts import FactsError, accept
from compliance.assessment.freeze import plain
from compliance.assessment.interview import next_question
from compliance.assessment.state import possible_levels, run
from compliance.law.compiling import Program
from compliance.law.model import Fact
from compliance.law.problems import sentence
from compliance.law.scenarios import CaseFile, dump_case
from compliance.law.terms import FactType
from compliance.terminal.show import cites
from compliance.terminal.words import say
from compliance.text import Language

_HELP = ("aide", "help", "h")


def interview(
    program: Program,
    case: CaseFile,
    out: Path | None,
    language: Language,
    ask: Callable[[str], str],
    show: Callable[[str], None],
) -> dict[str, object]:
    """Ask what still matters until nothing does or the person stops; return the answers given."""
    answers = dict(case.facts)
    show(say("help_interview", language))
    skipped: set[str] = set()
    while True:
        facts = accept(program.pack, answers)
        state = run(program, facts)
        levels = possible_levels(state)
        titles = {level.id: level.title.to(language) for level in program.pack.levels}
        asked = next_question(state, frozenset(skipped))
        if asked is None:
            show(say("done", language))
            break
        fact = program.pack.facts[asked]
        show(f"\n△ {' / '.join(titles[id_] for id_ in levels)}")
        reply = _ask(program, fact, language, ask, show)
        if reply is None:
            break
        if reply == "unknown":
            skipped.add(fact.id)
        answers[fact.id] = reply
        if out is not None:
            out.write_text(dump_case(CaseFile(case.name, case.pack, case.on, answers, {})), encoding="utf-8")
    if out is not None:
        show(say("saved", language, path=out))
    return answers


def _ask(
    program: Program, fact: Fact, language: Language, ask: Callable[[str], str], show: Callable[[str], None]
) -> object:
    show(f"{fact.question.to(language)} {cites(fact.cite, language)}")
    if fact.type is FactType.BOOLEAN:
        show("  " + say("yes_no", language))
    if fact.type is FactType.CHOICES:
        show("  " + say("none_option", language))
    for number, option in enumerate(fact.options, 1):
        show(f"  {number} {option.label.to(language)}")
    while True:
        try:
            typed = ask("> ").strip()
        except EOFError:
            return None
        if typed.lower() == "q":
            return None
        if typed in ("?", "unknown"):
            return "unknown"
        if typed.lower() in _HELP:
            show(fact.help.to(language) if fact.help else "—")
            for number, option in enumerate(fact.options, 1):
                if option.help:
                    show(f"  {number} {option.label.to(language)} – {option.help.to(language)}")
            for example in fact.examples:
                show(f"  · {example.to(language)}")
            continue
        value = _value(fact, typed)
        try:
            accept(program.pack, {fact.id: value})
        except FactsError as error:
            show(sentence(error.problems[0], language))
            continue
        if value is None:
            show(say("not_understood", language))
            continue
        return plain(value)


def _value(fact: Fact, typed: str) -> object:
    if fact.type is FactType.BOOLEAN:
        return {
            "1": True,
            "o": True,
            "oui": True,
            "y": True,
            "yes": True,
            "2": False,
            "n": False,
            "non": False,
            "no": False,
        }.get(typed.lower())
    if fact.type not in (FactType.CHOICE, FactType.CHOICES):
        return typed or None
    if typed == "0" and fact.type is FactType.CHOICES:
        return []
    chosen: list[str] = []
    for part in typed.replace(";", ",").split(","):
        word = part.strip()
        if word.isdecimal() and 1 <= int(word) <= len(fact.options):
            chosen.append(fact.options[int(word) - 1].id)
        elif word in {option.id for option in fact.options}:
            chosen.append(word)
        else:
            return None
    if fact.type is FactType.CHOICE:
        return chosen[0] if len(chosen) == 1 else None
    return chosen

"""Conditions in words, as lawyers read them: a tree for pages, one sentence where there is no room for a tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from compliance.law.beyond_model import Control, RegimeDuty, Training
from compliance.law.model import Coverage, Fact, Obligation, Pack
from compliance.law.terms import AtLeast, Condition, FactType, GroupKind, Not, Operator, Ref, Test
from compliance.text import Text, day_in_words, number_in_words

UNLESS = Text("sauf si", "unless")
_OR, _AND = Text(" ou ", " or "), Text(" et ", " and ")
_GROUPS = {
    GroupKind.ALL: Text("toutes ces conditions", "all of these conditions"),
    GroupKind.ANY: Text("au moins une de ces conditions", "at least one of these conditions"),
    GroupKind.NONE: Text("aucune de ces conditions", "none of these conditions"),
}
_NOT = Text("cette condition n'est pas remplie", "this condition is not met")
_YES, _NO = Text("oui", "yes"), Text("non", "no")
_BOUNDS = {
    Operator.BEFORE: Text("avant le", "before"),
    Operator.ON_OR_AFTER: Text("à partir du", "on or after"),
    Operator.LESS_THAN: Text("moins de", "less than"),
    Operator.AT_MOST: Text("au plus", "at most"),
    Operator.AT_LEAST: Text("au moins", "at least"),
    Operator.MORE_THAN: Text("plus de", "more than"),
}
_ALL_OPTIONS = {
    Operator.ANY_OF: Text("au moins un de ces cas", "at least one of these"),
    Operator.ALL_OF: Text("tous ces cas", "all of these"),
    Operator.NONE_OF: Text("aucun de ces cas", "none of these"),
}
_SEVERAL = {
    Operator.ANY_OF: Text("une de ces réponses", "one of these answers"),
    Operator.ALL_OF: Text("toutes ces réponses", "all of these answers"),
    Operator.NONE_OF: Text("aucune de ces réponses", "none of these answers"),
}
_LIST = 3  # more answers than these are a list of their own


@dataclass(frozen=True, slots=True)
class Phrase:
    """A condition in words.

    ``kind`` is all, any, none, not or at_least, whose parts are ``children``; or answer or concept, which have none
    and whose ``id`` is that of the question or of the concept. ``text`` introduces the parts, or is the question or
    the concept's title. ``said`` is what must be answered, or "no" beside a concept that must not hold; where many
    answers will do, ``options`` holds each and ``said`` what is asked of them.
    """

    kind: str
    text: Text
    id: str | None = None
    said: Text | None = None
    options: tuple[Text, ...] = ()
    children: tuple[Phrase, ...] = ()


def heading(entry: Any) -> Text:
    """Return what an entry of any section is called: its question, what it asks to do, or its title."""
    if isinstance(entry, Fact | Control):
        return entry.question
    if isinstance(entry, Obligation | RegimeDuty):
        return entry.action
    if isinstance(entry, Training):
        return entry.audience
    if isinstance(entry, Coverage):
        return entry.because
    title: Text = entry.title
    return title


def phrase(pack: Pack, condition: Condition) -> Phrase:
    """Return a condition as a tree of words; it has a leaf for every reference and test of the condition."""
    if isinstance(condition, Ref):
        return Phrase("concept", pack.definitions[condition.id].title, condition.id)
    if isinstance(condition, Test):
        return _answer(pack.facts[condition.fact], condition)
    if isinstance(condition, Not):
        if isinstance(condition.part, Ref):
            return replace(phrase(pack, condition.part), said=_NO)
        return Phrase("not", _NOT, children=(phrase(pack, condition.part),))
    children = tuple(phrase(pack, part) for part in condition.parts)
    if isinstance(condition, AtLeast):
        n = condition.count
        text = Text(f"au moins {n} de ces conditions", f"at least {n} of these conditions")
        return Phrase("at_least", text, children=children)
    return Phrase(condition.kind.value, _GROUPS[condition.kind], children=children)


def line(pack: Pack, condition: Condition) -> Text:
    """Return a condition as one sentence: "« Quel est votre rôle ? » : « Fournisseur » ; et (… ; ou …)"."""
    return _line(phrase(pack, condition), outer=True)


def tests(pack: Pack, test: Test) -> Text:
    """Return what a fact must be answered for a test to hold, on one line."""
    found = _answer(pack.facts[test.fact], test)
    assert found.said is not None
    if not found.options:
        return found.said
    return _both(found.said, Text(" : ", ": "), _joined(found.options, Text(" ; ", "; ")))


def _answer(fact: Fact, test: Test) -> Phrase:
    question = Text(fact.question.fr.rstrip(" :"), fact.question.en.rstrip(" :"))
    if test.operator is Operator.IS:
        return Phrase("answer", question, fact.id, _YES if test.truth else _NO)
    if test.options:
        return _chosen(fact, test, question)
    words = _BOUNDS[test.operator]
    if test.day is not None:
        return Phrase("answer", question, fact.id, _both(words, Text(" ", " "), day_in_words(test.day)))
    assert test.number is not None
    said = _both(words, Text(" ", " "), number_in_words(test.number))
    if fact.unit is not None:
        said = Text(f"{said.fr} ({fact.unit.fr})", f"{said.en} ({fact.unit.en})")
    return Phrase("answer", question, fact.id, said)


def _chosen(fact: Fact, test: Test, question: Text) -> Phrase:
    labels = {option.id: Text(f"« {option.label.fr} »", f"“{option.label.en}”") for option in fact.options}
    options = tuple(labels[option] for option in labels if option in test.options)
    if fact.type is FactType.CHOICES and len(options) == len(labels) > 1:
        return Phrase("answer", question, fact.id, _ALL_OPTIONS[test.operator])
    if len(options) > _LIST:
        return Phrase("answer", question, fact.id, _SEVERAL[test.operator], options)
    if test.operator is not Operator.NONE_OF:
        said = _joined(options, _AND if test.operator is Operator.ALL_OF else _OR)
    elif fact.type is FactType.CHOICE:
        said = _both(Text("toute réponse sauf", "any answer but"), Text(" ", " "), _joined(options, _AND))
    elif len(options) == 1:
        said = Text(f"sans {options[0].fr}", f"without {options[0].en}")
    else:
        said = Text(
            "ni " + " ni ".join(option.fr for option in options),
            "neither " + " nor ".join(option.en for option in options),
        )
    return Phrase("answer", question, fact.id, said)


def _line(found: Phrase, *, outer: bool = False) -> Text:
    if not found.children:
        said = found.said
        if said is None:
            return found.text
        if found.options:
            said = Text(
                f"{said.fr} ({' ; '.join(option.fr for option in found.options)})",
                f"{said.en} ({'; '.join(option.en for option in found.options)})",
            )
        return Text(f"« {found.text.fr} » : {said.fr}", f"“{found.text.en}”: {said.en}")
    if len(found.children) == 1 and found.kind in ("all", "any"):
        return _line(found.children[0], outer=outer)
    parts = tuple(_line(child) for child in found.children)
    if found.kind in ("all", "any"):
        joint = Text(" ; et ", "; and ") if found.kind == "all" else Text(" ; ou ", "; or ")
        joined = _joined(parts, joint)
    else:
        joined = _both(found.text, Text(" : ", ": "), _joined(parts, Text(" ; ", "; ")))
    return joined if outer else Text(f"({joined.fr})", f"({joined.en})")


def _joined(parts: tuple[Text, ...], joint: Text) -> Text:
    return Text(joint.fr.join(part.fr for part in parts), joint.en.join(part.en for part in parts))


def _both(first: Text, joint: Text, second: Text) -> Text:
    return Text(first.fr + joint.fr + second.fr, first.en + joint.en + second.en)

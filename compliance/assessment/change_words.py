"""Changes of the law and proofs about it, in the words of those who read the law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from compliance.assessment.analysing import within
from compliance.assessment.facts import accept_known
from compliance.assessment.freeze import text
from compliance.assessment.wording import answer_text
from compliance.law.compiling import Program
from compliance.law.entries import entry_of
from compliance.law.meaning import Change, Meaning
from compliance.law.model import Pack
from compliance.law.phrasing import heading
from compliance.law.proofs import Failure, Proof
from compliance.law.situations import Situation
from compliance.law.terms import FactType
from compliance.text import Text, day_in_words

_SHOWN = 400
_KIND = {
    "level": Text("niveaux", "levels"),
    "role": Text("rôles", "roles"),
    "finding": Text("constats", "findings"),
    "obligation": Text("obligations", "duties"),
    "date": Text("échéances", "dates"),
    "penalty": Text("plafonds d'amende", "ceilings of fines"),
    "derivation": Text("déductions", "derivations"),
}
_HOLDS = {
    "one_level": Text(
        "Toute situation mène à un niveau, et à un seul.", "Every situation leads to one level, and to one only."
    ),
    "levels_reachable": Text("Chaque niveau peut être atteint.", "Every level can be reached."),
    "no_dead_rule": Text(
        "Chaque condition peut être remplie, et peut ne pas l'être.", "Every condition can be met, and can fail to be."
    ),
    "derivations_agree": Text(
        "Aucune réponse ne suit de deux façons qui se contredisent.",
        "No answer follows in two ways that contradict each other.",
    ),
    "questions_matter": Text(
        "Chaque question peut changer quelque chose au résultat.", "Every question can change something in the result."
    ),
    "duties_reachable": Text("Chaque obligation peut être due par quelqu'un.", "Every duty can be owed by somebody."),
    "never_lower": Text(
        "Dans aucune situation ce pack n'abaisse le niveau ni ne retire une obligation du texte sur lequel il repose.",
        "In no situation does this pack lower the level or take away a duty of the text that it stands on.",
    ),
    "translated": Text(
        "Chaque texte existe en français et en anglais.", "Every text is there in French and in English."
    ),
}
_BREAKS = {
    "several": Text(
        "Une situation mène à aucun niveau, ou à plusieurs", "A situation leads to no level, or to several"
    ),
    "never": Text("Ne peut jamais se produire : {what}", "Can never come about: {what}"),
    "always": Text(
        "Est toujours vrai, quelles que soient les réponses : {what}", "Is always true, whatever is answered: {what}"
    ),
    "disagree": Text("Contredit une autre déduction : {what}", "Contradicts another derivation: {what}"),
    "no_matter": Text("La réponse ne change jamais rien : {what}", "The answer never changes anything: {what}"),
    "lower": Text("Le niveau est abaissé : {what}", "The level is lowered: {what}"),
    "gone": Text("N'est plus dû : {what}", "Is no longer owed: {what}"),
    "same_words": Text(
        "Les deux langues disent la même phrase : {what}", "Both languages have the same sentence: {what}"
    ),
}


def _filled(pattern: Text, **values: Text) -> Text:
    french = {key: value.fr for key, value in values.items()}
    english = {key: value.en for key, value in values.items()}
    return Text(pattern.fr.format(**french), pattern.en.format(**english))


def _named(packs: tuple[Pack, ...], section: str, id_: str) -> Text:
    for pack in packs:
        found = entry_of(pack, (section, id_))
        if found is not None:
            return heading(found)
    return Text(id_, id_)


def change_text(before: Pack, after: Pack, change: Change) -> Text:
    """Return what a change is, as a sentence."""
    packs = (after, before)
    if change.kind == "level":
        was, now = _named(packs, "levels", change.before), _named(packs, "levels", change.after)
        return _filled(Text("Devient « {now} » (était « {was} »)", 'Becomes "{now}" (was "{was}")'), was=was, now=now)
    if change.kind == "date":
        what = _named(packs, "deadlines", change.id)
        return _filled(
            Text("{what} : {now} (était : {was})", "{what}: {now} (was: {was})"),
            what=what,
            now=_day(change.after),
            was=_day(change.before),
        )
    if change.kind == "derivation":
        return _derivation_text(after if change.after else before, change)
    section = {"role": "roles", "finding": "findings", "obligation": "obligations", "penalty": "penalties"}[change.kind]
    what = _named(packs, section, change.id)
    if change.kind == "penalty":
        return _filled(Text("Plafond d'amende modifié : {what}", "Ceiling of fines changed: {what}"), what=what)
    came = {
        "role": Text("S'applique désormais à : {what}", "Now applies to: {what}"),
        "finding": Text("Nouveau constat : {what}", "New finding: {what}"),
        "obligation": Text("Nouvelle obligation : {what}", "New duty: {what}"),
    }
    went = {
        "role": Text("Ne s'applique plus à : {what}", "No longer applies to: {what}"),
        "finding": Text("Constat supprimé : {what}", "Finding gone: {what}"),
        "obligation": Text("Obligation supprimée : {what}", "Duty gone: {what}"),
    }
    return _filled((came if change.after else went)[change.kind], what=what)


def _derivation_text(pack: Pack, change: Change) -> Text:
    """Return what a change of a derivation is: the answers that follow from others, or no longer do."""
    derivation = pack.derivations[change.id]
    given = [(pack.facts[fact], answer_text(pack.facts[fact], value)) for fact, value in derivation.gives.items()]
    answers = Text(
        " ; ".join(f"{fact.question.fr} {answer.fr}" for fact, answer in given),
        "; ".join(f"{fact.question.en} {answer.en}" for fact, answer in given),
    )
    came = Text("Se déduit désormais : {answers} ({what})", "Now follows from other answers: {answers} ({what})")
    went = Text("Ne se déduit plus : {answers} ({what})", "No longer follows from other answers: {answers} ({what})")
    return _filled(came if change.after else went, answers=answers, what=derivation.title)


def _day(word: str) -> Text:
    return Text("jamais", "never") if word == "never" else day_in_words(date.fromisoformat(word))


def situation_lines(pack: Pack, situation: Situation) -> list[Text]:
    """Return the answers of an example: what is so, one line each, then in one line what is not."""
    facts = accept_known(pack, situation.answers).values
    said, denied = [], []
    for name, value in facts.items():
        fact = pack.facts[name]
        if value is False or value == ():
            denied.append(fact.question)
        else:
            answer = answer_text(fact, value)
            said.append(Text(f"{fact.question.fr} {answer.fr}", f"{fact.question.en} {answer.en}"))
    if denied:
        none = Text("Réponse « non » ou « aucun »", 'Answer "no" or "none"')
        said.append(
            Text(
                f"{none.fr} : {' '.join(question.fr for question in denied)}",
                f"{none.en}: {' '.join(question.en for question in denied)}",
            )
        )
    return said


def _example(before: Program, after: Program, situation: Situation | None) -> list[dict[str, str]]:
    if situation is None:
        return []
    shown = after.pack if all(name in after.pack.facts for name in situation.answers) else before.pack
    return [text(line) for line in situation_lines(shown, situation)]


def meaning_data(before: Program, after: Program, found: Meaning) -> dict[str, Any]:
    """Return a difference in meaning as plain data in words, for pages and the command line."""
    return {
        "changes": [
            {
                "kind": change.kind,
                "id": change.id,
                "text": text(change_text(before.pack, after.pack, change)),
                "answers": _example(before, after, change.situation),
                "concerned": len(change.concerned),
            }
            for change in found.changes[:_SHOWN]
        ],
        "count": len(found.changes),
        "same": text(_same(found)),
        "undecided": len(found.undecided),
        "new": [text(line) for line in _new(before.pack, after.pack, found)],
        "wording": len(found.wording),
        "alike": found.alike,
    }


def _same(found: Meaning) -> Text:
    if found.alike:
        return Text(
            "Il est démontré que rien ne change : dans toute situation, mêmes niveau, constats, obligations et dates.",
            "It is proved that nothing changes: in every situation the same level, findings, duties and dates.",
        )
    parts = [(count, _KIND[kind]) for kind, count in found.same.items() if count]
    french = ", ".join(f"{count} {name.fr}" for count, name in parts)
    english = ", ".join(f"{count} {name.en}" for count, name in parts)
    return Text(
        f"Démontré inchangé dans toute situation : {french}.", f"Proved the same in every situation: {english}."
    )


def _new(before: Pack, after: Pack, found: Meaning) -> Iterator[Text]:
    for name in found.new_questions:
        question = after.facts[name].question
        yield Text(f"Nouvelle question : {question.fr}", f"New question: {question.en}")
    for name in found.gone_questions:
        question = before.facts[name].question
        yield Text(f"Question supprimée : {question.fr}", f"Question gone: {question.en}")
    for name, option in found.new_options:
        fact = after.facts[name]
        assert fact.type in (FactType.CHOICE, FactType.CHOICES)
        label = next(item.label for item in fact.options if item.id == option)
        yield Text(
            f"Nouvelle réponse possible : {label.fr} ({fact.question.fr})",
            f"New possible answer: {label.en} ({fact.question.en})",
        )


def failure_text(pack: Pack, failure: Failure) -> Text:
    """Return what breaks a proof."""
    what = _named((pack,), failure.section, failure.id.partition("/")[0])
    return _filled(_BREAKS[failure.why], what=what)


def proof_text(proof: Proof) -> Text:
    """Return what a proof says: that it holds, how many breaks there are, or that it is not decided."""
    stated = _HOLDS[proof.kind]
    if proof.holds:
        return stated
    if proof.holds is None:
        return Text(f"Non décidé dans le temps imparti : {stated.fr}", f"Not decided in the time given: {stated.en}")
    return Text(f"N'est pas vrai : {stated.fr}", f"Does not hold: {stated.en}")


def proofs_data(program: Program, found: tuple[Proof, ...], pack: str) -> list[dict[str, Any]]:
    """Return proofs as plain data in words; places are within the pack's own files."""
    return [
        {
            "kind": proof.kind,
            "holds": proof.holds,
            "checked": proof.checked,
            "text": text(proof_text(proof)),
            "failures": [_failure(program, failure, pack) for failure in proof.failures[:_SHOWN]],
        }
        for proof in found
    ]


def _failure(program: Program, failure: Failure, pack: str) -> Mapping[str, Any]:
    place = within(pack, failure.position)
    answers = _example(program, program, failure.example)
    return {"text": text(failure_text(program.pack, failure)), **place, "answers": answers, "id": failure.id}

"""Answering: one question at a time, nobody's answer lost, every change on the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.assessment.facts import FactsError, Partial, accept
from compliance.assessment.freeze import stored
from compliance.assessment.outcome import AnswerValue
from compliance.law.model import Fact, Pack
from compliance.law.problems import Problem
from compliance.law.terms import FactScope
from compliance.operations import concerns, dossiers
from compliance.operations.dossiers import Dossier
from compliance.operations.rights import Right
from compliance.operations.workplace import (
    Actor,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    Unit,
    Workplace,
    work,
)
from compliance.storage import answers, cases
from compliance.storage.answers import Answer, Event
from compliance.storage.rows import ConflictError

OPEN_STATES = ("draft", "returned")
AT_ONCE = 40  # use cases whose summaries are computed while the person waits


class AnswerRefusedError(Exception):
    """The value does not fit the question; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class AnsweredMeanwhileError(Exception):
    """Somebody else answered since the page was shown; ``theirs`` is what stands."""

    def __init__(self, theirs: Answer | None) -> None:
        super().__init__()
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it comes in: a value, "I don't know", or taken back (neither)."""

    value: object = None
    unknown: bool = False
    comment: str = ""
    source: dict[str, str] | None = None  # the supplier whose word it is


def may_answer(place: Workplace, actor: Actor, case_id: str, fact: str) -> bool:
    """Tell whether the actor may answer this question."""
    if actor.may(Right.EDIT):
        return True
    if not actor.may(Right.ANSWER):
        return False
    with place.database.reading(actor.org_id) as connection:
        found = cases.hand_overs(connection, actor.org_id, case_id=case_id, to_id=actor.person_id)
    return any(fact in handed.facts for handed in found)


def value_of(pack: Pack, fact: str, given: Given) -> AnswerValue | Partial | None:
    """Return what the pack makes of an answer; None is "I don't know", or taken back. Raises AnswerRefusedError."""
    if given.unknown or given.value is None:
        return None
    try:
        return accept(pack, {fact: given.value}).values.get(fact)
    except FactsError as error:
        raise AnswerRefusedError(error.problems[0]) from None


def record(place: Workplace, actor: Actor, case_id: str, fact: str, given: Given, version: int) -> Dossier:
    """Keep one answer, read at ``version`` (0: none stood), and return the dossier after it.

    Raises AnswerRefusedError, AnsweredMeanwhileError, RefusedError, NotFoundError, NotAllowedError.
    """
    if not may_answer(place, actor, case_id, fact):
        raise NotAllowedError(Right.EDIT)
    with work(place, actor) as unit:
        dossier = dossiers.load(unit.connection, place, actor.org_id, case_id)
        _check_open(dossier)
        if fact not in dossier.law.pack.facts:
            raise NotFoundError
        value = value_of(dossier.law.pack, fact, given)
        subject = dossiers.subject(dossier, actor.org_id, fact)
        stands = _put(unit, subject, fact, stored(value) if value is not None else None, given, version)
        unit.log(
            "answer.recorded", case_id, fact=fact, unknown=given.unknown, taken_back=value is None and not given.unknown
        )
        if subject == actor.org_id:
            _carry(place, unit, fact, case_id)
        if subject == case_id:
            after = dossiers.answered(dossier, stands)
        else:  # a use case's own answer to the same question would stand before it
            after = dossiers.load(unit.connection, place, actor.org_id, case_id)
        return dossiers.settle(place, unit, after, state="draft", changed_at=unit.now)


def take_over(unit: Unit, dossier: Dossier, found: Mapping[str, tuple[Given, int]]) -> None:
    """Keep answers that somebody else gave, each read at its version; the caller logs, and refreshes the dossier.

    Raises AnswerRefusedError, AnsweredMeanwhileError, RefusedError.
    """
    _check_open(dossier)
    for fact, (given, version) in found.items():
        value = value_of(dossier.law.pack, fact, given)
        _put(unit, dossier.case.id, fact, stored(value) if value is not None else None, given, version)


def _check_open(dossier: Dossier) -> None:
    if dossier.case.archived or dossier.case.state not in OPEN_STATES:
        raise RefusedError("case_closed")


def _put(unit: Unit, subject: str, fact: str, value: Any, given: Given, version: int) -> Answer:
    """Keep an answer with its event; return what stands. Raises AnsweredMeanwhileError."""
    now = {
        "value": value,
        "unknown": given.unknown,
        "presumed": False,
        "comment": given.comment,
        "person_id": unit.who,
        "at": unit.now,
        "source": given.source,
    }
    try:
        return answers.put(unit.connection, unit.org, subject, fact, version, **now)
    except ConflictError:
        theirs = answers.answers(unit.connection, unit.org, subject).get(fact)
        said = (unit.who, value, given.unknown, given.comment)
        if theirs and (theirs.person_id, theirs.value, theirs.unknown, theirs.comment) == said:
            return theirs  # the same page sent twice
        raise AnsweredMeanwhileError(theirs) from None


def _carry(place: Workplace, unit: Unit, fact: str, but: str | None) -> None:
    """Let what depends on an answer about the organisation follow it: its own actions, or its use cases."""
    if fact in place.library.law(place.library.default).pack.controls:  # these move no use case
        concerns.follow(place, unit)
    else:
        _refresh_others(place, unit, but)


def _refresh_others(place: Workplace, unit: Unit, but: str | None) -> None:
    """Compute the other use cases' summaries anew after an answer about the organisation: now, or soon if many."""
    found = cases.all_cases(unit.connection, unit.org)
    if len(found) > AT_ONCE:
        cases.mark_stale(unit.connection, unit.org)
        return
    for case in found:
        if case.id != but:
            dossiers.refresh(place, unit, case.id)


def record_organisation(place: Workplace, actor: Actor, fact: str, given: Given, version: int) -> None:
    """Keep an answer about the organisation, which counts in every use case."""
    actor.require(Right.ARRANGE)
    with work(place, actor) as unit:
        known = organisation_questions(place)
        if fact not in known:
            raise NotFoundError
        law = place.library.law(place.library.default)
        value = value_of(law.pack, fact, given)
        _put(unit, actor.org_id, fact, stored(value) if value is not None else None, given, version)
        unit.log("answer.recorded", actor.org_id, fact=fact, unknown=given.unknown)
        _carry(place, unit, fact, None)


def organisation_questions(place: Workplace) -> dict[str, Fact]:
    """Return the questions asked once for the whole organisation."""
    facts = place.library.law(place.library.default).pack.facts
    return {id_: fact for id_, fact in facts.items() if fact.of is FactScope.ORGANISATION}


def organisation_answers(place: Workplace, actor: Actor) -> Mapping[str, Answer]:
    """Return what stands about the organisation."""
    actor.require(Right.READ, Right.ARRANGE)
    with place.database.reading(actor.org_id) as connection:
        return dossiers.known_answers(answers.answers(connection, actor.org_id, actor.org_id))


def confirm_presumed(place: Workplace, actor: Actor, case_id: str, facts: list[str]) -> int:
    """Confirm presumed answers as they stand; return how many."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        dossier = dossiers.load(unit.connection, place, actor.org_id, case_id)
        _check_open(dossier)
        wanted = [fact for fact in facts if fact in dossier.presumed]
        for fact in wanted:
            standing = dossier.answers[fact]
            given = Given(standing.value, standing.unknown, standing.comment)
            _put(unit, case_id, fact, standing.value, given, standing.version)
        unit.log("answers.confirmed", case_id, facts=wanted)
        dossiers.refresh(place, unit, case_id, changed_at=unit.now)
    return len(wanted)


def history(place: Workplace, actor: Actor, case_id: str) -> list[Event]:
    """Return every answer ever given about a use case, the newest first."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        dossiers.find(connection, actor, case_id)
        return answers.events(connection, actor.org_id, case_id)

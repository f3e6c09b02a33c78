"""Questions handed to the colleague who knows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from compliance.operations import dossiers, post
from compliance.operations.answers import OPEN_STATES
from compliance.operations.dossiers import Dossier
from compliance.operations.rights import Right, Role, roles_of
from compliance.operations.workplace import Actor, NotAllowedError, NotFoundError, RefusedError, Workplace, work
from compliance.storage import cases, people
from compliance.storage.cases import HandOver, UseCase
from compliance.storage.rows import new_id
from compliance.text import Text


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-over with its use case and names."""

    hand_over: HandOver
    case: UseCase
    to: str
    by: str
    answered: int


def hand_over(place: Workplace, actor: Actor, case_id: str, facts: list[str], to_id: str, note: str) -> str:
    """Hand questions to a colleague, who is told; return the id of the hand-over."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        dossier = dossiers.load(unit.connection, place, actor.org_id, case_id)
        if dossier.case.state not in OPEN_STATES:
            raise RefusedError("case_closed")
        wanted = [fact for fact in dict.fromkeys(facts) if fact in dossier.law.pack.facts]
        if not wanted:
            raise RefusedError("no_questions", "facts")
        member = people.membership(unit.connection, actor.org_id, to_id)
        if member is None or not member.active or not roles_of(member.roles) & {Role.CONTRIBUTOR, Role.OFFICER}:
            raise RefusedError("unknown_choice", "to")
        id_ = new_id()
        cases.add_hand_over(
            unit.connection,
            unit.org,
            id=id_,
            case_id=case_id,
            facts=wanted,
            to_id=to_id,
            from_id=actor.person_id,
            note=note,
            at=unit.now,
        )
        count = len(wanted)
        said = Text(
            f"{actor.name} vous demande de répondre à {count} question{'s' if count > 1 else ''} sur « "
            f"{dossier.case.name} ».\n\n{note}",
            f"{actor.name} asks you to answer {count} question{'s' if count > 1 else ''} about "
            f'"{dossier.case.name}".\n\n{note}',
        )
        subject = Text(f"Questions sur {dossier.case.name}", f"Questions about {dossier.case.name}")
        link = f"{place.settings.base_url}/handed-over/{id_}"
        post.to_person(unit, actor, to_id, subject, said, link)
        unit.log("questions.handed_over", case_id, to=to_id, facts=wanted)
    return id_


def mine(place: Workplace, actor: Actor) -> list[Handed]:
    """Return what the actor was asked and has not finished."""
    actor.require(Right.ANSWER)
    with place.database.reading(actor.org_id) as connection:
        found = cases.hand_overs(connection, actor.org_id, to_id=actor.person_id)
        return _with_names(place, connection, actor, found)


def of_case(place: Workplace, actor: Actor, case_id: str) -> list[Handed]:
    """Return what was handed over of a use case and is open."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        dossiers.find(connection, actor, case_id)
        found = cases.hand_overs(connection, actor.org_id, case_id=case_id)
        return _with_names(place, connection, actor, found)


def _with_names(place: Workplace, connection: Connection, actor: Actor, found: list[HandOver]) -> list[Handed]:
    names = dossiers.names(connection, actor.org_id)
    shown = []
    for handed in found:
        dossier = dossiers.load(connection, place, actor.org_id, handed.case_id)
        answered = sum(fact in dossier.answers for fact in handed.facts)
        shown.append(Handed(handed, dossier.case, names.get(handed.to_id, ""), names.get(handed.from_id, ""), answered))
    return shown


def open_hand_over(place: Workplace, actor: Actor, id_: str) -> tuple[HandOver, Dossier]:
    """Return a hand-over to the actor with its dossier. Raises NotFoundError where it is another's."""
    actor.require(Right.ANSWER)
    with place.database.reading(actor.org_id) as connection:
        found = cases.hand_over(connection, actor.org_id, id_)
        if found is None or found.to_id != actor.person_id:
            raise NotFoundError
        return found, dossiers.load(connection, place, actor.org_id, found.case_id)


def finish(place: Workplace, actor: Actor, id_: str) -> None:
    """Say that the questions are answered; who asked is told."""
    actor.require(Right.ANSWER)
    with work(place, actor) as unit:
        found = cases.hand_over(unit.connection, actor.org_id, id_)
        if found is None:
            raise NotFoundError
        if actor.person_id not in (found.to_id, found.from_id):
            raise NotAllowedError
        if found.done_at is not None:
            raise RefusedError("already_done")
        case = cases.case(unit.connection, actor.org_id, found.case_id)
        assert case
        cases.close_hand_over(unit.connection, actor.org_id, found, unit.now)
        if actor.person_id == found.to_id:
            said = Text(
                f"{actor.name} a répondu aux questions que vous aviez confiées sur « {case.name} ».",
                f'{actor.name} has answered the questions that you handed over about "{case.name}".',
            )
            subject = Text(f"Réponses reçues : {case.name}", f"Answers received: {case.name}")
            link = f"{place.settings.base_url}/use-cases/{case.id}"
            post.to_person(unit, actor, found.from_id, subject, said, link)
        unit.log("questions.answered", found.case_id, hand_over=id_)

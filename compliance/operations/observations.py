"""Findings and remarks: recorded by auditors, answered by officers, closed by auditors; nothing of them is changed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from compliance.operations import dossiers, post
from compliance.operations.rights import Right, Role, roles_of
from compliance.operations.workplace import (
    Actor,
    NotFoundError,
    RefusedError,
    SentTwiceError,
    Unit,
    Workplace,
    work,
)
from compliance.storage import audits, cases, people
from compliance.storage.audits import ListedObservation, Observation, ObservationFilter, Reply
from compliance.storage.cases import UseCase
from compliance.storage.rows import new_id
from compliance.text import Text

PER_PAGE = 50
KINDS: dict[str, Text] = {"finding": Text("Constat", "Finding"), "remark": Text("Remarque", "Remark")}
STATES: dict[str, Text] = {
    "open": Text("En attente de réponse", "Awaiting an answer"),
    "answered": Text("Répondu", "Answered"),
    "closed": Text("Clos", "Closed"),
}


@dataclass(frozen=True, slots=True)
class Thread:
    """An observation with what was said about it."""

    listed: ListedObservation
    replies: list[Reply]
    closed_by: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the desk shows at a glance: use cases by level ("open" where undecided), and what is not closed."""

    levels: dict[str, int]
    total: int
    findings: int
    waiting: int  # for an answer
    answered: int  # for an auditor to close


def _bounded(actor: Actor, wanted: ObservationFilter) -> ObservationFilter:
    return wanted if actor.site_id is None else replace(wanted, site=actor.site_id)


def figures(place: Workplace, actor: Actor) -> Figures:
    """Return the desk's figures, within the actor's bounds."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        levels: dict[str, int] = {}
        for found, count in cases.counts(
            connection, actor.org_id, "levels", wanted=dossiers.bounded(actor, cases.Filter())
        ):
            column = found if " " not in found else "open"
            levels[column] = levels.get(column, 0) + count
        counts = audits.count_by_kind_and_state(connection, actor.org_id, _bounded(actor, ObservationFilter()))
    return Figures(
        levels,
        sum(levels.values()),
        sum(count for (kind, state), count in counts.items() if kind == "finding" and state != "closed"),
        sum(count for (_, state), count in counts.items() if state == "open"),
        sum(count for (_, state), count in counts.items() if state == "answered"),
    )


def standing(place: Workplace, actor: Actor, case_id: str) -> dict[str, int]:
    """Return how many observations about a use case are in each state."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        dossiers.find(connection, actor, case_id)
        counts = audits.count_by_kind_and_state(connection, actor.org_id, ObservationFilter(case=case_id))
    return {state: sum(count for (_, found), count in counts.items() if found == state) for state in STATES}


def search(place: Workplace, actor: Actor, wanted: ObservationFilter, page: int) -> tuple[list[ListedObservation], int]:
    """Return one page of the observations within the actor's bounds, and how many there are in all."""
    actor.require(Right.READ_CASE)
    wanted = _bounded(actor, wanted)
    with place.database.reading(actor.org_id) as connection:
        total = sum(audits.count_by_kind_and_state(connection, actor.org_id, wanted).values())
        found = audits.observations(connection, actor.org_id, wanted, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    return found, total


def threads(place: Workplace, actor: Actor, wanted: ObservationFilter) -> list[Thread]:
    """Return observations with their replies: of a use case, or of a sample."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        if wanted.case is not None:
            dossiers.find(connection, actor, wanted.case)
        found = audits.observations(connection, actor.org_id, _bounded(actor, wanted))
        replies = audits.replies(connection, actor.org_id, [item.observation.id for item in found])
        names = {member.person_id: member.name for member in people.members(connection, actor.org_id)}
    return [
        Thread(item, replies.get(item.observation.id, []), names.get(item.observation.closed_by or "", ""))
        for item in found
    ]


def case_of(place: Workplace, actor: Actor, id_: str) -> str:
    """Return the use case that an observation within the actor's bounds is about."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        return _open(connection, actor, id_)[0].case_id


def version(place: Workplace, actor: Actor, id_: str) -> int:
    """Return how often an observation changed, for a form to be sent again."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        return _open(connection, actor, id_)[0].version


def _open(connection: Connection, actor: Actor, id_: str) -> tuple[Observation, UseCase]:
    found = audits.observation(connection, actor.org_id, id_)
    if found is None:
        raise NotFoundError
    return found, dossiers.find(connection, actor, found.case_id)


def record(
    place: Workplace,
    actor: Actor,
    case_id: str,
    *,
    kind: str,
    text: str,
    report_id: str | None = None,
    sample_id: str | None = None,
    key: str | None = None,
) -> str:
    """Record a finding or a remark about a use case; its owner, or the officers, are told. Return its id.

    ``key`` is an id that the form was given: sent twice, it records once.
    """
    actor.require(Right.AUDIT)
    if kind not in KINDS:
        raise RefusedError("unknown_choice", "kind")
    id_ = key or new_id()
    with suppress(SentTwiceError), work(place, actor) as unit:
        case = dossiers.find(unit.connection, actor, case_id)
        if audits.observation(unit.connection, unit.org, id_):
            raise SentTwiceError
        if sample_id and not audits.items(unit.connection, unit.org, sample_id=sample_id, case_id=case_id):
            raise RefusedError("unknown_choice", "sample_id")
        if report_id and not audits.is_report_of(unit.connection, unit.org, report_id, case_id):
            raise RefusedError("unknown_choice", "report_id")
        audits.add_observation(
            unit.connection,
            unit.org,
            id=id_,
            case_id=case_id,
            report_id=report_id,
            sample_id=sample_id,
            kind=kind,
            text=text,
            person_id=actor.person_id,
            at=unit.now,
        )
        named = {"report": report_id, "sample": sample_id}
        about = {name: value for name, value in named.items() if value}
        unit.log(f"{kind}.recorded", case_id, observation=id_, signs=len(text), **about)
        _tell_officers(place, unit, actor, case, _RECORDED[kind], text)
    return id_


def reply(place: Workplace, actor: Actor, id_: str, text: str, *, key: str | None = None) -> None:
    """Answer an observation as an officer, or come back to it as an auditor; not once it is closed."""
    actor.require(Right.EDIT, Right.AUDIT)
    reply_id = key or new_id()
    with suppress(SentTwiceError), work(place, actor) as unit:
        found, case = _open(unit.connection, actor, id_)
        if audits.has_reply(unit.connection, unit.org, reply_id):
            raise SentTwiceError
        if found.state == "closed":
            raise RefusedError("already_closed")
        answers = _answers(actor, found)
        audits.add_reply(
            unit.connection,
            unit.org,
            id=reply_id,
            observation_id=id_,
            text=text,
            person_id=actor.person_id,
            at=unit.now,
        )
        audits.change_observation(unit.connection, unit.org, found, state="answered" if answers else "open")
        unit.log(
            "observation.answered" if answers else "observation.followed_up",
            case.id,
            observation=id_,
            signs=len(text),
        )
        if answers:
            _tell(place, unit, actor, found.person_id, case, _ANSWERED, text)
        else:
            _tell_officers(place, unit, actor, case, _FOLLOWED_UP, text)


def _answers(actor: Actor, found: Observation) -> bool:
    """Tell whether what the actor says is an answer, rather than the audit's own word."""
    return actor.may(Right.EDIT) and actor.person_id != found.person_id


def close(place: Workplace, actor: Actor, id_: str, version: int, text: str) -> None:
    """Close an observation with a word on why. Who answered it does not close it. Raises ConflictError."""
    actor.require(Right.AUDIT)
    with place.database.reading(actor.org_id) as connection:
        found, _ = _open(connection, actor, id_)
    if (found.closed_by, found.closing) == (actor.person_id, text):
        return  # sent twice
    with work(place, actor) as unit:
        found, case = _open(unit.connection, actor, id_)
        if found.state == "closed":
            raise RefusedError("already_closed")
        if _answers(actor, found):
            answers = audits.replies(unit.connection, unit.org, [id_]).get(id_, [])
            if any(answer.person_id == actor.person_id for answer in answers):
                raise RefusedError("own_answer")
        audits.change_observation(
            unit.connection,
            unit.org,
            replace(found, version=version),
            state="closed",
            closing=text,
            closed_by=actor.person_id,
            closed_at=unit.now,
        )
        unit.log("observation.closed", case.id, observation=id_, signs=len(text))
        _tell_officers(place, unit, actor, case, _CLOSED, text)


# Who is told


@dataclass(frozen=True, slots=True)
class _Message:
    subject: Text
    said: Text


_RECORDED = {
    "finding": _Message(
        Text("Constat d'audit : {case}", "Audit finding: {case}"),
        Text("{who} a noté un constat sur « {case} » :", '{who} has recorded a finding on "{case}":'),
    ),
    "remark": _Message(
        Text("Remarque d'audit : {case}", "Audit remark: {case}"),
        Text("{who} a laissé une remarque sur « {case} » :", '{who} has left a remark on "{case}":'),
    ),
}
_ANSWERED = _Message(
    Text("Réponse à votre observation : {case}", "Answer to your observation: {case}"),
    Text("{who} a répondu à votre observation sur « {case} » :", '{who} has answered your observation on "{case}":'),
)
_FOLLOWED_UP = _Message(
    Text("L'audit attend une réponse : {case}", "The audit awaits an answer: {case}"),
    Text("{who} revient sur son observation à propos de « {case} » :", '{who} comes back to "{case}":'),
)
_CLOSED = _Message(
    Text("Observation close : {case}", "Observation closed: {case}"),
    Text("{who} a clos une observation sur « {case} » :", '{who} has closed an observation on "{case}":'),
)


def _filled(text: Text, **values: str) -> Text:
    """Return a text with its places filled; what is typed is never read as a pattern."""

    def fill(said: str) -> str:
        for name, value in values.items():
            said = said.replace("{" + name + "}", value)
        return said

    return Text(fill(text.fr), fill(text.en))


def _tell(
    place: Workplace, unit: Unit, actor: Actor, person_id: str, case: UseCase, message: _Message, text: str
) -> None:
    said = _filled(message.said, who=actor.name, case=case.name)
    post.to_person(
        unit,
        actor,
        person_id,
        _filled(message.subject, case=case.name),
        Text(f"{said.fr}\n\n{text}", f"{said.en}\n\n{text}"),
        f"{place.settings.base_url}/use-cases/{UUID(case.id)}/audit",
    )


def _tell_officers(place: Workplace, unit: Unit, actor: Actor, case: UseCase, message: _Message, text: str) -> None:
    """Tell the owner of a use case or, where it has none who may answer, every officer."""
    officers = [
        member.person_id
        for member in people.members(unit.connection, unit.org)
        if member.active and Role.OFFICER in roles_of(member.roles)
    ]
    told = [case.owner_id] if case.owner_id in officers else officers
    for person_id in told:
        if person_id and person_id != actor.person_id:
            _tell(place, unit, actor, person_id, case, message, text)

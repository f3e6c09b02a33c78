"""A use case with its law and answers, and its summary kept true; every other operation opens one first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from compliance.assessment.action_plan import is_gap, reconcile
from compliance.assessment.facts import Facts
from compliance.assessment.progress import Reading
from compliance.assessment.summary import Summary
from compliance.evidence.canonical import digest
from compliance.law.terms import FactScope
from compliance.operations import events
from compliance.operations.library import Law
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotAllowedError, NotFoundError, Unit, Workplace
from compliance.storage import actions, answers, cases, people
from compliance.storage.answers import Answer
from compliance.storage.cases import Filter, UseCase
from compliance.storage.rows import new_id


@dataclass(frozen=True, slots=True)
class Dossier:
    """One use case as far as it is known."""

    case: UseCase
    law: Law
    answers: Mapping[str, Answer]  # those taken back are left out
    facts: Facts
    standing: Mapping[str, Answer]  # all that stand, those that its text does not ask for included

    @property
    def known(self) -> str:
        """Its own answers in short, as the store keeps them."""
        own = {fact: answer for fact, answer in self.standing.items() if answer.subject == self.case.id}
        return in_short(values_of(own))

    @property
    def passed(self) -> frozenset[str]:
        """The questions answered "I don't know"."""
        return frozenset(fact for fact, answer in self.answers.items() if answer.unknown)

    @property
    def presumed(self) -> frozenset[str]:
        """The questions whose answer somebody still has to confirm."""
        return frozenset(fact for fact, answer in self.answers.items() if answer.presumed)


def known_answers(found: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return the answers that stand."""
    return {fact: answer for fact, answer in found.items() if answer.unknown or answer.value is not None}


def values_of(found: Mapping[str, Answer]) -> dict[str, Any]:
    """Return what answers say, without those that say "I don't know"."""
    return {fact: answer.value for fact, answer in found.items() if not answer.unknown}


def common_answers(connection: Connection, org: str) -> dict[str, Any]:
    """Return what an organisation answered for all its use cases."""
    return values_of(known_answers(answers.answers(connection, org, org)))


def facts_of(law: Law, found: Mapping[str, Answer]) -> Facts:
    """Return answers as facts."""
    return law.facts(values_of(found))


def within(actor: Actor, case: UseCase) -> bool:
    """Tell whether a use case lies within the bounds of the actor's role."""
    return actor.site_id is None or case.site_id == actor.site_id


def bounded(actor: Actor, wanted: Filter) -> Filter:
    """Return a filter narrowed to the bounds of the actor's role, whatever it asked for."""
    return wanted if actor.site_id is None else replace(wanted, site=actor.site_id)


def find(connection: Connection, actor: Actor, case_id: str) -> UseCase:
    """Return a use case within the actor's bounds; the caller has seen to the right.

    Others' and absent ones are the same NotFoundError.
    """
    case = cases.case(connection, actor.org_id, case_id)
    if case is None or not within(actor, case):
        raise NotFoundError
    return case


def load(connection: Connection, place: Workplace, org: str, case_id: str) -> Dossier:
    """Return a dossier; the caller has seen to the right and to its bounds. Raises NotFoundError."""
    case = cases.case(connection, org, case_id)
    if case is None:
        raise NotFoundError
    return _dossier(connection, place, org, case)


def _dossier(connection: Connection, place: Workplace, org: str, case: UseCase) -> Dossier:
    return _of(case, place.library.law(case.pack), known_answers(answers.answers(connection, org, org, case.id)))


def answered(dossier: Dossier, given: Answer) -> Dossier:
    """Return a dossier as it is once an answer about its use case was given, or taken back."""
    return _of(dossier.case, dossier.law, known_answers({**dossier.standing, given.fact: given}))


def _of(case: UseCase, law: Law, standing: Mapping[str, Answer]) -> Dossier:
    found = {fact: answer for fact, answer in standing.items() if fact in law.pack.facts}
    return Dossier(case, law, found, facts_of(law, found), standing)


def in_short(values: Mapping[str, object]) -> str:
    """Return answers as the store keeps them for replays of the whole portfolio: one a line, in order."""
    lines = (f"{fact}={json.dumps(values[fact], sort_keys=True, separators=(',', ':'))}" for fact in sorted(values))
    return "\n".join(lines)


def open_dossier(connection: Connection, place: Workplace, actor: Actor, case_id: str, right: Right) -> Dossier:
    """Return a dossier that the actor may use so. Others' and absent ones are the same NotFoundError."""
    return _dossier(connection, place, actor.org_id, _opened(connection, actor, case_id, right))


def _opened(connection: Connection, actor: Actor, case_id: str, right: Right) -> UseCase:
    if not actor.may(right):
        if not (right is Right.READ_CASE and actor.may(Right.ANSWER)):
            raise NotAllowedError(right)
        if not cases.was_handed(connection, actor.org_id, actor.person_id, case_id):
            raise NotFoundError
    return find(connection, actor, case_id)


def law_of(place: Workplace, actor: Actor, case_id: str) -> Law:
    """Return the text that a use case is read by, to somebody who may see it; NotFoundError as for the dossier."""
    with place.database.reading(actor.org_id) as connection:
        return place.library.law(_opened(connection, actor, case_id, Right.READ_CASE).pack)


def view(place: Workplace, actor: Actor, case_id: str, right: Right = Right.READ_CASE) -> Dossier:
    """Return a dossier to look at."""
    with place.database.reading(actor.org_id) as connection:
        return open_dossier(connection, place, actor, case_id, right)


def reading(place: Workplace, dossier: Dossier) -> Reading:
    """Return where the questionnaire stands."""
    return place.library.reading(dossier.law, dossier.facts)


def set_aside(place: Workplace, dossier: Dossier, among: Iterable[str]) -> frozenset[str]:
    """Return which answers no longer count; they come back when an earlier answer changes."""
    return place.library.set_aside(dossier.law, dossier.facts, among)


def subject(dossier: Dossier, org: str, fact: str) -> str:
    """Return whom a question is about: the use case, or the organisation."""
    return org if dossier.law.pack.facts[fact].of is FactScope.ORGANISATION else dossier.case.id


def summary(place: Workplace, law: Law, facts: Facts) -> Summary:
    """Return what the lists show."""
    return place.library.summary(law, facts, place.today())


def summary_columns(found: Summary, presumed: int, known: str) -> dict[str, Any]:
    """Return a summary as columns of a use case."""
    return {
        "levels": " ".join(found.possible),
        "open_count": found.open_count,
        "deciding_fact": found.deciding_fact,
        "next_due": found.next_due,
        "presumed": presumed,
        "duties": digest(
            [
                *([id_, due.isoformat() if due else None] for id_, due in found.duties),
                *([id_] for id_, _ in found.gaps),  # its date is proposed once, not anew every day
            ]
        ),
        "stale": False,
        "known": known,
    }


def refresh(place: Workplace, unit: Unit, case_id: str, **also: Any) -> Dossier:
    """Compute a use case's summary anew, and let its action plan follow; ``also`` are columns to change with it."""
    return settle(place, unit, load(unit.connection, place, unit.org, case_id), **also)


def settle(place: Workplace, unit: Unit, dossier: Dossier, **also: Any) -> Dossier:
    """Keep the summary of a dossier as it stands in this transaction, as ``refresh`` does; return it."""
    case_id = dossier.case.id
    found = summary(place, dossier.law, dossier.facts)
    columns = summary_columns(found, len(dossier.presumed & dossier.facts.values.keys()), dossier.known)
    if columns["duties"] != dossier.case.duties:
        follow(unit, case_id, owed(found))
    if cases.decided(columns["levels"]) != dossier.case.level:
        events.tell(unit.connection, unit.org, unit.now, events.CLASSIFIED, [(events.USE_CASE, case_id, None)])
    cases.change_case(unit.connection, unit.org, case_id, None, **columns, **also)
    return dossier


def owed(found: Summary) -> dict[str, date | None]:
    """Return what the plan of a use case has to hold, each with the day to propose: duties, then gaps of controls."""
    return {**dict(found.duties), **dict(found.gaps)}


def follow(unit: Unit, case_id: str | None, owed: Mapping[str, date | None]) -> None:
    """Bring a plan in line with what is owed, of a use case or of the organisation itself; no comment or date is lost.

    A gap that was closed and opened again is to be done again, by a new day unless somebody chose one.
    """
    planned = {action.obligation: action for action in actions.actions(unit.connection, unit.org, case_id)}
    changed = reconcile({id_: action.needed for id_, action in planned.items()}, frozenset(owed))
    actions.add_actions(
        unit.connection,
        unit.org,
        (new_action(case_id, id_, owed[id_], unit) for id_ in changed.new),
    )
    actions.mark(unit.connection, unit.org, [planned[id_].id for id_ in changed.back], needed=True)
    actions.mark(unit.connection, unit.org, [planned[id_].id for id_ in changed.no_longer], needed=False)
    again = {id_ for id_ in changed.back if is_gap(id_)}
    done = [planned[id_].id for id_ in again if planned[id_].state == "done"]
    actions.mark(unit.connection, unit.org, done, state="to_do")
    again_told = [(events.ACTION, id_, case_id) for id_ in done]
    events.tell(unit.connection, unit.org, unit.now, events.CHANGED, again_told)
    for id_, action in planned.items():
        moves = id_ in again or not is_gap(id_)
        if id_ in owed and moves and not action.due_chosen and action.due != owed[id_]:
            actions.mark(unit.connection, unit.org, [action.id], due=owed[id_])


def new_action(case_id: str | None, obligation: str, due: date | None, unit: Unit) -> dict[str, Any]:
    """Return the row of an action that an obligation or the gap of a control calls for."""
    return {
        "id": new_id(),
        "case_id": case_id,
        "obligation": obligation,
        "state": "to_do",
        "due": due,
        "due_chosen": False,
        "comment": "",
        "needed": True,
        "changed_at": unit.now,
    }


def names(connection: Connection, org: str) -> dict[str, str]:
    """Return the names of everybody of an organisation by id."""
    return {member.person_id: member.name for member in people.members(connection, org)}


def refresh_stale(place: Workplace, limit: int = 50) -> int:
    """Compute waiting summaries anew; return how many were."""
    with place.database.reading() as connection:
        waiting = cases.stale_cases(connection, limit)
    for org, case_id in waiting:
        with place.database.writing() as connection:
            refresh(place, Unit(connection, org, None, place.clock()), case_id)
    return len(waiting)

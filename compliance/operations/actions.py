"""The action plan: who does what until when, of one use case and across the organisation."""

from __future__ import annotations

from datetime import date
from typing import Any

from compliance.operations import dossiers
from compliance.operations.library import Law
from compliance.operations.rights import Right
from compliance.operations.vocabulary import ACTION_STATES
from compliance.operations.workplace import Actor, NotAllowedError, NotFoundError, RefusedError, Workplace, work
from compliance.storage import actions, cases, people
from compliance.storage.actions import Action, ActionFilter, ListedAction

PER_PAGE = 100
BULK_MOST = 500
READERS = (Right.READ, Right.ARRANGE)  # of the organisation's concerns, and of the actions that they call for


def of_case(place: Workplace, actor: Actor, case_id: str) -> list[Action]:
    """Return a use case's actions, those no longer needed included."""
    with place.database.reading(actor.org_id) as connection:
        dossiers.open_dossier(connection, place, actor, case_id, Right.READ_CASE)
        return actions.actions(connection, actor.org_id, case_id)


def of_organisation(place: Workplace, actor: Actor) -> list[Action]:
    """Return the organisation's own actions, for those who read its concerns."""
    actor.require(*READERS)
    with place.database.reading(actor.org_id) as connection:
        return actions.actions(connection, actor.org_id, None)


def law_of(place: Workplace, case_pack: str | None) -> Law:
    """Return the text that an action stands in: its use case's, or the one that the organisation's concerns are of."""
    return place.library.law(case_pack or place.library.default)


def search(place: Workplace, actor: Actor, wanted: ActionFilter, page: int) -> tuple[list[ListedAction], int]:
    """Return one page of the organisation's plan, and the number of actions in all.

    Contributors see their own actions.
    """
    actor.require(Right.READ, Right.ANSWER)
    if not actor.may(Right.READ) and wanted.owner != actor.person_id:
        raise NotAllowedError
    with place.database.reading(actor.org_id) as connection:
        found = actions.listed(connection, actor.org_id, wanted, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        return found, actions.count(connection, actor.org_id, wanted)


def everything(place: Workplace, actor: Actor, wanted: ActionFilter) -> list[ListedAction]:
    """Return all actions of a filter, for an export or a chart."""
    actor.require(Right.READ)
    with place.database.reading(actor.org_id) as connection:
        return actions.listed(connection, actor.org_id, wanted)


def action(place: Workplace, actor: Actor, id_: str) -> Action:
    """Return one action: anybody's for those who read its use case or the concerns, one's own otherwise."""
    with place.database.reading(actor.org_id) as connection:
        found = actions.action(connection, actor.org_id, id_)
        if found is None or not _may_see(actor, found):
            raise NotFoundError
        if found.case_id is not None:
            dossiers.find(connection, actor, found.case_id)
        return found


def _may_see(actor: Actor, found: Action) -> bool:
    """Tell whether the actor may see an action, the bounds of its use case aside."""
    if found.case_id is None:
        own = actor.may(Right.ANSWER) and found.owner_id == actor.person_id
        return own or any(actor.may(right) for right in READERS)
    return actor.may(Right.READ_CASE) or found.owner_id == actor.person_id


def may_change(actor: Actor, found: Action) -> bool:
    """Tell whether the actor may work on an action."""
    return actor.may(Right.EDIT) or (actor.may(Right.ANSWER) and found.owner_id == actor.person_id)


def change(
    place: Workplace,
    actor: Actor,
    id_: str,
    version: int,
    *,
    state: str,
    comment: str,
    owner_id: str | None,
    due: date | None,
) -> None:
    """Change an action. Its owner may change state and comment; an officer, owner and date too.

    Raises ConflictError when it is not as it was read.
    """
    with work(place, actor) as unit:
        found = actions.action(unit.connection, unit.org, id_)
        if found is None:
            raise NotFoundError
        if not may_change(actor, found):
            raise NotAllowedError(Right.EDIT)
        new: dict[str, Any] = {"state": state, "comment": comment}
        if actor.may(Right.EDIT):
            _check_owner(unit, owner_id)
            new |= {"owner_id": owner_id, "due": due, "due_chosen": found.due_chosen or due != found.due}
        if state not in ACTION_STATES:
            raise RefusedError("unknown_choice", "state")
        if state == "not_applicable" and not comment.strip():
            raise RefusedError("comment_needed", "comment")
        changed = sorted(name for name, value in new.items() if getattr(found, name) != value)
        actions.change_action(unit.connection, unit.org, id_, version, **new, changed_at=unit.now)
        subject = found.case_id or unit.org
        unit.log("action.changed", subject, action=id_, obligation=found.obligation, fields=changed, state=state)


def _check_owner(unit: Any, owner_id: str | None) -> None:
    if owner_id is not None and people.membership(unit.connection, unit.org, owner_id) is None:
        raise RefusedError("unknown_choice", "owner_id")


def change_many(
    place: Workplace, actor: Actor, ids: list[str], *, state: str | None, owner_id: str | None, due: date | None
) -> int:
    """Change many actions at once: only what is given; return how many."""
    actor.require(Right.EDIT)
    if not ids:
        raise RefusedError("nothing_selected", "ids")
    if len(ids) > BULK_MOST:
        raise RefusedError("too_many", "ids", most=BULK_MOST)
    new: dict[str, Any] = {}
    if state:
        new["state"] = state
    if owner_id:
        new["owner_id"] = owner_id
    if due:
        new |= {"due": due, "due_chosen": True}
    if not new:
        raise RefusedError("nothing_to_change", "state")
    with work(place, actor) as unit:
        _check_owner(unit, owner_id)
        of_cases: dict[str, list[str]] = {}
        for id_ in ids:
            found = actions.action(unit.connection, unit.org, id_)
            if found is None:
                raise NotFoundError
            if new.get("state") == "not_applicable" and not found.comment.strip():
                raise RefusedError("comment_needed_first", "state")
            actions.change_action(unit.connection, unit.org, id_, found.version, **new, changed_at=unit.now)
            of_cases.setdefault(found.case_id or unit.org, []).append(id_)
        for subject, changed in of_cases.items():  # a line for each, so that none is missing where one is asked for
            unit.log("actions.changed", subject, actions=changed, fields=sorted(new))
    return len(ids)


def case_of(place: Workplace, actor: Actor, found: Action) -> cases.UseCase | None:
    """Return the use case of an action that the actor may see; None where it is the organisation's own."""
    if found.case_id is None:
        return None
    with place.database.reading(actor.org_id) as connection:
        return dossiers.find(connection, actor, found.case_id)

"""The organisation's concerns: gaps of what it answers once for all its use cases are actions of its own."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from compliance.assessment.action_plan import gaps, reconcile
from compliance.assessment.beyond import concerns_of_organisation
from compliance.law.terms import FactScope
from compliance.operations import dossiers
from compliance.operations.workplace import Unit, Workplace
from compliance.storage import actions, organisations


def follow(place: Workplace, unit: Unit) -> None:
    """Bring the organisation's own actions in line with its answers, in the same transaction."""
    dossiers.follow(unit, None, _gaps(unit.connection, place, unit.org))


def follow_all(place: Workplace) -> int:
    """Do so in every organisation where the text or its controls changed since; return in how many."""
    with place.database.reading() as connection:
        found = [org.id for org in organisations.organisations(connection) if _is_behind(connection, place, org.id)]
    for org in found:
        with place.database.writing() as connection:
            follow(place, Unit(connection, org, None, place.clock()))
    return len(found)


def _gaps(connection: Connection, place: Workplace, org: str) -> dict[str, date]:
    law = place.library.law(place.library.default)
    facts = law.facts(dossiers.common_answers(connection, org))
    return gaps(concerns_of_organisation(law.pack, facts), FactScope.ORGANISATION, place.today())


def _is_behind(connection: Connection, place: Workplace, org: str) -> bool:
    planned = {action.obligation: action.needed for action in actions.actions(connection, org, None)}
    changed = reconcile(planned, frozenset(_gaps(connection, place, org)))
    return any((changed.new, changed.back, changed.no_longer))

"""From obligations to actions: what is new, what is no longer needed, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.assessment.outcome import Due, DueState
from compliance.law.model import Nature

_TIME_TO_CATCH_UP = timedelta(days=30)


def proposed_due(nature: Nature, due: Due, on: date) -> date | None:
    """Return the day to propose: the day of application, or a month from now where that has passed.

    While answers leave several days possible, the first of them counts. Duties that an event triggers have none.
    """
    if nature is not Nature.DUTY or due.state is DueState.NEVER:
        return None
    day = first_day(due)
    if day is None:
        return None
    return day if day > on else on + _TIME_TO_CATCH_UP


def first_day(due: Due) -> date | None:
    """Return the day of application, or the first of those possible."""
    return due.applies_from or min(due.possible_dates, default=None)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How a plan follows an assessment: nothing is ever removed from it."""

    new: tuple[str, ...]
    back: tuple[str, ...]  # were no longer needed, and are again
    no_longer: tuple[str, ...]


def reconcile(planned: Mapping[str, bool], owed: frozenset[str]) -> Reconciled:
    """Compare the obligations in the plan (with whether needed) with those now owed."""
    return Reconciled(
        tuple(sorted(owed - planned.keys())),
        tuple(sorted(id_ for id_, needed in planned.items() if not needed and id_ in owed)),
        tuple(sorted(id_ for id_, needed in planned.items() if needed and id_ not in owed)),
    )

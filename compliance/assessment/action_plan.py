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

    Duties that an event triggers, and those whose date is open, have none.
    """
    if nature is not Nature.DUTY or due.state in (DueState.NEVER, DueState.OPEN) or due.applies_from is None:
        return None
    return due.applies_from if due.applies_from > on else on + _TIME_TO_CATCH_UP


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

"""From obligations and gaps of controls to actions: what is new, what is no longer needed, and by when."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.assessment.outcome import Concern, Due, DueState
from compliance.law.beyond_model import Control, Module
from compliance.law.model import Nature, Pack
from compliance.law.terms import Citation, FactScope
from compliance.text import Text

_TIME_TO_CATCH_UP = timedelta(days=30)
GAP = "control:"  # what the key of an action begins with where a control is below its target


@dataclass(frozen=True, slots=True)
class Task:
    """What an action is to bring about: an obligation met, or the gap of a control closed."""

    action: Text
    evidence: Text
    cite: tuple[Citation, ...]
    control: Control | None = None
    concern: Module | None = None  # that the control is part of


def task(pack: Pack, key: str) -> Task | None:
    """Return what an action of the plan stands for, by its key; None where the text does not know it."""
    if not is_gap(key):
        duty = pack.obligations.get(key)
        return Task(duty.action, duty.evidence, duty.cite) if duty else None
    control = pack.controls.get(key.removeprefix(GAP))
    if control is None:
        return None
    return Task(control.action, control.evidence, control.cite, control, pack.modules[control.module])


def gap_key(control: str) -> str:
    """Return the key, in the plan, of the gap of a control; obligations stand there under their own id."""
    return GAP + control


def is_gap(key: str) -> bool:
    """Tell whether a key of the plan names the gap of a control."""
    return key.startswith(GAP)


def gaps(concerns: Iterable[Concern], of: FactScope, on: date) -> dict[str, date]:
    """Return the gaps of those controls that are asked of one scope, by key, each with the day to propose."""
    return {
        gap_key(item.control.id): after_months(on, item.control.months)
        for concern in concerns
        for item in concern.gaps
        if item.control.of is of
    }


def after_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


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
    """Compare what is in the plan (with whether needed) with the obligations and gaps that now are."""
    return Reconciled(
        tuple(sorted(owed - planned.keys())),
        tuple(sorted(id_ for id_, needed in planned.items() if not needed and id_ in owed)),
        tuple(sorted(id_ for id_, needed in planned.items() if needed and id_ not in owed)),
    )

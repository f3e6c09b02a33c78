"""From when something applies in one case, under one text."""

from __future__ import annotations

from datetime import date

from compliance.assessment.outcome import Due, DueState, Truth
from compliance.assessment.state import State
from compliance.law.model import Deadline, DeadlineCase
from compliance.law.terms import Status


def due(state: State, deadline: Deadline, on: date) -> Due:
    """Return the date of the first case whose condition holds, or the dates still possible."""
    reached: list[DeadlineCase] = []
    for number, case in enumerate(deadline.cases):
        value = Truth.TRUE if case.when is None else state.slot("deadline", f"{deadline.id}/{number}")
        if value is not Truth.FALSE:
            reached.append(case)
        if value is Truth.TRUE:
            break
    if len(reached) == 1:
        return _decided(reached[0], on)
    dates = tuple(sorted({case.applies_from for case in reached if case.applies_from}))
    if len(dates) == 1 and all(case.applies_from for case in reached):
        return _decided(reached[-1], on)
    never = next((case.never for case in reached if case.never), None)
    cites = tuple(citation for case in reached for citation in case.cite)
    note = next((case.note for case in reached if case.note), None)
    return Due(
        DueState.OPEN,
        None,
        None,
        dates,
        never,
        cites,
        note,
        reached[-1].status if reached else Status.BINDING,
    )


def _decided(case: DeadlineCase, on: date) -> Due:
    if case.applies_from is None:
        return Due(
            DueState.NEVER,
            None,
            None,
            never=case.never,
            citations=case.cite,
            note=case.note,
            status=case.status,
        )
    days = (case.applies_from - on).days
    state = DueState.IN_APPLICATION if days <= 0 else DueState.TO_COME
    return Due(state, case.applies_from, days, citations=case.cite, note=case.note, status=case.status)

"""The plan as a picture: one bar a use case, from today or the first date to the last, with each due date on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from compliance.storage.actions import ListedAction

_LEFT, _WIDTH, _ROW, _TOP = 300, 900, 30, 46
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """The actions of a use case that fall due on one day."""

    x: float
    day: date
    count: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One use case, or the organisation itself."""

    case_id: str | None
    name: str
    y: int
    start: float
    end: float
    marks: tuple[Mark, ...]
    actions: tuple[ListedAction, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture, in its own units."""

    width: int
    height: int
    left: int
    today: float
    months: tuple[tuple[float, date], ...]
    bars: tuple[Bar, ...]
    left_out: int


def timeline(found: list[ListedAction], today: date, organisation: str) -> Chart:
    """Return the picture of the actions that have a date, the most urgent bar first.

    ``organisation`` names the bar of those that have no use case.
    """
    dated: dict[str | None, list[ListedAction]] = {}
    for item in found:
        if item.action.due:
            dated.setdefault(item.action.case_id, []).append(item)
    days = [item.action.due for group in dated.values() for item in group if item.action.due] or [today]
    first = min(today, *days) - timedelta(days=10)
    last = max(today + timedelta(days=60), *days) + timedelta(days=20)
    scale = (_WIDTH - _LEFT - 10) / (last - first).days

    def x(day: date) -> float:
        return round(_LEFT + (day - first).days * scale, 1)

    bars = []
    for row, (case_id, group) in enumerate(list(dated.items())[:_SHOWN]):
        counts: dict[date, int] = {}
        for item in group:
            assert item.action.due
            counts[item.action.due] = counts.get(item.action.due, 0) + 1
        marks = tuple(Mark(x(day), day, count, day < today) for day, count in sorted(counts.items()))
        name = f"IA-{group[0].case_reference:03d} {group[0].case_name}" if case_id else organisation
        bars.append(
            Bar(
                case_id,
                name,
                _TOP + row * _ROW,
                min(x(today), marks[0].x),
                max(x(today), marks[-1].x),
                marks,
                tuple(group),
            )
        )
    return Chart(
        _WIDTH,
        _TOP + len(bars) * _ROW + 10,
        _LEFT,
        x(today),
        _months(first, last, x),
        tuple(bars),
        len(dated) - len(bars),
    )


def _months(first: date, last: date, x: object) -> tuple[tuple[float, date], ...]:
    """Return the first days of quarters, or of years where the span is long."""
    step = 3 if (last - first).days < 1200 else 12  # noqa: PLR2004 - about three years
    marks = []
    for year in range(first.year, last.year + 1):
        for month in range(1, 13, step):
            day = date(year, month, 1)
            if first <= day <= last:
                marks.append((x(day), day))  # type: ignore[operator]
    return tuple(marks)

"""The pyramid and the timeline as vector drawings; told apart in black and white by place, word, shape and hatching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

_COLOURS = {
    "prohibited": "#7b1231",
    "high_risk": "#b0430c",
    "transparency": "#8a6d00",
    "minimal": "#2f7045",
    "out_of_scope": "#5d6470",
}
SHAPES = {
    "prohibited": "M5 1h6l4 4v6l-4 4H5l-4-4V5z",
    "high_risk": "M8 1 15.5 15H.5z",
    "transparency": "M8 .5 15.5 8 8 15.5.5 8z",
    "minimal": "M8 1a7 7 0 1 0 .01 0z",
    "out_of_scope": "M1 1h14v14H1z M4 4v8h8V4z",
}
_TOPS = {"prohibited": 4, "high_risk": 49, "transparency": 94, "minimal": 139, "out_of_scope": 192}
_FONT = 'font-family="Source Sans 3"'


def shape(level: str) -> str:
    """Return the mark of a level."""
    return _svg(
        16,
        16,
        Markup('<path d="{}" fill="{}" fill-rule="evenodd"/>').format(
            SHAPES.get(level, SHAPES["minimal"]), _COLOURS.get(level, "#333")
        ),
    )


def pyramid(titles: Mapping[str, str], possible: Sequence[str], counts: Mapping[str, int] | None = None) -> str:
    """Return the pyramid: what is possible is filled, what is ruled out is an outline."""
    parts = []
    for level, title in titles.items():
        if level not in _TOPS:
            continue
        top, on = _TOPS[level], level in possible
        left, right = (top - 4) * 0.84, (top + 38) * 0.84
        fill = _COLOURS[level] if on else "#ffffff"
        stroke = _COLOURS[level] if on else "#9aa0aa"
        if level == "out_of_scope":
            path = f"M10 {top}h300v34H10z"
        else:
            path = f"M{160 - left:.1f} {top}H{160 + left:.1f}L{160 + right:.1f} {top + 42}H{160 - right:.1f}z"
        dash = "" if on else ' stroke-dasharray="4 3"'
        parts.append(
            Markup('<path d="{}" fill="{}" stroke="{}" stroke-width="1"{}/>').format(path, fill, stroke, Markup(dash))
        )
        said = title if counts is None else f"{counts.get(level, 0)}"
        size, weight = (11 if level == "high_risk" and counts is None else 13), (700 if on else 400)
        outside = level == "prohibited" and counts is None
        x, y = (204, 24) if outside else (160, top + (22 if level == "out_of_scope" else 28))
        ink = ("#1a1a1a" if outside else "#ffffff") if on else "#5d6470"
        parts.append(
            Markup(
                '<text x="{}" y="{}" font-size="{}" font-weight="{}" fill="{}" text-anchor="{}" {}>{}</text>'
            ).format(x, y, size, weight, ink, "start" if outside else "middle", Markup(_FONT), said)
        )
    return _svg(320, 232, *parts)


_WIDTH, _ROW, _HEAD = 640, 22, 34


def timeline(found: Sequence[tuple[date, str]], today: date) -> str:
    """Return a line of days: one row a day, with how much falls due on it; the past hatched."""
    days = [day for day, _ in found] or [today]
    first = min(today, *days) - timedelta(days=30)
    last = max(today, *days) + timedelta(days=60)
    scale = 560 / (last - first).days

    def x(day: date) -> float:
        return round(40 + (day - first).days * scale, 1)

    height = _HEAD + _ROW * len(found) + 8
    parts = []
    years = range(first.year, last.year + 2)
    for year in years:
        day = date(year, 1, 1)
        if first <= day <= last:
            parts.append(
                Markup(
                    '<path d="M{x} 18V{h}" stroke="#c6cad1" stroke-width=".6"/><text x="{x}" y="13" '
                    'font-size="10" fill="#444" text-anchor="middle" {font}>{year}</text>'
                ).format(x=x(day), h=height, year=year, font=Markup(_FONT))
            )
    parts.append(
        Markup('<path d="M{x} 18V{h}" stroke="#1a1a1a" stroke-width="1.2" stroke-dasharray="3 2"/>').format(
            x=x(today), h=height
        )
    )
    for row, (day, said) in enumerate(found):
        y = _HEAD + row * _ROW + 8
        past = day <= today
        left, right = sorted((x(today), x(day)))
        parts.append(Markup('<path d="M{} {}H{}" stroke="#9aa0aa" stroke-width="1"/>').format(left, y, right))
        parts.append(
            Markup('<path d="M{} {}l6 6-6 6-6-6z" fill="{}" stroke="#1f3a5f" stroke-width="1.2"/>').format(
                x(day), y - 6, "#1f3a5f" if past else "#ffffff"
            )
        )
        end = x(day) > _WIDTH * 0.6
        parts.append(
            Markup('<text x="{}" y="{}" font-size="11" fill="#1a1a1a" text-anchor="{}" {}>{}</text>').format(
                x(day) + (-11 if end else 11), y + 4, "end" if end else "start", Markup(_FONT), said
            )
        )
    return _svg(_WIDTH, height, *parts)


def _svg(width: int, height: int, *parts: Any) -> str:
    inside = Markup("").join(parts)
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">{inside}</svg>'
        ).format(w=width, h=height, inside=inside)
    )

"""The pyramid and the timeline as vector drawings; told apart in black and white by place, word, shape and outline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

COLOURS = {
    "prohibited": "#7b1231",
    "high_risk": "#b0430c",
    "transparency": "#8a6d00",
    "minimal": "#2f7045",
    "out_of_scope": "#5d6470",
}
SHAPES = {
    "prohibited": "M5 1h6l4 4v6l-4 4H5l-4-4V5z M3.5 6.7v2.6h9V6.7z",
    "high_risk": "M8 1 15.5 15H.5z",
    "transparency": "M8 .5 15.5 8 8 15.5.5 8z",
    "minimal": "M8 1a7 7 0 1 0 .01 0z",
    "out_of_scope": "M1 1h14v14H1z M4 4v8h8V4z",
}
_TOPS = {"prohibited": 4, "high_risk": 49, "transparency": 94, "minimal": 139, "out_of_scope": 192}
_MARKS = {"prohibited": (153.6, 28), "out_of_scope": (24, 203)}
_FONT = Markup('font-family="Source Sans 3"')


def shape(level: str) -> str:
    """Return the mark of a level."""
    path = Markup('<path d="{}" fill="{}" fill-rule="evenodd"/>')
    return _svg(16, 16, path.format(SHAPES.get(level, SHAPES["minimal"]), COLOURS.get(level, "#333")))


def pyramid(titles: Mapping[str, str], possible: Sequence[str], counts: Mapping[str, int] | None = None) -> str:
    """Return the pyramid: what is possible is filled and bears its mark, what is ruled out is an outline.

    With ``counts`` each level says how many use cases stand on it.
    """
    parts = []
    for level, title in titles.items():
        if level not in _TOPS:
            continue
        top, on = _TOPS[level], level in possible
        left, right = (top - 4) * 0.84, (top + 38) * 0.84
        if level == "out_of_scope":
            path = f"M10 {top}h300v34H10z"
        else:
            path = f"M{160 - left:.1f} {top}H{160 + left:.1f}L{160 + right:.1f} {top + 42}H{160 - right:.1f}z"
        parts.append(
            Markup('<path d="{}" fill="{}" stroke="{}" stroke-width="1"{}/>').format(
                path,
                COLOURS[level] if on else "#ffffff",
                COLOURS[level] if on else "#8b929d",
                "" if on else Markup(' stroke-dasharray="4 3"'),
            )
        )
        outside = level == "prohibited"
        said = title if counts is None else f"{title} · {counts.get(level, 0)}"
        small = level == "high_risk" or (outside and counts is not None)
        x, y = (204, 24) if outside else (160, top + (22 if level == "out_of_scope" else 27))
        ink = ("#1a1a1a" if outside else "#ffffff") if on else "#5d6470"
        parts.append(_text(x, y, said, size=11 if small else 13, bold=on, ink=ink, end=None if outside else "middle"))
        if on:
            parts.append(_mark(level, *(_MARKS.get(level) or (184 - right, top + 15)), "#ffffff"))
    return _svg(320 if counts is None else 344, 232, *parts)


def _mark(level: str, x: float, y: float, ink: str) -> Markup:
    return Markup('<path transform="translate({:.1f} {}) scale(.8)" d="{}" fill="{}" fill-rule="evenodd"/>').format(
        x, y, SHAPES[level], ink
    )


def _text(
    x: float, y: float, said: str, *, size: float = 11, bold: bool = False, ink: str = "#1a1a1a", end: str | None = None
) -> Markup:
    return Markup('<text x="{}" y="{}" font-size="{}" font-weight="{}" fill="{}" text-anchor="{}" {}>{}</text>').format(
        x, y, size, 700 if bold else 400, ink, end or "start", _FONT, said
    )


_WIDTH, _LEFT, _RIGHT, _ROW, _HEAD = 640, 12, 628, 22, 40


def timeline(found: Sequence[tuple[date, str, bool]], today: date, said_today: str) -> str:
    """Return a line of days: one row a day, with what falls due on it, and whether for certain.

    What applies already is filled, what may come is dashed.
    """
    days = [day for day, _, _ in found] or [today]
    first = min(today, *days) - timedelta(days=45)
    last = max(today, *days) + timedelta(days=120)
    scale = (_RIGHT - _LEFT) / (last - first).days

    def x(day: date) -> float:
        return round(_LEFT + (day - first).days * scale, 1)

    bottom = _HEAD + _ROW * len(found)
    parts = [Markup('<path d="M{} 20H{}" stroke="#14253d" stroke-width="1.4"/>').format(_LEFT, _RIGHT)]
    step = 1 + (last.year - first.year) // 14
    for year in range(first.year + 1, last.year + 1, step):
        at = x(date(year, 1, 1))
        parts.append(Markup('<path d="M{} 16V{}" stroke="#d5d8dd" stroke-width=".7"/>').format(at, bottom))
        parts.append(_text(at + 3, 12, str(year), size=10, ink="#444"))
    here = x(today)
    parts.append(
        Markup('<path d="M{} 20V{}" stroke="#1a1a1a" stroke-width="1" stroke-dasharray="3 2"/>').format(here, bottom)
    )
    after = here < _WIDTH * 0.6
    parts.append(
        _text(here + (5 if after else -5), 32, said_today, size=9.5, bold=True, end="start" if after else "end")
    )
    for row, (day, said, certain) in enumerate(found):
        y = _HEAD + row * _ROW + 10
        parts.append(
            Markup(
                '<path d="M{} {}l5.5 5.5-5.5 5.5-5.5-5.5z" fill="{}" stroke="#14253d" stroke-width="1.2"{}/>'
            ).format(
                x(day),
                y - 5.5,
                "#14253d" if day <= today and certain else "#ffffff",
                "" if certain else Markup(' stroke-dasharray="2 1.6"'),
            )
        )
        before = x(day) > _WIDTH * 0.6
        at, width = x(day) + (-10 if before else 10), len(said) * 5.4
        clear = Markup('<path d="M{:.1f} {}h{:.1f}v14h-{:.1f}z" fill="#ffffff"/>')
        parts.append(clear.format(at - (width if before else 0), y - 7, width, width))
        parts.append(_text(at, y + 4, said, end="end" if before else "start"))
    return _svg(_WIDTH, bottom + 4, *parts)


def watermark(said: str) -> str:
    """Return a word across the whole page, pale enough to read what is printed over it."""
    text = Markup(
        '<text x="298" y="440" font-size="112" font-weight="700" fill="#efebed" text-anchor="middle" '
        'transform="rotate(-38 298 421)" {}>{}</text>'
    )
    return _svg(595, 842, text.format(_FONT, said))


def _svg(width: int, height: int, *parts: Any) -> str:
    inside = Markup("").join(parts)
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">{inside}</svg>'
        ).format(w=width, h=height, inside=inside)
    )

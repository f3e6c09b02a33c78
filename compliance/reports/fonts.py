"""The packaged fonts: which of them a text needs, and what stands for a sign that none of them has."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent.parent.parent / "static" / "fonts"
_PLAIN = (400, 600, 700)
# In the order in which a sign is looked for; all under the SIL Open Font License (static/fonts/LICENSE*.txt).
_FAMILIES = (
    ("Source Sans 3", "source-sans-3-latin", _PLAIN),
    ("Source Sans 3 Ext", "source-sans-3-latin-ext", _PLAIN),
    ("Source Sans 3 Greek", "source-sans-3-greek", (400,)),
    ("Source Sans 3 Cyrillic", "source-sans-3-cyrillic", (400,)),
    ("Noto Sans Hebrew", "noto-sans-hebrew-hebrew", (400,)),
    ("Noto Sans Arabic", "noto-sans-arabic-arabic", (400,)),
    ("Noto Emoji", "noto-emoji-emoji", (400,)),
)
_PLAINER = {
    "\u202f": "\u00a0", "\u2007": "\u00a0", "\u2011": "-", "\u2010": "-", "\u2212": "\u2013",
    "≥": ">=", "≤": "<=", "≠": "!=", "≈": "~", "→": "->", "←": "<-", "⇒": "=>",
}  # fmt: skip


@cache
def names() -> frozenset[str]:
    """Return the names of the packaged font files."""
    return frozenset(path.name for path in FOLDER.glob("*.woff2"))


@cache
def _signs(file: str) -> frozenset[str]:
    with TTFont(FOLDER / file, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def _file(stem: str, weight: int) -> str:
    return f"{stem}-{weight}-normal.woff2"


def needed(text: str) -> tuple[list[str], frozenset[str]]:
    """Return the families that a text needs, in order, and the signs that no packaged font has.

    Fonts are opened only as long as signs are left, since most reports are in Latin letters alone.
    """
    left = frozenset(text) - {"\n", "\t", "\r"}
    families = []
    for family, stem, weights in _FAMILIES:
        found = left & _signs(_file(stem, weights[0])) if left else left
        if found or family == _FAMILIES[0][0]:
            families.append(family)
        left -= found
    return families, left


def style(families: list[str]) -> str:
    """Return the style that brings in the families, and names them for the whole page."""
    rules = [
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("pyramide:{_file(stem, weight)}"); }}'
        for family, stem, weights in _FAMILIES
        for weight in weights
        if family in families
    ]
    named = ", ".join(f'"{family}"' for family in families)
    return "\n".join([*rules, f"html {{ font-family: {named}; }}", _margins(named)])


def _margins(named: str) -> str:
    boxes = ("@top-left", "@top-right", "@bottom-left", "@bottom-right")
    return f"@page {{ {' '.join(f'{box} {{ font-family: {named}; }}' for box in boxes)} }}"


def fitted(text: str) -> tuple[str, list[str], bool]:
    """Return a text that the packaged fonts can print, the families it needs, and whether signs stand by number.

    A missing sign would print as an empty box, or in some font of the machine; it is written as a plain equivalent
    where it has one, else as its number in Unicode: [U+4E2D].
    """
    text = unicodedata.normalize("NFC", text)
    text = text.translate({ord(sign): plain for sign, plain in _PLAINER.items()})
    families, missing = needed(text)
    if not missing:
        return text, families, False
    instead = {ord(sign): _instead(sign) for sign in missing}
    text = text.translate(instead).replace("][U+", " U+")
    return text, families, any(shown.startswith("[U+") for shown in instead.values())


def _instead(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind[0] == "C" and kind not in ("Co", "Cn"):
        return ""
    if kind[0] == "Z":
        return " "
    plain = unicodedata.normalize("NFKC", sign)
    return f"[U+{ord(sign):04X}]" if plain == sign or needed(plain)[1] else plain

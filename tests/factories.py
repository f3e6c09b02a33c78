"""Small packs: written to a folder, loaded by the real loader."""

import itertools
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from compliance.law.loading import Loaded, load_pack

HEAD = """pack: tiny
version: 2026-01-01
title: {fr: Petit, en: Tiny}
text: {celex: 0, eli: x, title: {fr: Petit, en: Tiny}}
"""
T = "{fr: texte, en: text}"
FACTS = {
    "a": ("boolean", None),
    "b": ("boolean", None),
    "c": ("choice", ["x", "y", "z"]),
    "d": ("choices", ["p", "q"]),
    "day": ("date", None),
    "size": ("number", None),
}
DAYS = ("2026-01-01", "2027-01-01")
SIZES = ("10", "20")
VALUES = {
    "a": [True, False],
    "b": [True, False],
    "c": ["x", "y", "z"],
    "d": [list(c) for n in range(3) for c in itertools.combinations(["p", "q"], n)],
    "day": [date(2025, 6, 1), date(2026, 6, 1), date(2027, 6, 1)],
    "size": [Decimal(5), Decimal(10), Decimal(15), Decimal(20), Decimal(25)],
}

LEAVES = st.sampled_from(
    [
        "a",
        "b",
        "{a: false}",
        "{c: x}",
        "{c: {any_of: [x, y]}}",
        "{c: {none_of: [z]}}",
        "{d: p}",
        "{d: {all_of: [p, q]}}",
        "{d: {none_of: [p, q]}}",
        *[f"{{day: {{{test}: {day}}}}}" for test in ("before", "on_or_after") for day in DAYS],
        *[f"{{size: {{{t}: {n}}}}}" for t in ("less_than", "at_most", "at_least", "more_than") for n in SIZES],
    ]
)


def _group(inner):
    lists = st.lists(inner, min_size=1, max_size=3)
    joined = lists.map(lambda parts: "[" + ", ".join(parts) + "]")
    return st.one_of(
        st.tuples(st.sampled_from(["all", "any", "none"]), joined).map(lambda p: f"{{{p[0]}: {p[1]}}}"),
        inner.map(lambda part: f"{{not: {part}}}"),
        st.tuples(lists, st.integers(1, 3)).map(
            lambda p: f"{{at_least: {{count: {min(p[1], len(p[0]))}, of: [{', '.join(p[0])}]}}}}"
        ),
    )


CONDITIONS = st.recursive(LEAVES, _group, max_leaves=6)


def facts_yaml() -> list[str]:
    entries = []
    for order, (name, (kind, options)) in enumerate(FACTS.items()):
        chosen = "".join(f"{o}: {{label: {T}}}, " for o in options or [])
        extra = f", options: {{{chosen[:-2]}}}" if options else ""
        entries.append(f"  {name}: {{type: {kind}, section: s, order: {order}, question: {T}, cite: other{extra}}}")
    return entries


@st.composite
def pack_sources(draw) -> tuple[list[str], list[str], list[str]]:
    """Return the entries of definitions, levels and findings."""
    d1, u1, d2, l1, l2, f1 = (draw(CONDITIONS) for _ in range(6))
    definitions = [
        f"  d1: {{title: {T}, cite: other, when: {d1}, unless: {u1}}}",
        f"  d2: {{title: {T}, cite: other, when: {{any: [d1, {d2}]}}}}",
    ]
    levels = [
        f"  high: {{rank: 1, title: {T}, description: {T}, cite: other, when: {{all: [d1, {l1}]}}}}",
        f"  middle: {{rank: 2, title: {T}, description: {T}, cite: other, when: {{any: [d2, {l2}]}}}}",
        f"  low: {{rank: 3, title: {T}, description: {T}, cite: other}}",
    ]
    findings = [f"  f1: {{title: {T}, cite: other, because: {T}, when: {f1}}}"]
    return definitions, levels, findings


def write_pack(folder: Path, definitions, levels, findings, facts=None) -> Loaded:
    pack = folder / "tiny"
    pack.mkdir(parents=True, exist_ok=True)
    (pack / "pack.yaml").write_text(HEAD)
    blocks = {"facts": facts or facts_yaml(), "definitions": definitions, "levels": levels, "findings": findings}
    text = f"sections: {{s: {{title: {T}, order: 1}}}}\n"
    text += "".join(f"{name}:\n" + "\n".join(entries) + "\n" for name, entries in blocks.items() if entries)
    (pack / "rules.yaml").write_text(text)
    return load_pack("tiny", folder)


ANSWERS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})

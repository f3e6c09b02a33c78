"""Answers that follow in law from others: they fill what is open, and never stand against what a person said."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.assessment.facts import Facts, bits
from compliance.law.compiling import Bits, Derived, Program


def fill(program: Program, true: Bits, false: Bits, mask: int, leave: str | None = None) -> dict[Derived, int]:
    """Fill open atoms where derivations hold, in place, until nothing more follows; return which did, and where.

    ``leave`` is a question that stays open all the same.
    """
    found: dict[Derived, int] = {}
    if not program.derived:
        return found
    answered: dict[str, int] = {}
    for item in program.derived:
        if item.fact not in answered:
            known = 0
            for number, _ in item.atoms:
                known |= true[number] | false[number]
            answered[item.fact] = mask if item.fact == leave else known
    while True:
        fresh = False
        for item, held in zip(program.derived, program.derivations(true, false, mask), strict=True):
            where = held & ~answered[item.fact] & mask
            if where:
                fresh = True
                found[item] = found.get(item, 0) | where
                answered[item.fact] |= where
                for number, truth in item.atoms:
                    (true if truth else false)[number] |= where
        if not fresh:
            return found


def settle(program: Program, facts: Facts) -> tuple[Facts, Mapping[str, str]]:
    """Return answers with those that follow from them, and by which derivation each of these does."""
    return merged(program, facts, fill(program, *bits(program, facts), 1))


def merged(program: Program, facts: Facts, found: Mapping[Derived, int]) -> tuple[Facts, Mapping[str, str]]:
    """Return one case's answers with those that ``fill`` found, and by which derivation each does."""
    if not found:
        return facts, {}
    pack, values = program.pack, dict(facts.values)
    for item in found:
        values[item.fact] = pack.derivations[item.derivation].gives[item.fact]
    return Facts(MappingProxyType(values)), {item.fact: item.derivation for item in found}

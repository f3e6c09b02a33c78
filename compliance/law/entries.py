"""Every entry of a pack by section and id, and which of them two packs write differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from compliance.law.model import Pack
from compliance.law.terms import Citation, Position

SECTIONS = (
    "sections",
    "facts",
    "definitions",
    "derivations",
    "levels",
    "roles",
    "findings",
    "obligations",
    "deadlines",
    "penalties",
    "owners",
    "glossary",
    "coverage",
    "catalogue",
    "records",
    "record_items",
    "modules",
    "controls",
    "training",
    "supplies",
    "regimes",
    "regime_duties",
)
Key = tuple[str, str]
_ASIDE = ("source",)  # who wrote an entry is no part of what it says


def entries(pack: Pack) -> dict[Key, Any]:
    """Return every entry by (section, id), section by section as rule files name them."""
    found: dict[Key, Any] = {}
    for section in SECTIONS:
        group = getattr(pack, section)
        values = group.values() if isinstance(group, Mapping) else group
        found |= {(section, entry.id): entry for entry in values}
    return found


def entry_of(pack: Pack, key: Key) -> Any | None:
    """Return one entry, or None where the pack has none of that name."""
    group = getattr(pack, key[0])
    if isinstance(group, Mapping):
        return group.get(key[1])
    return next((entry for entry in group if entry.id == key[1]), None)


def fingerprint(entry: Any) -> str:
    """Return what an entry says, without where it stands: equal for entries that say the same."""
    return repr(_plain(entry))


def _plain(value: Any) -> Any:
    if isinstance(value, Position):
        return None
    if isinstance(value, Citation):
        return value.written
    if is_dataclass(value) and not isinstance(value, type):
        return (
            type(value).__name__,
            *((f.name, _plain(getattr(value, f.name))) for f in fields(value) if f.name not in _ASIDE),
        )
    if isinstance(value, Mapping):
        return tuple((key, _plain(item)) for key, item in value.items())
    if isinstance(value, tuple | list):
        return tuple(_plain(item) for item in value)
    return value


@dataclass(frozen=True, slots=True)
class Changed:
    """The entries that two packs do not write alike."""

    added: tuple[Key, ...]
    removed: tuple[Key, ...]
    altered: tuple[Key, ...]


def changed(before: Pack, after: Pack) -> Changed:
    """Return which entries came, went, or say something else."""
    old, new = entries(before), entries(after)
    return Changed(
        tuple(key for key in new if key not in old),
        tuple(key for key in old if key not in new),
        tuple(key for key in new if key in old and fingerprint(old[key]) != fingerprint(new[key])),
    )

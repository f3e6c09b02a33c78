"""The template from which an organisation begins its own pack: small, whole, and right as it stands."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from compliance.law.shelf import PACK_NAME
from compliance.text import Text

_FOLDER = Path(__file__).parent / "template"
_FILES = ("pack.yaml", "policy.yaml", "scenarios/policy.yaml")
_CHARTER = "charte interne"  # a source outside the law is cited by its name, the same in both languages
NAME_MOST = 40


def good_name(name: str) -> bool:
    """Tell whether a pack may be called so."""
    return len(name) <= NAME_MOST and PACK_NAME.fullmatch(name) is not None


def template(name: str, title: Text, base: str, law: str = "ai-act") -> dict[str, bytes]:
    """Return the files of a new pack by path within it.

    Args:
        name: How the pack is called, and its folder.
        title: Its name for people.
        base: The pack that it builds on.
        law: How the entries of the text of law beneath are called: the name of the lowest pack.

    Raises:
        ValueError: When the name cannot be one.
    """
    if not good_name(name):
        raise ValueError(name)
    values = {
        "pack": name,
        "base": base,
        "law": law,
        "charter": _CHARTER,
        "title_fr": json.dumps(title.fr, ensure_ascii=False),
        "title_en": json.dumps(title.en, ensure_ascii=False),
    }
    return {path: Template((_FOLDER / path).read_text("utf-8")).substitute(values).encode() for path in _FILES}

"""The texts of the law as they stand in the project, read and compiled once in a run of tests."""

from pathlib import Path

from compliance.law.compiling import compile_pack
from compliance.law.loading import load_pack
from tests.once import once

RULES = Path("rules")


@once
def loaded(name="ai-act-2026"):
    """Return a text as it was loaded, with its scenarios."""
    return load_pack(name, RULES, scenarios=True)


@once
def compiled(name="ai-act-2026"):
    """Return a text compiled."""
    return compile_pack(loaded(name).pack)

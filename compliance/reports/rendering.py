"""Records rendered in a child process with bounds on time and memory, so that no page can hold up the site."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.evidence.canonical import canonical
from compliance.text import Language

ROOT = Path(__file__).parent.parent.parent


class RenderingError(Exception):
    """The PDF could not be made; ``reason`` is "time", "memory" or "failed"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one rendering may take."""

    seconds: int = 60
    megabytes: int = 1024  # of address space, of which about half is ever touched


def bounds_of(record: Mapping[str, Any]) -> Bounds:
    """Return what the rendering of a record may take: a portfolio more for each of its use cases.

    Measured for 500 use cases: 32 s of CPU and 410 MB touched; these bounds leave about five times as much.
    """
    cases = len(record.get("cases", ()))
    return Bounds(60 + cases // 4, 1024 + 2 * cases)


def render(record: Mapping[str, Any], language: Language, form: str = "full", bounds: Bounds | None = None) -> bytes:
    """Return the PDF of a record, made in a child process within bounds. Raises RenderingError.

    ``form`` is "full", or "summary" for the two pages for management of one use case.
    """
    bounds = bounds or bounds_of(record)
    made = apart("compliance.reports.child", (language, form), canonical(dict(record)), bounds)
    if not made.startswith(b"%PDF-"):
        raise RenderingError("failed")
    return made


def surroundings() -> dict[str, str]:
    """Return the variables of the environment that a child process is given: no secret among them."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def apart(module: str, arguments: Sequence[str], given: bytes, bounds: Bounds = Bounds()) -> bytes:
    """Return what one of our modules writes when run by itself on what it is given. Raises RenderingError.

    The bounds are its last two arguments; the module sets them on itself before it reads anything.
    """
    command = [sys.executable, "-m", module, *arguments, str(bounds.seconds), str(bounds.megabytes)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell, fixed words
            command,
            input=given,
            capture_output=True,
            timeout=bounds.seconds * 2,
            cwd=ROOT,
            env=surroundings(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RenderingError("time") from None
    if done.returncode == 0:
        return done.stdout
    if done.returncode in (-24, -9):  # SIGXCPU, SIGKILL
        raise RenderingError("time")
    raise RenderingError("memory" if b"MemoryError" in done.stderr else "failed")

"""Records rendered in a child process with bounds on time and memory, so that no page can hold up the site."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.evidence.canonical import canonical
from compliance.text import Language

_ROOT = Path(__file__).parent.parent.parent


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


def render(record: Mapping[str, Any], language: Language, form: str = "full", bounds: Bounds = Bounds()) -> bytes:
    """Return the PDF of a record. Raises RenderingError."""
    command = [
        sys.executable, "-m", "compliance.reports.child", language, form, str(bounds.seconds), str(bounds.megabytes),
    ]  # fmt: skip
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell, fixed words
            command,
            input=canonical(dict(record)),
            capture_output=True,
            timeout=bounds.seconds * 2,
            cwd=_ROOT,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RenderingError("time") from None
    if done.returncode == 0 and done.stdout.startswith(b"%PDF-"):
        return done.stdout
    if done.returncode in (-24, -9):  # SIGXCPU, SIGKILL
        raise RenderingError("time")
    raise RenderingError("memory" if b"MemoryError" in done.stderr else "failed")

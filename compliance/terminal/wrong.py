"""What the person gave cannot be used: said in words, with exit code 2."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from compliance.law.problems import Problem, word
from compliance.terminal.words import say
from compliance.text import Language

OK, FAILED, WRONG = 0, 1, 2


class WrongError(Exception):
    """What the person gave cannot be used; the message is in the person's language."""


def refused(problems: Sequence[Problem], language: Language) -> WrongError:
    """Return the errors among problems, to be raised."""
    return WrongError("\n".join(word(item, language) for item in problems if item.severity == "error"))


def say_json(value: object) -> None:
    """Print a value as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def read(path: Path, language: Language) -> bytes:
    """Return what a file holds. Raises WrongError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongError(say("cannot_read", language, path=path, why=error.strerror)) from None


def write(path: Path, content: bytes, language: Language) -> None:
    """Write a file that is not there yet. Raises WrongError."""
    if path.exists():
        raise WrongError(say("exists", language, path=path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise WrongError(say("cannot_write", language, path=path, why=error.strerror)) from None

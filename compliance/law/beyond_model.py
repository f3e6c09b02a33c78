"""What a pack says beside the duties of the Act, as frozen values: concerns, training, other regimes, supplies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.law.terms import Citation, Condition, FactScope, Position, Status
from compliance.text import Text


class Maturity(StrEnum):
    """How far a control is from being lived, the least first."""

    NOTHING = "nothing"
    INFORMAL = "informal"
    DEFINED = "defined"
    APPLIED = "applied"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Module:
    """A concern beyond the Act, which its controls measure."""

    id: str
    title: Text
    purpose: Text
    order: int
    cite: tuple[Citation, ...]
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """A question on a maturity scale, with what to do below its target; it never moves the legal level.

    It is asked as the fact of the same name.
    """

    id: str
    module: str
    order: int
    of: FactScope
    question: Text
    why: Text
    action: Text
    evidence: Text
    owner: str
    target: Maturity
    months: int  # within which a gap can be closed
    cite: tuple[Citation, ...]
    position: Position
    when: Condition | None = None  # None: always
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """What one audience must be able to do, and how it learns it."""

    id: str
    audience: Text
    content: Text
    format: Text
    order: int
    cite: tuple[Citation, ...]
    position: Position
    when: Condition | None = None  # None: always
    source: str = ""


@dataclass(frozen=True, slots=True)
class Regime:
    """Another body of law, or of standards, that the same use may fall under."""

    id: str
    title: Text
    act: Text
    purpose: Text
    order: int
    when: Condition
    because: Text
    cite: tuple[Citation, ...]
    position: Position
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class RegimeDuty:
    """What another regime asks, and the duties of the Act that the same evidence serves."""

    id: str
    regime: str
    action: Text
    evidence: Text
    owner: str
    cite: tuple[Citation, ...]
    position: Position
    when: Condition | None = None  # beside the regime's own condition
    serves: tuple[str, ...] = ()  # obligations
    applies_from: date | None = None
    note: Text | None = None
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """A document or information to obtain from whoever supplies the system, one of its parts or its model."""

    id: str
    title: Text
    guide: Text
    cite: tuple[Citation, ...]
    position: Position
    when: Condition | None = None  # None: always
    source: str = ""

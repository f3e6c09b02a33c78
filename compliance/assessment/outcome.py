"""What an assessment says: frozen values, ready to be shown, frozen to JSON or compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from compliance.law.beyond_model import Control, Maturity, Module, Training
from compliance.law.model import Nature, Pack
from compliance.law.terms import Citation, Status
from compliance.text import Text

AnswerValue = bool | str | tuple[str, ...] | date | Decimal
"""A complete answer: true or false, an option, options, a day, a number or a text."""


class Truth(StrEnum):
    """What is known of a condition: strong three-valued logic."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of why something holds: an entry with its sentence, or an answer given.

    Reasons come in reading order; ``depth`` says how far below the conclusion one stands.
    """

    kind: str  # "level", "definition", "finding", "obligation", "role" or "answer"
    id: str  # of the entry, or of the fact answered
    sentence: Text
    citations: tuple[Citation, ...]
    depth: int = 0
    status: Status = Status.BINDING


@dataclass(frozen=True, slots=True)
class NotReached:
    """Why a level above the one reached does not hold: the fewest answers that stand against it."""

    level: str
    title: Text
    sentence: Text
    answers: tuple[Reason, ...]  # kind "answer"; the answers that would have to be different
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class LevelRange:
    """The levels that remain possible; ``value`` is the level when only one does.

    ``title``, ``because`` and ``reasons`` are those of the decided level, or empty.
    ``exact`` is False only where the solver was not asked.
    """

    decided: bool
    value: str | None
    possible: tuple[str, ...]  # ids by rank, at least one
    title: Text | None = None
    because: Text | None = None
    citations: tuple[Citation, ...] = ()
    reasons: tuple[Reason, ...] = ()
    not_reached: tuple[NotReached, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A capacity in which the organisation acts."""

    id: str
    title: Text
    citations: tuple[Citation, ...]


class DueState(StrEnum):
    """Where the date of assessment stands against the date of application."""

    IN_APPLICATION = "in_application"
    TO_COME = "to_come"
    NEVER = "never"
    OPEN = "open"  # answers are missing to tell the date


@dataclass(frozen=True, slots=True)
class Due:
    """From when something applies in this case, under this text.

    ``possible_dates`` is filled only while ``state`` is OPEN; ``never`` says why the duty does not bite
    (state NEVER) or might not (state OPEN).
    """

    state: DueState
    applies_from: date | None
    days_left: int | None  # negative once in application
    possible_dates: tuple[date, ...] = ()
    never: Text | None = None
    citations: tuple[Citation, ...] = ()
    note: Text | None = None
    status: Status = Status.BINDING

    @property
    def in_application(self) -> bool:
        """True once the date of application is reached."""
        return self.state is DueState.IN_APPLICATION


@dataclass(frozen=True, slots=True)
class HeldFinding:
    """A legal point beside the level that holds, or may hold while answers are missing."""

    id: str
    title: Text
    because: Text
    citations: tuple[Citation, ...]
    certain: bool  # False in Outcome.possible_findings
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    due: Due | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class FineCeiling:
    """The most that a breach may cost, in euros, as far as the answers tell.

    ``ceiling`` is None while it is open; ``possible_ceilings`` then holds the amounts that may come out,
    as far as they can be computed, the smallest first.
    """

    id: str
    title: Text
    citations: tuple[Citation, ...]
    amount: int | None
    percent: Decimal | None
    percent_applies: Truth
    lower_applies: Truth
    turnover: Decimal | None
    ceiling: int | None
    possible_ceilings: tuple[int, ...]
    sentence: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class DueObligation:
    """What somebody has to do in this case, from when and with what proof."""

    id: str
    who: tuple[str, ...]  # those of its roles that are held (or may be)
    action: Text
    evidence: Text
    owner: str
    owner_title: Text
    citations: tuple[Citation, ...]
    nature: Nature
    certain: bool  # False in Outcome.possible_obligations
    due: Due
    penalty: FineCeiling | None = None
    note: Text | None = None
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def applies_from(self) -> date | None:
        """The date from which it applies, when the answers tell it."""
        return self.due.applies_from

    @property
    def possible_dates(self) -> tuple[date, ...]:
        """The dates that remain possible while the answers do not tell."""
        return self.due.possible_dates

    @property
    def never(self) -> Text | None:
        """Why it does not bite, or might not."""
        return self.due.never

    @property
    def days_left(self) -> int | None:
        """Days from the assessment to the date of application; negative once past."""
        return self.due.days_left

    @property
    def in_application(self) -> bool:
        """True once the date of application is reached."""
        return self.due.in_application


@dataclass(frozen=True, slots=True)
class Effect:
    """What one answer to an open question would leave possible."""

    answer: AnswerValue
    label: Text
    possible: tuple[str, ...]  # level ids by rank


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question whose answer can still change something."""

    fact: str
    question: Text
    citations: tuple[Citation, ...]
    section: str
    matters_to_level: bool
    effects: tuple[Effect, ...] = ()
    narrowing: float = 0.0  # 0: no answer narrows the range; 1: every answer decides it


@dataclass(frozen=True, slots=True)
class Change:
    """One answer changed; ``before`` and ``after`` are complete answers, with their words."""

    fact: str
    before: AnswerValue
    after: AnswerValue
    before_label: Text
    after_label: Text


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """A smallest set of answers whose change would move the level."""

    changes: tuple[Change, ...]
    level: str  # the level reached, or the highest that becomes possible
    certain: bool  # False: further answers would be needed to tell
    possible: tuple[str, ...]
    upward: bool
    text: Text
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class HeldRegimeDuty:
    """What another regime asks of this case; ``serves`` are the duties of the Act, owed or possible here, it serves."""

    id: str
    action: Text
    evidence: Text
    owner: str
    owner_title: Text
    citations: tuple[Citation, ...]
    certain: bool
    serves: tuple[tuple[str, Text], ...]
    applies_from: date | None = None
    note: Text | None = None
    status: Status = Status.BINDING
    to_confirm: Text | None = None


@dataclass(frozen=True, slots=True)
class HeldRegime:
    """Another regime that this case falls under, or may (``certain`` is False)."""

    id: str
    title: Text
    act: Text
    purpose: Text
    because: Text
    citations: tuple[Citation, ...]
    certain: bool
    duties: tuple[HeldRegimeDuty, ...]
    status: Status = Status.BINDING
    to_confirm: Text | None = None


@dataclass(frozen=True, slots=True)
class PlacedControl:
    """Where a control stands on the scale; ``maturity`` is None while nobody said, or where it is not concerned."""

    control: Control
    maturity: Maturity | None
    concerned: bool
    owner_title: Text

    @property
    def gap(self) -> bool:
        """Whether it is known to be below its target."""
        return self.maturity is not None and STEPS.index(self.maturity) < STEPS.index(self.control.target)


@dataclass(frozen=True, slots=True)
class Concern:
    """One module: its controls that concern this case or organisation, placed."""

    module: Module
    controls: tuple[PlacedControl, ...]

    @property
    def placed(self) -> tuple[PlacedControl, ...]:
        """The controls that somebody placed on the scale."""
        return tuple(item for item in self.controls if item.maturity is not None)

    @property
    def gaps(self) -> tuple[PlacedControl, ...]:
        """Those known to be below target, the furthest first."""
        return tuple(sorted((item for item in self.placed if item.gap), key=_distance, reverse=True))

    @property
    def open(self) -> int:
        """How many nobody has placed yet."""
        return sum(item.concerned and item.maturity is None for item in self.controls)

    @property
    def score(self) -> Decimal | None:
        """The mean step of the controls placed, from 0 (nothing) to 4 (measured); None while none is."""
        steps = [STEPS.index(item.maturity) for item in self.controls if item.maturity is not None]
        return (Decimal(sum(steps)) / len(steps)).quantize(Decimal("0.1")) if steps else None


STEPS = tuple(Maturity)


def _distance(item: PlacedControl) -> int:
    assert item.maturity is not None
    return STEPS.index(item.control.target) - STEPS.index(item.maturity)


@dataclass(frozen=True, slots=True)
class DerivedAnswer:
    """An answer that nobody gave, because it follows in law from others, with the derivation that says so."""

    fact: str
    value: AnswerValue
    sentence: Text  # question and answer in words
    derivation: str
    title: Text
    because: Text
    citations: tuple[Citation, ...]
    sources: tuple[str, ...]  # the questions from whose answers it follows, in reading order
    status: Status = Status.BINDING


@dataclass(frozen=True, slots=True)
class Doubt:
    """An entry that took part in the outcome and is less firm than binding law."""

    id: str
    kind: str  # "fact", "definition", "derivation", "finding", "obligation" or "deadline"
    title: Text
    status: Status
    to_confirm: Text | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A condition as a tree, with what is known at each node.

    ``decisive`` marks the parts that make the node what it is: a false part of an unmet ``all``, a true
    part of a met ``any``. Nodes that are not decisive may be left out when shown.
    """

    kind: str  # "level", "definition", "finding", "obligation", "role", "deadline", "answer", "otherwise",
    # and for the words of the language: "all", "any", "none", "not", "at_least", "unless"
    truth: Truth
    text: Text  # title, or the answer in words
    id: str | None = None  # of the entry or fact
    because: Text | None = None
    citations: tuple[Citation, ...] = ()
    status: Status = Status.BINDING
    decisive: bool = True
    children: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that follows from a pack, the answers and a date."""

    pack: Pack = field(repr=False)
    on: date
    level: LevelRange
    roles: tuple[HeldRole, ...]
    possible_roles: tuple[HeldRole, ...]
    findings: tuple[HeldFinding, ...]
    possible_findings: tuple[HeldFinding, ...]
    obligations: tuple[DueObligation, ...]
    possible_obligations: tuple[DueObligation, ...]
    open_questions: tuple[OpenQuestion, ...]
    turning_points: tuple[TurningPoint, ...]
    doubts: tuple[Doubt, ...]
    answers: Mapping[str, AnswerValue]  # those given, complete ones only
    derived: tuple[DerivedAnswer, ...] = ()
    regimes: tuple[HeldRegime, ...] = ()
    concerns: tuple[Concern, ...] = ()
    training: tuple[tuple[Training, bool], ...] = ()  # with whether it is certain

"""In what terms entries are written: places, citations, kinds of answers, conditions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a rule file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return ``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}"


class CitationKind(StrEnum):
    """Which part of an act a citation points to."""

    ARTICLE = "article"
    ANNEX = "annex"
    RECITAL = "recital"
    OTHER = "other"  # another act, guideline or standard, quoted by name


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer to one provision, structured: ``art. 6(1)(a)`` is article 6, path ("1", "a")."""

    kind: CitationKind
    number: str
    path: tuple[str, ...] = ()
    provision: str | None = None  # id in the index of provisions, e.g. art-6-par-1-pt-a
    written: str = ""  # as the legal editor wrote it


class Status(StrEnum):
    """How firm the law is behind an entry."""

    BINDING = "binding"
    GUIDANCE = "guidance"
    DRAFT_GUIDANCE = "draft_guidance"
    CONTESTED = "contested"


class FactType(StrEnum):
    """What kind of answer a question takes."""

    BOOLEAN = "boolean"
    CHOICE = "choice"  # one of the options
    CHOICES = "choices"  # any of the options, none included
    DATE = "date"
    NUMBER = "number"
    TEXT = "text"  # never used in a condition


class FactScope(StrEnum):
    """Whether a fact is about one use of AI or about the whole organisation."""

    USE_CASE = "use_case"
    ORGANISATION = "organisation"


class Operator(StrEnum):
    """Tests that a condition may put to a fact."""

    IS = "is"  # boolean facts: value True or False
    ANY_OF = "any_of"
    ALL_OF = "all_of"
    NONE_OF = "none_of"
    BEFORE = "before"
    ON_OR_AFTER = "on_or_after"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"


@dataclass(frozen=True, slots=True)
class Ref:
    """True when the named definition, or boolean fact, is true."""

    id: str
    position: Position


@dataclass(frozen=True, slots=True)
class Test:
    """A fact compared with a value."""

    fact: str
    operator: Operator
    position: Position
    options: tuple[str, ...] = ()  # ANY_OF, ALL_OF, NONE_OF
    truth: bool = True  # IS
    day: date | None = None  # BEFORE, ON_OR_AFTER
    number: Decimal | None = None  # LESS_THAN, AT_MOST, AT_LEAST, MORE_THAN


class GroupKind(StrEnum):
    """How the parts of a group combine."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """``all``, ``any`` or ``none`` of the parts."""

    kind: GroupKind
    parts: tuple[Condition, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not true."""

    part: Condition
    position: Position


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least ``count`` of the parts are true."""

    count: int
    parts: tuple[Condition, ...]
    position: Position


Condition = Ref | Test | Group | Not | AtLeast

"""What a rule pack is made of: frozen values, no behaviour that needs the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from compliance.law.beyond_model import Control, Module, Regime, RegimeDuty, Supply, Training
from compliance.law.terms import (
    Citation,
    Condition,
    FactScope,
    FactType,
    Position,
    Status,
)
from compliance.text import Text


@dataclass(frozen=True, slots=True)
class Option:
    """One possible value of a ``choice`` or ``choices`` fact."""

    id: str
    label: Text
    help: Text | None = None
    cite: tuple[Citation, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the questionnaire."""

    id: str
    title: Text
    order: int
    position: Position
    beyond: bool = False  # beside the Act: nothing asked there moves a level, a finding or an obligation


@dataclass(frozen=True, slots=True)
class Fact:
    """A question that may be asked, with everything needed to ask it well."""

    id: str
    type: FactType
    section: str
    order: int
    question: Text
    cite: tuple[Citation, ...]
    position: Position
    of: FactScope = FactScope.USE_CASE
    help: Text | None = None
    examples: tuple[Text, ...] = ()
    options: tuple[Option, ...] = ()
    groups: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    unit: Text | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""  # id of the pack that wrote the entry in its present form


@dataclass(frozen=True, slots=True)
class Definition:
    """A legal concept as a named condition; ``unless`` is the law's "notwithstanding"."""

    id: str
    title: Text
    cite: tuple[Citation, ...]
    when: Condition
    position: Position
    unless: Condition | None = None
    because: Text | None = None
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Answers that follow in law from others, in the words of a trade: class IIa, so a notified body takes part.

    It answers only what is open: what a person says wins.
    """

    id: str
    title: Text
    when: Condition
    gives: Mapping[str, bool | str | tuple[str, ...]]  # complete answers by fact
    cite: tuple[Citation, ...]
    because: Text
    position: Position
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the pyramid; the first by rank whose condition holds is the level."""

    id: str
    rank: int
    title: Text
    description: Text
    cite: tuple[Citation, ...]
    when: Condition | None  # None only for the last: what remains
    position: Position
    source: str = ""
    raised_by: tuple[str, ...] = ()  # definitions of packs on top; ``when`` is then any of its own and these


@dataclass(frozen=True, slots=True)
class Role:
    """A capacity in which the organisation acts, with the condition under which it does."""

    id: str
    title: Text
    cite: tuple[Citation, ...]
    when: Condition
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A legal point beside the level, worth saying on its own."""

    id: str
    title: Text
    cite: tuple[Citation, ...]
    when: Condition
    because: Text
    position: Position
    deadline: str | None = None
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""


class Nature(StrEnum):
    """What kind of duty an obligation is."""

    DUTY = "duty"  # to be met from its date on
    EVENT = "event"  # to be met when something happens (an incident, a request)
    OPTION = "option"  # a relief that may be used
    VOLUNTARY = "voluntary"  # encouraged, not owed


@dataclass(frozen=True, slots=True)
class Obligation:
    """What somebody has to do, under which provision, from when and with what proof."""

    id: str
    who: tuple[str, ...]  # role ids
    when: Condition
    cite: tuple[Citation, ...]
    action: Text
    evidence: Text
    owner: str
    deadline: str
    nature: Nature
    position: Position
    penalty: str | None = None
    note: Text | None = None
    status: Status = Status.BINDING
    to_confirm: Text | None = None
    checked: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineCase:
    """One line of a deadline: the date that holds when the condition does."""

    when: Condition | None  # None: otherwise
    applies_from: date | None
    never: Text | None  # in place of a date: why the duty does not bite
    cite: tuple[Citation, ...]
    note: Text | None
    status: Status
    position: Position


@dataclass(frozen=True, slots=True)
class Deadline:
    """From when something applies; the first case whose condition holds decides."""

    id: str
    title: Text
    cases: tuple[DeadlineCase, ...]
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class Penalty:
    """A tier of fines: a fixed ceiling in euros and a share of worldwide annual turnover."""

    id: str
    title: Text
    cite: tuple[Citation, ...]
    amount: int | None  # euros
    percent: Decimal | None  # of the turnover of the preceding financial year
    percent_when: Condition | None  # to whom the share applies (undertakings)
    lower_when: Condition | None  # who owes the lower of the two, not the higher
    position: Position
    note: Text | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """A function of the company that an obligation is handed to."""

    id: str
    title: Text
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the Act, explained."""

    id: str
    title: Text
    text: Text
    cite: tuple[Citation, ...]
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A statement that provisions bind others than companies, or are left out, and why."""

    id: str
    cite: tuple[Citation, ...]
    kind: str  # "binds_others" or "not_encoded"
    because: Text
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A typical use case with presumed answers, each to be confirmed."""

    id: str
    title: Text
    description: Text
    function: str  # of the company, as the inventory lists them
    sector: str | None
    flip: Text  # what would change its level
    facts: Mapping[str, object]  # as written; ``accept`` converts them
    cite: tuple[Citation, ...]
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class ActRecord:
    """A document that the Act itself asks for: who keeps it, when it is needed, its chapters in order."""

    id: str
    title: Text
    purpose: Text  # who keeps it, or hands it to whom
    cite: tuple[Citation, ...]
    who: tuple[str, ...]  # role ids
    when: Condition
    parts: Mapping[str, Text]
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class RecordItem:
    """One line of a record: what the law wants to read there, and what fills it in advance."""

    id: str
    record: str
    part: str
    order: Decimal
    title: Text
    guide: Text  # what to write, in plain words
    cite: tuple[Citation, ...]
    sources: tuple[tuple[str, str], ...]  # kind and name: ("fact", "profiling")
    sufficient: bool  # its sources, once all known, say all that is asked
    when: Condition | None  # None: always
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class LegalText:
    """The official text that a pack encodes."""

    celex: str
    eli: str
    title: Text


@dataclass(frozen=True, slots=True)
class Provision:
    """One entry of the index of provisions: number and heading, never the wording."""

    id: str
    label: str  # "art. 6(1)(a)", as cited
    heading: Text | None
    parent: str | None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Pack:
    """A rule pack, consolidated and checked: law as data."""

    id: str
    version: str  # date of the text, ISO 8601
    title: Text
    text: LegalText
    amended_by: tuple[LegalText, ...]
    sections: Mapping[str, Section]
    facts: Mapping[str, Fact]
    definitions: Mapping[str, Definition]
    derivations: Mapping[str, Derivation]
    levels: tuple[Level, ...]  # by rank
    roles: Mapping[str, Role]
    findings: Mapping[str, Finding]
    obligations: Mapping[str, Obligation]
    deadlines: Mapping[str, Deadline]
    penalties: Mapping[str, Penalty]
    owners: Mapping[str, Owner]
    glossary: Mapping[str, Term]
    coverage: Mapping[str, Coverage]
    catalogue: Mapping[str, CatalogueEntry]
    records: Mapping[str, ActRecord]
    record_items: Mapping[str, RecordItem]
    modules: Mapping[str, Module]
    controls: Mapping[str, Control]
    training: Mapping[str, Training]
    supplies: Mapping[str, Supply]
    regimes: Mapping[str, Regime]
    regime_duties: Mapping[str, RegimeDuty]
    provisions: Mapping[str, Provision]
    consolidated: str | None  # CELEX number of the official consolidation, where there is one
    folder: str  # name under which it was asked for, e.g. "ai-act-2026"
    hash: str  # sha256 of the sources it was made from

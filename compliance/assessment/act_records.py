"""The records that the Act asks for, filled with what is known of one use case; what is not known stays a gap.

Nothing is ever supposed: a line says what answers, inventory, action plan and outcome hold, or that it is to be
completed, with words on what belongs there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compliance.assessment.facts import Partial
from compliance.assessment.outcome import Outcome, Truth
from compliance.assessment.state import State, combined, truth
from compliance.assessment.wording import answer_text
from compliance.law.model import ActRecord, Pack, RecordItem
from compliance.law.records import lines_of
from compliance.law.terms import Citation
from compliance.text import Text, day_in_words


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside an answer."""

    presumed: bool = False
    comment: str = ""
    evidence: tuple[str, ...] = ()  # titles


@dataclass(frozen=True, slots=True)
class ActionNote:
    """Where the action on an obligation stands."""

    state: Text
    owner: str = ""
    due: str | None = None  # YYYY-MM-DD
    comment: str = ""
    evidence: tuple[str, ...] = ()  # titles


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a use case beside its answers; an empty text is not known."""

    organisation: str
    case: Mapping[str, Text | str | None]  # by the names of CASE_SOURCES
    notes: Mapping[str, Note] = field(default_factory=dict)  # by fact
    actions: Mapping[str, ActionNote] = field(default_factory=dict)  # by obligation


@dataclass(frozen=True, slots=True)
class Known:
    """One thing known about a line, with where it comes from.

    ``typed`` is True for what a person wrote; ``content`` is False for what only says how work proceeds.
    """

    kind: str  # "fact", "case", "organisation", "outcome", "obligation" or "finding"
    name: str
    label: Text
    value: Text
    citations: tuple[Citation, ...] = ()
    typed: bool = False
    presumed: bool = False
    content: bool = True
    comment: str = ""
    evidence: tuple[str, ...] = ()
    owner: str = ""
    due: str | None = None


class Filling(StrEnum):
    """How far a line is filled."""

    FILLED = "filled"
    PARTIAL = "partial"  # something is known, the rest is to be completed
    GAP = "gap"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class FilledItem:
    """One line: what is known, and the questions of the questionnaire that would say more."""

    item: RecordItem
    applies: Truth
    filling: Filling
    known: tuple[Known, ...]
    missing: tuple[str, ...]  # facts not answered, or not in full


@dataclass(frozen=True, slots=True)
class FilledPart:
    """One chapter of a record."""

    id: str
    title: Text
    items: tuple[FilledItem, ...]


@dataclass(frozen=True, slots=True)
class FilledRecord:
    """A record for one use case; ``needed`` is open while answers are missing to tell."""

    record: ActRecord
    needed: Truth
    parts: tuple[FilledPart, ...]

    def count(self, filling: Filling) -> int:
        """Return how many lines are filled so far."""
        return sum(item.filling is filling for part in self.parts for item in part.items)


CASE_LABELS = {
    "reference": Text("Référence dans l'inventaire", "Reference in the inventory"),
    "name": Text("Nom dans l'inventaire", "Name in the inventory"),
    "description": Text("Description dans l'inventaire", "Description in the inventory"),
    "function": Text("Fonction de l'entreprise", "Function of the company"),
    "sector": Text("Secteur", "Sector"),
    "site": Text("Site", "Site"),
    "supplier": Text("Fournisseur du système, selon l'inventaire", "Supplier of the system, from the inventory"),
    "owner": Text("Responsable de l'usage", "Owner of the use case"),
}
OUTCOME_LABELS = {
    "level": Text("Niveau", "Level"),
    "because": Text("Motif", "Reason"),
    "reasons": Text("Ce qui y conduit", "What leads to it"),
    "not_reached": Text("Pourquoi pas un niveau plus élevé", "Why not a higher level"),
    "roles": Text("Rôles de l'organisation", "Roles of the organisation"),
    "findings": Text("Constats", "Findings"),
    "turning_points": Text("Ce qui relèverait le niveau", "What would raise the level"),
    "date": Text("Date de l'évaluation", "Date of the assessment"),
    "text": Text("Texte appliqué", "Text applied"),
}
_ORGANISATION = Text("Votre organisation", "Your organisation")


def needed(state: State, record: ActRecord) -> Truth:
    """Return whether the record is needed: its situation is there, and one of its roles is held."""
    roles = [state.slot("role", role) for role in record.who]
    return combined([truth(state, record.when), combined(roles, Truth.TRUE, Truth.FALSE)], Truth.FALSE, Truth.TRUE)


def fill(record: ActRecord, state: State, outcome: Outcome, situation: Situation) -> FilledRecord:
    """Return the record with what is known; ``state`` and ``outcome`` are of the same answers."""
    pack = state.program.pack
    parts = tuple(
        FilledPart(part, title, tuple(_item(item, state, outcome, situation) for item in lines_of(pack, record, part)))
        for part, title in record.parts.items()
    )
    return FilledRecord(record, needed(state, record), parts)


def _item(item: RecordItem, state: State, outcome: Outcome, situation: Situation) -> FilledItem:
    applies = Truth.TRUE if item.when is None else truth(state, item.when)
    if applies is Truth.FALSE:
        return FilledItem(item, applies, Filling.NOT_APPLICABLE, (), ())
    found = [(source, _known(source, state, outcome, situation)) for source in item.sources]
    known = tuple(one for _, one in found if one)
    missing = tuple(name for (kind, name), _ in found if kind == "fact" and not _settled(state, name))
    content = [one for one in known if one.content]
    if not content:
        filling = Filling.GAP
    elif item.sufficient and len(content) == len(item.sources) and not missing:
        filling = Filling.FILLED
    else:
        filling = Filling.PARTIAL
    return FilledItem(item, applies, filling, known, missing)


def _settled(state: State, fact: str) -> bool:
    value = state.facts.values.get(fact)
    return value is not None and not isinstance(value, Partial)


def _known(source: tuple[str, str], state: State, outcome: Outcome, situation: Situation) -> Known | None:
    kind, name = source
    match kind:
        case "fact":
            return _answer(name, state, situation)
        case "case":
            value = situation.case.get(name)
            said = Text(value, value) if isinstance(value, str) else value
            return Known(kind, name, CASE_LABELS[name], said, typed=True) if said and said.fr.strip() else None
        case "organisation":
            return _organisation(name, state, situation)
        case "obligation":
            return _action(name, state.program.pack, situation)
        case "finding":
            held = next((found for found in outcome.findings if found.id == name), None)
            return Known(kind, name, held.title, held.because, held.citations) if held else None
        case _:
            return _outcome(name, outcome)


def _answer(name: str, state: State, situation: Situation) -> Known | None:
    fact, value = state.program.pack.facts[name], state.facts.values.get(name)
    note = situation.notes.get(name, Note())
    if value is None:
        return None
    return Known(
        "fact",
        name,
        fact.question,
        answer_text(fact, value),
        fact.cite,
        presumed=note.presumed,
        comment=note.comment,
        evidence=note.evidence,
    )


def _organisation(name: str, state: State, situation: Situation) -> Known | None:
    """Return the organisation's name; under the name of a role, only where that role is certainly held."""
    label = _ORGANISATION
    if name != "name":
        if state.slot("role", name) is not Truth.TRUE:
            return None
        title = state.program.pack.roles[name].title
        label = Text(f"{label.fr} ({_small(title.fr)})", f"{label.en} ({_small(title.en)})")
    value = situation.organisation.strip()
    return Known("organisation", name, label, Text(value, value), typed=True) if value else None


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]


def _action(name: str, pack: Pack, situation: Situation) -> Known | None:
    note, obligation = situation.actions.get(name), pack.obligations[name]
    if note is None:
        return None
    return Known(
        "obligation",
        name,
        obligation.action,
        note.state,
        obligation.cite,
        content=bool(note.evidence or note.comment.strip()),
        comment=note.comment,
        evidence=note.evidence,
        owner=note.owner,
        due=note.due,
    )


def _outcome(name: str, outcome: Outcome) -> Known | None:
    level, pack = outcome.level, outcome.pack
    titles = {one.id: one.title for one in pack.levels}
    cites: tuple[Citation, ...] = ()
    said: list[Text] = []
    match name:
        case "level":
            said, cites = [titles[id_] for id_ in level.possible], level.citations
            if not level.decided:
                said = [Text(f"{one.fr} (possible)", f"{one.en} (possible)") for one in said]
        case "because":
            said = [level.because] if level.because else []
        case "reasons":
            said = [reason.sentence for reason in level.reasons if reason.kind != "answer"]
        case "not_reached":
            said = [
                Text(f"{one.title.fr} : {one.sentence.fr}", f"{one.title.en}: {one.sentence.en}")
                for one in level.not_reached
            ]
        case "roles":
            said = [role.title for role in outcome.roles]
        case "findings":
            said = [finding.title for finding in outcome.findings]
        case "turning_points":
            said = [point.text for point in outcome.turning_points if point.upward and point.certain]
        case "date":
            said = [day_in_words(outcome.on)]
        case _:
            said = [pack.title]
    return Known("outcome", name, OUTCOME_LABELS[name], _lines(said), cites) if said else None


def _lines(said: list[Text]) -> Text:
    return Text("\n".join(one.fr for one in said), "\n".join(one.en for one in said))

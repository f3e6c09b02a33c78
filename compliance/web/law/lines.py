"""An entry of a text as labelled lines: its words in both languages, its condition, the entries that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from compliance.assessment.facts import FactsError, accept
from compliance.assessment.wording import answer_text
from compliance.law.completing import VALUES
from compliance.law.entries import Key
from compliance.law.model import (
    ActRecord,
    CatalogueEntry,
    Coverage,
    Deadline,
    DeadlineCase,
    Definition,
    Fact,
    Finding,
    Level,
    Nature,
    Obligation,
    Pack,
    Penalty,
    RecordItem,
    Role,
    Term,
)
from compliance.law.phrasing import Phrase, heading, phrase
from compliance.law.terms import Citation, Condition, Status
from compliance.operations.vocabulary import FUNCTIONS, SECTORS
from compliance.text import Text, day_in_words, number_in_words

_ALWAYS, _OTHERWISE = Text("toujours", "always"), Text("dans tous les autres cas", "in every other case")
_MANY = 6  # more answers than these are folded on a page of many questions


@dataclass(frozen=True, slots=True)
class Item:
    """One text of a line; ``key`` is the entry that it names, ``code`` how editors write it."""

    text: Text
    key: Key | None = None
    code: str = ""
    note: Text | None = None
    cites: tuple[Citation, ...] = ()
    before: Text | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What one key of an entry says; ``aside`` where a page of many entries folds it away."""

    label: str
    items: tuple[Item, ...] = ()
    rule: Phrase | None = None
    aside: bool = False


def lines(pack: Pack, entry: Any) -> list[Line]:
    """Return an entry but for its heading, citations and status, in the order in which it is read."""
    made = _LINES.get(type(entry))
    found = made(pack, entry) if made else []
    if getattr(entry, "to_confirm", None):
        found.append(Line(_("To be confirmed"), (Item(entry.to_confirm),)))
    if getattr(entry, "checked", None):
        found.append(Line(_("Read and checked"), (Item(Text(entry.checked, entry.checked)),), aside=True))
    return [line for line in found if line.items or line.rule]


def tags(entry: Any) -> list[tuple[Text, str]]:
    """Return what is said beside a heading, with its colour: what is not binding law, and what kind of duty it is."""
    found: list[tuple[Text, str]] = []
    status = getattr(entry, "status", Status.BINDING)
    if status is not Status.BINDING:
        found.append((VALUES[status.value], "warn"))
    nature = getattr(entry, "nature", Nature.DUTY)
    if nature is not Nature.DUTY:
        found.append((VALUES[nature.value], ""))
    if isinstance(entry, Fact):
        found.append((VALUES[entry.type.value], ""))
        if entry.of.value == "organisation":
            found.append((Text("sur l'organisation", "about the organisation"), ""))
    if isinstance(entry, Coverage):
        found.append((VALUES[entry.kind], ""))
    return found


def _text(label: str, text: Text | None, *, aside: bool = False) -> Line:
    return Line(label, (Item(text),) if text else (), aside=aside)


def _rule(pack: Pack, label: str, condition: Condition | None, otherwise: Text | None = None) -> Line:
    if condition is not None:
        return Line(label, rule=phrase(pack, condition))
    return _text(label, otherwise)


def _link(pack: Pack, label: str, section: str, ids: Iterable[str | None], *, aside: bool = False) -> Line:
    group = getattr(pack, section)
    found = tuple(Item(heading(group[id_]), (section, id_)) for id_ in ids if id_ is not None and id_ in group)
    return Line(label, found, aside=aside)


def _fact(pack: Pack, fact: Fact) -> list[Line]:
    options = tuple(
        Item(
            option.label,
            code=option.id,
            note=option.help,
            cites=option.cite,
            before=fact.groups.get(option.group or "") if first else None,
        )
        for option, first in _firsts(fact)
    )
    limits = [
        Item(Text(f"{said.fr} {number.fr}", f"{said.en} {number.en}"))
        for said, limit in ((Text("au moins", "at least"), fact.minimum), (Text("au plus", "at most"), fact.maximum))
        if limit is not None
        for number in (number_in_words(limit),)
    ]
    return [
        _text(_("Help"), fact.help),
        Line(_("Possible answers"), options, aside=len(options) > _MANY),
        _text(_("Unit"), fact.unit),
        Line(_("Limits"), tuple(limits)),
        Line(_("Examples"), tuple(Item(example) for example in fact.examples), aside=True),
        _link(pack, _("Chapter of the questionnaire"), "sections", [fact.section], aside=True),
    ]


def _firsts(fact: Fact) -> Iterable[tuple[Any, bool]]:
    """Yield the options, each with whether it is the first of its group in a row."""
    before: str | None = None
    for option in fact.options:
        yield option, option.group is not None and option.group != before
        before = option.group


def _definition(pack: Pack, found: Definition) -> list[Line]:
    return [
        _rule(pack, _("Condition"), found.when),
        _rule(pack, _("Unless"), found.unless),
        _text(_("What a report says"), found.because),
    ]


def _level(pack: Pack, found: Level) -> list[Line]:
    return [_text(_("Description"), found.description), _rule(pack, _("Condition"), found.when, _OTHERWISE)]


def _role(pack: Pack, found: Role) -> list[Line]:
    return [_rule(pack, _("Condition"), found.when)]


def _finding(pack: Pack, found: Finding) -> list[Line]:
    return [
        _rule(pack, _("Condition"), found.when),
        _text(_("What a report says"), found.because),
        _link(pack, _("Date of application"), "deadlines", [found.deadline]),
    ]


def _obligation(pack: Pack, found: Obligation) -> list[Line]:
    return [
        _link(pack, _("Who"), "roles", found.who),
        _rule(pack, _("When"), found.when),
        _text(_("Note"), found.note),
        _link(pack, _("Date of application"), "deadlines", [found.deadline]),
        _text(_("Evidence expected"), found.evidence, aside=True),
        _link(pack, _("Function"), "owners", [found.owner], aside=True),
        _link(pack, _("Fine"), "penalties", [found.penalty], aside=True),
    ]


def _deadline(pack: Pack, found: Deadline) -> list[Line]:
    made = []
    for number, case in enumerate(found.cases, 1):
        label = _("Case %(number)s", number=number) if len(found.cases) > 1 else _("Date")
        otherwise = _OTHERWISE if len(found.cases) > 1 else _ALWAYS
        made.append(Line(label, (_date(case, otherwise),), phrase(pack, case.when) if case.when else None))
    return made


def _date(case: DeadlineCase, otherwise: Text) -> Item:
    if case.applies_from is not None:
        day = day_in_words(case.applies_from)
        said = Text(f"applicable à partir du {day.fr}", f"applies from {day.en}")
    else:
        assert case.never is not None
        said = Text(f"sans date : {case.never.fr}", f"no date: {case.never.en}")
    status = None if case.status is Status.BINDING else VALUES[case.status.value]
    notes = [note for note in (case.note, status) if note]
    note = Text(" ; ".join(n.fr for n in notes), "; ".join(n.en for n in notes)) if notes else None
    return Item(said, note=note, cites=case.cite, before=None if case.when else otherwise)


def _penalty(pack: Pack, found: Penalty) -> list[Line]:
    made = []
    if found.amount is not None:
        amount = number_in_words(Decimal(found.amount))
        made.append(_text(_("Amount"), Text(f"{amount.fr} euros", f"{amount.en} euros")))
    if found.percent is not None:
        share = number_in_words(found.percent)
        said = Text(
            f"{share.fr}\u00a0% du chiffre d'affaires annuel mondial de l'exercice précédent",
            f"{share.en}% of the worldwide annual turnover of the preceding financial year",
        )
        made.append(_text(_("Share of turnover"), said))
    return [
        *made,
        _rule(pack, _("The share counts when"), found.percent_when),
        _rule(pack, _("The lower of the two counts when"), found.lower_when),
        _text(_("Note"), found.note),
    ]


def _term(_pack: Pack, found: Term) -> list[Line]:
    return [_text(_("Explanation"), found.text)]


def _catalogue(pack: Pack, found: CatalogueEntry) -> list[Line]:
    sector = SECTORS.get(found.sector) if found.sector else None
    return [
        _text(_("Description"), found.description),
        _text(_("What would change its level"), found.flip),
        _text(_("Function"), FUNCTIONS.get(found.function), aside=True),
        _text(_("Sector"), sector, aside=True),
        Line(_("Presumed answers"), tuple(_presumed(pack, found.facts)), aside=True),
    ]


def _presumed(pack: Pack, given: Mapping[str, object]) -> Iterable[Item]:
    try:
        values = accept(pack, given).values
    except FactsError:
        return  # the check of the pack says it
    for id_, value in values.items():
        yield Item(pack.facts[id_].question, ("facts", id_), note=answer_text(pack.facts[id_], value))


def _record(pack: Pack, found: ActRecord) -> list[Line]:
    return [
        _text(_("Purpose"), found.purpose),
        _link(pack, _("Who"), "roles", found.who),
        _rule(pack, _("When"), found.when),
        Line(_("Parts"), tuple(Item(title, code=id_) for id_, title in found.parts.items())),
    ]


def _record_item(pack: Pack, found: RecordItem) -> list[Line]:
    sections = {"fact": "facts", "obligation": "obligations", "finding": "findings"}
    filled = tuple(
        Item(heading(getattr(pack, sections[kind])[id_]), (sections[kind], id_))
        for kind, id_ in found.sources
        if kind in sections
    )
    whole = Text("répondent à tout ce qui est demandé", "say all that is asked")
    return [
        _text(_("What to write"), found.guide),
        _rule(pack, _("When"), found.when),
        _link(pack, _("Document"), "records", [found.record], aside=True),
        Line(_("Filled in from"), filled, aside=True),
        _text(_("These sources"), whole if found.sufficient else None, aside=True),
    ]


_LINES: dict[type, Callable[[Pack, Any], list[Line]]] = {
    Fact: _fact,
    Definition: _definition,
    Level: _level,
    Role: _role,
    Finding: _finding,
    Obligation: _obligation,
    Deadline: _deadline,
    Penalty: _penalty,
    Term: _term,
    CatalogueEntry: _catalogue,
    ActRecord: _record,
    RecordItem: _record_item,
}

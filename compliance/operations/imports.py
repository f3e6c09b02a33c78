"""The list that a company keeps in Excel: read, matched, shown, and saved only when confirmed; and back out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.law.model import CatalogueEntry
from compliance.operations import cases, dossiers, events
from compliance.operations.cases import Description
from compliance.operations.library import Law
from compliance.operations.rights import Right
from compliance.operations.vocabulary import FUNCTIONS, SECTORS
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Unit, Workplace, work
from compliance.storage import actions, drafts, organisations, people
from compliance.storage import cases as store
from compliance.storage.cases import UseCase
from compliance.storage.drafts import Draft
from compliance.storage.rows import new_id
from compliance.text import Language, Text, plain

NAME_MOST, DESCRIPTION_MOST, NAMED_MOST = 200, 4_000, 120
_CLOSE_ENOUGH = 0.72

FIELDS: dict[str, Text] = {
    "reference": Text("N°", "No."),
    "name": Text("Nom", "Name"),
    "description": Text("Description", "Description"),
    "type": Text("Type d'usage (catalogue)", "Type of use (catalogue)"),
    "function": Text("Fonction", "Function"),
    "sector": Text("Secteur", "Sector"),
    "site": Text("Site", "Site"),
    "supplier": Text("Fournisseur", "Supplier"),
    "owner": Text("Responsable (adresse électronique)", "Owner (e-mail address)"),
}
_ALSO: dict[str, tuple[str, ...]] = {
    "reference": ("id", "numero", "no", "ref", "reference", "identifiant"),
    "name": (
        "cas d'usage",
        "cas d usage",
        "use case",
        "intitule",
        "titre",
        "title",
        "usage",
        "systeme",
        "system",
        "outil",
    ),
    "description": ("descriptif", "finalite", "purpose", "objet", "commentaire", "details"),
    "type": ("type", "catalogue", "categorie", "category"),
    "function": ("service", "direction", "department", "departement", "domaine", "metier"),
    "sector": ("industrie", "industry", "secteur d'activite"),
    "site": ("usine", "plant", "etablissement", "location", "lieu"),
    "supplier": ("editeur", "vendor", "fournisseur / editeur", "prestataire"),
    "owner": ("responsable", "proprietaire", "owner", "pilote", "contact", "e-mail", "email", "referent"),
}


def match_columns(head: list[str]) -> dict[str, int | None]:
    """Return which column of a list holds each field, as far as its head tells."""
    found: dict[str, int | None] = {}
    words = [plain(title) for title in head]
    for exact in (True, False):
        for field, title in FIELDS.items():
            if found.get(field) is not None:
                continue
            names = {plain(title.fr), plain(title.en), *_ALSO[field]}
            taken = set(found.values())
            hits = [
                number
                for number, word in enumerate(words)
                if number not in taken
                and (word in names if exact else any(len(name) > 3 and word.startswith(name) for name in names))  # noqa: PLR2004
            ]
            found[field] = hits[0] if hits else None
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list as it would be saved."""

    number: int  # as the spreadsheet counts, the head being 1
    status: str  # "new", "update", "unchanged", "duplicate" or "error"
    values: Mapping[str, str]
    problems: tuple[tuple[str, str, str], ...]  # field, code, what was written
    notes: tuple[tuple[str, str, str], ...]  # what is noticed but no error
    case: UseCase | None
    entry: CatalogueEntry | None
    suggested: bool
    possible: tuple[str, ...]
    deciding: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """A list as it was understood."""

    draft: Draft
    head: list[str]
    columns: dict[str, int | None]
    lines: list[Line]

    def count(self, status: str) -> int:
        """Return how many lines have a status."""
        return sum(line.status == status for line in self.lines)


def start(place: Workplace, actor: Actor, name: str, table: list[list[str]]) -> str:
    """Keep a list that was read, to be looked at; return its id."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        id_ = new_id()
        drafts.forget(unit.connection, unit.org, actor.person_id)
        drafts.add_draft(
            unit.connection,
            unit.org,
            id=id_,
            person_id=actor.person_id,
            name=name[:NAME_MOST],
            table=table,
            columns=match_columns(table[0]),
            at=unit.now,
        )
        unit.log("import.read", id_, lines=len(table) - 1)
    return id_


@dataclass(frozen=True, slots=True)
class _Known:
    """What lines are compared with."""

    by_reference: dict[int, UseCase]
    by_name: dict[str, UseCase]
    sites: dict[str, str]
    suppliers: dict[str, str]
    people: dict[str, str]
    types: dict[str, CatalogueEntry]
    law: Law
    org_answers: dict[str, Any]


def _known(place: Workplace, connection: Any, actor: Actor) -> _Known:
    found = store.all_cases(connection, actor.org_id)
    law = cases.law_for_new(connection, place, actor.org_id)
    catalogue = cases.law_with_catalogue(place, law).pack.catalogue
    members = people.members(connection, actor.org_id)
    types = {plain(entry.title.to(language)): entry for entry in catalogue.values() for language in ("fr", "en")}
    types |= {entry.id: entry for entry in catalogue.values()}
    return _Known(
        {case.reference: case for case in found},
        {plain(case.name): case for case in reversed(found)},
        {plain(item.name): item.id for item in organisations.sites(connection, actor.org_id)},
        {plain(item.name): item.id for item in organisations.suppliers(connection, actor.org_id)},
        {plain(key): member.person_id for member in members for key in (member.email, member.name)},
        types,
        law,
        dossiers.common_answers(connection, actor.org_id),
    )


def _listed(found: dict[str, Text], written: str) -> str | None:
    """Return the id of a word of a closed list, in either language."""
    wanted = plain(written)
    return next((id_ for id_, text in found.items() if wanted in (id_, plain(text.fr), plain(text.en))), None)


def _suggestion(known: _Known, name: str) -> CatalogueEntry | None:
    """Return the catalogue entry whose title is nearly the name of the use case."""
    near = difflib.get_close_matches(plain(name), known.types, 1, _CLOSE_ENOUGH)
    return known.types[near[0]] if near else None


def _line(
    place: Workplace, known: _Known, number: int, values: dict[str, str], seen: dict[str, int], *, suggest: bool
) -> Line:
    problems: list[tuple[str, str, str]] = []
    notes: list[tuple[str, str, str]] = []
    name = values.get("name", "")
    if not name:
        problems.append(("name", "missing", ""))
    for field, most in (
        ("name", NAME_MOST),
        ("description", DESCRIPTION_MOST),
        ("site", NAMED_MOST),
        ("supplier", NAMED_MOST),
    ):
        if len(values.get(field, "")) > most:
            problems.append((field, "too_long", str(most)))
    for field, found in (("function", FUNCTIONS), ("sector", SECTORS)):
        written = values.get(field, "")
        if written and _listed(found, written) is None:
            problems.append((field, "not_in_list", written))
    if (written := values.get("owner", "")) and plain(written) not in known.people:
        notes.append(("owner", "not_a_member", written))
    for field, there in (("site", known.sites), ("supplier", known.suppliers)):
        if (written := values.get(field, "")) and plain(written) not in there:
            notes.append((field, "will_be_added", written))
    entry, suggested = None, False
    if written := values.get("type", ""):
        entry = known.types.get(plain(written))
        if entry is None:
            problems.append(("type", "not_in_catalogue", written))
    elif suggest and name:
        entry = _suggestion(known, name)
        suggested = entry is not None
    case, status = _status(known, values, seen, number, problems)
    if case is not None and status != "error":
        possible, deciding = case.possible, case.deciding_fact
    else:
        summary = dossiers.summary(
            place, known.law, known.law.facts({**(dict(entry.facts) if entry else {}), **known.org_answers})
        )
        possible, deciding = summary.possible, summary.deciding_fact
    return Line(number, status, values, tuple(problems), tuple(notes), case, entry, suggested, possible, deciding)


def _status(
    known: _Known, values: dict[str, str], seen: dict[str, int], number: int, problems: list[tuple[str, str, str]]
) -> tuple[UseCase | None, str]:
    """Return the use case that a line is about, and what would be done with it."""
    written = values.get("reference", "").upper().removeprefix("IA-").lstrip("0")
    case = None
    if written:
        if not written.isdecimal() or len(written) > 8:  # noqa: PLR2004 - beyond any reference
            problems.append(("reference", "not_a_number", values["reference"]))
        else:
            case = known.by_reference.get(int(written))
            if case is None:
                problems.append(("reference", "no_such_case", values["reference"]))
    key = f"#{case.reference}" if case else plain(values.get("name", ""))
    twice = key in seen
    seen.setdefault(key, number)
    if problems:
        return case, "error"
    if case is None:
        same = known.by_name.get(plain(values["name"]))
        return (same, "duplicate") if same or twice else (None, "new")
    if twice:
        return case, "duplicate"
    return case, "update" if _changes(known, case, values) else "unchanged"


def _changes(known: _Known, case: UseCase, values: Mapping[str, str]) -> dict[str, Any]:
    """Return what a line would change of a use case; a column that the list has not changes nothing."""
    new: dict[str, Any] = {}
    for field in ("name", "description"):
        if field in values:
            new[field] = values[field]
    for field, found in (("function", FUNCTIONS), ("sector", SECTORS)):
        if field in values:
            new[field] = _listed(found, values[field]) if values[field] else None
    for field, there in (("site", known.sites), ("supplier", known.suppliers)):
        if field in values:
            written = values[field]
            new[f"{field}_id"] = (there.get(plain(written)) or f"new {written}") if written else None
    if "owner" in values:
        new["owner_id"] = known.people.get(plain(values["owner"]), case.owner_id) if values["owner"] else None
    return {key: value for key, value in new.items() if getattr(case, key) != value}


def preview(
    place: Workplace, actor: Actor, id_: str, columns: Mapping[str, int | None] | None = None, *, suggest: bool = True
) -> Preview:
    """Return a list as it would be saved with these columns. Raises NotFoundError."""
    actor.require(Right.EDIT)
    with place.database.reading(actor.org_id) as connection:
        draft = drafts.draft(connection, actor.org_id, id_)
        if draft is None or draft.person_id != actor.person_id:
            raise NotFoundError
        known = _known(place, connection, actor)
    return _preview(place, known, draft, dict(columns or draft.columns), suggest=suggest)


def _preview(
    place: Workplace, known: _Known, draft: Draft, columns: dict[str, int | None], *, suggest: bool
) -> Preview:
    seen: dict[str, int] = {}
    head, *rows = draft.table
    lines = []
    for number, row in enumerate(rows, 2):
        values = {field: row[at] for field, at in columns.items() if at is not None and at < len(row)}
        lines.append(_line(place, known, number, values, seen, suggest=suggest))
    return Preview(draft, head, columns, lines)


def confirm(
    place: Workplace,
    actor: Actor,
    id_: str,
    columns: Mapping[str, int | None],
    *,
    suggest: bool,
    duplicates: bool,
) -> tuple[int, int]:
    """Save a list: new use cases, and changes of those it names; return how many of each."""
    actor.require(Right.EDIT)
    if columns.get("name") is None:
        raise RefusedError("no_name_column", "name")
    with work(place, actor) as unit:
        draft = drafts.draft(unit.connection, unit.org, id_)
        if draft is None or draft.person_id != actor.person_id:
            raise NotFoundError
        known = _known(place, unit.connection, actor)
        found = _preview(place, known, draft, dict(columns), suggest=suggest)
        fresh = [line for line in found.lines if line.status == "new" or (duplicates and line.status == "duplicate")]
        changed = [line for line in found.lines if line.status == "update"]
        _add_names(unit, known, [*fresh, *changed])
        _save_new(place, unit, known, fresh)
        for line in changed:
            assert line.case
            new = _changes(known, line.case, line.values)
            store.change_case(unit.connection, unit.org, line.case.id, line.case.version, **new, changed_at=unit.now)
        drafts.forget(unit.connection, unit.org, actor.person_id)
        unit.log("import.saved", id_, new=len(fresh), changed=len(changed))
    return len(fresh), len(changed)


def _add_names(unit: Unit, known: _Known, lines: list[Line]) -> None:
    """Add the sites and suppliers that the list names and nobody had."""
    for kind, there in (("site", known.sites), ("supplier", known.suppliers)):
        for line in lines:
            written = line.values.get(kind, "")
            if written and plain(written) not in there:
                there[plain(written)] = organisations.add_named(unit.connection, kind, unit.org, written)


def _save_new(place: Workplace, unit: Unit, known: _Known, lines: list[Line]) -> None:
    if not lines:
        return
    reference = organisations.next_reference(unit.connection, unit.org, len(lines))
    new_actions: list[dict[str, Any]] = []
    classified: list[events.Named] = []
    for offset, line in enumerate(lines):
        values = line.values
        described = Description(
            values["name"],
            values.get("description", ""),
            _listed(FUNCTIONS, values.get("function", "")) or (line.entry.function if line.entry else None),
            _listed(SECTORS, values.get("sector", "")) or (line.entry.sector if line.entry else None),
            known.sites.get(plain(values.get("site", ""))),
            known.suppliers.get(plain(values.get("supplier", ""))),
            known.people.get(plain(values.get("owner", ""))),
        )
        facts = dict(line.entry.facts) if line.entry else {}
        summary = dossiers.summary(place, known.law, known.law.facts({**facts, **known.org_answers}))
        entry = line.entry.id if line.entry else None
        columns = dossiers.summary_columns(summary, len(facts), dossiers.in_short(cases.presumable(facts)))
        row = cases.row(unit, place, described, reference + offset, law=known.law, catalogue_entry=entry, **columns)
        store.add_case(unit.connection, unit.org, **row)
        cases.presume(unit, row["id"], facts)
        if store.decided(columns["levels"]):
            classified.append((events.USE_CASE, row["id"], None))
        new_actions += [dossiers.new_action(row["id"], key, due, unit) for key, due in dossiers.owed(summary).items()]
    actions.add_actions(unit.connection, unit.org, new_actions)
    events.tell(unit.connection, unit.org, unit.now, events.CLASSIFIED, classified)


# Out


def sheet_row(
    listed: store.Listed, law: Law, emails: Mapping[str, str], language: Language
) -> list[str | int | date | None]:
    """Return a use case as a line of the sheet that ``start`` takes, then what is only read."""
    case = listed.case
    entry = law.pack.catalogue.get(case.catalogue_entry or "")
    return [
        case.reference,
        case.name,
        case.description,
        entry.title.to(language) if entry else "",
        FUNCTIONS[case.function].to(language) if case.function else "",
        SECTORS[case.sector].to(language) if case.sector else "",
        listed.site or "",
        listed.supplier or "",
        emails.get(case.owner_id or "", listed.owner or ""),
    ]

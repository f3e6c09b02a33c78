"""What each operation of the API does: it calls the same functions as the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from compliance.assessment.facts import FactsError, accept
from compliance.law.model import Pack
from compliance.law.problems import sentence
from compliance.law.terms import FactType
from compliance.operations import actions, answers, cases, dossiers, handing_out, organisation, reports, texts
from compliance.operations.answers import AnsweredMeanwhileError, Given
from compliance.operations.cases import Description
from compliance.operations.vocabulary import CASE_STATES, FUNCTIONS, SECTORS
from compliance.operations.workplace import NotFoundError
from compliance.storage.cases import Filter
from compliance.storage.rows import ConflictError
from compliance.text import Text
from compliance.web import limits
from compliance.web.api import shapes
from compliance.web.api.checking import day
from compliance.web.api.problems import InvalidError, StandsError
from compliance.web.api.schemas import DAY, ID, PAGE, Schema
from compliance.web.api.table import Answer, Call, operation
from compliance.web.forms import one_line
from compliance.web.here import actor, place, tongue

PER_PAGE = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9@._-]{0,99}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_WHOLE: dict[str, Schema] = {"whole": {"type": "boolean", "description": "with every reason and article"}}


def _list(items: list[Any], total: int, page: int, per_page: int) -> Answer:
    return Answer({"items": items, "total": total, "page": page, "per_page": per_page})


def _paged(found: list[Any], call: Call) -> Answer:
    """Return one page of a list that is there whole."""
    page = call.query.get("page", 1)
    return _list(found[(page - 1) * PER_PAGE : page * PER_PAGE], len(found), page, PER_PAGE)


# Use cases


@operation(
    "GET",
    "/use-cases",
    Text("Lister les cas d'usage", "List the use cases"),
    gives="UseCases",
    query={
        "page": PAGE,
        "text": {"type": "string", "maxLength": limits.SEARCH},
        "level": {"type": "string", "maxLength": 40, "description": 'a level, or "open"'},
        "state": {"type": "string", "enum": list(CASE_STATES)},
        "function": {"type": "string", "enum": list(FUNCTIONS)},
        "sector": {"type": "string", "enum": list(SECTORS)},
        "site_id": ID,
        "owner_id": ID,
        "due_before": DAY,
        "archived": {"type": "boolean"},
    },
)
def use_cases(call: Call) -> Answer:
    """Give one page of the inventory."""
    asked = call.query
    wanted = Filter(
        text=asked.get("text"),
        level=asked.get("level"),
        function=asked.get("function"),
        sector=asked.get("sector"),
        site=asked.get("site_id"),
        state=asked.get("state"),
        owner=asked.get("owner_id"),
        due_before=day(asked.get("due_before")),
        archived=asked.get("archived", False),
    )
    page = asked.get("page", 1)
    found, total = cases.search(place(), actor(), wanted, sort="reference", descending=False, page=page)
    return _list([shapes.use_case(item.case) for item in found], total, page, cases.PER_PAGE)


@operation(
    "POST",
    "/use-cases",
    Text("Créer un cas d'usage", "Begin a use case"),
    takes="NewUseCase",
    gives="UseCase",
    status=201,
    example={"name": "Tri de CV", "function": "human_resources"},
    once=True,
)
def use_case_begin(call: Call) -> Answer:
    """Begin a use case."""
    said = dict(call.body)
    name = one_line(said.pop("name"))
    if not name:
        raise InvalidError([("/name", _("This is needed."))])
    id_ = cases.begin(place(), actor(), Description(name, **said), key=call.id)
    found = dossiers.view(place(), actor(), id_).case
    return Answer(shapes.use_case(found), 201, {"Location": url_for("api.use_case", case_id=id_)})


@operation("GET", "/use-cases/{case_id}", Text("Lire un cas d'usage", "Read a use case"), gives="UseCase")
def use_case(call: Call, case_id: UUID) -> Answer:  # noqa: ARG001
    """Give one use case."""
    return Answer(shapes.use_case(dossiers.view(place(), actor(), case_id.hex).case))


# Answers


@operation(
    "GET",
    "/use-cases/{case_id}/facts",
    Text("Lire les questions d'un cas d'usage et leurs réponses", "Read a use case's questions and answers"),
    gives="Facts",
    query={"page": PAGE},
)
def facts(call: Call, case_id: UUID) -> Answer:
    """Give every question of a use case, with what stands."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    still_open = dossiers.reading(place(), dossier).open
    found = dossier.law.pack.facts.values()
    return _paged([shapes.fact(item, dossier.answers, still_open) for item in found], call)


@operation(
    "PUT",
    "/use-cases/{case_id}/facts/{fact}",
    Text("Répondre à une question", "Answer a question"),
    takes="NewAnswer",
    gives="Fact",
    example={"value": "machine_learning", "version": 0},
    conflicts=True,
)
def fact_put(call: Call, case_id: UUID, fact: str) -> Answer:
    """Keep one answer."""
    said = call.body
    dossier = dossiers.view(place(), actor(), case_id.hex)
    if fact not in dossier.law.pack.facts:
        raise NotFoundError
    unknown = said.get("unknown", False) or said.get("value") == "unknown"
    value = None if unknown else said.get("value")
    _check(dossier.law.pack, {fact: value}, "/value")
    given = Given(value, unknown, said.get("comment", ""))
    try:
        after = answers.record(place(), actor(), case_id.hex, fact, given, said["version"])
    except AnsweredMeanwhileError as error:
        raise StandsError(shapes.standing(error.theirs)) from None
    still_open = dossiers.reading(place(), after).open
    return Answer(shapes.fact(after.law.pack.facts[fact], after.answers, still_open))


def _check(pack: Pack, given: Mapping[str, Any], place_of: str) -> None:
    """Refuse numbers that are too long and empty texts, as forms do. Raises InvalidError."""
    for fact, value in given.items():
        kind = pack.facts[fact].type if fact in pack.facts else None
        where = place_of if place_of == "/value" else f"{place_of}/{fact}"
        if kind is FactType.NUMBER and isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise InvalidError([(where, _("This is not a number."))])
        if value == "":
            raise InvalidError([(where, _("This is needed."))])


@operation(
    "GET",
    "/use-cases/{case_id}/outcome",
    Text("Lire le résultat d'un cas d'usage", "Read a use case's outcome"),
    gives="Outcome",
    query=_WHOLE,
)
def outcome(call: Call, case_id: UUID) -> Answer:
    """Give what follows from a use case's answers."""
    dossier = dossiers.view(place(), actor(), case_id.hex)
    found = place().library.outcome(dossier.law, dossier.facts, place().today())
    return Answer(shapes.outcome(found, whole=call.query.get("whole", False)))


@operation(
    "POST",
    "/assessments",
    Text("Évaluer des réponses, sans rien enregistrer", "Assess answers, storing nothing"),
    takes="Assessment",
    gives="Outcome",
    query=_WHOLE,
    example={"facts": {"technique": "machine_learning"}},
)
def assess(call: Call) -> Answer:
    """Give what follows from answers that are nobody's."""
    said = call.body
    name = said.get("pack") or texts.today(place(), actor(), organisation.organisation(place(), actor()).pack)
    law, _version = texts.opened(place(), actor(), _named(name))
    given = said["facts"]
    _check(law.pack, given, "/facts")
    try:
        found = accept(law.pack, given)
    except FactsError as error:
        faults = [(f"/facts/{item.values.get('id', '')}", sentence(item, tongue())) for item in error.problems]
        raise InvalidError(faults[:PER_PAGE]) from None
    on = day(said.get("on")) or place().today()
    return Answer(shapes.outcome(place().library.outcome(law, found, on), whole=call.query.get("whole", False)))


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotFoundError
    return name


# Actions


@operation(
    "GET",
    "/use-cases/{case_id}/actions",
    Text("Lister les actions d'un cas d'usage", "List a use case's actions"),
    gives="Actions",
    query={"page": PAGE},
)
def use_case_actions(call: Call, case_id: UUID) -> Answer:
    """Give the action plan of a use case."""
    return _paged([shapes.action(item) for item in actions.of_case(place(), actor(), case_id.hex)], call)


@operation(
    "PATCH",
    "/actions/{id_}",
    Text("Modifier une action", "Change an action"),
    takes="ActionChange",
    gives="Action",
    example={"state": "in_progress", "version": 1},
    conflicts=True,
)
def action_change(call: Call, id_: UUID) -> Answer:
    """Change what is given of an action."""
    found, said = actions.action(place(), actor(), id_.hex), call.body
    try:
        actions.change(
            place(),
            actor(),
            id_.hex,
            said["version"],
            state=said.get("state", found.state),
            comment=said.get("comment", found.comment),
            owner_id=said.get("owner_id", found.owner_id),
            due=day(said["due"]) if "due" in said else found.due,
        )
    except ConflictError:
        raise StandsError(shapes.action(actions.action(place(), actor(), id_.hex))) from None
    return Answer(shapes.action(actions.action(place(), actor(), id_.hex)))


# Reports


@operation(
    "GET",
    "/use-cases/{case_id}/reports",
    Text("Lister les rapports émis d'un cas d'usage", "List a use case's issued reports"),
    gives="Reports",
    query={"page": PAGE},
)
def use_case_reports(call: Call, case_id: UUID) -> Answer:
    """Give the issued reports of a use case, the newest first."""
    return _paged([shapes.report(line) for line in reports.of_case(place(), actor(), case_id.hex)], call)


@operation(
    "POST",
    "/use-cases/{case_id}/reports",
    Text("Demander un rapport", "Ask for a report"),
    takes="NewReport",
    gives="Report",
    status=202,
    example={"form": "full", "language": "fr", "issue": False},
    once=True,
)
def report_ask(call: Call, case_id: UUID) -> Answer:
    """Ask for a report; it is frozen now and made soon."""
    said = call.body
    id_ = reports.ask(
        place(),
        actor(),
        case_id.hex,
        form=said["form"],
        language=said.get("language", tongue()),
        issue=said["issue"],
        key=call.id,
    )
    line, ahead = reports.line(place(), actor(), id_)
    return Answer(shapes.report(line, ahead), 202, {"Location": url_for("api.report", id_=id_)})


@operation("GET", "/reports/{id_}", Text("Lire l'état d'un rapport", "Read a report's state"), gives="Report")
def report(call: Call, id_: UUID) -> Answer:  # noqa: ARG001
    """Give where a report stands."""
    return Answer(shapes.report(*reports.line(place(), actor(), id_.hex)))


@operation(
    "GET",
    "/reports/{id_}/report.pdf",
    Text("Télécharger le PDF d'un rapport", "Download a report's PDF"),
    gives="application/pdf",
)
def report_pdf(call: Call, id_: UUID) -> Answer:  # noqa: ARG001
    """Give a report's file; 404 while it is not made."""
    found, content = reports.pdf(place(), actor(), id_.hex)
    name = f'attachment; filename="{handing_out.file_name(found)}.pdf"'
    return Answer(content, 200, {"Content-Disposition": name}, "application/pdf")


@operation(
    "GET",
    "/reports/{id_}/record",
    Text("Lire les données figées d'un rapport", "Read a report's frozen record"),
    gives="Record",
)
def report_record(call: Call, id_: UUID) -> Answer:  # noqa: ARG001
    """Give the record that a report was made from."""
    return Answer(reports.record(place(), actor(), id_.hex)[1])


# Texts of the law


@operation(
    "GET", "/packs", Text("Lister les textes de loi", "List the texts of the law"), gives="Packs", query={"page": PAGE}
)
def packs(call: Call) -> Answer:
    """Give the texts that the organisation has."""
    default = place().library.default
    return _paged([shapes.pack(law, default) for law, _version in texts.laws(place(), actor())], call)


@operation(
    "GET",
    "/packs/{name}/questions",
    Text("Lister les questions d'un texte", "List the questions of a text"),
    gives="Questions",
    query={"page": PAGE},
)
def questions(call: Call, name: str) -> Answer:
    """Give every question of a text."""
    law, _version = texts.opened(place(), actor(), _named(name))
    return _paged([shapes.question(item) for item in law.pack.facts.values()], call)

"""Bought systems: what has to be obtained from the supplier, and questionnaires to it with their links."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from compliance.assessment.beyond import supplies
from compliance.assessment.state import reading_order
from compliance.law.beyond_model import Supply
from compliance.law.model import Fact, Pack
from compliance.law.terms import FactScope
from compliance.operations import dossiers, evidence, post
from compliance.operations.dossiers import Dossier
from compliance.operations.evidence import Piece
from compliance.operations.rights import Right
from compliance.operations.sign_in import token_hash
from compliance.operations.supplied import asked_facts, asked_supplies, tell
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Unit, Workplace, work
from compliance.storage import cases, organisations
from compliance.storage import evidence as evidence_store
from compliance.storage import supplying as store
from compliance.storage.evidence import Evidence
from compliance.storage.rows import new_id
from compliance.storage.supplying import Item, Request, SentFile
from compliance.text import Text, day_in_words

DAYS, DAYS_MOST = 21, 180
ASKED_MOST, LIVE_MOST = 100, 40
_KNOWS_SECTIONS = frozenset(("system", "output", "product", "models"))
_KNOWS = frozenset(
    (
        "abusive_output",
        "abusive_output_safeguards",
        "biometric_functions",
        "continues_learning",
        "cyber_resilience_product",
        "deep_fake",
        "digital_elements",
        "direct_interaction",
        "first_placed_on",
        "free_open_source",
        "generation_extent",
        "harmonised_standards_applied",
        "model_first_placed_on",
        "open_source_supplier",
        "placed_in_union",
        "profiling",
        "significant_design_change",
        "third_party_supplies",
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to obtain, with where that stands: "missing", "asked", "returned" (to be looked at) or "received"."""

    supply: Supply
    certain: bool
    state: str
    asked: tuple[Request, ...]
    pieces: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A questionnaire with where it stands: its state today, how much came back, how much waits for a decision."""

    request: Request
    state: str
    asked: int
    said: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What a use case has to obtain, and the questionnaires about it."""

    dossier: Dossier
    supplier: str
    wanted: tuple[Wanted, ...]
    sent: tuple[Sent, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Offered:
    """Questions that may be put to a supplier: those that it can know, other open ones, those with an answer."""

    known: tuple[Fact, ...]
    others: tuple[Fact, ...]
    answered: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A questionnaire as the officer puts it together."""

    supplier: str
    address: str | None
    language: str
    days: int
    shown_name: str
    note: str
    facts: tuple[str, ...]
    supplies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handed:
    """A questionnaire with its link, which is shown once."""

    request_id: str
    link: str
    mailed: bool


# What is to be obtained


def of_case(place: Workplace, actor: Actor, case_id: str) -> Overview:
    """Return what a use case has to obtain from its supplier, and the questionnaires about it."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        dossier = dossiers.open_dossier(connection, place, actor, case_id, Right.READ_CASE)
        found = store.requests(connection, actor.org_id, case_id)
        items = store.items(connection, actor.org_id, [request.id for request in found])
        files = store.files(connection, actor.org_id, [request.id for request in found])
        pieces = evidence_store.pieces(connection, actor.org_id, case_id)
        suppliers = {item.id: item.name for item in organisations.suppliers(connection, actor.org_id)}
        names = dossiers.names(connection, actor.org_id)
    now = place.clock()
    said = said_of(found, items, files)
    return Overview(
        dossier,
        suppliers.get(dossier.case.supplier_id or "", ""),
        tuple(
            _wanted(supply, certain, found, said, pieces, now)
            for supply, certain in supplies(dossier.law.state(dossier.facts))
        ),
        tuple(_sent(request, [item for item in said if item.request_id == request.id], now) for request in found),
        names,
    )


def said_of(found: Iterable[Request], items: Iterable[Item], files: Collection[SentFile]) -> list[Item]:
    """Return the things that say something, of questionnaires that were sent."""
    sent = {request.id for request in found if request.state == "sent"}
    return [item for item in items if item.request_id in sent and _holds(item, files)]


def _holds(item: Item, files: Iterable[SentFile]) -> bool:
    """Tell whether something that came back says anything."""
    if item.kind == "fact" or item.comment or item.unknown:
        return True
    return any((file.request_id, file.supply) == (item.request_id, item.item) for file in files)


def _wanted(
    supply: Supply,
    certain: bool,
    found: Iterable[Request],
    said: Iterable[Item],
    pieces: Iterable[Evidence],
    now: datetime,
) -> Wanted:
    asked = tuple(request for request in found if supply.id in request.supplies and request.state != "withdrawn")
    mine = tuple(piece for piece in pieces if piece.supply == supply.id)
    back = [item for item in said if (item.kind, item.item) == ("supply", supply.id) and not item.decision]
    if mine:
        state = "received"
    elif any(not item.unknown for item in back):
        state = "returned"
    else:
        state = "asked" if any(request.state_at(now) == "open" for request in asked) else "missing"
    return Wanted(supply, certain, state, asked, mine)


def _sent(request: Request, said: Collection[Item], now: datetime) -> Sent:
    state = request.state_at(now)
    waiting = sum(not item.decision for item in said)
    return Sent(request, state, len(request.facts) + len(request.supplies), len(said), waiting)


def give(place: Workplace, actor: Actor, case_id: str, supply: str, piece: Piece) -> None:
    """Keep something that a supplier gave already, outside any questionnaire. Raises RefusedError, NotFoundError."""
    evidence.add(place, actor, case_id, piece, supply=supply)


# Asking


def offered(place: Workplace, dossier: Dossier) -> Offered:
    """Return the questions that may be put to a supplier."""
    pack, reading = dossier.law.pack, dossiers.reading(place, dossier)
    aside = dossiers.set_aside(place, dossier, dossier.facts.values)
    waiting = (reading.open | dossier.presumed | dossier.passed) - aside
    beside = frozenset(reading.beyond) - waiting
    may = [fact for fact in pack.facts.values() if may_ask(pack, fact)]
    may.sort(key=lambda fact: reading_order(pack, fact.id))
    return Offered(
        tuple(fact for fact in may if fact.id in waiting and _knows(fact)),
        tuple(fact for fact in may if fact.id in beside or (fact.id in waiting and not _knows(fact))),
        tuple(fact for fact in may if fact.id in dossier.answers.keys() - waiting - beside - aside and _knows(fact)),
    )


def may_ask(pack: Pack, fact: Fact) -> bool:
    """Tell whether a question is about the use case, and so may be put to a supplier."""
    return fact.of is FactScope.USE_CASE and fact.id not in pack.controls


def _knows(fact: Fact) -> bool:
    return fact.section in _KNOWS_SECTIONS or fact.id in _KNOWS


def ask(place: Workplace, actor: Actor, case_id: str, asking: Asking) -> Handed:
    """Make a questionnaire and its link, which goes out by mail where mail is set up and an address is given.

    A use case without a supplier gets this one. Raises RefusedError, NotFoundError.
    """
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        dossier = dossiers.load(unit.connection, place, actor.org_id, case_id)
        if dossier.case.archived:
            raise RefusedError("case_archived")
        pack = dossier.law.pack
        facts = [fact.id for fact in asked_facts(pack, list(dict.fromkeys(asking.facts))) if may_ask(pack, fact)]
        wanted = [supply.id for supply in asked_supplies(pack, list(dict.fromkeys(asking.supplies)))]
        if not facts and not wanted:
            raise RefusedError("nothing_asked", "facts")
        if len(facts) + len(wanted) > ASKED_MOST:
            raise RefusedError("too_many", "facts", most=ASKED_MOST)
        earlier = store.requests(unit.connection, unit.org, case_id)
        if sum(request.state_at(unit.now) == "open" for request in earlier) >= LIVE_MOST:
            raise RefusedError("too_many_open", "supplier", most=LIVE_MOST)
        id_, token = new_id(), secrets.token_urlsafe(32)
        store.add_request(
            unit.connection,
            unit.org,
            id=id_,
            case_id=case_id,
            token_hash=token_hash(token),
            supplier=asking.supplier,
            address=asking.address,
            language=asking.language,
            shown_name=asking.shown_name,
            note=asking.note,
            facts=facts,
            supplies=wanted,
            state="open",
            person_id=actor.person_id,
            at=unit.now,
            expires_at=_expiry(unit.now, asking.days),
        )
        if dossier.case.supplier_id is None:
            _enter_supplier(unit, case_id, asking.supplier)
        request = store.request(unit.connection, unit.org, id_)
        assert request
        link, mailed = _hand(place, unit, actor, request, token)
        unit.log(
            "supply.asked",
            case_id,
            request=id_,
            supplier=asking.supplier,
            facts=facts,
            supplies=wanted,
            language=asking.language,
            until_day=request.expires_at.date().isoformat(),
        )
    return Handed(id_, link, mailed)


def _expiry(now: datetime, days: int) -> datetime:
    if not 1 <= days <= DAYS_MOST:
        raise RefusedError("days_wrong", "days", most=DAYS_MOST)
    return now + timedelta(days=days)


def _enter_supplier(unit: Unit, case_id: str, name: str) -> None:
    found = organisations.suppliers(unit.connection, unit.org)
    id_ = next((item.id for item in found if item.name.casefold() == name.casefold()), None)
    if id_ is None:
        id_ = organisations.add_named(unit.connection, "supplier", unit.org, name)
        unit.log("supplier.added", id_)
    cases.change_case(unit.connection, unit.org, case_id, None, supplier_id=id_, changed_at=unit.now)
    unit.log("case.described", case_id, fields=["supplier_id"])


def _hand(place: Workplace, unit: Unit, actor: Actor, request: Request, token: str) -> tuple[str, bool]:
    """Return the link of a questionnaire and whether it goes out by mail; the made-up group writes to nobody."""
    link = f"{place.settings.base_url}/supplier/{token}"
    if not (request.address and place.settings.mailing) or actor.example:
        return link, False
    to = post.language_of(request.language, actor.org_language)
    until = day_in_words(request.expires_at.date())
    subject = Text(f"Questions sur {request.shown_name}", f"Questions about {request.shown_name}")
    said = Text(
        f"{actor.name}, de « {actor.org_name} », vous demande des informations et des documents sur "
        f"« {request.shown_name} », au regard du règlement européen sur l'IA. Aucun compte n'est nécessaire. "
        f"Vous pouvez enregistrer et revenir jusqu'au {until.fr} :",
        f'{actor.name}, of "{actor.org_name}", asks you for information and documents about '
        f'"{request.shown_name}", under the EU AI Act. No account is needed. You can save and come back until '
        f"{until.en}:",
    )
    lines = [post.GREETING.to(to), *([request.note] if request.note else []), said.to(to), link]
    lines.append(post.CLOSING.to(to).format(org=actor.org_name))
    post.write(
        unit,
        to_id=None,
        address=request.address,
        subject=subject.to(to),
        lines=lines,
        kind=f"supplier {new_id()}",
    )
    return link, True


def own(connection: Connection, actor: Actor, id_: str) -> Request:
    """Return a questionnaire within the actor's bounds. Raises NotFoundError, the same for others' and absent ones."""
    found = store.request(connection, actor.org_id, id_)
    if found is None:
        raise NotFoundError
    dossiers.find(connection, actor, found.case_id)
    return found


def withdraw(place: Workplace, actor: Actor, id_: str) -> Request:
    """Take a questionnaire back: its link opens nothing any more. Raises NotFoundError, RefusedError."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        found = own(unit.connection, actor, id_)
        if found.state == "withdrawn":
            raise RefusedError("request_withdrawn")
        store.change_request(unit.connection, found, state="withdrawn")
        unit.log("supply.withdrawn", found.case_id, request=id_, supplier=found.supplier)
    return found


def renew(place: Workplace, actor: Actor, id_: str, days: int) -> Handed:
    """Give a questionnaire a new link and a new last day; what the supplier typed is kept, the old link ends.

    One that was sent is open again, to be completed. Raises NotFoundError, RefusedError.
    """
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        found = own(unit.connection, actor, id_)
        if found.state == "withdrawn":
            raise RefusedError("request_withdrawn")
        if _is_archived(unit, found.case_id):
            raise RefusedError("case_archived")
        token = secrets.token_urlsafe(32)
        expires = _expiry(unit.now, days)
        store.change_request(
            unit.connection, found, token_hash=token_hash(token), state="open", expires_at=expires, sent_at=None
        )
        changed = own(unit.connection, actor, id_)
        link, mailed = _hand(place, unit, actor, changed, token)
        unit.log("supply.renewed", found.case_id, request=id_, until_day=expires.date().isoformat())
    return Handed(id_, link, mailed)


def _is_archived(unit: Unit, case_id: str) -> bool:
    case = cases.case(unit.connection, unit.org, case_id)
    return case is None or case.archived


def expire_old(place: Workplace) -> int:
    """Note the questionnaires whose last day has passed, and tell who asked; return how many there were."""
    with place.database.reading() as connection:
        found = store.expired(connection, place.clock())
    for request in found:
        with place.database.writing() as connection:
            unit = Unit(connection, request.org_id, None, place.clock())
            store.change_request(connection, request, state="expired")
            subject = Text(f"Sans réponse de {request.supplier}", f"No answer from {request.supplier}")
            said = Text(
                f"Le questionnaire à {request.supplier} sur « {request.shown_name} » a expiré sans réponse. "
                "Vous pouvez le renouveler.",
                f'The questionnaire to {request.supplier} about "{request.shown_name}" expired without an answer. '
                "You can renew it.",
            )
            tell(place, unit, request, subject, said)
            unit.log("supply.expired", request.case_id, request=request.id, supplier=request.supplier)
    return len(found)

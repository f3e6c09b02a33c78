"""The supplier's side of a questionnaire: opened by its link alone, saved and taken up again, then sent.

Nothing of the organisation is given out but who asks, a name for the use case, and the questions.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.exc import IntegrityError

from compliance.assessment.freeze import stored
from compliance.law.beyond_model import Supply
from compliance.law.model import Fact, Pack
from compliance.law.problems import Problem
from compliance.operations import evidence, post
from compliance.operations.answers import AnswerRefusedError, Given, value_of
from compliance.operations.evidence import Piece
from compliance.operations.sign_in import token_hash
from compliance.operations.workplace import NotFoundError, RefusedError, Unit, Workplace
from compliance.storage import cases, organisations, people
from compliance.storage import supplying as store
from compliance.storage.rows import ConflictError, new_id
from compliance.storage.supplying import Item, Request, SentFile
from compliance.text import Text

FILES_MOST, BYTES_MOST = 30, 60 * 1024 * 1024
_SAVES_MOST, _WINDOW = 200, timedelta(minutes=15)
_NAME_MOST = 200


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What a supplier sees: who asks, about what, what it said so far."""

    request: Request
    organisation: str
    person: str
    pack: Pack
    facts: tuple[Fact, ...]
    supplies: tuple[Supply, ...]
    items: Mapping[tuple[str, str], Item]  # by kind and id
    files: Mapping[str, tuple[SentFile, ...]]  # by what they are

    @property
    def answered(self) -> int:
        """How many questions have an answer, "I don't know" included."""
        return sum(("fact", fact.id) in self.items for fact in self.facts)

    @property
    def given(self) -> int:
        """How many things to supply have a file or words."""
        return sum(self.has(supply.id) for supply in self.supplies)

    def has(self, supply: str) -> bool:
        """Tell whether anything was said or sent about one thing to supply."""
        item = self.items.get(("supply", supply))
        return bool(self.files.get(supply) or (item and (item.comment or item.unknown)))


@dataclass(slots=True)
class Saved:
    """What could not be kept: refused by the law's own bounds, or said otherwise by a colleague in the meantime."""

    refused: dict[str, Problem] = field(default_factory=dict)
    theirs: dict[str, Item] = field(default_factory=dict)


def asked_facts(pack: Pack, ids: list[str]) -> tuple[Fact, ...]:
    """Return the questions asked, as far as the text of the law still has them."""
    return tuple(pack.facts[id_] for id_ in ids if id_ in pack.facts)


def asked_supplies(pack: Pack, ids: list[str]) -> tuple[Supply, ...]:
    """Return the things asked for, as far as the text of the law still has them."""
    return tuple(pack.supplies[id_] for id_ in ids if id_ in pack.supplies)


def opened(place: Workplace, token: str) -> Questionnaire | None:
    """Return the questionnaire that a token opens, or None: unknown, withdrawn and expired ones are the same."""
    with place.database.reading() as connection:
        found = store.opened_by(connection, token_hash(token))
        if found is None or not _lives(found, place.clock()):
            return None
        case = cases.case(connection, found.org_id, found.case_id)
        org = organisations.organisation(connection, found.org_id)
        person = people.person(connection, id=found.person_id)
        items = store.items(connection, found.org_id, [found.id])
        files = store.files(connection, found.org_id, [found.id])
    if case is None or org is None or case.archived:
        return None
    pack = place.library.law(case.pack).pack
    supplies = asked_supplies(pack, found.supplies)
    return Questionnaire(
        found,
        org.name,
        person.name if person else "",
        pack,
        asked_facts(pack, found.facts),
        supplies,
        {(item.kind, item.item): item for item in items},
        {supply.id: tuple(file for file in files if file.supply == supply.id) for supply in supplies},
    )


def _lives(found: Request, now: datetime) -> bool:
    return found.state in ("open", "sent") and found.expires_at > now


@contextmanager
def _writing(place: Workplace, token: str) -> Iterator[tuple[Unit, Request, Pack]]:
    """Open the transaction of a supplier. Raises NotFoundError where nothing is to be typed any more."""
    now = place.clock()
    with place.database.writing() as connection:
        found = store.opened_by(connection, token_hash(token))
        if found is None or found.state != "open" or not _lives(found, now):
            raise NotFoundError
        case = cases.case(connection, found.org_id, found.case_id)
        if case is None or case.archived:
            raise NotFoundError
        key = f"supplier {found.id}"
        count, last = people.failures(connection, key)
        if last is not None and count >= _SAVES_MOST and now - last < _WINDOW:
            raise RefusedError("too_often", "", minutes=int(_WINDOW.total_seconds()) // 60)
        people.count_failure(connection, key, now, _WINDOW)
        yield Unit(connection, found.org_id, None, now), found, place.library.law(case.pack).pack


def save(place: Workplace, token: str, given: Mapping[str, tuple[Given, int]]) -> Saved:
    """Keep answers, each read at its version (0: there was none); return what could not be kept.

    Raises NotFoundError, RefusedError.
    """
    saved, kept = Saved(), []
    with _writing(place, token) as (unit, found, pack):
        for fact, (one, version) in given.items():
            if fact not in found.facts or fact not in pack.facts:
                continue
            try:
                value = value_of(pack, fact, one)
            except AnswerRefusedError as error:
                saved.refused[fact] = error.problem
                continue
            said = {"value": stored(value) if value is not None else None, "unknown": value is None}
            theirs = _put(unit, found, ("fact", fact), version, **said, comment=one.comment)
            if theirs is None:
                kept.append(fact)
            else:
                saved.theirs[fact] = theirs
        if kept:
            unit.log("supply.saved", found.case_id, request=found.id, facts=kept)
    return saved


def _put(unit: Unit, found: Request, key: tuple[str, str], version: int, **said: Any) -> Item | None:
    """Keep one thing said; return what a colleague said in the meantime instead, or None."""
    try:
        with unit.connection.begin_nested():
            store.put_item(unit.connection, found, *key, version, **said, at=unit.now)
    except (ConflictError, IntegrityError):
        items = store.items(unit.connection, unit.org, [found.id])
        theirs = next((item for item in items if (item.kind, item.item) == key), None)
        if theirs is None:
            raise ConflictError("supplier_item") from None
        same = all(getattr(theirs, name) == value for name, value in said.items())
        return None if same else theirs  # the same page sent twice
    return None


@dataclass(frozen=True, slots=True)
class Supplied:
    """What a supplier says about one thing to supply, with a file where there is one."""

    comment: str
    unknown: bool  # it has none
    version: int
    name: str = ""
    content: bytes | None = None


def supply(place: Workplace, token: str, given: Mapping[str, Supplied]) -> None:
    """Keep words and files about things to supply.

    Raises NotFoundError, RefusedError whose field is the thing it is about, and ConflictError.
    """
    kept, hashes = [], []
    with _writing(place, token) as (unit, found, pack):
        for id_, one in given.items():
            if id_ not in found.supplies or id_ not in pack.supplies:
                continue
            if one.content is not None:
                hashes.append(_keep_file(unit, found, id_, one))
            said = {"comment": one.comment, "unknown": one.unknown and one.content is None}
            if _put(unit, found, ("supply", id_), one.version, **said) is not None:
                raise ConflictError("supplier_item")
            kept.append(id_)
        if kept:
            detail = {"sha256": hashes} if hashes else {}
            unit.log("supply.saved", found.case_id, request=found.id, supplies=kept, **detail)


def _keep_file(unit: Unit, found: Request, supply_id: str, one: Supplied) -> str:
    try:
        values = evidence.checked(Piece("", None, one.content))
    except RefusedError as error:
        raise RefusedError(error.code, supply_id, **error.values) from None
    count, size = store.weight(unit.connection, found)
    if count >= FILES_MOST or size + len(one.content or b"") > BYTES_MOST:
        raise RefusedError("files_too_many", supply_id, most=FILES_MOST, mb=BYTES_MOST // 1024**2)
    name = plain_name(one.name)
    store.add_file(
        unit.connection, found, id=new_id(), supply=supply_id, name=name, at=unit.now, evidence_id=None, **values
    )
    return str(values["sha256"])


def plain_name(name: str) -> str:
    """Return a file's name without folders and without signs that have no place in a line."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    return " ".join(kept.split())[:_NAME_MOST] or "-"


def take_away(place: Workplace, token: str, file_id: str) -> None:
    """Take one file away again. Raises NotFoundError."""
    with _writing(place, token) as (unit, found, _pack):
        if not store.remove_file(unit.connection, found, file_id):
            raise NotFoundError
        unit.log("supply.file_removed", found.case_id, request=found.id)


def send(place: Workplace, token: str, respondent: str) -> None:
    """Send all that was saved; who asked is told. Raises NotFoundError, RefusedError."""
    with _writing(place, token) as (unit, found, _pack):
        items = store.items(unit.connection, unit.org, [found.id])
        if not items:
            raise RefusedError("nothing_said")
        store.change_request(unit.connection, found, state="sent", sent_at=unit.now, respondent=respondent)
        subject = Text(f"Réponses de {found.supplier}", f"Answers from {found.supplier}")
        said = Text(
            f"{found.supplier} a répondu à votre questionnaire sur « {found.shown_name} ». Rien n'entre dans "
            "l'évaluation avant que vous l'ayez accepté.",
            f'{found.supplier} has answered your questionnaire about "{found.shown_name}". Nothing enters the '
            "assessment before you have accepted it.",
        )
        tell(place, unit, found, subject, said)
        unit.log("supply.sent", found.case_id, request=found.id, supplier=found.supplier, count=len(items))


def tell(place: Workplace, unit: Unit, found: Request, subject: Text, said: Text) -> None:
    """Tell whoever asked the supplier what happened."""
    person = people.person(unit.connection, id=found.person_id)
    org = organisations.organisation(unit.connection, found.org_id)
    if person is None or org is None or not person.active:
        return
    to = post.language_of(person.language, org.language)
    link = f"{place.settings.base_url}/supplier-requests/{found.id}"
    lines = [post.GREETING.to(to), said.to(to), link, post.CLOSING.to(to).format(org=org.name)]
    kind = f"supplier {new_id()}"
    post.write(unit, to_id=person.id, address=person.email, subject=subject.to(to), lines=lines, kind=kind)

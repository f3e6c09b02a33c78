"""Questionnaires to suppliers, what came back, and the files with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from compliance.storage import supply_tables as tables
from compliance.storage.rows import add, change, find, many, new_id, selecting


@dataclass(frozen=True, slots=True)
class Request:
    """A questionnaire to a supplier."""

    id: str
    org_id: str
    case_id: str
    supplier: str
    address: str | None
    language: str
    shown_name: str
    note: str
    facts: list[str]
    supplies: list[str]
    state: str
    respondent: str
    person_id: str
    at: datetime
    expires_at: datetime
    sent_at: datetime | None
    version: int

    def state_at(self, now: datetime) -> str:
        """Return its state at a moment, whether or not anybody noted that it expired."""
        return "expired" if self.state == "open" and self.expires_at <= now else self.state


@dataclass(frozen=True, slots=True)
class Item:
    """What a supplier says to one question, or in words about one thing to supply."""

    id: str
    request_id: str
    kind: str
    item: str
    value: Any
    unknown: bool
    comment: str
    at: datetime
    decision: str
    decided_by: str | None
    decided_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that a supplier sent, without its bytes."""

    id: str
    request_id: str
    supply: str
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    evidence_id: str | None


def add_request(connection: Connection, org: str, **values: Any) -> None:
    """Add a questionnaire."""
    add(connection, tables.supplier_request, org_id=org, version=1, **values)


def request(connection: Connection, org: str, id_: str) -> Request | None:
    """Return a questionnaire of an organisation."""
    return find(connection, tables.supplier_request, Request, org_id=org, id=id_)


def opened_by(connection: Connection, token_hash: str) -> Request | None:
    """Return the questionnaire that a token opens, of whatever organisation."""
    return find(connection, tables.supplier_request, Request, token_hash=token_hash)


def requests(connection: Connection, org: str, case_id: str) -> list[Request]:
    """Return the questionnaires about a use case, the newest first."""
    t = tables.supplier_request
    statement = selecting(t, Request, org_id=org, case_id=case_id)
    return many(connection, Request, statement.order_by(t.c.at.desc(), t.c.id))


def expired(connection: Connection, now: datetime) -> list[Request]:
    """Return the questionnaires whose day has passed without anybody having noted it, of all organisations."""
    t = tables.supplier_request
    return many(connection, Request, selecting(t, Request, state="open").where(t.c.expires_at <= now))


def change_request(connection: Connection, found: Request, **values: Any) -> None:
    """Change a questionnaire as it was read. Raises ConflictError."""
    change(connection, tables.supplier_request, {"org_id": found.org_id, "id": found.id}, found.version, **values)


def items(connection: Connection, org: str, ids: Collection[str]) -> list[Item]:
    """Return what came back to some questionnaires."""
    t = tables.supplier_item
    return many(connection, Item, selecting(t, Item, org_id=org).where(t.c.request_id.in_(ids)))


def put_item(connection: Connection, found: Request, kind: str, item: str, version: int, **values: Any) -> None:
    """Keep what a supplier says, read at ``version`` (0: there was nothing). Raises ConflictError, IntegrityError."""
    t = tables.supplier_item
    key = {"org_id": found.org_id, "request_id": found.id, "kind": kind, "item": item}
    fresh = {"decision": "", "decided_by": None, "decided_at": None, **values}
    if version == 0:
        add(connection, t, id=new_id(), version=1, **key, **fresh)
    else:
        change(connection, t, key, version, **fresh)


def decide(connection: Connection, org: str, found: Item, **values: Any) -> None:
    """Keep what became of something that came back. Raises ConflictError."""
    change(connection, tables.supplier_item, {"org_id": org, "id": found.id}, found.version, **values)


def files(connection: Connection, org: str, ids: Collection[str]) -> list[SentFile]:
    """Return the files that came with some questionnaires, in the order that they came."""
    t = tables.supplier_file
    statement = selecting(t, SentFile, org_id=org).where(t.c.request_id.in_(ids))
    return many(connection, SentFile, statement.order_by(t.c.at, t.c.id))


def sent_file(connection: Connection, org: str, id_: str) -> SentFile | None:
    """Return a file without its bytes."""
    return find(connection, tables.supplier_file, SentFile, org_id=org, id=id_)


def content(connection: Connection, org: str, id_: str) -> bytes:
    """Return a file's bytes; none once they are evidence."""
    t = tables.supplier_file
    return bytes(connection.execute(select(t.c.content).where(t.c.org_id == org, t.c.id == id_)).scalar_one())


def weight(connection: Connection, found: Request) -> tuple[int, int]:
    """Return how many files came with a questionnaire, and how many bytes."""
    t = tables.supplier_file
    statement = select(func.count(), func.coalesce(func.sum(t.c.size), 0))
    row = connection.execute(statement.where(t.c.org_id == found.org_id, t.c.request_id == found.id)).one()
    return int(row[0]), int(row[1])


def add_file(connection: Connection, found: Request, **values: Any) -> None:
    """Add a file."""
    add(connection, tables.supplier_file, org_id=found.org_id, request_id=found.id, **values)


def remove_file(connection: Connection, found: Request, id_: str) -> bool:
    """Take a file away that nobody has accepted yet; False where there is none such."""
    t = tables.supplier_file
    key = (t.c.org_id == found.org_id, t.c.request_id == found.id, t.c.id == id_, t.c.evidence_id.is_(None))
    return connection.execute(delete(t).where(*key)).rowcount == 1


def make_evidence(connection: Connection, org: str, id_: str, evidence_id: str) -> None:
    """Note that a file became evidence, which holds its bytes from now on."""
    t = tables.supplier_file
    statement = update(t).where(t.c.org_id == org, t.c.id == id_)
    connection.execute(statement, {"evidence_id": evidence_id, "content": b""})

"""Files of reports verified against what this instance knows: its certificate, its texts of the law, its log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection

from compliance.evidence.log_file import Head, Log, SealedHead, read_log, write_head, write_log
from compliance.law.compiling import Program
from compliance.operations import law_kept, making
from compliance.operations.made_now import made_now
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, RefusedError, Workplace
from compliance.reports import verifying
from compliance.reports.identity import Identity
from compliance.reports.verifying import Point, Verdict
from compliance.storage import audit, organisations

FILES_MOST = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What files prove: each by itself, and together with each other and with the log."""

    verdicts: tuple[Verdict, ...]
    together: tuple[Point, ...]


def certificate(place: Workplace, actor: Actor) -> Identity:
    """Return who signs reports here. Raises RefusedError where the key cannot be used."""
    actor.require(Right.READ_CASE)
    return _identity(place)


def _identity(place: Workplace) -> Identity:
    try:
        return making.identity(place)
    except making.KEY_ERRORS:
        raise RefusedError("key_unusable") from None


def check(place: Workplace, actor: Actor, files: list[bytes]) -> Checked:
    """Verify files against this instance's certificate, the texts that it keeps and the organisation's log."""
    actor.require(Right.READ_CASE)
    if not 0 < len(files) <= FILES_MOST:
        raise RefusedError("too_many", "file", most=FILES_MOST)
    who = _identity(place)
    with place.database.reading(actor.org_id) as connection:
        log = _log(place, connection, actor, who)
        law = _law(place, connection)
        with made_now():
            verdicts = tuple(verifying.verify(file, expected=who.certificate, law=law, log=log) for file in files)
    return Checked(verdicts, (*verifying.between(verdicts), *verifying.check_log(log, who.certificate)))


def _law(place: Workplace, connection: Connection) -> Callable[[str], Program | None]:
    @cache
    def program(hash_: str) -> Program | None:
        found = law_kept.by_hash(place, connection, hash_)
        return found.program if found else None

    return program


def _sealed(place: Workplace, connection: Connection, actor: Actor, who: Identity) -> SealedHead:
    size, root = audit.head(connection, actor.org_id)
    org = organisations.organisation(connection, actor.org_id)
    assert org
    head = Head(actor.org_id, org.name, size, root, place.clock().isoformat(timespec="seconds"))
    return verifying.seal(head, who)


def _log(place: Workplace, connection: Connection, actor: Actor, who: Identity) -> Log:
    return read_log(_log_file(place, connection, actor, who))


def _log_file(place: Workplace, connection: Connection, actor: Actor, who: Identity) -> bytes:
    sealed = _sealed(place, connection, actor, who)
    return b"".join(write_log(sealed, audit.lines(connection, actor.org_id)))


def log_file(place: Workplace, actor: Actor) -> bytes:
    """Return the organisation's whole log with its signed head, as ``compliance verify --log`` reads it."""
    actor.require(Right.READ_LOG)
    with place.database.reading(actor.org_id) as connection:
        return _log_file(place, connection, actor, _identity(place))


def head_file(place: Workplace, actor: Actor) -> bytes:
    """Return the signed head of the log: kept outside, it shows later that nothing before it was changed or cut."""
    actor.require(Right.READ_LOG)
    with place.database.reading(actor.org_id) as connection:
        return write_head(_sealed(place, connection, actor, _identity(place)))

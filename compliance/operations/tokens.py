"""Tokens of the API: somebody's rights in one organisation, as far as their scopes go; and requests made once."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError

from compliance.operations import sign_in
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Workplace, work
from compliance.storage import tokens
from compliance.storage.rows import new_id
from compliance.storage.tokens import Asked, Token

PREFIX = "pyr_"
DAYS_MOST = 365
ALIVE_MOST = 20  # of one person in one organisation
KEYS_MOST = 10_000  # of one organisation within a day
KEY = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_KEPT = timedelta(hours=24)
_GIVEN_UP = timedelta(minutes=2)  # after which a request that never ended may be made again
_TOKEN_MOST = 100
_NOTED = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    WRITE = "write"
    REPORTS = "reports"


RIGHTS: dict[Scope, frozenset[Right]] = {
    Scope.READ: frozenset((Right.TAKE_PART, Right.READ, Right.READ_CASE)),
    Scope.WRITE: frozenset((Right.READ_CASE, Right.EDIT, Right.ANSWER)),
    Scope.REPORTS: frozenset((Right.READ_CASE, Right.ISSUE)),
}


class UnknownTokenError(Exception):
    """No living token: it never was, ended, was revoked, or its person has no access any more."""


class KeyUsedError(Exception):
    """The key of a request was used for another one."""


class KeyBusyError(Exception):
    """The same request is being answered at this moment."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who acts by a token, and what for."""

    actor: Actor
    token: Token
    scopes: frozenset[Scope]


def scopes_of(found: Token) -> frozenset[Scope]:
    """Return the scopes of a token."""
    return frozenset(Scope(word) for word in found.scopes.split())


def mine(place: Workplace, actor: Actor) -> list[Token]:
    """Return the actor's tokens in this organisation, the newest first."""
    actor.require(Right.TAKE_PART)
    with place.database.reading(actor.org_id) as connection:
        return tokens.tokens(connection, actor.org_id, actor.person_id)


def make(place: Workplace, actor: Actor, name: str, scopes: frozenset[Scope], days: int) -> str:
    """Make a token; return its secret, which is not stored. Raises RefusedError.

    What changes anything asks for a second factor.
    """
    actor.require(Right.TAKE_PART)
    if not scopes:
        raise RefusedError("nothing_selected", "scopes")
    if not 1 <= days <= DAYS_MOST:
        raise RefusedError("token_days", "days", most=DAYS_MOST)
    if scopes != {Scope.READ} and not actor.has_totp:
        raise RefusedError("token_second_factor", "scopes")
    secret = PREFIX + secrets.token_urlsafe(32)
    with work(place, actor) as unit:
        alive = [item for item in tokens.tokens(unit.connection, unit.org, actor.person_id) if item.lives(unit.now)]
        if len(alive) >= ALIVE_MOST:
            raise RefusedError("token_many", "", most=ALIVE_MOST)
        id_, words = new_id(), " ".join(scope for scope in Scope if scope in scopes)
        tokens.add_token(
            unit.connection,
            unit.org,
            id=id_,
            person_id=actor.person_id,
            name=name,
            token_hash=sign_in.token_hash(secret),
            scopes=words,
            made_at=unit.now,
            expires_at=unit.now + timedelta(days=days),
        )
        unit.log("token.made", actor.person_id, token=id_, scopes=words, days=days)
    return secret


def revoke(place: Workplace, actor: Actor, id_: str) -> None:
    """End one of the actor's own tokens. Raises NotFoundError."""
    actor.require(Right.TAKE_PART)
    with work(place, actor) as unit:
        own = {item.id: item for item in tokens.tokens(unit.connection, unit.org, actor.person_id)}
        if id_ not in own or own[id_].revoked_at is not None:
            raise NotFoundError
        tokens.change_token(unit.connection, unit.org, id_, revoked_at=unit.now)
        unit.log("token.revoked", actor.person_id, token=id_)


def open_token(place: Workplace, secret: str, address: str) -> Holder:
    """Return who acts by a token. Raises UnknownTokenError, or RefusedError after many unknown ones from an address.

    A living token is never made to wait; guessing one is what is slowed down.
    """
    found = _living(place, secret)
    if found is None:
        if seconds := sign_in.slowed(place, f"token {address[:60]}"):
            raise RefusedError("too_many_failures", "", minutes=seconds // 60 + 1)
        raise UnknownTokenError
    actor = sign_in.acting(place, found.person_id, found.org_id)
    if actor is None:
        raise UnknownTokenError
    now = place.clock()
    if found.used_at is None or now - found.used_at > _NOTED:
        with place.database.writing(found.org_id) as connection:
            tokens.change_token(connection, found.org_id, found.id, used_at=now)
    scopes = scopes_of(found) if actor.has_totp else scopes_of(found) & {Scope.READ}
    within = frozenset(right for scope in scopes for right in RIGHTS[scope])
    return Holder(replace(actor, within=within), found, scopes)


def _living(place: Workplace, secret: str) -> Token | None:
    if not secret.startswith(PREFIX) or len(secret) > _TOKEN_MOST:
        return None
    with place.database.reading() as connection:
        found = tokens.with_hash(connection, sign_in.token_hash(secret))
    return found if found and found.lives(place.clock()) else None


# Requests made once


def begin(place: Workplace, actor: Actor, key: str, asked: str) -> Asked:
    """Note a request under its key, or return it as it was answered before; ``asked`` is the hash of what it says.

    Its id is for what it makes: made again after the process died in the middle, it still makes one thing. Raises
    KeyUsedError, KeyBusyError, RefusedError.
    """
    now = place.clock()
    with place.database.writing(actor.org_id) as connection:
        left = tokens.forget(connection, actor.org_id, now - _KEPT)
        found = tokens.asked(connection, actor.org_id, actor.person_id, key)
        if found is None and left >= KEYS_MOST:
            raise RefusedError("too_many_keys", "", most=KEYS_MOST)
        if found is None:
            id_ = new_id()
            try:
                tokens.ask(
                    connection, actor.org_id, id=id_, person_id=actor.person_id, key=key, asked=asked, answer="", at=now
                )
            except IntegrityError:
                raise KeyBusyError from None
            return Asked(id_, asked, None, "", now)
        if found.asked != asked:
            raise KeyUsedError
        if found.status is None:
            if now - found.at < _GIVEN_UP:
                raise KeyBusyError
            tokens.answered(connection, actor.org_id, found.id, at=now)
        return found


def end(place: Workplace, actor: Actor, begun: Asked, status: int, answer: str) -> None:
    """Keep what a request was answered."""
    with place.database.writing(actor.org_id) as connection:
        tokens.answered(connection, actor.org_id, begun.id, status=status, answer=answer)


def let_go(place: Workplace, actor: Actor, begun: Asked) -> None:
    """Forget a request that did nothing, so that it can be mended and sent again under its key."""
    with place.database.writing(actor.org_id) as connection:
        tokens.let_go(connection, actor.org_id, begun.id)

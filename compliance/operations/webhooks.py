"""Webhooks: where an organisation has its events sent, by which secret they are signed, what became of them.

Signed as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from compliance.config import Settings
from compliance.operations import events, outgoing
from compliance.operations.outgoing import OutgoingError, Resolver
from compliance.operations.rights import Right
from compliance.operations.workplace import (
    Actor,
    NotFoundError,
    RefusedError,
    SecondFactorNeededError,
    Unit,
    Workplace,
    work,
)
from compliance.storage import webhooks
from compliance.storage.rows import new_id
from compliance.storage.webhooks import OFF, ON, PAUSED, WAITING, Delivery, Endpoint

PREFIX = "whsec_"
ENDPOINTS_MOST = 10  # of one organisation
TESTS_MOST = 5  # waiting at once, of one endpoint
DELIVERIES_SHOWN = 50
OLD_SECRET_SIGNS = timedelta(hours=24)
_NONCE = 12  # bytes


class SecretLostError(Exception):
    """A secret cannot be read: the instance has another key than the one that it was sealed with."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An endpoint in the list, and how many messages are in which state."""

    endpoint: Endpoint
    waiting: int
    delivered: int
    failed: int


def _administering(actor: Actor) -> None:
    actor.require(Right.ADMINISTER)
    if not actor.has_totp:
        raise SecondFactorNeededError


def endpoints(place: Workplace, actor: Actor) -> list[Listed]:
    """Return the organisation's endpoints. Raises SecondFactorNeededError, as everything here."""
    _administering(actor)
    with place.database.reading(actor.org_id) as connection:
        found = webhooks.endpoints(connection, actor.org_id)
        counts = webhooks.counts(connection, actor.org_id)
    states = (webhooks.WAITING, webhooks.DELIVERED, webhooks.FAILED)
    return [Listed(item, *(counts.get((item.id, state), 0) for state in states)) for item in found]


def endpoint(place: Workplace, actor: Actor, id_: str) -> tuple[Endpoint, list[Delivery]]:
    """Return an endpoint, and what was or is to be sent to it last. Raises NotFoundError."""
    _administering(actor)
    with place.database.reading(actor.org_id) as connection:
        found = _found(webhooks.endpoint(connection, actor.org_id, id_))
        return found, webhooks.deliveries(connection, actor.org_id, id_, DELIVERIES_SHOWN)


def _found(endpoint_: Endpoint | None) -> Endpoint:
    if endpoint_ is None:
        raise NotFoundError
    return endpoint_


def add(
    place: Workplace,
    actor: Actor,
    *,
    url: str,
    description: str,
    wanted: Iterable[str],
    resolver: Resolver = outgoing.resolve,
) -> tuple[str, str]:
    """Add an endpoint; return its id and its secret, which is shown once. Raises RefusedError.

    Its address is looked up now, and again whenever something is sent.
    """
    _administering(actor)
    if actor.example:
        raise RefusedError("example_no_webhooks", "url")
    chosen = frozenset(wanted)
    if not chosen or chosen - events.EVENTS.keys():
        raise RefusedError("unknown_choice", "events")
    try:
        outgoing.check(url, place.settings.webhook_internal, resolver)
    except OutgoingError as error:
        raise RefusedError(f"webhook_{error.code}", "url") from None
    id_, secret = new_id(), new_secret()
    with work(place, actor) as unit:
        if len(webhooks.endpoints(unit.connection, unit.org)) >= ENDPOINTS_MOST:
            raise RefusedError("webhooks_many", "", most=ENDPOINTS_MOST)
        words = [event for event in events.EVENTS if event in chosen]
        webhooks.add_endpoint(
            unit.connection,
            unit.org,
            id=id_,
            url=url,
            description=description,
            events=" ".join(words),
            secret_sealed=seal(place.settings, unit.org, id_, secret),
            state=ON,
            made_at=unit.now,
        )
        unit.log("webhook.added", id_, webhook=id_, host=outgoing.target(url).host, events=words)
    return id_, secret


@contextmanager
def _changing(place: Workplace, actor: Actor, id_: str) -> Iterator[tuple[Unit, Endpoint]]:
    """Open the transaction of a change of one endpoint. Raises NotFoundError."""
    _administering(actor)
    with work(place, actor) as unit:
        yield unit, _found(webhooks.endpoint(unit.connection, unit.org, id_))


def renew_secret(place: Workplace, actor: Actor, id_: str) -> str:
    """Return a new secret of an endpoint, shown once; the one before signs beside it for a day. Raises NotFoundError.

    Where the one before cannot be read any more, the new one signs alone.
    """
    secret = new_secret()
    with _changing(place, actor, id_) as (unit, found):
        try:
            _opened(place.settings, unit.org, id_, found.secret_sealed)
        except SecretLostError:
            old, until = None, None
        else:
            old, until = found.secret_sealed, unit.now + OLD_SECRET_SIGNS
        webhooks.change_endpoint(
            unit.connection,
            unit.org,
            found,
            secret_sealed=seal(place.settings, unit.org, id_, secret),
            old_secret_sealed=old,
            old_secret_until=until,
        )
        unit.log("webhook.secret", id_, webhook=id_)
    return secret


def pause(place: Workplace, actor: Actor, id_: str) -> None:
    """Let events wait. Raises NotFoundError."""
    with _changing(place, actor, id_) as (unit, found):
        webhooks.change_endpoint(unit.connection, unit.org, found, state=PAUSED)
        unit.log("webhook.paused", id_, webhook=id_)


def resume(place: Workplace, actor: Actor, id_: str) -> None:
    """Send again, what waits first. Raises NotFoundError."""
    with _changing(place, actor, id_) as (unit, found):
        webhooks.change_endpoint(unit.connection, unit.org, found, state=ON, failures=0)
        unit.log("webhook.resumed", id_, webhook=id_)


def remove(place: Workplace, actor: Actor, id_: str) -> None:
    """Remove an endpoint with what waits. Raises NotFoundError."""
    with _changing(place, actor, id_) as (unit, found):
        webhooks.remove_endpoint(unit.connection, unit.org, found.id)
        unit.log("webhook.removed", id_, webhook=id_)


def try_out(place: Workplace, actor: Actor, id_: str) -> None:
    """Have an event sent that says nothing, to see whether it arrives. Raises NotFoundError, RefusedError."""
    with _changing(place, actor, id_) as (unit, _):
        latest = webhooks.deliveries(unit.connection, unit.org, id_, DELIVERIES_SHOWN)
        if sum(item.event == webhooks.TEST and item.state == WAITING for item in latest) >= TESTS_MOST:
            raise RefusedError("webhook_tests_waiting")
        events.tell_one(unit.connection, unit.org, unit.now, id_)
        unit.log("webhook.tested", id_, webhook=id_)


def send_again(place: Workplace, actor: Actor, delivery_id: str) -> str:
    """Have a message sent again under its id; return that of its endpoint. Raises NotFoundError, RefusedError."""
    _administering(actor)
    with work(place, actor) as unit:
        found = webhooks.delivery(unit.connection, unit.org, delivery_id)
        if found is None:
            raise NotFoundError
        if _found(webhooks.endpoint(unit.connection, unit.org, found.endpoint_id)).state == OFF:
            raise RefusedError("webhook_off")
        if found.state != WAITING:
            webhooks.change_delivery(
                unit.connection, unit.org, delivery_id, state=WAITING, attempts=0, next_at=unit.now, failure=None
            )
        unit.log("webhook.again", found.endpoint_id, webhook=found.endpoint_id, event=found.event_id)
    return found.endpoint_id


# Secrets


def new_secret() -> str:
    """Return a secret of 256 bits, as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _cipher(settings: Settings) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, None, b"pyramide webhook").derive(settings.secret_key.encode()))


def _about(org: str, id_: str) -> bytes:
    return f"{org} {id_}".encode("ascii")


def seal(settings: Settings, org: str, id_: str, secret: str) -> str:
    """Return a secret as it is stored: encrypted by the instance's key, of use for this endpoint alone."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = _cipher(settings).encrypt(nonce, secret.encode("ascii"), _about(org, id_))
    return base64.b64encode(nonce + sealed).decode("ascii")


def _opened(settings: Settings, org: str, id_: str, sealed: str) -> str:
    try:
        stored = base64.b64decode(sealed, validate=True)
        return _cipher(settings).decrypt(stored[:_NONCE], stored[_NONCE:], _about(org, id_)).decode("ascii")
    except (InvalidTag, ValueError, binascii.Error):
        raise SecretLostError from None


def headers(settings: Settings, org: str, to: Endpoint, message: Delivery, now: datetime) -> dict[str, str]:
    """Return the headers that let a receiver check a message. Raises SecretLostError."""
    sealed = [to.secret_sealed]
    if to.old_secret_sealed and to.old_secret_until and now < to.old_secret_until:
        sealed.append(to.old_secret_sealed)
    at = str(int(now.timestamp()))
    signed = f"{message.event_id}.{at}.{message.body}".encode()
    signatures = (_signature(_opened(settings, org, to.id, one), signed) for one in sealed)
    return {"webhook-id": message.event_id, "webhook-timestamp": at, "webhook-signature": " ".join(signatures)}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")

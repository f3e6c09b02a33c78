"""The outbox of webhooks emptied by a worker: taken, sent, tried again, given up; none is lost, one may repeat.

Whoever dies between taking and recording leaves the message to be taken again two minutes later, under the same id.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from compliance.operations import outgoing, post, webhooks
from compliance.operations.outgoing import OutgoingError, Resolver
from compliance.operations.rights import Role, roles_of
from compliance.operations.webhooks import SecretLostError
from compliance.operations.workplace import Unit, Workplace
from compliance.storage import organisations, people
from compliance.storage import webhooks as store
from compliance.storage.rows import new_id
from compliance.storage.webhooks import DELIVERED, FAILED, OFF, ON, TEST, Delivery, Endpoint
from compliance.text import Text

AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 8, 30, 120, 360, 840))  # 22 h 40 min in all
ATTEMPTS = len(AGAIN_AFTER) + 1
GIVEN_UP_MOST = 5  # messages in a row, after which an endpoint is switched off
KEPT = timedelta(days=30)
_TAKEN_FOR = timedelta(minutes=2)  # longer than a request may take, and a name that is looked up in vain
_AT_ONCE = 4
_ROUND = 32  # endpoints, one message each, so that none waits for another that is slow
_EVERY, _AFTER_TROUBLE = 2.0, 30.0  # seconds
_TIDY_EVERY = 1_800  # rounds: an hour where nothing is to be sent
_OK, _OTHER, _REFUSED, _GONE = 200, 300, 400, 410
_log = logging.getLogger("pyramide")


def run(place: Workplace, stop: threading.Event) -> None:
    """Send what is due until told to stop."""
    rounds = 0
    while not stop.is_set():
        pause = _EVERY
        try:
            if rounds % _TIDY_EVERY == 0:
                forget_old(place)
            if deliver_due(place):
                pause = 0
        except Exception:  # noqa: BLE001 - the thread must live on; what happened is logged
            _log.exception("webhooks could not be sent; they are tried again")
            pause = _AFTER_TROUBLE
        rounds += 1
        stop.wait(pause)


def forget_old(place: Workplace) -> None:
    """Forget what was or was to be sent a month ago."""
    with place.database.writing() as connection:
        store.forget(connection, place.clock() - KEPT)


def deliver_due(place: Workplace, resolver: Resolver = outgoing.resolve) -> int:
    """Send the message that is due longest at each endpoint; return how many were tried."""
    with place.database.reading() as connection:
        due = store.due(connection, place.clock(), _ROUND)
    if not due:
        return 0
    with ThreadPoolExecutor(_AT_ONCE, "webhooks") as pool:
        return sum(pool.map(lambda where: _deliver(place, where[0], where[1], resolver), due))


def _deliver(place: Workplace, org: str, endpoint_id: str, resolver: Resolver) -> bool:
    """Send one message; False where another worker has it."""
    with place.database.writing(org) as connection:
        now = place.clock()
        taken = store.take(connection, org, endpoint_id, now, now + _TAKEN_FOR)
        to = store.endpoint(connection, org, endpoint_id)
    if taken is None or to is None:
        return False
    status, failure = _sent(place, org, to, taken, resolver)
    with place.database.writing(org) as connection:
        _record(place, Unit(connection, org, None, place.clock()), taken, status, failure)
    return True


def _sent(
    place: Workplace, org: str, to: Endpoint, message: Delivery, resolver: Resolver
) -> tuple[int | None, str | None]:
    """Return what the receiver answered, and why that is no delivery."""
    try:
        signed = webhooks.headers(place.settings, org, to, message, place.clock())
        headers = {"Content-Type": "application/json", "User-Agent": "Pyramide-Webhooks/1", **signed}
        status = outgoing.post(to.url, message.body.encode(), headers, place.settings.webhook_internal, resolver)
    except SecretLostError:
        return None, "secret"
    except OutgoingError as error:
        return None, error.code
    if _OK <= status < _OTHER:
        return status, None
    return status, "redirect" if _OTHER <= status < _REFUSED else "status"


def _record(place: Workplace, unit: Unit, taken: Delivery, status: int | None, failure: str | None) -> None:
    """Record an attempt: done, to be tried again, or given up."""
    found = store.delivery(unit.connection, unit.org, taken.id)
    to = store.endpoint(unit.connection, unit.org, taken.endpoint_id)
    if found is None or to is None or found.state == DELIVERED:
        return  # the endpoint was removed meanwhile, or another worker was quicker after all
    values = {"status": status, "failure": failure}
    if failure is None:
        store.change_delivery(unit.connection, unit.org, taken.id, state=DELIVERED, next_at=None, **values)
        if to.failures:
            store.change_endpoint(unit.connection, unit.org, to, failures=0)
    elif taken.event != TEST and taken.attempts < ATTEMPTS and status != _GONE:
        again = unit.now + AGAIN_AFTER[taken.attempts - 1]
        store.change_delivery(unit.connection, unit.org, taken.id, next_at=again, **values)
    else:
        store.change_delivery(unit.connection, unit.org, taken.id, state=FAILED, next_at=None, **values)
        if taken.event != TEST:
            _given_up(place, unit, to, gone=status == _GONE)


def _given_up(place: Workplace, unit: Unit, to: Endpoint, *, gone: bool) -> None:
    """Count a message that was given up; after several in a row, or where all is gone, switch the endpoint off."""
    off = to.state == ON and (gone or to.failures + 1 >= GIVEN_UP_MOST)
    store.change_endpoint(unit.connection, unit.org, to, failures=to.failures + 1, state=OFF if off else to.state)
    if off:
        unit.log("webhook.off", to.id, webhook=to.id)
        _tell(place, unit, to)


def _tell(place: Workplace, unit: Unit, to: Endpoint) -> None:
    """Tell every administrator that an endpoint is off."""
    org = organisations.organisation(unit.connection, unit.org)
    assert org
    host = outgoing.target(to.url).host
    subject = Text(f"Webhooks vers {host} : envoi coupé", f"Webhooks to {host}: switched off")
    said = Text(
        f"La destination {host} n'a pas accepté nos messages malgré plusieurs essais : l'envoi y est coupé. "
        "Corrigez la cause, puis reprenez l'envoi :",
        f"The endpoint at {host} did not take our messages, however often they were sent: nothing more is sent there. "
        "Mend the cause, then resume:",
    )
    link = f"{place.settings.base_url}/organisation/webhooks/{to.id}"
    for member in people.members(unit.connection, unit.org):
        person = people.person(unit.connection, id=member.person_id)
        if person is None or not member.active or Role.ADMINISTRATOR not in roles_of(member.roles):
            continue
        said_in = post.language_of(person.language, org.language)
        lines = [text.to(said_in) for text in (post.GREETING, said)]
        lines += [link, post.CLOSING.to(said_in).format(org=org.name)]
        post.write(
            unit,
            to_id=person.id,
            address=person.email,
            subject=subject.to(said_in),
            lines=lines,
            kind=f"webhook {new_id()}",
        )

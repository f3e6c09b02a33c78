"""Accounts: first sign-in, passwords, one-time codes, sessions, throttling."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection
from zxcvbn import zxcvbn

from compliance.operations.rights import Role, as_text, roles_of
from compliance.operations.workplace import Actor, NotAllowedError, RefusedError, Unit, Workplace
from compliance.storage import organisations, people
from compliance.storage.people import Link, Person
from compliance.storage.rows import new_id

PASSWORD_LEAST, PASSWORD_MOST = 12, 128
_STRONG_ENOUGH = 3  # of 4, as zxcvbn counts; common passwords, names and keyboard walks stay below
_IDLE, _ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
_LINK_LIVES = {"first": timedelta(days=1), "invitation": timedelta(days=14), "password": timedelta(hours=2)}
_FREE_FAILURES, _FORGET_AFTER, _LONGEST_WAIT = 5, timedelta(minutes=15), timedelta(minutes=10)
_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """Return a hash that no password has, so that an unknown account takes as long as a wrong password."""
    return _HASHER.hash(secrets.token_hex(16))


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_password(password: str, *about: str) -> None:
    """Raise RefusedError when a new password is too short, too long, or easy to guess."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise RefusedError("password_length", "password", least=PASSWORD_LEAST, most=PASSWORD_MOST)
    words = [part for text in about for part in text.replace("@", " ").replace(".", " ").split()]
    if zxcvbn(password[:72], user_inputs=[*about, *words, "pyramide"])["score"] < _STRONG_ENOUGH:
        raise RefusedError("password_weak", "password")


def _verified(password: str, stored: str | None) -> bool:
    try:
        _HASHER.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


# Links


def make_link(connection: Connection, now: datetime, purpose: str, **values: str | date | None) -> str:
    """Add a one-time link; return its token, which is not stored."""
    token = secrets.token_urlsafe(32)
    expires = now + _LINK_LIVES[purpose]
    people.add_link(connection, token_hash=token_hash(token), purpose=purpose, expires_at=expires, **values)
    return token


def first_link(place: Workplace) -> str | None:
    """Return the address where the first administrator begins, or None once somebody has an account."""
    with place.database.writing() as connection:
        if people.any_person(connection):
            return None
        people.withdraw_links(connection, "first")
        return f"{place.settings.base_url}/welcome/{make_link(connection, place.clock(), 'first')}"


def open_link(place: Workplace, token: str) -> Link | None:
    """Return the link that a token opens, or None when it was used, is too old, or never was.

    An invitation whose period is over is too old.
    """
    with place.database.reading() as connection:
        found = people.link(connection, token_hash(token))
    if found is None or found.used_at is not None or found.expires_at <= place.clock() or found.over(place.today()):
        return None
    return found


def _use(connection: Connection, link: Link, now: datetime) -> None:
    if not people.use_link(connection, link.token_hash, now):
        raise RefusedError("link_used")


def begin(
    place: Workplace, link: Link, *, organisation: str, name: str, email: str, password: str, language: str
) -> str:
    """Make the first organisation and its administrator, who is its officer too; return the person's id."""
    check_password(password, name, email, organisation)
    now = place.clock()
    with place.database.writing() as connection:
        _use(connection, link, now)
        if people.person(connection, email=email):
            raise RefusedError("email_taken", "email")
        person_id, org = new_id(), new_id()
        organisations.add_organisation(
            connection,
            id=org,
            name=organisation,
            language=language,
            pack=place.settings.default_pack,
            example=False,
            created_at=now,
        )
        _add_person(connection, person_id, name, email, password, now)
        roles = as_text(frozenset((Role.ADMINISTRATOR, Role.OFFICER)))
        people.join(connection, org, person_id, roles)
        for found in organisations.organisations(connection):
            if found.example:
                people.join(connection, found.id, person_id, roles)
        unit = Unit(connection, org, person_id, now)
        unit.log("organisation.created", org)
        unit.log("person.joined", person_id, roles=roles)
    return person_id


def _add_person(connection: Connection, id_: str, name: str, email: str, password: str | None, now: datetime) -> None:
    people.add_person(
        connection,
        id=id_,
        name=name,
        email=email,
        password_hash=_HASHER.hash(password) if password else None,
        totp_last_step=0,
        active=True,
        one_at_a_time=True,
        created_at=now,
    )


def accept_invitation(place: Workplace, link: Link, *, name: str, password: str) -> str:
    """Make the account that an invitation is for, or add the roles to an account that is there; return the person.

    Somebody who has an account proves it with its password.
    """
    assert link.email
    assert link.org_id
    assert link.roles
    now = place.clock()
    with place.database.reading() as connection:
        known = people.person(connection, email=link.email)
    if known is None or known.password_hash is None:
        check_password(password, name, link.email)
    elif not _verified(password, known.password_hash):
        raise RefusedError("wrong_password", "password")
    with place.database.writing() as connection:
        _use(connection, link, now)
        if known is None:
            person_id = new_id()
            _add_person(connection, person_id, name, link.email, password, now)
        else:
            person_id = known.id
            if known.password_hash is None:
                people.change_person(connection, person_id, password_hash=_HASHER.hash(password), name=name)
        people.join(connection, link.org_id, person_id, link.roles, link)
        Unit(connection, link.org_id, person_id, now).log("person.joined", person_id, roles=link.roles, **link.detail())
    return person_id


def set_password(place: Workplace, link: Link, password: str) -> str:
    """Set the password that a link allows to set; end all sessions; return the person's id."""
    assert link.person_id
    now = place.clock()
    with place.database.reading() as connection:
        known = people.person(connection, id=link.person_id)
    assert known
    check_password(password, known.name, known.email)
    with place.database.writing() as connection:
        _use(connection, link, now)
        people.change_person(connection, known.id, password_hash=_HASHER.hash(password))
        people.end_sessions(connection, person_id=known.id)
        _log_everywhere(connection, known.id, now, "password.changed")
    return known.id


def _log_everywhere(connection: Connection, person_id: str, now: datetime, what: str, **detail: object) -> None:
    for here in people.memberships(connection, person_id, now.date()):
        Unit(connection, here.org_id, person_id, now).log(what, person_id, **detail)


# Signing in


def _wait(failures: int) -> timedelta:
    """Return how long to wait after a number of failures: a minute, then twice as long each time."""
    if failures < _FREE_FAILURES:
        return timedelta(0)
    return min(timedelta(minutes=2 ** min(failures - _FREE_FAILURES, 10)), _LONGEST_WAIT)


def _keys(email: str, address: str) -> tuple[str, str]:
    return (f"account {token_hash(email)[:40]}", f"address {address[:60]}")


def _throttled(connection: Connection, keys: tuple[str, ...], now: datetime) -> int:
    """Return the seconds to wait, 0 if none."""
    longest = timedelta(0)
    for key in keys:
        failures, last = people.failures(connection, key)
        if last is not None:
            longest = max(longest, last + _wait(failures) - now)
    return max(0, int(longest.total_seconds()))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whose password was right."""

    person_id: str
    needs_code: bool


def sign_in(place: Workplace, email: str, password: str, address: str) -> SignedIn:
    """Check an address and a password. Raises RefusedError: the same for unknown, wrong and closed accounts.

    Only somebody whose password is right learns that no organisation is open to them on this day.
    """
    now, keys = place.clock(), _keys(email, address)
    with place.database.reading() as connection:
        if seconds := _throttled(connection, keys, now):
            raise RefusedError("too_many_failures", "", minutes=seconds // 60 + 1)
        found = people.person(connection, email=email)
    good = _verified(password, found.password_hash if found else None)
    if not good or found is None or not found.active:
        _fail(place, keys, found, now, address)
        raise RefusedError("wrong_sign_in")
    _check_open_somewhere(place, found.id)
    with place.database.writing() as connection:
        for key in keys:
            people.forget_failures(connection, key)
        if not found.totp_secret:
            _log_everywhere(connection, found.id, now, "signed_in", address=address)
        if _HASHER.check_needs_rehash(found.password_hash or ""):
            people.change_person(connection, found.id, password_hash=_HASHER.hash(password))
    return SignedIn(found.id, bool(found.totp_secret))


def _check_open_somewhere(place: Workplace, person_id: str) -> None:
    with place.database.reading() as connection:
        if not people.memberships(connection, person_id, place.today()):
            raise RefusedError("no_access")


def _fail(place: Workplace, keys: tuple[str, ...], found: Person | None, now: datetime, address: str) -> None:
    with place.database.writing() as connection:
        for key in keys:
            people.count_failure(connection, key, now, _FORGET_AFTER)
        if found:
            _log_everywhere(connection, found.id, now, "sign_in_failed", address=address)


def _code_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the step that a code belongs to, if it is right and newer than the last used."""
    totp = pyotp.TOTP(secret)
    step = int(now.timestamp()) // totp.interval
    for candidate in (step, step - 1, step + 1):
        if candidate > last_step and secrets.compare_digest(totp.at(candidate * totp.interval).encode(), code.encode()):
            return candidate
    return None


def give_code(place: Workplace, person_id: str, code: str, address: str) -> None:
    """Check the code of somebody whose password was right; each code works once. Raises RefusedError."""
    now = place.clock()
    keys = (f"code {person_id}", f"address {address[:60]}")
    with place.database.reading() as connection:
        if seconds := _throttled(connection, keys, now):
            raise RefusedError("too_many_failures", "", minutes=seconds // 60 + 1)
        found = people.person(connection, id=person_id)
    step = _code_step(found.totp_secret or "", code, now, found.totp_last_step) if found else None
    if found is None or step is None:
        _fail(place, keys, found, now, address)
        raise RefusedError("wrong_code", "code")
    with place.database.writing() as connection:
        for key in keys:
            people.forget_failures(connection, key)
        people.change_person(connection, found.id, totp_last_step=step)
        _log_everywhere(connection, found.id, now, "signed_in", address=address, second_factor=True)


def open_id_person(place: Workplace, subject: str, email: str, name: str, address: str) -> str:
    """Return whom an identity provider vouched for: somebody known, or somebody who was invited.

    Raises RefusedError when nobody here is meant.
    """
    now = place.clock()
    with place.database.writing() as connection:
        found = people.person(connection, openid_subject=subject)
        if found is None:
            found = people.person(connection, email=email) or _invited(connection, email, name, now)
            if found is None or found.openid_subject is not None:
                raise RefusedError("openid_unknown")
            people.change_person(connection, found.id, openid_subject=subject)
        if not found.active:
            raise RefusedError("openid_unknown")
        _log_everywhere(connection, found.id, now, "signed_in", address=address, openid=True)
    _check_open_somewhere(place, found.id)
    return found.id


def _invited(connection: Connection, email: str, name: str, now: datetime) -> Person | None:
    """Make the account of somebody who was invited and comes through the provider."""
    waiting = [
        link for link in people.invitations_to(connection, email) if link.expires_at > now and not link.over(now.date())
    ]
    if not waiting:
        return None
    person_id = new_id()
    _add_person(connection, person_id, name or email, email, None, now)
    for link in waiting:
        assert link.org_id
        _use(connection, link, now)
        people.join(connection, link.org_id, person_id, link.roles or "", link)
        Unit(connection, link.org_id, person_id, now).log(
            "person.joined", person_id, roles=link.roles, openid=True, **link.detail()
        )
    return people.person(connection, id=person_id)


# Own account


def me(place: Workplace, person_id: str) -> Person:
    """Return one's own account."""
    with place.database.reading() as connection:
        found = people.person(connection, id=person_id)
    if found is None:
        raise NotAllowedError
    return found


def confirm(place: Workplace, actor: Actor, password: str, address: str) -> None:
    """Ask for the password again before a weighty change. Raises RefusedError."""
    now, keys = place.clock(), _keys(actor.email, address)
    with place.database.reading() as connection:
        if seconds := _throttled(connection, keys, now):
            raise RefusedError("too_many_failures", "current_password", minutes=seconds // 60 + 1)
        found = people.person(connection, id=actor.person_id)
    if found and found.password_hash is None and found.openid_subject:
        return  # the provider of identities is trusted with this
    if found is None or not _verified(password, found.password_hash):
        _fail(place, keys, found, now, address)
        raise RefusedError("wrong_password", "current_password")


def change_password(place: Workplace, actor: Actor, new: str, session_hash: str) -> None:
    """Change one's own password; every other session ends."""
    check_password(new, actor.name, actor.email, actor.org_name)
    with place.database.writing() as connection:
        people.change_person(connection, actor.person_id, password_hash=_HASHER.hash(new))
        people.end_sessions(connection, person_id=actor.person_id, besides=session_hash)
        _log_everywhere(connection, actor.person_id, place.clock(), "password.changed")


def new_totp_secret() -> str:
    """Return a fresh secret for one-time codes."""
    return pyotp.random_base32()


def totp_address(secret: str, email: str) -> str:
    """Return the address that an authenticator app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Pyramide")


def start_totp(place: Workplace, actor: Actor, secret: str, code: str) -> None:
    """Turn one-time codes on, once a code shows that the app has the secret. Raises RefusedError."""
    now = place.clock()
    step = _code_step(secret, code, now, 0)
    if step is None:
        raise RefusedError("wrong_code", "code")
    with place.database.writing() as connection:
        people.change_person(connection, actor.person_id, totp_secret=secret, totp_last_step=step)
        _log_everywhere(connection, actor.person_id, now, "second_factor.on")


def stop_totp(place: Workplace, actor: Actor) -> None:
    """Turn one-time codes off."""
    with place.database.writing() as connection:
        people.change_person(connection, actor.person_id, totp_secret=None)
        _log_everywhere(connection, actor.person_id, place.clock(), "second_factor.off")


def change_account(place: Workplace, actor: Actor, *, name: str, language: str | None, one_at_a_time: bool) -> None:
    """Change one's own name, language and way of answering."""
    with place.database.writing() as connection:
        people.change_person(connection, actor.person_id, name=name, language=language, one_at_a_time=one_at_a_time)
        _log_everywhere(connection, actor.person_id, place.clock(), "account.changed")


# Sessions


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that is alive."""

    session: people.Session
    actor: Actor | None
    organisations: tuple[tuple[str, str, bool], ...]  # id, name, example


def open_session(place: Workplace, id_hash: str) -> Opened | None:
    """Return a living session with who acts in it, or None; it ends with the last membership of its person."""
    now = place.clock()
    with place.database.reading() as connection:
        known = people.session(connection, id_hash)
        if known is None:
            return None
        found, person = known
        if now - found.seen_at > _IDLE or now - found.created_at > _ABSOLUTE:
            return None
        if found.person_id is None:
            return Opened(found, None, ())
        places = people.memberships(connection, found.person_id, now.date())
        here = next((item for item in places if item.org_id == found.org_id), places[0] if places else None)
        actor = _actor(person, here) if here else None
    if actor is None:
        return None
    return Opened(found, actor, tuple((item.org_id, item.name, item.example) for item in places))


def _actor(person: Person | None, here: people.Belonging) -> Actor | None:
    """Return somebody at work where a membership lets them; None where the account is closed."""
    if person is None or not person.active:
        return None
    return Actor(
        person.id,
        person.name,
        person.email,
        here.org_id,
        here.name,
        here.example,
        roles_of(here.roles),
        person.language,
        here.language,
        person.totp_secret is not None,
        person.one_at_a_time,
        here.site_id,
    )


def acting(place: Workplace, person_id: str, org: str) -> Actor | None:
    """Return somebody at work in an organisation today, or None where they have no access to it."""
    with place.database.reading() as connection:
        places = people.memberships(connection, person_id, place.today())
        here = next((item for item in places if item.org_id == org), None)
        return _actor(people.person(connection, id=person_id), here) if here else None


def slowed(place: Workplace, key: str) -> int:
    """Return the seconds to wait after failures under a key; where there are none to wait, count one more failure."""
    with place.database.reading() as connection:
        if seconds := _throttled(connection, (key,), place.clock()):
            return seconds
    with place.database.writing() as connection:
        people.count_failure(connection, key, place.clock(), _FORGET_AFTER)
    return 0


def keep_session(
    place: Workplace, id_hash: str, person_id: str | None, org_id: str | None, values: dict[str, object]
) -> None:
    """Keep a session's values."""
    with place.database.writing() as connection:
        people.put_session(connection, id_hash, place.clock(), person_id=person_id, org_id=org_id, values=values)


def end_session(place: Workplace, id_hash: str) -> None:
    """End a session."""
    with place.database.writing() as connection:
        people.end_sessions(connection, id_hash=id_hash)


def end_old_sessions(place: Workplace) -> None:
    """Remove sessions that can no longer be used."""
    now = place.clock()
    with place.database.writing() as connection:
        people.end_old_sessions(connection, now - _IDLE, now - _ABSOLUTE)

"""What every operation works with: the store, the law, the settings, the clock; and its one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from compliance.config import Settings
from compliance.operations import events
from compliance.operations.library import Library
from compliance.operations.rights import WITHIN_BOUNDS, Right, Role, allows
from compliance.storage import audit
from compliance.storage.database import Database


class NotAllowedError(Exception):
    """The role does not give the right: 403."""


class SecondFactorNeededError(NotAllowedError):
    """The right is there, the second factor is not yet."""


class NotFoundError(Exception):
    """Absent, or another organisation's: 404, the same for both."""


class SentTwiceError(Exception):
    """The same form came twice: what it asks for is there already, and nothing more is to be done."""


class RefusedError(Exception):
    """The request cannot be met as it stands; ``code`` says why, ``field`` where."""

    def __init__(self, code: str, field: str = "", **values: Any) -> None:
        super().__init__(code)
        self.code, self.field, self.values = code, field, values


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at work in one organisation."""

    person_id: str
    name: str
    email: str
    org_id: str
    org_name: str
    example: bool
    roles: frozenset[Role]
    language: str | None
    org_language: str
    has_totp: bool
    one_at_a_time: bool
    site_id: str | None = None  # the one site that the role is bound to
    within: frozenset[Right] | None = None  # what a token of the API leaves of the rights

    def may(self, right: Right) -> bool:
        """Tell whether a role of the actor gives the right, within its bounds."""
        left = self.within is None or right in self.within
        return left and allows(self.roles, right) and (self.site_id is None or right in WITHIN_BOUNDS)

    def require(self, *rights: Right) -> None:
        """Raise NotAllowedError unless one of the rights is given."""
        if not any(self.may(right) for right in rights):
            raise NotAllowedError(", ".join(rights))


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workplace:
    """Where operations happen."""

    database: Database
    library: Library
    settings: Settings
    clock: Callable[[], datetime] = utc_now
    announce: Callable[[str, str], None] = lambda _org, _report: None
    """Tell the workers of a report to make; they find it in the store even when nobody told them."""

    def today(self) -> date:
        """Return the day, as assessments count it."""
        return self.clock().date()


@dataclass(slots=True)
class Unit:
    """One transaction of one actor in one organisation."""

    connection: Connection
    org: str
    who: str | None
    now: datetime
    logged: int = field(default=0)

    def log(self, what: str, subject: str = "", **detail: Any) -> None:
        """Put a line on the organisation's log; never passwords, tokens or the text of answers.

        What other programs want to know of it is written into the outbox of webhooks.
        """
        audit.append(self.connection, self.org, self.now, self.who, what, subject, detail)
        events.of_line(self.connection, self.org, self.now, what, subject, detail)
        self.logged += 1


@contextmanager
def work(place: Workplace, actor: Actor) -> Iterator[Unit]:
    """Open the transaction of a change: all of it is kept with its log line, or nothing is."""
    with place.database.writing(actor.org_id) as connection:
        unit = Unit(connection, actor.org_id, actor.person_id, place.clock())
        yield unit
        assert unit.logged, "a change without a line on the log"

"""What a supervisor may know of the store: whether it can be worked with, and sums over all organisations."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from compliance.operations.workplace import Workplace
from compliance.storage import audit, reports, webhooks
from compliance.storage.soundness import serves

_log = logging.getLogger("pyramide")


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over the whole store; no organisation can be told from them."""

    saves: int
    reports: Mapping[str, int]
    webhooks: Mapping[str, int]


def missing(place: Workplace) -> str:
    """Return what keeps the store from being worked with, "database" or "schema", or nothing."""
    try:
        with place.database.reading() as connection:
            return "" if serves(connection) else "schema"
    except (SQLAlchemyError, OSError) as error:
        _log.warning("the database is away: %s", type(error).__name__)
        return "database"


def figures(place: Workplace) -> Figures | None:
    """Return the sums, or None where the database does not answer."""
    try:
        with place.database.reading() as connection:
            return Figures(audit.size_of_all(connection), reports.by_state(connection), webhooks.by_state(connection))
    except (SQLAlchemyError, OSError) as error:
        _log.warning("the database is away: %s", type(error).__name__)
        return None

"""A workplace opened from settings: the store brought up to date, the law at hand."""

from __future__ import annotations

from compliance.config import Settings
from compliance.operations.library import Library
from compliance.operations.workplace import Workplace
from compliance.storage.database import Database


def open_workplace(settings: Settings) -> Workplace:
    """Return the workplace, its store migrated. Raises BrokenLawError when the default text does not load."""
    database = Database(settings.database_url)
    database.migrate()
    place = Workplace(database, Library(settings.rules, settings.default_pack), settings)
    place.library.law(settings.default_pack)
    return place

"""A workplace opened from settings: the store brought up to date, the law at hand."""

from __future__ import annotations

from pathlib import Path

from compliance.config import Settings
from compliance.operations.library import Library
from compliance.operations.workplace import Workplace
from compliance.storage import studio
from compliance.storage.database import Database


def open_workplace(settings: Settings) -> Workplace:
    """Return the workplace, its store migrated. Raises BrokenLawError when the default text does not load."""
    database = Database(settings.database_url)
    database.migrate()
    place = Workplace(database, open_library(database, settings.rules, settings.default_pack), settings)
    place.library.law(settings.default_pack)
    return place


def open_library(database: Database, rules: Path, default: str) -> Library:
    """Return the texts of the law: those in the folder of rules, and those published, which the store keeps."""

    def published(name: str) -> bytes | None:
        with database.reading() as connection:
            return studio.packed(connection, name)

    return Library(rules, default, published)

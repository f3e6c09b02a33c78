"""A workplace opened from settings: the store brought up to date, the law at hand."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from compliance.config import Settings
from compliance.operations.library import Library
from compliance.operations.workplace import Workplace
from compliance.storage import guards, soundness, studio
from compliance.storage.database import Database, why


class StoreRefusedError(Exception):
    """The store is not one to work on: ``code`` says why, ``values`` what the words name."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def open_workplace(settings: Settings) -> Workplace:
    """Return the workplace, its store made ready.

    Raises:
        StoreRefusedError: where the store's role could undo what guards it, or its schema is to be brought up first.
        BrokenLawError: when the default text does not load.
    """
    database = Database(settings.database_url)
    try:
        _ready(database)
    except StoreRefusedError:
        database.close()
        raise
    place = Workplace(database, open_library(database, settings.rules, settings.default_pack), settings)
    place.library.law(settings.default_pack)
    return place


def _ready(database: Database) -> None:
    """Bring SQLite up to the present schema; on PostgreSQL see that the owner did, and that we are not the owner.

    A later schema is left as it is, so that this programme can start again while a later one takes its place.
    """
    with database.reading() as connection:
        if held := guards.powers(connection):
            raise StoreRefusedError(f"role_{held[0]}", role=guards.role(connection))
        if soundness.serves(connection):
            return
        if connection.dialect.name != "sqlite":
            raise StoreRefusedError("schema_first", schema=soundness.schema_of(connection)[0] or "—")
    database.migrate()


def bring_up(url: str) -> str:
    """Bring a store up to the present schema, as its owner; return its version. Raises StoreRefusedError."""
    try:
        database = Database(url)
        try:
            with database.reading() as connection:
                version, state = soundness.schema_of(connection)
            if version and state == soundness.UNKNOWN:
                raise StoreRefusedError("schema_later", schema=version)
            database.migrate()
            with database.reading() as connection:
                return soundness.schema_of(connection)[0]
        finally:
            database.close()
    except (ArgumentError, SQLAlchemyError, OSError) as error:
        raise StoreRefusedError("not_migrated", why=why(error)) from None


def open_library(database: Database, rules: Path, default: str) -> Library:
    """Return the texts of the law: those in the folder of rules, and those published, which the store keeps."""

    def published(name: str) -> bytes | None:
        with database.reading() as connection:
            return studio.packed(connection, name)

    return Library(rules, default, published)

"""The database: connections set up alike, one transaction for a change, migrations at start."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MS = 10_000
_MIGRATING_MS = 600_000  # who finds another process bringing the schema up waits until it is done
_READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_PASSING = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY")
_PLACES = 0x50797261  # the first number of our lock, apart from those that other programs take in the same database
_OF_ALL = text(f"SELECT pg_advisory_xact_lock({_PLACES}, 0)")
_OF_ONE = text(
    f"SELECT pg_advisory_xact_lock_shared({_PLACES}, 0), pg_advisory_xact_lock(hashtextextended(:org, {_PLACES})),"
    " set_config('app.org', :org, true)"
)
_BOUND = text("SELECT set_config('app.org', :org, true)")  # for policies on rows, until the transaction ends


class Database:
    """Where everything is kept: SQLite by default, or PostgreSQL."""

    def __init__(self, url: str) -> None:
        parsed = address(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(
            parsed,
            pool_size=16,
            max_overflow=32,
            pool_timeout=30,
            pool_pre_ping=parsed.get_backend_name() != "sqlite",  # a server may have been started anew
            hide_parameters=True,  # what people typed stays out of errors, and so out of the process's log
        )
        self._turn = Lock()
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare)
            event.listen(self.engine, "begin", _begin)
        else:
            event.listen(self.engine, "connect", _prepare_postgresql)
            event.listen(self.engine, "begin", _begin_postgresql)

    @contextmanager
    def reading(self, org: str | None = None) -> Iterator[Connection]:
        """Give a connection that sees one state of the data and changes nothing.

        Where an organisation is named, PostgreSQL shows the rows of no other.
        """
        with self.engine.connect() as connection:
            if self.engine.dialect.name != "sqlite":
                connection.execution_options(**_READING, pyramide_org=org)
            yield connection  # what was read is let go as the connection is given back

    @contextmanager
    def writing(self, org: str | None = None) -> Iterator[Connection]:
        """Give a connection whose changes are all kept, or none; the writer's place is taken at once.

        It is that of the whole store on SQLite, and where no organisation is named; else that of the organisation,
        and PostgreSQL shows and changes the rows of no other.
        """
        options = {"pyramide_write": True, "pyramide_org": org}
        with self._in_turn(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let threads of this process write to SQLite one after the other: it would have them sleep and try again.

        Who waited for as long as SQLite waits asks SQLite itself, which answers.
        """
        if self.engine.dialect.name != "sqlite":
            yield
            return
        mine = self._turn.acquire(timeout=_BUSY_MS / 1000)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def migrate(self, version: str = "head") -> None:
        """Bring the schema up to the present one, or to an earlier version that is named.

        Of processes that do so at once, one does it; the others wait, and find it done.
        """
        config = migrations()
        with self.engine.connect() as connection:
            connection.execution_options(pyramide_write=True, pyramide_patient=True)
            if sqlite := self.engine.dialect.name == "sqlite":
                _busy(connection.connection.driver_connection, _MIGRATING_MS)
            try:
                with connection.begin():
                    config.attributes["connection"] = connection
                    command.upgrade(config, version)
            finally:
                if sqlite:
                    _busy(connection.connection.driver_connection, _BUSY_MS)

    def tidy(self) -> None:
        """Bring what was written into the file itself, so that nothing erased stays in the log beside it."""
        if self.engine.dialect.name == "sqlite":
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            finally:
                raw.close()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def migrations() -> Config:
    """Return where the migrations of the schema lie, as their library asks."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def why(error: Exception) -> str:
    """Return what a database said of a failure, in one line."""
    return (str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__])[0]


def away(error: Exception) -> bool:
    """Tell whether the store cannot be reached, is full or is held too long: what passes without a change of ours."""
    if isinstance(error, NoConnectionFreeError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if name := getattr(error.orig, "sqlite_errorname", ""):  # the driver calls a wrong statement operational, too
        return str(name).startswith(_PASSING)
    return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))


def address(url: str) -> URL:
    """Return the parts of a database's address, PostgreSQL's with the driver that is there. Raises ArgumentError."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ArgumentError(f"{parsed.drivername}: neither sqlite nor postgresql")
    return parsed


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are opened by ``_begin``
    _busy(connection, _BUSY_MS)
    _write_ahead(connection)
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _busy(connection: Any, milliseconds: int) -> None:
    connection.execute(f"PRAGMA busy_timeout={milliseconds}").close()


def _write_ahead(connection: Any) -> None:
    """Choose the log written ahead: of a new file, which two processes may open at once; SQLite does not wait there."""
    until = monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("pyramide_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Wait for a lock no longer than SQLite does; moments are UTC already, whatever the server's zone."""
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = {_BUSY_MS}")
    cursor.close()
    connection.commit()  # else the setting goes with the transaction that psycopg has opened for it


def _begin_postgresql(connection: Connection) -> None:
    """Take the writer's place before anything is read: what a change builds on cannot change under it.

    Each statement afterwards sees what was committed before it, so that of the writer who held the place before.
    """
    options = connection.get_execution_options()
    org = options.get("pyramide_org")
    if options.get("pyramide_patient"):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_MIGRATING_MS}")
    if options.get("pyramide_write"):
        connection.execute(_OF_ALL if org is None else _OF_ONE, None if org is None else {"org": org})
    elif org is not None:
        connection.execute(_BOUND, {"org": org})

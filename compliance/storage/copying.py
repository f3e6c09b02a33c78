"""The whole store into one file and back: SQLite by its own copy on line, PostgreSQL by its own tools."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url

_BUSY_SECONDS = 30.0
_SQLITE_HEAD = b"SQLite format 3\0"
_WORDS = 500  # of what a tool says that are passed on


class CopyError(Exception):
    """The store cannot be copied or put back; ``code`` says why, ``why`` what the tool or the system said."""

    def __init__(self, code: str, why: object = "") -> None:
        super().__init__(code)
        self.code, self.why = code, str(why)


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite store, or None for another kind."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def is_sqlite(path: Path) -> bool:
    """Tell whether a file begins as SQLite's do. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_SQLITE_HEAD)) == _SQLITE_HEAD


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a store that may be at work, as it stands at one moment; writers go on meanwhile. Raises CopyError.

    All pages are read within one transaction, so that a writer never makes the copy begin again.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)) as found,
            closing(sqlite3.connect(target)) as made,
        ):
            found.backup(made, pages=-1)
    except sqlite3.Error as error:
        raise CopyError("store_unreadable", error) from None


def at_rest(path: Path) -> bool:
    """Tell whether no process has an SQLite store open; what its log beside it held is then in the file.

    A file that SQLite cannot read counts as at rest.
    """
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    except sqlite3.DatabaseError:
        return True
    return True


# PostgreSQL


def export_snapshot(connection: Connection) -> str:
    """Return the name under which ``pg_dump`` sees just what this transaction sees."""
    return str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())


def surroundings(url: URL, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that names a database to PostgreSQL's tools: a password among arguments could be read."""
    given = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        **{f"PG{name.upper()}": str(value) for name, value in url.query.items() if name in ("host", "sslmode")},
    }
    return {**environment, **{name: value for name, value in given.items() if value}}


def dump_postgresql(url: str, target: Path, snapshot: str) -> None:
    """Write a PostgreSQL store into a file, in the custom format of ``pg_dump``. Raises CopyError.

    Policies on rows bind the tool as they bind the site; as it names no organisation, they let it read all.
    """
    options = ["--format=custom", "--no-owner", "--no-privileges", "--enable-row-security", "--no-password"]
    _run(["pg_dump", *options, f"--snapshot={snapshot}", f"--file={target}"], url)


def load_postgresql(url: str, source: Path) -> None:
    """Put a file of ``dump_postgresql`` into an empty database: all of it or nothing. Raises CopyError."""
    database = make_url(url).database or ""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
    _run(["pg_restore", *options, f"--dbname={database}", str(source)], url)


def _run(command: list[str], url: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and every argument is ours
            command,
            env=surroundings(make_url(url), os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise CopyError("tool_missing", f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        raise CopyError("tool_failed", f"{command[0]}: {done.stderr.decode(errors='replace').strip()[-_WORDS:]}")

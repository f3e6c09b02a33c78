"""Workplaces with a real store, and visitors who use the real pages."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine

from compliance.config import load
from compliance.operations import sign_in
from compliance.operations.library import Library
from compliance.operations.rights import Role
from compliance.operations.site import bring_up, open_library, open_workplace
from compliance.operations.workplace import Workplace
from compliance.storage.database import Database
from tests.offices import Office
from tests.receiver import Receiver


def pytest_addoption(parser):
    parser.addoption("--every-way", action="store_true", help="journeys in every way of use, and what is thorough")


def pytest_collection_modifyitems(config, items):
    """Leave out what says the same of more examples, unless --every-way; what takes longest begins first."""
    if not config.getoption("--every-way"):
        left = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
    items.sort(key=lambda item: (not item.path.is_relative_to(config.rootpath / "tests/browser"), _place(item.path)))


LONGEST = ("test_reports.py", "test_studio.py", "test_law.py", "test_pdf.py", "test_verifying.py", "test_word.py")


def _place(path):
    """Return where the tests of a file stand: the longest first, so that no worker is left with one at the end."""
    return LONGEST.index(path.name) if path.name in LONGEST else len(LONGEST)


@pytest.fixture
def examples(request):
    """Return how many examples to draw: a fourth of those wished for, or all of them with --every-way."""
    return (lambda wished: wished) if request.config.getoption("--every-way") else (lambda wished: wished // 4)


class Clock:
    """A clock that tests can turn."""

    def __init__(self):
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def forward(self, **by):
        self.now += timedelta(**by)


@pytest.fixture(scope="session", autouse=True)
def product_hasher():
    """Hash passwords with little memory, as hundreds of people sign in; return what the product hashes with."""
    kept = sign_in._HASHER
    sign_in._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    sign_in._nobody.cache_clear()
    yield kept
    sign_in._HASHER = kept


@pytest.fixture(scope="session")
def blank_store(tmp_path_factory) -> Path:
    """Return a store with its schema and nothing in it, to copy."""
    folder = tmp_path_factory.mktemp("blank")
    place = open_workplace(load({"PYRAMIDE_INSTANCE": str(folder)}))
    place.database.engine.raw_connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    place.database.close()
    return folder / "pyramide.sqlite"


@pytest.fixture(scope="session")
def server():
    """Return how to make databases on the PostgreSQL server that PYRAMIDE_TEST_DATABASE names; None without it."""
    address = os.environ.get("PYRAMIDE_TEST_DATABASE")
    if not address:
        yield None
        return
    made = Server(address)
    yield made
    made.close()


class Server:
    """A PostgreSQL server that tests may make databases on; each test has one, copied from a migrated one.

    As in deploy/database.sh, one role owns the tables and another works on them.
    """

    def __init__(self, address):
        self.engine = create_engine(address, isolation_level="AUTOCOMMIT")
        self.made = 0
        self.role = f"pyramide_{os.getpid()}"
        self.owner = f"{self.role}_owner"  # as guards.py of the tests knows
        for role in (self.role, self.owner):
            self._run(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'")
        self.template = self._create("template1")
        bring_up(self.url(self.template, self.owner))

    def _create(self, template):
        self.made += 1
        name = f"pyramide_{os.getpid()}_{self.made}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {self.owner}")
        if template == "template1":
            engine = create_engine(self.url(name, self.owner), isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql(
                    f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {self.role}"
                )
            engine.dispose()
        return name

    def _run(self, statement):
        with self.engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def url(self, name, role=None):
        role = role or self.role
        return self.engine.url.set(database=name, username=role, password=role).render_as_string(hide_password=False)

    def database(self, template=None):
        """Make a database with the present schema (or an empty one, from "template1"); return its name."""
        return self._create(template or self.template)

    def drop(self, name):
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self):
        self.drop(self.template)
        self._run(f"DROP ROLE {self.role}, {self.owner}")
        self.engine.dispose()


@pytest.fixture(scope="session")
def library() -> Library:
    settings = load({"PYRAMIDE_SECRET_KEY": "x" * 64})
    return Library(settings.rules, settings.default_pack)


@pytest.fixture
def receiver():
    """Return a server on this machine that keeps what it is sent."""
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def empty_store(tmp_path, request, server):
    """Return the setting that names a store with its schema and nothing in it."""
    if server is None:
        shutil.copy(request.getfixturevalue("blank_store"), tmp_path / "pyramide.sqlite")
        yield {}
        return
    name = server.database()
    yield {"PYRAMIDE_DATABASE_URL": server.url(name)}
    server.drop(name)


@pytest.fixture
def place(tmp_path, empty_store, library, clock):
    """Return a workplace with an empty store of its own."""
    environment = {"PYRAMIDE_INSTANCE": str(tmp_path), "PYRAMIDE_BASE_URL": "http://localhost", **empty_store}
    settings = load(environment)
    database = Database(settings.database_url)
    # Loaded texts are kept by what they hold, whoever published them: the law is read once for all tests.
    library.published = open_library(database, settings.rules, settings.default_pack).published
    made = Workplace(database, library, settings, clock)
    yield made
    made.database.close()


@pytest.fixture
def office(place) -> Office:
    """Return an organisation with one person of each role."""
    return Office.open(place, "Aciérie du Nord", {role.value: frozenset((role,)) for role in Role})

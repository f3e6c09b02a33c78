"""Workplaces with a real store, and visitors who use the real pages."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from compliance.config import load
from compliance.operations import sign_in
from compliance.operations.library import Library
from compliance.operations.rights import Role
from compliance.operations.site import open_workplace
from compliance.operations.workplace import Workplace
from tests.offices import Office


def pytest_addoption(parser):
    parser.addoption("--every-way", action="store_true", help="journeys in every way of use, and what is thorough")


def pytest_collection_modifyitems(config, items):
    """Leave out what says the same of more examples, unless --every-way; what takes longest begins first."""
    if not config.getoption("--every-way"):
        left = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
    items.sort(key=lambda item: not item.path.is_relative_to(config.rootpath / "tests/browser"))


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
    kept = sign_in._HASHER, sign_in._NOBODY
    sign_in._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    sign_in._NOBODY = sign_in._HASHER.hash("nobody")
    yield kept[0]
    sign_in._HASHER, sign_in._NOBODY = kept


@pytest.fixture(scope="session")
def blank_store(tmp_path_factory) -> Path:
    """Return a store with its schema and nothing in it, to copy."""
    folder = tmp_path_factory.mktemp("blank")
    place = open_workplace(load({"PYRAMIDE_INSTANCE": str(folder)}))
    place.database.engine.raw_connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    place.database.close()
    return folder / "pyramide.sqlite"


@pytest.fixture(scope="session")
def library() -> Library:
    settings = load({"PYRAMIDE_SECRET_KEY": "x" * 64})
    return Library(settings.rules, settings.default_pack)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def place(tmp_path, blank_store, library, clock):
    """Return a workplace with an empty store of its own."""
    shutil.copy(blank_store, tmp_path / "pyramide.sqlite")
    environment = {"PYRAMIDE_INSTANCE": str(tmp_path), "PYRAMIDE_BASE_URL": "http://localhost"}
    settings = load(environment)
    opened = open_workplace(settings)
    library.published = opened.library.published  # loaded texts are kept by what they hold, whoever published them
    made = Workplace(opened.database, library, settings, clock)
    yield made
    made.database.close()


@pytest.fixture
def office(place) -> Office:
    """Return an organisation with one person of each role."""
    return Office.open(place, "Aciérie du Nord", {role.value: frozenset((role,)) for role in Role})

"""Which databases the product runs on."""

import pytest
from sqlalchemy.exc import ArgumentError

from compliance.config import SettingError, load
from compliance.storage.database import Database

ENOUGH = {"PYRAMIDE_SECRET_KEY": "x" * 64}


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_the_driver_that_is_there(scheme):
    url = f"{scheme}://site:secret@db.example/pyramide"
    assert load({**ENOUGH, "PYRAMIDE_DATABASE_URL": url}).database_url == url
    database = Database(url)
    assert database.engine.url.drivername == "postgresql+psycopg"
    assert "secret" not in repr(database.engine.url)


@pytest.mark.parametrize("url", ["mysql://site:secret@db.example/pyramide", "postgresql+psycopg2://a:secret@b/c", ""])
def test_another_database_is_refused_without_saying_its_password(url):
    with pytest.raises(SettingError, match="PYRAMIDE_DATABASE_URL") as refused:
        load({**ENOUGH, "PYRAMIDE_DATABASE_URL": url})
    with pytest.raises(ArgumentError) as wrong:
        Database(url)
    assert "secret" not in f"{refused.value} {wrong.value}"

"""The schema that migrations make is the one that the code uses."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from compliance.storage.schema import SCHEMA


def test_the_head_of_the_migrations_is_the_tables(place):
    with place.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SCHEMA) == []


def test_every_connection_is_set_up_safely(place):
    with place.database.reading() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value

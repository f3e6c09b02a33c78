"""The schema that migrations make is the one that the code uses."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from compliance.storage.database import Database
from compliance.storage.schema import SCHEMA


def test_the_head_of_the_migrations_is_the_tables(place):
    with place.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SCHEMA) == []


def test_every_connection_is_set_up_safely(place):
    with place.database.reading() as connection:
        if connection.dialect.name == "postgresql":
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "10s"
            return
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_actions_and_their_evidence_outlive_the_table_that_is_made_anew(tmp_path, clock):
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    database.migrate("0005")
    old = MetaData()
    with database.writing() as connection:
        old.reflect(connection)

        def put(table, **values):
            for column in old.tables[table].columns:
                if not column.nullable and column.name not in values and column.server_default is None:
                    kind = column.type.python_type
                    values[column.name] = clock().replace(tzinfo=None) if kind is type(clock()) else kind()
            connection.execute(old.tables[table].insert(), values)

        put("person", id="p")
        put("organisation", id="o")
        for id_, known in (("placed", 'carbon="informal"'), ("other", 'technique="machine_learning"')):
            put("use_case", org_id="o", id=id_, known=known, created_by="p", reference=len(id_))
        for id_ in ("a", "b"):
            put("action", org_id="o", id=id_, case_id="placed", obligation=id_, comment=f"fait {id_}", needed=True)
        put("evidence", org_id="o", id="e", case_id="placed", action_id="a", person_id="p")
    database.migrate("head")
    with database.writing() as connection:
        run = connection.exec_driver_sql
        assert run("SELECT id, comment, needed FROM action ORDER BY id").fetchall() == [
            ("a", "fait a", 1),
            ("b", "fait b", 1),
        ]
        assert run("PRAGMA foreign_key_check").fetchall() == []
        assert run("SELECT count(*) FROM evidence JOIN action ON action.id = action_id").scalar() == 1
        assert run("SELECT id FROM use_case WHERE stale").scalars().all() == ["placed"]
        assert run("SELECT count(*) FROM sqlite_master WHERE name = 'action_kept'").scalar() == 0
        sql = run("SELECT sql FROM sqlite_master WHERE name = 'evidence'").scalar()
        assert "REFERENCES action " in sql
    database.close()

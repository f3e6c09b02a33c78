"""The schema that migrations make is the one that the code uses."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from compliance.storage.database import Database, migrations
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


CHILD = """
import sys
from compliance.operations.site import bring_up
print("ready", flush=True)
for url in sys.stdin:
    try:
        print(bring_up(url.strip()), flush=True)
    except Exception as error:
        print(repr(error), error.__dict__, flush=True)
"""


@pytest.fixture
def two_at_once():
    """Return how to have two processes bring the same store up, and what each says."""
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [child.stdout.readline() for child in children] == ["ready\n"] * 2

    def tell(url):
        for child in children:
            child.stdin.write(url + "\n")
        for child in children:
            child.stdin.flush()
        return [child.stdout.readline().strip() for child in children]

    yield tell
    for child in children:
        child.communicate()


def test_two_processes_that_bring_a_store_up_at_once_both_succeed(two_at_once, tmp_path, server):
    present = ScriptDirectory.from_config(migrations()).get_current_head()
    for turn in range(6):
        url = f"sqlite:///{tmp_path / f'{turn}.sqlite'}"
        if turn % 2:
            database = Database(url)
            database.migrate("0005")
            database.close()
        assert two_at_once(url) == [present] * 2
    if server is not None:
        name = server.database("template1")
        assert two_at_once(server.url(name, server.owner)) == [present] * 2
        server.drop(name)


def test_who_finds_the_store_held_for_long_waits_to_bring_it_up(tmp_path, monkeypatch):
    """Longer than anybody waits to save: another process's migration may take its time."""
    monkeypatch.setattr("compliance.storage.database._BUSY_MS", 50)
    url = f"sqlite:///{tmp_path / 'held.sqlite'}"
    holder, other = Database(url), Database(url)
    holder.migrate("0005")
    with ThreadPoolExecutor(1) as pool:
        with holder.writing():
            waiting = pool.submit(other.migrate)
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
        waiting.result(20)
    for database in (holder, other):
        database.close()

"""The schema that migrations make is the one that the code uses."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect

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


class Shape:
    """What a schema asks of whoever writes to it."""

    def __init__(self, connection):
        found = inspect(connection)
        self.tables = {name: {c["name"]: c for c in found.get_columns(name)} for name in found.get_table_names()}
        self.laid = {name: set(_laid(found, name)) for name in self.tables}
        if connection.dialect.name == "sqlite":
            statement = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
            for table, trigger in connection.exec_driver_sql(statement):
                self.laid[table].add(("trigger", trigger))


def _laid(found, name):
    """Yield what a table refuses."""
    for key in found.get_unique_constraints(name):
        yield "unique", *key["column_names"]
    for index in found.get_indexes(name):
        if index["unique"]:
            yield "unique", *index["column_names"], index["name"]
    for key in found.get_foreign_keys(name):
        yield "reference", key["referred_table"], *key["constrained_columns"]
    for check in found.get_check_constraints(name):
        yield "check", check["sqltext"]


def more_than_added(before, after):
    """Yield what a migration did to what was there that the version before cannot live with."""
    for table, columns in before.tables.items():
        now = after.tables.get(table)
        if now is None:
            yield f"{table} is gone"
            continue
        yield from (f"{table}.{name} is gone" for name in columns.keys() - now.keys())
        for name, column in now.items():
            was = columns.get(name)
            if was is None and not column["nullable"] and column["default"] is None:
                yield f"{table}.{name} must be given"
            elif was is not None and was["nullable"] and not column["nullable"]:
                yield f"{table}.{name} must be given now"
            elif was is not None and str(was["type"]) != str(column["type"]):
                yield f"{table}.{name} is of another kind"
        yield from (f"{table} refuses more: {laid}" for laid in after.laid[table] - before.laid[table])


def _shape(database, version):
    database.migrate(version)
    with database.reading() as connection:
        return Shape(connection)


def test_each_migration_only_adds_to_what_the_version_before_knows(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'grown.sqlite'}")
    revisions = [one.revision for one in ScriptDirectory.from_config(migrations()).walk_revisions()][::-1]
    before = _shape(database, "0006")
    assert revisions.index("0006") == 5
    for version in revisions[6:]:
        after = _shape(database, version)
        assert list(more_than_added(before, after)) == [], version
        before = after
    database.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE throttle", "throttle is gone"),
        ("ALTER TABLE throttle RENAME COLUMN failures TO failed", "throttle.failures is gone"),
        ("ALTER TABLE sample_item DROP COLUMN looked_at", "sample_item.looked_at is gone"),
        ("ALTER TABLE throttle ADD COLUMN why TEXT REFERENCES person (id)", "throttle refuses more"),
        ("CREATE UNIQUE INDEX one ON throttle (failures)", "throttle refuses more"),
        ("CREATE TRIGGER no BEFORE DELETE ON throttle BEGIN SELECT RAISE(ABORT, 'no'); END", "throttle refuses more"),
        ("ALTER TABLE throttle ADD COLUMN why TEXT", None),
        ("ALTER TABLE throttle ADD COLUMN often INTEGER NOT NULL DEFAULT 0", None),
        ("CREATE INDEX often ON throttle (failures)", None),
        ("CREATE TABLE another (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE)", None),
    ],
)
def test_what_does_more_than_add_is_named(empty_store, tmp_path, statement, said):
    database = Database(f"sqlite:///{tmp_path / 'pyramide.sqlite'}")
    database.migrate()
    with database.writing() as connection:
        before = Shape(connection)
        connection.exec_driver_sql(statement)
        found = list(more_than_added(before, Shape(connection)))
    assert found[0].startswith(said) if said else found == []
    database.close()

"""What holds on PostgreSQL alone: run with script/with-postgresql, left out without it."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.exc import DBAPIError

from compliance.cli import FAILED, OK, WRONG, main
from compliance.config import places
from compliance.operations import keeping, organisation
from compliance.operations.rights import Role
from compliance.operations.site import bring_up
from compliance.operations.workplace import work
from compliance.storage import audit, guards, law_texts, soundness, tables
from compliance.storage.database import Database
from compliance.storage.schema import SCHEMA
from tests.offices import Office
from tests.storage.guards import owning

pytestmark = pytest.mark.skipif("PYRAMIDE_TEST_DATABASE" not in os.environ, reason="no PostgreSQL")
WRITERS = 8
UNBOUND_TABLES = {"link", "session"}


@pytest.fixture
def other(place):
    return Office.open(place, "Verrerie du Sud", {Role.OFFICER.value: frozenset((Role.OFFICER,))})


def test_the_log_never_forks_under_writers_at_once(place, office):
    def write(number):
        for turn in range(10):
            organisation.add_named(place, office.people["officer"], "site", f"Site {number}.{turn}")

    with place.database.reading(office.org) as connection:
        before = connection.execute(select(func.max(tables.audit_entry.c.seq))).scalar_one()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with place.database.reading() as connection:
        found = connection.execute(
            select(tables.audit_entry.c.seq).where(tables.audit_entry.c.org_id == office.org).order_by("seq")
        )
        assert found.scalars().all() == list(range(1, before + WRITERS * 10 + 1))
        assert audit.broken_at(connection, office.org) is None


def test_who_changes_the_whole_store_waits_for_all_and_one_organisation_for_no_other(place, office, other):
    held, done = Event(), Event()

    def hold():
        with work(place, office.people["officer"]) as unit:
            unit.log("site.added", "x")
            held.set()
            assert done.wait(20)

    def whole():
        with place.database.writing():
            return True

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(hold)
        assert held.wait(20)
        organisation.add_named(place, other.people["officer"], "site", "Albi")  # waits for nobody
        second = pool.submit(whole)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        done.set()
        first.result(20)
        assert second.result(20)


def test_a_reader_sees_one_state_and_changes_nothing(place, office):
    sites = select(func.count()).select_from(tables.site)
    with place.database.reading() as connection:
        before = connection.execute(sites).scalar_one()
        office.site("Figeac")
        assert connection.execute(sites).scalar_one() == before
    with place.database.reading() as connection:
        assert connection.execute(sites).scalar_one() == before + 1
        with pytest.raises(DBAPIError, match="read-only transaction"):
            connection.execute(update(tables.site), {"name": "x"})


def test_no_row_of_another_organisation_is_seen_or_changed_whatever_the_query_forgets(place, office, other):
    office.site("Figeac")
    with place.database.reading(other.org) as connection:
        assert connection.execute(select(tables.site)).all() == []
        assert set(connection.execute(select(tables.membership.c.org_id)).scalars()) == {other.org}
    with place.database.writing(other.org) as connection:
        assert connection.execute(update(tables.site), {"name": "x"}).rowcount == 0
    stray = {"org_id": office.org, "id": "stray", "name": "x", "version": 1}
    with place.database.writing(other.org) as connection, pytest.raises(DBAPIError, match="row-level security"):
        connection.execute(tables.site.insert(), stray)
    with place.database.reading() as connection:  # what an earlier transaction was bound to is forgotten
        assert connection.execute(select(tables.site.c.name)).scalars().all() == ["Figeac"]


def test_an_actor_of_one_organisation_cannot_work_in_another(place, office, other):
    stranger = replace(office.people["officer"], org_id=other.org)
    case_id = office.case()
    with work(place, stranger) as unit:
        found = unit.connection.execute(select(tables.use_case).where(tables.use_case.c.id == case_id)).all()
        unit.log("site.added", "x")
    assert found == []


def test_every_table_of_organisations_is_bound_by_a_policy(place):
    with place.database.reading() as connection:
        statement = (
            "SELECT relname FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid"
            " WHERE relrowsecurity AND relforcerowsecurity"
        )
        bound = set(connection.exec_driver_sql(statement).scalars())
    assert bound == {table.name for table in SCHEMA.sorted_tables if "org_id" in table.c} - UNBOUND_TABLES


def test_a_store_as_migrations_make_it_is_guarded(place):
    with place.database.reading() as connection:
        found = list(guards.made_otherwise(connection))
        assert set(found) == {None}
        assert len(found) == len({table for table in SCHEMA.tables.values() if "org_id" in table.c}) - 2 + 3


ANY = "ALTER POLICY site_of_one ON site USING (coalesce(current_setting('app.org', true), '') IN ('', org_id) OR true)"
FREE = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger AS $$ BEGIN RETURN NEW; END $$ LANGUAGE plpgsql"
KEPT = "{} TRIGGER {} BEFORE {} ON report FOR EACH ROW EXECUTE FUNCTION report_never_changes()"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("ALTER TABLE answer DISABLE ROW LEVEL SECURITY", "answer_of_one"),
        ("ALTER TABLE answer NO FORCE ROW LEVEL SECURITY", "answer_of_one"),
        ("DROP POLICY report_of_one ON report", "report_of_one"),
        ("CREATE POLICY other ON site USING (true)", "site_of_one"),
        ("ALTER POLICY site_of_one ON site USING (org_id IS NOT NULL)", "site_of_one"),
        ("ALTER POLICY site_of_one ON site TO pg_monitor", "site_of_one"),
        (ANY, "site_of_one"),
        ("DROP TRIGGER audit_entry_kept ON audit_entry", "audit_entry_kept"),
        ("ALTER TABLE report DISABLE TRIGGER report_kept", "report_kept"),
        (FREE.format("audit_entry_only_grows"), "audit_entry_kept"),
        (KEPT.format("CREATE OR REPLACE", "report_kept", "UPDATE"), "report_kept"),
        (KEPT.format("CREATE", "another", "INSERT"), "another"),
    ],
)
def test_a_guard_that_is_gone_or_weakened_is_named(place, statement, name):
    with place.database.reading() as connection, owning(connection) as owner:
        owner.exec_driver_sql(statement)
        owner.commit()
        codes = {fault.values["name"] for check in soundness.contents(connection)[:1] for fault in check.faults}
    assert codes == {name}


def changed(server, name, statement):
    """Run a statement as superuser in a database of a test."""
    engine = create_engine(server.engine.url.set(database=name), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def started(monkeypatch, capsys, url, tmp_path, *command):
    monkeypatch.setenv("PYRAMIDE_DATABASE_URL", url)
    monkeypatch.setenv("PYRAMIDE_INSTANCE", str(tmp_path))
    code = main(["--lang", "en", *command])
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.mark.parametrize(
    ("given", "taken", "words"),
    [
        ("ALTER ROLE {site} BYPASSRLS", "ALTER ROLE {site} NOBYPASSRLS", "bypasses policies"),
        ("ALTER ROLE {site} SUPERUSER", "ALTER ROLE {site} NOSUPERUSER", "is a superuser"),
        ("GRANT {owner} TO {site}", "REVOKE {owner} FROM {site}", "owns the tables"),
        ("GRANT TRUNCATE ON answer TO {site}", "REVOKE TRUNCATE ON answer FROM {site}", "may empty tables"),
    ],
)
def test_the_site_starts_under_no_role_that_could_undo_its_guards(
    place, server, monkeypatch, capsys, tmp_path, given, taken, words
):
    name = place.database.engine.url.database
    roles = {"site": server.role, "owner": server.owner}
    assert started(monkeypatch, capsys, server.url(name), tmp_path, "remind")[0] == OK
    changed(server, name, given.format(**roles))
    try:
        code, said = started(monkeypatch, capsys, server.url(name), tmp_path, "remind")
        assert (code, words in said, server.role in said) == (WRONG, True, True), said
        code, said = started(monkeypatch, capsys, server.url(name), tmp_path, "verify-store")
        assert (code, words in said) == (FAILED, True), said
    finally:
        changed(server, name, taken.format(**roles))
    assert started(monkeypatch, capsys, server.url(name), tmp_path, "verify-store")[0] == OK


def test_the_owner_brings_the_schema_up_and_the_site_says_so_until_then(server, monkeypatch, capsys, tmp_path):
    name = server.database("template1")
    site, owner = server.url(name), server.url(name, server.owner)
    try:
        code, said = started(monkeypatch, capsys, site, tmp_path, "remind")
        assert (code, "compliance migrate" in said) == (WRONG, True)
        code, said = started(monkeypatch, capsys, site, tmp_path, "migrate")
        assert (code, "permission denied" in said) == (WRONG, True), said
        code, said = started(monkeypatch, capsys, owner, tmp_path, "migrate")
        assert code == OK, said
        assert started(monkeypatch, capsys, site, tmp_path, "remind")[0] == OK
        code, said = started(monkeypatch, capsys, owner, tmp_path, "remind")
        assert (code, "owns the tables" in said) == (WRONG, True)
        changed(server, name, "UPDATE alembic_version SET version_num = '9999'")
        code, said = started(monkeypatch, capsys, owner, tmp_path, "migrate")
        assert (code, "later programme" in said) == (WRONG, True)
    finally:
        server.drop(name)


def test_the_roles_of_the_examples_are_those_that_are_asked_for():
    """script/with-postgresql makes a database by deploy/database.sh."""
    bring_up(os.environ["PYRAMIDE_TEST_OWNER"])
    for name, held in (("SITE", ()), ("OWNER", ("owner",)), ("DATABASE", ("superuser",))):
        database = Database(os.environ[f"PYRAMIDE_TEST_{name}"])
        with database.reading() as connection:
            assert guards.powers(connection) == held
        database.close()


def test_two_organisations_keep_the_same_text_of_the_law(place, clock):
    values = {"hash": "a" * 64, "folder": "f", "version": "1", "content": b"x", "at": clock()}
    with place.database.writing("one") as one, ThreadPoolExecutor(1) as pool:
        law_texts.keep(one, **values)

        def keep():
            with place.database.writing("two") as two:
                law_texts.keep(two, **values)
                return law_texts.has(two, values["hash"])

        second = pool.submit(keep)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        one.commit()
        assert second.result(20)


def test_a_backup_holds_the_rows_of_everybody_and_is_put_back(place, office, other, server, tmp_path, clock):
    office.case()
    instance = tmp_path / "kept"
    instance.mkdir()
    url = place.database.engine.url.render_as_string(hide_password=False)
    kept = keeping.backup(places({"PYRAMIDE_INSTANCE": str(instance), "PYRAMIDE_DATABASE_URL": url}), tmp_path, clock())
    assert kept.examined.sound
    assert {head.org for head in kept.manifest.heads} == {office.org, other.org}
    name = server.database("template1")
    try:
        found = places({"PYRAMIDE_INSTANCE": str(tmp_path / "new"), "PYRAMIDE_DATABASE_URL": server.url(name)})
        back = keeping.restore(kept.path, replace(found, database_url=server.url(name, server.owner)), clock())
        assert keeping.check_store(found).sound
        assert back.examined.sound
        assert [head.size for head in back.examined.heads] == [head.size for head in kept.manifest.heads]
    finally:
        server.drop(name)

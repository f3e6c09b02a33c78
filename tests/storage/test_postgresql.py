"""What holds on PostgreSQL alone: run with script/with-postgresql, left out without it."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from compliance.config import places
from compliance.operations import keeping, organisation
from compliance.operations.rights import Role
from compliance.operations.workplace import work
from compliance.storage import audit, law_texts, tables
from compliance.storage.schema import SCHEMA
from tests.offices import Office

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
        assert not connection.exec_driver_sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").scalar_one()
    assert bound == {table.name for table in SCHEMA.sorted_tables if "org_id" in table.c} - UNBOUND_TABLES


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
        back = keeping.restore(kept.path, found, clock())
        assert back.examined.sound
        assert [head.size for head in back.examined.heads] == [head.size for head in kept.manifest.heads]
    finally:
        server.drop(name)

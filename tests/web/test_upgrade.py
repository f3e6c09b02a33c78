"""The next version takes the place of this one: this one goes on at work on the store that the next brought up."""

from contextlib import contextmanager

import pytest

from compliance.operations.site import StoreRefusedError, bring_up, open_workplace
from compliance.operations.workplace import Workplace
from tests.storage.guards import owning
from tests.web.test_adversity import TYPED, Desk, question

LATER = (
    "ALTER TABLE answer ADD COLUMN certainty INTEGER",
    "ALTER TABLE use_case ADD COLUMN colour VARCHAR(20) DEFAULT 'grey' NOT NULL",
    "ALTER TABLE session ADD COLUMN device VARCHAR(20)",
    "ALTER TABLE audit_entry ADD COLUMN place VARCHAR(20)",
    "CREATE TABLE later (org_id VARCHAR(32), id VARCHAR(32), PRIMARY KEY (org_id, id))",
    "UPDATE alembic_version SET version_num = '9999'",
)


@contextmanager
def _owner(place):
    if place.database.engine.dialect.name == "sqlite":
        with place.database.writing() as connection:
            yield connection
    else:
        with place.database.engine.connect() as connection, owning(connection) as owner:
            yield owner


def test_a_site_at_work_goes_on_when_its_store_is_brought_up_beneath_it(place):
    desk = Desk(place)
    desk.save(0)
    with _owner(place) as connection:
        for statement in LATER:
            connection.exec_driver_sql(statement)
    assert desk.visitor.get("/ready").get_data(as_text=True) == "ready\n"
    desk.save(1, comment="après")
    desk.visitor.get(f"/use-cases/{desk.case}", 200)
    desk.visitor.get("/", 200)
    assert desk.place.database.engine.pool.checkedout() == 0
    office, before = desk.office, desk.counted()
    assert office.case("Commencé après")
    # a process of this version may start again, and changes nothing of what it does not know
    again = open_workplace(place.settings)
    other = Desk(Workplace(again.database, place.library, place.settings, place.clock))
    other.save(0)
    assert other.counted()[-1] == (1, TYPED)
    assert desk.counted() == before
    with again.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"
        assert connection.exec_driver_sql("SELECT DISTINCT colour FROM use_case").scalars().all() == ["grey"]
    again.database.close()
    with pytest.raises(StoreRefusedError, match="schema_later"):
        bring_up(place.settings.database_url)


@pytest.mark.parametrize("version", ["", "other", "0000"])
def test_a_store_of_no_schema_of_ours_is_not_ready(place, version):
    desk = Desk(place)
    with _owner(place) as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    assert desk.visitor.get("/ready", 503).get_data(as_text=True) == "schema\n"
    desk.visitor.get(question(desk.case), 200)

"""The triggers that keep the log and what was issued, taken away for tests that tamper with them."""

from contextlib import contextmanager

from sqlalchemy import Connection, create_engine


def unguard(connection: Connection, table: str) -> None:
    """Let the rows of a table be changed and removed: on PostgreSQL that takes the role that owns it."""
    if connection.dialect.name == "postgresql":
        with owning(connection) as owner:
            owner.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return
    run = connection.exec_driver_sql
    found = run("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,))
    for name in found.scalars().all():
        run(f'DROP TRIGGER "{name}"')


@contextmanager
def owning(connection: Connection):
    """Give another connection to the same database of a test, as the role that owns it."""
    url = connection.engine.url
    role = f"{url.username}_owner"
    engine = create_engine(url.set(username=role, password=role))
    with engine.begin() as owner:
        yield owner
    engine.dispose()

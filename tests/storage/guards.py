"""The triggers that keep the log and what was issued, taken away for tests that tamper with them."""

from sqlalchemy import Connection


def unguard(connection: Connection, table: str) -> None:
    """Let the rows of a table be changed and removed."""
    run = connection.exec_driver_sql
    if connection.dialect.name == "postgresql":
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return
    found = run("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,))
    for name in found.scalars().all():
        run(f'DROP TRIGGER "{name}"')

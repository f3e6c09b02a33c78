"""What guards a store: triggers and policies as migrations make them, and a role that cannot take them away.

On PostgreSQL whoever owns a table may take its triggers and policies away, and a superuser or a role that bypasses row
security is bound by no policy at all. So the site works under another role (docs/decisions/0015-postgresql.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from compliance.storage.database import Database, migrations
from compliance.storage.schema import SCHEMA

_WORD = re.compile(r"\w+")
_UNBOUND = frozenset(("link", "session"))  # people's before anybody knows the organisation
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\) RETURNS trigger AS \$\$(.*?)\$\$", re.DOTALL)
_TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+) BEFORE UPDATE OR DELETE ON (\w+)\s+FOR EACH ROW EXECUTE FUNCTION (\w+)\(\)"
)
_BEFORE_EACH_ROW = 1 | 2 | 8 | 16  # of pg_trigger.tgtype: row, before, delete, update
_SPELLING = re.compile(r"::\w+|[()\s]")
_APP_ORG = "coalescecurrent_setting'app.org',true,''"
_CONDITIONS = frozenset(  # of v0007, as versions of PostgreSQL spell "in" anew
    (f"{_APP_ORG}=''or{_APP_ORG}=org_id", f"{_APP_ORG}=anyarray['',org_id]")
)
_POWERS = text(
    "SELECT bool_or(rolsuper) AS superuser, bool_or(rolbypassrls) AS bypassrls,"
    # who owns the schema may drop what is in it
    " EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    "  WHERE nspname = current_schema() AND relkind IN ('r', 'p')"
    "  AND (pg_has_role(relowner, 'MEMBER') OR pg_has_role(nspowner, 'MEMBER'))) AS owner,"
    # no trigger of a row hears that a table is emptied
    " EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    "  WHERE nspname = current_schema() AND relkind IN ('r', 'p')"
    "  AND has_table_privilege(c.oid, 'TRUNCATE')) AS empties"
    " FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')"
)


def powers(connection: Connection) -> tuple[str, ...]:
    """Return what the connection's role may do that the site's must not: none of it on SQLite, which has no roles.

    The words are "superuser", "bypassrls", "owner" (of a table or of their schema) and "empties" (tables, at one go). A
    superuser has all the others: they are not told then, nor "empties" of an owner.
    """
    if connection.dialect.name == "sqlite":
        return ()
    found = connection.execute(_POWERS).mappings().one()
    if found["superuser"]:
        return ("superuser",)
    return tuple(name for name, has in found.items() if has and not (name == "empties" and found["owner"]))


def role(connection: Connection) -> str:
    """Return the name of the connection's role; "" on SQLite."""
    if connection.dialect.name == "sqlite":
        return ""
    return str(connection.exec_driver_sql("SELECT current_user").scalar_one())


def made_otherwise(connection: Connection) -> Iterator[str | None]:
    """Yield, for each thing that a store is made of, None or the name of what is not made as migrations make it."""
    if connection.dialect.name == "sqlite":
        expected = _fresh()
        found = _made(connection)
        for name in sorted(expected.keys() | found.keys()):
            yield None if expected.get(name) == found.get(name) else name
        return
    yield from _triggers(connection)
    yield from _policies(connection)


def _fresh() -> dict[str, list[str]]:
    with TemporaryDirectory() as folder:
        fresh = Database(f"sqlite:///{folder}/fresh.sqlite")
        fresh.migrate()
        with fresh.reading() as other:
            expected = _made(other)
        fresh.close()
    return expected


def _made(connection: Connection) -> dict[str, list[str]]:
    """Return of what words each thing is made; a table that a migration copied has its constraints in any order."""
    statement = "SELECT name, type, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL"
    return {
        name: sorted(_WORD.findall(sql)) if kind == "table" else sql.split()
        for name, kind, sql in connection.exec_driver_sql(statement)
    }


@cache
def _written() -> tuple[dict[str, list[str]], dict[str, tuple[str, str]]]:
    """Return what migrations write for PostgreSQL: words of functions by name, tables and functions of triggers."""
    functions: dict[str, list[str]] = {}
    triggers: dict[str, tuple[str, str]] = {}
    revisions = list(ScriptDirectory.from_config(migrations()).walk_revisions())
    for revision in reversed(revisions):
        for value in vars(revision.module).values():
            if isinstance(value, str):
                functions |= {name: body.split() for name, body in _FUNCTION.findall(value)}
                triggers |= {name: (table, function) for name, table, function in _TRIGGER.findall(value)}
    return functions, triggers


def _triggers(connection: Connection) -> Iterator[str | None]:
    """Check the triggers that keep log, reports and published versions: there, at work, with the words of ours."""
    functions, triggers = _written()
    rows = connection.exec_driver_sql(
        "SELECT tgname, relname, proname, prosrc, tgtype, tgenabled, tgqual IS NOT NULL FROM pg_trigger"
        " JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid"
        " JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = current_schema() AND NOT tgisinternal"
    )
    found = {row[0]: row[1:] for row in rows}
    for name in sorted(triggers.keys() | found.keys()):
        if name not in triggers or name not in found:
            yield name  # gone, or added by somebody: it could change what is written
            continue
        table, function, source, kind, enabled, conditional = found[name]
        good = (table, function) == triggers[name] and source.split() == functions.get(function)
        yield None if good and kind == _BEFORE_EACH_ROW and enabled in ("O", "A") and not conditional else name


def _policies(connection: Connection) -> Iterator[str | None]:
    """Check that every table of organisations is bound by the one policy of ours, its owner too.

    A second policy would open what the first one bounds, as PostgreSQL joins them by "or".
    """
    rows = connection.exec_driver_sql(
        "SELECT relname, relrowsecurity AND relforcerowsecurity, polname, polcmd, polpermissive, polroles = '{0}',"
        " polwithcheck IS NULL, pg_get_expr(polqual, polrelid)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN pg_policy ON polrelid = c.oid"
        " WHERE nspname = current_schema() AND relkind IN ('r', 'p')"
    )
    found: dict[str, list[tuple[object, ...]]] = {}
    for table, *rest in rows:
        found.setdefault(table, []).append(tuple(rest))
    for table in SCHEMA.sorted_tables:
        if "org_id" not in table.c or table.name in _UNBOUND:
            continue
        policies = found.get(table.name, [])
        yield None if len(policies) == 1 and _bounds(table.name, policies[0]) else f"{table.name}_of_one"


def _bounds(table: str, policy: tuple[object, ...]) -> bool:
    forced, name, command, permissive, everybody, checks_alike, condition = policy
    return (
        bool(forced and permissive and everybody and checks_alike)
        and (name, command) == (f"{table}_of_one", "*")
        and _SPELLING.sub("", str(condition)).lower() in _CONDITIONS
    )

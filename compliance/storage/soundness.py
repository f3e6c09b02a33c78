"""Whether a store is whole: what it holds is what was written, and everything that its logs name is there."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Connection, Date, DateTime, Table, Text, cast, inspect, select
from sqlalchemy.exc import DatabaseError

from compliance.evidence import chain
from compliance.storage import audit, guards, studio_tables, supply_tables, tables
from compliance.storage.database import migrations, why
from compliance.storage.schema import SCHEMA

FAULTS_MOST = 50  # said of one check; the others are counted
_RECORD_MOST = 200_000_000
CURRENT, OLDER, UNKNOWN = "current", "older", "unknown"  # the last: of a later programme, or of none of ours


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it must be: a code, and what it is about."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how many there were, and what is wrong; ``count`` is None where it does not apply."""

    code: str
    count: int | None
    faults: tuple[Fault, ...] = ()
    more: int = 0  # faults beyond those listed


@dataclass(frozen=True, slots=True)
class Head:
    """The log of one organisation: how long it is, and its root in hexadecimal."""

    org: str
    organisation: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class _Log:
    """One organisation's log as far as the checks need it."""

    org: str
    name: str
    leaves: tuple[bytes, ...]
    named: Mapping[str, Mapping[str, Mapping[str, Any]]]  # details of entries by code, then by what they are about


def schema_of(connection: Connection) -> tuple[str, str]:
    """Return the version of a store's schema ("" where it has none), and whether it is the present one."""
    if not inspect(connection).has_table("alembic_version"):
        return "", UNKNOWN
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    version = str(found[0]) if len(found) == 1 else ""
    present, known = _schemas()
    if version == present:
        return version, CURRENT
    return version, OLDER if version in known else UNKNOWN


@cache
def _schemas() -> tuple[str | None, frozenset[str]]:
    """Return the present version of the schema, and all that there were; read once, as supervisors ask all the time."""
    script = ScriptDirectory.from_config(migrations())
    return script.get_current_head(), frozenset(revision.revision for revision in script.walk_revisions())


def heads(connection: Connection) -> list[Head]:
    """Return the head of every organisation's log."""
    o = tables.organisation
    named = connection.execute(select(o.c.id, o.c.name).order_by(o.c.id)).all()
    return [Head(org, name, *audit.head(connection, org)) for org, name in named]


def root_at(connection: Connection, org: str, size: int) -> str | None:
    """Return the root that an organisation's log had at a size, in hexadecimal; None where it is shorter."""
    leaves = audit.leaves(connection, org)
    return chain.root(leaves[:size]).hex() if 0 <= size <= len(leaves) else None


def serves(connection: Connection) -> bool:
    """Tell whether this programme can work on a store: on the present schema, or on one of a later programme.

    Migrations only add, so that a programme goes on while the next one takes its place (docs/decisions/0018).
    """
    version, state = schema_of(connection)
    return state == CURRENT or (state == UNKNOWN and version.isdecimal() and version > (_schemas()[0] or ""))


def standing(connection: Connection) -> list[Check]:
    """Check that the connection's role is bound by what guards the store; SQLite has no roles."""
    if connection.dialect.name == "sqlite":
        return []

    def held() -> Iterator[Fault | None]:
        named, found = guards.role(connection), guards.powers(connection)
        yield from (Fault(f"role_{power}", {"role": named}) for power in found)
        if not found:
            yield None

    return [_check("role", held())]


def structure(connection: Connection) -> list[Check]:
    """Check the file itself: its pages, the keys between its rows; PostgreSQL answers for its own."""
    if connection.dialect.name != "sqlite":
        return [Check("pages", None), Check("keys", None)]
    return [_check("pages", _pages(connection)), _check("keys", _keys(connection))]


def contents(connection: Connection) -> list[Check]:
    """Check what a store of the present schema holds."""
    logs: list[_Log] = []
    checks: list[tuple[str, Callable[[], Iterator[Fault | None]]]] = [
        ("guards", lambda: _guards(connection)),
        ("values", lambda: _values(connection)),
        ("logs", lambda: _logs(connection, logs)),
        ("answers", lambda: _subjects(connection)),
        ("evidence", lambda: _evidence(connection, logs)),
        ("files", lambda: _files(connection)),
        ("reports", lambda: _reports(connection, logs)),
    ]
    return [_check(code, run()) for code, run in checks]


def breaks_off(error: Exception) -> Fault:
    """Return that a check could not go on, and what the database said."""
    return Fault("breaks_off", {"why": why(error)})


def _check(code: str, found: Iterable[Fault | None]) -> Check:
    """Gather a check: each thing looked at yields None or what is wrong with it; a store that breaks off is a fault."""
    faults: list[Fault] = []
    count = more = 0
    try:
        for fault in found:
            count += 1
            if fault is not None and len(faults) < FAULTS_MOST:
                faults.append(fault)
            elif fault is not None:
                more += 1
    except (DatabaseError, ValueError) as error:
        faults.append(breaks_off(error))
    return Check(code, count, tuple(faults), more)


def _pages(connection: Connection) -> Iterator[Fault | None]:
    for line in connection.exec_driver_sql(f"PRAGMA integrity_check({FAULTS_MOST})").scalars():
        if line != "ok":
            yield Fault("page", {"why": str(line).splitlines()[-1]})
    for _ in range(int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())):
        yield None


def _keys(connection: Connection) -> Iterator[Fault | None]:
    for table, row, other, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Fault("key", {"table": table, "row": row or 0, "other": other})
    for table in SCHEMA.tables.values():
        for _ in table.foreign_key_constraints:
            yield None


def _guards(connection: Connection) -> Iterator[Fault | None]:
    """Check that the store is made as ours are: what keeps log, reports and versions, and organisations apart."""
    for name in guards.made_otherwise(connection):
        yield None if name is None else Fault("made_otherwise", {"name": name})


def _values(connection: Connection) -> Iterator[Fault | None]:
    """Check that every value that is more than text or a number can be read."""
    for table in SCHEMA.sorted_tables:
        read = [(column, read) for column in table.c if (read := _reader(column, connection.dialect.name))]
        if not read:
            continue
        keys = list(table.primary_key)
        for row in connection.execute(select(*keys, *(cast(column, Text) for column, _ in read))):
            for (column, reader), value in zip(read, row[len(keys) :], strict=True):
                yield None if _readable(reader, value) else _value_fault(table, column, row[: len(keys)])


def _value_fault(table: Table, column: Column[Any], key: Iterable[object]) -> Fault:
    named = " ".join(str(part) for part in key)
    return Fault("value", {"table": table.name, "column": column.name, "row": named})


def _reader(column: Column[Any], dialect: str) -> Callable[[str], object] | None:
    if isinstance(column.type, JSON):
        return json.loads
    if dialect != "sqlite":
        return None  # the other columns cannot hold anything else there
    if isinstance(column.type, Date):
        return date.fromisoformat
    moment = isinstance(column.type, DateTime | tables.Moment)
    return datetime.fromisoformat if moment else None


def _readable(reader: Callable[[str], object], value: str | None) -> bool:
    try:
        if value is not None:
            reader(value)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _logs(connection: Connection, logs: list[_Log]) -> Iterator[Fault | None]:
    """Compute every log anew; gather in ``logs`` what the other checks compare with."""
    o = tables.organisation
    for org, name in connection.execute(select(o.c.id, o.c.name).order_by(o.c.name)).all():
        leaves: list[bytes] = []
        named: dict[str, dict[str, dict[str, Any]]] = {"evidence.added": {}, "report.issued": {}, "report.made": {}}
        broken = None
        for entry, leaf in _entries(connection, org):
            leaves.append(leaf)
            detail = entry["detail"]
            whole = isinstance(detail, dict) and chain.leaf({"org": org, **entry}) == leaf
            if broken is None and not (whole and entry["seq"] == len(leaves)):
                broken = len(leaves)
            about = detail.get("report" if entry["what"].startswith("report.") else "evidence") if whole else None
            if entry["what"] in named and isinstance(about, str):
                named[entry["what"]][about] = detail
            yield None
        if not leaves:
            yield Fault("log_empty", {"organisation": name})
        if broken is not None:
            yield Fault("log_entry", {"organisation": name, "seq": broken})
        logs.append(_Log(org, name, tuple(leaves), named))


def _entries(connection: Connection, org: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    c = tables.audit_entry.c
    names = ("seq", "at", "who", "what", "subject")
    columns = [*(c[name] for name in names), cast(c.detail, Text), c.leaf]
    for row in connection.execute(select(*columns).where(c.org_id == org).order_by(c.seq)):
        try:
            detail = json.loads(row[-2])
        except (ValueError, TypeError, RecursionError):
            detail = None
        yield {**dict(zip(names, row[: len(names)], strict=True)), "detail": detail}, bytes(row[-1])


def _subjects(connection: Connection) -> Iterator[Fault | None]:
    """Find answers about nothing: their subject is a use case, or the organisation itself, and no key holds it."""
    cases = {tuple(row) for row in connection.execute(select(tables.use_case.c.org_id, tables.use_case.c.id))}
    for table in (tables.answer, tables.answer_event):
        statement = select(table.c.org_id, table.c.subject, table.c.fact)
        for org, subject, fact in connection.execute(statement):
            there = subject == org or (org, subject) in cases
            yield None if there else Fault("answer_orphan", {"fact": fact, "subject": subject})


def _content(connection: Connection, table: Table, column: str, **key: Any) -> bytes | None:
    statement = select(table.c[column])
    for name, value in key.items():
        statement = statement.where(table.c[name] == value)
    found = connection.execute(statement).scalar()
    return None if found is None else bytes(found)


def _evidence(connection: Connection, logs: list[_Log]) -> Iterator[Fault | None]:
    """Check every piece of evidence against its hash, and against what the log says that was added."""
    t = tables.evidence
    for log in logs:
        rows = connection.execute(
            select(t.c.id, t.c.title, t.c.url, t.c.size, t.c.sha256).where(t.c.org_id == log.org)
        ).all()
        added = log.named["evidence.added"]
        for id_, title, url, size, sha256 in rows:
            content = _content(connection, t, "content", org_id=log.org, id=id_)
            values = {"organisation": log.name, "title": title}
            if id_ not in added:
                yield Fault("evidence_orphan", values)
            elif url is None and content is None:
                yield Fault("evidence_missing", values)
            elif content is not None and (len(content) != size or not _is(content, sha256, added[id_].get("sha256"))):
                yield Fault("evidence_changed", values)
            else:
                yield None
        for id_ in added.keys() - {row.id for row in rows}:
            yield Fault("evidence_missing", {"organisation": log.name, "title": id_})


def _is(content: bytes, *expected: object) -> bool:
    found = hashlib.sha256(content).hexdigest()
    return all(found == one for one in expected)


def _files(connection: Connection) -> Iterator[Fault | None]:
    """Check the other files that have a hash: those of suppliers, logos and templates."""
    for table, title in ((supply_tables.supplier_file, "name"), (tables.stationery, "kind")):
        keys = [column.name for column in table.primary_key]
        for *key, named, sha256 in connection.execute(
            select(*table.primary_key, table.c[title], table.c.sha256).order_by(*table.primary_key)
        ).all():
            content = _content(connection, table, "content", **dict(zip(keys, key, strict=True)))
            good = content is not None and _is(content, sha256)
            yield None if good else Fault("file_changed", {"table": table.name, "title": named})


def _reports(connection: Connection, logs: list[_Log]) -> Iterator[Fault | None]:
    """Check every issued report: its record, its file, its place on the log; and that none is gone."""
    c = tables.report.c
    wanted = (c.id, c.number, c.state, c.sha256, c.log_size, c.log_root)
    for log in logs:
        rows = connection.execute(select(*wanted).where(c.org_id == log.org, c.number.is_not(None))).all()
        roots = chain.roots(log.leaves, (row.log_size for row in rows))
        for row in rows:
            yield _report_fault(connection, log, row, roots)
        for id_ in (log.named["report.issued"].keys() | log.named["report.made"].keys()) - {row.id for row in rows}:
            detail = log.named["report.issued"].get(id_) or log.named["report.made"][id_]
            yield _report("report_gone", log, str(detail.get("number")))


def _report(code: str, log: _Log, number: str) -> Fault:
    return Fault(code, {"organisation": log.name, "number": number})


def _report_fault(connection: Connection, log: _Log, row: Any, roots: Mapping[int, bytes]) -> Fault | None:
    said = log.named["report.made"].get(row.id, {}).get("sha256")
    pdf = _content(connection, tables.report, "pdf", org_id=log.org, id=row.id)
    record = _content(connection, tables.report, "record", org_id=log.org, id=row.id)
    head = roots.get(row.log_size)
    checks = (
        (row.id in log.named["report.issued"], "report_orphan"),
        (head is not None and head.hex() == row.log_root, "report_log"),
        (_records(record, row.number), "report_record"),
        (row.state != "ready" or pdf is not None, "report_missing"),
        (pdf is None or _is(pdf, row.sha256, said), "report_changed"),
    )
    return next((_report(code, log, row.number) for good, code in checks if not good), None)


def _records(packed: bytes | None, number: str) -> bool:
    """Tell whether a record can be read and is that of the report with the number."""
    try:
        unpacking = zlib.decompressobj()
        record = json.loads(unpacking.decompress(packed or b"", _RECORD_MOST))
    except (zlib.error, ValueError, RecursionError):
        return False
    return isinstance(record, dict) and record.get("number") == number


def law_texts(connection: Connection) -> Iterator[tuple[str, str, bytes]]:
    """Yield the texts of the law that the store keeps: a name, the hash that it must have, its files packed."""
    for table, name in ((tables.law_text, "folder"), (studio_tables.pack_version, "pack")):
        keys = list(table.primary_key)
        for *key, named, hash_ in connection.execute(select(*keys, table.c[name], table.c.hash)).all():
            content = _content(
                connection, table, "content", **{column.name: part for column, part in zip(keys, key, strict=True)}
            )
            yield named, hash_, content or b""

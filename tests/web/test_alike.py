"""What is another organisation's takes the same way through the store as what never was: no answer is told by its time.

Times are not compared, which other work on a machine moves: the statements that run are, one by one.
"""

from dataclasses import replace

import pytest
from sqlalchemy import JSON, Date, DateTime, event, insert, select

from compliance.operations import tokens
from compliance.operations.rights import Role
from compliance.operations.tokens import Scope
from compliance.storage import people
from compliance.storage.schema import SCHEMA
from compliance.storage.tables import Moment
from compliance.web.access import ACCESS, Open
from compliance.web.api.table import OPERATIONS
from tests.furnished import furnish
from tests.offices import Office

ABSENT = "00000000000040008000000000000000"
# Where an address leads, the longest first: what its id is of.
KINDS = {
    "/use-cases/import/": "import_draft",
    "/organisation/webhooks/deliveries/": "webhook_delivery",
    "/organisation/webhooks/": "webhook_endpoint",
    "/organisation/<kind>/": "site",
    "/account/tokens/": "api_token",
    "/studio/versions/": "pack_version",
    "/audit/samples/": "sample",
    "/audit/items/": "sample_item",
    "/supplier-requests/": "supplier_request",
    "/supplier-files/": "supplier_file",
    "/handed-over/": "hand_over",
    "/observations/": "observation",
    "/evidence/": "evidence",
    "/actions/": "action",
    "/reports/": "report",
    "/reassess/": "use_case",
    "/use-cases/": "use_case",
    "/people/": "person",
    "/studio/": "pack_draft",
}
IDS = ("case_id", "id_", "person_id", "remark_id")
REST = {
    "fact": "technique", "section": "system", "kind": "site", "form": "xlsx", "path": "practices.yaml",
    "supply": "supplied_purpose", "record_id": "assessment_not_high_risk",
}  # fmt: skip

FORM_FIRST = {"decide", "evidence"}  # of a supplier's answers; of a question: what was sent is looked at before the id


@pytest.fixture
def theirs(place):
    """Return an id of every kind that another organisation has."""
    other = Office.open(place, "Autre", {role.value: frozenset((role,)) for role in Role})
    case_id = other.finished("Secret industriel")
    other.case()  # a sample needs two
    furnish(other, case_id)
    found = {"use_case": case_id, "person": other.people["officer"].person_id}
    with place.database.writing() as connection:
        for table in SCHEMA.sorted_tables:
            if table.name not in found and table.name in {*KINDS.values(), "pack_remark"}:
                id_ = connection.execute(select(table.c.id).where(table.c.org_id == other.org)).scalars().first()
                found[table.name] = id_ or _put(connection, table, other, found)
    return found


def _put(connection, table, other, found):
    """Put a row of a kind that nothing made yet, whatever it holds."""
    values = {"org_id": other.org, "id": f"{table.name:0<32.32}".encode().hex()[:32]}
    for column in table.columns:
        if column.name in values or column.nullable:
            continue
        key = next(iter(column.foreign_keys), None)
        if key is not None:
            values[column.name] = found[key.column.table.name]
        elif isinstance(column.type, (Date, DateTime, Moment)):
            now = other.place.clock()
            values[column.name] = now.date() if isinstance(column.type, Date) else now
        else:
            values[column.name] = {} if isinstance(column.type, JSON) else column.type.python_type()
    connection.execute(insert(table), values)
    return values["id"]


@pytest.fixture
def ours(place, clock):
    """Return somebody who may do everything in an organisation of their own."""
    office = Office.open(place, "Nous", {"officer": frozenset(Role)})
    office.finished()
    return office


def secure(ours):
    """Give our person a second factor: administration and writing by token ask for one."""
    with ours.place.database.writing() as connection:
        people.change_person(connection, ours.people["officer"].person_id, totp_secret="JBSWY3DPEHPK3PXP")
    return replace(ours.people["officer"], has_totp=True)


@pytest.fixture
def statements(place):
    """Return the statements that run, in their order."""
    seen = []

    def heard(_connection, _cursor, statement, _values, _context, many):
        seen.append((statement, many))

    event.listen(place.database.engine, "before_cursor_execute", heard)
    yield seen
    event.remove(place.database.engine, "before_cursor_execute", heard)


def _of(rule):
    return next(kind for start, kind in KINDS.items() if rule.removeprefix("/api/v1").startswith(start))


def _alike(ask, statements, foreign):
    """Return how both are answered; assert that the same statements run, once whatever is cached is."""
    for warm in (False, True):
        seen = []
        for id_ in (foreign, ABSENT):
            statements.clear()
            seen.append((ask(id_), list(statements)))
        if seen[0] == seen[1]:
            return seen[0][0], len(statements)
        assert not warm, seen
    return None


def test_every_page_looks_for_what_is_anothers_as_for_what_never_was(app, visit, ours, theirs, statements):
    visitor = visit("officer", ours)
    visitor.get("/account")
    secure(ours)
    sent = {"csrf_token": visitor.token, "name": "x", "current_password": ours.PASSWORD}
    where, answers = app.url_map.bind("localhost"), {}
    for rule in app.url_map.iter_rules():
        named = [name for name in IDS if name in rule.arguments]
        if not named or rule.rule.startswith("/api/") or isinstance(ACCESS[rule.endpoint], Open):
            continue
        rest = {name: REST[name] for name in rule.arguments - set(named)}
        for method in rule.methods & {"GET", "POST"}:

            def ask(id_, rule=rule, rest=rest, named=named, method=method):
                url = where.build(rule.endpoint, {**rest, **dict.fromkeys(named, id_)})
                return visitor.client.open(url, method=method, data=sent if method == "POST" else None).status_code

            answers[method, rule.rule] = _alike(ask, statements, theirs[_of(rule.rule)])
    assert len(answers) > 90
    assert {key[1].rpartition("/")[2] for key, found in answers.items() if found[0] != 404} == FORM_FIRST
    assert all(count > 1 for _, count in answers.values()), "each looked into the store"


def test_every_operation_of_the_api_looks_for_both_alike(app, place, ours, theirs, statements):
    secret, client = tokens.make(place, secure(ours), "Chaîne", frozenset(Scope), 30), app.test_client()
    asked = 0
    for of in OPERATIONS.values():
        if "{case_id}" not in of.path and "{id_}" not in of.path:
            continue
        body = {**of.example, "version": 99} if of.conflicts else dict(of.example) if of.takes else None

        def ask(id_, of=of, body=body):
            path = of.path.format(case_id=id_, id_=id_, fact="technique", name="ai-act-2026")
            headers = {"Authorization": f"Bearer {secret}"}
            return client.open(f"/api/v1{path}", method=of.method, headers=headers, json=body).status_code

        kind = _of(of.path)
        status, count = _alike(ask, statements, theirs[kind])
        assert (status, count > 1) == (404, True), of.id
        asked += 1
    assert asked >= 10

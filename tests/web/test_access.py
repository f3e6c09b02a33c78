"""Who may open what: every route by every role in both organisations, from the map of routes itself."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from compliance.operations.rights import Right, Role, allows
from compliance.storage.schema import SCHEMA
from compliance.web.access import ACCESS, Open
from tests.offices import Office

WHO = [*(role.value for role in Role), "bound"]


@pytest.fixture
def everybody(office):
    """Return an organisation with one person of each role, and an auditor who is bound to a site."""
    office.bound(site_id=office.site("Figeac"))
    return office


def test_every_route_says_who_may_use_it_and_nothing_else_is_listed(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


def _filled(rule, case_id, other):
    values = {"case_id": case_id, "id_": other, "person_id": other, "fact": "technique", "section": "system"}
    values |= {"kind": "csv" if "export" in rule.endpoint else "site", "token": "none", "entry_id": "none"}
    values |= {"name": "ai-act-2026", "part": "roles", "entry": "provider", "provision": "art-6"}
    values |= {"filename": "css/pyramide.css", "form": "xlsx", "record_id": "assessment_not_high_risk"}
    values |= {"remark_id": other, "path": "practices.yaml", "module": "policy", "supply": "supplied_purpose"}
    return {name: values[name] for name in rule.arguments}


def _allowed(endpoint, actor):
    needed = ACCESS[endpoint]
    return isinstance(needed, Open) or any(actor.may(right) for right in needed)


@pytest.mark.parametrize("role", WHO)
def test_each_role_reaches_its_pages_and_no_other(app, visit, everybody, role):
    case_id = everybody.finished(site_id=everybody.people["bound"].site_id)
    visitor = visit(role)
    with app.test_request_context():
        rules = [
            (rule, app.url_map.bind("localhost").build(rule.endpoint, _filled(rule, case_id, case_id)))
            for rule in app.url_map.iter_rules()
            if "GET" in rule.methods and ACCESS[rule.endpoint] is not Open.PUBLIC
        ]
    for rule, url in rules:
        response = visitor.client.get(url)
        if _allowed(rule.endpoint, everybody.people[role]):
            assert response.status_code in (200, 302, 303, 404, 422), (role, url, response.status_code)
        else:
            assert response.status_code == 403, (role, url, response.status_code)


@pytest.mark.parametrize("role", WHO)
def test_each_role_changes_only_what_it_may(app, visit, everybody, role):
    case_id = everybody.finished(site_id=everybody.people["bound"].site_id)
    visitor = visit(role)
    visitor.get("/account")
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or _allowed(rule.endpoint, everybody.people[role]):
            continue
        url = app.url_map.bind("localhost").build(rule.endpoint, _filled(rule, case_id, case_id))
        response = visitor.client.post(url, data={"csrf_token": visitor.token})
        assert response.status_code == 403, (role, url, response.status_code)


def test_nobody_gets_in_without_signing_in(app, anybody, office):
    case_id = office.finished()
    for rule in app.url_map.iter_rules():
        if ACCESS[rule.endpoint] is Open.PUBLIC or "GET" not in rule.methods:
            continue
        url = app.url_map.bind("localhost").build(rule.endpoint, _filled(rule, case_id, case_id))
        response = anybody.client.get(url)
        assert response.status_code == 302
        assert response.location.startswith("/sign-in?next=")


def test_another_organisation_is_not_there(app, visit, everybody, place):
    """What belongs to another organisation is the same 404 as what never was, whatever the role."""
    other = Office.open(place, "Autre", {role.value: frozenset((role,)) for role in Role})
    theirs = other.finished("Secret industriel")
    absent = "00000000000040008000000000000000"
    for role in WHO:
        visitor = visit(role)
        visitor.get("/account")
        for rule in app.url_map.iter_rules():
            if not {"case_id", "id_", "person_id"} & set(rule.arguments) or not _allowed(
                rule.endpoint, everybody.people[role]
            ):
                continue
            answers = []
            for id_ in (theirs, absent):
                url = app.url_map.bind("localhost").build(rule.endpoint, _filled(rule, id_, id_))
                sent = {"csrf_token": visitor.token, "name": "x", "current_password": everybody.PASSWORD}
                kinds = [m for m in ("GET", "POST") if m in rule.methods]
                for method in kinds:
                    response = visitor.client.open(url, method=method, data=sent if method == "POST" else None)
                    text = response.get_data(as_text=True)
                    assert "Secret industriel" not in text, (role, url)
                    answers.append((method, response.status_code))
            half = len(answers) // 2
            assert answers[:half] == answers[half:], (role, rule.rule, answers)
    assert "Secret industriel" not in visit("officer").get("/use-cases").page.text
    assert "Secret industriel" not in visit("officer").get("/use-cases/export.csv").get_data(as_text=True)


def test_a_change_needs_the_token_of_the_page(visit, office):
    visitor = visit("officer")
    response = visitor.client.post("/use-cases/new", data={"name": "Sans jeton"})
    assert response.status_code == 400
    assert "Sans jeton" in response.get_data(as_text=True), "what was typed is given back"


def test_no_get_writes(app, visit, office, place):
    case_id = office.finished()
    visitor = visit("officer")
    visitor.get("/")
    before = _everything(place)
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint not in ("account.second_factor", "static"):
            visitor.client.get(app.url_map.bind("localhost").build(rule.endpoint, _filled(rule, case_id, case_id)))
    assert _everything(place) == before


def _everything(place):
    with place.database.reading() as connection:
        tables = [table for table in SCHEMA.sorted_tables if table.name != "session"]
        return {table.name: connection.execute(select(table)).fetchall() for table in tables}


def test_rights_of_roles():
    assert allows(frozenset((Role.AUDITOR,)), Right.READ)
    assert not allows(frozenset((Role.AUDITOR, Role.CONTRIBUTOR)), Right.EDIT)


def test_bounds_leave_nothing_that_shows_or_changes_the_whole_organisation(everybody):
    bound = replace(everybody.people["bound"], roles=frozenset(Role))
    assert {right for right in Right if bound.may(right)} == {Right.TAKE_PART, Right.READ_CASE, Right.AUDIT}


def test_only_the_sites_own_name_is_answered(app, anybody):
    assert anybody.client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400

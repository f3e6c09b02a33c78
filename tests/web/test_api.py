"""The API over real requests: tokens, rights, scopes, conflicts, what is done once, words, the schema itself."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from werkzeug.serving import make_server

from compliance.operations import cases, reviews, tokens
from compliance.operations.rights import Role
from compliance.operations.tokens import Scope
from compliance.storage import audit, organisations, people
from compliance.storage.people import membership
from compliance.web.access import BY_TOKEN
from compliance.web.api.table import OPERATIONS, ROOT
from tests.offices import Office

EVERY = frozenset(Scope)
ABSENT = "00000000000040008000000000000000"


class Program:
    """A program that uses the API by a token."""

    def __init__(self, app, secret, language="en"):
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {secret}", "Accept-Language": language}

    def __call__(self, method, path, status, body=None, **headers):
        sent = {"json": body} if body is not None else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.open(ROOT + path, method=method, headers={**self.headers, **named}, **sent)
        assert response.status_code == status, (method, path, response.status_code, response.get_data(as_text=True))
        assert "Set-Cookie" not in response.headers
        if status >= 400:
            assert response.mimetype == "application/problem+json"
            assert response.get_json()["status"] == status
        return response


@pytest.fixture
def token(place):
    """Return a function that makes a token for somebody, whom it gives a second factor first."""

    def made(actor, scopes=EVERY, days=30):
        with place.database.writing() as connection:
            people.change_person(connection, actor.person_id, totp_secret="JBSWY3DPEHPK3PXP")
        return tokens.make(place, replace(actor, has_totp=True), "Chaîne d'essai", scopes, days)

    return made


@pytest.fixture
def program(app, office, token):
    """Return a function that gives a program with a token of a role."""
    return lambda role="officer", scopes=EVERY, language="en": Program(
        app, token(office.people[role], scopes), language
    )


def _log(place, office):
    with place.database.reading(office.org) as connection:
        return audit.entries(connection, office.org)


def test_a_use_case_from_first_word_to_outcome(program, office, place):
    ask = program()
    made = ask("POST", "/use-cases", 201, {"name": "Tri  de CV", "function": "human_resources"})
    case = made.get_json()
    assert case["name"] == "Tri de CV"
    assert made.location == f"{ROOT}/use-cases/{case['id'][:8]}-" + "-".join(
        (case["id"][8:12], case["id"][12:16], case["id"][16:20], case["id"][20:])
    )
    assert ask("GET", "/use-cases", 200).get_json()["total"] == 1
    found = ask("GET", f"/use-cases/{case['id']}/facts", 200).get_json()["items"]
    technique = next(item for item in found if item["id"] == "technique")
    assert technique["open"]
    assert technique["answer"] is None
    answer = {"value": "machine_learning", "version": 0, "comment": "D'après le fournisseur"}
    said = ask("PUT", f"/use-cases/{case['id']}/facts/technique", 200, answer).get_json()["answer"]
    assert (said["value"], said["version"], said["comment"]) == ("machine_learning", 1, "D'après le fournisseur")
    outcome = ask("GET", f"/use-cases/{case['id']}/outcome", 200).get_json()
    assert outcome["level"]["decided"] is False
    assert "out_of_scope" in outcome["level"]["possible"]
    whole = ask("GET", f"/use-cases/{case['id']}/outcome?whole=true", 200).get_json()
    assert whole["level"]["possible"] == outcome["level"]["possible"]
    assert "not_reached" in whole["level"]
    lines = _log(place, office)
    assert [line.what for line in lines][:2] == ["answer.recorded", "case.begun"]
    assert {line.who for line in lines[:2]} == {office.people["officer"].person_id}


def test_assessing_stores_nothing_and_says_what_a_case_would(program, office, place):
    facts = place.library.law(place.library.default).pack.catalogue["screening_and_ranking_of_applications"].facts
    ask, before = program(), _log(place, office)
    outcome = ask("POST", "/assessments", 200, {"facts": dict(facts)}).get_json()
    assert outcome["level"]["value"] == "high_risk"
    assert outcome["obligations"]
    wrong = ask("POST", "/assessments", 422, {"facts": {"techniqe": True}}).get_json()
    assert wrong["errors"][0]["pointer"] == "/facts/techniqe"
    assert "technique" in wrong["errors"][0]["detail"]
    assert _log(place, office) == before
    assert ask("GET", "/use-cases", 200).get_json()["total"] == 0


def test_assessing_goes_by_the_text_that_the_organisation_chose(program, office, place):
    with place.database.writing(office.org) as connection:
        organisations.change_organisation(connection, organisations.organisation(connection, office.org), pack="ai-act")
    ask = program()
    chosen = ask("POST", "/assessments", 200, {"facts": {}}).get_json()["pack"]
    named = ask("POST", "/assessments", 200, {"facts": {}, "pack": "ai-act-2026"}).get_json()["pack"]
    assert (chosen["version"][:4], named["version"][:4]) == ("2024", "2026")


def test_a_conflict_says_what_stands(program, office):
    ask, case_id = program(), office.case(technique="machine_learning")
    path = f"/use-cases/{case_id}/facts/technique"
    said = ask("PUT", path, 409, {"unknown": True, "version": 0}).get_json()
    assert said["stands"]["value"] == "machine_learning"
    ask("PUT", path, 200, {"unknown": True, "version": said["stands"]["version"]})
    office.finished()
    done = office.finished("Autre")
    first = ask("GET", f"/use-cases/{done}/actions", 200).get_json()["items"][0]
    change = {"state": "in_progress", "version": first["version"]}
    assert ask("PATCH", f"/actions/{first['id']}", 200, change).get_json()["state"] == "in_progress"
    said = ask("PATCH", f"/actions/{first['id']}", 409, change | {"comment": "encore"}).get_json()
    assert said["stands"]["version"] == first["version"] + 1
    assert said["stands"]["comment"] == ""


def test_reports_are_asked_for_read_and_listed(program, office):
    ask, case_id = program(), office.finished()
    made = ask(
        "POST", f"/use-cases/{case_id}/reports", 202, {"form": "full", "issue": True, "language": "fr"}
    ).get_json()
    assert made["state"] == "waiting"
    assert made["number"] == "R-2026-0001"
    assert ask("GET", f"/use-cases/{case_id}/reports", 200).get_json()["items"][0]["id"] == made["id"]
    assert ask("GET", f"/reports/{made['id']}", 200).get_json()["number"] == made["number"]
    assert ask("GET", f"/reports/{made['id']}/record", 200).get_json()["number"] == made["number"]
    ask("GET", f"/reports/{made['id']}/report.pdf", 404)
    ask("POST", f"/use-cases/{case_id}/reports", 404, {"form": "nothing", "issue": False})


def test_texts_and_their_questions(program, place):
    ask = program("contributor", frozenset((Scope.READ,)))
    names = [item["name"] for item in ask("GET", "/packs", 200).get_json()["items"]]
    assert set(names) == set(place.library.names())
    found = ask("GET", f"/packs/{place.library.default}/questions", 200).get_json()
    assert found["total"] == len(place.library.law(place.library.default).pack.facts)
    ask("GET", "/packs/none/questions", 404)


# Who may what


def _request(ask, of, case_id, action_id, report_id):
    path = of.path.replace("{case_id}", case_id).replace("{fact}", "technique").replace("{name}", "ai-act-2026")
    path = path.replace("{id_}", action_id if "actions" in path else report_id)
    body = None
    if of.takes:
        body = {**of.example, "version": 99} if of.conflicts else dict(of.example)
    return ask.client.open(ROOT + path, method=of.method, headers=ask.headers, json=body)


@pytest.fixture
def known(office, program):
    """Return the ids of a use case, of one of its actions, and of an issued report."""
    case_id, ask = office.finished(), program()
    action_id = ask("GET", f"/use-cases/{case_id}/actions", 200).get_json()["items"][0]["id"]
    report = ask("POST", f"/use-cases/{case_id}/reports", 202, {"form": "full", "issue": True}).get_json()
    return case_id, action_id, report["id"]


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("scopes", [EVERY, *({scope} for scope in Scope)], ids=lambda found: "-".join(sorted(found)))
def test_rights_are_those_of_the_person_within_the_scopes(program, office, known, role, scopes):
    ask = program(role, frozenset(scopes))
    for of in OPERATIONS.values():
        scope, rights = BY_TOKEN[f"api.{of.id}"]
        status = _request(ask, of, *known).status_code
        actor = replace(office.people[role], within=frozenset(r for s in scopes for r in tokens.RIGHTS[s]))
        if scope in scopes and any(actor.may(right) for right in rights):
            assert status in {of.status, 404, 409}, (of.id, status)
            assert status != 404 or of.id == "report_pdf" or role == "contributor", of.id
        else:
            assert status == 403, (of.id, status)


def test_another_organisation_is_not_there(program, office, place, app, token):
    other = Office.open(place, "Autre", {role.value: frozenset((role,)) for role in Role})
    theirs = other.finished("Secret industriel")
    foreign = Program(app, token(other.people["officer"]))
    action_id = foreign("GET", f"/use-cases/{theirs}/actions", 200).get_json()["items"][0]["id"]
    report = foreign("POST", f"/use-cases/{theirs}/reports", 202, {"form": "full", "issue": True}).get_json()
    ask = program()
    for of in OPERATIONS.values():
        if "{case_id}" not in of.path and "{id_}" not in of.path:
            continue
        seen = [_request(ask, of, *ids) for ids in ((theirs, action_id, report["id"]), (ABSENT,) * 3)]
        said = [{**response.get_json(), "request": ""} for response in seen]
        assert [response.status_code for response in seen] == [404, 404], of.id
        assert said[0] == said[1]
    assert "Secret" not in ask("GET", "/use-cases?text=Secret", 200).get_data(as_text=True)


# Tokens


def test_only_a_living_token_opens_and_no_cookie_does(app, office, place, clock, token, visit):
    for headers in (
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer pyr_x"},
    ):
        response = app.test_client().get(f"{ROOT}/use-cases", headers=headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert "Set-Cookie" not in response.headers
    visitor = visit("officer")
    assert visitor.client.get(f"{ROOT}/use-cases").status_code == 401
    assert visitor.client.post(f"{ROOT}/use-cases", json={"name": "x"}).status_code == 401
    officer = office.people["officer"]
    ask = Program(app, token(officer, days=2))
    ask("GET", "/use-cases", 200)
    assert tokens.mine(place, officer)[0].used_at == clock()
    clock.forward(days=2)
    ask("GET", "/use-cases", 401)
    ask = Program(app, token(officer))
    tokens.revoke(place, officer, tokens.mine(place, officer)[0].id)
    ask("GET", "/use-cases", 401)
    ask = Program(app, token(office.people["auditor"]))
    with place.database.writing() as connection:
        found = membership(connection, office.org, office.people["auditor"].person_id)
        people.set_membership(connection, found, active=False)
    ask("GET", "/use-cases", 401)


def test_a_token_only_reads_once_the_second_factor_is_gone(program, office, place):
    ask = program()
    ask("POST", "/use-cases", 201, {"name": "Avec"})
    with place.database.writing() as connection:
        people.change_person(connection, office.people["officer"].person_id, totp_secret=None)
    assert ask("POST", "/use-cases", 403, {"name": "Sans"}).get_json()["code"] == "scope"
    assert ask("GET", "/use-cases", 200).get_json()["total"] == 1


def test_guessing_is_slowed_down_and_a_living_token_never_waits(app, program):
    ask, wrong = program(), Program(app, "pyr_" + "x" * 43)
    for _ in range(5):
        wrong("GET", "/use-cases", 401)
    assert int(wrong("GET", "/use-cases", 429).headers["Retry-After"]) >= 60
    ask("GET", "/use-cases", 200)


def test_tokens_are_made_shown_once_and_revoked_on_the_page(app, office, place, visit):
    visitor = visit("officer")
    page = visitor.post("/account/tokens", 422, name="CI", scopes="write", days="30").page
    assert "second facteur" in page.text
    page = visitor.post("/account/tokens", 200, name="CI", scopes="read", days="30").page
    secret = next(word for word in page.text.split() if word.startswith("pyr_"))
    assert secret not in visitor.get("/account/tokens").page.text
    Program(app, secret)("GET", "/use-cases", 200)
    visitor.post("/account/tokens", 422, name="CI", scopes="read", days="366")
    found = tokens.mine(place, office.people["officer"])
    assert len(found) == 1
    with place.database.reading() as connection:
        assert secret not in str(connection.exec_driver_sql("SELECT * FROM api_token").fetchall())
    visitor.post(f"/account/tokens/{found[0].id}/revoke")
    Program(app, secret)("GET", "/use-cases", 401)
    assert [line.what for line in _log(place, office)][:2] == ["token.revoked", "token.made"]
    assert secret not in str(_log(place, office))
    visit("auditor").post(f"/account/tokens/{found[0].id}/revoke", 404)


# Once


def test_a_key_makes_a_request_once(program, office, place, clock):
    ask, body = program(), {"name": "Une fois"}
    first = ask("POST", "/use-cases", 201, body, Idempotency_Key="k-1")
    again = ask("POST", "/use-cases", 201, body, Idempotency_Key="k-1")
    assert again.get_json() == first.get_json()
    assert again.location == first.location
    assert again.headers["Idempotent-Replayed"] == "true"
    assert ask("POST", "/use-cases", 422, {"name": "Autre"}, Idempotency_Key="k-1").get_json()["code"] == "key_used"
    ask("POST", "/use-cases", 400, body, Idempotency_Key="a b")
    assert ask("GET", "/use-cases", 200).get_json()["total"] == 1
    ask("POST", "/use-cases", 422, {"name": "Site", "site_id": ABSENT}, Idempotency_Key="k-2")
    ask("POST", "/use-cases", 201, {"name": "Site"}, Idempotency_Key="k-2")
    report = {"form": "full", "issue": False}
    path = f"/use-cases/{first.get_json()['id']}/reports"
    ids = {ask("POST", path, 202, report, Idempotency_Key="k-3").get_json()["id"] for _ in range(2)}
    assert len(ids) == 1
    clock.forward(hours=25)
    ask("POST", "/use-cases", 201, body, Idempotency_Key="k-1")
    assert ask("GET", "/use-cases", 200).get_json()["total"] == 3


def test_two_at_once_make_it_once(app, office, token, place):
    secret, together = token(office.people["officer"]), Barrier(4)

    def send(_):
        ask = Program(app, secret)
        together.wait()
        headers = {**ask.headers, "Idempotency-Key": "same"}
        return ask.client.post(f"{ROOT}/use-cases", json={"name": "Ensemble"}, headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(send, range(4)))
    assert 201 in found
    assert set(found) <= {201, 409}
    assert (
        len(cases.search(place, office.people["officer"], cases.Filter(), sort="name", descending=False, page=1)[0])
        == 1
    )


def test_what_was_cut_off_in_the_middle_is_made_once_all_the_same(office, place, clock):
    officer = office.people["officer"]
    begun = tokens.begin(place, officer, "k", "hash")
    cases.begin(place, officer, cases.Description("Coupé"), key=begun.id)
    with pytest.raises(tokens.KeyBusyError):
        tokens.begin(place, officer, "k", "hash")
    clock.forward(minutes=3)
    again = tokens.begin(place, officer, "k", "hash")
    assert again.id == begun.id
    assert cases.begin(place, officer, cases.Description("Coupé"), key=again.id) == begun.id


# Words and bounds


def test_problems_speak_both_languages_and_name_their_place(program):
    for language, words in (("fr", "Au plus 200 caractères."), ("en", "At most 200 characters.")):
        ask = program(language=language)
        said = ask("POST", "/use-cases", 422, {"name": "x" * 201, "nom": 1}).get_json()
        assert {"pointer": "/name", "detail": words} in said["errors"]
        assert len(said["errors"]) == 2
    assert program(language="de")("GET", "/none", 404).get_json()["title"] == "Rien ici"


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b'{"name": "' + b"x" * 500_001 + b'"}', "application/json", 413),
        (b'{"name": "a\\u0000b"}', "application/json", 422),
        (b'{"name": "a\\ud800b"}', "application/json", 422),
        (b'{"name": "  "}', "application/json", 422),
        (b'{"name": "x", "owner_id": 1}', "application/json", 422),
        (b"[]", "application/json", 422),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_kept(program, sent, kind, status):
    ask = program()
    response = ask.client.post(f"{ROOT}/use-cases", data=sent, content_type=kind, headers=ask.headers)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert ask("GET", "/use-cases", 200).get_json()["total"] == 0


def test_addresses_take_what_they_know(program):
    ask = program()
    for query in ("page=0", "page=x", "page=1&page=2", "sort=name", "archived=1", "due_before=2026-02-30", "text=%00"):
        ask("GET", f"/use-cases?{query}", 422)
    assert "GET" in ask("DELETE", "/use-cases", 405).headers["Allow"]
    ask("GET", "/use-cases/none", 404)


def test_numbers_that_no_form_takes_are_refused(program, office):
    ask, case_id = program(), office.case()
    found = ask("GET", f"/use-cases/{case_id}/facts", 200).get_json()["items"]
    number = next(item["id"] for item in found if item["type"] == "number")
    for value in ("1e999999", 1e300, "9" * 30, "x", True):
        ask("PUT", f"/use-cases/{case_id}/facts/{number}", 422, {"value": value, "version": 0})


# The description


def test_every_operation_has_its_scope_and_right_and_is_on_the_page(visit, anybody):
    assert {f"api.{name}" for name in OPERATIONS} == set(BY_TOKEN)
    for visitor in (visit("officer"), anybody):
        page = visitor.get("/api").page
        for of in OPERATIONS.values():
            assert of.title.fr in page.text
            assert f"{ROOT}{of.path.replace('id_', 'id')}" in page.text
    described = json.loads(anybody.client.get(f"{ROOT}/openapi.json").data)
    assert described["openapi"] == "3.1.0"
    said = [found["operationId"] for item in described["paths"].values() for found in item.values()]
    assert sorted(said) == sorted(OPERATIONS)


# The example for pipelines


def test_the_example_for_pipelines_stops_what_is_high_risk_and_not_approved(app, office, token, place):
    secret = token(office.people["officer"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    environment = {"PATH": "", "PYRAMIDE": f"http://127.0.0.1:{server.server_port}", "PYRAMIDE_TOKEN": secret}

    def run(**more):
        command = [sys.executable, "examples/ci/assess.py", "examples/ci/ai-use-cases.yaml"]
        return subprocess.run(command, env={**environment, **more}, capture_output=True, text=True, check=False)

    try:
        found = run()
        assert found.returncode == 1, found.stderr
        assert "STOP  Tri de candidatures: high_risk" in found.stdout
        assert "ok    Contrôle visuel des soudures" in found.stdout
        case_id = office.finished()
        reviews.submit(place, office.people["officer"], case_id, "")
        with place.database.writing() as connection:
            office._hire(connection, "second", frozenset((Role.OFFICER,)), people.UNBOUND)
        reviews.decide(place, office.people["second"], case_id, approve=True, opinion="")
        found = run()
        assert found.returncode == 0, found.stdout
        assert "ok    Tri de candidatures: high_risk" in found.stdout
        found = run(PYRAMIDE_TOKEN="pyr_none")
        assert found.returncode == 2
        assert "jeton en vigueur" in found.stderr
    finally:
        server.shutdown()
        server.server_close()

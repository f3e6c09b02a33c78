"""The pages of webhooks, as an administrator uses them; the description of the events."""

import json
import re
from dataclasses import replace

import jsonschema_rs
import pytest

from compliance.operations import events
from compliance.operations.delivering import deliver_due
from compliance.operations.rights import Role
from compliance.storage import people
from compliance.web.app import create_app
from tests.offices import Office
from tests.receiver import signed_by
from tests.web.conftest import COMPILED
from tests.web.visitor import Visitor

PAGE = "/organisation/webhooks"


@pytest.fixture
def place(place):
    """Return the workplace where this machine may be written to."""
    return replace(place, settings=replace(place.settings, webhook_internal=("127.0.0.1",)))


def second_factor(place, actor):
    with place.database.writing() as connection:
        people.change_person(connection, actor.person_id, totp_secret="JBSWY3DPEHPK3PXP")


@pytest.fixture
def chief(visit, office, place):
    """Return the administrator in a browser, with a second factor set up after signing in."""
    visitor = visit("administrator")
    second_factor(place, office.people["administrator"])
    visitor.get(PAGE)
    return visitor


def shown(html, pattern):
    return re.search(pattern, html)[1]


def test_from_adding_to_removing(chief, place, office, receiver):
    page = chief.post(PAGE, 200, url=receiver.url, description="GRC", events=["use_case.classified"]).page
    secret = shown(page.html, r"<code>(whsec_[^<]+)</code>")
    id_ = shown(page.html, rf'action="{PAGE}/([0-9a-f-]+)/test"')
    assert secret not in chief.get(f"{PAGE}/{id_}").page.html, "shown once"
    assert "GRC" in chief.get(PAGE).page.text
    chief.post(f"{PAGE}/{id_}/test")
    receiver.answers = [500]
    assert deliver_due(place) == 1
    page = chief.get(f"{PAGE}/{id_}").page
    assert "webhook.test" in page.text
    assert "500 refusé" in page.text
    again = shown(page.html, rf'action="({PAGE}/deliveries/[0-9a-f-]+/again)"')
    chief.post(again)
    assert deliver_due(place) == 1
    assert len({headers["webhook-id"] for _path, headers, _body in receiver.requests}) == 1
    assert all(signed_by(secret, headers, body) for _path, headers, body in receiver.requests)
    page = chief.post(f"{PAGE}/{id_}/secret", 200).page
    renewed = shown(page.html, r"<code>(whsec_[^<]+)</code>")
    assert renewed != secret
    assert "Le secret précédent signe aussi" in page.text
    assert "suspendu" in chief.post(f"{PAGE}/{id_}/state", state="paused").page.text
    office.finished()
    assert deliver_due(place) == 0
    chief.post(f"{PAGE}/{id_}/state", state="on")
    assert deliver_due(place) == 1
    assert signed_by(renewed, *receiver.requests[-1][1:])
    chief.post(f"{PAGE}/{id_}/state", 404, state="x")
    chief.post(f"{PAGE}/{id_}/remove")
    chief.get(f"{PAGE}/{id_}", 404)
    log = chief.get("/log").page.text
    for words in ("Destination de webhooks ajoutée", "Envoi de webhooks suspendu", "Destination de webhooks supprimée"):
        assert words in log
    assert "whsec_" not in log


WRONG = {
    "": "nécessaire",
    "https://10.0.0.1/x": "aucune adresse publique",
    "https://169.254.169.254/latest/meta-data": "aucune adresse publique",
    "https://[::ffff:10.0.0.1]/x": "aucune adresse publique",
    "https://no-such-name.invalid/x": "aucune adresse publique",
    "ftp://127.0.0.1/": "adresse comme",
    "https://" + "x" * 600: "500",
}


def test_what_cannot_be_an_endpoint_is_said_and_kept(chief):
    for url, said in WRONG.items():
        page = chief.post(PAGE, 422, url=url, description="GRC", events=["report.issued"]).page
        assert said in page.text
        assert 'value="GRC"' in page.html
    for wanted in ([], ["other"]):
        chief.post(PAGE, 422, url="https://127.0.0.1/", description="", events=wanted)


def test_another_organisation_sees_nothing(app, chief, place, receiver):
    page = chief.post(PAGE, 200, url=receiver.url, description="Chez nous", events=["use_case.classified"]).page
    id_ = shown(page.html, rf'action="{PAGE}/([0-9a-f-]+)/test"')
    chief.post(f"{PAGE}/{id_}/test")
    deliver_due(place)
    again = shown(chief.get(f"{PAGE}/{id_}").page.html, rf'action="({PAGE}/deliveries/[0-9a-f-]+/again)"')
    other = Office.open(place, "Autre", {"administrator": frozenset((Role.ADMINISTRATOR,))})
    stranger = Visitor(app)
    stranger.sign_in(other.people["administrator"], Office.PASSWORD)
    second_factor(place, other.people["administrator"])
    assert "Chez nous" not in stranger.get(PAGE).page.text
    stranger.get(f"{PAGE}/{id_}", 404)
    for path in (f"{PAGE}/{id_}/test", f"{PAGE}/{id_}/secret", f"{PAGE}/{id_}/remove", again):
        stranger.post(path, 404)
    stranger.post(f"{PAGE}/{id_}/state", 404, state="paused")
    assert "Chez nous" in chief.get(f"{PAGE}/{id_}").page.text


def test_it_asks_for_a_second_factor(visit, receiver):
    visitor = visit("administrator")
    visitor.get("/account")
    for path in (PAGE, f"{PAGE}/00000000000040008000000000000000/test"):
        assert "second" in visitor.client.post(path, data={"csrf_token": visitor.token}).location
    assert "second" in visitor.client.get(PAGE).location


def test_what_is_sent_is_what_the_description_says(chief, place, office, receiver):
    chief.post(PAGE, 200, url=receiver.url, description="", events=list(events.EVENTS))
    office.finished()
    deliver_due(place)
    described = create_and_ask(place)
    assert set(described["webhooks"]) == set(events.EVENTS)
    told = json.loads(receiver.requests[0][2])
    for event, item in described["webhooks"].items():
        schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
        checker = jsonschema_rs.Draft202012Validator({**schema, "components": described["components"]})
        assert checker.is_valid(told) == (event == told["type"])
        assert not checker.is_valid({**told, "type": event, "name": "x"})
        assert {given["name"] for given in item["post"]["parameters"]} <= {
            name.lower() for name in receiver.requests[0][1]
        }


def create_and_ask(place):
    app = create_app(place)
    app.jinja_env.bytecode_cache = COMPILED
    return app.test_client().get("/api/v1/openapi.json").get_json()

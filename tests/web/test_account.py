"""Signing in and out, first sign-in, second factor, throttling, ways back."""

import re
from dataclasses import replace

import pyotp
import pytest

from compliance.operations import people as op
from compliance.operations import sign_in
from compliance.operations.rights import Role
from compliance.operations.workplace import RefusedError
from compliance.storage import people
from compliance.web.here import local_path
from tests.offices import Office
from tests.web.visitor import Visitor


def _begin(visitor, link, **changes):
    visitor.get(link)
    typed = {
        "organisation": "Aciérie du Nord",
        "language": "fr",
        "name": "Claire Martin",
        "email": "Claire@Example.com",
        "password": Office.PASSWORD,
    } | changes
    return visitor.post(link, **typed)


def test_the_first_administrator_begins_through_a_link_that_works_once(place, anybody, app):
    link = sign_in.first_link(place).removeprefix("http://localhost")
    page = _begin(anybody, link)
    assert "Aciérie du Nord" in page.page.text
    assert sign_in.first_link(place) is None
    assert "ne fonctionne pas" in Visitor(app).get(link, 404).page.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "court"}, "12 à 128"),
        ({"password": "password1234"}, "facile à deviner"),
        ({"password": "aciérie2026!"}, "facile à deviner"),
        ({"email": "pas une adresse"}, "adresse électronique"),
        ({"organisation": "  "}, "nécessaire"),
        ({"name": "x" * 200}, "120"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(place, anybody, changes, words):
    link = sign_in.first_link(place).removeprefix("http://localhost")
    anybody.get(link)
    typed = {"organisation": "Aciérie", "language": "fr", "name": "Claire", "email": "c@example.com"}
    typed |= {"password": Office.PASSWORD} | changes
    page = anybody.post(link, 422, **typed).page
    assert words in page.text
    assert 'value="fr" selected' in page.html or "selected" in page.html
    if "organisation" not in changes:
        assert 'value="Aciérie"' in page.html


def test_wrong_password_and_unknown_account_say_the_same(anybody, office):
    one = anybody.post("/sign-in", 422, email=office.people["officer"].email, password="faux mot de passe").page.text
    two = anybody.post("/sign-in", 422, email="nobody@example.com", password="faux mot de passe").page.text
    assert "pas juste" in one
    assert one.replace(office.people["officer"].email, "") == two.replace("nobody@example.com", "")


def test_failures_are_throttled_for_the_account_and_forgotten_in_time(anybody, office, clock):
    email = office.people["officer"].email
    for _ in range(5):
        anybody.post("/sign-in", 422, email=email, password="faux mot de passe")
    assert "Trop d'échecs" in anybody.post("/sign-in", 422, email=email, password=office.PASSWORD).page.text
    clock.forward(minutes=3)
    anybody.post("/sign-in", email=email, password=office.PASSWORD)


def _totp_on(visitor, place):
    page = visitor.get("/account/second-factor").page
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page.html)[1]
    visitor.post("/account/second-factor", code=pyotp.TOTP(secret).at(place.clock()))
    return secret


def test_second_factor_each_code_works_once(app, visit, office, place, clock):
    actor = office.people["administrator"]
    secret = _totp_on(visit("administrator"), place)
    other = Visitor(app)
    used = pyotp.TOTP(secret).at(clock())
    page = other.post("/sign-in", email=actor.email, password=office.PASSWORD)
    assert "Second facteur" in page.page.text
    assert other.client.get("/people").status_code == 302, "the password alone opens nothing"
    other.post("/sign-in/code", 422, code=used)
    clock.forward(seconds=40)
    other.post("/sign-in/code", 422, code="000000")
    other.post("/sign-in/code", code=pyotp.TOTP(secret).at(clock()))
    other.get("/people")


def test_administration_waits_for_the_second_factor(visit, office, place):
    visitor = visit("administrator")
    assert visitor.client.get("/people/invite").location == "/account/second-factor"
    _totp_on(visitor, place)
    visitor.get("/people/invite")


def test_invitation_from_link_to_work(app, visit, office, place):
    visitor = visit("administrator")
    _totp_on(visitor, place)
    page = visitor.post("/people/invite", 200, email="New@Example.com", roles=["contributor"], language="fr").page
    link = re.search(r'value="http://localhost(/welcome/[^"]+)"', page.html)[1]
    assert "new@example.com" in visitor.get("/people").page.text
    guest = Visitor(app)
    guest.get(link)
    assert "À moi de répondre" in guest.post(link, name="Nadia", password=Office.PASSWORD).page.text
    guest.get("/use-cases", 403)
    Visitor(app).get(link, 404)


def test_new_roles_end_the_sessions_and_the_last_administrator_stays(app, visit, office, place):
    visitor = visit("administrator")
    _totp_on(visitor, place)
    contributor = visit("contributor")
    contributor.get("/handed-over")
    target = office.people["contributor"].person_id
    url = f"/people/{target[:8]}-{target[8:12]}-{target[12:16]}-{target[16:20]}-{target[20:]}"
    visitor.post(url, 422, roles=["officer"], active="y", current_password="faux mot de passe")
    visitor.post(url, roles=["officer"], active="y", current_password=office.PASSWORD)
    assert contributor.client.get("/handed-over").status_code == 302
    me = office.people["administrator"]
    with place.database.reading() as connection:
        signed = people.person(connection, id=me.person_id)
    assert signed.totp_secret
    with pytest.raises(RefusedError, match="last_administrator"):
        op.change_member(place, replace(me, has_totp=True), me.person_id, roles=frozenset((Role.OFFICER,)), active=True)


def test_signing_out_ends_the_session_and_signing_in_changes_its_id(app, visit, office):
    visitor = Visitor(app)
    visitor.get("/sign-in")
    before = visitor.client.get_cookie("session").value
    visitor.sign_in(office.people["officer"], office.PASSWORD)
    after = visitor.client.get_cookie("session").value
    assert before != after
    visitor.get("/account")
    response = visitor.post("/sign-out", follow=False)
    assert "Clear-Site-Data" in response.headers
    visitor.client.set_cookie("session", after)
    assert visitor.client.get("/account").status_code == 302


def test_sessions_end_after_half_an_hour_idle_and_twelve_hours(visit, office, clock):
    visitor = visit("officer")
    clock.forward(minutes=31)
    assert visitor.client.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("target", "good"),
    [
        ("/use-cases?x=1", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("/%2F/evil.example", False),
        ("/%0d%0aSet-Cookie:x", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_ways_back_stay_here(target, good):
    assert (local_path(target) is not None) is good


def test_the_language_follows_the_person(visit, app, office):
    visitor = Visitor(app, "en")
    visitor.get("/sign-in")
    visitor.post("/sign-in", follow=False, email=office.people["officer"].email, password=office.PASSWORD)
    visitor.language = "fr"
    visitor.get("/account")
    visitor.language = "en"
    page = visitor.post("/language", language="en", back="/use-cases").page
    assert "Use cases" in page.text


def test_passwords_are_hashed_at_least_as_hard_as_owasp_asks(product_hasher):
    assert product_hasher.type.name == "ID"
    assert product_hasher.memory_cost >= 19 * 1024
    assert product_hasher.time_cost >= 2

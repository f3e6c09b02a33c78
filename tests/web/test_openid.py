"""Signing in through a real provider of identities, run here."""

import dataclasses

import oidc_provider_mock
import pytest
import requests

from compliance.config import OpenId
from compliance.operations import people
from compliance.operations.rights import Role
from compliance.operations.workplace import Workplace
from compliance.web.app import create_app
from tests.web.visitor import Visitor


@pytest.fixture
def provider():
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def site(place, provider):
    settings = dataclasses.replace(place.settings, openid=OpenId("Mécavia", provider, "pyramide", "secret"))
    made = create_app(Workplace(place.database, place.library, settings, place.clock))
    made.testing = True
    return made


def _through(site, provider, subject, claims):
    requests.put(f"{provider}/users/{subject}", json=claims, timeout=5)
    visitor = Visitor(site)
    visitor.get("/sign-in")
    away = visitor.client.get("/sign-in/openid").location
    assert away.startswith(provider)
    back = requests.post(away, data={"sub": subject}, allow_redirects=False, timeout=5).headers["location"]
    return visitor, visitor.client.get(back.removeprefix("http://localhost"))


def test_somebody_known_signs_in(site, provider, office):
    officer = office.people["officer"]
    visitor, response = _through(site, provider, "abc", {"email": officer.email, "name": "Claire"})
    assert response.status_code == 303
    assert office.people["officer"].org_name in visitor.get("/").page.text
    again, _ = _through(site, provider, "abc", {"email": "changed@example.com", "name": "Claire"})
    assert officer.email in again.get("/account").page.text, "known by subject from then on"


def test_somebody_invited_gets_an_account(site, provider, place, office):
    administrator = dataclasses.replace(office.people["administrator"], has_totp=True)
    roles = frozenset((Role.AUDITOR,))
    people.invite(place, administrator, email="new@example.com", roles=roles, language="fr")
    visitor, _ = _through(site, provider, "new", {"email": "New@example.com", "name": "Nouvelle"})
    assert "Nouvelle" in visitor.get("/account").page.text


def test_nobody_else(site, provider, office):
    visitor, response = _through(site, provider, "stranger", {"email": "stranger@example.com"})
    assert response.location == "/sign-in"
    assert "Personne n'a été invité" in visitor.get("/sign-in").page.text


def test_a_forged_return_is_refused(site, provider, office):
    visitor = Visitor(site)
    visitor.get("/sign-in")
    response = visitor.client.get("/sign-in/openid/back?code=x&state=y")
    assert response.location == "/sign-in"

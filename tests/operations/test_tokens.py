"""Tokens of the API: their bounds, whose they are, what they leave of somebody's rights; keys within their bounds."""

from dataclasses import replace

import pytest

from compliance.operations import tokens
from compliance.operations.rights import Right, Role
from compliance.operations.tokens import Scope
from compliance.operations.workplace import NotFoundError, RefusedError
from compliance.storage.people import change_person
from tests.offices import Office

READ = frozenset((Scope.READ,))


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        (frozenset(), 30, "nothing_selected"),
        (READ, 0, "token_days"),
        (READ, 366, "token_days"),
        (frozenset((Scope.WRITE,)), 30, "token_second_factor"),
        (frozenset((Scope.READ, Scope.REPORTS)), 30, "token_second_factor"),
    ],
)
def test_what_no_token_can_be(place, office, scopes, days, code):
    with pytest.raises(RefusedError) as refused:
        tokens.make(place, office.people["officer"], "x", scopes, days)
    assert refused.value.code == code
    assert tokens.mine(place, office.people["officer"]) == []


def test_a_person_has_so_many_living_tokens(place, office, clock):
    officer = office.people["officer"]
    for _ in range(tokens.ALIVE_MOST):
        tokens.make(place, officer, "x", READ, 1)
    with pytest.raises(RefusedError):
        tokens.make(place, officer, "x", READ, 1)
    clock.forward(days=1)
    tokens.make(place, officer, "x", READ, 1)


def test_a_token_is_its_persons_alone(place, office):
    officer = office.people["officer"]
    tokens.make(place, officer, "x", READ, 1)
    id_ = tokens.mine(place, officer)[0].id
    other = Office.open(place, "Autre", {"officer": frozenset((Role.OFFICER,))}).people["officer"]
    for stranger in (office.people["administrator"], other):
        with pytest.raises(NotFoundError):
            tokens.revoke(place, stranger, id_)
        assert tokens.mine(place, stranger) == []
    tokens.revoke(place, officer, id_)
    with pytest.raises(NotFoundError):
        tokens.revoke(place, officer, id_)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_scopes_only_narrow(place, office, role):
    actor = office.people[role]
    with place.database.writing() as connection:
        change_person(connection, actor.person_id, totp_secret="JBSWY3DPEHPK3PXP")
    for scope in Scope:
        secret = tokens.make(place, replace(actor, has_totp=True), "x", frozenset((scope,)), 1)
        holder = tokens.open_token(place, secret, "192.0.2.1")
        assert holder.actor.person_id == actor.person_id
        for right in Right:
            assert holder.actor.may(right) == (actor.may(right) and right in tokens.RIGHTS[scope]), (scope, right)


def test_keys_are_bounded_and_forgotten_after_a_day(place, office, clock, monkeypatch):
    monkeypatch.setattr(tokens, "KEYS_MOST", 3)
    officer = office.people["officer"]
    for number in range(3):
        tokens.end(place, officer, tokens.begin(place, officer, f"k{number}", "x"), 201, "{}")
    with pytest.raises(RefusedError):
        tokens.begin(place, officer, "k3", "x")
    assert tokens.begin(place, officer, "k0", "x").status == 201
    clock.forward(hours=25)
    assert tokens.begin(place, officer, "k0", "x").status is None


def test_a_key_is_one_persons(place, office):
    officer, auditor = office.people["officer"], office.people["auditor"]
    assert tokens.begin(place, officer, "k", "x").id != tokens.begin(place, auditor, "k", "y").id
    with pytest.raises(tokens.KeyUsedError):
        tokens.begin(place, officer, "k", "other")

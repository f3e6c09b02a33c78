"""Who works in an organisation: invitations, roles, departures, forgotten passwords."""

from __future__ import annotations

from compliance.operations import post
from compliance.operations.rights import Right, Role, as_text, roles_of
from compliance.operations.sign_in import make_link
from compliance.operations.workplace import (
    Actor,
    NotFoundError,
    RefusedError,
    SecondFactorNeededError,
    Unit,
    Workplace,
    work,
)
from compliance.storage import organisations, people
from compliance.storage.people import UNBOUND, Bounds, Link, Member


def _administering(actor: Actor) -> None:
    actor.require(Right.ADMINISTER)
    if not actor.has_totp:
        raise SecondFactorNeededError


def members(place: Workplace, actor: Actor) -> list[Member]:
    """Return everybody of the organisation."""
    actor.require(Right.TAKE_PART)
    with place.database.reading(actor.org_id) as connection:
        return people.members(connection, actor.org_id)


def names(place: Workplace, actor: Actor) -> dict[str, str]:
    """Return the names of everybody of the organisation by id."""
    return {member.person_id: member.name for member in members(place, actor)}


def invitations(place: Workplace, actor: Actor) -> list[Link]:
    """Return the invitations that nobody has taken up."""
    actor.require(Right.ADMINISTER)
    with place.database.reading(actor.org_id) as connection:
        return people.links(connection, actor.org_id, "invitation")


def _check_bounds(unit: Unit, roles: frozenset[Role], bounds: Bounds) -> None:
    """Raise RefusedError where a role cannot have such bounds: they are for auditors who are nothing else."""
    if bounds.any and roles != {Role.AUDITOR}:
        raise RefusedError("bounds_of_auditors", "roles")
    sites = {site.id for site in organisations.sites(unit.connection, unit.org)}
    if bounds.site_id is not None and bounds.site_id not in sites:
        raise RefusedError("unknown_choice", "site_id")
    if bounds.from_day and bounds.until_day and bounds.until_day < bounds.from_day:
        raise RefusedError("until_before_from", "until_day")


def invite(
    place: Workplace, actor: Actor, *, email: str, roles: frozenset[Role], language: str, bounds: Bounds = UNBOUND
) -> str:
    """Invite somebody, an auditor within bounds if so wished; return the address to give on.

    Where mail is set up, it is sent as well. Raises RefusedError.
    """
    _administering(actor)
    if actor.example:
        raise RefusedError("example_no_invitations", "email")
    with work(place, actor) as unit:
        _check_bounds(unit, roles, bounds)
        if bounds.over(place.today()):
            raise RefusedError("period_over", "until_day")
        known = people.person(unit.connection, email=email)
        if known and (found := people.membership(unit.connection, actor.org_id, known.id)) and found.active:
            raise RefusedError("already_member", "email")
        people.withdraw_links(unit.connection, "invitation", org_id=actor.org_id, email=email)
        token = make_link(
            unit.connection,
            unit.now,
            "invitation",
            org_id=actor.org_id,
            email=email,
            roles=as_text(roles),
            made_by=actor.person_id,
            **bounds.columns(),
        )
        address = f"{place.settings.base_url}/welcome/{token}"
        if place.settings.mailing:  # otherwise only the administrator sees the link, once
            post.invitation(unit, actor, email, address, language)
        unit.log("person.invited", "", roles=as_text(roles), **bounds.detail())
    return address


def withdraw(place: Workplace, actor: Actor, email: str) -> None:
    """Take an invitation back."""
    _administering(actor)
    with work(place, actor) as unit:
        people.withdraw_links(unit.connection, "invitation", org_id=actor.org_id, email=email)
        unit.log("invitation.withdrawn")


def _member(members_: list[Member], person_id: str) -> Member:
    found = next((item for item in members_ if item.person_id == person_id), None)
    if found is None:
        raise NotFoundError
    return found


def member(place: Workplace, actor: Actor, person_id: str) -> Member:
    """Return one member."""
    return _member(members(place, actor), person_id)


def change_member(
    place: Workplace,
    actor: Actor,
    person_id: str,
    *,
    roles: frozenset[Role],
    active: bool,
    bounds: Bounds = UNBOUND,
) -> None:
    """Give somebody other roles and bounds, or close or open their access; their sessions end.

    The last administrator stays. Raises RefusedError.
    """
    _administering(actor)
    with work(place, actor) as unit:
        found = people.membership(unit.connection, actor.org_id, person_id)
        if found is None:
            raise NotFoundError
        _check_bounds(unit, roles, bounds)
        others = [
            item
            for item in people.members(unit.connection, actor.org_id)
            if item.active and item.person_id != person_id and Role.ADMINISTRATOR in roles_of(item.roles)
        ]
        if not others and not (active and Role.ADMINISTRATOR in roles):
            raise RefusedError("last_administrator", "roles")
        people.set_membership(unit.connection, found, roles=as_text(roles), active=active, **bounds.columns())
        if person_id != actor.person_id:
            people.end_sessions(unit.connection, person_id=person_id)
        after = as_text(roles)
        unit.log("person.roles", person_id, before=found.roles, after=after, active=active, **bounds.detail())


def password_link(place: Workplace, actor: Actor, person_id: str) -> str:
    """Return a one-time address where a member sets a new password."""
    _administering(actor)
    with work(place, actor) as unit:
        found = _member(people.members(unit.connection, actor.org_id), person_id)
        elsewhere = people.memberships(unit.connection, person_id, None)
        if any(here.org_id != actor.org_id and not here.example for here in elsewhere):
            raise RefusedError("member_elsewhere")
        people.withdraw_links(unit.connection, "password", person_id=person_id)
        token = make_link(unit.connection, unit.now, "password", org_id=actor.org_id, person_id=found.person_id)
        unit.log("password.link", person_id)
    return f"{place.settings.base_url}/welcome/{token}"

"""Organisations with people, made in a real store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection

from compliance.operations import answers, cases, organisation, sign_in
from compliance.operations.cases import Description
from compliance.operations.rights import Role, as_text
from compliance.operations.workplace import Actor, Unit, Workplace
from compliance.storage import organisations, people
from compliance.storage.people import UNBOUND, Bounds
from compliance.storage.rows import new_id


@dataclass
class Office:
    """An organisation with people who can sign in."""

    place: Workplace
    org: str
    name: str
    people: dict[str, Actor]

    PASSWORD = "soudure girafe lampadaire"
    _hashed: ClassVar[str] = ""

    @classmethod
    def open(cls, place: Workplace, name: str, roles: dict[str, frozenset[Role]]) -> Office:
        """Make an organisation and its people."""
        org, now = new_id(), place.clock()
        made = cls(place, org, name, {})
        with place.database.writing() as connection:
            organisations.add_organisation(
                connection,
                id=org,
                name=name,
                language="fr",
                pack=place.settings.default_pack,
                example=False,
                created_at=now,
            )
            for who, held in roles.items():
                made._hire(connection, who, held, UNBOUND)
            Unit(connection, org, None, now).log("organisation.created", org)
        return made

    def _hire(self, connection: Connection, who: str, roles: frozenset[Role], bounds: Bounds) -> None:
        Office._hashed = Office._hashed or sign_in._HASHER.hash(self.PASSWORD)
        id_, name, email = new_id(), who.capitalize(), f"{who}.{self.org[:6]}@example.com"
        people.add_person(
            connection,
            id=id_,
            email=email,
            name=name,
            password_hash=self._hashed,
            totp_last_step=0,
            active=True,
            one_at_a_time=True,
            created_at=self.place.clock(),
        )
        people.join(connection, self.org, id_, as_text(roles), bounds)
        self.people[who] = Actor(
            id_, name, email, self.org, self.name, False, roles, None, "fr", False, True, bounds.site_id
        )

    def site(self, name: str) -> str:
        """Add a site; return its id."""
        return organisation.add_named(self.place, self.people["officer"], "site", name)

    def bound(self, who: str = "bound", **bounds: Any) -> Actor:
        """Hire an auditor whose role is bound to a site, a period or both."""
        found = Bounds(**{"site_id": None, "from_day": None, "until_day": None, **bounds})
        with self.place.database.writing() as connection:
            self._hire(connection, who, frozenset((Role.AUDITOR,)), found)
        return self.people[who]

    def case(self, name: str = "Tri de CV", site_id: str | None = None, **facts: object) -> str:
        """Begin a use case as the officer, with answers; return its id."""
        officer = self.people["officer"]
        case_id = cases.begin(self.place, officer, Description(name, owner_id=officer.person_id, site_id=site_id))
        for fact, value in facts.items():
            answers.record(self.place, officer, case_id, fact, answers.Given(value), 0)
        return case_id

    def finished(
        self,
        name: str = "Tri de CV",
        entry: str = "screening_and_ranking_of_applications",
        site_id: str | None = None,
    ) -> str:
        """Begin a use case from the catalogue and confirm it; return its id."""
        officer = self.people["officer"]
        facts = self.place.library.law(self.place.library.default).pack.catalogue[entry].facts
        described = Description(name, site_id=site_id)
        case_id = cases.begin(self.place, officer, described, presumed=facts, catalogue_entry=entry)
        answers.confirm_presumed(self.place, officer, case_id, list(facts))
        return case_id

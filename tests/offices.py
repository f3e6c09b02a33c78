"""Organisations with people, made in a real store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from compliance.operations import answers, cases, sign_in
from compliance.operations.cases import Description
from compliance.operations.rights import Role, as_text
from compliance.operations.workplace import Actor, Unit, Workplace
from compliance.storage import organisations, people
from compliance.storage.rows import new_id


@dataclass
class Office:
    """An organisation with people who can sign in."""

    place: Workplace
    org: str
    people: dict[str, Actor]

    PASSWORD = "soudure girafe lampadaire"
    _hashed: ClassVar[str] = ""

    @classmethod
    def open(cls, place: Workplace, name: str, roles: dict[str, frozenset[Role]]) -> Office:
        """Make an organisation and its people."""
        cls._hashed = cls._hashed or sign_in._HASHER.hash(cls.PASSWORD)
        org, now = new_id(), place.clock()
        found = {}
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
                id_ = new_id()
                email = f"{who}.{org[:6]}@example.com"
                people.add_person(
                    connection,
                    id=id_,
                    email=email,
                    name=who.capitalize(),
                    password_hash=cls._hashed,
                    totp_last_step=0,
                    active=True,
                    one_at_a_time=True,
                    created_at=now,
                )
                people.join(connection, org, id_, as_text(held))
                found[who] = Actor(id_, who.capitalize(), email, org, name, False, held, None, "fr", False, True)
            Unit(connection, org, None, now).log("organisation.created", org)
        return cls(place, org, found)

    def case(self, name: str = "Tri de CV", **facts: object) -> str:
        """Begin a use case as the officer, with answers; return its id."""
        officer = self.people["officer"]
        case_id = cases.begin(self.place, officer, Description(name, owner_id=officer.person_id))
        for fact, value in facts.items():
            answers.record(self.place, officer, case_id, fact, answers.Given(value), 0)
        return case_id

    def finished(self, name: str = "Tri de CV", entry: str = "screening_and_ranking_of_applications") -> str:
        """Begin a use case from the catalogue and confirm it; return its id."""
        officer = self.people["officer"]
        facts = self.place.library.law(self.place.library.default).pack.catalogue[entry].facts
        case_id = cases.begin(self.place, officer, Description(name), presumed=facts, catalogue_entry=entry)
        answers.confirm_presumed(self.place, officer, case_id, list(facts))
        return case_id

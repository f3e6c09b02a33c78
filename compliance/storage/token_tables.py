"""The tables of the API: tokens of people, and what was asked under a key so that it is done once."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text, UniqueConstraint

from compliance.storage.tables import ID, Moment, owned

api_token = owned(
    "api_token",
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("name", String(120), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", String(60), nullable=False),  # joined by blanks
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
    Index("ix_api_token_person", "org_id", "person_id"),
)

api_request = owned(  # its id is that of what it makes
    "api_request",
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("asked", String(64), nullable=False),  # hash of method, address and body
    Column("status", Integer),  # None while it is being done
    Column("answer", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
    UniqueConstraint("org_id", "person_id", "key"),
    Index("ix_api_request_at", "org_id", "at"),
)

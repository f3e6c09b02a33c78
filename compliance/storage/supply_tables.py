"""The tables of questionnaires to suppliers: who is asked what, what came back, the files with it."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint

from compliance.storage.tables import ID, Moment, owned, to, version

supplier_request = owned(
    "supplier_request",
    Column("case_id", ID, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("supplier", String(120), nullable=False),
    Column("address", String(254)),
    Column("language", String(2), nullable=False),
    Column("shown_name", String(200), nullable=False),  # what the supplier reads as the name of the use case
    Column("note", Text, nullable=False, default=""),
    Column("facts", JSON, nullable=False),
    Column("supplies", JSON, nullable=False),
    Column("state", String(10), nullable=False),  # "open", "sent", "expired", "withdrawn"
    Column("respondent", String(120), nullable=False, default=""),  # who sent it, as typed there
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("sent_at", Moment),
    version(),
    to("case_id", "use_case"),
    Index("ix_supplier_request_case", "org_id", "case_id"),
    Index("ix_supplier_request_state", "state", "expires_at"),
)

supplier_item = owned(  # what a supplier says to a question, or in words about something to supply
    "supplier_item",
    Column("request_id", ID, nullable=False),
    Column("kind", String(10), nullable=False),  # "fact", "supply"
    Column("item", String(80), nullable=False),
    Column("value", JSON(none_as_null=True)),
    Column("unknown", Boolean, nullable=False, default=False),
    Column("comment", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
    Column("decision", String(10), nullable=False, default=""),  # "accepted", "set_aside"
    Column("decided_by", ID, ForeignKey("person.id")),
    Column("decided_at", Moment),
    version(),
    to("request_id", "supplier_request"),
    UniqueConstraint("org_id", "request_id", "kind", "item"),
)

supplier_file = owned(
    "supplier_file",
    Column("request_id", ID, nullable=False),
    Column("supply", String(80), nullable=False),
    Column("name", String(200), nullable=False),  # as the supplier called it, shown as text only
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("evidence_id", ID),  # once accepted
    to("request_id", "supplier_request"),
    to("evidence_id", "evidence"),
    Index("ix_supplier_file_request", "org_id", "request_id"),
)

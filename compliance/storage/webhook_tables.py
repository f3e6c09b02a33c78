"""The tables of webhooks: where an organisation has its events sent, and what is to be sent, the outbox of events."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Text, UniqueConstraint

from compliance.storage.tables import ID, Moment, owned, to, version

webhook_endpoint = owned(
    "webhook_endpoint",
    Column("url", String(500), nullable=False),
    Column("description", String(120), nullable=False),
    Column("events", String(400), nullable=False),  # joined by blanks
    Column("secret_sealed", String(200), nullable=False),
    Column("old_secret_sealed", String(200)),  # signs beside the new one until its hour
    Column("old_secret_until", Moment),
    Column("state", String(10), nullable=False),
    Column("failures", Integer, nullable=False, default=0),  # messages given up in a row
    Column("made_at", Moment, nullable=False),
    version(),
)

webhook_delivery = owned(
    "webhook_delivery",
    Column("endpoint_id", ID, nullable=False),
    Column("event_id", ID, nullable=False),  # the same for every endpoint and every attempt
    Column("event", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Moment),  # when it is tried (again); None once it was sent or given up
    Column("tried_at", Moment),
    Column("status", Integer),  # what the receiver answered last
    Column("failure", String(20)),  # why the last attempt failed, as a code
    to("endpoint_id", "webhook_endpoint"),
    UniqueConstraint("org_id", "endpoint_id", "event_id"),
    Index("ix_webhook_delivery_next_at", "next_at"),
    Index("ix_webhook_delivery_at", "org_id", "endpoint_id", "at"),
)

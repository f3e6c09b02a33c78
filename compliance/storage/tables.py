"""The tables. Every row of an organisation carries its id, and keys cannot point across organisations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware on both sides of the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give UTC back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
ID = String(32)


def owned(name: str, *columns: Any, key: str = "id") -> Table:
    """Return a table of one organisation's rows."""
    return Table(
        name,
        metadata,
        Column("org_id", ID, ForeignKey("organisation.id"), nullable=False),
        Column(key, ID, nullable=False),
        *columns,
        PrimaryKeyConstraint("org_id", key),
    )


def to(columns: str | tuple[str, ...], table: str) -> ForeignKeyConstraint:
    """Return the key to a row of another table of the same organisation."""
    names = (columns,) if isinstance(columns, str) else columns
    return ForeignKeyConstraint(("org_id", *names), (f"{table}.org_id", f"{table}.id"))


def version() -> Column[int]:
    """Return the column by which a change in the meantime is seen."""
    return Column("version", Integer, nullable=False, default=1)


def _bounds() -> tuple[Column[Any], ...]:
    """Return what narrows a role: to one site, to a period."""
    return (
        Column("site_id", ID),
        Column("from_day", Date),
        Column("until_day", Date),
    )


organisation = Table(
    "organisation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("pack", String(60), nullable=False),
    Column("example", Boolean, nullable=False, default=False),
    Column("last_reference", Integer, nullable=False, default=0),
    Column("last_report", Integer, nullable=False, default=0, server_default="0"),
    Column("created_at", Moment, nullable=False),
    version(),
)

person = Table(
    "person",
    metadata,
    Column("id", ID, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("language", String(2)),
    Column("password_hash", String(200)),
    Column("totp_secret", String(64)),
    Column("totp_last_step", Integer, nullable=False, default=0),
    Column("openid_subject", String(255), unique=True),
    Column("active", Boolean, nullable=False, default=True),
    Column("one_at_a_time", Boolean, nullable=False, default=True),
    Column("created_at", Moment, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("org_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    *_bounds(),
    version(),
    PrimaryKeyConstraint("org_id", "person_id"),
    to("site_id", "site"),
    Index("ix_membership_person_id", "person_id"),
)

link = Table(  # one-time links: first sign-in, invitations, new passwords
    "link",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("org_id", ID, ForeignKey("organisation.id")),
    Column("purpose", String(20), nullable=False),
    Column("email", String(254)),
    Column("person_id", ID, ForeignKey("person.id")),
    Column("roles", String(120)),
    Column("made_by", ID, ForeignKey("person.id")),
    *_bounds(),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    to("site_id", "site"),
)

session = Table(
    "session",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("person_id", ID, ForeignKey("person.id")),
    Column("org_id", ID, ForeignKey("organisation.id")),
    Column("values", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_session_person_id", "person_id"),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

site = owned("site", Column("name", String(120), nullable=False), version())
supplier = owned("supplier", Column("name", String(120), nullable=False), version())

use_case = owned(
    "use_case",
    Column("reference", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("function", String(40)),
    Column("sector", String(40)),
    Column("site_id", ID),
    Column("supplier_id", ID),
    Column("owner_id", ID, ForeignKey("person.id")),
    Column("catalogue_entry", String(60)),
    Column("pack", String(60), nullable=False),
    Column("state", String(20), nullable=False, default="draft"),
    Column("levels", String(120), nullable=False),  # still possible, by rank, joined by blanks
    Column("presumed", Integer, nullable=False, default=0),  # answers still to confirm
    Column("open_count", Integer, nullable=False, default=0),
    Column("deciding_fact", String(80)),
    Column("duties", String(64), nullable=False, default=""),  # digest of those owed, to see a change
    Column("next_due", Date),
    Column("stale", Boolean, nullable=False, default=False),  # the summary waits to be computed anew
    Column("known", Text, nullable=False, default="", server_default=""),  # its own answers in short, one a line
    Column("archived", Boolean, nullable=False, default=False),
    Column("created_by", ID, ForeignKey("person.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    version(),
    UniqueConstraint("org_id", "reference"),
    to("site_id", "site"),
    to("supplier_id", "supplier"),
    Index("ix_use_case_org_id_name", "org_id", "name"),
)


def _answer_columns() -> tuple[Column[Any], ...]:
    return (
        Column("fact", String(80), nullable=False),
        Column("value", JSON),  # None with ``unknown``: "I don't know"; None without: taken back
        Column("unknown", Boolean, nullable=False, default=False),
        Column("presumed", Boolean, nullable=False, default=False),
        Column("comment", Text, nullable=False, default=""),
        Column("person_id", ID, ForeignKey("person.id"), nullable=False),
        Column("at", Moment, nullable=False),
        Column("source", JSON(none_as_null=True)),  # whose word it is where it came from a supplier
    )


answer = Table(  # ``subject`` is a use case, or the organisation itself for what is asked once
    "answer",
    metadata,
    Column("org_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("subject", ID, nullable=False),
    *_answer_columns(),
    version(),
    PrimaryKeyConstraint("org_id", "subject", "fact"),
)

answer_event = owned(
    "answer_event",
    Column("subject", ID, nullable=False),
    *_answer_columns(),
    Column("version", Integer, nullable=False),
    Index("ix_answer_event_subject", "org_id", "subject", "at"),
)

evidence = owned(
    "evidence",
    Column("case_id", ID, nullable=False),
    Column("fact", String(80)),
    Column("action_id", ID),
    Column("supply", String(80)),  # what it is, where a supplier was to give it
    Column("title", String(200), nullable=False),
    Column("url", String(2000)),
    Column("media_type", String(100)),
    Column("size", Integer),
    Column("sha256", String(64)),
    Column("content", LargeBinary),
    Column("removed", Boolean, nullable=False, default=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
    to("case_id", "use_case"),
    to("action_id", "action"),
    Index("ix_evidence_case", "org_id", "case_id"),
)

hand_over = owned(
    "hand_over",
    Column("case_id", ID, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("to_id", ID, ForeignKey("person.id"), nullable=False),
    Column("from_id", ID, ForeignKey("person.id"), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
    Column("done_at", Moment),
    version(),
    to("case_id", "use_case"),
    Index("ix_hand_over_to", "org_id", "to_id"),
    Index("ix_hand_over_case", "org_id", "case_id"),
)

assessment = owned(
    "assessment",
    Column("case_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("pack", String(60), nullable=False),
    Column("pack_version", String(20), nullable=False),
    Column("pack_hash", String(64), nullable=False),
    Column("date", Date, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("levels", String(120), nullable=False),
    Column("obligations", JSON, nullable=False),
    Column("author_id", ID, ForeignKey("person.id"), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
    Column("validator_id", ID, ForeignKey("person.id")),
    Column("opinion", Text, nullable=False, default=""),
    Column("decided_at", Moment),
    version(),
    to("case_id", "use_case"),
    UniqueConstraint("org_id", "case_id", "number"),
)

action = owned(
    "action",
    Column("case_id", ID),  # none: of the whole organisation
    Column("obligation", String(80), nullable=False),  # or "control:" and the control whose gap it closes
    Column("state", String(20), nullable=False, default="to_do"),
    Column("owner_id", ID, ForeignKey("person.id")),
    Column("due", Date),
    Column("due_chosen", Boolean, nullable=False, default=False),
    Column("comment", Text, nullable=False, default=""),
    Column("needed", Boolean, nullable=False, default=True),
    Column("changed_at", Moment, nullable=False),
    version(),
    to("case_id", "use_case"),
    UniqueConstraint("org_id", "case_id", "obligation"),
    Index("ix_action_due", "org_id", "needed", "state", "due"),
    Index("ix_action_owner", "org_id", "owner_id"),
)
Index(  # the constraint above takes no two absent use cases for the same
    "ix_action_organisation",
    action.c.org_id,
    action.c.obligation,
    unique=True,
    sqlite_where=action.c.case_id.is_(None),
    postgresql_where=action.c.case_id.is_(None),
)

mail = owned(
    "mail",
    Column("to_id", ID, ForeignKey("person.id")),
    Column("address", String(254), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("kind", String(120), nullable=False),  # what must not be sent twice
    Column("at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("failure", String(300)),
    UniqueConstraint("org_id", "kind"),
)

import_draft = owned(  # a file read and shown, nothing saved until confirmed
    "import_draft",
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("table", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

law_text = Table(  # every text of the law that something was frozen under, by its hash
    "law_text",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("folder", String(60), nullable=False),
    Column("version", String(20), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)

stationery = Table(  # what an organisation puts on its reports
    "stationery",
    metadata,
    Column("org_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("kind", String(10), nullable=False),  # "logo", "word": a template
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("org_id", "kind"),
)

report = owned(  # with a number it is issued: its record and its file never change
    "report",
    Column("kind", String(20), nullable=False),  # "use_case", "portfolio", "act_record"
    Column("form", String(60), nullable=False),  # "full", "summary", or which record of the Act
    Column("language", String(2), nullable=False),
    Column("case_id", ID),
    Column("site_id", ID),  # of a portfolio of one site
    Column("title", String(300), nullable=False),
    Column("asked", JSON, nullable=False),  # what a portfolio is to hold
    Column("number", String(20)),
    Column("issue", Boolean, nullable=False),  # to be numbered and signed
    Column("record", LargeBinary),
    Column("levels", String(120), nullable=False, default=""),
    Column("pack_version", String(20), nullable=False, default=""),
    Column("pack_hash", String(64), nullable=False, default=""),
    Column("log_size", Integer, nullable=False, default=0),
    Column("log_root", String(64), nullable=False, default=""),
    Column("supersedes_id", ID),
    Column("pdf", LargeBinary),
    Column("sha256", String(64)),
    Column("state", String(10), nullable=False),  # "waiting", "making", "ready", "failed"
    Column("failure", String(40)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("taken_by", String(120)),
    Column("taken_at", Moment),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("ready_at", Moment),
    version(),
    to("case_id", "use_case"),
    to("site_id", "site"),
    to("supersedes_id", "report"),
    UniqueConstraint("org_id", "number"),
    Index("ix_report_state", "state"),
    Index("ix_report_case", "org_id", "case_id"),
)

sample = owned(  # use cases that an auditor drew to look at
    "sample",
    Column("name", String(200), nullable=False),
    Column("criteria", JSON, nullable=False),
    Column("seed", String(32), nullable=False),
    Column("population", Integer, nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
)

sample_item = owned(
    "sample_item",
    Column("sample_id", ID, nullable=False),
    Column("case_id", ID, nullable=False),
    Column("place", Integer, nullable=False),  # in the order drawn
    Column("looked_at", Text, nullable=False, default=""),
    Column("looked_by", ID, ForeignKey("person.id")),
    Column("looked_on", Moment),
    version(),
    to("sample_id", "sample"),
    to("case_id", "use_case"),
    UniqueConstraint("org_id", "sample_id", "case_id"),
)

observation = owned(  # a remark or a finding of an auditor
    "observation",
    Column("case_id", ID, nullable=False),
    Column("report_id", ID),
    Column("sample_id", ID),
    Column("kind", String(10), nullable=False),  # "remark", "finding"
    Column("text", Text, nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", String(10), nullable=False),  # "open", "answered", "closed"
    Column("closing", Text, nullable=False, default=""),
    Column("closed_by", ID, ForeignKey("person.id")),
    Column("closed_at", Moment),
    version(),
    to("case_id", "use_case"),
    to("report_id", "report"),
    to("sample_id", "sample"),
    Index("ix_observation_case", "org_id", "case_id"),
)

observation_reply = owned(
    "observation_reply",
    Column("observation_id", ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
    to("observation_id", "observation"),
    Index("ix_observation_reply_observation", "org_id", "observation_id"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("org_id", ID, ForeignKey("organisation.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("who", ID),
    Column("what", String(60), nullable=False),
    Column("subject", String(80), nullable=False, default=""),
    Column("detail", JSON, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    CheckConstraint("seq > 0", name="seq_positive"),
    PrimaryKeyConstraint("org_id", "seq"),
    Index("ix_audit_entry_subject", "org_id", "subject"),
)

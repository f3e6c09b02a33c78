"""The tables of the rule studio: published versions of packs, drafts with their files, remarks on lines."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint

from compliance.storage.tables import ID, Moment, owned, to, version

pack_version = owned(  # never changed; going back to an earlier one is a new one
    "pack_version",
    Column("pack", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),  # all files, scenarios and what the pack stands on included
    Column("title_fr", String(200), nullable=False),
    Column("title_en", String(200), nullable=False),
    Column("note_fr", Text, nullable=False),
    Column("note_en", Text, nullable=False),
    Column("effect", Date, nullable=False),
    Column("changed", JSON, nullable=False),  # entries that differ from the version before: "section/id"
    Column("author_id", ID, ForeignKey("person.id"), nullable=False),
    Column("approver_id", ID, ForeignKey("person.id"), nullable=False),
    Column("draft_id", ID),
    Column("back_to", Integer),  # the number of the version that this one brings back
    Column("at", Moment, nullable=False),
    to("draft_id", "pack_draft"),
    UniqueConstraint("org_id", "pack", "number"),
    Index("ix_pack_version_hash", "org_id", "hash"),
)

pack_draft = owned(
    "pack_draft",
    Column("pack", String(60), nullable=False),
    Column("title", String(200), nullable=False),
    Column("base", String(80), nullable=False),  # the text that it was begun from; "" for a new pack
    Column("base_hash", String(64), nullable=False),
    Column("base_content", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),  # "draft", "review", "published", "dropped"
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("note_fr", Text, nullable=False, default=""),
    Column("note_en", Text, nullable=False, default=""),
    Column("effect", Date),
    Column("opinion", Text, nullable=False, default=""),
    Column("decided_by", ID, ForeignKey("person.id")),
    Column("at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    version(),
    Index("ix_pack_draft_state", "org_id", "state"),
)

pack_draft_file = owned(  # a file as its author typed it last; files that were not touched have no row
    "pack_draft_file",
    Column("draft_id", ID, nullable=False),
    Column("path", String(200), nullable=False),
    Column("text", Text),  # None: taken out
    Column("at", Moment, nullable=False),
    version(),
    to("draft_id", "pack_draft"),
    UniqueConstraint("org_id", "draft_id", "path"),
)

pack_remark = owned(  # a word of a reader on one line of a draft
    "pack_remark",
    Column("draft_id", ID, nullable=False),
    Column("path", String(200), nullable=False),
    Column("line", Integer, nullable=False),
    Column("quoted", String(300), nullable=False),  # the line as it stood
    Column("text", Text, nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("done_at", Moment),
    version(),
    to("draft_id", "pack_draft"),
    Index("ix_pack_remark_draft", "org_id", "draft_id"),
)

"""Actions of a whole organisation, which have no use case; use cases that placed a control get theirs soon."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_USE_CASE = sa.table(
    "use_case", sa.column("archived", sa.Boolean), sa.column("stale", sa.Boolean), sa.column("known", sa.Text)
)
_STEPS = ("nothing", "informal", "defined", "applied", "measured")


def upgrade() -> None:
    """Let the use case of an action be absent, each control of an organisation once."""
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        op.alter_column("action", "case_id", existing_type=sa.String(length=32), nullable=True)
    op.create_index(
        "ix_action_organisation",
        "action",
        ["org_id", "obligation"],
        unique=True,
        sqlite_where=sa.text("case_id IS NULL"),
        postgresql_where=sa.text("case_id IS NULL"),
    )
    placed = sa.or_(*(_USE_CASE.c.known.like(f'%="{step}"%') for step in _STEPS))
    op.execute(sa.update(_USE_CASE).where(_USE_CASE.c.archived.is_(False), placed).values(stale=True))


def _make_anew() -> None:
    """Make the table anew, as SQLite cannot change a column.

    Evidence points to actions: the rows are put back before the transaction ends, which is when keys are checked. A
    table that is only renamed would not do, since SQLite counts rows that went against rows that came.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE action_kept AS SELECT * FROM action")
    op.drop_table("action")
    op.create_table(
        "action",
        sa.Column("org_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("obligation", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("due_chosen", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("needed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "case_id"], ["use_case.org_id", "use_case.id"], name=op.f("fk_action_org_id_case_id")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_action_org_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_action_owner_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_action")),
        sa.UniqueConstraint("org_id", "case_id", "obligation", name=op.f("uq_action_org_id_case_id_obligation")),
    )
    op.execute("INSERT INTO action SELECT * FROM action_kept")  # both have the columns of the first tables, in order
    op.drop_table("action_kept")
    op.create_index("ix_action_due", "action", ["org_id", "needed", "state", "due"])
    op.create_index("ix_action_owner", "action", ["org_id", "owner_id"])

"""On PostgreSQL, a transaction of one organisation sees and changes no row of another, whatever a query forgets."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Links and sessions are people's before they are an organisation's; the names of organisations stand in both.
_OWNED = (
    "action", "answer", "answer_event", "assessment", "audit_entry", "evidence", "hand_over", "import_draft", "mail",
    "membership", "observation", "observation_reply", "pack_draft", "pack_draft_file", "pack_remark", "pack_version",
    "report", "sample", "sample_item", "site", "stationery", "supplier", "supplier_file", "supplier_item",
    "supplier_request", "use_case",
)


def upgrade() -> None:
    """Bound every table of organisations by the one that the transaction names; where it names none, all are seen.

    The owner is bound too, for the site runs migrations and so owns what it works on; only a superuser is not.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_of_one ON {table}"
            " USING (coalesce(current_setting('app.org', true), '') IN ('', org_id))"
        )

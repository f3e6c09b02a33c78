"""The answers of each use case in short, so that the effect of a change of the law on all of them is read at once."""

import json
from collections.abc import Iterable
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ANSWER = sa.table(
    "answer",
    sa.column("org_id", sa.String),
    sa.column("subject", sa.String),
    sa.column("fact", sa.String),
    sa.column("value", sa.JSON),
    sa.column("unknown", sa.Boolean),
)
_USE_CASE = sa.table(
    "use_case", sa.column("org_id", sa.String), sa.column("id", sa.String), sa.column("known", sa.Text)
)
_AT_ONCE = 1_000


def upgrade() -> None:
    """Add the column and fill it from the answers that stand."""
    with op.batch_alter_table("use_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known", sa.Text(), server_default="", nullable=False))
    connection = op.get_bind()
    columns = _ANSWER.c
    found = connection.execute(
        sa.select(_ANSWER).order_by(columns.org_id, columns.subject, columns.fact)
    ).fetchall()
    rows = (
        {"in_org": org, "of_case": subject, "known": "\n".join(_lines(answers))}
        for (org, subject), answers in groupby(found, lambda answer: (answer.org_id, answer.subject))
    )
    statement = sa.update(_USE_CASE).where(
        _USE_CASE.c.org_id == sa.bindparam("in_org"), _USE_CASE.c.id == sa.bindparam("of_case")
    )
    while part := list(islice(rows, _AT_ONCE)):
        connection.execute(statement, part)


def _lines(answers: Iterable[Any]) -> list[str]:
    """Return the answers that say something, one a line."""
    return sorted(
        f"{answer.fact}={json.dumps(answer.value, sort_keys=True, separators=(',', ':'))}"
        for answer in answers
        if not answer.unknown and answer.value is not None
    )

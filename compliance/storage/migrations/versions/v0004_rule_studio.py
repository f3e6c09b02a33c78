"""The rule studio: published versions of packs, which never change, drafts with their files, remarks on lines."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'a published version never changes'); END"
_EXAMPLE = "(SELECT example FROM organisation WHERE id = OLD.org_id)"
_KEPT = (
    f"CREATE TRIGGER pack_version_update BEFORE UPDATE ON pack_version {_REFUSE}",
    f"CREATE TRIGGER pack_version_delete BEFORE DELETE ON pack_version WHEN {_EXAMPLE} = 0 {_REFUSE}",
)
_KEPT_POSTGRESQL = f"""
CREATE FUNCTION pack_version_never_changes() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' AND {_EXAMPLE} THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'a published version never changes';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER pack_version_kept BEFORE UPDATE OR DELETE ON pack_version
FOR EACH ROW EXECUTE FUNCTION pack_version_never_changes();
"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table('pack_draft',
    sa.Column('org_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('pack', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('base', sa.String(length=80), nullable=False),
    sa.Column('base_hash', sa.String(length=64), nullable=False),
    sa.Column('base_content', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('note_fr', sa.Text(), nullable=False),
    sa.Column('note_en', sa.Text(), nullable=False),
    sa.Column('effect', sa.Date(), nullable=True),
    sa.Column('opinion', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.String(length=32), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_pack_draft_decided_by')),
    sa.ForeignKeyConstraint(['org_id'], ['organisation.id'], name=op.f('fk_pack_draft_org_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_pack_draft_person_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_pack_draft'))
    )
    with op.batch_alter_table('pack_draft', schema=None) as batch_op:
        batch_op.create_index('ix_pack_draft_state', ['org_id', 'state'], unique=False)

    op.create_table('pack_draft_file',
    sa.Column('org_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('draft_id', sa.String(length=32), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'draft_id'], ['pack_draft.org_id', 'pack_draft.id'], name=op.f('fk_pack_draft_file_org_id_draft_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organisation.id'], name=op.f('fk_pack_draft_file_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_pack_draft_file')),
    sa.UniqueConstraint('org_id', 'draft_id', 'path', name=op.f('uq_pack_draft_file_org_id_draft_id_path'))
    )
    op.create_table('pack_remark',
    sa.Column('org_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('draft_id', sa.String(length=32), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('quoted', sa.String(length=300), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'draft_id'], ['pack_draft.org_id', 'pack_draft.id'], name=op.f('fk_pack_remark_org_id_draft_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organisation.id'], name=op.f('fk_pack_remark_org_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_pack_remark_person_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_pack_remark'))
    )
    with op.batch_alter_table('pack_remark', schema=None) as batch_op:
        batch_op.create_index('ix_pack_remark_draft', ['org_id', 'draft_id'], unique=False)

    op.create_table('pack_version',
    sa.Column('org_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('pack', sa.String(length=60), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('title_fr', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('note_fr', sa.Text(), nullable=False),
    sa.Column('note_en', sa.Text(), nullable=False),
    sa.Column('effect', sa.Date(), nullable=False),
    sa.Column('changed', sa.JSON(), nullable=False),
    sa.Column('author_id', sa.String(length=32), nullable=False),
    sa.Column('approver_id', sa.String(length=32), nullable=False),
    sa.Column('draft_id', sa.String(length=32), nullable=True),
    sa.Column('back_to', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['approver_id'], ['person.id'], name=op.f('fk_pack_version_approver_id')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_pack_version_author_id')),
    sa.ForeignKeyConstraint(['org_id', 'draft_id'], ['pack_draft.org_id', 'pack_draft.id'], name=op.f('fk_pack_version_org_id_draft_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organisation.id'], name=op.f('fk_pack_version_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_pack_version')),
    sa.UniqueConstraint('org_id', 'pack', 'number', name=op.f('uq_pack_version_org_id_pack_number'))
    )
    with op.batch_alter_table('pack_version', schema=None) as batch_op:
        batch_op.create_index('ix_pack_version_hash', ['org_id', 'hash'], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_KEPT_POSTGRESQL)
    else:
        for statement in _KEPT:
            op.execute(statement)

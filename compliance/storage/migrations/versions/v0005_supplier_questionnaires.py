"""Questionnaires to suppliers, what came back, and the source of an answer or a piece of evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the columns; what stands has no source but its author."""
    op.create_table('supplier_request',
    sa.Column('org_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('supplier', sa.String(length=120), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('shown_name', sa.String(length=200), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('supplies', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('respondent', sa.String(length=120), nullable=False),
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['org_id', 'case_id'], ['use_case.org_id', 'use_case.id'], name=op.f('fk_supplier_request_org_id_case_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organisation.id'], name=op.f('fk_supplier_request_org_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_supplier_request_person_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_supplier_request')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_supplier_request_token_hash'))
    )
    with op.batch_alter_table('supplier_request', schema=None) as batch_op:
        batch_op.create_index('ix_supplier_request_case', ['org_id', 'case_id'], unique=False)
        batch_op.create_index('ix_supplier_request_state', ['state', 'expires_at'], unique=False)

    op.create_table('supplier_item',
    sa.Column('org_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('request_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('item', sa.String(length=80), nullable=False),
    sa.Column('value', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('unknown', sa.Boolean(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('decision', sa.String(length=10), nullable=False),
    sa.Column('decided_by', sa.String(length=32), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_supplier_item_decided_by')),
    sa.ForeignKeyConstraint(['org_id', 'request_id'], ['supplier_request.org_id', 'supplier_request.id'], name=op.f('fk_supplier_item_org_id_request_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organisation.id'], name=op.f('fk_supplier_item_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_supplier_item')),
    sa.UniqueConstraint('org_id', 'request_id', 'kind', 'item', name=op.f('uq_supplier_item_org_id_request_id_kind_item'))
    )
    op.create_table('supplier_file',
    sa.Column('org_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('request_id', sa.String(length=32), nullable=False),
    sa.Column('supply', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('evidence_id', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['org_id', 'evidence_id'], ['evidence.org_id', 'evidence.id'], name=op.f('fk_supplier_file_org_id_evidence_id')),
    sa.ForeignKeyConstraint(['org_id', 'request_id'], ['supplier_request.org_id', 'supplier_request.id'], name=op.f('fk_supplier_file_org_id_request_id')),
    sa.ForeignKeyConstraint(['org_id'], ['organisation.id'], name=op.f('fk_supplier_file_org_id')),
    sa.PrimaryKeyConstraint('org_id', 'id', name=op.f('pk_supplier_file'))
    )
    with op.batch_alter_table('supplier_file', schema=None) as batch_op:
        batch_op.create_index('ix_supplier_file_request', ['org_id', 'request_id'], unique=False)

    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table('answer_event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('supply', sa.String(length=80), nullable=True))

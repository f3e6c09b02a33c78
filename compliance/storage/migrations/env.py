"""Alembic runs migrations on the connection that it is given."""

from alembic import context

from compliance.storage.schema import SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SCHEMA,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()

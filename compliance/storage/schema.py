"""All tables, whichever module they stand in."""

from __future__ import annotations

from compliance.storage import studio_tables, supply_tables, tables, token_tables, webhook_tables

_ = (studio_tables, supply_tables, token_tables, webhook_tables)
SCHEMA = tables.metadata

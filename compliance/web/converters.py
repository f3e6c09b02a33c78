"""Ids in addresses: written with dashes, stored without."""

from __future__ import annotations

from uuid import UUID

from werkzeug.routing import BaseConverter


class IdConverter(BaseConverter):
    """Reads and writes the ids of rows; anything else in their place is a 404."""

    regex = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"  # messages write ids as stored

    def to_python(self, value: str) -> UUID:
        """Return the id."""
        return UUID(value)

    def to_url(self, value: UUID | str) -> str:
        """Return an id, stored or not, as addresses have it."""
        return str(value if isinstance(value, UUID) else UUID(value))

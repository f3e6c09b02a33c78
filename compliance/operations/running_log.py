"""What the running product writes on standard error: lines for people, or one JSON value a line for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

PLAIN, JSON = "plain", "json"


class JsonLines(logging.Formatter):
    """One JSON value for each record; a line break within it is escaped, so that no text makes a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, with the fields that it was given."""
        found: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": getattr(record, "said", None) or record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        return json.dumps(found, ensure_ascii=False)


def set_up(kind: str) -> None:
    """Have everything logged in one form; whoever set up logging before keeps theirs."""
    handler = logging.StreamHandler()
    if kind == JSON:
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("pyramide").setLevel(logging.INFO)

"""Render one record in a process of its own: ``python -m compliance.reports.child LANGUAGE FORM < record > PDF``."""

from __future__ import annotations

import json
import logging
import sys

from compliance.reports import pages, pdf
from compliance.reports.holding import hold
from compliance.reports.rendering import Bounds


def main() -> int:
    """Read a record, write its PDF; bounds on time and memory are set before anything is read."""
    language, form, seconds, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    hold(Bounds(seconds, megabytes))
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    record = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pdf.make(pages.page(record, "en" if language == "en" else "fr", form)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Fill one Word template in a process of its own: ``python -m compliance.reports.word_child SECONDS MEGABYTES``."""

from __future__ import annotations

import base64
import json
import sys

from compliance.reports.holding import hold
from compliance.reports.rendering import Bounds
from compliance.reports.sample import sample
from compliance.reports.word_archive import inspect
from compliance.reports.word_filling import fill
from compliance.reports.word_placeholders import RefusedTemplateError
from compliance.text import Language


def main() -> int:
    """Read a job, write the file or the problems of its template; bounds are set before anything is read."""
    hold(Bounds(int(sys.argv[1]), int(sys.argv[2])))
    job = json.loads(sys.stdin.buffer.read())
    language: Language = "en" if job["language"] == "en" else "fr"
    template = base64.b64decode(job["template"])
    try:
        if problems := [] if job["ours"] else inspect(template):
            raise RefusedTemplateError(problems)  # noqa: TRY301 - one answer for all refusals
        made = fill(job["record"] or sample(language), language, template, ours=job["ours"])
    except RefusedTemplateError as refused:
        made = json.dumps([{"fr": problem.fr, "en": problem.en} for problem in refused.problems]).encode()
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())

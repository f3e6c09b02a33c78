"""The report of a use case as a Word file, for those who must edit it; with our template or a company's own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compliance.evidence.canonical import canonical
from compliance.reports.rendering import Bounds, apart
from compliance.reports.word_archive import SIZE_MOST, TOO_LARGE
from compliance.reports.word_placeholders import RefusedTemplateError
from compliance.text import LANGUAGES, Language, Text

_TEMPLATE = Path(__file__).parent.parent.parent / "templates" / "reports" / "report.docx"
_BOUNDS = Bounds(seconds=30, megabytes=1024)


def default_template() -> bytes:
    """Return our template, for a company to start its own from."""
    return _TEMPLATE.read_bytes()


def make(record: Mapping[str, Any], language: Language, template: bytes | None = None) -> bytes:
    """Return the Word file of a record; ``template`` is a company's own. The same record gives the same bytes.

    Raises RefusedTemplateError when the template cannot be used, RenderingError when it takes too long.
    """
    return _filled(dict(record), language, template)


def check_template(content: bytes) -> list[Text]:
    """Return what is wrong with a company's template, in words; nothing, once a sample report went through it.

    Raises RenderingError when that takes too long.
    """
    if len(content) > SIZE_MOST:
        return [TOO_LARGE]
    try:
        for language in LANGUAGES:
            _filled(None, language, content)
    except RefusedTemplateError as refused:
        return list(refused.problems)
    return []


def _filled(record: dict[str, Any] | None, language: Language, template: bytes | None) -> bytes:
    """Return a template filled with a record, or with a sample, in a process of its own."""
    content = default_template() if template is None else template
    job = {
        "record": record,
        "language": language,
        "template": base64.b64encode(content).decode(),
        "ours": template is None,
    }
    made = apart("compliance.reports.word_child", (), canonical(job), _BOUNDS)
    if made.startswith(b"PK"):
        return made
    raise RefusedTemplateError(Text(**problem) for problem in json.loads(made))

"""The words of the rule language: which keys an entry of each section must have, and may have."""

from __future__ import annotations

_DOUBT = ("status", "to_confirm", "checked")

KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # section: required keys, optional keys
    "sections": (("title", "order"), ("beyond",)),
    "facts": (
        ("type", "section", "order", "question", "cite"),
        ("of", "help", "examples", "options", "groups", "unit", "minimum", "maximum", *_DOUBT),
    ),
    "definitions": (("title", "cite", "when"), ("unless", "because", *_DOUBT)),
    "derivations": (("title", "when", "gives", "cite", "because"), _DOUBT),
    "levels": (("rank", "title", "description", "cite"), ("when",)),
    "roles": (("title", "cite", "when"), ()),
    "findings": (("title", "cite", "when", "because"), ("deadline", *_DOUBT)),
    "owners": (("title",), ()),
    "deadlines": (("title", "cases"), ()),
    "penalties": (("title", "cite"), ("amount", "percent", "percent_when", "lower_when", "note")),
    "obligations": (
        ("who", "when", "cite", "action", "evidence", "owner", "deadline"),
        ("nature", "penalty", "note", *_DOUBT),
    ),
    "glossary": (("title", "text", "cite"), ()),
    "coverage": (("cite", "kind", "because"), ()),
    "catalogue": (("title", "description", "function", "flip", "facts", "cite"), ("sector",)),
    "records": (("title", "purpose", "cite", "who", "when", "parts"), ()),
    "record_items": (("record", "part", "order", "title", "guide", "cite"), ("from", "sufficient", "when")),
    "modules": (("order", "title", "purpose", "cite"), ()),
    "controls": (
        ("module", "order", "of", "question", "why", "action", "evidence", "owner", "target", "months", "cite"),
        ("when", *_DOUBT),
    ),
    "training": (("order", "audience", "content", "format", "cite"), ("when",)),
    "supplies": (("title", "guide", "cite"), ("when",)),
    "regimes": (("order", "title", "act", "purpose", "when", "because", "cite"), _DOUBT),
    "regime_duties": (
        ("regime", "action", "evidence", "owner", "cite"),
        ("when", "serves", "applies_from", "note", *_DOUBT),
    ),
}

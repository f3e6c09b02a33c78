"""JSON Schemas of rule files and case files, for completion in editors: ``python -m compliance.law.schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compliance.law.beyond_model import Maturity
from compliance.law.language import KEYS
from compliance.law.model import Nature
from compliance.law.records import KINDS
from compliance.law.terms import FactScope, FactType, Status

RULES = Path(__file__).parent.parent.parent / "rules"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ID = "^[a-z][a-z0-9_]*$"
_ANY_ID = "^([a-z][a-z0-9-]*:)?[a-z][a-z0-9_]*$"


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _one_of(*values: str | bool) -> dict[str, Any]:
    return {"enum": list(values)}


_DEFS: dict[str, Any] = {
    "text": {
        "type": "object",
        "required": ["fr", "en"],
        "properties": {"fr": {"type": "string"}, "en": {"type": "string"}},
        "additionalProperties": False,
        "description": "Texte en français et en anglais. / Text in French and English.",
    },
    "cite": {
        "description": "art. 6(1)(a), annex III.4(a), recital 53",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    },
    "id": {"type": "string", "pattern": _ANY_ID},
    "date": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"},
    "number": {"anyOf": [{"type": "number"}, {"type": "string"}]},
    "condition": {
        "description": "Une condition n'a qu'une clé. / A condition has one key.",
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    "all": {"type": "array", "minItems": 1, "items": _ref("condition")},
                    "any": {"type": "array", "minItems": 1, "items": _ref("condition")},
                    "none": {"type": "array", "minItems": 1, "items": _ref("condition")},
                    "not": _ref("condition"),
                    "at_least": {
                        "type": "object",
                        "required": ["count", "of"],
                        "properties": {
                            "count": {"type": "integer", "minimum": 1},
                            "of": {"type": "array", "minItems": 1, "items": _ref("condition")},
                        },
                        "additionalProperties": False,
                    },
                },
                "additionalProperties": _ref("test"),
            },
        ],
    },
    "test": {
        "anyOf": [
            {"type": ["boolean", "string"]},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    **{key: {"type": "array", "items": {"type": "string"}} for key in ("any_of", "all_of", "none_of")},
                    **{key: _ref("date") for key in ("before", "on_or_after")},
                    **{key: _ref("number") for key in ("less_than", "at_most", "at_least", "more_than")},
                },
                "additionalProperties": False,
            },
        ]
    },
    "option": {
        "type": "object",
        "required": ["label"],
        "properties": {"label": _ref("text"), "help": _ref("text"), "cite": _ref("cite"), "group": {"type": "string"}},
        "additionalProperties": False,
    },
    "case": {
        "type": "object",
        "required": ["cite"],
        "properties": {
            "when": _ref("condition"),
            "applies_from": _ref("date"),
            "never": _ref("text"),
            "cite": _ref("cite"),
            "note": _ref("text"),
            "status": _one_of(*(status.value for status in Status)),
        },
        "additionalProperties": False,
    },
    "facts": {"type": "object", "additionalProperties": True},
    "source": {
        "description": "fact:ID, case:…, organisation:…, outcome:…, obligation:ID, finding:ID",
        "type": "string",
        "pattern": f"^({'|'.join(KINDS)}):.+$",
    },
}
_TEXTS = (
    "title",
    "question",
    "help",
    "because",
    "description",
    "action",
    "evidence",
    "note",
    "to_confirm",
    "unit",
    "text",
    "flip",
    "purpose",
    "guide",
    "why",
    "audience",
    "content",
    "format",
    "act",
)
_FIELDS: dict[str, Any] = {
    **{key: _ref("text") for key in _TEXTS},
    **{key: _ref("condition") for key in ("when", "unless", "percent_when", "lower_when")},
    **{key: _ref("number") for key in ("order", "rank", "minimum", "maximum", "amount", "percent", "months")},
    **{key: _ref("id") for key in ("section", "owner", "deadline", "penalty", "record", "module", "regime")},
    "cite": _ref("cite"),
    "type": _one_of(*(kind.value for kind in FactType)),
    "of": _one_of(*(scope.value for scope in FactScope)),
    "status": _one_of(*(status.value for status in Status)),
    "nature": _one_of(*(nature.value for nature in Nature)),
    "kind": _one_of("binds_others", "not_encoded"),
    "checked": {"type": "string"},
    "function": {"type": "string"},
    "sector": {"type": "string"},
    "facts": _ref("facts"),
    "beyond": _one_of(True, "true", False, "false"),
    "target": _one_of(*(maturity.value for maturity in Maturity)),
    "serves": {"anyOf": [_ref("id"), {"type": "array", "items": _ref("id")}]},
    "applies_from": _ref("date"),
    "gives": _ref("facts"),
    "examples": {
        "type": "object",
        "required": ["fr", "en"],
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
    "options": {"type": "object", "additionalProperties": _ref("option")},
    "groups": {"type": "object", "additionalProperties": _ref("text")},
    "cases": {"type": "array", "minItems": 1, "items": _ref("case")},
    "part": {"type": "string", "pattern": _ID},
    "parts": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": _ID},
        "additionalProperties": _ref("text"),
    },
    "from": {"anyOf": [_ref("source"), {"type": "array", "items": _ref("source")}]},
    "sufficient": _one_of(True, "true", False, "false"),
    "who": {"anyOf": [_ref("id"), {"type": "array", "items": _ref("id")}]},
}


def _entry(section: str) -> dict[str, Any]:
    required, optional = KEYS[section]
    return {
        "type": "object",
        "required": list(required),
        "properties": {key: _FIELDS[key] for key in (*required, *optional)},
        "additionalProperties": False,
    }


def _section(section: str) -> dict[str, Any]:
    entries = {"type": "object", "propertyNames": {"pattern": _ID}, "additionalProperties": _entry(section)}
    repealed = {"type": "object", "required": ["cite"], "properties": {"cite": _ref("cite")}}
    amendments: dict[str, Any] = {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "insert": entries,
            "replace": entries,
            "repeal": {"type": "object", "additionalProperties": repealed},
        },
        "additionalProperties": False,
    }
    if section == "levels":
        raised = {
            "type": "object",
            "required": ["when", "because", "cite"],
            "properties": {"when": _ref("condition"), "because": _ref("text"), "cite": _ref("cite")},
            "additionalProperties": False,
        }
        amendments["properties"]["raise"] = {"type": "object", "additionalProperties": raised}
    return {"anyOf": [entries, amendments]}


def _both() -> dict[str, Any]:
    names = {"type": "array", "items": {"type": "string"}}
    return {"type": "object", "properties": {"include": names, "exclude": names}, "additionalProperties": False}


def pack_schema() -> dict[str, Any]:
    """Return the schema of every file of a pack, pack.yaml and scenarios included."""
    level = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    expect = {
        "type": "object",
        "properties": {
            "level": level,
            **{
                key: _both()
                for key in (
                    *("findings", "obligations", "roles", "open", "cites", "records"),
                    *("regimes", "regime_duties", "supplies"),
                )
            },
            "due": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "additionalProperties": False,
    }
    scenario = {
        "type": "object",
        "required": ["name", "date", "facts", "expect"],
        "properties": {
            "name": _ref("text"),
            "date": _ref("date"),
            "profile": {"type": "string"},
            "facts": _ref("facts"),
            "expect": expect,
            "cite": _ref("cite"),
        },
        "additionalProperties": False,
    }
    legal_text = {
        "type": "object",
        "required": ["celex", "eli", "title"],
        "properties": {"celex": {"type": "string"}, "eli": {"type": "string"}, "title": _ref("text")},
    }
    profile = {"type": "object", "properties": {"title": _ref("text"), "facts": _ref("facts")}}
    head = {
        "pack": {"type": "string"},
        "amends": {"type": "string"},
        "builds_on": {"type": "array", "items": {"type": "string"}},
        "parts": {"type": "array", "items": {"type": "string"}},
        "part": {"type": "string"},
        "version": {"type": "string"},
        "title": _ref("text"),
        "text": legal_text,
        "consolidated": {"type": "object", "properties": {"celex": {"type": "string"}}},
    }
    return {
        "$schema": _DRAFT,
        "title": "Pyramide: rule pack",
        "type": "object",
        "properties": {
            **head,
            **{section: _section(section) for section in KEYS},
            "profiles": {"type": "object", "additionalProperties": profile},
            "scenarios": {"type": "array", "items": scenario},
        },
        "additionalProperties": False,
        "$defs": _DEFS,
    }


def case_schema() -> dict[str, Any]:
    """Return the schema of a case file."""
    return {
        "$schema": _DRAFT,
        "title": "Pyramide: case file",
        "type": "object",
        "required": ["facts"],
        "properties": {
            "name": {"anyOf": [{"type": "string"}, _ref("text")]},
            "pack": {"type": "string"},
            "date": _ref("date"),
            "facts": _ref("facts"),
        },
        "additionalProperties": False,
        "$defs": {key: _DEFS[key] for key in ("text", "date", "facts")},
    }


def written(schema: dict[str, Any]) -> str:
    """Return a schema as it stands in its file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (RULES / "schema").mkdir(exist_ok=True)
    (RULES / "schema" / "pack.schema.json").write_text(written(pack_schema()), encoding="utf-8")
    (RULES / "schema" / "case.schema.json").write_text(written(case_schema()), encoding="utf-8")

"""What goes in and out of the API, as JSON Schema: requests are checked by it, the OpenAPI document shows it."""

from __future__ import annotations

from typing import Any

from compliance.operations.events import ACTION, ENDPOINT, EVENTS, PACK, REPORT, USE_CASE
from compliance.operations.vocabulary import ACTION_STATES, CASE_STATES, FUNCTIONS, SECTORS
from compliance.storage.webhooks import TEST
from compliance.web import limits

Schema = dict[str, Any]
_BIG = 10**18  # what the pages take at most for a number, and one


def ref(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(most: int, least: int = 0) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "minLength": least, "maxLength": most}


def closed(needed: tuple[str, ...], /, **fields: Schema) -> Schema:
    """Return the schema of an object that has no other fields."""
    return {"type": "object", "properties": fields, "required": list(needed), "additionalProperties": False}


def record(**fields: Schema) -> Schema:
    """Return the schema of an object that always has all its fields."""
    return closed(tuple(fields), **fields)


def listed(item: Schema) -> Schema:
    """Return the schema of one page of a list."""
    return record(items={"type": "array", "items": item}, total=NUMBER, page=NUMBER, per_page=NUMBER)


def maybe(schema: Schema) -> Schema:
    """Return a schema that null fits too."""
    return {"anyOf": [schema, {"type": "null"}]}


NUMBER: Schema = {"type": "integer", "minimum": 0}
ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
DAY: Schema = {"type": "string", "format": "date", "maxLength": 10, "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
WORD: Schema = {"type": "string"}
TRUTH: Schema = {"type": "boolean"}
WORDS: Schema = {"type": "array", "items": WORD}
BOTH = record(fr=WORD, en=WORD)
_OPTION = {"type": "string", "maxLength": 80}
_OPTIONS = {"type": "array", "items": _OPTION, "maxItems": 200}
VALUE: Schema = {
    "description": "true or false; an option; options; {selected, unknown} of options; a day; a number; a text",
    "anyOf": [
        TRUTH,
        {"type": "number", "exclusiveMinimum": -_BIG, "exclusiveMaximum": _BIG},
        text(limits.LONG_TEXT),
        _OPTIONS,
        closed(("selected", "unknown"), selected=_OPTIONS, unknown=_OPTIONS),
        {"type": "null"},
    ],
}
_STANDING = record(value={}, unknown=TRUTH, presumed=TRUTH, comment=WORD, version=NUMBER, person_id=ID, at=MOMENT)
_QUESTION = {
    "id": WORD,
    "type": WORD,
    "section": WORD,
    "about": {"enum": ["use_case", "organisation"]},
    "question": BOTH,
    "help": maybe(BOTH),
    "options": {"type": "array", "items": record(id=WORD, label=BOTH)},
    "unit": maybe(BOTH),
}
_DESCRIPTION = {
    "name": text(limits.NAME, 1),
    "description": text(limits.LONG_TEXT),
    "function": maybe({"enum": list(FUNCTIONS)}),
    "sector": maybe({"enum": list(SECTORS)}),
    "site_id": maybe(ID),
    "supplier_id": maybe(ID),
    "owner_id": maybe(ID),
}
SCHEMAS: dict[str, Schema] = {
    "Problem": closed(
        ("type", "title", "status", "detail", "code", "request"),
        type=WORD,
        title=WORD,
        status=NUMBER,
        detail=WORD,
        code=WORD,
        request=WORD,
        errors={"type": "array", "items": record(pointer=WORD, detail=WORD)},
        stands={},
    ),
    "Value": VALUE,
    "Event": record(
        id=ID,
        type={"enum": [*EVENTS, TEST]},
        timestamp=MOMENT,
        data=record(
            organisation_id=ID,
            object={"enum": [USE_CASE, ACTION, REPORT, PACK, ENDPOINT]},
            object_id=WORD,
            path=maybe({**WORD, "description": "where the API gives it; null where it does not"}),
        ),
    ),
    "NewUseCase": closed(("name",), **_DESCRIPTION),
    "UseCase": record(
        id=ID,
        reference=WORD,
        **_DESCRIPTION,
        pack=WORD,
        state={"enum": list(CASE_STATES)},
        level=maybe(WORD),
        possible_levels=WORDS,
        open_questions=NUMBER,
        presumed=NUMBER,
        next_due=maybe(DAY),
        archived=TRUTH,
        changed_at=MOMENT,
        version=NUMBER,
    ),
    "Standing": _STANDING,
    "Fact": record(**_QUESTION, open=TRUTH, answer=maybe(ref("Standing"))),
    "Question": record(**_QUESTION),
    "NewAnswer": closed(
        ("version",),
        value=ref("Value"),
        unknown=TRUTH,
        comment=text(limits.COMMENT),
        version={"type": "integer", "minimum": 0, "maximum": 10**8, "description": "as read; 0 where nothing stood"},
    ),
    "Assessment": closed(
        ("facts",),
        pack={"type": "string", "maxLength": 100},
        facts={"type": "object", "additionalProperties": ref("Value"), "maxProperties": 1000},
        on=DAY,
    ),
    "Outcome": {
        "type": "object",
        "required": ["pack", "on", "level", "roles", "obligations", "open_questions"],
        "properties": {
            "pack": {"type": "object"},
            "on": DAY,
            "level": {
                "type": "object",
                "required": ["decided", "value", "possible"],
                "properties": {"decided": TRUTH, "value": maybe(WORD), "possible": WORDS},
            },
            "roles": {"type": "array"},
            "obligations": {"type": "array"},
            "open_questions": {"type": "array"},
        },
    },
    "Action": record(
        id=ID,
        use_case_id=maybe(ID),
        obligation=WORD,
        state={"enum": list(ACTION_STATES)},
        owner_id=maybe(ID),
        due=maybe(DAY),
        comment=WORD,
        needed=TRUTH,
        version=NUMBER,
    ),
    "ActionChange": {
        **closed(
            ("version",),
            version={"type": "integer", "minimum": 0, "maximum": 10**8},
            state={"enum": list(ACTION_STATES)},
            comment=text(limits.COMMENT),
            owner_id=maybe(ID),
            due=maybe(DAY),
        ),
        "minProperties": 2,
    },
    "NewReport": closed(
        ("form", "issue"),
        form={"type": "string", "maxLength": 80, "description": '"full", "summary", or a record that the Act asks for'},
        language={"enum": ["fr", "en"]},
        issue={"type": "boolean", "description": "numbered, signed and kept for ever; otherwise a draft"},
    ),
    "Report": record(
        id=ID,
        kind=WORD,
        form=WORD,
        language={"enum": ["fr", "en"]},
        use_case_id=maybe(ID),
        title=WORD,
        number=maybe(WORD),
        state={"enum": ["waiting", "making", "ready", "failed"]},
        ahead=NUMBER,
        sha256=maybe(WORD),
        at=MOMENT,
    ),
    "Record": {"type": "object"},
    "Pack": record(name=WORD, version=WORD, title=BOTH, hash=WORD, default=TRUTH),
    "UseCases": listed(ref("UseCase")),
    "Facts": listed(ref("Fact")),
    "Actions": listed(ref("Action")),
    "Reports": listed(ref("Report")),
    "Packs": listed(ref("Pack")),
    "Questions": listed(ref("Question")),
}
PAGE: Schema = {"type": "integer", "minimum": 1, "maximum": limits.PAGE_MOST}

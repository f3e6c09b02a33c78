"""The operations of the API: each with its method, its address, and what goes in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from compliance.text import Text
from compliance.web.api.schemas import SCHEMAS, Schema

ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gives: a value for JSON, or a file."""

    value: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """What a request says, checked: its query, its body, and the id of its key where it is made once."""

    query: Mapping[str, Any]
    body: Mapping[str, Any]
    id: str | None = None


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation."""

    id: str
    method: str
    path: str  # as the OpenAPI document writes it
    title: Text
    run: Handler
    takes: str | None  # the schema of the body
    gives: str  # the schema of the answer, or a media type
    status: int
    query: Mapping[str, Schema]
    example: Mapping[str, Any] | None
    once: bool  # takes a key that makes it once
    conflicts: bool  # reads a version


OPERATIONS: dict[str, Operation] = {}


def operation(
    method: str,
    path: str,
    title: Text,
    *,
    gives: str,
    takes: str | None = None,
    status: int = 200,
    query: Mapping[str, Schema] | None = None,
    example: Mapping[str, Any] | None = None,
    once: bool = False,
    conflicts: bool = False,
) -> Callable[[Handler], Handler]:
    """Return what puts a function into the table, under its name."""

    def put(run: Handler) -> Handler:
        name = run.__name__
        OPERATIONS[name] = Operation(
            name, method, path, title, run, takes, gives, status, query or {}, example, once, conflicts
        )
        return run

    return put


@cache
def checker(name: str) -> Draft202012Validator:
    """Return what checks a body by a named schema."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    return Draft202012Validator(schema, validate_formats=True)

"""Scenarios of a pack and case files: answers as lawyers write them, read with positions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from compliance.law.amending import Sources
from compliance.law.building import Builder
from compliance.law.conditions import to_date
from compliance.law.problems import Problem, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode, read_file
from compliance.law.terms import Citation, Position
from compliance.text import Text

_SCENARIO_KEYS = (("name", "date", "facts", "expect"), ("profile", "cite"))
_BESIDE = ("regimes", "regime_duties", "supplies")
_EXPECT_KEYS = ((), ("level", "findings", "obligations", "roles", "due", "cites", "open", "records", *_BESIDE))
_CASE_KEYS = (("facts",), ("name", "pack", "date"))


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a scenario expects of the outcome; None means not looked at."""

    level: tuple[str, ...] | None = None  # one level, or the exact range
    findings_include: tuple[str, ...] = ()
    findings_exclude: tuple[str, ...] = ()
    obligations_include: tuple[str, ...] = ()
    obligations_exclude: tuple[str, ...] = ()
    roles_include: tuple[str, ...] = ()
    roles_exclude: tuple[str, ...] = ()
    due: Mapping[str, date | None] = field(default_factory=lambda: MappingProxyType({}))
    cites_include: tuple[Citation, ...] = ()
    open_include: tuple[str, ...] = ()
    open_exclude: tuple[str, ...] = ()
    records_include: tuple[str, ...] = ()
    records_exclude: tuple[str, ...] = ()
    regimes_include: tuple[str, ...] = ()
    regimes_exclude: tuple[str, ...] = ()
    regime_duties_include: tuple[str, ...] = ()
    regime_duties_exclude: tuple[str, ...] = ()
    supplies_include: tuple[str, ...] = ()
    supplies_exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A pack's own test, written by lawyers: a situation, a date, and what must come out."""

    name: Text
    on: date
    facts: Mapping[str, object]  # profile and own facts joined
    expect: Expectation
    cite: tuple[Citation, ...]
    position: Position
    source: str = ""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One use case kept in a file: its answers, and where each stands."""

    name: Text | None
    pack: str | None
    on: date | None
    facts: Mapping[str, object]
    positions: Mapping[str, Position]


def plain(node: Node) -> object:
    """Return a tree as plain values; ``accept`` converts the words by the type of their fact."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {key.value: plain(value) for key, value in node.items}


def build(builder: Builder, sources: Sources) -> tuple[Scenario, ...]:
    """Return the scenarios of the pack; problems are added to the builder."""
    return tuple(
        scenario for node, source in sources.scenarios if (scenario := _scenario(builder, sources, node, source))
    )


def _scenario(builder: Builder, sources: Sources, item: Node, source: str) -> Scenario | None:
    node = builder.fields(item, _SCENARIO_KEYS, "scenarios")
    if node is None:
        return None
    name, day = builder.text(node.get("name")), builder.scalar(node.get("date"))
    on = to_date(day, builder.problems) if day else None
    facts: dict[str, object] = {}
    profile = builder.scalar(node.get("profile"))
    if profile:
        base = sources.profiles.get(profile.value)
        if base is None:
            builder.problems.append(
                problem("unknown_reference", profile.position, kind="profiles", id=profile.value, near="")
            )
        else:
            facts |= _facts(builder, base if not isinstance(base, MapNode) else base.get("facts") or base)
    facts |= _facts(builder, node.get("facts") or item)
    expect = _expectation(builder, node.get("expect") or item)
    if name is None or on is None or expect is None:
        return None
    cite = builder.cite(node.get("cite"))
    return Scenario(name, on, MappingProxyType(facts), expect, cite, item.position, source)


def _facts(builder: Builder, node: Node) -> dict[str, object]:
    if not isinstance(node, MapNode):
        builder.problems.append(problem("expected_mapping", node.position))
        return {}
    return {key.value: plain(value) for key, value in node.items}


def _names(builder: Builder, node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    items = node.items if isinstance(node, ListNode) else (node,)
    return tuple(item.value for raw in items if (item := builder.scalar(raw)))


def _both(builder: Builder, node: Node | None, section: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if node is None:
        return (), ()
    if builder.fields(node, ((), ("include", "exclude")), section) is None or not isinstance(node, MapNode):
        return (), ()
    include, exclude = _names(builder, node.get("include")), _names(builder, node.get("exclude"))
    known = builder.entries.get("facts" if section == "open" else section, {})
    for id_ in (*include, *exclude):
        if id_ not in known:
            builder.problems.append(problem("unknown_reference", node.position, kind=section, id=id_, near=""))
    return include, exclude


def _expectation(builder: Builder, item: Node) -> Expectation | None:
    node = builder.fields(item, _EXPECT_KEYS, "expect")
    if node is None:
        return None
    findings = _both(builder, node.get("findings"), "findings")
    obligations = _both(builder, node.get("obligations"), "obligations")
    roles = _both(builder, node.get("roles"), "roles")
    opened = _both(builder, node.get("open"), "open")
    cites, due = node.get("cites"), node.get("due")
    level = _names(builder, node.get("level"))
    for id_ in level:
        if id_ not in builder.entries.get("levels", {}):
            builder.problems.append(problem("unknown_reference", node.position, kind="levels", id=id_, near=""))
    return Expectation(
        level or None,
        *findings,
        *obligations,
        *roles,
        MappingProxyType(_due(builder, due)),
        builder.cite(cites.get("include")) if isinstance(cites, MapNode) else (),
        *opened,
        *_both(builder, node.get("records"), "records"),
        *_both(builder, node.get("regimes"), "regimes"),
        *_both(builder, node.get("regime_duties"), "regime_duties"),
        *_both(builder, node.get("supplies"), "supplies"),
    )


def _due(builder: Builder, node: Node | None) -> dict[str, date | None]:
    if not isinstance(node, MapNode):
        return {}
    found: dict[str, date | None] = {}
    for key, value in node.items:
        scalar = builder.scalar(value)
        if scalar:
            found[key.value] = None if scalar.value == "never" else to_date(scalar, builder.problems)
    return found


def load_case(path: Path) -> tuple[CaseFile | None, tuple[Problem, ...]]:
    """Read a case file, YAML or JSON; values stay as written. Return it, or None and what is wrong."""
    tree, problems = read_file(path, str(path))
    if tree is None:
        return None, problems
    builder = Builder({}, "", {})
    node = builder.fields(tree, _CASE_KEYS, path.name)
    if node is None:
        return None, tuple(builder.problems)
    name_node, day, pack = (
        node.get("name"),
        builder.scalar(node.get("date")),
        builder.scalar(node.get("pack")),
    )
    name = Text(name_node.value, name_node.value) if isinstance(name_node, ScalarNode) else builder.text(name_node)
    on = to_date(day, builder.problems) if day else None
    facts = node.get("facts")
    answers = _facts(builder, facts) if facts else {}
    if builder.problems:
        return None, tuple(builder.problems)
    where = {key.value: key.position for key, _ in facts.items} if isinstance(facts, MapNode) else {}
    return CaseFile(name, pack.value if pack else None, on, answers, where), ()


def dump_case(case: CaseFile, *, as_json: bool = False) -> str:
    """Return the case as a file that ``load_case`` reads back to the same answers."""
    name: object = None
    if case.name:
        name = case.name.fr if case.name.fr == case.name.en else {"fr": case.name.fr, "en": case.name.en}
    content: dict[str, object] = {
        "name": name,
        "pack": case.pack,
        "date": case.on.isoformat() if case.on else None,
    }
    content = {key: value for key, value in content.items() if value} | {"facts": dict(case.facts)}
    if as_json:
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    lines: list[str] = []
    for key, value in content.items():
        if key != "facts":
            lines.append(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    lines.append("facts:" if case.facts else "facts: {}")
    lines += [f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in case.facts.items()]
    return "\n".join(lines) + "\n"

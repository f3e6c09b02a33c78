"""One pack over another: amendments (insert, replace, repeal) and packs that build on a text."""

from __future__ import annotations

from dataclasses import dataclass, field

from compliance.law.building import ID, Entries, Entry, Raise
from compliance.law.language import KEYS
from compliance.law.problems import Problem, hinted, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode
from compliance.law.terms import Position

OPERATIONS = ("insert", "replace", "repeal")
_PLAIN = ("scenarios", "profiles")
_ONE_NAMESPACE = ("facts", "definitions", "controls")


@dataclass(slots=True)
class Sources:
    """The entries of a pack as they stand after reading some of its files, and its tests."""

    entries: Entries = field(default_factory=dict)
    raises: list[Raise] = field(default_factory=list)
    scenarios: list[tuple[Node, str]] = field(default_factory=list)
    profiles: dict[str, Node] = field(default_factory=dict)

    def named(self, section: str, id_: str) -> Entry | None:
        """Return the entry that has the name, in the section or in one that shares its names."""
        sections = _ONE_NAMESPACE if section in _ONE_NAMESPACE else (section,)
        return next((self.entries[s][id_] for s in sections if id_ in self.entries.get(s, {})), None)


def add_file(sources: Sources, tree: Node, source: str, mode: str) -> list[Problem]:
    """Add one file's sections; ``mode`` is "base", "amends" or "builds_on". Return what is wrong."""
    if not isinstance(tree, MapNode):
        return [problem("expected_mapping", tree.position)]
    problems: list[Problem] = []
    for key, value in tree.items:
        if key.value in _PLAIN:
            problems += _add_tests(sources, key.value, value, source)
        elif key.value not in KEYS:
            problems.append(hinted("unknown_key", key.position, key.value, (*KEYS, *_PLAIN), key=key.value))
        elif not isinstance(value, MapNode):
            problems.append(problem("expected_mapping", value.position))
        elif mode == "amends":
            problems += _amend(sources, key.value, value, source)
        elif mode == "builds_on" and key.value == "levels":
            problems += _raise(sources, value, source)
        else:
            prefix = f"{source}:" if mode == "builds_on" else ""
            for name, node in value.items:
                problems += _insert(sources, key.value, Entry(name, node, source, prefix), "duplicate_entry")
    return problems


def _add_tests(sources: Sources, kind: str, value: Node, source: str) -> list[Problem]:
    if kind == "scenarios":
        if not isinstance(value, ListNode):
            return [problem("expected_list", value.position)]
        sources.scenarios += [(item, source) for item in value.items]
        return []
    if not isinstance(value, MapNode):
        return [problem("expected_mapping", value.position)]
    for key, node in value.items:
        sources.profiles[key.value] = node
    return []


def _insert(sources: Sources, section: str, entry: Entry, taken: str) -> list[Problem]:
    name = entry.key
    if not ID.fullmatch(name.value):
        return [problem("bad_id", name.position, id=name.value)]
    id_ = entry.prefix + name.value
    if existing := sources.named(section, id_):
        return [problem(taken, name.position, id=name.value, where=existing.key.position)]
    sources.entries.setdefault(section, {})[id_] = entry
    return []


def _amend(sources: Sources, section: str, value: MapNode, source: str) -> list[Problem]:
    problems: list[Problem] = []
    for operation, changes in value.items:
        if operation.value not in OPERATIONS:
            problems.append(hinted("amend_operation", operation.position, operation.value, OPERATIONS))
        elif not isinstance(changes, MapNode):
            problems.append(problem("expected_mapping", changes.position))
        else:
            for name, node in changes.items:
                problems += _change(sources, section, operation.value, Entry(name, node, source))
    return problems


def _change(sources: Sources, section: str, operation: str, entry: Entry) -> list[Problem]:
    name, known = entry.key, sources.entries.get(section, {})
    if operation == "insert":
        return _insert(sources, section, entry, "amend_exists")
    if name.value not in known:
        return [hinted("amend_missing", name.position, name.value, known, id=name.value)]
    if operation == "replace":
        known[name.value] = entry
        return []
    if not isinstance(entry.node, MapNode) or entry.node.get("cite") is None:
        return [problem("missing_key", entry.node.position, key="cite", entry=name.value)]
    del known[name.value]
    return []


def _raise(sources: Sources, value: MapNode, source: str) -> list[Problem]:
    """Read ``levels: {raise: {high_risk: {when, because, cite}}}``: the only word on levels."""
    problems: list[Problem] = []
    for operation, levels in value.items:
        if operation.value != "raise" or not isinstance(levels, MapNode):
            problems.append(problem("only_adds", operation.position))
            continue
        for name, node in levels.items:
            level = name.value.rpartition(":")[2]
            if level not in sources.entries.get("levels", {}):
                known = sources.entries.get("levels", {})
                problems.append(hinted("unknown_reference", name.position, level, known, kind="levels", id=name.value))
            elif not isinstance(node, MapNode):
                problems.append(problem("expected_mapping", node.position))
            else:
                missing = [key for key in ("when", "because", "cite") if node.get(key) is None]
                problems += [problem("missing_key", node.position, key=key, entry=name.value) for key in missing]
                if not missing:
                    sources.raises.append(Raise(level, node, Entry(name, node, source, f"{source}:")))
    return problems


def scalar_of(tree: MapNode, key: str) -> ScalarNode | None:
    """Return the single value under a key of pack.yaml, or None."""
    node = tree.get(key)
    return node if isinstance(node, ScalarNode) else None


def start_of(name: str) -> Position:
    """Return the first place of a file."""
    return Position(name, 1, 1)

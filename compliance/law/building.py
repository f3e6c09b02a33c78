"""Second pass: the tree of a consolidated pack becomes the frozen model, with all errors at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from compliance.law import citations
from compliance.law.conditions import ConditionBuilder, to_date, to_number
from compliance.law.language import KEYS
from compliance.law.model import (
    Coverage,
    Deadline,
    DeadlineCase,
    Definition,
    Fact,
    Finding,
    Level,
    Nature,
    Obligation,
    Option,
    Owner,
    Penalty,
    Provision,
    Role,
    Section,
    Term,
)
from compliance.law.problems import Problem, hinted, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode
from compliance.law.terms import Citation, Condition, FactScope, FactType, Position, Status
from compliance.text import Text

ID = re.compile(r"[a-z][a-z0-9_]*")
_Choice = TypeVar("_Choice", bound=StrEnum)

_CASE_KEYS = (("cite",), ("when", "applies_from", "never", "note", "status"))
_OPTION_KEYS = (("label",), ("help", "cite", "group"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one section before it is built, with the pack that wrote it."""

    key: ScalarNode
    node: Node
    source: str
    prefix: str = ""  # "acme:" where the pack builds on others


Entries = dict[str, dict[str, Entry]]


@dataclass(frozen=True, slots=True)
class Raise:
    """A condition that a pack on top adds to a level."""

    level: str
    node: MapNode
    entry: Entry


class Builder:
    """Turns entries into model values; collects every problem on the way."""

    def __init__(self, entries: Entries, base: str, provisions: Mapping[str, Provision]) -> None:
        self.entries = entries
        self.base = base
        self.provisions = provisions
        self.problems: list[Problem] = []
        self.facts: dict[str, Fact] = {}
        self.known = {name for section in ("facts", "definitions") for name in entries.get(section, {})}

    def fields(self, node: Node, keys: tuple[tuple[str, ...], tuple[str, ...]], entry: str) -> MapNode | None:
        """Return the mapping if it is one; report unknown and missing keys."""
        if not isinstance(node, MapNode):
            self.problems.append(problem("expected_mapping", node.position))
            return None
        required, optional = keys
        allowed = (*required, *optional)
        for key, _ in node.items:
            if key.value not in allowed:
                self.problems.append(hinted("unknown_key", key.position, key.value, allowed, key=key.value))
        missing = [key for key in required if node.get(key) is None]
        self.problems.extend(problem("missing_key", node.position, key=key, entry=entry) for key in missing)
        return None if missing else node

    def text(self, node: Node | None) -> Text | None:
        """Return a text in both languages, or None with problems."""
        if node is None:
            return None
        if not isinstance(node, MapNode):
            self.problems.append(problem("missing_translation", node.position, key="fr, en"))
            return None
        found: dict[str, str] = {}
        for key, value in node.items:
            if key.value not in ("fr", "en"):
                self.problems.append(hinted("unknown_key", key.position, key.value, ("fr", "en"), key=key.value))
            elif not isinstance(value, ScalarNode):
                self.problems.append(problem("expected_text", value.position))
            elif not value.value.strip():
                self.problems.append(problem("empty_text", value.position))
            else:
                found[key.value] = value.value.strip()
        for language in ("fr", "en"):
            if node.get(language) is None:
                self.problems.append(problem("missing_translation", node.position, key=language))
        return Text(found["fr"], found["en"]) if len(found) == len(("fr", "en")) else None

    def cite(self, node: Node | None) -> tuple[Citation, ...]:
        """Return the citations written, those that can be read."""
        if node is None:
            return ()
        found: list[Citation] = []
        for item in node.items if isinstance(node, ListNode) else (node,):
            if not isinstance(item, ScalarNode):
                self.problems.append(problem("expected_text", item.position))
                continue
            try:
                citation = citations.parse(item.value, self.provisions)
            except citations.CitationError:
                self.problems.append(problem("bad_citation", item.position, citation=item.value))
                continue
            found.append(citation)
            if not self.provisions or citation.kind == "other":
                continue
            if citation.provision is None:
                labels = [provision.label for provision in self.provisions.values()]
                self.problems.append(
                    hinted("unknown_provision", item.position, item.value, labels, citation=item.value)
                )
            elif self.provisions[citation.provision].deleted:
                self.problems.append(problem("deleted_provision", item.position, "warning", citation=item.value))
        return tuple(found)

    def scalar(self, node: Node | None) -> ScalarNode | None:
        """Return the node if it is a single value; report it otherwise."""
        if node is None or isinstance(node, ScalarNode):
            return node
        self.problems.append(problem("expected_text", node.position))
        return None

    def one_of(self, node: Node | None, kind: type[_Choice], default: _Choice) -> _Choice:
        """Return the value of the enumeration that the node names."""
        scalar = self.scalar(node)
        if scalar is None:
            return default
        allowed = [choice.value for choice in kind]
        if scalar.value in allowed:
            return kind(scalar.value)
        self.problems.append(
            hinted(
                "bad_value",
                scalar.position,
                scalar.value,
                allowed,
                value=scalar.value,
                allowed=", ".join(allowed),
            )
        )
        return default

    def number(self, node: Node | None) -> Decimal | None:
        """Return the number, or None."""
        scalar = self.scalar(node)
        return to_number(scalar, self.problems) if scalar else None

    def name(self, entry: Entry) -> Callable[[str], str]:
        """Return how the entry's pack calls other entries."""

        def resolve(written: str) -> str:
            pack, colon, rest = written.rpartition(":")
            if colon:
                return rest if pack == self.base else written
            return f"{entry.prefix}{written}" if entry.prefix else written

        return resolve

    def condition(self, node: Node | None, entry: Entry) -> Condition | None:
        """Return the condition, or None with problems."""
        if node is None:
            return None
        return ConditionBuilder(self.facts, self.known, self.name(entry), self.problems).build(node)

    def reference(self, node: Node | None, section: str, entry: Entry) -> str:
        """Return the id of an entry of ``section``; report it when there is none."""
        scalar = self.scalar(node)
        if scalar is None:
            return ""
        name = self.name(entry)(scalar.value)
        known = self.entries.get(section, {})
        if name not in known:
            self.problems.append(
                hinted("unknown_reference", scalar.position, scalar.value, known, kind=section, id=scalar.value)
            )
        return name

    def build_facts(self) -> dict[str, Fact]:
        """Build the facts, which conditions need first."""
        for id_, entry in self.entries.get("facts", {}).items():
            fact = self._fact(id_, entry)
            if fact:
                self.facts[id_] = fact
        return self.facts

    def _fact(self, id_: str, entry: Entry) -> Fact | None:
        node = self.fields(entry.node, KEYS["facts"], id_)
        if node is None:
            return None
        kind = self.one_of(node.get("type"), FactType, FactType.BOOLEAN)
        groups = self._groups(node.get("groups"))
        options = self._options(node.get("options"), groups)
        chooses = kind in (FactType.CHOICE, FactType.CHOICES)
        if chooses and not options:
            self.problems.append(problem("no_options", node.position, type=kind.value))
        if not chooses and options:
            self.problems.append(problem("needless_options", node.position, type=kind.value))
        order = self.number(node.get("order"))
        question = self.text(node.get("question"))
        if question is None or order is None:
            return None
        return Fact(
            id=id_,
            type=kind,
            section=self.reference(node.get("section"), "sections", entry),
            order=int(order),
            question=question,
            cite=self.cite(node.get("cite")),
            position=entry.key.position,
            of=self.one_of(node.get("of"), FactScope, FactScope.USE_CASE),
            help=self.text(node.get("help")),
            examples=self._examples(node.get("examples")),
            options=options,
            groups=MappingProxyType(groups),
            unit=self.text(node.get("unit")),
            minimum=self.number(node.get("minimum")),
            maximum=self.number(node.get("maximum")),
            source=entry.source,
            **self.doubt(node),
        )

    def doubt(self, node: MapNode) -> dict[str, Any]:
        """Return how firm an entry is, as fields of its model."""
        checked = self.scalar(node.get("checked"))
        return {
            "status": self.one_of(node.get("status"), Status, Status.BINDING),
            "to_confirm": self.text(node.get("to_confirm")),
            "checked": checked.value if checked else None,
        }

    def _groups(self, node: Node | None) -> dict[str, Text]:
        if node is None:
            return {}
        if not isinstance(node, MapNode):
            self.problems.append(problem("expected_mapping", node.position))
            return {}
        titles = {key.value: self.text(value) for key, value in node.items}
        return {key: title for key, title in titles.items() if title}

    def _options(self, node: Node | None, groups: dict[str, Text]) -> tuple[Option, ...]:
        if node is None:
            return ()
        if not isinstance(node, MapNode):
            self.problems.append(problem("expected_mapping", node.position))
            return ()
        found: list[Option] = []
        for key, value in node.items:
            if not ID.fullmatch(key.value) or key.value == "unknown":
                self.problems.append(problem("bad_id", key.position, id=key.value))
            fields = self.fields(value, _OPTION_KEYS, key.value)
            label = self.text(fields.get("label")) if fields else None
            if fields is None or label is None:
                continue
            group = self.scalar(fields.get("group"))
            if group and group.value not in groups:
                self.problems.append(hinted("unknown_group", group.position, group.value, groups, id=group.value))
            found.append(
                Option(
                    key.value,
                    label,
                    self.text(fields.get("help")),
                    self.cite(fields.get("cite")),
                    group.value if group else None,
                )
            )
        return tuple(found)

    def _examples(self, node: Node | None) -> tuple[Text, ...]:
        if node is None:
            return ()
        french, english = (node.get("fr"), node.get("en")) if isinstance(node, MapNode) else (None, None)
        if not isinstance(french, ListNode) or not isinstance(english, ListNode):
            self.problems.append(problem("missing_translation", node.position, key="fr, en"))
            return ()
        if len(french.items) != len(english.items):
            self.problems.append(problem("uneven_examples", node.position))
            return ()
        pairs = [(self.scalar(a), self.scalar(b)) for a, b in zip(french.items, english.items, strict=True)]
        return tuple(Text(a.value, b.value) for a, b in pairs if a and b)

    def section(self, id_: str, entry: Entry, node: MapNode) -> Section | None:
        """Build one chapter of the questionnaire."""
        title, order = self.text(node.get("title")), self.number(node.get("order"))
        beyond = (found := self.scalar(node.get("beyond"))) is not None and found.value == "true"
        return Section(id_, title, int(order), entry.key.position, beyond) if title and order is not None else None

    def definition(self, id_: str, entry: Entry, node: MapNode) -> Definition | None:
        """Build one definition."""
        title, when = self.text(node.get("title")), self.condition(node.get("when"), entry)
        unless = self.condition(node.get("unless"), entry)
        cite, because, doubt = self.cite(node.get("cite")), self.text(node.get("because")), self.doubt(node)
        if title is None or when is None:
            return None
        at = entry.key.position
        return Definition(id_, title, cite, when, at, unless, because, source=entry.source, **doubt)

    def level(self, id_: str, entry: Entry, node: MapNode) -> Level | None:
        """Build one level."""
        rank, title = self.number(node.get("rank")), self.text(node.get("title"))
        description, cite = self.text(node.get("description")), self.cite(node.get("cite"))
        when = self.condition(node.get("when"), entry)
        if rank is None or title is None or description is None:
            return None
        return Level(id_, int(rank), title, description, cite, when, entry.key.position, entry.source)

    def role(self, id_: str, entry: Entry, node: MapNode) -> Role | None:
        """Build one role."""
        title, when, cite = (
            self.text(node.get("title")),
            self.condition(node.get("when"), entry),
            self.cite(node.get("cite")),
        )
        return Role(id_, title, cite, when, entry.key.position, entry.source) if title and when else None

    def finding(self, id_: str, entry: Entry, node: MapNode) -> Finding | None:
        """Build one finding."""
        title, when = self.text(node.get("title")), self.condition(node.get("when"), entry)
        because, cite, doubt = self.text(node.get("because")), self.cite(node.get("cite")), self.doubt(node)
        deadline = self.reference(node.get("deadline"), "deadlines", entry) or None
        if title is None or when is None or because is None:
            return None
        at = entry.key.position
        return Finding(id_, title, cite, when, because, at, deadline, source=entry.source, **doubt)

    def owner(self, id_: str, entry: Entry, node: MapNode) -> Owner | None:
        """Build one owner function."""
        title = self.text(node.get("title"))
        return Owner(id_, title, entry.key.position, entry.source) if title else None

    def term(self, id_: str, entry: Entry, node: MapNode) -> Term | None:
        """Build one glossary term."""
        title, text, cite = (
            self.text(node.get("title")),
            self.text(node.get("text")),
            self.cite(node.get("cite")),
        )
        return Term(id_, title, text, cite, entry.key.position, entry.source) if title and text else None

    def coverage(self, id_: str, entry: Entry, node: MapNode) -> Coverage | None:
        """Build one statement of coverage."""
        kind = self.scalar(node.get("kind"))
        because, cite = self.text(node.get("because")), self.cite(node.get("cite"))
        allowed = ("binds_others", "not_encoded")
        if kind is None or because is None:
            return None
        if kind.value not in allowed:
            self.problems.append(
                problem("bad_value", kind.position, value=kind.value, allowed=", ".join(allowed), near="")
            )
        return Coverage(id_, cite, kind.value, because, entry.key.position, entry.source)

    def penalty(self, id_: str, entry: Entry, node: MapNode) -> Penalty | None:
        """Build one tier of fines."""
        title, amount = self.text(node.get("title")), self.number(node.get("amount"))
        if title is None:
            return None
        return Penalty(
            id=id_,
            title=title,
            cite=self.cite(node.get("cite")),
            amount=int(amount) if amount is not None else None,
            percent=self.number(node.get("percent")),
            percent_when=self.condition(node.get("percent_when"), entry),
            lower_when=self.condition(node.get("lower_when"), entry),
            position=entry.key.position,
            note=self.text(node.get("note")),
            source=entry.source,
        )

    def deadline(self, id_: str, entry: Entry, node: MapNode) -> Deadline | None:
        """Build one deadline with its cases in order."""
        title, cases = self.text(node.get("title")), node.get("cases")
        if not isinstance(cases, ListNode) or not cases.items:
            self.problems.append(problem("expected_list", (cases or node).position))
            return None
        built = [self._case(item, entry) for item in cases.items]
        found = tuple(case for case in built if case)
        for case in found[:-1]:
            if case.when is None:
                self.problems.append(problem("case_after_otherwise", case.position))
        if found and found[-1].when is not None:
            self.problems.append(problem("no_otherwise", found[-1].position, "warning"))
        return Deadline(id_, title, found, entry.key.position, entry.source) if title else None

    def _case(self, item: Node, entry: Entry) -> DeadlineCase | None:
        node = self.fields(item, _CASE_KEYS, "cases")
        if node is None:
            return None
        written, never = self.scalar(node.get("applies_from")), self.text(node.get("never"))
        if (written is None) == (never is None):
            self.problems.append(problem("date_or_never", node.position))
            return None
        return DeadlineCase(
            when=self.condition(node.get("when"), entry),
            applies_from=to_date(written, self.problems) if written else None,
            never=never,
            cite=self.cite(node.get("cite")),
            note=self.text(node.get("note")),
            status=self.one_of(node.get("status"), Status, Status.BINDING),
            position=node.position,
        )

    def obligation(self, id_: str, entry: Entry, node: MapNode) -> Obligation | None:
        """Build one obligation."""
        who = node.get("who")
        roles = [self.reference(item, "roles", entry) for item in (who.items if isinstance(who, ListNode) else (who,))]
        when = self.condition(node.get("when"), entry)
        action, evidence = self.text(node.get("action")), self.text(node.get("evidence"))
        owner = self.reference(node.get("owner"), "owners", entry)
        deadline = self.reference(node.get("deadline"), "deadlines", entry)
        penalty = self.reference(node.get("penalty"), "penalties", entry) or None
        cite, note, doubt = self.cite(node.get("cite")), self.text(node.get("note")), self.doubt(node)
        nature = self.one_of(node.get("nature"), Nature, Nature.DUTY)
        if when is None or action is None or evidence is None:
            return None
        at: Position = entry.key.position
        return Obligation(
            id_,
            tuple(roles),
            when,
            cite,
            action,
            evidence,
            owner,
            deadline,
            nature,
            at,
            penalty,
            note,
            source=entry.source,
            **doubt,
        )

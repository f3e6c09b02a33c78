"""Conditions of rule files: from the tree to the model."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from compliance.law.model import Fact
from compliance.law.problems import Problem, hinted, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode
from compliance.law.terms import AtLeast, Condition, FactType, Group, GroupKind, Not, Operator, Ref, Test

_GROUPS = {"all": GroupKind.ALL, "any": GroupKind.ANY, "none": GroupKind.NONE}
_OPTION_TESTS = {"any_of": Operator.ANY_OF, "all_of": Operator.ALL_OF, "none_of": Operator.NONE_OF}
_DATE_TESTS = {"before": Operator.BEFORE, "on_or_after": Operator.ON_OR_AFTER}
_NUMBER_TESTS = {
    "less_than": Operator.LESS_THAN,
    "at_most": Operator.AT_MOST,
    "at_least": Operator.AT_LEAST,
    "more_than": Operator.MORE_THAN,
}
_COUNT = re.compile(r"\d{1,6}", re.ASCII)
_TRUTHS = {"true": True, "false": False}


def to_date(node: ScalarNode, problems: list[Problem]) -> date | None:
    """Return the day written as YYYY-MM-DD, or None and a problem."""
    try:
        if len(node.value) == len("2026-11-24"):
            return date.fromisoformat(node.value)
    except ValueError:
        pass
    problems.append(problem("bad_date", node.position, value=node.value))
    return None


def to_number(node: ScalarNode, problems: list[Problem]) -> Decimal | None:
    """Return the number, or None and a problem."""
    try:
        number = Decimal(node.value)
        if number.is_finite() and abs(number.adjusted()) <= 60:  # noqa: PLR2004 - beyond any quantity of the Act
            return number
    except ArithmeticError:
        pass
    problems.append(problem("bad_number", node.position, value=node.value))
    return None


class ConditionBuilder:
    """Builds conditions; knows the facts by name and how an entry's pack calls others."""

    def __init__(
        self, facts: dict[str, Fact], known: set[str], name: Callable[[str], str], problems: list[Problem]
    ) -> None:
        self.facts = facts
        self.known = known  # facts and definitions
        self.name = name
        self.problems = problems

    def build(self, node: Node) -> Condition | None:
        """Return the condition, or None with problems added."""
        if isinstance(node, ScalarNode):
            return self._reference(node)
        if isinstance(node, ListNode):
            self.problems.append(problem("expected_mapping", node.position))
            return None
        if len(node.items) != 1:
            self.problems.append(problem("condition_keys", node.position))
            return None
        key, value = node.items[0]
        if key.value in _GROUPS:
            parts = self._parts(value)
            return Group(_GROUPS[key.value], parts, key.position) if parts is not None else None
        if key.value == "not":
            part = self.build(value)
            return Not(part, key.position) if part else None
        if key.value == "at_least":
            return self._at_least(key, value)
        return self._test(key, value)

    def _parts(self, node: Node) -> tuple[Condition, ...] | None:
        if not isinstance(node, ListNode):
            self.problems.append(problem("expected_list", node.position))
            return None
        if not node.items:
            self.problems.append(problem("empty_group", node.position))
            return None
        parts = [self.build(item) for item in node.items]
        return tuple(part for part in parts if part is not None) if all(parts) else None

    def _at_least(self, key: ScalarNode, node: Node) -> Condition | None:
        count = node.get("count") if isinstance(node, MapNode) else None
        parts_node = node.get("of") if isinstance(node, MapNode) else None
        if not isinstance(count, ScalarNode) or parts_node is None:
            self.problems.append(problem("missing_key", node.position, key="count, of", entry="at_least"))
            return None
        parts = self._parts(parts_node)
        if parts is None:
            return None
        if not _COUNT.fullmatch(count.value) or not 1 <= int(count.value) <= len(parts):
            self.problems.append(problem("count_range", count.position, limit=len(parts)))
            return None
        return AtLeast(int(count.value), parts, key.position)

    def _reference(self, node: ScalarNode) -> Condition | None:
        name = self.name(node.value)
        fact = self.facts.get(name)
        if fact:
            if fact.type is not FactType.BOOLEAN:
                self.problems.append(problem("not_boolean", node.position, id=node.value))
                return None
            return Test(name, Operator.IS, node.position)
        if name not in self.known:
            self.problems.append(hinted("unknown_name", node.position, node.value, self.known, id=node.value))
            return None
        return Ref(name, node.position)

    def _test(self, key: ScalarNode, value: Node) -> Condition | None:
        name = self.name(key.value)
        fact = self.facts.get(name)
        if fact is None:
            if name in self.known and isinstance(value, ScalarNode) and value.value in _TRUTHS:
                reference = Ref(name, key.position)
                return reference if _TRUTHS[value.value] else Not(reference, key.position)
            code = "unknown_name" if name not in self.known else "wrong_test"
            self.problems.append(
                hinted(code, key.position, key.value, self.known, id=key.value, test="…", type="definition")
            )
            return None
        if fact.type is FactType.TEXT:
            self.problems.append(problem("text_in_condition", key.position, id=key.value))
            return None
        if isinstance(value, ScalarNode):
            return self._value(fact, key, value)
        if not isinstance(value, MapNode) or len(value.items) != 1:
            self.problems.append(problem("condition_keys", value.position))
            return None
        test, operand = value.items[0]
        return self._operator(fact, key, test, operand)

    def _value(self, fact: Fact, key: ScalarNode, value: ScalarNode) -> Condition | None:
        if fact.type is FactType.BOOLEAN:
            if value.value not in _TRUTHS:
                self.problems.append(problem("bad_boolean", value.position, value=value.value))
                return None
            return Test(fact.id, Operator.IS, key.position, truth=_TRUTHS[value.value])
        if fact.type in (FactType.CHOICE, FactType.CHOICES):
            options = self._options(fact, (value,))
            return Test(fact.id, Operator.ANY_OF, key.position, options=options) if options else None
        self._wrong(fact, value, value.value)
        return None

    def _operator(self, fact: Fact, key: ScalarNode, test: ScalarNode, operand: Node) -> Condition | None:
        if test.value in _OPTION_TESTS and fact.type in (FactType.CHOICE, FactType.CHOICES):
            if not isinstance(operand, ListNode) or not operand.items:
                self.problems.append(problem("expected_list", operand.position))
                return None
            if test.value == "all_of" and fact.type is FactType.CHOICE and len(operand.items) > 1:
                self.problems.append(problem("all_of_choice", test.position, id=fact.id))
                return None
            options = self._options(fact, operand.items)
            return Test(fact.id, _OPTION_TESTS[test.value], key.position, options=options) if options else None
        if test.value in _DATE_TESTS and fact.type is FactType.DATE and isinstance(operand, ScalarNode):
            day = to_date(operand, self.problems)
            return Test(fact.id, _DATE_TESTS[test.value], key.position, day=day) if day else None
        if test.value in _NUMBER_TESTS and fact.type is FactType.NUMBER and isinstance(operand, ScalarNode):
            number = to_number(operand, self.problems)
            return Test(fact.id, _NUMBER_TESTS[test.value], key.position, number=number) if number is not None else None
        self._wrong(fact, test, test.value)
        return None

    def _wrong(self, fact: Fact, node: ScalarNode, test: str) -> None:
        self.problems.append(problem("wrong_test", node.position, test=test, id=fact.id, type=fact.type.value))

    def _options(self, fact: Fact, nodes: tuple[Node, ...]) -> tuple[str, ...] | None:
        known = [option.id for option in fact.options]
        found: list[str] = []
        for node in nodes:
            if not isinstance(node, ScalarNode):
                self.problems.append(problem("expected_text", node.position))
            elif node.value not in known:
                self.problems.append(
                    hinted("unknown_option", node.position, node.value, known, option=node.value, id=fact.id)
                )
            else:
                found.append(node.value)
        return tuple(found) if len(found) == len(nodes) else None

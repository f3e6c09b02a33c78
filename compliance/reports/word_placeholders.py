"""The placeholders of a Word template: values, conditions and loops over plain data, and nothing else.

A template is written outside and run here. So its language is cut down before it runs, rather than watched while it
does: no calls, no arithmetic, no definitions, loops three deep at most, keys of dictionaries but no attributes of
objects. What remains can be slow at worst, and runs in a process of its own with bounds on time and memory.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.runtime import LoopContext, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from compliance.text import Text

_DEEPEST = 3
_TAKEN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.For,
    nodes.If,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.Filter,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
)
_FILTERS = frozenset({"upper", "lower", "capitalize", "title", "length", "count", "first", "last", "join", "trim"})
_LOOP = frozenset({"index", "index0", "first", "last", "length"})


class RefusedTemplateError(Exception):
    """A template that cannot be used; ``problems`` say why, and how to mend it."""

    def __init__(self, problems: Iterable[Text]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.en for problem in self.problems))


class Placeholders(ImmutableSandboxedEnvironment):
    """Reads and fills the placeholders of one template. Raises RefusedTemplateError."""

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, cache_size=0, finalize=_shown)
        self.known = frozenset(known)
        self.globals.clear()
        self.filters = {name: call for name, call in self.filters.items() if name in _FILTERS}
        self.tests = {}

    def from_string(self, source: Any, *_: Any, **__: Any) -> Any:
        """Return a template made ready, once all that it says is known to be harmless."""
        try:
            tree = self.parse(source)
            self._check(tree, source)
            return super().from_string(tree)
        except TemplateSyntaxError as error:
            raise RefusedTemplateError([_misspelt(_place(source, error.lineno))]) from None
        except RecursionError:
            raise RefusedTemplateError([_misspelt("{{ ( ( ( …")]) from None

    def _check(self, tree: nodes.Template, source: str) -> None:
        problems: list[Text] = []
        queue: list[tuple[nodes.Node, int]] = [(tree, 0)]
        while queue:
            node, depth = queue.pop()
            depth += isinstance(node, nodes.For)
            if not isinstance(node, _TAKEN) or getattr(node, "recursive", False):
                problems.append(_not_taken(_place(source, node.lineno)))
            elif isinstance(node, nodes.Filter) and node.name not in _FILTERS:
                problems.append(_no_filter(node.name))
            elif depth > _DEEPEST:
                problems.append(_too_deep(_place(source, node.lineno)))
            else:
                queue.extend((child, depth) for child in node.iter_child_nodes())
        if not problems:  # only then can Jinja read the names
            unknown = meta.find_undeclared_variables(tree) - self.known
            problems = [_unknown(name, self.known) for name in sorted(unknown)]
        if problems:
            raise RefusedTemplateError(dict.fromkeys(problems))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a value by its name."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a value by its name or place; objects have neither. Raises RefusedTemplateError."""
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        if isinstance(obj, list) and type(argument) is int:
            return obj[argument] if -len(obj) <= argument < len(obj) else ""
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        raise RefusedTemplateError([_unknown(str(argument), obj if isinstance(obj, Mapping) else ())])

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Tell that nothing may be called."""
        return False


def _shown(value: Any) -> Any:
    """Return a value that can stand in a text. Raises RefusedTemplateError for lists and groups of values."""
    if isinstance(value, Mapping | list):
        names = ", ".join(str(name) for name in (value[0] if isinstance(value, list) and value else value))
        raise RefusedTemplateError([_not_one(names)])
    return value


def _place(source: str, line: int) -> str:
    """Return the words of a paragraph: each begins a line of what is read."""
    lines = source.split("\n")
    found = re.sub(r"<[^<>]*>", "", lines[min(line, len(lines)) - 1]).strip()
    return found[:80] + ("…" if len(found) > 80 else "")  # noqa: PLR2004 - as just cut


def _misspelt(place: str) -> Text:
    return Text(
        f"Une balise est mal écrite ou n'est pas refermée, près de : {place}",
        f"A placeholder is misspelt or not closed, near: {place}",
    )


def _not_taken(place: str) -> Text:
    return Text(
        "Seuls des valeurs {{ … }}, {% if %} et {% for %} sont acceptés, sans appel, calcul ni définition ; "
        f"à corriger : {place}",
        "Only values {{ … }}, {% if %} and {% for %} are taken, without calls, arithmetic or definitions; "
        f"to mend: {place}",
    )


def _not_one(names: str) -> Text:
    return Text(
        f"Une balise désigne plusieurs valeurs à la fois : faites une boucle, ou nommez-en une parmi {names}",
        f"A placeholder names several values at once: make a loop, or name one of {names}",
    )


def _too_deep(place: str) -> Text:
    return Text(
        f"Des boucles sont imbriquées au-delà de {_DEEPEST} niveaux, près de : {place}",
        f"Loops are nested deeper than {_DEEPEST} levels, near: {place}",
    )


def _no_filter(name: str) -> Text:
    taken = ", ".join(sorted(_FILTERS))
    return Text(
        f"Le filtre « {name} » n'est pas accepté. Acceptés : {taken}.",
        f"The filter “{name}” is not taken. Taken: {taken}.",
    )


def _unknown(name: str, known: Iterable[Any]) -> Text:
    near = difflib.get_close_matches(name, [str(one) for one in known], 1)
    fr = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    en = f" Did you mean “{near[0]}”?" if near else ""
    return Text(f"La valeur « {name} » n'existe pas.{fr}", f"The value “{name}” does not exist.{en}")

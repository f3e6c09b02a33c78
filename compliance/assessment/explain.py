"""Why an entry holds, or does not: trees, reading lines, and the fewest answers against it."""

from __future__ import annotations

from dataclasses import replace

from compliance.assessment.outcome import DerivedAnswer, Explanation, NotReached, Reason, Truth
from compliance.assessment.state import State, definition_truth, negated, reading_order, truth
from compliance.assessment.wording import stated
from compliance.law.model import Fact, Finding, Level, Obligation, Role
from compliance.law.terms import AtLeast, Condition, GroupKind, Not, Ref, Status, Test
from compliance.text import Text

_WORDS = {
    "all": Text("toutes ces conditions", "all of these conditions"),
    "any": Text("au moins une de ces conditions", "at least one of these conditions"),
    "none": Text("aucune de ces conditions", "none of these conditions"),
    "not": Text("le contraire de", "the contrary of"),
    "unless": Text("sauf si", "unless"),
}
_UNKNOWN = Text("Sans réponse", "No answer yet")


def tree(state: State, condition: Condition) -> Explanation:
    """Return the condition as a tree with what is known at each node."""
    if isinstance(condition, Ref):
        return _definition(state, condition.id)
    value = truth(state, condition)
    if isinstance(condition, Test):
        fact = state.program.pack.facts[condition.fact]
        answer = state.facts.values.get(fact.id)
        text = stated(fact, answer) if answer is not None else _unanswered(fact.question)
        return Explanation("answer", value, text, id=fact.id, citations=fact.cite, status=fact.status)
    if isinstance(condition, Not):
        return Explanation("not", value, _WORDS["not"], children=(tree(state, condition.part),))
    children = tuple(tree(state, part) for part in condition.parts)
    if isinstance(condition, AtLeast):
        n = condition.count
        return Explanation("at_least", value, Text(f"au moins {n} de", f"at least {n} of"), children=children)
    kind = condition.kind.value
    return Explanation(kind, value, _WORDS[kind], children=_marked(children, condition.kind, value))


def _unanswered(question: Text) -> Text:
    return Text(f"{question.fr} {_UNKNOWN.fr}.", f"{question.en} {_UNKNOWN.en}.")


def _marked(children: tuple[Explanation, ...], kind: GroupKind, value: Truth) -> tuple[Explanation, ...]:
    """Mark as not decisive the parts that do not make the group what it is."""
    if value is Truth.UNKNOWN:
        wanted = Truth.UNKNOWN
    elif kind is GroupKind.ALL:
        wanted = value
    else:
        wanted = value if kind is GroupKind.ANY else negated(value)
    return tuple(child if child.truth is wanted else replace(child, decisive=False) for child in children)


def _definition(state: State, id_: str) -> Explanation:
    if id_ not in state.trees:
        state.trees[id_] = _built(state, id_)
    return state.trees[id_]


def _built(state: State, id_: str) -> Explanation:
    definition = state.program.pack.definitions[id_]
    value = definition_truth(state, definition)
    children: tuple[Explanation, ...] = (tree(state, definition.when),)
    if definition.unless is not None:
        inner = tree(state, definition.unless)
        children += (Explanation("unless", negated(inner.truth), _WORDS["unless"], children=(inner,)),)
    return Explanation(
        "definition",
        value,
        definition.title,
        id_,
        definition.because,
        definition.cite,
        definition.status,
        children=_marked(children, GroupKind.ALL, value),
    )


def reasons(state: State, condition: Condition | None) -> tuple[Reason, ...]:
    """Return why a condition holds as lines to read: concepts, and the answers below them, each once."""
    if condition is None:
        return ()
    found: dict[tuple[str, str], Reason] = {}
    _collect(state, tree(state, condition), 0, found)
    return tuple(found.values())


def _collect(state: State, node: Explanation, depth: int, found: dict[tuple[str, str], Reason]) -> None:
    if not node.decisive or node.truth is Truth.UNKNOWN:
        return
    below = depth
    if node.kind in ("definition", "answer"):
        key = (node.kind, node.id or "")
        if key in found:
            return
        speaks = node.kind == "answer" or node.truth is Truth.TRUE
        if speaks:
            sentence = node.because or node.text
            found[key] = Reason(node.kind, node.id or "", sentence, node.citations, depth, node.status)
            below += 1
    for child in node.children:
        if child.kind == "unless" and node.truth is Truth.TRUE:
            _collect_exception(state, node.id or "", below, found)
        else:
            _collect(state, child, below, found)


def _collect_exception(state: State, id_: str, depth: int, found: dict[tuple[str, str], Reason]) -> None:
    """Add the fewest answers that keep a definition's exception away."""
    pack = state.program.pack
    unless = pack.definitions[id_].unless
    assert unless is not None
    for fact in in_reading_order(state, blame(state, unless, Truth.FALSE, {})):
        answer = state.facts.values.get(fact.id)
        if answer is not None and ("answer", fact.id) not in found:
            text = stated(fact, answer)
            found["answer", fact.id] = Reason("answer", fact.id, text, fact.cite, depth, fact.status)


def in_reading_order(state: State, ids: frozenset[str]) -> list[Fact]:
    """Return facts in the order of the questionnaire."""
    pack = state.program.pack
    return [pack.facts[id_] for id_ in sorted(ids, key=lambda id_: reading_order(pack, id_))]


def blame(
    state: State, condition: Condition, value: Truth, memo: dict[tuple[str, Truth], frozenset[str]]
) -> frozenset[str]:
    """Return a smallest set of facts whose answers make the condition ``value`` (true or false)."""
    if isinstance(condition, Test):
        return frozenset((condition.fact,))
    if isinstance(condition, Not):
        return blame(state, condition.part, negated(value), memo)
    if isinstance(condition, Ref):
        key = (condition.id, value)
        if key not in memo:
            memo[key] = _blame_definition(state, condition.id, value, memo)
        return memo[key]
    parts = condition.parts
    if isinstance(condition, AtLeast):
        matching = [blame(state, part, value, memo) for part in parts if truth(state, part) is value]
        need = condition.count if value is Truth.TRUE else len(parts) - condition.count + 1
        return frozenset().union(*sorted(matching, key=len)[:need])
    conjunction = (condition.kind is GroupKind.ANY) == (value is Truth.FALSE)
    wanted = negated(value) if condition.kind is GroupKind.NONE else value
    sets = [blame(state, part, wanted, memo) for part in parts if truth(state, part) is wanted]
    if not sets:
        return frozenset()
    return frozenset().union(*sets) if conjunction else min(sets, key=len)


def _blame_definition(
    state: State, id_: str, value: Truth, memo: dict[tuple[str, Truth], frozenset[str]]
) -> frozenset[str]:
    definition = state.program.pack.definitions[id_]
    when = truth(state, definition.when)
    if definition.unless is None:
        return blame(state, definition.when, value, memo)
    unless = truth(state, definition.unless)
    if value is Truth.TRUE:
        return blame(state, definition.when, value, memo) | blame(state, definition.unless, Truth.FALSE, memo)
    sets = []
    if when is Truth.FALSE:
        sets.append(blame(state, definition.when, Truth.FALSE, memo))
    if unless is Truth.TRUE:
        sets.append(blame(state, definition.unless, Truth.TRUE, memo))
    return min(sets, key=len) if sets else frozenset()


def derived_answers(state: State) -> tuple[DerivedAnswer, ...]:
    """Return the answers that follow from others, in reading order."""
    pack, memo = state.program.pack, dict[tuple[str, Truth], frozenset[str]]()
    found = []
    for fact in in_reading_order(state, frozenset(state.derived)):
        derivation = pack.derivations[state.derived[fact.id]]
        value = derivation.gives[fact.id]
        sources = in_reading_order(state, blame(state, derivation.when, Truth.TRUE, memo))
        found.append(
            DerivedAnswer(
                fact.id,
                value,
                stated(fact, value),
                derivation.id,
                derivation.title,
                derivation.because,
                derivation.cite,
                tuple(source.id for source in sources),
                derivation.status,
            )
        )
    return tuple(found)


def not_reached(state: State, level: Level) -> NotReached | None:
    """Return why a level does not hold, or None where it may."""
    if level.when is None or truth(state, level.when) is not Truth.FALSE:
        return None
    answers = tuple(
        Reason("answer", fact.id, stated(fact, state.facts.values[fact.id]), fact.cite, status=fact.status)
        for fact in in_reading_order(state, blame(state, level.when, Truth.FALSE, {}))
        if fact.id in state.facts.values
    )
    one = len(answers) == 1
    against = " s'y oppose" if one else "s s'y opposent"
    sentence = Text(
        f"« {level.title.fr} » : {len(answers)} réponse{against}.",
        f'"{level.title.en}": ruled out by {len(answers)} answer{"" if one else "s"}.',
    )
    return NotReached(level.id, level.title, sentence, answers, level.cite)


def explain(state: State, id_: str) -> Explanation | None:
    """Return the tree of a level, definition, role, finding or obligation, or None if there is none."""
    pack = state.program.pack
    if id_ in pack.definitions:
        return _definition(state, id_)
    if finding := pack.findings.get(id_):
        return _entry(state, "finding", finding, finding.title, finding.because, finding.status)
    if obligation := pack.obligations.get(id_):
        return _entry(state, "obligation", obligation, obligation.action, None, obligation.status)
    if role := pack.roles.get(id_):
        return _entry(state, "role", role, role.title, None, Status.BINDING)
    for level in pack.levels:
        if level.id == id_:
            children = (tree(state, level.when),) if level.when is not None else ()
            return Explanation(
                "level",
                state.slot("is", id_),
                level.title,
                id_,
                level.description,
                level.cite,
                children=children,
            )
    return None


def _entry(
    state: State, kind: str, entry: Finding | Obligation | Role, title: Text, because: Text | None, status: Status
) -> Explanation:
    inner = tree(state, entry.when)
    return Explanation(kind, inner.truth, title, entry.id, because, entry.cite, status, children=(inner,))

"""Answers accepted by a pack: converted by the type of their fact, each atom true, false or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from compliance.assessment.outcome import AnswerValue
from compliance.law.compiling import Atom, Program
from compliance.law.model import Fact, Pack
from compliance.law.problems import Problem, hinted, problem
from compliance.law.terms import FactType, Position

UNKNOWN = "unknown"
_EXPECTED = {
    FactType.BOOLEAN: "true / false",
    FactType.DATE: "AAAA-MM-JJ / YYYY-MM-DD",
    FactType.NUMBER: "123",
    FactType.TEXT: "…",
}


class FactsError(ValueError):
    """The answers do not fit the pack; ``problems`` says all that is wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(item.code for item in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Partial:
    """An answer to a ``choices`` fact of which some options remain unknown."""

    selected: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Answers about one use of AI; what is not in ``values`` is unknown."""

    values: Mapping[str, AnswerValue | Partial]

    def with_answer(self, fact: str, value: AnswerValue | Partial | None) -> Facts:
        """Return the facts with one answer changed, or taken back (None)."""
        changed = {key: old for key, old in self.values.items() if key != fact}
        if value is not None:
            changed[fact] = value
        return Facts(MappingProxyType(changed))

    def complete(self) -> dict[str, AnswerValue]:
        """Return the answers that leave nothing open."""
        return {key: value for key, value in self.values.items() if not isinstance(value, Partial)}


def accept(pack: Pack, raw: Mapping[str, object], positions: Mapping[str, Position] | None = None) -> Facts:
    """Return the facts that ``raw`` states. Raises FactsError with every problem at once."""
    problems: list[Problem] = []
    values: dict[str, AnswerValue | Partial] = {}
    for name, given in raw.items():
        at = (positions or {}).get(name)
        fact = pack.facts.get(name)
        if fact is None:
            problems.append(hinted("fact_unknown", at, name, pack.facts, id=name))
        elif given is not None and given != UNKNOWN:
            value = _value(fact, given, at, problems)
            if value is not None:
                values[name] = value
    if problems:
        raise FactsError(tuple(problems))
    return Facts(MappingProxyType(values))


def accept_known(pack: Pack, answers: Mapping[str, object]) -> Facts:
    """Return answers as stored, as facts: what this text does not know, or does not take, is left out."""
    known = {
        name: _with_known_options(pack.facts[name], value)
        for name, value in answers.items()
        if name in pack.facts and value is not None
    }
    try:
        return accept(pack, known)
    except FactsError:
        return accept(pack, {name: value for name, value in known.items() if _fits(pack, name, value)})


def _fits(pack: Pack, name: str, value: object) -> bool:
    try:
        accept(pack, {name: value})
    except FactsError:
        return False
    return True


def _with_known_options(fact: Fact, value: object) -> object:
    """Return an answer without the options that another text of the law has and this one has not."""
    if fact.type is not FactType.CHOICES:
        return value
    options = {option.id for option in fact.options}
    if isinstance(value, list):
        return [option for option in value if option in options]
    if isinstance(value, dict):
        return {key: [option for option in chosen if option in options] for key, chosen in value.items()}
    return value


def _value(fact: Fact, given: object, at: Position | None, problems: list[Problem]) -> AnswerValue | Partial | None:
    match fact.type:
        case FactType.BOOLEAN:
            truth = given if isinstance(given, bool) else {"true": True, "false": False}.get(str(given))
            return truth if truth is not None else _refuse(fact, given, at, problems)
        case FactType.CHOICE | FactType.CHOICES:
            return _chosen(fact, given, at, problems)
        case FactType.DATE:
            try:
                return given if isinstance(given, date) else date.fromisoformat(str(given))
            except ValueError:
                return _refuse(fact, given, at, problems)
        case FactType.NUMBER:
            return _number(fact, given, at, problems)
        case FactType.TEXT:
            return given if isinstance(given, str) else _refuse(fact, given, at, problems)


def _refuse(fact: Fact, given: object, at: Position | None, problems: list[Problem]) -> Decimal | None:
    expected = _EXPECTED.get(fact.type) or ", ".join(option.id for option in fact.options)
    problems.append(problem("fact_type", at, id=fact.id, expected=expected, value=given))
    return None


def _number(fact: Fact, given: object, at: Position | None, problems: list[Problem]) -> Decimal | None:
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        return _refuse(fact, given, at, problems)
    if isinstance(given, bool) or not number.is_finite():
        return _refuse(fact, given, at, problems)
    low, high = fact.minimum, fact.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        limits = f"{'' if low is None else low} … {'' if high is None else high}"
        problems.append(problem("fact_range", at, id=fact.id, value=number, limits=limits))
        return None
    return number


def _chosen(fact: Fact, given: object, at: Position | None, problems: list[Problem]) -> AnswerValue | Partial | None:
    known = [option.id for option in fact.options]
    selected: object = given
    unknown: object = []
    if fact.type is FactType.CHOICES and isinstance(given, Mapping):
        if set(given) - {"selected", "unknown"}:
            return _refuse(fact, given, at, problems)
        selected, unknown = given.get("selected") or [], given.get("unknown") or []
    selected = [selected] if isinstance(selected, str) else selected
    if not isinstance(selected, list | tuple) or not isinstance(unknown, list | tuple):
        return _refuse(fact, given, at, problems)
    wrong = [option for option in (*selected, *unknown) if option not in known]
    problems.extend(hinted("unknown_option", at, str(option), known, option=option, id=fact.id) for option in wrong)
    both = [option for option in selected if option in unknown]
    problems.extend(problem("fact_overlap", at, id=fact.id, option=option) for option in both)
    if wrong or both:
        return None
    if fact.type is FactType.CHOICE:
        return selected[0] if len(selected) == 1 else _refuse(fact, given, at, problems)
    chosen = tuple(option for option in known if option in selected)
    return Partial(chosen, tuple(option for option in known if option in unknown)) if unknown else chosen


def truth_of(atom: Atom, value: AnswerValue | Partial | None) -> bool | None:
    """Return whether an atom is true under the answer to its fact, or None while that is open."""
    if value is None:
        return None
    if isinstance(value, Partial):
        return None if atom.value in value.unknown else atom.value in value.selected
    if isinstance(value, tuple):
        return atom.value in value
    if isinstance(value, Decimal):
        assert isinstance(atom.value, Decimal)
        return value > atom.value if atom.strict else value >= atom.value
    if isinstance(value, date):
        assert isinstance(atom.value, date)
        return value < atom.value
    return value == atom.value


def bits(program: Program, *many: Facts | None) -> tuple[list[int], list[int]]:
    """Return the bit sets of cases, one bit each: per atom where it is true and where it is false; None is all open."""
    true, false = [0] * len(program.atoms), [0] * len(program.atoms)
    for case, facts in enumerate(many):
        for name, value in facts.values.items() if facts else ():
            for number in program.by_fact.get(name, ()):
                if (truth := truth_of(program.atoms[number], value)) is not None:
                    (true if truth else false)[number] |= 1 << case
    return true, false


def cases_in(found: int) -> Iterator[int]:
    """Yield the cases of a bit set, in order."""
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest

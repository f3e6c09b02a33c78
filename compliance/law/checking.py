"""What a built pack must satisfy beyond its parts: no circles, whole pyramid, nothing unused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compliance.law.beyond_model import Control, Regime, RegimeDuty, Supply, Training
from compliance.law.model import Definition, Pack
from compliance.law.problems import Problem, problem
from compliance.law.terms import AtLeast, Condition, FactType, Group, Not, Ref, Test


def references(condition: Condition | None) -> Iterator[str]:
    """Yield the facts and definitions that a condition names, in reading order."""
    if condition is None:
        return
    if isinstance(condition, Ref):
        yield condition.id
    elif isinstance(condition, Test):
        yield condition.fact
    elif isinstance(condition, Group | AtLeast):
        for part in condition.parts:
            yield from references(part)
    elif isinstance(condition, Not):
        yield from references(condition.part)


def beside(pack: Pack) -> Iterator[tuple[str, str, Condition | None]]:
    """Yield kind, id and condition of every entry on which no level, finding or obligation depends."""
    groups: dict[str, Mapping[str, Regime | RegimeDuty | Control | Training | Supply]] = {
        "regime": pack.regimes,
        "regime_duty": pack.regime_duties,
        "control": pack.controls,
        "training": pack.training,
        "supply": pack.supplies,
    }
    for kind, group in groups.items():
        for id_, entry in group.items():
            yield kind, id_, entry.when


def conditions_of(pack: Pack) -> Iterator[Condition | None]:
    """Yield every condition of the pack that is not a definition's own."""
    for level in pack.levels:
        yield level.when
    for derivation in pack.derivations.values():
        yield derivation.when
    for role in pack.roles.values():
        yield role.when
    for finding in pack.findings.values():
        yield finding.when
    for obligation in pack.obligations.values():
        yield obligation.when
    for deadline in pack.deadlines.values():
        for case in deadline.cases:
            yield case.when
    yield from (when for _, _, when in beside(pack))
    for penalty in pack.penalties.values():
        yield penalty.percent_when
        yield penalty.lower_when


def definition_order(definitions: dict[str, Definition]) -> tuple[list[str], list[Problem]]:
    """Return the definitions so that each comes after those it builds on, and the circles found."""
    order: list[str] = []
    state: dict[str, int] = {}
    problems: list[Problem] = []

    def visit(id_: str, path: tuple[str, ...]) -> None:
        if state.get(id_) == 2:  # noqa: PLR2004 - done
            return
        if state.get(id_) == 1:
            circle = (*path[path.index(id_) :], id_)
            problems.append(problem("cycle", definitions[id_].position, path=" → ".join(circle)))
            return
        state[id_] = 1
        definition = definitions[id_]
        for name in (*references(definition.when), *references(definition.unless)):
            if name in definitions:
                visit(name, (*path, id_))
        state[id_] = 2
        order.append(id_)

    for id_ in definitions:
        visit(id_, ())
    return order, problems


def check(pack: Pack) -> list[Problem]:
    """Return the problems of a pack whose parts were all built."""
    return [*definition_order(dict(pack.definitions))[1], *_levels(pack), *_unused(pack)]


def _levels(pack: Pack) -> list[Problem]:
    if not pack.levels:
        return [problem("no_levels", None)]
    problems: list[Problem] = []
    for before, after in zip(pack.levels, pack.levels[1:], strict=False):
        if before.rank == after.rank:
            problems.append(problem("level_rank", after.position, rank=after.rank, id=before.id))
        if before.when is None:
            problems.append(problem("level_last", before.position))
    if pack.levels[-1].when is not None:
        problems.append(problem("level_last", pack.levels[-1].position))
    return problems


def _unused(pack: Pack) -> list[Problem]:
    used = {name for condition in conditions_of(pack) for name in references(condition)}
    for definition in pack.definitions.values():
        used.update((*references(definition.when), *references(definition.unless)))
    asked = {name for condition in _record_conditions(pack) for name in references(condition)}
    problems = [
        problem("unused", fact.position, "warning", id=fact.id)
        for fact in pack.facts.values()
        if fact.id not in used and fact.id not in pack.controls and fact.type is not FactType.TEXT
    ]
    problems += [
        problem("unused", definition.position, "warning", id=definition.id)
        for definition in pack.definitions.values()
        if definition.id not in used | asked
    ]
    problems += _empty_parts(pack)
    owners = {
        entry.owner for group in (pack.obligations, pack.controls, pack.regime_duties) for entry in group.values()
    }
    deadlines = {obligation.deadline for obligation in pack.obligations.values()}
    deadlines |= {finding.deadline or "" for finding in pack.findings.values()}
    penalties = {obligation.penalty for obligation in pack.obligations.values()}
    sections = {fact.section for fact in pack.facts.values()}
    for entries, names in (
        (pack.deadlines, deadlines),
        (pack.penalties, penalties),
        (pack.sections, sections),
        (pack.owners, owners),
    ):
        problems += [
            problem("unused", entry.position, "warning", id=id_) for id_, entry in entries.items() if id_ not in names
        ]
    return problems


def _record_conditions(pack: Pack) -> Iterator[Condition | None]:
    """Yield the conditions of records; no question is asked for their sake, so they make no fact used."""
    for record in pack.records.values():
        yield record.when
    for item in pack.record_items.values():
        yield item.when


def _empty_parts(pack: Pack) -> list[Problem]:
    filled = {(item.record, item.part) for item in pack.record_items.values()}
    return [
        problem("unused", record.position, "warning", id=f"{record.id}.{part}")
        for record in pack.records.values()
        for part in record.parts
        if (record.id, part) not in filled
    ]

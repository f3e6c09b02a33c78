"""The one question of the product: what follows from a pack, the answers and a date."""

from __future__ import annotations

from datetime import date

from compliance.assessment import due_dates, penalties
from compliance.assessment.beyond import concerns, regimes, training
from compliance.assessment.explain import derived_answers, not_reached, reasons
from compliance.assessment.facts import Facts
from compliance.assessment.interview import open_questions
from compliance.assessment.outcome import (
    Doubt,
    DueObligation,
    HeldFinding,
    HeldRole,
    LevelRange,
    NotReached,
    Outcome,
    Reason,
    Truth,
)
from compliance.assessment.state import State, owed, possible_levels, run, truth
from compliance.assessment.turning_points import turning_points
from compliance.law.compiling import Program
from compliance.law.model import Finding, Level, Obligation, Pack
from compliance.law.terms import Group, Status
from compliance.text import Text


def evaluate(
    pack: Pack, program: Program, facts: Facts, on: date, *, exact: bool = True, brief: bool = False
) -> Outcome:
    """Return the outcome; the same pack, facts and date always give the same.

    ``exact=False`` leaves the solver out: the range may then hold a level too many, never one too few.
    ``brief=True`` leaves out reasons, open questions and turning points.
    """
    state = run(program, facts)
    possible = possible_levels(state, exact=exact)
    level = _level(state, possible, exact=exact, brief=brief)
    findings = [_finding(state, finding, on, brief=brief) for finding in pack.findings.values()]
    obligations = [_obligation(state, obligation, on, brief=brief) for obligation in pack.obligations.values()]
    roles = [(state.slot("role", role.id), HeldRole(role.id, role.title, role.cite)) for role in pack.roles.values()]
    held_findings = tuple(finding for finding in findings if finding and finding.certain)
    held_obligations = tuple(sorted((o for o in obligations if o and o.certain), key=_urgency))
    return Outcome(
        pack=pack,
        on=on,
        level=level,
        roles=tuple(role for held, role in roles if held is Truth.TRUE),
        possible_roles=tuple(role for held, role in roles if held is Truth.UNKNOWN),
        findings=held_findings,
        possible_findings=tuple(finding for finding in findings if finding and not finding.certain),
        obligations=held_obligations,
        possible_obligations=tuple(sorted((o for o in obligations if o and not o.certain), key=_urgency)),
        open_questions=() if brief else open_questions(state, possible, exact=exact),
        turning_points=turning_points(state, level.value) if level.value and not brief else (),
        doubts=() if brief else _doubts(state, level, held_findings, held_obligations),
        answers=facts.complete(),
        derived=derived_answers(state),
        regimes=() if brief else regimes(state),
        concerns=() if brief else concerns(state),
        training=() if brief else training(state),
    )


def _urgency(obligation: DueObligation) -> tuple[date, str]:
    dates = obligation.possible_dates
    return obligation.applies_from or (dates[0] if dates else date.max), obligation.citations[0].written


def _level(state: State, possible: tuple[str, ...], *, exact: bool, brief: bool) -> LevelRange:
    levels = {level.id: level for level in state.program.pack.levels}
    if len(possible) != 1:
        ruled_out = () if brief else _ruled_out(state, [level for level in levels.values() if level.id not in possible])
        return LevelRange(False, None, possible, not_reached=ruled_out, exact=exact)
    level = levels[possible[0]]
    why: tuple[Reason, ...] = () if brief else reasons(state, level.when)
    above = [] if brief else [other for other in levels.values() if other.rank < level.rank]
    cites = {citation.written: citation for citation in level.cite}
    cites |= {c.written: c for reason in why if reason.kind == "definition" for c in reason.citations}
    return LevelRange(
        True,
        level.id,
        possible,
        level.title,
        _because(state, level),
        tuple(cites.values()),
        why,
        _ruled_out(state, above),
        exact,
    )


def _because(state: State, level: Level) -> Text:
    """Return the level's description, or the sentence of the pack on top that alone raised it."""
    own = level.when.parts[0] if level.raised_by and isinstance(level.when, Group) else level.when
    if own is None or truth(state, own) is Truth.TRUE:
        return level.description
    raised = (state.program.pack.definitions[id_] for id_ in level.raised_by)
    held = (definition.because for definition in raised if state.slot("definition", definition.id) is Truth.TRUE)
    return next((because for because in held if because), level.description)


def _ruled_out(state: State, levels: list[Level]) -> tuple[NotReached, ...]:
    return tuple(found for level in levels if (found := not_reached(state, level)))


def _finding(state: State, finding: Finding, on: date, *, brief: bool) -> HeldFinding | None:
    holds = state.slot("finding", finding.id)
    if holds is Truth.FALSE:
        return None
    deadline = state.program.pack.deadlines[finding.deadline] if finding.deadline else None
    certain = holds is Truth.TRUE
    return HeldFinding(
        finding.id,
        finding.title,
        finding.because,
        finding.cite,
        certain,
        finding.status,
        finding.to_confirm,
        due_dates.due(state, deadline, on) if deadline else None,
        reasons(state, finding.when) if certain and not brief else (),
    )


def _obligation(state: State, obligation: Obligation, on: date, *, brief: bool) -> DueObligation | None:
    holds = owed(state, obligation)
    if holds is Truth.FALSE:
        return None
    certain = holds is Truth.TRUE
    pack = state.program.pack
    return DueObligation(
        id=obligation.id,
        who=tuple(role for role in obligation.who if state.slot("role", role) is not Truth.FALSE),
        action=obligation.action,
        evidence=obligation.evidence,
        owner=obligation.owner,
        owner_title=pack.owners[obligation.owner].title,
        citations=obligation.cite,
        nature=obligation.nature,
        certain=certain,
        due=due_dates.due(state, pack.deadlines[obligation.deadline], on),
        penalty=penalties.ceiling(state, pack.penalties[obligation.penalty]) if obligation.penalty else None,
        note=obligation.note,
        status=obligation.status,
        to_confirm=obligation.to_confirm,
        reasons=reasons(state, obligation.when) if certain and not brief else (),
    )


def _doubts(
    state: State, level: LevelRange, findings: tuple[HeldFinding, ...], obligations: tuple[DueObligation, ...]
) -> tuple[Doubt, ...]:
    """Return the entries that took part in the outcome and are less firm than binding law."""
    pack, found = state.program.pack, dict[tuple[str, str], Doubt]()

    def add(kind: str, id_: str, entry: object) -> None:
        status, confirm = entry.status, entry.to_confirm  # type: ignore[attr-defined]
        if status is not Status.BINDING or confirm is not None:
            title = getattr(entry, "title", None) or getattr(entry, "question", None) or entry.action  # type: ignore[attr-defined]
            found[kind, id_] = Doubt(id_, kind, title, status, confirm, entry.cite)  # type: ignore[attr-defined]

    lines = [*level.reasons, *(answer for level_ in level.not_reached for answer in level_.answers)]
    lines += [reason for finding in findings for reason in finding.reasons]
    lines += [reason for obligation in obligations for reason in obligation.reasons]
    for reason in lines:
        if reason.kind == "answer":
            add("fact", reason.id, pack.facts[reason.id])
            if derivation := state.derived.get(reason.id):
                add("derivation", derivation, pack.derivations[derivation])
        elif reason.id in pack.definitions:
            add("definition", reason.id, pack.definitions[reason.id])
    for finding in findings:
        add("finding", finding.id, pack.findings[finding.id])
    for obligation in obligations:
        add("obligation", obligation.id, pack.obligations[obligation.id])
        due = obligation.due
        if due.note is not None or due.status is not Status.BINDING:
            deadline = pack.deadlines[pack.obligations[obligation.id].deadline]
            found["deadline", deadline.id] = Doubt(
                deadline.id, "deadline", deadline.title, due.status, due.note, due.citations
            )
    return tuple(found.values())

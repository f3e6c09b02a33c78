"""From draft to approved: submitted by one person, approved by another, superseded by the next."""

from __future__ import annotations

from typing import Any

from compliance.operations import dossiers, post
from compliance.operations.answers import OPEN_STATES
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Unit, Workplace, work
from compliance.storage import cases
from compliance.storage.cases import Assessment
from compliance.storage.rows import new_id
from compliance.text import Text


def frozen_answers(dossier: dossiers.Dossier, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the answers as an assessment keeps them: with who gave each, and when."""
    return [
        {
            "fact": answer.fact,
            "value": answer.value,
            "unknown": answer.unknown,
            "comment": answer.comment,
            "person": names.get(answer.person_id, ""),
            "at": answer.at.isoformat(timespec="seconds"),
            **({"source": answer.source} if answer.source else {}),
        }
        for answer in sorted(dossier.answers.values(), key=lambda item: item.fact)
    ]


def submit(place: Workplace, actor: Actor, case_id: str, note: str) -> str:
    """Freeze the answers and their result for somebody else to review; return the assessment's id.

    Presumed answers must be confirmed first; open questions may stay, the range is then what is reviewed.
    """
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        dossier = dossiers.load(unit.connection, place, actor.org_id, case_id)
        if dossier.case.state not in OPEN_STATES or dossier.case.archived:
            raise RefusedError("case_closed")
        if waiting := dossier.presumed & dossier.facts.values.keys():
            raise RefusedError("presumed_left", "", count=len(waiting))
        summary = dossiers.summary(place, dossier.law, dossier.facts)
        earlier = cases.assessments(unit.connection, unit.org, case_id)
        id_, number = new_id(), (earlier[0].number if earlier else 0) + 1
        pack = dossier.law.pack
        cases.add_assessment(
            unit.connection,
            unit.org,
            id=id_,
            case_id=case_id,
            number=number,
            state="submitted",
            pack=pack.folder,
            pack_version=pack.version,
            pack_hash=pack.hash,
            date=place.today(),
            answers=frozen_answers(dossier, dossiers.names(unit.connection, unit.org)),
            levels=" ".join(summary.possible),
            obligations=[obligation for obligation, _ in summary.duties],
            author_id=actor.person_id,
            note=note,
            at=unit.now,
        )
        cases.change_case(
            unit.connection, unit.org, case_id, dossier.case.version, state="submitted", changed_at=unit.now
        )
        unit.log("assessment.submitted", case_id, number=number, levels=summary.possible, pack=pack.hash)
    return id_


def assessments(place: Workplace, actor: Actor, case_id: str) -> list[Assessment]:
    """Return the assessments of a use case, the newest first."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        dossiers.find(connection, actor, case_id)
        return cases.assessments(connection, actor.org_id, case_id)


def _waiting(unit: Unit, case_id: str) -> Assessment:
    found = cases.assessments(unit.connection, unit.org, case_id)
    if not found:
        raise NotFoundError
    if found[0].state != "submitted":
        raise RefusedError("not_submitted")
    return found[0]


def decide(place: Workplace, actor: Actor, case_id: str, *, approve: bool, opinion: str) -> None:
    """Approve what somebody else submitted, or return it with remarks; who submitted it is told."""
    actor.require(Right.REVIEW)
    if not approve and not opinion.strip():
        raise RefusedError("opinion_needed", "opinion")
    with work(place, actor) as unit:
        waiting = _waiting(unit, case_id)
        if waiting.author_id == actor.person_id:
            raise RefusedError("own_assessment")
        if approve:
            for earlier in cases.assessments(unit.connection, unit.org, case_id):
                if earlier.state == "approved":
                    cases.change_assessment(unit.connection, unit.org, earlier, state="superseded")
        state = "approved" if approve else "returned"
        cases.change_assessment(
            unit.connection,
            unit.org,
            waiting,
            state=state,
            validator_id=actor.person_id,
            opinion=opinion,
            decided_at=unit.now,
        )
        cases.change_case(unit.connection, unit.org, case_id, None, state=state, changed_at=unit.now)
        case = cases.case(unit.connection, unit.org, case_id)
        assert case
        said = (
            Text(
                f"{actor.name} a validé l'évaluation de « {case.name} ».\n\n{opinion}",
                f'{actor.name} has approved the assessment of "{case.name}".\n\n{opinion}',
            )
            if approve
            else Text(
                f"{actor.name} vous renvoie l'évaluation de « {case.name} » :\n\n{opinion}",
                f'{actor.name} returns the assessment of "{case.name}" to you:\n\n{opinion}',
            )
        )
        subject = Text(f"Avis sur {case.name}", f"Review of {case.name}")
        post.to_person(unit, actor, waiting.author_id, subject, said, f"{place.settings.base_url}/use-cases/{case_id}")
        unit.log(f"assessment.{state}", case_id, number=waiting.number)


def withdraw(place: Workplace, actor: Actor, case_id: str) -> None:
    """Take back what the actor submitted, to go on with the draft."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        waiting = _waiting(unit, case_id)
        cases.change_assessment(
            unit.connection, unit.org, waiting, state="returned", decided_at=unit.now, validator_id=actor.person_id
        )
        cases.change_case(unit.connection, unit.org, case_id, None, state="draft", changed_at=unit.now)
        unit.log("assessment.withdrawn", case_id, number=waiting.number)


def reopen(place: Workplace, actor: Actor, case_id: str) -> None:
    """Open an approved use case again; the approved assessment stays until a new one is approved."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        case = cases.case(unit.connection, unit.org, case_id)
        if case is None:
            raise NotFoundError
        if case.state != "approved":
            raise RefusedError("not_approved")
        cases.change_case(unit.connection, unit.org, case_id, case.version, state="draft", changed_at=unit.now)
        unit.log("assessment.reopened", case_id)
        dossiers.refresh(place, unit, case_id)

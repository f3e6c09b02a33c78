"""What came back from a supplier: shown beside what stands, taken over with its source, or left aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from compliance.law.beyond_model import Supply
from compliance.law.model import Fact
from compliance.operations import answers, dossiers, evidence, post
from compliance.operations.answers import AnsweredMeanwhileError, Given
from compliance.operations.dossiers import Dossier
from compliance.operations.evidence import Piece
from compliance.operations.rights import Right
from compliance.operations.supplied import asked_facts, asked_supplies
from compliance.operations.supplying import own, said_of
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Unit, Workplace, work
from compliance.storage import answers as standing_answers
from compliance.storage import evidence as evidence_store
from compliance.storage import supplying as store
from compliance.storage.answers import Answer
from compliance.storage.rows import new_id
from compliance.storage.supplying import Item, Request, SentFile


@dataclass(frozen=True, slots=True)
class Line:
    """A supplier's answer beside what stands; ``version`` is that of what stands (0: nothing)."""

    fact: Fact
    item: Item | None
    standing: Answer | None
    version: int

    @property
    def same(self) -> bool:
        """Tell whether it says what stands already."""
        stands = self.standing
        return bool(
            self.item
            and stands
            and not stands.presumed
            and (_plain(stands.value), stands.unknown) == (_plain(self.item.value), self.item.unknown)
        )


def _plain(value: Any) -> Any:
    """Return a stored value so that yes is the same however it is written: presumed answers stand as "true"."""
    return str(value).lower() if isinstance(value, bool) else value


@dataclass(frozen=True, slots=True)
class Document:
    """What a supplier said or sent about one thing to supply."""

    supply: Supply
    item: Item | None
    files: tuple[SentFile, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back to a questionnaire; nothing of it is shown before it is sent."""

    request: Request
    state: str
    dossier: Dossier
    lines: tuple[Line, ...]
    documents: tuple[Document, ...]
    names: Mapping[str, str]

    @property
    def waiting(self) -> int:
        """How many things that came back wait for a decision."""
        parts: list[Line | Document] = [*self.lines, *self.documents]
        return sum(bool(part.item and not part.item.decision) for part in parts)


def returned(place: Workplace, actor: Actor, id_: str) -> Returned:
    """Return what came back to a questionnaire, beside what stands. Raises NotFoundError."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        found = own(connection, actor, id_)
        return _returned(connection, place, actor, found)


def _returned(connection: Connection, place: Workplace, actor: Actor, found: Request) -> Returned:
    dossier = dossiers.load(connection, place, actor.org_id, found.case_id)
    rows = standing_answers.answers(connection, actor.org_id, found.case_id)
    files = store.files(connection, actor.org_id, [found.id])
    said = said_of([found], store.items(connection, actor.org_id, [found.id]), files)
    items = {(item.kind, item.item): item for item in said}
    pack = dossier.law.pack
    return Returned(
        found,
        found.state_at(place.clock()),
        dossier,
        tuple(
            Line(
                fact,
                items.get(("fact", fact.id)),
                dossier.answers.get(fact.id),
                rows[fact.id].version if fact.id in rows else 0,
            )
            for fact in asked_facts(pack, found.facts)
        ),
        tuple(
            Document(
                supply,
                items.get(("supply", supply.id)),
                tuple(file for file in files if file.supply == supply.id) if found.state == "sent" else (),
            )
            for supply in asked_supplies(pack, found.supplies)
        ),
        dossiers.names(connection, actor.org_id),
    )


def file(place: Workplace, actor: Actor, id_: str) -> tuple[bytes, str, str]:
    """Return a file that a supplier sent, its type and a name made here. Raises NotFoundError."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        found = store.sent_file(connection, actor.org_id, id_)
        if found is None:
            raise NotFoundError
        if own(connection, actor, found.request_id).state != "sent":
            raise NotFoundError
        if found.evidence_id:
            content = evidence_store.content(connection, actor.org_id, found.evidence_id)
        else:
            content = store.content(connection, actor.org_id, id_)
    return content, found.media_type, evidence.file_name(found.id, found.media_type)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of things that came back: keys such as "fact:technique", versions as the page showed them."""

    chosen: tuple[str, ...]
    everything: bool  # all that wait and say something, whatever is chosen
    seen: int  # of the questionnaire
    versions: Mapping[str, int]  # of what stands, by question


def accept(place: Workplace, actor: Actor, id_: str, decision: Decision) -> int:
    """Let what a supplier said enter the assessment, with its source; return how much did.

    Files and words about things to supply become evidence. Raises NotFoundError, RefusedError.
    """
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        back = _to_decide(unit, place, actor, id_, decision)
        lines = [line for line in back.lines if _is_chosen(decision, line.item)]
        documents = [document for document in back.documents if _is_chosen(decision, document.item)]
        if not lines and not documents:
            raise RefusedError("nothing_selected")
        if lines:
            _take_answers(unit, back, lines, decision)
        for document in documents:
            _take_document(unit, actor, back.request, document)
        _decided(unit, [*lines, *documents], "accepted")
        unit.log(
            "supply.accepted",
            back.request.case_id,
            request=id_,
            supplier=back.request.supplier,
            facts=[line.fact.id for line in lines],
            supplies=[document.supply.id for document in documents],
        )
        if lines:
            dossiers.refresh(place, unit, back.request.case_id, state="draft", changed_at=unit.now)
    return len(lines) + len(documents)


def put_aside(place: Workplace, actor: Actor, id_: str, decision: Decision) -> int:
    """Leave out of the assessment what a supplier said; return how much. Raises NotFoundError, RefusedError."""
    actor.require(Right.EDIT)
    with work(place, actor) as unit:
        back = _to_decide(unit, place, actor, id_, decision)
        parts: list[Line | Document] = [*back.lines, *back.documents]
        chosen = [part for part in parts if _is_chosen(decision, part.item)]
        if not chosen:
            raise RefusedError("nothing_selected")
        _decided(unit, chosen, "set_aside")
        items = [part.item for part in chosen if part.item]
        unit.log(
            "supply.set_aside",
            back.request.case_id,
            request=id_,
            facts=[item.item for item in items if item.kind == "fact"],
            supplies=[item.item for item in items if item.kind == "supply"],
        )
    return len(chosen)


def _to_decide(unit: Unit, place: Workplace, actor: Actor, id_: str, decision: Decision) -> Returned:
    found = own(unit.connection, actor, id_)
    if found.state != "sent":
        raise RefusedError("request_not_sent")
    if found.version != decision.seen:
        raise RefusedError("answers_moved")
    return _returned(unit.connection, place, actor, found)


def _is_chosen(decision: Decision, item: Item | None) -> bool:
    if item is None or item.decision:
        return False
    return f"{item.kind}:{item.item}" in decision.chosen or (decision.everything and not item.unknown)


def _take_answers(unit: Unit, back: Returned, lines: Iterable[Line], decision: Decision) -> None:
    found: dict[str, tuple[Given, int]] = {}
    for line in lines:
        assert line.item
        if decision.versions.get(line.fact.id) != line.version:
            raise RefusedError("answers_moved")
        item = line.item
        given = Given(item.value, item.unknown, item.comment, source_of(back.request))
        found[line.fact.id] = given, line.version
    try:
        answers.take_over(unit, back.dossier, found)
    except AnsweredMeanwhileError:
        raise RefusedError("answers_moved") from None


def source_of(request: Request) -> dict[str, str]:
    """Return whose word it is: the supplier, who sent it there, and on which day."""
    assert request.sent_at
    said = {"supplier": request.supplier, "on": request.sent_at.date().isoformat()}
    return {**said, "by": request.respondent} if request.respondent else said


def _take_document(unit: Unit, actor: Actor, request: Request, document: Document) -> None:
    to = post.language_of(actor.org_language, "fr")
    title = f"{document.supply.title.to(to)} ({request.supplier})"
    for sent in document.files:
        if sent.evidence_id is None:
            content = store.content(unit.connection, unit.org, sent.id)
            values: dict[str, Any] = {"media_type": sent.media_type, "size": sent.size, "sha256": sent.sha256}
            evidence_id = _add_evidence(
                unit, request, document.supply.id, f"{title} – {sent.name}", content=content, **values
            )
            store.make_evidence(unit.connection, unit.org, sent.id, evidence_id)
    assert document.item
    if document.item.comment:
        words = f"{request.supplier}, {request.respondent}\n\n{document.item.comment}\n"
        values = evidence.checked(Piece("", None, words.encode()))
        _add_evidence(unit, request, document.supply.id, title, **values)


def _add_evidence(unit: Unit, request: Request, supply: str, title: str, **values: Any) -> str:
    id_ = new_id()
    evidence_store.add_piece(
        unit.connection,
        unit.org,
        id=id_,
        case_id=request.case_id,
        supply=supply,
        title=title[:200],
        removed=False,
        person_id=unit.who,
        at=unit.now,
        **values,
    )
    unit.log("evidence.added", request.case_id, evidence=id_, sha256=values.get("sha256"), request=request.id)
    return id_


def _decided(unit: Unit, parts: Iterable[Line | Document], decision: str) -> None:
    for part in parts:
        assert part.item
        store.decide(unit.connection, unit.org, part.item, decision=decision, decided_by=unit.who, decided_at=unit.now)

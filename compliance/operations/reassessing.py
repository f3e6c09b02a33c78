"""Use cases under an earlier version of a text: what the one in effect would change, and putting them under it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from compliance.assessment import portfolio as replaying
from compliance.assessment.portfolio import Levels
from compliance.operations import dossiers, impact, texts
from compliance.operations.impact import Gathered, Group
from compliance.operations.library import Law
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Unit, Workplace
from compliance.storage import answers, cases, studio
from compliance.storage import portfolio as stored
from compliance.storage.cases import Standing
from compliance.storage.database import Database
from compliance.storage.portfolio import Rows
from compliance.storage.studio import Version

AT_ONCE = 1_000  # use cases, as many as are done while a person waits for a page
_SECONDS = 3.0  # what the solver may take over the open use cases of one text; the rest is said not to be worked out


@dataclass(frozen=True, slots=True)
class Line:
    """A use case under an earlier version, and what the one in effect makes of it."""

    case_id: str
    reference: int
    name: str
    pack: str
    state: str
    owner_id: str | None
    before: Levels
    after: Levels  # empty where there was no time to work it out
    comes: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether level, duties or dates would change, or may."""
        return self.before != self.after or bool(self.comes or self.goes or self.moves)


@dataclass(frozen=True, slots=True)
class Step:
    """The step from earlier versions of a text to the one in effect, for the use cases that have not taken it."""

    version: Version
    law: Law
    changing: tuple[Line, ...] = ()
    same: tuple[Line, ...] = ()
    closed: tuple[Line, ...] = ()  # submitted: somebody reads them as they are

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of them."""
        return (*self.changing, *self.same, *self.closed)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an organisation has under earlier versions, text by text."""

    steps: tuple[Step, ...] = ()

    def step(self, pack: str) -> Step | None:
        """Return what waits for the version in effect of one text."""
        return next((step for step in self.steps if step.version.pack == pack), None)


@dataclass(frozen=True, slots=True)
class Done:
    """How many use cases were put under the version in effect, left as submitted, and left for the next time."""

    moved: int
    left: int
    later: int = 0


_kept: WeakKeyDictionary[Database, dict[str, tuple[object, Waiting]]] = WeakKeyDictionary()


def waiting(place: Workplace, actor: Actor) -> Waiting:
    """Return the organisation's use cases under earlier versions, with what would change for each."""
    actor.require(Right.READ)
    return of_organisation(place, actor.org_id)


def of_organisation(place: Workplace, org: str) -> Waiting:
    """Return what waits in an organisation; kept until a line on its log or a new day could change it."""
    with place.database.reading() as connection:
        behind = _behind(connection, place, org)
        if not behind:
            return Waiting()
        key = (
            stored.head(connection, org),
            cases.counts(connection, org, "stale"),
            place.today(),
            [version.id for version in behind],
        )
        kept = _kept.setdefault(place.database, {})
        if org in kept and kept[org][0] == key:
            return kept[org][1]
        standing = cases.standing(connection, org)
        gathered = [impact.gather(connection, version.pack, org) for version in behind]
    steps = (_step(place, version, found, standing) for version, found in zip(behind, gathered, strict=True))
    made = Waiting(tuple(step for step in steps if step.lines))
    kept[org] = (key, made)
    return made


def of_case(place: Workplace, actor: Actor, case_id: str) -> Step | None:
    """Return the step that one use case has not taken yet, or None where it stands under what is in effect."""
    actor.require(Right.READ_CASE)
    with place.database.reading(actor.org_id) as connection:
        case = dossiers.find(connection, actor, case_id)
        version = texts.in_effect(connection, actor.org_id, texts.family(case.pack), place.today())
        if version is None or version.name == case.pack or case.archived:
            return None
        dossier = dossiers.load(connection, place, actor.org_id, case_id)
        common = dossiers.common_answers(connection, actor.org_id)
    rows = Rows([actor.org_id], [case.id], [case.reference], [case.name], [case.pack], [dossier.known])
    group = Group(actor.org_id, case.pack, (0,), replaying.gather(rows.known), common)
    standing = Standing(case.state, case.owner_id, case.levels)
    return _step(place, version, Gathered(rows, (group,)), {case.id: standing})


def _behind(connection: Connection, place: Workplace, org: str) -> list[Version]:
    """Return the versions in effect that some use case is not under yet."""
    used = {pack for pack, _ in cases.counts(connection, org, "pack")}
    found = []
    for pack in sorted({version.pack for version in studio.versions(connection, org)}):
        version = texts.in_effect(connection, org, pack, place.today())
        if version and any(texts.family(name) == pack and name != version.name for name in used):
            found.append(version)
    return found


def _step(place: Workplace, version: Version, gathered: Gathered, standing: Mapping[str, Standing]) -> Step:
    law = place.library.law(version.name)
    groups = tuple(group for group in gathered.groups if group.pack != version.name)
    lines = sorted(
        _lines(place, law, replace(gathered, groups=groups), standing),
        key=lambda line: (line.after == line.before, line.reference),
    )
    return Step(
        version,
        law,
        tuple(line for line in lines if line.changes and line.state != "submitted"),
        tuple(line for line in lines if not line.changes and line.state != "submitted"),
        tuple(line for line in lines if line.state == "submitted"),
    )


def _lines(place: Workplace, law: Law, gathered: Gathered, standing: Mapping[str, Standing]) -> Iterator[Line]:
    rows = gathered.rows
    found = impact.effect(gathered, lambda name: place.library.law(name).program, law.program, _SECONDS)
    for group, part in found.parts:
        changed = {change.row: change for change in part.rows()}
        doubtful = frozenset(_places(part.undecided))
        for number, row in enumerate(group.rows):
            stands = standing.get(rows.ids[row])
            if stands is None:
                continue  # archived between two looks
            line = partial(
                Line,
                rows.ids[row],
                rows.references[row],
                rows.names[row],
                group.pack,
                stands.state,
                stands.owner_id,
            )
            levels = tuple(stands.levels.split())
            if number not in changed:
                yield line(levels, () if number in doubtful else levels)
                continue
            change = changed[number]
            before, after = (change.before, change.after) if change.before else (levels, levels)
            yield line(before, () if number in doubtful else after, change.comes, change.goes, change.moves)


def _places(bits: int) -> Iterator[int]:
    while bits:
        bit = bits & -bits
        bits ^= bit
        yield bit.bit_length() - 1


def reassess(place: Workplace, actor: Actor, case_ids: Iterable[str], pack: str, seen: str | None = None) -> Done:
    """Put use cases under the version in effect of a text, each in a transaction of its own with its line on the log.

    Those that stand under it already, and those of other texts, stay as they are; submitted ones are left and counted,
    and so are those beyond ``AT_ONCE``.
    An approved one is a draft again; its approved assessment stands until a new one is approved. ``seen`` is the
    version that the person was shown. Raises NotFoundError where the text has no version in effect, or a use case is
    not the organisation's; RefusedError when another version came into effect since.
    """
    actor.require(Right.EDIT)
    wanted = list(dict.fromkeys(case_ids))
    with place.database.reading(actor.org_id) as connection:
        version = texts.in_effect(connection, actor.org_id, pack, place.today())
        if version is None or not cases.titles(connection, actor.org_id).keys() >= set(wanted):
            raise NotFoundError
    if seen is not None and version.name != seen:
        raise RefusedError("version_moved")
    law = place.library.law(version.name)
    found = [_one(place, actor, case_id, version, law) for case_id in wanted[:AT_ONCE]]
    return Done(found.count(True), found.count(None), len(wanted[AT_ONCE:]))


def _one(place: Workplace, actor: Actor, case_id: str, version: Version, law: Law) -> bool | None:
    """Put one use case under a version; return whether anything was to be done, None where it is submitted."""
    with place.database.reading(actor.org_id) as connection:  # computed before the writer's place is taken
        known = dossiers.known_answers(answers.answers(connection, actor.org_id, actor.org_id, case_id))
    dossiers.summary(place, law, dossiers.facts_of(law, known))
    with place.database.writing() as connection:
        unit = Unit(connection, actor.org_id, actor.person_id, place.clock())
        case = cases.case(connection, unit.org, case_id)
        if case is None or case.archived or case.pack == version.name or texts.family(case.pack) != version.pack:
            return False
        if case.state == "submitted":
            return None
        reopened = case.state == "approved"
        also = {"state": "draft"} if reopened else {}
        cases.change_case(connection, unit.org, case_id, case.version, pack=version.name, changed_at=unit.now, **also)
        dossiers.refresh(place, unit, case_id)
        after = cases.case(connection, unit.org, case_id)
        assert after
        unit.log(
            "case.reassessed",
            case_id,
            before=case.pack,
            after=version.name,
            levels_before=case.possible,
            levels_after=after.possible,
            reopened=reopened,
        )
    return True

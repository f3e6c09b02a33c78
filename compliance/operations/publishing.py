"""From a draft of rules to a published version: handed in by one legal editor, read and approved by another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from compliance.law import entries, sources
from compliance.law.loading import Loaded, load
from compliance.law.model import Pack
from compliance.operations import bench, drafting, post, texts
from compliance.operations.drafting import Opened
from compliance.operations.rights import Right, allows, roles_of
from compliance.operations.workplace import (
    Actor,
    NotFoundError,
    RefusedError,
    SecondFactorNeededError,
    Unit,
    Workplace,
    work,
)
from compliance.storage import law_texts, people, studio
from compliance.storage.rows import new_id
from compliance.storage.studio import Draft, Version
from compliance.text import Text


def hand_in(place: Workplace, actor: Actor, id_: str, *, note_fr: str, note_en: str, effect: date) -> None:
    """Show a draft to colleagues, with what it changes in both languages and the day from which it is to count.

    It has to load, and every scenario to pass. Raises RefusedError.
    """
    actor.require(Right.EDIT_LAW)
    for field, note in (("note_fr", note_fr), ("note_en", note_en)):
        if not note.strip():
            raise RefusedError("notes_needed", field)
    if effect < place.today():
        raise RefusedError("effect_past", "effect")
    _sound(place, actor, id_, ("problems", "scenarios"))
    with work(place, actor) as unit:
        draft = drafting.own_draft(unit.connection, actor, id_)
        values = {"note_fr": note_fr, "note_en": note_en, "effect": effect, "state": "review", "opinion": ""}
        studio.change_draft(unit.connection, unit.org, id_, None, **values, changed_at=unit.now)
        unit.log("law.handed_in", id_, pack=draft.pack, effect=effect.isoformat())
        said = Text(
            f"{actor.name} vous demande de relire « {draft.title} » avant publication :\n\n{note_fr}",
            f'{actor.name} asks you to read "{draft.title}" before it is published:\n\n{note_en}',
        )
        subject = Text(f"Règles à relire : {draft.title}", f"Rules to read: {draft.title}")
        for member in people.members(unit.connection, unit.org):
            if member.active and allows(roles_of(member.roles), Right.EDIT_LAW) and member.person_id != actor.person_id:
                link = f"{place.settings.base_url}/studio/{id_}/changes"
                post.to_person(unit, actor, member.person_id, subject, said, link)


def _sound(place: Workplace, actor: Actor, id_: str, parts: Iterable[str]) -> None:
    """Raise RefusedError unless a draft loads, its scenarios pass and, where asked for, what must hold is proved."""
    found = bench.analysis(place, actor, id_, frozenset(parts))
    if not found["loads"]:
        errors = [item for item in found["problems"] if item["severity"] == "error"]
        raise RefusedError("law_broken", "", count=len(errors))
    if failed := found.get("scenarios", {}).get("failed"):
        raise RefusedError("scenarios_fail", "", count=len(failed))
    for proof in found.get("sound", ()):
        if proof["holds"] is not True:
            raise RefusedError("proofs_undecided" if proof["holds"] is None else "proof_fails")


def _in_review(unit: Unit, id_: str) -> Draft:
    draft = studio.draft(unit.connection, unit.org, id_)
    if draft is None:
        raise NotFoundError
    if draft.state != "review":
        raise RefusedError("not_handed_in")
    return draft


def take_back(place: Workplace, actor: Actor, id_: str) -> None:
    """Take a draft back to go on typing; its author alone may."""
    actor.require(Right.EDIT_LAW)
    with work(place, actor) as unit:
        if _in_review(unit, id_).person_id != actor.person_id:
            raise RefusedError("not_your_draft")
        studio.change_draft(unit.connection, unit.org, id_, None, state="draft", changed_at=unit.now)
        unit.log("law.taken_back", id_)


def send_back(place: Workplace, actor: Actor, id_: str, opinion: str) -> None:
    """Send a draft back to its author with an opinion."""
    actor.require(Right.EDIT_LAW)
    if not opinion.strip():
        raise RefusedError("opinion_needed", "opinion")
    with work(place, actor) as unit:
        draft = _in_review(unit, id_)
        if draft.person_id == actor.person_id:
            raise RefusedError("own_draft")
        values = {"state": "draft", "opinion": opinion, "decided_by": actor.person_id, "changed_at": unit.now}
        studio.change_draft(unit.connection, unit.org, id_, None, **values)
        unit.log("law.sent_back", id_)
        said = Text(
            f"{actor.name} vous renvoie « {draft.title} » :\n\n{opinion}",
            f'{actor.name} returns "{draft.title}" to you:\n\n{opinion}',
        )
        subject = Text(f"À revoir : {draft.title}", f"To be looked at again: {draft.title}")
        post.to_person(unit, actor, draft.person_id, subject, said, f"{place.settings.base_url}/studio/{id_}")


def publish(place: Workplace, actor: Actor, id_: str, seen: str) -> Version:
    """Approve a colleague's draft and publish it: its version counts from its day on, without a restart.

    ``seen`` is the mark of the draft as the approver read it: what is published is that, and nothing else. What must
    hold is proved first. Raises RefusedError, and SecondFactorNeededError where the approver has none.
    """
    actor.require(Right.EDIT_LAW)
    read = drafting.opened(place, actor, id_)
    if read.draft.person_id == actor.person_id:
        raise RefusedError("own_draft")
    if read.draft.state != "review":
        raise RefusedError("not_handed_in")
    if not actor.has_totp:
        raise SecondFactorNeededError
    if seen != read.mark:
        raise RefusedError("read_again")
    _sound(place, actor, id_, ("problems", "scenarios", "sound"))
    with work(place, actor) as unit:
        found = drafting.read(unit.connection, unit.org, id_)
        draft = _in_review(unit, id_)
        if found.mark != seen:
            raise RefusedError("read_again")
        if draft.version != read.draft.version or draft.changed_at != read.draft.changed_at:
            raise RefusedError("draft_moved")
        if draft.base and texts.worked_on(unit.connection, place, unit.org, draft.base) != draft.base:
            raise RefusedError("draft_moved")
        loaded = load(draft.pack, found.after)
        assert loaded.pack, "proved a moment ago"
        version = _add(unit, actor, found, loaded, loaded.pack)
        studio.change_draft(
            unit.connection,
            unit.org,
            id_,
            None,
            state="published",
            decided_by=actor.person_id,
            changed_at=unit.now,
        )
        unit.log(
            "law.published",
            id_,
            pack=draft.pack,
            number=version.number,
            hash=version.hash,
            effect=version.effect.isoformat(),
        )
        said = Text(
            f"{actor.name} a validé et publié « {draft.title} » : version {version.number}.",
            f'{actor.name} has approved and published "{draft.title}": version {version.number}.',
        )
        subject = Text(f"Publié : {draft.title}", f"Published: {draft.title}")
        post.to_person(unit, actor, draft.person_id, subject, said, f"{place.settings.base_url}/law/{version.name}")
    return version


def _add(unit: Unit, actor: Actor, found: Opened, loaded: Loaded, pack: Pack) -> Version:
    """Keep the version: all its files for the next draft, and the text by its hash for whatever is frozen under it."""
    draft = found.draft
    earlier = studio.versions(unit.connection, unit.org, draft.pack)
    id_, day = new_id(), max(draft.effect or unit.now.date(), unit.now.date())
    before = load(draft.pack, found.before).pack if draft.base else None
    changed = entries.changed(before, pack) if before else None
    names = [*changed.added, *changed.removed, *changed.altered] if changed else [*_own(pack, draft.pack)]
    studio.add_version(
        unit.connection,
        unit.org,
        id=id_,
        pack=draft.pack,
        number=max((version.number for version in earlier), default=0) + 1,
        hash=pack.hash,
        content=sources.packed(draft.pack, _kept(found, loaded)),
        title_fr=pack.title.fr[:200],
        title_en=pack.title.en[:200],
        note_fr=draft.note_fr,
        note_en=draft.note_en,
        effect=day,
        changed=["/".join(name) for name in names],
        author_id=draft.person_id,
        approver_id=actor.person_id,
        draft_id=draft.id,
        back_to=next((version.number for version in earlier if version.hash == pack.hash), None),
        at=unit.now,
    )
    if not law_texts.has(unit.connection, pack.hash):
        content = sources.packed(draft.pack, loaded.files)
        law_texts.keep(
            unit.connection, hash=pack.hash, folder=draft.pack, version=pack.version, content=content, at=unit.now
        )
    version = studio.version(unit.connection, unit.org, id_)
    assert version
    return version


def _own(pack: Pack, name: str) -> Iterable[tuple[str, str]]:
    """Return the entries that a pack on top wrote itself."""
    return (key for key, entry in entries.entries(pack).items() if getattr(entry, "source", "") == name)


def _kept(found: Opened, loaded: Loaded) -> dict[str, bytes]:
    """Return the files of a version: the pack's own with its scenarios, and those that it stands on."""
    own = tuple(f"{name}/" for name in (found.draft.pack, *loaded.parts))
    return {**loaded.files, **{path: data for path, data in found.after.content.items() if path.startswith(own)}}


def begin_back(place: Workplace, actor: Actor, version_id: str) -> str:
    """Begin a draft that brings an earlier version back: published, it is a new version. Return the draft's id."""
    actor.require(Right.EDIT_LAW)
    with place.database.reading(actor.org_id) as connection:
        wanted = studio.version(connection, actor.org_id, version_id)
        if wanted is None:
            raise NotFoundError
        files = sources.unpacked(studio.content(connection, actor.org_id, version_id))[1]
        name = texts.worked_on(connection, place, actor.org_id, wanted.pack)
    titles = {"fr": f"Retour à la version {wanted.number}", "en": f"Back to version {wanted.number}"}
    id_ = drafting.begin(place, actor, name, titles["en" if actor.language == "en" else "fr"])
    _bring(place, actor, id_, {path: files.read(wanted.pack, path)[0] for path in files.files(wanted.pack)})
    return id_


def _bring(place: Workplace, actor: Actor, id_: str, files: dict[str, bytes | None]) -> None:
    """Put files into a fresh draft, as far as they differ from what it began from."""
    found = drafting.opened(place, actor, id_)
    with place.database.writing() as connection:
        for path in sorted({*found.own, *(path for path in files if path.endswith(".yaml"))}):
            data = files.get(path)
            text = data.decode() if data is not None else None
            if text != found.text(path):
                studio.put_file(connection, actor.org_id, id_, path, text, place.clock(), 0)


def catch_up(place: Workplace, actor: Actor, id_: str) -> None:
    """Let a draft stand on the text of today; raises RefusedError naming the files that both changed."""
    actor.require(Right.EDIT_LAW)
    found = drafting.opened(place, actor, id_)
    with work(place, actor) as unit:
        draft = drafting.own_draft(unit.connection, actor, id_)
        if not draft.base:
            raise NotFoundError  # a pack that was not there before: no text of it to take over
        name = texts.worked_on(unit.connection, place, unit.org, draft.base)
        content = place.library.files(name)
        own = f"{draft.pack}/"
        both = [path for path in found.touched if found.before.content.get(own + path) != content.get(own + path)]
        if both:
            raise RefusedError("both_changed", "", files=", ".join(both))
        law = place.library.law(name)
        values = {"base": name, "base_hash": law.pack.hash, "base_content": sources.packed(draft.pack, content)}
        studio.change_draft(unit.connection, unit.org, id_, None, **values, changed_at=unit.now)
        unit.log("law.caught_up", id_, pack=draft.pack)

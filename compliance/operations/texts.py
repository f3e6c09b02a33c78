"""Which texts of the law an organisation has: those of the instance, and the versions that it published itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import Connection

from compliance.operations.library import Law
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, Workplace
from compliance.storage import studio
from compliance.storage.studio import Version


def family(name: str) -> str:
    """Return the pack of which a name is a version."""
    return name.partition("@")[0]


def in_effect(connection: Connection, org: str, pack: str, today: date) -> Version | None:
    """Return the newest published version of a pack whose day has come."""
    return _newest(version for version in studio.versions(connection, org, pack) if version.effect <= today)


def latest(connection: Connection, org: str, pack: str, today: date) -> Version | None:
    """Return the version of a pack in effect, or where none is yet the newest published."""
    return in_effect(connection, org, pack, today) or _newest(studio.versions(connection, org, pack))


def current(connection: Connection, place: Workplace, org: str, name: str) -> str:
    """Return the text that stands today for the one named: the version in effect, or that of the instance."""
    found = in_effect(connection, org, family(name), place.today())
    if found:
        return found.name
    return family(name) if family(name) in place.library.names() else name


def worked_on(connection: Connection, place: Workplace, org: str, name: str) -> str:
    """Return the text that drafts stand on for the one named: that of today, or a version that is still to come.

    A pack of the organisation's own has no text before its first version counts.
    """
    found = latest(connection, org, family(name), place.today())
    own = family(name) not in place.library.names()
    return found.name if own and found else current(connection, place, org, name)


def families(connection: Connection, place: Workplace, org: str) -> list[str]:
    """Return the packs that an organisation has: those of the instance first, then its own."""
    own = {version.pack for version in studio.versions(connection, org)}
    return [*place.library.names(), *sorted(own - set(place.library.names()))]


def offered(connection: Connection, place: Workplace, org: str) -> list[str]:
    """Return the names of the texts that a use case may be put under today: as they come, and as they stand."""
    names = list(place.library.names())
    for pack in families(connection, place, org):
        found = in_effect(connection, org, pack, place.today())
        if found and found.name not in names:
            names.append(found.name)
    return names


def laws(place: Workplace, actor: Actor) -> list[tuple[Law, Version | None]]:
    """Return the texts that may be chosen, the newest first, with the version where the organisation published it."""
    actor.require(Right.TAKE_PART)
    with place.database.reading(actor.org_id) as connection:
        names = offered(connection, place, actor.org_id)
        found = [(place.library.law(name), studio.published(connection, actor.org_id, name)) for name in names]
    return sorted(found, key=lambda item: (item[0].pack.version, item[1].number if item[1] else 0), reverse=True)


def opened(place: Workplace, actor: Actor, name: str) -> tuple[Law, Version | None]:
    """Return a text to read, whether or not it is in effect. Raises NotFoundError for others' and unknown ones."""
    actor.require(Right.TAKE_PART)
    if "@" not in name:
        if name not in place.library.names():
            raise NotFoundError
        return place.library.law(name), None
    with place.database.reading(actor.org_id) as connection:
        version = studio.published(connection, actor.org_id, name)
    if version is None:
        raise NotFoundError
    return place.library.law(name), version


def versions(place: Workplace, actor: Actor, pack: str | None = None) -> list[Version]:
    """Return the published versions, the newest first."""
    actor.require(Right.TAKE_PART)
    with place.database.reading(actor.org_id) as connection:
        return studio.versions(connection, actor.org_id, pack)


def since(place: Workplace, actor: Actor, name: str) -> dict[str, Version]:
    """Return the version that last changed an entry of a text ("section/id"), for those that some version changed.

    Versions are followed from each to the one that it was made from, which need not be the number before.
    """
    actor.require(Right.TAKE_PART)
    if "@" not in name:
        return {}
    with place.database.reading(actor.org_id) as connection:
        known = studio.versions(connection, actor.org_id, family(name))
        made_from = {draft.id: draft.base for draft in studio.drafts(connection, actor.org_id, ("published",))}
    found: dict[str, Version] = {}
    at = _newest(item for item in known if item.name == name)
    while at is not None:
        found = {**dict.fromkeys(at.changed, at), **found}
        at = _newest(_before(at, known, made_from.get(at.draft_id or "")))
    return found


def _newest(found: Iterable[Version]) -> Version | None:
    return max(found, key=lambda version: version.number, default=None)


def _before(at: Version, known: Iterable[Version], base: str | None) -> Iterator[Version]:
    """Yield the versions that one may have been made from; ``base`` is None where no draft is there to tell."""
    return (item for item in known if item.number < at.number and base in (None, item.name))


def version(place: Workplace, actor: Actor, id_: str) -> Version:
    """Return a published version. Raises NotFoundError."""
    actor.require(Right.TAKE_PART)
    with place.database.reading(actor.org_id) as connection:
        found = studio.version(connection, actor.org_id, id_)
    if found is None:
        raise NotFoundError
    return found


def standing(place: Workplace, actor: Actor) -> set[str]:
    """Return the names of the texts as each stands today."""
    actor.require(Right.TAKE_PART)
    with place.database.reading(actor.org_id) as connection:
        packs = families(connection, place, actor.org_id)
        return {current(connection, place, actor.org_id, pack) for pack in packs}


def today(place: Workplace, actor: Actor, name: str) -> str:
    """Return the name of the version that stands today for a text."""
    with place.database.reading(actor.org_id) as connection:
        return current(connection, place, actor.org_id, name)

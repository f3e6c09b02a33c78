"""Told once: whose use cases would change under a version of a text that came into effect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from compliance.operations import post, reassessing, texts
from compliance.operations.reassessing import Line, Step
from compliance.operations.rights import Right, Role, allows, roles_of
from compliance.operations.workplace import Unit, Workplace
from compliance.storage import actions, organisations, people, studio
from compliance.storage.organisations import Organisation
from compliance.storage.people import Member
from compliance.text import Language, Text, day_in_words

_NAMED = 10
_DAYS = 14  # for how long after its day a version is still announced, should the site have stood still on that day


def announce(place: Workplace, org: str | None = None) -> int:
    """Write the messages that versions in effect call for, in one organisation or in all; return how many.

    Owners are told of those of theirs that would change; officers without any are told how many there are. Nobody is
    told twice of one version.
    """
    with place.database.reading() as connection:
        found = [one for one in organisations.organisations(connection) if org in (None, one.id)]
    return sum(_announce(place, one) for one in found)


def _announce(place: Workplace, org: Organisation) -> int:
    today, written = place.today(), 0
    with place.database.reading() as connection:
        packs = {version.pack for version in studio.versions(connection, org.id)}
        current = [texts.in_effect(connection, org.id, pack, today) for pack in packs]
        members = [member for member in people.members(connection, org.id) if member.active]
        fresh = {
            version.id
            for version in current
            if version
            and version.effect >= today - timedelta(days=_DAYS)
            and not actions.written(connection, org.id, [_kind(version.id, member) for member in members])
        }
    for step in reassessing.of_organisation(place, org.id).steps if fresh else ():
        if step.version.id in fresh:
            written += _tell(place, org, step, members)
    return written


def _kind(version_id: str, member: Member) -> str:
    return f"law {version_id} {member.person_id}"


def _tell(place: Workplace, org: Organisation, step: Step, members: Sequence[Member]) -> int:
    changing = [line for line in (*step.changing, *step.closed) if line.changes]
    messages: dict[str, tuple[Member, list[Line]]] = {}
    for member in members if changing else ():
        own = [line for line in changing if line.owner_id == member.person_id]
        if own or Role.OFFICER in roles_of(member.roles):
            messages[_kind(step.version.id, member)] = (member, own)
    if not messages:
        return 0
    with place.database.writing() as connection:
        unit = Unit(connection, org.id, None, place.clock())
        left = messages.keys() - actions.written(connection, org.id, messages)
        for kind in left:
            member, own = messages[kind]
            _write(place, unit, org, step, member, own, len(changing), kind)
    return len(left)


def _write(
    place: Workplace, unit: Unit, org: Organisation, step: Step, member: Member, own: list[Line], count: int, kind: str
) -> None:
    person = people.person(unit.connection, id=member.person_id)
    assert person
    to: Language = "en" if (person.language or org.language) == "en" else "fr"
    title, day = step.law.pack.title, day_in_words(step.version.effect)
    number = step.version.number
    subject = Text(f"Nouvelle version de « {title.fr} »", f'New version of "{title.en}"')
    head = Text(
        f"La version {number} de « {title.fr} » est en vigueur depuis le {day.fr}. Ce qu'elle change :\n\n"
        f"{step.version.note_fr}",
        f'Version {number} of "{title.en}" has been in effect since {day.en}. What it changes:\n\n'
        f"{step.version.note_en}",
    )
    lines = [post.GREETING.to(to), head.to(to), _said(own, count).to(to)]
    if own:
        lines.append("\n".join(f"– IA-{line.reference:03d} {line.name}" for line in own[:_NAMED]))
    if len(own) > _NAMED:
        rest = len(own) - _NAMED
        lines.append(Text(f"… et {rest} autres." if rest > 1 else "… et un autre.", f"… and {rest} more.").to(to))
    if allows(roles_of(member.roles), Right.READ) and member.site_id is None:
        lines += [f"{place.settings.base_url}/reassess"]
    lines.append(post.CLOSING.to(to).format(org=org.name))
    post.write(unit, to_id=person.id, address=person.email, subject=subject.to(to), lines=lines, kind=kind)


def _said(own: list[Line], count: int) -> Text:
    if len(own) == 1:
        return Text(
            "Un cas d'usage dont vous êtes responsable changerait de niveau, d'obligations ou d'échéances :",
            "One use case that you own would change its level, its duties or its dates:",
        )
    if own:
        return Text(
            f"{len(own)} cas d'usage dont vous êtes responsable changeraient de niveau, d'obligations ou d'échéances :",
            f"{len(own)} use cases that you own would change their level, their duties or their dates:",
        )
    if count == 1:
        return Text(
            "Un cas d'usage de votre organisation changerait de niveau, d'obligations ou d'échéances.",
            "One use case of your organisation would change its level, its duties or its dates.",
        )
    return Text(
        f"{count} cas d'usage de votre organisation changeraient de niveau, d'obligations ou d'échéances.",
        f"{count} use cases of your organisation would change their level, their duties or their dates.",
    )

"""Messages: written into the outbox with the change that calls for them, sent afterwards when mail is set up."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

from compliance.assessment.action_plan import task
from compliance.config import Mailing
from compliance.operations import events
from compliance.operations.actions import law_of
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, Unit, Workplace
from compliance.storage import actions, organisations, people
from compliance.storage.actions import CLOSED, ActionFilter, ListedAction, Mail
from compliance.storage.rows import new_id
from compliance.text import Language, Text, day_in_words

_SHOWN = 200
_TIMEOUT = 10  # seconds
_ONE_TIME = re.compile(r"(/(?:welcome|supplier)/)[\w-]+")
REMINDERS = (("month", 30), ("week", 7), ("day", 1), ("overdue", -1))

GREETING = Text("Bonjour,", "Hello,")
CLOSING = Text("Pyramide, pour {org}", "Pyramide, for {org}")


def language_of(code: str | None, other: str) -> Language:
    """Return the language to write in: somebody's own, or the other one where none is chosen."""
    return "en" if (code or other) == "en" else "fr"


def write(unit: Unit, *, to_id: str | None, address: str, subject: str, lines: list[str], kind: str) -> None:
    """Put a message in the outbox; ``kind`` names what must not be sent twice."""
    actions.add_mail(
        unit.connection,
        unit.org,
        id=new_id(),
        to_id=to_id,
        address=address,
        subject=subject[:200],
        body="\n\n".join(lines),
        kind=kind,
        at=unit.now,
    )


def invitation(unit: Unit, actor: Actor, email: str, link: str, language: str) -> None:
    """Invite somebody to an organisation."""
    to = language_of(language, "fr")
    said = Text(
        f"{actor.name} vous invite à rejoindre « {actor.org_name} » dans Pyramide, l'outil d'auto-évaluation au "
        "regard du règlement européen sur l'IA. Ce lien sert une fois et vaut deux semaines :",
        f'{actor.name} invites you to join "{actor.org_name}" in Pyramide, the self-assessment tool for the EU AI Act. '
        "This link works once, within two weeks:",
    )
    subject = Text(f"Invitation à rejoindre {actor.org_name}", f"Invitation to join {actor.org_name}")
    lines = [GREETING.to(to), said.to(to), link, CLOSING.to(to).format(org=actor.org_name)]
    write(unit, to_id=None, address=email, subject=subject.to(to), lines=lines, kind=f"invitation {new_id()}")


def to_person(unit: Unit, actor: Actor, person_id: str, subject: Text, said: Text, link: str) -> None:
    """Tell a colleague something that calls for an answer."""
    person = people.person(unit.connection, id=person_id)
    if person is None:
        return
    to = language_of(person.language, actor.org_language)
    lines = [GREETING.to(to), said.to(to), link, CLOSING.to(to).format(org=actor.org_name)]
    write(unit, to_id=person_id, address=person.email, subject=subject.to(to), lines=lines, kind=f"note {new_id()}")


def outbox(place: Workplace, actor: Actor) -> list[Mail]:
    """Return the organisation's messages."""
    actor.require(Right.SEE_OUTBOX)
    with place.database.reading(actor.org_id) as connection:
        found = actions.mails(connection, actor.org_id, _SHOWN)
    return [replace(mail, body=without_links(mail.body)) for mail in found]


def without_links(body: str) -> str:
    """Return a message without what would let a reader sign in, or answer, as its addressee."""
    return _ONE_TIME.sub(r"\1…", body)


def _stage(days: int) -> str | None:
    """Return which reminder an action is due for: the closest one whose time has come."""
    stages = [name for name, ahead in REMINDERS if (days < 0 if ahead < 0 else 0 <= days <= ahead)]
    return stages[-1] if stages else None


def write_reminders(place: Workplace) -> int:
    """Write the reminders whose day has come, each once; return how many."""
    written, today = 0, place.today()
    with place.database.reading() as connection:
        orgs = organisations.organisations(connection)
    for org in orgs:
        with place.database.writing() as connection:
            unit = Unit(connection, org.id, None, place.clock())
            last = date.fromordinal(today.toordinal() + REMINDERS[0][1])
            due = actions.listed(connection, org.id, ActionFilter(state="open", due_before=last))
            wanted = {}
            for item in due:
                assert item.action.due
                stage = _stage((item.action.due - today).days)
                if item.action.owner_id and stage:
                    wanted[f"reminder {item.action.id} {item.action.due} {stage}"] = item
            for kind in wanted.keys() - actions.written(connection, org.id, wanted):
                _remind(place, unit, wanted[kind], kind, org.name, org.language)
                written += 1
    return written


def _remind(place: Workplace, unit: Unit, item: ListedAction, kind: str, org_name: str, org_language: str) -> None:
    action = item.action
    assert action.due
    assert action.owner_id
    owner = people.person(unit.connection, id=action.owner_id)
    found = task(law_of(place, item.case_pack).pack, action.obligation)
    if owner is None or found is None or action.state in CLOSED:
        return
    events.tell(unit.connection, unit.org, unit.now, events.DUE, [(events.ACTION, action.id, action.case_id)])
    to = language_of(owner.language, org_language)
    due = day_in_words(action.due)
    overdue = action.due < place.today()
    name = item.case_name or org_name
    subject = (
        Text(f"En retard : action pour {name}", f"Overdue: action for {name}")
        if overdue
        else Text(f"À faire avant le {due.fr} : {name}", f"To do before {due.en}: {name}")
    )
    about = Text("Organisation", "Organisation") if item.case_name is None else Text("Cas d'usage", "Use case")
    said = Text(
        f"{found.action.fr}\n\n{about.fr} : {name}. Échéance : {due.fr}.",
        f"{found.action.en}\n\n{about.en}: {name}. Due: {due.en}.",
    )
    link = f"{place.settings.base_url}/actions/{action.id}"
    lines = [GREETING.to(to), said.to(to), link, CLOSING.to(to).format(org=org_name)]
    write(unit, to_id=owner.id, address=owner.email, subject=subject.to(to), lines=lines, kind=kind)


def send_waiting(place: Workplace) -> int:
    """Send what waits in the outbox, if mail is set up; return how many went out."""
    mailing = place.settings.mailing
    if mailing is None:
        return 0
    with place.database.reading() as connection:
        waiting = actions.waiting(connection)
    sent = 0
    for org, mail in waiting:
        failure = _send(mailing, mail)
        with place.database.writing() as connection:
            if failure is None:
                body = without_links(mail.body)
                actions.mark_mail(connection, org, mail.id, sent_at=place.clock(), failure=None, body=body)
                sent += 1
            else:
                actions.mark_mail(connection, org, mail.id, failure=failure[:300])
    return sent


def _message(mailing: Mailing, mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mailing.sender, mail.address, " ".join(mail.subject.split())
    message.set_content(mail.body)
    return message


def _send(mailing: Mailing, mail: Mail) -> str | None:
    """Send one message; return why it could not be, or None."""
    try:
        message = _message(mailing, mail)
    except Exception as error:  # noqa: BLE001 - the library fails in ways of its own at what is no address; others go out
        return f"{type(error).__name__}: {error}"
    try:
        with smtplib.SMTP(mailing.host, mailing.port, timeout=_TIMEOUT) as server:
            if mailing.tls:
                server.starttls(context=ssl.create_default_context())
            if mailing.user:
                server.login(mailing.user, mailing.password or "")
            server.send_message(message)
            with suppress(smtplib.SMTPException):
                server.quit()
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"
    return None

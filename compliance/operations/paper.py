"""What an organisation puts on its reports: its logo, its template for Word."""

from __future__ import annotations

import hashlib

from compliance.operations.made_now import made_now
from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, RefusedError, Workplace, work
from compliance.reports import logo, word_file
from compliance.storage import stationery
from compliance.text import Text

KINDS = ("logo", "word")


class TemplateRefusedError(Exception):
    """A template for Word that cannot be taken; ``problems`` say what is wrong in it."""

    def __init__(self, problems: list[Text]) -> None:
        super().__init__()
        self.problems = problems


def content(place: Workplace, actor: Actor, kind: str) -> bytes | None:
    """Return the logo (PNG), or the template, as it is in use."""
    actor.require(Right.TAKE_PART)
    with place.database.reading(actor.org_id) as connection:
        return stationery.content(connection, actor.org_id, kind)


def change(place: Workplace, actor: Actor, kind: str, sent: bytes) -> None:
    """Set the logo or the template. Raises RefusedError, TemplateRefusedError."""
    actor.require(Right.ARRANGE)
    if kind == "logo":
        try:
            sent = logo.clean(sent)
        except logo.LogoError as error:
            raise RefusedError(error.code, "logo", mb=logo.FILE_MOST // 1024**2) from None
    else:
        with made_now():
            problems = word_file.check_template(sent)
        if problems:
            raise TemplateRefusedError(problems)
    sha256 = hashlib.sha256(sent).hexdigest()
    with work(place, actor) as unit:
        stationery.put(
            unit.connection, unit.org, kind, content=sent, sha256=sha256, person_id=actor.person_id, at=unit.now
        )
        unit.log(f"paper.{kind}", unit.org, sha256=sha256)


def remove(place: Workplace, actor: Actor, kind: str) -> None:
    """Take the logo or the template away; issued reports keep theirs."""
    actor.require(Right.ARRANGE)
    with work(place, actor) as unit:
        stationery.remove(unit.connection, unit.org, kind)
        unit.log(f"paper.{kind}_removed", unit.org)

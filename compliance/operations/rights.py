"""Who may do what: the one table of roles. Pages, API and command line all follow it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is in an organisation; a person may be several."""

    OFFICER = "officer"
    CONTRIBUTOR = "contributor"
    AUDITOR = "auditor"
    LEGAL_EDITOR = "legal_editor"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """Something that a role allows."""

    TAKE_PART = "take_part"  # be there at all: own account, the words of the law
    READ = "read"  # every use case, plan, chart and export of the organisation
    READ_CASE = "read_case"  # use cases, their reports and history, within the bounds of the role
    EDIT = "edit"  # use cases, answers, actions, imports
    ANSWER = "answer"  # what was handed over, and own actions
    REVIEW = "review"  # approve what somebody else submitted
    ISSUE = "issue"  # reports, numbered and signed
    AUDIT = "audit"  # draw samples, write findings and remarks, close them
    EDIT_LAW = "edit_law"  # drafts of rules, their review and publication
    READ_LOG = "read_log"
    SEE_OUTBOX = "see_outbox"
    ARRANGE = "arrange"  # sites, suppliers, the organisation's answers
    ADMINISTER = "administer"  # people, roles, settings, removal of the example


_ALL = frozenset(Role)
ALLOWED: dict[Right, frozenset[Role]] = {
    Right.TAKE_PART: _ALL,
    Right.READ: frozenset((Role.OFFICER, Role.AUDITOR, Role.LEGAL_EDITOR, Role.ADMINISTRATOR)),
    Right.READ_CASE: frozenset((Role.OFFICER, Role.AUDITOR, Role.LEGAL_EDITOR, Role.ADMINISTRATOR)),
    Right.EDIT: frozenset((Role.OFFICER,)),
    Right.ANSWER: frozenset((Role.OFFICER, Role.CONTRIBUTOR)),
    Right.REVIEW: frozenset((Role.OFFICER,)),
    Right.ISSUE: frozenset((Role.OFFICER,)),
    Right.AUDIT: frozenset((Role.AUDITOR,)),
    Right.EDIT_LAW: frozenset((Role.LEGAL_EDITOR,)),
    Right.READ_LOG: frozenset((Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR)),
    Right.SEE_OUTBOX: frozenset((Role.OFFICER, Role.ADMINISTRATOR)),
    Right.ARRANGE: frozenset((Role.OFFICER, Role.ADMINISTRATOR)),
    Right.ADMINISTER: frozenset((Role.ADMINISTRATOR,)),
}
WITHIN_BOUNDS: frozenset[Right] = frozenset((Right.TAKE_PART, Right.READ_CASE, Right.AUDIT))
"""What is left of a role that is bound to one site: nothing that shows or changes the whole organisation."""


def allows(roles: frozenset[Role], right: Right) -> bool:
    """Tell whether one of the roles gives the right."""
    return not roles.isdisjoint(ALLOWED[right])


def roles_of(text: str) -> frozenset[Role]:
    """Return the roles named in a text, as stored."""
    return frozenset(Role(word) for word in text.split())


def as_text(roles: frozenset[Role]) -> str:
    """Return roles as stored: in the order of the list, joined by blanks."""
    return " ".join(role for role in Role if role in roles)

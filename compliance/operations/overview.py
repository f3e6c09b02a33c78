"""The organisation at a glance: uses by level, what is due, what is undecided, what the law brings next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.law.model import Fact, Obligation
from compliance.law.terms import CitationKind
from compliance.operations.rights import Right
from compliance.operations.vocabulary import FUNCTIONS, SECTORS
from compliance.operations.workplace import Actor, Workplace
from compliance.storage import actions, cases, organisations
from compliance.storage.actions import ActionFilter, ListedAction
from compliance.text import Text

OPEN = "open"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Share:
    """One bar of a chart: how many use cases on each level, and undecided."""

    key: str | None
    title: Text | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many use cases in all."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Deciding:
    """A question that, answered, would decide most of the undecided use cases."""

    fact: Fact
    count: int


@dataclass(frozen=True, slots=True)
class Untrained:
    """A function or a sector with use cases whose training, Article 4, is not done."""

    key: str | None
    title: Text | None
    cases: int


@dataclass(frozen=True, slots=True)
class LegalDate:
    """A day on which duties begin to apply."""

    day: date
    actions: int
    cases: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the dashboard shows."""

    total: int
    levels: dict[str, int]
    undecided: int
    presumed: int
    states: dict[str, int]
    by_function: list[Share]
    by_sector: list[Share]
    by_site: list[Share]
    untrained_by_function: list[Untrained]
    untrained_by_sector: list[Untrained]
    overdue: list[ListedAction]
    overdue_count: int
    due_next: list[ListedAction]
    actions_open: int
    actions_done: int
    deciding: list[Deciding]
    legal_dates: list[LegalDate]
    stale: bool


def _shares(rows: list[tuple[str | None, str, int]], titles: dict[str, Text]) -> list[Share]:
    found: dict[str | None, Counter[str]] = {}
    for key, levels, count in rows:
        found.setdefault(key, Counter())[levels if " " not in levels else OPEN] += count
    shares = [Share(key, titles.get(key or ""), dict(counts)) for key, counts in found.items()]
    return sorted(shares, key=lambda share: (share.key is None, -share.total))


def _on_literacy(duty: Obligation) -> bool:
    return any(citation.kind is CitationKind.ARTICLE and citation.number == "4" for citation in duty.cite)


def _untrained(found: dict[str | None, int], titles: dict[str, Text]) -> list[Untrained]:
    rows = [Untrained(key, titles.get(key or ""), count) for key, count in found.items()]
    return sorted(rows, key=lambda row: (row.key is None, -row.cases))[:_SHOWN]


def overview(place: Workplace, actor: Actor) -> Overview:
    """Return the dashboard's figures, all from the summaries kept with the use cases."""
    actor.require(Right.READ)
    org, today = actor.org_id, place.today()
    with place.database.reading(actor.org_id) as connection:
        levels: Counter[str] = Counter()
        for found, count in cases.counts(connection, org, "levels"):
            levels[found if " " not in found else OPEN] += count
        sites = {site.id: Text(site.name, site.name) for site in organisations.sites(connection, org)}
        deciding = Counter(
            {fact: count for fact, found, count in _deciding(cases.counts(connection, org, "deciding_fact", "levels"))}
        )
        pack = place.library.law(place.library.default).pack
        facts, literacy = pack.facts, [id_ for id_, duty in pack.obligations.items() if _on_literacy(duty)]
        states = actions.count_by_state(connection, org)
        return Overview(
            total=sum(levels.values()),
            levels={key: value for key, value in levels.items() if key != OPEN},
            undecided=levels[OPEN],
            presumed=sum(count for presumed, count in cases.counts(connection, org, "presumed") if presumed),
            states=dict(cases.counts(connection, org, "state")),
            by_function=_shares(cases.counts(connection, org, "function", "levels"), FUNCTIONS),
            by_sector=_shares(cases.counts(connection, org, "sector", "levels"), SECTORS),
            by_site=_shares(cases.counts(connection, org, "site_id", "levels"), sites),
            untrained_by_function=_untrained(actions.cases_open(connection, org, literacy, "function"), FUNCTIONS),
            untrained_by_sector=_untrained(actions.cases_open(connection, org, literacy, "sector"), SECTORS),
            overdue=actions.listed(connection, org, ActionFilter(state="overdue", today=today), limit=_SHOWN),
            overdue_count=actions.count(connection, org, ActionFilter(state="overdue", today=today)),
            due_next=actions.due_from(connection, org, today, limit=_SHOWN),
            actions_open=sum(count for state, count in states.items() if state not in actions.CLOSED),
            actions_done=states.get("done", 0),
            deciding=[Deciding(facts[fact], count) for fact, count in deciding.most_common(_SHOWN) if fact in facts],
            legal_dates=[
                LegalDate(*row) for row in actions.dates_ahead(connection, org, today + timedelta(days=31), _SHOWN)
            ],
            stale=any(stale for stale, _ in cases.counts(connection, org, "stale")),
        )


def _deciding(rows: list[tuple[str | None, str, int]]) -> list[tuple[str, str, int]]:
    """Return, for undecided use cases, the question that matters most to each, added up."""
    found: Counter[str] = Counter()
    for fact, levels, count in rows:
        if fact and " " in levels:
            found[fact] += count
    return [(fact, OPEN, count) for fact, count in found.items()]

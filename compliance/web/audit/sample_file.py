"""A sample as a workbook: how it was drawn, what was looked at, findings with their closing, the population."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from compliance.law.model import Pack
from compliance.operations import vocabulary
from compliance.operations.observations import KINDS, STATES, Thread
from compliance.operations.samples import ORDERS, OpenSample
from compliance.reports.sheets import Cell, Sheet, to_xlsx
from compliance.storage.audits import Sample
from compliance.web.templating import moment, spoken


def reference(number: int) -> str:
    """Return the reference of a use case as people read it."""
    return f"IA-{number:03d}"


def criteria_words(sample: Sample, pack: Pack) -> list[tuple[str, str]]:
    """Return in words what the use cases of a sample had to be, or that all could be drawn."""
    asked, words = sample.criteria["filter"], sample.criteria["words"]
    levels = {level.id: spoken(level.title) for level in pack.levels} | {"open": _("undecided")}
    found = []
    for label, value in (
        (_("Level"), levels.get(asked["level"], asked["level"])),
        (_("Function"), spoken(vocabulary.FUNCTIONS.get(asked["function"]))),
        (_("Sector"), spoken(vocabulary.SECTORS.get(asked["sector"]))),
        (_("Site"), words.get("site")),
        (_("Supplier"), words.get("supplier")),
        (_("State"), spoken(vocabulary.CASE_STATES.get(asked["state"]))),
        (_("Owner"), words.get("owner")),
        (
            _("Issued report"),
            {True: _("with an issued report"), False: _("without one"), None: ""}[asked["reported"]],
        ),
    ):
        if value:
            found.append((str(label), str(value)))
    return found


def _rows(pairs: list[tuple[str, str]]) -> list[list[Cell]]:
    return [[label, value] for label, value in pairs]


def _conversation(thread: Thread) -> str:
    return "\n".join(f"{reply.person}, {moment(reply.at)}: {reply.text}" for reply in thread.replies)


def workbook(found: OpenSample, threads: list[Thread], pack: Pack, now: datetime) -> bytes:
    """Return a sample with its results."""
    sample = found.sample
    about: list[list[Cell]] = [
        [_("Name of the sample"), sample.name],
        [_("Drawn by"), found.person],
        [_("Drawn on"), moment(sample.at)],
        *_rows(criteria_words(sample, pack)),
        [_("Population"), sample.population],
        [_("Size of the sample"), len(found.items)],
        [_("How to take them"), spoken(ORDERS[sample.criteria["order"]])],
        [_("Seed"), sample.seed],
    ]
    levels = {level.id: spoken(level.title) for level in pack.levels}
    items: list[list[Cell]] = [
        [
            item.item.place,
            reference(item.case.reference),
            item.case.name,
            ", ".join(levels.get(level, level) for level in item.case.possible),
            spoken(vocabulary.CASE_STATES[item.case.state]),
            item.item.looked_at,
            item.looked_by,
            moment(item.item.looked_on),
            item.findings,
            item.remarks,
        ]
        for item in found.items
    ]
    said: list[list[Cell]] = [
        [
            reference(thread.listed.case_reference),
            thread.listed.case_name,
            spoken(KINDS[thread.listed.observation.kind]),
            thread.listed.observation.text,
            thread.listed.report,
            thread.listed.person,
            moment(thread.listed.observation.at),
            spoken(STATES[thread.listed.observation.state]),
            _conversation(thread),
            thread.listed.observation.closing,
            thread.closed_by,
            moment(thread.listed.observation.closed_at),
        ]
        for thread in threads
    ]
    return to_xlsx(
        [
            Sheet(_("Sample"), [_("What"), _("Value")], about),
            Sheet(
                _("Use cases"),
                [
                    _("Place"),
                    _("No."),
                    _("Name"),
                    _("Level"),
                    _("State"),
                    _("What was looked at"),
                    _("By"),
                    _("When"),
                    _("Findings"),
                    _("Remarks"),
                ],
                items,
            ),
            Sheet(
                _("Findings and remarks"),
                [
                    _("No."),
                    _("Use case"),
                    _("Kind"),
                    _("Text"),
                    _("About the report"),
                    _("By"),
                    _("When"),
                    _("State"),
                    _("Answers"),
                    _("Reason for closing"),
                    _("Closed by"),
                    _("Closed on"),
                ],
                said,
            ),
            Sheet(
                _("Population"),
                [_("No.")],
                [[reference(number)] for number in sample.criteria["references"]],
            ),
        ],
        on=now,
    )

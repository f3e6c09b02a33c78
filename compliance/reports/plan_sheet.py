"""The action plan of a report as a workbook: one row an obligation, and a sheet that says which report it is."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from compliance.reports.plan import Line, address, held_as, lines, references
from compliance.reports.sheets import harmless
from compliance.reports.words import Words
from compliance.text import Language

_LONGEST = 32_000  # a cell takes 32,767 characters


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title in both languages, its width, and what it shows of a line."""

    fr: str
    en: str
    width: int
    show: Callable[[Line, Words], str | int | date | None]
    link: bool = False


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _fine(line: Line) -> int | None:
    penalty = line.duty["penalty"]
    return penalty["ceiling"] if penalty else None


COLUMNS = (
    Column("N°", "No.", 6, lambda line, _: line.number),
    Column("Référence", "Reference", 11, lambda line, _: line.reference),
    Column("Cas d'usage", "Use case", 26, lambda line, _: line.name),
    Column("Ce qu'il faut faire", "What to do", 50, lambda line, words: words.text(line.duty["action"])),
    Column("Articles", "Articles", 20, lambda line, words: references(line.duty["citations"], words), link=True),
    Column("Rôle", "Role", 16, held_as),
    Column("Fonction", "Function", 18, lambda line, words: words.owned_by(line.duty)),
    Column("Applicable à partir du", "Applies from", 13, lambda line, _: _day(line.duty["applies_from"])),
    Column("Applicabilité", "Applicability", 20, lambda line, words: words.when(line.duty)),
    Column("Échéance", "Due", 13, lambda line, _: _day(line.action.get("due"))),
    Column("État", "State", 12, lambda line, words: words.text(line.action.get("state"))),
    Column("Responsable", "Owner", 18, lambda line, _: line.action.get("owner")),
    Column("Preuve attendue", "Evidence expected", 40, lambda line, words: words.text(line.duty["evidence"])),
    Column("Preuve apportée", "Evidence given", 24, lambda line, _: "\n".join(line.evidence)),
    Column("Plafond d'amende", "Fine ceiling", 16, lambda line, _: _fine(line)),
    Column("Commentaire", "Comment", 30, lambda line, _: line.action.get("comment")),
    Column("Note", "Note", 30, lambda line, words: words.text(line.duty["note"])),
)


def make(record: Mapping[str, Any], language: Language) -> bytes:
    """Return the workbook of a record; days are days, amounts are numbers, and no text is a formula."""
    words, out = Words(language), io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    title = words.pair("Plan d'action", "Action plan")
    made = datetime.fromisoformat(record["made"]["at"]).replace(tzinfo=None)
    book.set_properties({"title": title, "author": record["organisation"]["name"][:255], "created": made})
    _write_plan(book, title, lines(record), words, _identifier(record, words))
    _write_identity(book, record, words)
    book.close()
    return out.getvalue()


def _identifier(record: Mapping[str, Any], words: Words) -> str:
    return record["number"] or words.pair("projet, sans numéro", "draft, without number")


def _write_plan(book: Any, title: str, plan: Sequence[Line], words: Words, identifier: str) -> None:
    page = book.add_worksheet(title)
    top = {"text_wrap": True, "valign": "top"}
    head = book.add_format({**top, "bold": True, "bottom": 1, "bg_color": "#E8ECF1"})
    formats = {
        str: book.add_format(top),
        int: book.add_format({"valign": "top", "num_format": "#,##0"}),
        date: book.add_format({"valign": "top", "align": "left", "num_format": "yyyy-mm-dd"}),
    }
    linked = book.add_format({**top, "font_color": "#0B4F8A", "underline": 1})
    for at, column in enumerate(COLUMNS):
        page.set_column(at, at, column.width)
        page.write_string(0, at, words.pair(column.fr, column.en), head)
    for row, line in enumerate(plan, 1):
        for at, column in enumerate(COLUMNS):
            url = address(line.duty["citations"], words) if column.link else None
            _write(page, row, at, column.show(line, words), formats, (url, linked))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(plan)), len(COLUMNS) - 1)
    _set_up(page, f"&L{title} · {identifier}&R{words.pair('Page &P sur &N', 'Page &P of &N')}")


def _write(page: Any, row: int, at: int, value: Any, formats: Mapping[type, Any], link: tuple[str | None, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        page.write_datetime(row, at, datetime(value.year, value.month, value.day), formats[date])  # noqa: DTZ001
    elif isinstance(value, int):
        page.write_number(row, at, value, formats[int])
    elif link[0]:
        page.write_url(row, at, link[0], link[1], harmless(value)[:_LONGEST])
    else:
        page.write_string(row, at, harmless(value)[:_LONGEST], formats[str])


def _set_up(page: Any, footer: str) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.set_margins(0.4, 0.4, 0.5, 0.6)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer(footer)


def _write_identity(book: Any, record: Mapping[str, Any], words: Words) -> None:
    page = book.add_worksheet(words.pair("Rapport", "Report"))
    name = book.add_format({"bold": True, "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 90)
    for row, (label, value) in enumerate(identity(record, words)):
        page.write_string(row, 0, label, name)
        page.write_string(row, 1, harmless(value)[:_LONGEST], plain)
    _set_up(page, "&R&P / &N")


def identity(record: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """Return which report a file was made from, line by line."""
    outcome, case, log = record["outcome"], record["use_case"], record["log"]
    titles = {level["id"]: words.text(level["title"]) for level in record["levels"]}
    pack = outcome["pack"]
    return [
        (words.pair("Organisation", "Organisation"), record["organisation"]["name"]),
        (words.pair("Rapport", "Report"), _identifier(record, words)),
        (words.pair("Remplace", "Supersedes"), record["supersedes"] or words.pair("aucun", "none")),
        (words.pair("Cas d'usage", "Use case"), f"{case['reference']} {case['name']}"),
        (
            words.pair("Niveau", "Level") if outcome["level"]["decided"] else words.pair("Éventail", "Range"),
            " · ".join(titles[level] for level in outcome["level"]["possible"]),
        ),
        (words.pair("Date de l'évaluation", "Date of assessment"), words.day(outcome["on"])),
        (words.pair("Texte appliqué", "Text applied"), words.text(pack["title"])),
        (words.pair("Version des règles", "Version of the rules"), f"{pack['folder']} {pack['version']}"),
        (words.pair("Empreinte des règles", "Hash of the rules"), pack["hash"]),
        (words.pair("Tête du journal", "Head of the log"), f"{log['size']} · {log['root']}" if log else ""),
        (words.pair("Établi le", "Made on"), words.moment(record["made"]["at"])),
        (words.pair("Établi par", "Made by"), record["made"]["by"] or ""),
        (words.pair("Programme", "Program"), f"Pyramide {record['program']}"),
    ]

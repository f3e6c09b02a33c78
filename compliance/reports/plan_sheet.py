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
_LINE, _TALLEST = 12.0, 409.0  # points; the second is Excel's own bound


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title in both languages, its width, and what it shows of a line."""

    fr: str
    en: str
    width: int
    show: Callable[[Line, Words], str | int | date | None]
    link: bool = False
    detail: bool = False  # said in the record of one use case alone


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _fine(line: Line) -> int | None:
    penalty = line.duty["penalty"]
    return penalty["ceiling"] if penalty else None


COLUMNS = (
    Column("N°", "No.", 5, lambda line, _: line.number),
    Column("Référence", "Reference", 11, lambda line, _: line.reference),
    Column("Cas d'usage", "Use case", 20, lambda line, _: line.name),
    Column("Ce qu'il faut faire", "What to do", 42, lambda line, words: words.text(line.duty["action"])),
    Column("Articles", "Articles", 25, lambda line, words: references(line.duty["citations"], words), link=True),
    Column("Rôle", "Role", 13, held_as, detail=True),
    Column("Fonction", "Function", 15, lambda line, words: words.owned_by(line.duty), detail=True),
    Column("Applicable à partir du", "Applies from", 13, lambda line, _: _day(line.duty["applies_from"])),
    Column("Applicabilité", "Applicability", 18, lambda line, words: words.when(line.duty)),
    Column("Échéance", "Due", 12, lambda line, _: _day(line.action.get("due"))),
    Column("État", "State", 11, lambda line, words: words.text(line.action.get("state"))),
    Column("Responsable", "Owner", 16, lambda line, _: line.action.get("owner")),
    Column(
        "Preuve attendue", "Evidence expected", 32, lambda line, words: words.text(line.duty["evidence"]), detail=True
    ),
    Column("Preuve apportée", "Evidence given", 18, lambda line, _: "\n".join(line.evidence)),
    Column("Plafond d'amende (€)", "Fine ceiling (€)", 14, lambda line, _: _fine(line), detail=True),
    Column("Commentaire", "Comment", 26, lambda line, _: line.action.get("comment")),
    Column("Note", "Note", 26, lambda line, words: words.text(line.duty["note"]), detail=True),
)


def make(record: Mapping[str, Any], language: Language) -> bytes:
    """Return the workbook of a record; days are days, amounts are numbers, and no text is a formula."""
    words, out = Words(language), io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    title = words.pair("Plan d'action", "Action plan")
    made = datetime.fromisoformat(record["made"]["at"]).replace(tzinfo=None)
    book.set_properties({"title": title, "author": record["organisation"]["name"][:255], "created": made})
    columns = [column for column in COLUMNS if record["kind"] == "use_case" or not column.detail]
    _write_plan(book, title, (columns, lines(record)), words, _identifier(record, words))
    _write_identity(book, record, words)
    book.close()
    return out.getvalue()


def _identifier(record: Mapping[str, Any], words: Words) -> str:
    return record["number"] or words.pair("projet, sans numéro", "draft, without number")


def _write_plan(
    book: Any, title: str, table: tuple[Sequence[Column], Sequence[Line]], words: Words, identifier: str
) -> None:
    page = book.add_worksheet(title)
    columns, plan = table
    top = {"text_wrap": True, "valign": "top", "font_size": 9, "bottom": 1, "bottom_color": "#D5DAE0"}
    head = book.add_format({**top, "bold": True, "bg_color": "#E8ECF1"})
    formats = {
        str: book.add_format(top),
        int: book.add_format({**top, "num_format": "#,##0_)"}),
        date: book.add_format({**top, "align": "left", "num_format": "yyyy-mm-dd"}),
    }
    linked = book.add_format({**top, "font_color": "#0B4F8A", "underline": 1})
    titles = [words.pair(column.fr, column.en) for column in columns]
    page.set_row(0, _height(titles, columns))
    for at, column in enumerate(columns):
        page.set_column(at, at, column.width)
        page.write_string(0, at, titles[at], head)
    for row, line in enumerate(plan, 1):
        shown = [column.show(line, words) for column in columns]
        page.set_row(row, _height(shown, columns))
        for at, column in enumerate(columns):
            url = address(line.duty["citations"], words) if column.link else None
            _write(page, row, at, shown[at], formats, (url, linked))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(plan)), len(columns) - 1)
    _set_up(page, f"&L{title} · {identifier}&R{words.pair('Page &P sur &N', 'Page &P of &N')}")


def _height(shown: Sequence[Any], columns: Sequence[Column]) -> float:
    """Return the height that a row needs: not every program finds it by itself."""
    needed = 1
    for value, column in zip(shown, columns, strict=True):
        if isinstance(value, str):
            needed = max(needed, sum(1 + len(part) // column.width for part in value.split("\n")))
    return min(_TALLEST, needed * _LINE + 3)


def _write(page: Any, row: int, at: int, value: Any, formats: Mapping[type, Any], link: tuple[str | None, Any]) -> None:
    if value is None or value == "":
        page.write_blank(row, at, None, formats[str])
    elif isinstance(value, date):
        page.write_datetime(row, at, datetime(value.year, value.month, value.day), formats[date])  # noqa: DTZ001
    elif isinstance(value, int):
        page.write_number(row, at, value, formats[int])
    elif link[0]:
        page.write_url(row, at, link[0], link[1], harmless(value)[:_LONGEST])
    else:
        page.write_string(row, at, harmless(value)[:_LONGEST], formats[str])


def _set_up(page: Any, footer: str) -> None:
    page.set_landscape()
    page.set_paper(8)  # A3
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
    log = record["log"]
    return [
        (words.pair("Organisation", "Organisation"), record["organisation"]["name"]),
        (words.pair("Rapport", "Report"), _identifier(record, words)),
        (words.pair("Remplace", "Supersedes"), record["supersedes"] or words.pair("aucun", "none")),
        *(_of_portfolio(record, words) if record["kind"] == "portfolio" else _of_case(record, words)),
        (words.pair("Tête du journal", "Head of the log"), f"{log['size']} · {log['root']}" if log else ""),
        (words.pair("Établi le", "Made on"), words.moment(record["made"]["at"])),
        (words.pair("Établi par", "Made by"), record["made"]["by"] or ""),
        (words.pair("Programme", "Program"), f"Pyramide {record['program']}"),
    ]


def _of_case(record: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    outcome, case = record["outcome"], record["use_case"]
    titles = {level["id"]: words.text(level["title"]) for level in record["levels"]}
    return [
        (words.pair("Cas d'usage", "Use case"), f"{case['reference']} {case['name']}"),
        (
            words.pair("Niveau", "Level") if outcome["level"]["decided"] else words.pair("Éventail", "Range"),
            " · ".join(titles[level] for level in outcome["level"]["possible"]),
        ),
        (words.pair("Date de l'évaluation", "Date of assessment"), words.day(outcome["on"])),
        *_law(outcome["pack"], words),
    ]


def _of_portfolio(record: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    return [
        (words.pair("Portefeuille", "Portfolio"), words.text(record["title"])),
        (words.pair("Sélection", "Selection"), words.text(record["selection"])),
        (words.pair("Cas d'usage", "Use cases"), str(len(record["cases"]))),
        (words.pair("Date de l'évaluation", "Date of assessment"), words.day(record["on"])),
        *(line for law in record["laws"] for line in _law(law, words)),
    ]


def _law(pack: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    return [
        (words.pair("Texte appliqué", "Text applied"), words.text(pack["title"])),
        (words.pair("Version des règles", "Version of the rules"), f"{pack['folder']} {pack['version']}"),
        (words.pair("Empreinte des règles", "Hash of the rules"), pack["hash"]),
    ]

"""Tables as CSV and XLSX, out and in. Nothing that leaves is a formula; nothing that enters is trusted."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.utils.exceptions import InvalidFileException

Cell = str | int | date | None
_DANGEROUS = ("=", "+", "-", "@", "|", "\t", "\r", "\n", "＝", "＋", "－", "＠", "｜")
ROWS_MOST, COLUMNS_MOST, CELL_MOST = 5_000, 60, 4_000
_ENTRIES_MOST, _UNPACKED_MOST, _RATIO_MOST = 100, 50 * 1024 * 1024, 50
_WIDE, _NARROW = 40, 16


class UnreadableSheetError(Exception):
    """A file that is not a table that can be taken; ``code`` says why."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_DANGEROUS) else text


def bare(text: str) -> str:
    """Return a text without the mark that ``harmless`` put before it."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def to_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV that Excel opens as it is: UTF-8 with its mark, semicolons."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in (head, *rows):
        writer.writerow([harmless("" if cell is None else str(cell)) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; ``choices`` are the lists that its columns validate against, by column."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    choices: Mapping[int, Sequence[str]] | None = None
    notes: Mapping[int, str] | None = None
    hint: str | None = None  # what to say when a value is not in the list


def to_xlsx(sheets: Sequence[Sheet], *, on: datetime) -> bytes:
    """Return a workbook; texts are written as texts, days as days."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": on.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    lists = [sheet for sheet in sheets if sheet.choices]
    for sheet in sheets:
        page = book.add_worksheet(sheet.name[:31])
        page.freeze_panes(1, 0)
        for column, title in enumerate(sheet.head):
            page.write_string(0, column, title, bold)
            longest = max((len(str(row[column] or "")) for row in sheet.rows[:50]), default=0)
            page.set_column(column, column, min(_WIDE, max(_NARROW, longest)))
            if sheet.notes and column in sheet.notes:
                page.write_comment(0, column, sheet.notes[column])
        for number, row in enumerate(sheet.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                elif isinstance(cell, int):
                    page.write_number(number, column, cell, plain)
                elif cell:
                    page.write_string(number, column, harmless(cell), plain)
        page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.head) - 1)
    if lists:
        _add_lists(book, lists)
    book.close()
    return out.getvalue()


def _add_lists(book: Any, sheets: Sequence[Sheet]) -> None:
    """Put the lists that columns validate against on a hidden sheet of their own."""
    page = book.add_worksheet("_lists")
    page.hide()
    at = 0
    for sheet in sheets:
        for column, choices in (sheet.choices or {}).items():
            if not choices:
                continue
            for number, choice in enumerate(choices):
                page.write_string(number, at, harmless(choice))
            letter = chr(ord("A") + at)
            rule = {"validate": "list", "source": f"=_lists!${letter}$1:${letter}${len(choices)}"}
            rule |= {"error_type": "warning", "error_message": (sheet.hint or "")[:255]}
            book.get_worksheet_by_name(sheet.name[:31]).data_validation(1, column, ROWS_MOST, column, rule)
            at += 1


def read(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV or XLSX file as texts; the first is the head. Raises UnreadableSheetError."""
    rows = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) < 2:  # noqa: PLR2004 - a head and a line
        raise UnreadableSheetError("no_lines")
    width = min(max(len(row) for row in filled), COLUMNS_MOST)
    return [[bare(cell.strip()[:CELL_MOST]) for cell in (row + [""] * width)[:width]] for row in filled]


def _csv(content: bytes) -> list[list[str]]:
    if b"\0" in content:
        raise UnreadableSheetError("not_a_table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # as Excel saves where UTF-8 is not asked for
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False):
            rows.append(row)
            if len(rows) > ROWS_MOST + 1:
                raise UnreadableSheetError("too_many_rows", most=ROWS_MOST)
    except csv.Error:
        raise UnreadableSheetError("not_a_table") from None
    return rows


def _check_archive(content: bytes) -> None:
    """Look at an XLSX file's parts before any of them is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise UnreadableSheetError("not_a_table") from None
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _ENTRIES_MOST or unpacked > _UNPACKED_MOST or unpacked > _RATIO_MOST * len(content) + 1024**2:
        raise UnreadableSheetError("too_packed")


def _xlsx(content: bytes) -> list[list[str]]:
    _check_archive(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        page = book.worksheets[0].iter_rows(max_col=COLUMNS_MOST, values_only=True)
        rows = [[_text(cell) for cell in row] for row in itertools.islice(page, ROWS_MOST + 2)]
        book.close()
    except (InvalidFileException, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, SyntaxError):
        raise UnreadableSheetError("not_a_table") from None
    except Exception:  # noqa: BLE001 - whatever else a library says of a hostile file
        raise UnreadableSheetError("not_a_table") from None
    if len(rows) > ROWS_MOST + 1:
        raise UnreadableSheetError("too_many_rows", most=ROWS_MOST)
    return rows


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)

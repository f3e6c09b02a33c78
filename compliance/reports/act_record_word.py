"""A record that the Act asks for as a Word file: what is known stands there, what is missing is a field to fill in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from compliance.reports.word_values import legal
from compliance.reports.words import Words
from compliance.text import Language

_DARK, _SOFT = RGBColor(0x14, 0x25, 0x3D), RGBColor(0x4A, 0x4F, 0x57)
_WIDTHS = (Mm(64), Mm(110))
_INDENT = Pt(6)  # keeps the box inside its cell
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN = 9  # points: guides and labels
_CODES = {"fr": "fr-FR", "en": "en-GB"}


def make(record: Mapping[str, Any], language: Language) -> bytes:
    """Return the Word file of a record of kind "act_record". The same record gives the same bytes."""
    words = Words(language)
    document = docx.Document()
    _set_up(document, record, words)
    _head(document, record, words)
    act = record["act_record"]
    for number, part in enumerate(act["parts"], 1):
        document.add_heading(legal(f"{number}. {words.text(part['title'])}"), 1)
        table = _table(document, words.pair("Ce qui est demandé", "What is asked"), words.pair("Contenu", "Content"))
        for place, item in enumerate(part["items"], 1):
            left, right = _row(table)
            _asked(left, f"{number}.{place}", item, words)
            _content(right, item, words)
    document.add_heading(words.pair("Origine de ce document", "Where this document comes from"), 1)
    _facts(document, _origin(record, words))
    return _packed(document)


def _set_up(document: Document, record: Mapping[str, Any], words: Words) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(22), Mm(18)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10)
    normal.paragraph_format.space_after = Pt(3)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), _CODES[words.language])
    normal.element.get_or_add_rPr().append(language)
    for name, size in (("Title", 20), ("Heading 1", 14)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = "Calibri", Pt(size), _DARK
        style.element.rPr.rFonts.attrib.clear()
        style.element.rPr.rFonts.set(qn("w:ascii"), "Calibri")
        style.element.rPr.rFonts.set(qn("w:hAnsi"), "Calibri")
    made = datetime.fromisoformat(record["made"]["at"]).replace(tzinfo=None)
    about = document.core_properties
    about.title, about.author = (
        legal(words.text(record["act_record"]["title"])),
        legal(record["organisation"]["name"])[:255],
    )
    about.language, about.created, about.modified = _CODES[words.language], made, made
    about.comments, about.last_modified_by, about.revision = "", legal(record["made"]["by"] or "")[:255], 1
    mark = record["number"] or words.pair("PROJET", "DRAFT")
    name = legal(words.short(f"{mark} · {record['use_case']['reference']} {record['use_case']['name']}", 50))
    _say(section.header.paragraphs[0], f"{legal(record['organisation']['name'])}\t\t{name}", soft=True)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _say(foot, "page ", soft=True)
    _field(foot, "PAGE")
    _say(foot, " / ", soft=True)
    _field(foot, "NUMPAGES")


def _head(document: Document, record: Mapping[str, Any], words: Words) -> None:
    act, counts = record["act_record"], record["act_record"]["counts"]
    document.add_paragraph(legal(words.text(act["title"])), "Title")
    lead = document.add_paragraph(legal(words.text(act["purpose"])) + " ")
    _say(lead, _cited(act["citations"], words), soft=True)
    if not record["number"]:
        _say(
            document.add_paragraph(),
            words.pair("Projet : ni émis, ni numéroté, ni signé.", "Draft: not issued, numbered or signed."),
            bold=True,
        )
    needed = {
        "yes": words.pair("Nécessaire dans ce cas.", "Needed in this case."),
        "no": words.pair(
            "Non exigé dans ce cas, d'après les réponses.", "Not required in this case, from the answers."
        ),
        "open": words.pair(
            "Peut-être nécessaire : des réponses manquent pour le dire.",
            "Possibly needed: answers are missing to tell.",
        ),
    }[act["needed"]]
    asked = sum(counts[state] for state in ("filled", "partial", "gap"))
    _say(
        document.add_paragraph(),
        needed
        + " "
        + words.pair(
            "Lignes complètes : {n} sur {all} ; en partie remplies : {partial} ; à compléter : {gap}.",
            "Lines complete: {n} of {all}; partly filled: {partial}; to be completed: {gap}.",
            n=counts["filled"],
            all=asked,
            partial=counts["partial"],
            gap=counts["gap"],
        ),
        bold=True,
    )
    document.add_paragraph(
        words.pair(
            "Cliquez dans un cadre en tirets et écrivez : le texte d'attente s'efface. Ce qui est déjà rempli dit d'où "
            "il vient et se modifie comme tout texte ; rien n'est supposé.",
            "Click in a dashed box and write: the waiting text goes. What is already filled says where it comes from "
            "and is edited like any text; nothing is supposed.",
        )
    )


def _origin(record: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    pack, made = record["outcome"]["pack"], record["made"]
    by = f", {words.pair('par', 'by')} {made['by']}" if made["by"] else ""
    rows = [
        (words.pair("Usage", "Use case"), f"{record['use_case']['reference']} {record['use_case']['name']}"),
        (words.pair("Document", "Document"), record["number"] or words.pair("projet, sans numéro", "draft, no number")),
        (words.pair("Prérempli", "Pre-filled"), words.moment(made["at"]) + by),
        (words.pair("Date de l'évaluation", "Date of assessment"), words.day(record["outcome"]["on"])),
        (words.pair("Texte appliqué", "Text applied"), words.text(pack["title"])),
        (words.pair("Règles", "Rules"), f"{pack['folder']}, {pack['version']}, SHA-256 {pack['hash']}"),
    ]
    if record["log"]:
        rows.append(
            (words.pair("Tête du journal", "Head of the log"), f"{record['log']['size']}, {record['log']['root']}")
        )
    return rows


def _facts(document: Document, rows: list[tuple[str, str]]) -> None:
    table = _columns(document)
    for label, value in rows:
        left, right = _row(table)
        _say(left.paragraphs[0], label, bold=True)
        _say(right.paragraphs[0], value)


def _table(document: Document, *titles: str) -> Table:
    table = _columns(document)
    for cell, title in zip(_row(table), titles, strict=True):
        _say(cell.paragraphs[0], title, bold=True)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the library has no other way
    return table


def _columns(document: Document) -> Table:
    table = document.add_table(0, len(_WIDTHS), "Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = width
    return table


def _row(table: Table) -> tuple[_Cell, _Cell]:
    row = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001
    for cell, width in zip(row.cells, _WIDTHS, strict=True):
        cell.width = width
    return row.cells[0], row.cells[1]


def _asked(cell: _Cell, number: str, item: Mapping[str, Any], words: Words) -> None:
    _say(cell.paragraphs[0], f"{number} {words.text(item['title'])}", bold=True)
    _say(cell.add_paragraph(), _cited(item["citations"], words), soft=True)
    _say(cell.add_paragraph(), words.text(item["guide"]), soft=True)


def _content(cell: _Cell, item: Mapping[str, Any], words: Words) -> None:
    lines = chain(cell.paragraphs, iter(cell.add_paragraph, None))  # a cell comes with one that is empty
    for known in item["known"]:
        presumed = words.pair(" [présumé, à confirmer]", " [presumed, to confirm]") if known["presumed"] else ""
        _say(next(lines), words.text(known["label"]) + presumed, soft=True)
        due = words.pair("échéance : {day}", "due {day}", day=words.day(known["due"])) if known["due"] else ""
        said = " — ".join(part for part in (words.capital(known["value"]), known["owner"], due) if part)
        _say(next(lines), said)
        if known["comment"]:
            _say(next(lines), known["comment"])
        for piece in known["evidence"]:
            _say(next(lines), words.pair("Pièce : ", "Evidence: ") + piece)
    if item["state"] == "not_applicable":
        _say(next(lines), words.pair("Sans objet d'après les réponses.", "Not applicable, from the answers."))
    if item["only_if_open"]:
        _say(
            next(lines),
            words.pair(
                "Demandé dans certains cas seulement : des réponses manquent pour savoir si c'en est un.",
                "Asked in some cases only: answers are missing to tell whether this is one.",
            ),
            soft=True,
        )
    for open_ in item["missing"]:
        label = words.pair("Question sans réponse complète : ", "Question without a full answer: ")
        _say(next(lines), label + words.text(open_["question"]), soft=True)
    if item["state"] == "gap":
        _gap(next(lines), item, words.pair("À compléter", "To be completed"), words)
    elif item["state"] == "partial":
        _gap(next(lines), item, words.pair("À vérifier et à compléter", "To be checked and completed"), words)


def _gap(paragraph: Paragraph, item: Mapping[str, Any], waiting: str, words: Words) -> None:
    """Put a field to fill in, in a dashed box: the waiting text goes once somebody writes."""
    box = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "dashed"), ("sz", "8"), ("space", "4"), ("color", "1A1A1A")):
            line.set(qn(f"w:{name}"), value)
        box.append(line)
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = layout.space_before = layout.space_after = _INDENT
    paragraph._p.get_or_add_pPr().insert_element_before(box, "w:shd", "w:spacing", "w:ind", "w:jc")  # noqa: SLF001
    field, about, content = OxmlElement("w:sdt"), OxmlElement("w:sdtPr"), OxmlElement("w:sdtContent")
    for tag, value in (("alias", words.text(item["title"])), ("tag", item["id"])):
        element = OxmlElement(f"w:{tag}")
        element.set(qn("w:val"), legal(value)[:64])
        about.append(element)
    about.append(OxmlElement("w:showingPlcHdr"))
    several = OxmlElement("w:text")
    several.set(qn("w:multiLine"), "1")
    about.append(several)
    run = paragraph.add_run(waiting)
    run.bold = True
    content.append(run._r)  # noqa: SLF001
    field.append(about)
    field.append(content)
    paragraph._p.append(field)  # noqa: SLF001


def _say(paragraph: Paragraph, said: str, *, bold: bool = False, soft: bool = False) -> None:
    run = paragraph.add_run(legal(said))
    run.bold = bold or None
    if soft:
        run.font.size, run.font.color.rgb = Pt(_PLAIN), _SOFT


def _field(paragraph: Paragraph, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    run.font.size, run.font.color.rgb = Pt(_PLAIN), _SOFT
    field.append(run._r)  # noqa: SLF001
    paragraph._p.append(field)  # noqa: SLF001


def _cited(found: list[dict[str, Any]], words: Words) -> str:
    return "; ".join(words.text(item["shown"]) for item in found).replace("; ", words.pair(" ; ", "; "))


def _packed(document: Document) -> bytes:
    """Return the file with its parts dated alike, so that the same record gives the same bytes."""
    written, out = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in made.infolist():
            archive.writestr(zipfile.ZipInfo(part.filename, _EPOCH), made.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()

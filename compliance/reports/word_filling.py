"""A Word template filled with a record: links, logo, properties; and looked over before it is handed out."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage, RichText

from compliance.reports.word_labels import LABELS
from compliance.reports.word_placeholders import Placeholders, RefusedTemplateError
from compliance.reports.word_values import Citations, legal, values
from compliance.reports.words import Words
from compliance.text import Language, Text

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ASTRAY = (  # what Word would call a damaged file
    "//w:t/* | //w:tc[not(w:p)] | //w:tbl[not(w:tr)] | "
    "//text()[normalize-space()][parent::w:body or parent::w:p or parent::w:r or parent::w:tbl or parent::w:tr or "
    "parent::w:tc or parent::w:hdr or parent::w:ftr]"
)
_LOGO_WIDEST, _LOGO_TALLEST = Mm(45), Mm(18)
_MISPLACED = Text(
    "Une balise est mal placée : les valeurs s'écrivent {{ … }} dans le texte d'un paragraphe, les liens "
    "{{r ….links }}, une boucle de paragraphes {%p … %}, une boucle de lignes de tableau {%tr … %}, chacune dans son "
    "propre paragraphe ou sa propre ligne. Les liens ne vont que dans le corps du document.",
    "A placeholder is misplaced: values are written {{ … }} in a paragraph's text, links {{r ….links }}, a loop over "
    "paragraphs {%p … %}, a loop over rows of a table {%tr … %}, each in a paragraph or row of its own. Links go into "
    "the body of the document only.",
)


def fill(record: Mapping[str, Any], language: Language, content: bytes, *, ours: bool) -> bytes:
    """Return a template filled with a record; one that is not ours was inspected. Raises RefusedTemplateError."""
    words = Words(language)
    template = DocxTemplate(io.BytesIO(content))
    try:
        template.render_init()
        context = values(record, words, _linking(template, words))
        context["words"] = {name: words.pair(*label) for name, label in LABELS.items()}
        context["organisation"]["logo"] = _logo(template, record["organisation"]["logo"])
        template.render(context, Placeholders(context), autoescape=True)
        _check_places(template)
        if ours:
            _say_language(template, language)
        return _saved(template, record, language)
    except RefusedTemplateError:
        raise
    except Exception as error:  # a template can fail in the library in any way; ours must not
        if ours or isinstance(error, MemoryError):
            raise
        raise RefusedTemplateError([_MISPLACED]) from error


def _linking(template: Any, words: Words) -> Callable[[Citations], object]:
    """Return what makes citations into text with links to the official text."""
    style = next((one.style_id for one in template.docx.styles if one.name == "Hyperlink"), None)
    look = {"style": style} if style else {"color": "0B4F8A", "underline": True}
    known = cache(template.build_url_id)

    def link(citations: Citations) -> Any:
        made = RichText()
        for number, citation in enumerate(citations):
            if number:
                made.add("\u00a0; " if words.language == "fr" else "; ")
            shown = legal(words.text(citation["shown"]))
            url = citation["url"] and citation["url"][words.language]
            if url and url.startswith("https://"):
                made.add(shown, url_id=known(url), **look)
            else:
                made.add(shown)
        return made

    return link


def _logo(template: Any, logo: Mapping[str, Any] | None) -> Any:
    if not logo:
        return ""
    wide = min(_LOGO_WIDEST, int(_LOGO_TALLEST * logo["width"] / logo["height"]))
    return InlineImage(template, io.BytesIO(base64.b64decode(logo["data"])), width=wide)


def _check_places(template: Any) -> None:
    """Look for what Word would call a damaged file. Raises RefusedTemplateError."""
    parts = [(template.docx.element, template.docx.part.rels)]
    for relation in template.docx.part.rels.values():
        if relation.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER):
            part = relation.target_part
            parts.append((part.element, part.rels))
    for tree, relations in parts:
        links = tree.iter(f"{{{_W}}}hyperlink")
        lost = [one for one in links if (id_ := one.get(f"{{{_R}}}id")) and id_ not in relations]
        if tree.xpath(_ASTRAY) or lost:
            raise RefusedTemplateError([_MISPLACED])


def _say_language(template: Any, language: Language) -> None:
    for found in template.docx.styles.element.iter(f"{{{_W}}}lang"):
        found.set(f"{{{_W}}}val", "fr-FR" if language == "fr" else "en-GB")


def _saved(template: Any, record: Mapping[str, Any], language: Language) -> bytes:
    """Return the file, its properties and times those of the record."""
    made = datetime.fromisoformat(record["made"]["at"]).replace(tzinfo=None)
    properties = template.docx.core_properties
    properties.title = legal(f"{record['use_case']['reference']} {record['use_case']['name']}")[:255]
    properties.author = properties.last_modified_by = legal(record["organisation"]["name"])[:255]
    properties.created = properties.modified = made
    properties.language, properties.revision = language, 1
    loose, fixed = io.BytesIO(), io.BytesIO()
    template.docx.save(loose)
    time = made.timetuple()[:6]
    with zipfile.ZipFile(loose) as read, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            written.writestr(zipfile.ZipInfo(name, time), read.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()

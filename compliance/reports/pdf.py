"""A page of HTML made into a tagged, archivable PDF; nothing is fetched, and the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from compliance.reports import fonts

SCHEME = "pyramide:"
_UA_IDENTIFIER = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


class RefusedFetchError(ValueError):
    """A page asked for something that is not packaged."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be printed; ``pictures`` are SVG drawings and PNG images, named in the HTML as ``pyramide:name``."""

    html: str
    css: str
    pictures: Mapping[str, str | bytes]
    data_name: str
    data: bytes  # the record, embedded as it is
    description: str
    at: datetime


class _Packaged(URLFetcher):  # type: ignore[misc]
    """Give what is packaged or drawn by us, by its exact name, and nothing else."""

    def __init__(self, pictures: Mapping[str, str | bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.pictures = pictures

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002 - the library's signature
        """Return a packaged thing. Raises RefusedFetchError."""
        name = url.removeprefix(SCHEME)
        if url.startswith(SCHEME) and name in self.pictures:
            picture = self.pictures[name]
            if isinstance(picture, bytes):
                return URLFetcherResponse(url, picture, {"Content-Type": "image/png"})
            return URLFetcherResponse(url, picture.encode(), {"Content-Type": "image/svg+xml"})
        if url.startswith(SCHEME) and name in fonts.names():
            return URLFetcherResponse(url, (fonts.FOLDER / name).read_bytes(), {"Content-Type": "font/woff2"})
        raise RefusedFetchError("only packaged files are read")


def make(page: Page) -> bytes:
    """Return the PDF: PDF/A-3 (level A) and PDF/UA-1, the record embedded.

    The process's SOURCE_DATE_EPOCH is set, for the fonts' time stamps, and its FONTCONFIG_FILE, which hides the
    machine's fonts: WeasyPrint would otherwise take some of them, for emoji above all.
    """
    os.environ["FONTCONFIG_FILE"] = str(fonts.FOLDER / "fonts.conf")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(page.at.timestamp()))
    fetcher = _Packaged(page.pictures)
    configuration = FontConfiguration()
    document = weasyprint.HTML(string=page.html, url_fetcher=fetcher, base_url=None)
    sheet = weasyprint.CSS(string=page.css, url_fetcher=fetcher, font_config=configuration, base_url=None)
    attachment = weasyprint.Attachment(
        string=page.data,
        name=page.data_name,
        description=page.description,
        relationship="Data",
        created=page.at,
        modified=page.at,
    )
    written: bytes = document.write_pdf(
        stylesheets=[sheet],
        font_config=configuration,
        attachments=[attachment],
        pdf_variant="pdf/a-3a",
        pdf_tags=True,
        pdf_identifier=hashlib.sha256(page.html.encode() + page.data).digest()[:16],
        presentational_hints=False,
        finisher=_complete,
    )
    return written


def _complete(_document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    """Say in the structure what WeasyPrint leaves unsaid and PDF/UA (ISO 14289-1) asks for."""
    found = {thing.reference: thing for thing in pdf.objects}
    pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))  # the library names each file twice
    metadata = found[pdf.catalog["Metadata"]].stream
    end = b"</rdf:RDF>"  # XMP knows one of it, so that what the library would add after it does not count
    metadata[:] = [part.replace(end, _UA_IDENTIFIER + end) for part in metadata]
    for thing in pdf.objects:
        if isinstance(thing, pydyf.Stream) and b"begincmap" in thing.stream:
            thing.stream[:] = [_readable(line) for line in thing.stream]
    root = found[pdf.catalog["StructTreeRoot"]]
    linked: set[bytes] = set()
    todo = [(reference, "/Row") for reference in root["K"]]
    while todo:
        reference, scope = todo.pop()
        linked.add(reference)
        thing = found[reference]
        if thing.get("S") in ("/Table", "/THead"):
            scope = "/Column" if thing["S"] == "/THead" else "/Row"
        elif thing.get("S") == "/TH" and "A" in thing:
            thing["A"]["Scope"] = scope
        todo.extend((kid, scope) for kid in thing.get("K", ()) if isinstance(kid, bytes))
    pages = [thing for thing in found.values() if isinstance(thing, dict) and thing.get("Type") == "/Page"]
    for page, owners in zip(pages, found[root["ParentTree"]]["Nums"][1::2], strict=False):
        loose = {number for number, owner in enumerate(owners) if owner not in linked}
        _mark_running_lines(found[page["Contents"]].stream, loose)
        for number in loose:
            owners[number] = b"null"


def _readable(line: Any) -> Any:
    """Give a part of a sign, such as the dots of an Arabic letter, a character of no width to be read as."""
    return line.removesuffix(b"<>") + b"<200b>" if isinstance(line, bytes) and line.endswith(b" <>") else line


def _mark_running_lines(stream: list[Any], loose: AbstractSet[int]) -> None:
    """Mark what runs at the head and foot of pages as pagination: numbered like content, it is part of no structure."""
    for place, item in enumerate(stream):
        if isinstance(item, dict) and item.get("MCID") in loose:
            stream[place - 1 : place + 1] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})

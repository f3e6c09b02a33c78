"""What in a page, a table or a file would come alive: scripts, formulas, fields, links that are not ours."""

import csv
import io
import re
import zipfile
from html.parser import HTMLParser

import openpyxl
import pikepdf
from lxml import etree

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FIELDS = {"PAGE", "NUMPAGES", "TOC", "PAGEREF", "HYPERLINK", "STYLEREF"}
OURS = ("https://eur-lex.europa.eu/", "http://localhost/", "https://ec.europa.eu/")


class Live(HTMLParser):
    """What in a page would do something that no page of ours does."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            leads = name in ("href", "src", "action", "formaction", "data", "srcset", "poster")
            if name.startswith("on") or (
                leads and re.match(r"\s*(javascript|data|vbscript):|.*planted", value or "", re.IGNORECASE)
            ):
                self.found.append((tag, name, value))
        if tag in ("iframe", "object", "embed", "base") or (tag == "script" and not dict(attrs).get("src")):
            self.found.append((tag, attrs))


def live_in_html(body):
    return Live(body.decode()).found


def live_in_csv(body):
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")
    return [cell for row in rows for cell in row if cell.lstrip(" \u00a0").startswith(FORMULA)]


def live_in_xlsx(body):
    book = openpyxl.load_workbook(io.BytesIO(body))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    found = [cell.coordinate for cell in cells if cell.data_type == "f"]
    found += [
        cell.value for cell in cells if isinstance(cell.value, str) and cell.value.lstrip(" ").startswith(FORMULA)
    ]
    found += [cell.hyperlink.target for cell in cells if cell.hyperlink and not _ours(cell.hyperlink.target)]
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        return found + [
            name for name in opened.namelist() if "externalLink" in name or "vba" in name or "embed" in name
        ]


def _ours(target):
    return target is None or target.startswith(OURS)


def live_in_docx(body):
    found = []
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        for name in opened.namelist():
            for node in etree.fromstring(opened.read(name)).iter() if name.endswith((".xml", ".rels")) else ():
                said = node.get(f"{WORD}instr") or (node.text if node.tag == f"{WORD}instrText" else "")
                found += [said] if said and said.split()[0] not in FIELDS else []
                found += (
                    [node.tag] if node.tag in (f"{WORD}altChunk", f"{WORD}object", f"{WORD}attachedTemplate") else []
                )
                if node.get("TargetMode") == "External" and not _ours(node.get("Target")):
                    found.append(node.get("Target"))
            found += [name] if re.search("vbaProject|embeddings|activeX", name) else []
    return found


def live_in_pdf(body):
    with pikepdf.open(io.BytesIO(body)) as opened:
        things = [thing for thing in opened.objects if not isinstance(thing, pikepdf.Stream)]
        text = b"".join(thing.unparse() for thing in things)
        found = [name for name in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/SubmitForm") if name in text]
        links = [str(thing.URI) for thing in things if isinstance(thing, pikepdf.Dictionary) and "/URI" in thing]
        return found + [link for link in links if not _ours(link)] + list(opened.attachments)[1:]


KINDS = {
    "text/html": live_in_html,
    "text/csv": live_in_csv,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": live_in_xlsx,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": live_in_docx,
    "application/pdf": live_in_pdf,
}


OTHERS = ("application/json", "application/jsonl", "image/png", "image/svg+xml", "text/plain", "application/x-pem-file")


def live(headers, body):
    """Return what in an answer would come alive."""
    kind = headers.get("Content-Type", "").partition(";")[0]
    assert "X-Planted" not in headers
    if kind in KINDS:
        return KINDS[kind](body)
    if kind == "text/calendar":
        bad = ("X-Planted", "<base", "ATTACH", "ACTION:A", "ACTION:E", "ACTION:P")  # AUDIO, EMAIL, PROCEDURE
        return [line for line in body.decode().split("\r\n") if line.startswith(bad)]
    assert kind in OTHERS or not body, kind
    return []

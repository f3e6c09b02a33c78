"""Reports as files: what is in them, what standards ask of them, and what hostile words cannot do to them."""

import json
import logging
import re
import socket
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pymupdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from compliance.evidence.canonical import canonical
from compliance.reports import pages, pdf, rendering
from tests.once import once
from tests.reports import portraits

MILLIMETRE = 72 / 25.4
WATERMARK = 60  # letters larger than this, in points
OUTLOUD = Path(sys.executable).with_name("outloud")
# What outloud says of a report of hostile words, and why it stands:
EXPLAINED = {
    "LNK-010": "an address that somebody typed is never made into a link",
    "TXT-004": "parts of Arabic letters are glyphs of their own; all read as a character of no width",
    "PAG-001": "a table that runs over three pages says its column heads on each, as a table of its own",
}


@once
def _listening():
    """Return somebody who waits for requests that hostile words ask for, and the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    return listener, listener.getsockname()[1]


@pytest.fixture(scope="module", autouse=True)
def _nobody_listens_any_more():
    yield
    _listening()[0].close()


@once
def made(kind, language="fr", form="full"):
    if kind == "hostile":
        record = portraits.hostile(port=_listening()[1])
    elif kind == "portfolio":
        record = portraits.portfolio(20, picture=portraits.logo())
    elif kind == "draft":
        record = portraits.use_case(number=None)
    else:
        record = portraits.use_case(kind, picture=portraits.logo())
    return record, rendering.render(record, language, form)


def thorough(*case):
    return pytest.param(case, marks=pytest.mark.thorough)


CASES = [
    (portraits.HIGH_RISK, "fr", "full"),
    (portraits.RANGE, "en", "full"),
    thorough(portraits.MODEL, "fr", "full"),
    (portraits.HIGH_RISK, "en", "summary"),
    thorough("draft", "fr", "full"),
    ("portfolio", "en", "full"),
    ("hostile", "fr", "full"),
    thorough("hostile", "en", "summary"),
]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0][:12]}-{case[1]}-{case[2]}")
def report(request):
    return *made(*request.param), request.param


@pytest.fixture
def tree(report):
    with pikepdf.open(BytesIO(report[1])) as opened:
        yield opened


@pytest.mark.parametrize(
    "report",
    [
        ("hostile", "fr", "full"),
        *(thorough(*getattr(case, "values", [case])[0]) for case in CASES),
    ],
    ids=lambda case: f"{case[0][:12]}-{case[1]}-{case[2]}",
    indirect=True,
)
def test_outloud_finds_nothing_against_pdf_ua(report, tmp_path):
    file, found = tmp_path / "report.pdf", tmp_path / "found.json"
    file.write_bytes(report[1])
    subprocess.run([OUTLOUD, "--fail-on", "never", "--quiet", "--json", found, file], check=True, capture_output=True)
    findings = [
        finding for entry in json.loads(found.read_text())["results"] for finding in entry["findings"]
        if finding["severity"] in ("error", "warning")
    ]  # fmt: skip
    allowed = EXPLAINED if report[2][0] == "hostile" else {}
    assert [finding for finding in findings if finding["rule"] not in allowed] == []
    assert not [finding for finding in findings if finding["severity"] == "error"]


def test_structure_is_that_of_pdf_a_3_and_pdf_ua(report, tree):
    record, _, (_, language, _) = report
    root = tree.Root
    assert root.MarkInfo.Marked
    assert str(root.Lang) == language
    assert root.ViewerPreferences.DisplayDocTitle
    assert root.StructTreeRoot.K
    intents = root.OutputIntents
    assert any(intent.S == "/GTS_PDFA1" and "/DestOutputProfile" in intent for intent in intents)
    with tree.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["dc:title"]
    assert record["made"]["at"][:4] in str(tree.docinfo["/CreationDate"])


def test_the_record_is_embedded_as_data(report, tree):
    attached = tree.Root.AF
    assert [str(file.AFRelationship) for file in attached] == ["/Data"]
    inside = tree.attachments[pages.DATA_NAME].get_file()
    assert inside.mime_type in ("application/json", "text/json")
    assert inside.read_bytes() == canonical(report[0])


def _fonts(tree):
    found = {}
    for thing in tree.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
            found[str(thing.FontName)] = any(key in thing for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


def test_fonts_are_embedded_and_packaged_ones(tree):
    found = _fonts(tree)
    assert found
    assert all(found.values())
    for name in found:
        assert re.search(r"\+(Source-Sans-3|Noto-(Sans-Arabic|Sans-Hebrew|Emoji))", name), name


def test_nothing_acts_and_links_lead_to_the_law_alone(tree):
    text = b"".join(thing.unparse() for thing in tree.objects if not isinstance(thing, pikepdf.Stream))
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/SubmitForm", b"/ImportData", b"/GoToR"):
        assert not re.search(re.escape(word) + rb"\b", text), word
    addresses = [str(thing.URI) for thing in tree.objects if isinstance(thing, pikepdf.Dictionary) and "/URI" in thing]
    assert all(address.startswith("https://eur-lex.europa.eu/") for address in addresses), set(addresses)


def test_no_path_of_the_machine_is_told(report):
    root = str(Path(__file__).parent.parent.parent).encode()
    assert root not in report[1]
    with pikepdf.open(BytesIO(report[1])) as opened:
        with opened.open_metadata() as metadata:
            assert "file:" not in str(metadata)
        assert str(root) not in str(opened.docinfo)


def test_nothing_overflows_the_margins(report):
    if report[2][0] == "draft":
        pytest.skip("the watermark stands across the margins")
    for page in pymupdf.open(stream=report[1]):
        right, bottom = page.rect.width, page.rect.height
        for x0, y0, x1, y1, word, *_ in page.get_text("words"):
            place = (page.number + 1, word)
            assert x0 >= 18 * MILLIMETRE - 1, place
            assert x1 <= right - 18 * MILLIMETRE + 1, place
            assert y0 >= 8 * MILLIMETRE, place
            assert y1 <= bottom - 6 * MILLIMETRE, place


def _lines(page):
    return [
        (line["bbox"], "".join(span["text"] for span in line["spans"]), line["spans"][0]["size"])
        for block in page.get_text("dict")["blocks"]
        for line in block.get("lines", ())
    ]


def test_no_heading_stands_alone_at_the_foot_of_a_page(report):
    for page in pymupdf.open(stream=report[1]):
        foot = page.rect.height - 20 * MILLIMETRE
        lines = [line for line in _lines(page) if line[0][3] < foot and line[1].strip() and line[2] < WATERMARK]
        if lines:
            lowest = max(lines, key=lambda line: line[0][3])
            assert lowest[2] < 11.4, (page.number + 1, lowest[1])


@pytest.mark.parametrize(
    ("scenario", "language"),
    [
        (portraits.HIGH_RISK, "fr"),
        (portraits.RANGE, "en"),
        pytest.param(portraits.MODEL, "fr", marks=pytest.mark.thorough),
        pytest.param(portraits.HIGH_RISK, "en", marks=pytest.mark.thorough),
        pytest.param(portraits.RANGE, "fr", marks=pytest.mark.thorough),
        pytest.param(portraits.MODEL, "en", marks=pytest.mark.thorough),
    ],
)
def test_a_typical_report_has_12_to_20_pages(scenario, language):
    assert 12 <= len(pymupdf.open(stream=made(scenario, language)[1])) <= 20


@pytest.mark.parametrize(
    "scenario",
    [
        portraits.HIGH_RISK,
        "hostile",
        *(pytest.param(kind, marks=pytest.mark.thorough) for kind in ("draft", *portraits.TYPICAL)),
    ],
)
def test_the_summary_for_management_has_two_pages(scenario):
    assert len(pymupdf.open(stream=made(scenario, "fr", "summary")[1])) == 2


def test_contents_name_the_pages_where_chapters_begin():
    opened = pymupdf.open(stream=made(portraits.HIGH_RISK)[1])
    outline = {title: page for level, title, page in opened.get_toc() if level == 1}
    contents = opened[1].get_text()
    assert len(outline) == 12
    for title, page in outline.items():
        assert title in opened[page - 1].get_text().replace("\u00a0", " ")
        if title != "Sommaire":
            assert re.search(re.escape(title) + r"[ .\n]+" + str(page) + r"\b", contents), title


def test_pages_are_numbered_and_drafts_marked():
    opened = pymupdf.open(stream=made("draft")[1])
    for page in opened:
        assert f"page {page.number + 1} / {len(opened)}" in page.get_text()
        assert "PROJET" in page.get_text()
    assert "PROJET" not in pymupdf.open(stream=made(portraits.HIGH_RISK)[1])[2].get_text()


def test_the_same_record_gives_the_same_bytes():
    record, first = made(portraits.HIGH_RISK, "en", "summary")
    assert rendering.render(json.loads(canonical(record)), "en", "summary") == first


# The library leaves its own colour profile's file to the garbage collector.
IN_PROCESS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@IN_PROCESS
@pytest.mark.parametrize(
    ("kind", "language"),
    [
        ("hostile", "fr"),
        pytest.param(portraits.HIGH_RISK, "fr", marks=pytest.mark.thorough),
        pytest.param(portraits.RANGE, "en", marks=pytest.mark.thorough),
    ],
)
def test_no_sign_is_printed_without_its_glyph(kind, language, caplog):
    record = portraits.hostile() if kind == "hostile" else portraits.use_case(kind)
    with caplog.at_level(logging.WARNING, "weasyprint"):
        pdf.make(pages.page(record, language))
    assert [entry.getMessage() for entry in caplog.records if "notdef" in entry.getMessage()] == []


def test_nothing_typed_makes_a_request():
    made("hostile")
    with pytest.raises(BlockingIOError):
        _listening()[0].accept()


@IN_PROCESS
def test_even_markup_of_ours_could_fetch_nothing():
    """The last line: were some text ever to become markup, what it asks for would still be refused."""
    listener, port = _listening()
    page = pages.page(portraits.use_case(), "fr", "summary")
    address = f"http://127.0.0.1:{port}/"
    wanted = (
        f'<img src="{address}a" alt="a"><img src="file:///etc/passwd" alt="b"><object data="{address}o"></object>'
        f'<link rel="stylesheet" href="{address}c"><style>@import url({address}d); p {{ background: url({address}e) }}'
        f'@font-face {{ font-family: x; src: url({address}f) }}</style><link rel="attachment" href="{address}g">'
        f'<link rel="attachment" href="file:///etc/passwd">'
        f'<svg><image href="{address}h"/><use href="{address}i#x"/></svg>'
    )
    html = page.html.replace("</head>", f"{wanted}</head>").replace("</body>", f"{wanted}</body>")
    with pytest.raises(FatalURLFetchingError):  # and there is no file at all
        pdf.make(pdf.Page(html, page.css, page.pictures, page.data_name, page.data, "x", page.at))
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1/", "data:text/plain,x", "pyramide:../css/pyramide.css", "pyramide:", "x"],
)
def test_only_packaged_files_are_read(url):
    with pytest.raises(pdf.RefusedFetchError):
        pdf._Packaged({"pyramid.svg": "<svg/>"}).fetch(url)


def test_bounds_are_kept():
    with pytest.raises(rendering.RenderingError) as caught:
        rendering.render(portraits.use_case(), "fr", "full", rendering.Bounds(1, 1024))
    assert caught.value.reason == "time"
    with pytest.raises(rendering.RenderingError) as caught:
        rendering.render(portraits.use_case(), "fr", "full", rendering.Bounds(60, 120))
    assert caught.value.reason in ("memory", "failed")
    assert rendering.bounds_of({"cases": [{}] * 400}).seconds == 160

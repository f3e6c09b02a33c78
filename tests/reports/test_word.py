"""The report in Word: opened as Word's library reads it; and the templates of others, refused or filled."""

import copy
import io
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import pytest

from compliance.reports import rendering, word_file
from compliance.reports.sample import sample
from compliance.reports.word_archive import inspect
from compliance.reports.word_filling import fill
from compliance.reports.word_labels import LABELS
from compliance.reports.word_placeholders import RefusedTemplateError
from compliance.reports.word_values import values
from compliance.reports.words import Words

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NEVER = "{%p if report.draft %}"


@pytest.fixture(scope="module")
def samples():
    return {"fr": sample("fr"), "en": sample("en")}


@pytest.fixture(params=["fr", "en"])
def record(samples, request):
    return copy.deepcopy(samples[request.param])


def everything(content):
    document = docx.Document(io.BytesIO(content))
    return "\n".join(
        "".join(node.text or "" for node in paragraph.iter(docx.oxml.ns.qn("w:t")))
        for paragraph in document.element.body.iter(docx.oxml.ns.qn("w:p"))
    ).replace("\u00a0", " ")


def template(*paragraphs):
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(content, **parts):
    """Return a file with parts replaced or added; names are written with / as __ and . as _DOT_."""
    out = io.BytesIO()
    named = {name.replace("__", "/").replace("_DOT_", "."): given for name, given in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            if name not in named:
                written.writestr(name, read.read(name))
        for name, given in named.items():
            written.writestr(name, given(zipfile_text(content, name)) if callable(given) else given)
    return out.getvalue()


def zipfile_text(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        return read.read(name).decode()


def test_the_report_says_what_the_record_says(record):
    language, content = record["language"], word_file.make(record, record["language"])
    said = everything(content)
    outcome = record["outcome"]
    for duty in outcome["obligations"]:
        assert duty["action"][language].replace("\u00a0", " ") in said
        assert duty["citations"][0]["shown"][language].replace("\u00a0", " ") in said
    for answer in record["answers"]:
        assert answer["question"][language].replace("\u00a0", " ") in said
    for question in outcome["open_questions"]:
        assert question["question"][language].replace("\u00a0", " ") in said
    assert record["log"]["root"] in said
    assert outcome["pack"]["hash"] in said
    assert "{{" not in said
    assert "{%" not in said
    links = [rel.target_ref for rel in docx.Document(io.BytesIO(content)).part.rels.values() if rel.is_external]
    assert outcome["obligations"][0]["citations"][0]["url"][language] in links
    assert all(link.startswith("https://") for link in links)


def test_the_chapters_are_those_of_the_pdf(record):
    document = docx.Document(io.BytesIO(word_file.make(record, record["language"])))
    at = 0 if record["language"] == "fr" else 1
    chapters = ("summary", "use_case", "why", "turning", "duties", "dates", "fines", "open", "answers", "proof")
    found = [p.text.replace("\u00a0", " ") for p in document.paragraphs if p.style.name == "Heading 1"]
    assert found == [f"{number}. {LABELS[name][at]}" for number, name in enumerate(chapters, 1)]


def test_the_same_record_gives_the_same_bytes_with_its_own_times(record):
    first = word_file.make(record, record["language"])
    assert first == word_file.make(record, record["language"])
    made = datetime.fromisoformat(record["made"]["at"]).replace(tzinfo=None)
    properties = docx.Document(io.BytesIO(first)).core_properties
    assert properties.created.replace(tzinfo=None) == made
    assert properties.author == record["organisation"]["name"]
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {part.date_time for part in archive.infolist()} == {made.timetuple()[:6]}


def test_a_draft_says_so_on_each_page(record):
    content = word_file.make(record | {"number": None, "log": None, "supersedes": None}, record["language"])
    document = docx.Document(io.BytesIO(content))
    said = LABELS["draft"][0 if record["language"] == "fr" else 1]
    assert said in document.sections[0].header.paragraphs[0].text
    assert record["log"]["root"] not in everything(content)


ODD = (
    "{{ 7*7 }} {% for x in y %} {{ organisation.name }}",
    "<w:p><w:r/></w:p> & &amp; <!DOCTYPE x> ]]>",
    "a\x00b\x07c\x0bd\x0ce\x1b\ufffe",
    "🤖👩‍🔧 مرحبا بالعالم שלום",
    "=cmd|' /C calc'!A0",
)


def test_what_people_type_stays_text(record):
    for answer, odd in zip(record["answers"], ODD, strict=False):
        answer["comment"] = odd
    record["use_case"]["name"] = record["organisation"]["name"] = " ".join(ODD)
    said = everything(word_file.make(record, record["language"]))
    for kept in (ODD[0], ODD[1], "abcde", ODD[3], ODD[4]):
        assert kept in said


def test_lines_that_people_type_stay_lines(record):
    record["use_case"]["description"] = "un\n\ndeux\ttrois"
    document = docx.Document(io.BytesIO(word_file.make(record, record["language"])))
    assert any(paragraph.text == "un\n\ndeux\ttrois" for paragraph in document.paragraphs)


def test_every_list_of_the_sample_has_something_in_it(record):
    def empty(value, path):
        if isinstance(value, list) and not value:
            yield path
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in children:
            yield from empty(child, (*path, key if isinstance(key, str) else "*"))

    found = set(empty(values(record, Words(record["language"]), lambda _: ""), ()))
    # each of these is filled for another of its kind
    assert found <= {("duties", "*", "given_evidence"), ("sections", "*", "answers", "*", "evidence")}


def test_our_own_template_passes():
    assert word_file.check_template(word_file.default_template()) == []


def test_our_own_template_is_as_its_script_writes_it(tmp_path):
    subprocess.run([sys.executable, "script/make-word-template", tmp_path / "made.docx"], check=True)

    def parts(content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert parts((tmp_path / "made.docx").read_bytes()) == parts(word_file.default_template())


def test_a_company_template_is_filled(record):
    ours = template(
        "Réf. {{ report.number }} pour {{ organisation.name|upper }}",
        "{%p for duty in duties %}",
        "{{ loop.index }}. {{ duty.action }} {{r duty.links }}{% if not loop.last %} ;{% endif %}",
        "{%p endfor %}",
        NEVER,
        "brouillon",
        "{%p endif %}",
    )
    assert word_file.check_template(ours) == []
    made = word_file.make(record, record["language"], ours)
    said = everything(made)
    assert said.startswith("Réf. R-2026-0001 pour EXEMPLE SA\n1. ")
    assert "brouillon" not in said
    assert made == word_file.make(record, record["language"], ours)


@pytest.mark.parametrize(
    ("paragraphs", "said"),
    [
        (["{{ report.nombre }}"], "nombre"),
        (["{{ organization.name }}"], "Did you mean “organisation”?"),
        (["{%p for duty in duties %}", "{{ duty.numbr }}", "{%p endfor %}"], "Did you mean “number”?"),
        (["{{ report.number"], "not closed"),
        (["{{ duties }}"], "make a loop, or name one of number, action"),
        (["{{ report }}"], "name one of number, draft"),
        (["{%p for duty in duties %}", "x"], "misspelt"),
        (["{{ ''.__class__.__mro__ }}"], "does not exist"),
        (["{{ duties.__class__ }}"], "does not exist"),
        (["{{ duties.append(1) }}"], "without calls"),
        (["{{ level.links.xml }}"], "does not exist"),
        (["{{ range(10) }}"], "without calls"),
        (["{{ lipsum }}"], "lipsum"),
        (["{{ self.__init__ }}"], "does not exist"),
        (["{{ 'a' * 1000000000 }}"], "arithmetic"),
        (["{{ 10 ** 10 ** 10 }}"], "arithmetic"),
        (["{% set x = 1 %}"], "definitions"),
        (["{% macro m() %}{% endmacro %}"], "definitions"),
        (["{% include 'x' %}"], "definitions"),
        (["{% import 'x' as y %}"], "definitions"),
        (["{% extends 'x' %}"], "definitions"),
        (["{{ report.number|replace('a', 'b') }}"], "filter “replace”"),
        (["{{ report.number|safe }}"], "filter “safe”"),
        (["{% for a in duties recursive %}{% endfor %}"], "definitions"),
        (
            [
                "{% for a in duties %}{% for b in duties %}{% for c in duties %}{% for d in duties %}x"
                + "{% endfor %}" * 4
            ],
            "deeper",
        ),
        (["{{ duties[0].links }}"], "misplaced"),
        (["{{r report.number }}"], "misplaced"),
        (["{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}"], "misspelt"),
    ],
    ids=str,
)
def test_a_template_that_asks_too_much_is_told_what(samples, paragraphs, said):
    with pytest.raises(RefusedTemplateError) as refused:
        fill(samples["fr"], "fr", template(*paragraphs), ours=False)
    problems = refused.value.problems
    assert any(said in problem.en for problem in problems), problems
    assert all(problem.fr and problem.fr != problem.en for problem in problems)


def test_what_is_wrong_with_a_template_reaches_who_gives_it():
    (problem,) = word_file.check_template(template("{{ organization.name }}"))
    assert problem.fr == "La valeur « organization » n'existe pas. Vouliez-vous dire « organisation » ?"
    assert problem.en == "The value “organization” does not exist. Did you mean “organisation”?"


def test_loops_that_would_fill_the_memory_end_in_a_refusal():
    loops = "{% for a in open_questions %}{% for b in possible_findings %}{% for c in possible_findings %}"
    text = loops + "x" * 40_000 + "{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(rendering.RenderingError) as refused:
        word_file.check_template(template(text))
    assert refused.value.reason in ("memory", "time")


def rels(kind, target, mode="External"):
    line = f'<Relationship Id="rX" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    return lambda found: found.replace("</Relationships>", line)


def in_body(xml):
    return lambda found: found.replace("<w:sectPr", f"{xml}<w:sectPr", 1)


def field(*instructions):
    runs = "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in instructions)
    chars = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return in_body(f"<w:p>{chars[0]}{runs}{chars[1]}<w:r><w:t>1</w:t></w:r>{chars[2]}</w:p>")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>'
)
DOCUMENT, RELS, TYPES = "word__document_DOT_xml", "word___rels__document_DOT_xml_DOT_rels", "[Content_Types]_DOT_xml"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"word__vbaProject_DOT_bin": b"x"}, "macros"),
        ({"word__activeX__activeX1_DOT_xml": b"<x/>"}, "macros"),
        ({TYPES: lambda found: found.replace("document.main+xml", "document.macroEnabled.main+xml")}, "macros"),
        ({"word__embeddings__oleObject1_DOT_bin": b"x"}, "embedded objects"),
        ({"word__media__image1_DOT_emf": b"x"}, "PNG"),
        ({RELS: rels("attachedTemplate", "https://example.org/x.dotm")}, "attachedTemplate"),
        ({RELS: rels("image", "https://example.org/x.png")}, "image"),
        ({RELS: rels("oleObject", "file:///c:/x", "Internal")}, "oleObject"),
        ({RELS: rels("aFChunk", "x.html", "Internal")}, "aFChunk"),
        ({RELS: rels("hyperlink", "file://server/share")}, "hyperlink"),
        ({RELS: rels("hyperlink", "javascript:alert(1)")}, "hyperlink"),
        ({DOCUMENT: BOMB}, "entities"),
        ({DOCUMENT: "<not closed"}, "cannot be read"),
        ({DOCUMENT: in_body("<w:altChunk/>")}, "altChunk"),
        ({DOCUMENT: in_body("<w:p><w:r><w:object/></w:r></w:p>")}, "object"),
        ({DOCUMENT: field(' DDEAUTO c:\\x "y" ')}, "DDEAUTO"),
        ({DOCUMENT: field(" INCLUDE", "PICTURE ", "https://x ")}, "INCLUDEPICTURE"),
        ({DOCUMENT: field(" {{ report.number }} ")}, "report.number"),
        ({DOCUMENT: field(' HYPERLINK "file://x" ')}, "HYPERLINK"),
        ({DOCUMENT: in_body('<w:p><w:fldSimple w:instr="INCLUDETEXT x"/></w:p>')}, "INCLUDETEXT"),
        ({"word__x_DOT_xml": b"<x>" + b" " * 6_000_000 + b"</x>"}, "too large"),
        ({"..__evil_DOT_xml": b"<x/>"}, "not a Word document"),
        ({f"word__part{n}_DOT_xml": b"<x/>" for n in range(220)}, "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_is_refused_before_it_is_read(parts, said):
    problems = inspect(changed(template("{{ report.number }}"), **parts))
    assert any(said in problem.en for problem in problems), problems
    assert all(problem.fr and problem.fr != problem.en for problem in problems)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"%PDF-1.7", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_word_file_is_refused(content):
    assert any("not a Word document" in problem.en for problem in word_file.check_template(content))


def test_a_file_too_large_is_refused_unread():
    assert any("5 MB" in problem.en for problem in word_file.check_template(b"PK" + b"\0" * 5 * 1024 * 1024))


def test_the_fields_and_links_of_an_ordinary_letter_pass():
    ordinary = changed(
        template("{{ report.number }}"),
        **{DOCUMENT: field(" PAGE  \\* MERGEFORMAT "), RELS: rels("hyperlink", "https://example.org/")},
    )
    assert word_file.check_template(ordinary) == []


def test_a_template_kept_from_before_is_looked_at_again_when_used(record):
    hostile = changed(template("x"), word__vbaProject_DOT_bin=b"x")
    with pytest.raises(RefusedTemplateError):
        word_file.make(record, "fr", hostile)


@pytest.mark.parametrize("page", ["docs/fr/modele-word.md", "docs/en/word-template.md"])
def test_the_guide_names_every_value_and_no_other(record, page):
    context = values(record, Words(record["language"]), lambda _: "")
    named = set(re.findall(r"`(\w+)`", Path(page).read_text().split("\n## ")[3]))

    def names(value):
        if isinstance(value, dict):
            return set(value) | {name for child in value.values() for name in names(child)}
        return {name for child in value for name in names(child)} if isinstance(value, list) else set()

    assert named == names(context) | {"logo"}

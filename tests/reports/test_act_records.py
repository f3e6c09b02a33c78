"""Records of the Act on paper: PDF and Word, opened and read as a person would."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import docx
import jsonschema_rs
import pymupdf
import pytest

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.assessment.freeze import freeze
from compliance.evidence.canonical import canonical
from compliance.reports import act_record, act_record_word, pages, pdf
from compliance.reports.record import Case, Given
from tests import the_law

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")  # WeasyPrint's own
OUTLOUD = Path(sys.executable).with_name("outloud")
PACK = the_law.loaded().pack
PROGRAM = the_law.compiled()
DRAFT = {
    "organisation": {"name": "Aciéries du Nord", "logo": None},
    "number": None,
    "language": "fr",
    "made": {"at": "2026-11-25T09:00:00+00:00", "by": "Jeanne Roux"},
    "supersedes": None,
    "log": None,
}
ISSUED = {**DRAFT, "number": "R-2026-0007", "log": {"size": 412, "root": "ab" * 32}}
PIECE = {"title": "Feuille d'émargement", "obligation": "human_oversight", "sha256": None}
ACTION = {
    "obligation": "human_oversight",
    "state": {"fr": "en cours", "en": "in progress"},
    "closed": False,
    "owner": "P. Martin",
    "due": "2027-12-02",
    "comment": "Trois recruteurs formés.",
}
FACTS = {
    **PACK.catalogue["screening_and_ranking_of_applications"].facts,
    "organisation_kind": "public_authority",
    "used_at_workplace": True,
    "decides_about_persons": True,
}


def record_of(id_, envelope=DRAFT, description="Note chaque CV de 0 à 100.\nLe recruteur décide.", name="Tri de CV"):
    facts = accept(PACK, FACTS)
    answers = tuple(
        Given(fact, False, fact == "annex_iii_use", "", "Jeanne Roux", "2026-11-25T08:00:00+00:00") for fact in FACTS
    )
    case = Case(
        "IA-007", name, description, facts, answers, (ACTION,), (PIECE,), None, {"site": "Dunkerque", "supplier": None}
    )
    outcome = evaluate(PACK, PROGRAM, facts, date(2026, 11, 25))
    return act_record.of_act_record(id_, case, PROGRAM, outcome, envelope)


def read(data):
    with pymupdf.open(stream=data) as document:
        return " ".join(" ".join(page.get_text() for page in document).replace("\xa0", " ").split())


def word_text(data):
    document = docx.Document(io.BytesIO(data))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    said = [node.text or "" for cell in cells for node in cell._tc.iter() if node.tag.endswith("}t")]
    return " ".join([*(paragraph.text for paragraph in document.paragraphs), *said]).replace("\xa0", " ")


def test_the_list_says_which_are_needed():
    facts = accept(PACK, FACTS)
    found = act_record.list_records(PROGRAM, Case("IA-007", "Tri", "", facts, ()))
    assert {one["id"] for one in found if one["needed"] == "yes"} == {
        "rights_assessment",
        "registration_of_use",
        "worker_information",
    }
    assert {one["needed"] for one in found} == {"yes", "no"}
    assert all(one["title"]["fr"] and one["purpose"]["en"] and one["citations"] for one in found)


def test_the_value_is_plain_and_the_same_each_time():
    record = record_of("rights_assessment")
    assert json.loads(canonical(record)) == json.loads(canonical(record_of("rights_assessment")))
    assert (record["kind"], record["act_record"]["needed"]) == ("act_record", "yes")
    counts = record["act_record"]["counts"]
    items = [item for part in record["act_record"]["parts"] for item in part["items"]]
    assert sum(counts.values()) == len(items)
    oversight = next(item for item in items if item["id"] == "rights_oversight")
    assert oversight["known"][0]["evidence"] == ["Feuille d'émargement"]
    assert oversight["known"][0]["owner"] == "P. Martin"


def test_an_unknown_record_is_refused():
    with pytest.raises(KeyError):
        record_of("rights_assesment")


GAPS = {"fr": "À compléter", "en": "To be completed"}
THE_OTHER_WAY = pytest.mark.thorough


@pytest.mark.parametrize(
    ("id_", "language"),
    [
        pytest.param(id_, language, marks=[] if language == ("fr", "en")[place % 2] else [THE_OTHER_WAY])
        for place, id_ in enumerate(PACK.records)
        for language in GAPS
    ],
)
def test_every_record_becomes_pdf_and_word_in_both_languages(id_, language):
    record, gap = record_of(id_), GAPS[language]
    printed, written = (
        read(pdf.make(pages.page(record, language))),
        word_text(act_record_word.make(record, language)),
    )
    for part in record["act_record"]["parts"]:
        for item in part["items"]:
            title = " ".join(item["title"][language].split())
            for text in (printed, written):
                assert title[:20] in text, (language, title)
    for text in (printed, written):
        assert gap in text
        assert record["act_record"]["title"][language] in text


def test_what_is_known_stands_in_both_forms_with_where_it_comes_from():
    record = record_of("rights_assessment")
    for text in (read(pdf.make(pages.page(record, "fr"))), word_text(act_record_word.make(record, "fr"))):
        for said in (
            "Votre organisation (déployeur)",
            "Aciéries du Nord",
            "Dunkerque",
            "présumé, à confirmer",
            "Trois recruteurs formés.",
            "Feuille d'émargement",
            "échéance : 2 décembre 2027",
            "Question sans réponse complète",
            "À vérifier et à compléter",
        ):
            assert said in text, said


def test_a_draft_says_so_and_an_issued_record_bears_its_number():
    draft, issued = (read(pdf.make(pages.page(record_of("worker_information", e), "fr"))) for e in (DRAFT, ISSUED))
    assert "Projet" in draft
    assert "R-2026-0007" not in draft
    assert "R-2026-0007" in issued
    assert "ab" * 32 in issued.replace(" ", "")
    assert "Projet :" not in issued


def test_the_same_record_gives_the_same_bytes():
    record = record_of("worker_information", ISSUED)
    assert pdf.make(pages.page(record, "fr")) == pdf.make(pages.page(record, "fr"))
    assert act_record_word.make(record, "en") == act_record_word.make(record, "en")


def test_the_data_are_inside_the_file_and_compute_to_the_same_outcome():
    with pymupdf.open(stream=pdf.make(pages.page(record_of("worker_information", ISSUED), "fr"))) as document:
        inside = json.loads(document.embfile_get(0))
    assert inside["act_record"]["id"] == "worker_information"
    again = evaluate(PACK, PROGRAM, accept(PACK, inside["facts"]), date.fromisoformat(inside["outcome"]["on"]))
    assert json.loads(canonical(freeze(again))) == inside["outcome"]
    schema = json.loads(Path("rules/schema/report.schema.json").read_text())
    others = {"json-schema:///outcome.schema.json": json.loads(Path("rules/schema/outcome.schema.json").read_text())}
    registry = jsonschema_rs.Registry(list(others.items()))
    jsonschema_rs.validator_for(schema, registry=registry).validate(inside)


HOSTILE = "<script>alert(1)</script> {{ r }} \u202eabc \x07 שלום 😀 " + "Donaudampfschifffahrtsgesellschaft" * 12


def test_what_people_type_is_text_and_nothing_else():
    record = record_of("rights_assessment", name=HOSTILE[:300], description=HOSTILE * 5)
    printed = read(pdf.make(pages.page(record, "fr")))
    written = word_text(act_record_word.make(record, "fr"))
    for text in (printed, written):
        assert "<script>alert(1)</script>" in text
        assert "{{ r }}" in text


def test_nothing_runs_off_the_page():
    record = record_of("rights_assessment", name="W" * 200, description="m" * 2000)
    with pymupdf.open(stream=pdf.make(pages.page(record, "en"))) as document:
        for page in document:
            for x0, _, x1, *_ in page.get_text("words"):
                assert x0 >= 0
                assert x1 <= page.rect.width - 30


def test_the_word_file_has_a_field_to_fill_for_each_gap():
    record = record_of("technical_documentation")
    data = act_record_word.make(record, "fr")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = archive.read("word/document.xml").decode()
    open_ = record["act_record"]["counts"]["gap"] + record["act_record"]["counts"]["partial"]
    assert body.count("<w:showingPlcHdr/>") == open_
    assert '<w:tag w:val="file_hardware"/>' in body
    tables = docx.Document(io.BytesIO(data)).tables
    assert len(tables) == len(record["act_record"]["parts"]) + 1


@pytest.mark.parametrize("id_", ["technical_documentation", "rights_assessment"])
def test_outloud_finds_nothing_against_pdf_ua(id_, tmp_path):
    file, found = tmp_path / "record.pdf", tmp_path / "found.json"
    file.write_bytes(pdf.make(pages.page(record_of(id_, ISSUED), "en")))
    subprocess.run([OUTLOUD, "--fail-on", "never", "--quiet", "--json", found, file], check=True, capture_output=True)
    results = json.loads(found.read_text())["results"]
    assert results
    assert [one for entry in results for one in entry["findings"] if one["severity"] in ("error", "warning")] == []

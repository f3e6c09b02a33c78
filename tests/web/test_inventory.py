"""The inventory: described, found again, in and out of spreadsheets."""

import csv
import io
import zipfile
from uuid import UUID

import openpyxl
import pytest

from compliance.operations import cases
from compliance.storage.cases import Filter


def listed(place, office):
    return cases.everything(place, office.people["officer"], Filter())


def send(visitor, content, name="liste.csv"):
    visitor.get("/account")
    data = content if isinstance(content, bytes) else content.encode()
    return visitor.post("/use-cases/import", files={"file": (io.BytesIO(data), name)})


def columns(page):
    """Return the chosen columns of a preview, to confirm as it stands."""
    return {name: value for name, value in page.fields().items() if name.startswith("c-") or name == "suggest"}


def test_described_and_found_again(visit, place, office):
    visitor = visit("officer")
    visitor.post("/organisation/site", name="Figeac")
    visitor.post("/use-cases/new", name="Tri de CV", function="human_resources", sector="automotive")
    visitor.post("/use-cases/new", name="Contrôle qualité 100 %", description="Caméras", function="quality")
    assert "2 cas d'usage" in visitor.get("/use-cases").page.text
    for query, there, absent in (
        ("q=tri", "Tri de CV", "Contrôle qualité"),
        ("q=100+%25", "Contrôle qualité", "Tri de CV"),
        ("q=caméras", "Contrôle qualité", "Tri de CV"),
        ("q=IA-001", "Tri de CV", "Contrôle qualité"),
        ("function=quality", "Contrôle qualité", "Tri de CV"),
        ("sector=automotive", "Tri de CV", "Contrôle qualité"),
    ):
        text = visitor.get(f"/use-cases?{query}").page.text
        assert there in text, query
        assert absent not in text, query
    for sort in ("name", "level", "due", "owner", "site", "state", "function", "changed", "sector"):
        visitor.get(f"/use-cases?sort={sort}&down=1")
    for strange in ("page=0", "page=-1", "page=99999", "sort=x", "level=x", "site=x", "owner='", "q=%00", "due=x"):
        visitor.get(f"/use-cases?{strange}")


def test_a_form_sent_twice_begins_one_use_case(visit, place, office):
    visitor = visit("officer")
    key = visitor.get("/use-cases/new").page.fields()["key"]
    for _ in range(2):
        visitor.post("/use-cases/new", name="Tri de CV", key=key)
    assert len(listed(place, office)) == 1


def test_two_people_describing_lose_nothing(visit, place, office):
    case_id = office.case()
    visitor = visit("officer")
    here = f"/use-cases/{UUID(case_id)}/edit"
    version = visitor.get(here).page.fields()["version"]
    visitor.post(here, name="Premier", version=version)
    page = visitor.post(here, 409, name="Second", version=version).page
    assert "Second" in page.text, "what was typed is given back"
    assert "Premier" in visitor.get(here).page.html


def test_a_copy_has_presumed_answers(visit, place, office):
    case_id = office.finished()
    visitor = visit("officer")
    page = visitor.post(f"/use-cases/{UUID(case_id)}/copy", name="Tri de CV, site B").page
    assert "présumée" in page.text
    copy = listed(place, office)[1].case
    assert copy.presumed > 10
    assert copy.level == "high_risk"
    facts = [value for tag, f in page.tags if tag == "input" and f.get("name") == "fact" for value in (f["value"],)]
    assert "Soumettre" in visitor.get(f"/use-cases/{UUID(copy.id)}").page.text
    page = visitor.post(f"/use-cases/{UUID(copy.id)}/submit", 422, note="").page
    assert "réponses présumées" in page.text
    visitor.post(f"/use-cases/{UUID(copy.id)}/confirm", fact=facts)
    visitor.post(f"/use-cases/{UUID(copy.id)}/submit", note="")


def test_from_the_catalogue_to_confirm(visit, place, office):
    visitor = visit("officer")
    assert "112 usages" in visitor.get("/use-cases/catalogue").page.text
    assert "1 usage" in visitor.get("/use-cases/catalogue?q=candidatures+classement").page.text
    page = visitor.post("/use-cases/catalogue/screening_and_ranking_of_applications").page
    assert "présumées" in page.text
    assert listed(place, office)[0].case.level == "high_risk"
    visitor.post("/use-cases/catalogue/nothing", 404)


def test_a_list_from_excel_is_shown_then_saved(visit, place, office):
    visitor = visit("officer")
    office.case("Déjà là")
    text = (
        "Cas d'usage;Service;Usine;Type;Responsable\r\n"
        "Tri des candidatures;Ressources humaines;Lille;Tri et classement de candidatures;officer\r\n"
        "Chatbot client;Magie;Lille;;\r\n"
        "déjà là;Qualité;;;personne@ailleurs.example\r\n"
        ";Qualité;;;\r\n"
        "Ordonnancement de production;Production;Figeac;;\r\n"
    )
    page = send(visitor, text).page
    assert "Rien n'est encore enregistré" in page.text
    assert "« Magie » n'est pas dans la liste" in page.text
    assert "« Lille » sera ajouté" in page.text
    assert "manque" in page.text
    assert "reconnu d'après le nom" in page.text
    assert len(listed(place, office)) == 1, "nothing is saved before it is confirmed"
    draft = visitor.last
    visitor.post(draft, **columns(page))
    found = {item.case.name: item for item in listed(place, office)}
    assert set(found) == {"Déjà là", "Tri des candidatures", "Ordonnancement de production"}
    assert found["Tri des candidatures"].site == "Lille"
    assert found["Tri des candidatures"].owner == "Officer"
    assert found["Tri des candidatures"].case.level == "high_risk"
    assert found["Tri des candidatures"].case.presumed
    visitor.get(draft, 404)


def test_out_and_back_without_loss(visit, place, office):
    visitor = visit("officer")
    officer = office.people["officer"]
    strange = '=1+1 | "guillemets" ; point-virgule\net ligne'
    cases.begin(place, officer, cases.Description("=CMD()|x", strange, "quality", "rail", owner_id=officer.person_id))
    cases.begin(place, officer, cases.Description("Émoji 🙂 et accents", "", None, None))
    before = [(i.case.name, i.case.description, i.case.function, i.case.sector, i.owner) for i in listed(place, office)]
    for kind in ("csv", "xlsx"):
        content = visitor.get(f"/use-cases/export.{kind}").data
        page = send(visitor, content, f"liste.{kind}").page
        assert "2 inchangé" in page.text, kind
        visitor.post(visitor.last, **columns(page))
        after = [
            (i.case.name, i.case.description, i.case.function, i.case.sector, i.owner) for i in listed(place, office)
        ]
        assert after == before, kind


def test_no_cell_that_leaves_is_a_formula(visit, place, office):
    for name in ("=1+1", "+33", "-2", "@SUM(A1)", "|calc", "\u00a0=1", "＝1"):
        cases.begin(place, office.people["officer"], cases.Description(name))
    text = visit("officer").get("/use-cases/export.csv").data.decode("utf-8-sig")
    for row in list(csv.reader(io.StringIO(text), delimiter=";"))[1:]:
        assert row[1].startswith("'"), row
    book = openpyxl.load_workbook(io.BytesIO(visit("officer").get("/use-cases/export.xlsx").data))
    for row in book.worksheets[0].iter_rows(min_row=2):
        assert row[1].data_type == "s"
        assert row[1].value.startswith("'")


def test_the_template_is_taken_as_it_is(visit, place, office):
    visitor = visit("officer")
    content = visitor.get("/use-cases/template.xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.worksheets[0].data_validations.dataValidation) == 3
    page = send(visitor, content, "modele.xlsx").page
    assert "1 nouveau" in page.text
    assert "en erreur" in page.text


def _bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 nothing",
        b"",
        b"\x00\x01\x02\x03",
        b"Nom\r\n",
        "Nom\n".encode("utf-16"),
        b"Nom\n" + b"x\n" * 6_000,
        b"PK\x05\x06" + b"\x00" * 18,
        _bomb(),
    ],
    ids=["not-zip", "empty", "binary", "head-only", "utf-16", "too-long", "empty-zip", "bomb"],
)
def test_a_file_that_is_no_list_is_refused_with_words(visit, office, content):
    visitor = visit("officer")
    visitor.get("/account")
    page = visitor.post("/use-cases/import", 422, files={"file": (io.BytesIO(content), "liste.xlsx")}).page
    assert "Pas encore enregistré" in page.text

"""Reports as people ask for, find, download and verify them."""

import io
import struct
import zipfile
import zlib

import pikepdf
import pytest

from compliance.operations import made_now, making
from compliance.storage import reports as store
from compliance.storage import stationery
from tests.offices import Office
from tests.storage.guards import unguard


def make_all(place):
    for org, id_ in making.waiting(place):
        making.make(place, "tester", org, id_)


def issue(visitor, case_id, **more):
    sent = {"form": "summary", "language": "fr", "how": "issue", "key": "", **more}
    return visitor.post(f"/use-cases/{_url(case_id)}/reports", **sent)


def _url(id_):
    return f"{id_[:8]}-{id_[8:12]}-{id_[12:16]}-{id_[16:20]}-{id_[20:]}"


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + b"\x14\x25\x3d" * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")
    )


def test_from_the_wish_to_the_file_and_its_verification(visit, office, place):
    case_id = office.finished()
    officer, auditor = visit("officer"), visit("auditor")
    page = issue(officer, case_id)
    assert "Vous pouvez quitter cette page" in page.page.text
    shown = officer.last
    fragment = officer.client.get(shown, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in fragment.headers
    assert b"<html" not in fragment.data
    make_all(place)
    assert officer.client.get(shown, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "R-2026-0001" in auditor.get("/reports").page.text
    page = auditor.get(shown).page
    assert "Télécharger le PDF" in page.text
    response = auditor.get(f"{shown}/report.pdf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="R-2026-0001-summary-fr.pdf"'
    content = response.data
    for form, start in (("json", b"{"), ("xlsx", b"PK"), ("docx", b"PK"), ("ics", b"BEGIN:VCALENDAR")):
        assert auditor.get(f"{shown}/as/{form}").data.startswith(start), form
    auditor.get(f"{shown}/as/exe", 404)
    said = auditor.post("/reports/verify", 200, files={"file": (io.BytesIO(content), "rapport.pdf")}).page.text
    assert "en défaut" not in said
    assert "Tout ce qui a été contrôlé est en ordre" in said
    broken = bytearray(content)
    broken[len(broken) // 2] ^= 1
    said = auditor.post("/reports/verify", 200, files={"file": (io.BytesIO(bytes(broken)), "<b>x</b>.pdf")}).page.text
    assert "En défaut." in said


@pytest.mark.parametrize("content", [b"", b"no pdf", b"%PDF-1.7\n" + b"\0" * 5000])
def test_what_is_no_report_is_said_in_words(visit, content):
    visitor = visit("auditor")
    page = visitor.post("/reports/verify", 200, files={"file": (io.BytesIO(content), "x.pdf")}).page
    assert "En défaut." in page.text


def test_a_file_is_needed(visit):
    page = visit("auditor").post("/reports/verify", 422, files={"file": (io.BytesIO(b""), "")}).page
    assert "nécessaire" in page.text


def test_a_cut_log_is_found_against_a_report(visit, office, place):
    case_id = office.finished()
    issue(visit("officer"), case_id)
    make_all(place)
    with place.database.reading() as connection:
        content = bytes(connection.exec_driver_sql("SELECT pdf FROM report").scalar_one())
    with place.database.writing() as connection:
        unguard(connection, "audit_entry")
        connection.exec_driver_sql("DELETE FROM audit_entry WHERE seq > 2")
    said = visit("auditor").post("/reports/verify", 200, files={"file": (io.BytesIO(content), "r.pdf")}).page.text
    assert "En défaut." in said


def test_certificate_log_and_head_leave_the_house(visit):
    visitor = visit("auditor")
    assert b"BEGIN CERTIFICATE" in visitor.get("/reports/certificate.pem").data
    assert visitor.get("/log/whole.jsonl").data.count(b"\n") > 1
    assert visitor.get("/log/head.json").data.startswith(b"{")


def test_many_at_once_with_an_index(visit, office, place):
    case_id = office.finished()
    officer = visit("officer")
    issue(officer, case_id)
    issue(officer, case_id, language="en")
    make_all(place)
    with place.database.reading() as connection:
        ids = [report.id for report in store.issued(connection, office.org, case_id)]
    response = visit("auditor").get("/reports/many.zip?" + "&".join(f"id={id_}" for id_ in ids))
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert len(archive.namelist()) == 3
    assert "Choisissez au moins une ligne" in visit("auditor").get("/reports/many.zip", 422).page.text
    visit("auditor").get("/reports/many.zip?id=" + "0" * 32, 404)


def test_a_portfolio_of_a_selection(visit, office, place):
    office.finished("Tri de CV")
    office.case("Autre chose")
    officer = visit("officer")
    page = officer.get("/reports/portfolio?level=high_risk").page
    assert "1 cas d'usage" in page.text
    sent = {"title": "Haut risque", "language": "en", "how": "issue", "key": ""}
    officer.post("/reports/portfolio?level=high_risk", **sent)
    shown = officer.last
    make_all(place)
    assert "R-2026-0001" in officer.get(shown).page.text
    with pikepdf.open(io.BytesIO(officer.get(f"{shown}/report.pdf").data)) as pdf:
        assert str(pdf.Root.Lang) == "en"
    page = officer.post("/reports/portfolio?q=zzz", 422, **sent).page
    assert "Choisissez au moins une ligne" in page.text


def test_records_of_the_act_leave_for_word(visit, office):
    case_id = office.finished()
    visitor = visit("auditor")
    page = visitor.get(f"/use-cases/{_url(case_id)}/reports").page
    assert "Documents que le règlement demande" in page.text
    links = [found["href"] for tag, found in page.tags if tag == "a" and ".docx" in found.get("href", "")]
    assert len(links) >= 8
    assert visitor.get(links[0]).data.startswith(b"PK")
    assert visitor.get(f"/use-cases/{_url(case_id)}/as/xlsx").data.startswith(b"PK")


def test_a_record_of_the_act_can_be_issued(visit, office, place):
    case_id = office.finished()
    issue(visit("officer"), case_id, form="assessment_not_high_risk")
    make_all(place)
    with place.database.reading() as connection:
        report = store.issued(connection, office.org, case_id)[0]
    assert (report.kind, report.number, report.state) == ("act_record", "R-2026-0001", "ready")


def test_logo_and_template(visit, office, place):
    officer = visit("officer")
    officer.post("/reports/paper", files={"logo": (io.BytesIO(png(3000, 1000)), "../../x.png")})
    assert officer.get("/reports/paper/logo.png").data.startswith(b"\x89PNG")
    template = officer.get("/reports/paper/template.docx").data
    officer.post("/reports/paper", files={"word": (io.BytesIO(template), "m.docx")})
    for field, content, said in (
        ("logo", b"<svg onload='alert(1)'/>", "PNG ou JPEG"),
        ("logo", png(300, 100)[:50], "PNG ou JPEG"),
        ("word", b"PK\x03\x04 nothing", ""),
    ):
        page = officer.post("/reports/paper", 422, files={field: (io.BytesIO(content), "x")}).page
        assert said in page.text
    issue(officer, office.finished())
    make_all(place)
    with place.database.reading() as connection:
        id_ = connection.exec_driver_sql("SELECT id FROM report").scalar_one()
        assert store.record(connection, office.org, id_)["organisation"]["logo"]["width"] == 900
    officer.post("/reports/paper/logo/remove")
    officer.get("/reports/paper/logo.png", 404)
    officer.post("/reports/paper/other/remove", 404)


def test_drafts_are_for_those_who_issue_and_other_houses_are_not_there(visit, office, place):
    case_id = office.finished()
    officer = visit("officer")
    issue(officer, case_id, how="draft")
    shown = officer.last
    make_all(place)
    assert "projet" in officer.get("/reports").page.text
    for role in ("auditor", "legal_editor", "administrator"):
        visit(role).get(shown, 404)
        visit(role).get(f"{shown}/report.pdf", 404)
    other = Office.open(place, "Autre", office_roles(office))
    visit("officer", other).get(shown, 404)
    visit("officer", other).get(f"{shown}/report.pdf", 404)


def office_roles(office):
    return {name: actor.roles for name, actor in office.people.items()}


def test_what_cannot_be_made_now_is_said_in_words(visit, office, place, monkeypatch):
    case_id = office.finished()
    visitor = visit("officer")
    with place.database.writing() as connection:
        values = {"content": b"no template", "sha256": "", "person_id": office.people["officer"].person_id}
        stationery.put(connection, office.org, "word", **values, at=place.clock())
    page = visitor.get(f"/use-cases/{_url(case_id)}/as/docx", 422).page
    assert "modèle Word" in page.text
    monkeypatch.setattr(made_now, "PATIENCE", 0.01)
    with made_now.made_now(), made_now.made_now():
        assert "réessayez dans une minute" in visitor.get(f"/use-cases/{_url(case_id)}/as/docx", 503).page.text
        file = {"file": (io.BytesIO(b"%PDF-"), "x.pdf")}
        assert "réessayez dans une minute" in visitor.post("/reports/verify", 422, files=file).page.text

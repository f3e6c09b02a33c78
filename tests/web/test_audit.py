"""The auditor's desk, as an auditor and an officer use it."""

import io
import json
import re
import shutil
import zlib
from dataclasses import replace
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import text

from compliance.operations import answers, dossiers, observations, post, reports, samples
from compliance.operations import cases as inventory
from compliance.operations.library import Library
from compliance.operations.rights import Role
from compliance.operations.samples import Criteria
from compliance.operations.workplace import Workplace
from compliance.storage.audits import ObservationFilter
from compliance.storage.rows import new_id
from compliance.web.app import create_app
from tests.storage.guards import unguard
from tests.web.visitor import Visitor

NASTY = (
    "x" * 4_000,
    "🙂" * 1_000,
    "مرحبا \u202e بالعالم",
    "<script>alert(1)</script>{{ 7*7 }}",
    '=HYPERLINK("http://evil.example")',
    "Zeile\r\nzwei\tTab",
)


def url(case_id, rest=""):
    return f"/use-cases/{UUID(case_id)}{rest}"


@pytest.fixture
def cases(office):
    return [office.finished(f"Cas {number}") for number in range(1, 6)]


def draw(visitor, status=303, **typed):
    fields = visitor.get("/audit/samples/new").page.fields()
    sent = {"name": "Audit annuel", "size": "3", "order": "random", "key": fields["key"]} | typed
    return visitor.post("/audit/samples/new", status, **sent)


def first_item(page):
    return re.search(r"/audit/items/[0-9a-f-]{36}", page.html)[0]


def observed(page):
    return re.search(r"/observations/([0-9a-f-]{36})/reply", page.html)[1]


def test_a_sample_drawn_by_lot_looked_at_a_finding_answered_and_closed(visit, office, cases, place):
    auditor, officer = visit("auditor"), visit("officer")
    assert "Audit" in auditor.get("/audit").page.text
    page = draw(auditor).page
    assert "Tirage refait à l'instant" in page.text
    assert page.text.count("pas encore") == 3
    item = first_item(page)
    fields = auditor.get(item).page.fields()
    page = auditor.post(item, looked_at="Lu la notice, entendu Mme Roux", version="1").page
    assert "Lu la notice, entendu Mme Roux" in page.html
    page = auditor.post(item, kind="finding", text="Pas de preuve du contrôle humain", report_id="", key=fields["key"])
    assert "Pas de preuve du contrôle humain" in page.page.text
    case_page = re.search(r"/use-cases/[0-9a-f-]{36}/audit", page.page.html)[0]
    assert "1" in auditor.get("/audit").page.text
    text = officer.get("/audit?state=open").page.text
    assert "Pas de preuve du contrôle humain" in text
    seen = officer.get(case_page).page
    id_ = observed(seen)
    short = UUID(id_).hex
    seen = officer.post(f"/observations/{id_}/reply", **{f"o{short}-text": "Preuve jointe ce jour"}).page
    assert "Preuve jointe ce jour" in seen.text
    assert "Répondu" in seen.text
    version = re.search(rf'name="c{short}-version" type="hidden" value="(\d+)"', auditor.get(case_page).page.html)[1]
    sent = {f"c{short}-text": "Vu la preuve", f"c{short}-version": version}
    seen = auditor.post(f"/observations/{id_}/close", **sent).page
    assert "Vu la preuve" in seen.text
    assert "Clos" in seen.text
    officer.post(f"/observations/{id_}/reply", 422, **{f"o{short}-text": "Encore"})
    assert "1 clos" in officer.get(case_page.removesuffix("/audit")).page.text
    told = {mail.subject.split(" : ")[0] for mail in post.outbox(place, office.people["officer"])}
    assert told == {"Constat d'audit", "Réponse à votre observation", "Observation close"}


def test_links_in_messages_lead_to_the_page(visit, office, cases, place):
    visit("auditor").post(url(cases[0], "/audit"), kind="remark", text="À voir", report_id="")
    body = post.outbox(place, office.people["officer"])[0].body
    link = re.search(r"http://localhost(/\S+)", body)[1]
    assert "À voir" in visit("officer").get(link).page.text


def test_links_in_every_message_lead_somewhere(visit, office, cases, place):
    """A message writes the id as it is stored; the page is the same."""
    assert visit("officer").get(f"/use-cases/{cases[0]}").page.heads == visit("officer").get(url(cases[0])).page.heads


def test_a_message_longer_than_its_place_or_with_nul_is_refused_with_words(visit, office, cases):
    auditor = visit("auditor")
    here = url(cases[0], "/audit")
    auditor.get(here)
    for typed in ("x" * 4_001, "a\x00b", "", " \n "):
        page = auditor.post(here, 422, kind="finding", text=typed, report_id="").page
        assert "Pas encore enregistré" in page.text
    assert "control" not in auditor.post(here, 422, kind="nonsense", text="x", report_id="").page.text
    auditor.post(here, 422, kind="finding", text="x", report_id=new_id())


def test_hostile_text_comes_back_as_text_everywhere(visit, office, place, cases):
    auditor, officer = visit("auditor"), visit("officer")
    item = first_item(draw(auditor, size="").page)
    for version, typed in enumerate(NASTY, 1):
        auditor.post(item, looked_at=typed, version=str(version))
        key = auditor.get(item).page.fields()["key"]
        page = auditor.post(item, kind="finding", text=typed, report_id="", key=key).page
        assert "<script>alert" not in page.html
    case_page = re.search(r"/use-cases/[0-9a-f-]{36}/audit", auditor.get(item).page.html)[0]
    page = officer.get(case_page).page
    assert page.text.count("Constat") >= len(NASTY)
    id_ = observed(page)
    for typed in NASTY:
        officer.post(f"/observations/{id_}/reply", **{f"o{UUID(id_).hex}-text": typed})
    sample = re.search(r"/audit/samples/[0-9a-f-]{36}", auditor.get(item).page.html)[0]
    assert "<script>alert" not in auditor.get(sample).page.html
    assert "<script>alert" not in auditor.get("/audit?state=all").page.html
    book = openpyxl.load_workbook(io.BytesIO(auditor.get(f"{sample}/export.xlsx").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert any("'=HYPERLINK" in cell.value for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_workbook_holds_the_draw_the_results_and_the_population(visit, office, cases):
    auditor = visit("auditor")
    page = draw(auditor, size="2", level="high_risk").page
    item = first_item(page)
    auditor.post(item, looked_at="Lu", version="1")
    auditor.post(item, kind="finding", text="Manque", report_id="", key=new_id())
    sample = re.search(r"/audit/samples/[0-9a-f-]{36}", auditor.get(item).page.html)[0]
    book = openpyxl.load_workbook(io.BytesIO(auditor.get(f"{sample}/export.xlsx").data))
    assert book.sheetnames == ["Échantillon", "Cas d'usage", "Constats et remarques", "Population"]
    about = dict(book["Échantillon"].iter_rows(min_row=2, values_only=True))
    assert about["Population"] == 5
    assert about["Niveau"] == "Haut risque"
    assert re.fullmatch("[0-9a-f]{32}", about["Graine"])
    rows = list(book["Cas d'usage"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [1, 2]
    assert rows[0][5] == "Lu"
    assert rows[0][8:] == (1, 0)
    assert [row[3] for row in book["Constats et remarques"].iter_rows(min_row=2, values_only=True)] == ["Manque"]
    assert book["Population"].max_row == 6


def test_two_people_looking_at_one_use_case_see_both_texts(visit, office, cases):
    auditor = visit("auditor")
    item = first_item(draw(auditor).page)
    auditor.post(item, looked_at="Le premier", version="1")
    page = auditor.post(item, 409, looked_at="Le second", version="1").page
    assert "Le premier" in page.text
    assert "Le second" in page.html
    version = re.search(r'name="version" type="hidden" value="(\d+)"', page.html)[1]
    assert "Le second" in auditor.post(item, looked_at="Le second", version=version).page.html


def test_closing_what_was_answered_meanwhile_shows_both(visit, office, cases):
    auditor, officer = visit("auditor"), visit("officer")
    here = url(cases[0], "/audit")
    id_ = observed(auditor.post(here, kind="finding", text="Manque", report_id="").page)
    short = UUID(id_).hex
    officer.get(here)
    officer.post(f"/observations/{id_}/reply", **{f"o{short}-text": "La preuve est là"})
    sent = {f"c{short}-text": "Sans réponse", f"c{short}-version": "1"}
    page = auditor.post(f"/observations/{id_}/close", 409, **sent).page
    assert "La preuve est là" in page.text
    assert "Sans réponse" in page.html
    sent[f"c{short}-version"] = re.search(rf'name="c{short}-version" type="hidden" value="(\d+)"', page.html)[1]
    assert "Clos" in auditor.post(f"/observations/{id_}/close", **sent).page.text


def test_the_form_says_what_is_wrong_with_a_draw(visit, office, cases):
    auditor = visit("auditor")
    for typed, word in (
        ({"size": "0"}, "nombre entier"),
        ({"size": "501"}, "nombre entier"),
        ({"size": "-1"}, "nombre entier"),
        ({"size": "1e3"}, "nombre entier"),
        ({"size": "٣"}, "nombre entier"),
        ({"size": "6"}, "5 seulement"),
        ({"level": "prohibited"}, "rien à tirer"),
        ({"name": ""}, "nécessaire"),
        ({"order": "x"}, "Mode de tirage"),
    ):
        assert word in draw(auditor, 422, **typed).page.text, typed
    key = new_id()
    first, second = (auditor.post("/audit/samples/new", name="Deux fois", order="random", key=key) for _ in range(2))
    assert first.page.heads == second.page.heads
    assert auditor.get("/audit").page.text.count("Deux fois") == 1


# Reports looked at again


@pytest.fixture
def two_reports(place, office, clock):
    """Issue a report, change an answer, issue another; return the use case and both."""
    case_id = office.finished("Porte commandée par caméra")
    officer = office.people["officer"]
    first = reports.ask(place, officer, case_id, form="full", language="fr", issue=True)
    clock.forward(days=3)
    version = dossiers.view(place, officer, case_id).answers["technique"].version
    given = answers.Given("basic_processing", comment="Vu avec l'éditeur")
    answers.record(place, officer, case_id, "technique", given, version)
    second = reports.ask(place, officer, case_id, form="full", language="en", issue=True)
    return case_id, first, second


def test_two_reports_compared(app, office, two_reports):
    case_id, first, second = two_reports
    auditor = Visitor(app)
    auditor.sign_in(office.people["auditor"], office.PASSWORD)
    page = auditor.get(url(case_id, "/reports/compare")).page
    for words in ("R-2026-0001", "R-2026-0002", "Haut risque", "Hors du champ", "Vu avec l'éditeur", "Officer"):
        assert words in page.text, words
    assert "Obligations disparues" in page.text
    back = auditor.get(url(case_id, f"/reports/compare?a={second}&b={first}")).page
    assert "Obligations apparues" in back.text
    assert "Obligations disparues" not in back.text
    same = auditor.get(url(case_id, f"/reports/compare?a={first}&b={first}")).page
    assert "sont les mêmes" in same.text
    for wrong in ("?a=x", f"?a={new_id()}", "?a=%00", "?b=' OR 1=1"):
        assert "deux rapports émis" in auditor.get(url(case_id, f"/reports/compare{wrong}"), 422).page.text


def test_comparing_reads_nothing_but_the_records(app, place, office, two_reports):
    case_id, *_ = two_reports
    auditor = Visitor(app)
    auditor.sign_in(office.people["auditor"], office.PASSWORD)
    body = auditor.get(url(case_id, "/reports/compare")).page.html.partition("<h2>Comparer")[2]
    with place.database.writing() as connection:
        connection.execute(text("DELETE FROM answer"))
    assert auditor.get(url(case_id, "/reports/compare")).page.html.partition("<h2>Comparer")[2] == body


def test_one_report_alone_has_nothing_to_be_compared_with(visit, place, office):
    case_id = office.finished()
    reports.ask(place, office.people["officer"], case_id, form="full", language="fr", issue=True)
    assert "deux rapports émis" in visit("auditor").get(url(case_id, "/reports/compare")).page.text


def test_an_old_report_gives_the_same_and_beside_it_todays_text(app, place, office, clock):
    case_id = office.finished()
    officer = office.people["officer"]
    inventory.change_text(place, officer, case_id, "ai-act")
    old = reports.ask(place, officer, case_id, form="full", language="fr", issue=True)
    clock.forward(days=400)
    auditor = Visitor(app)
    auditor.sign_in(office.people["auditor"], office.PASSWORD)
    page = auditor.get(f"/reports/{UUID(old)}/replay").page
    assert "Identique." in page.text
    assert "2024-07-12" in page.text
    assert "2026-07-27" in page.text
    assert "Obligations dont la date a changé" in page.text
    assert "textes de loi différents" in page.text
    assert "29 décembre 2027" in page.text


def test_a_record_changed_in_the_store_is_seen(visit, place, office):
    case_id = office.finished()
    officer = office.people["officer"]
    id_ = reports.ask(place, officer, case_id, form="full", language="fr", issue=True)
    record = reports.record(place, officer, id_)[1]
    record["outcome"]["obligations"][0]["applies_from"] = "2031-01-01"
    put_record(place, id_, record)
    page = visit("auditor").get(f"/reports/{UUID(id_)}/replay").page
    assert "Différent." in page.text
    assert "2031-01-01" in page.text
    record["facts"] = {"technique": ["nonsense"]}
    put_record(place, id_, record)
    assert "Différent." in visit("auditor").get(f"/reports/{UUID(id_)}/replay").page.text


def test_a_text_that_is_not_here_is_said(visit, place, office):
    case_id = office.finished()
    officer = office.people["officer"]
    id_ = reports.ask(place, officer, case_id, form="full", language="fr", issue=True)
    record = reports.record(place, officer, id_)[1]
    record["outcome"]["pack"]["hash"] = "0" * 64
    put_record(place, id_, record)
    assert "ne possède pas le texte" in visit("auditor").get(f"/reports/{UUID(id_)}/replay").page.text


def put_record(place, id_, record):
    """Put another record in the place of an issued one, as only somebody with the file of the store could."""
    with place.database.writing() as connection:
        unguard(connection, "report")
        packed = zlib.compress(json.dumps(record).encode())
        connection.execute(text("UPDATE report SET record = :record WHERE id = :id"), {"record": packed, "id": id_})


def test_the_law_moves_on_and_an_old_report_still_gives_the_same(place, office, tmp_path):
    """The text that a report names is kept with it, for when the rules of the instance are others."""
    rules = tmp_path / "rules"
    shutil.copytree(place.settings.rules, rules)
    settings = replace(place.settings, rules=rules)
    then = Workplace(place.database, Library(rules, settings.default_pack), settings, place.clock)
    case_id = office.finished()
    id_ = reports.ask(then, office.people["officer"], case_id, form="full", language="fr", issue=True)
    for file in (rules / "ai-act").rglob("*.yaml"):
        file.write_text(file.read_text() + "\n# another edition\n")
    now = Workplace(place.database, Library(rules, settings.default_pack), settings, place.clock)
    visitor = Visitor(create_app(now))
    visitor.sign_in(office.people["auditor"], office.PASSWORD)
    text_ = visitor.get(f"/reports/{UUID(id_)}/replay").page.text
    assert "Identique." in text_
    assert "textes de loi différents" in text_
    assert "sont les mêmes" in text_


def test_drafts_and_records_of_the_act_are_not_replayed(visit, place, office):
    case_id = office.finished()
    officer = office.people["officer"]
    draft = reports.ask(place, officer, case_id, form="full", language="fr", issue=False)
    visit("auditor").get(f"/reports/{UUID(draft)}/replay", 404)


# Bounds


def test_a_bound_auditor_sees_the_desk_of_one_site(app, place, office, clock):
    site = office.site("Dunkerque")
    here = office.bound(site_id=site)
    inside = office.finished("Dedans", site_id=site)
    outside = office.finished("Secret de l'autre site")
    officer = office.people["officer"]
    for case_id in (inside, outside):
        for _ in range(2):
            reports.ask(place, officer, case_id, form="full", language="fr", issue=True)
        observations.record(place, office.people["auditor"], case_id, kind="finding", text="Vu par un autre")
    everywhere = samples.draw(
        place, office.people["auditor"], "Partout", Criteria(), size=None, order="random", key=None
    )
    items = [item.item.id for item in samples.sample(place, office.people["auditor"], everywhere).items]
    (thread,) = observations.threads(place, officer, ObservationFilter(case=outside))
    theirs = {"a": reports.of_case(place, officer, outside)[0].report.id}
    visitor = Visitor(app)
    visitor.sign_in(here, office.PASSWORD)
    desk = visitor.get("/audit").page.text
    assert "Dedans" in desk
    assert "Secret" not in desk
    assert "Partout" not in desk
    visitor.get(url(inside, "/audit"))
    visitor.get(url(inside, "/reports/compare"))
    visitor.get(url(outside, "/audit"), 404)
    visitor.get(url(outside, "/reports/compare"), 404)
    visitor.get(f"/reports/{UUID(theirs['a'])}/replay", 404)
    visitor.get(f"/audit/samples/{UUID(everywhere)}", 404)
    visitor.get(f"/audit/samples/{UUID(everywhere)}/export.xlsx", 404)
    for item in items:
        visitor.get(f"/audit/items/{UUID(item)}", 404)
    visitor.post(url(outside, "/audit"), 404, kind="finding", text="x", report_id="")
    visitor.post(f"/observations/{UUID(thread.listed.observation.id)}/close", 404)
    page = draw(visitor, size="").page
    assert "Dedans" in page.text
    assert "Secret" not in page.text
    assert "IA-002" not in page.text
    form = visitor.get("/audit/samples/new").page.html
    assert 'name="site"' not in form
    assert "Secret" not in form


def test_other_readers_see_findings_and_write_none(visit, place, office, cases):
    observations.record(place, office.people["auditor"], cases[0], kind="finding", text="Pas de preuve")
    for role in (Role.LEGAL_EDITOR, Role.ADMINISTRATOR):
        page = visit(role.value).get(url(cases[0], "/audit")).page
        assert "Pas de preuve" in page.text
        assert "<textarea" not in page.html
    visit("contributor").get("/audit", 403)
    visit("contributor").get(url(cases[0], "/audit"), 403)


def test_the_desk_filters(visit, place, office, cases):
    auditor = visit("auditor")
    for number, kind in enumerate(("finding", "remark", "finding")):
        observations.record(place, office.people["auditor"], cases[number], kind=kind, text=f"Texte {number}")
    assert "Texte 1" not in auditor.get("/audit?kind=finding").page.text
    assert "Texte 0" in auditor.get("/audit?kind=finding&mine=1").page.text
    assert "Texte" not in auditor.get("/audit?state=closed").page.text
    for query in ("state=x", "kind=%00", "page=99", "page=-1", "mine=x"):
        auditor.get(f"/audit?{query}")


def test_both_languages(app, office, two_reports):
    case_id, first, _ = two_reports
    visitor = Visitor(app)
    visitor.sign_in(office.people["auditor"], office.PASSWORD)
    visitor.post("/language", language="en", back="/audit", follow=False)
    visitor.language = "en"
    assert "Draw a sample" in visitor.get("/audit").page.text
    assert "Duties that went" in visitor.get(url(case_id, "/reports/compare")).page.text
    assert "Identical." in visitor.get(f"/reports/{UUID(first)}/replay").page.text

"""Answering questions through the pages, alone and together."""

import io
import re
from uuid import UUID

import pytest

from compliance.operations import answers, dossiers, handing_over
from compliance.storage import answers as stored
from tests.web.visitor import Visitor


def url(case_id, rest=""):
    return f"/use-cases/{UUID(case_id)}{rest}"


def standing(place, office, case_id):
    with place.database.reading() as connection:
        return stored.answers(connection, office.org, office.org, case_id)


def test_a_use_case_from_nothing_to_a_decided_level(visit, place, office):
    """Answer what is asked until the level is decided, as somebody would who classifies a spreadsheet."""
    visitor = visit("officer")
    page = visitor.get("/use-cases/new")
    page = visitor.post(
        "/use-cases/new", name="Tableur", function="", sector="", site_id="", supplier_id="", owner_id=""
    )
    assert "Sur quelle technique" in page.page.text
    here = page.request.path
    page = visitor.post(here, value="basic_processing", version="0")
    assert "Hors du champ" in page.page.text
    asked = 1
    while "/questions/" in page.request.path and asked < 40:
        fields = page.page.fields()
        page = visitor.post(page.request.path, version=fields["version"], **_any_answer(page.page))
        asked += 1
    assert page.request.path.endswith("/review")
    case_id = re.search(r"use-cases/([^/]+)", here)[1].replace("-", "")
    result = visitor.get(url(case_id)).page
    assert "Le règlement ne s'applique pas" in result.text


def _any_answer(page):
    values = [f["value"] for tag, f in page.tags if tag == "input" and f.get("name") == "value" and "value" in f]
    kinds = {f.get("type") for tag, f in page.tags if tag == "input" and f.get("name") == "value"}
    if "radio" in kinds:
        return {"value": values[0]}
    return {"none": "y"} if "checkbox" in kinds else {"unsure": "y"}


@pytest.mark.parametrize(
    ("fact", "sent", "words"),
    [
        ("technique", {}, "Choisissez une réponse"),
        ("technique", {"value": "magie"}, "Choisissez dans la liste"),
        ("absent_elements", {}, "Choisissez une réponse"),
        ("absent_elements", {"value": "no_autonomy", "none": "y"}, "ne peut aller avec"),
        ("absent_elements", {"value": ["no_autonomy", "rien"]}, "Choisissez dans la liste"),
        ("staff", {"value": "beaucoup"}, "pas un nombre"),
        ("staff", {"value": "-4"}, "staff"),
        ("staff", {"value": "12", "unsure": "y"}, "pas les deux"),
        ("technique", {"value": "machine_learning", "comment": "x" * 3000}, "2000"),
        ("technique", {"value": "machine_learning", "comment": "a\x00b"}, "caractère de contrôle"),
    ],
)
def test_bad_input_is_refused_with_words_and_the_comment_kept(visit, place, office, fact, sent, words):
    case_id = office.case()
    visitor = visit("officer")
    sent = {"comment": "vu avec l'atelier", **sent}
    page = visitor.post(url(case_id, f"/questions/{fact}"), 422, version="0", **sent).page
    assert words in page.text
    if len(sent["comment"]) < 100 and "\x00" not in sent["comment"]:
        assert "vu avec l&#39;atelier" in page.html
    assert fact not in standing(place, office, case_id)


def test_numbers_and_dates_are_read_as_french_people_write_them(visit, place, office):
    case_id = office.case()
    visitor = visit("officer")
    visitor.post(url(case_id, "/questions/turnover_eur"), version="0", value="1 250 000,50 €")
    assert standing(place, office, case_id)["turnover_eur"].value == 1250000.5
    law = place.library.law(place.library.default)
    fact = next(f.id for f in law.pack.facts.values() if f.type.value == "date")
    visitor.post(url(case_id, f"/questions/{fact}"), version="0", value="02/08/2026")
    assert standing(place, office, case_id)[fact].value == "2026-08-02"
    visitor.post(url(case_id, f"/questions/{fact}"), 422, version="1", value="31/02/2026")


def test_some_known_the_others_unknown(visit, place, office):
    case_id = office.case()
    option = place.library.law(place.library.default).pack.facts["practices"].options[0].id
    visit("officer").post(url(case_id, "/questions/practices"), version="0", value=option, unsure="y")
    kept = standing(place, office, case_id)["practices"]
    assert kept.value["selected"] == [option]
    assert option not in kept.value["unknown"]
    assert kept.value["unknown"]


def test_two_people_on_one_question_lose_nothing(visit, place, office):
    """The second to save sees the first's answer beside their own, and decides."""
    case_id = office.case()
    first, second = visit("officer"), Visitor(visit("officer").client.application)
    second.sign_in(office.people["officer"], office.PASSWORD)
    here = url(case_id, "/questions/technique")
    first.get(here)
    second.get(here)
    first.post(here, version="0", value="machine_learning", comment="réseau de neurones")
    page = second.post(here, 409, version="0", value="fixed_rules", comment="automate").page
    assert "répondu entre-temps" in page.text
    assert "Apprentissage automatique" in page.text
    assert "réseau de neurones" in page.text
    assert "automate" in page.html
    assert re.search(r'value="fixed_rules"[^>]*checked', page.html)
    assert standing(place, office, case_id)["technique"].value == "machine_learning"
    second.post(here, version=page.fields()["version"], value="fixed_rules", comment="automate")
    assert standing(place, office, case_id)["technique"].value == "fixed_rules"
    history = answers.history(place, office.people["officer"], case_id)
    assert [event.value for event in history if event.fact == "technique"] == ["fixed_rules", "machine_learning"]


def test_the_same_answer_sent_twice_is_harmless(visit, place, office):
    case_id = office.case()
    here = url(case_id, "/questions/technique")
    for _ in range(2):
        visit("officer").post(here, version="0", value="machine_learning")
    assert standing(place, office, case_id)["technique"].version == 1


def test_the_same_answer_sent_again_with_another_comment_loses_none(visit, place, office):
    case_id = office.case()
    here = url(case_id, "/questions/technique")
    visit("officer").post(here, version="0", value="machine_learning", comment="un")
    page = visit("officer").post(here, 409, version="0", value="machine_learning", comment="deux").page
    assert "deux" in page.html
    visit("officer").post(here, version=page.fields()["version"], value="machine_learning", comment="deux")
    assert standing(place, office, case_id)["technique"].comment == "deux"


def test_answers_that_no_longer_count_are_kept_and_come_back(visit, place, office):
    case_id = office.finished()
    visitor = visit("officer")

    def aside():
        return visitor.get(url(case_id, "/review")).page.html.count('class="aside"')

    def answer(value):
        version = str(standing(place, office, case_id)["technique"].version)
        visitor.post(url(case_id, "/questions/technique"), version=version, value=value)

    before = aside()
    answer("basic_processing")
    assert aside() > before
    answer("machine_learning")
    assert aside() == before
    assert "Haut risque" in visitor.get(url(case_id)).page.text


def test_i_dont_know_leaves_the_range_and_the_question_open(visit, place, office):
    case_id = office.finished()
    version = str(standing(place, office, case_id)["annex_iii_use"].version)
    visit("officer").post(url(case_id, "/questions/annex_iii_use"), version=version, unsure="y")
    dossier = dossiers.view(place, office.people["officer"], case_id)
    assert dossier.case.possible == ("high_risk", "minimal")
    page = visit("officer").get(url(case_id)).page
    assert "Pas encore tranché" in page.text


def test_an_answer_about_the_organisation_counts_everywhere(visit, place, office):
    one, two = office.finished("Un"), office.finished("Deux")
    for fact in ("established_in_union", "placed_in_union", "output_used_in_union"):
        kept = standing(place, office, two).get(fact)
        target = two if fact != "established_in_union" else one
        visit("officer").post(
            url(target, f"/questions/{fact}"), version=str(kept.version if kept else 0), value="false"
        )
    assert dossiers.view(place, office.people["officer"], two).case.level == "out_of_scope"
    page = visit("officer").get("/organisation").page
    assert "Non" in page.text


def test_a_whole_section_saves_what_was_touched(visit, place, office):
    case_id = office.case()
    visitor = visit("officer")
    page = visitor.get(url(case_id, "/sections/system")).page
    assert page.fields()["fact"]
    sent = {
        "fact": ["technique", "absent_elements"],
        "technique-value": "machine_learning",
        "technique-version": "0",
        "absent_elements-version": "0",
    }
    visitor.post(url(case_id, "/sections/system"), 200, **sent)
    found = standing(place, office, case_id)
    assert found["technique"].value == "machine_learning"
    assert "absent_elements" not in found


def test_a_colleague_answers_just_what_was_handed_over(visit, place, office):
    case_id = office.case()
    nadia = office.people["contributor"]
    page = visit("officer").post(
        url(case_id, "/hand-over"), facts=["technique", "stage"], to=nadia.person_id, note="Merci !"
    )
    assert "Contributor" in page.page.text
    visitor = visit("contributor")
    assert "Tri de CV" in visitor.get("/handed-over").page.text
    handed = handing_over.mine(place, nadia)[0].hand_over
    here = f"/handed-over/{UUID(handed.id)}"
    page = visitor.get(here).page
    assert "Sur quelle technique" in page.text
    assert "Que fait le système" not in page.text
    sent = {"fact": ["technique", "practices"], "technique-value": "machine_learning", "technique-version": "0"}
    visitor.post(here, **sent, **{"practices-none": "y", "practices-version": "0"}, done="1")
    found = standing(place, office, case_id)
    assert found["technique"].person_id == nadia.person_id
    assert "practices" not in found, "what was not handed over stays closed"
    assert handing_over.mine(place, nadia) == []
    visitor.post(url(case_id, "/questions/technique"), 403, version="1", value="fixed_rules")
    assert "Réponses reçues" in visit("officer").get("/outbox").page.text


def test_evidence_is_kept_as_it_came_and_sent_as_a_file(visit, place, office):
    case_id = office.case()
    here = url(case_id, "/questions/technique/evidence")
    pdf = (io.BytesIO(b"%PDF-1.7 notice"), "../../etc/passwd.pdf")
    visitor = visit("officer")
    visitor.get("/account")
    page = visitor.post(here, files={"file": pdf}, title="Notice du fournisseur", url="").page
    assert "Notice du fournisseur" in page.text
    link = re.search(r'href="(/evidence/[^"]+)"', page.html)[1]
    response = visitor.get(link)
    assert response.data == b"%PDF-1.7 notice"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=pyramide-")
    for content in (b"MZ\x90\x00\x03", b"<svg onload=x>\x00", b"PK\x03\x04 no archive"):
        page = visitor.post(here, 422, files={"file": (io.BytesIO(content), "x.exe")}, title="X", url="").page
        assert "genre de fichier" in page.text
    assert "commence par https" in visitor.post(here, 422, title="X", url="javascript:alert(1)").page.text


def test_the_live_panel_follows_each_answer(visit, office):
    case_id = office.case()
    visitor = visit("officer")
    visitor.get("/account")
    here = url(case_id, "/questions/technique")
    response = visitor.client.post(
        here,
        data={"csrf_token": visitor.token, "value": "machine_learning", "version": "0"},
        headers={"HX-Request": "true"},
    )
    assert response.headers["HX-Trigger"] == "answered"
    assert response.headers["HX-Push-Url"].startswith(url(case_id, "/questions/"))
    text = response.get_data(as_text=True)
    assert "<html" not in text
    assert "hx-swap-oob" in text
    panel = visitor.client.get(url(case_id, "/panel")).get_data(as_text=True)
    assert "La question qui compte le plus" in panel

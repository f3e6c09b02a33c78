"""The page of re-assessment, and what the dashboard and a result say of a new version."""

import pytest

from compliance.operations import reviews
from compliance.operations.rights import Role
from compliance.storage import cases as store
from tests.offices import Office
from tests.versions import TEXT, publish

PLAIN = "predictive_maintenance_of_a_production_line"


@pytest.fixture
def office(place):
    """Return an organisation with one person of each role, and a second officer who reviews."""
    held = {role.value: frozenset((role,)) for role in Role} | {"second": frozenset((Role.OFFICER,))}
    return Office.open(place, "Aciérie du Nord", held)


def pack_of(place, office, case_id):
    with place.database.reading() as connection:
        return store.case(connection, office.org, case_id).pack


def said(page):
    return page.text.replace("\u00a0", " ")


def test_told_on_the_dashboard_and_re_assessed_with_one_click(visit, place, office):
    screened, plain = office.finished("Tri de CV"), office.finished("Presse", PLAIN)
    version = publish(place, office)
    officer = visit("officer")
    assert "1 cas d'usage changerait sous la version 1 de" in said(officer.get("/").page)
    page = said(officer.get("/reassess").page)
    for words in (
        "Le recrutement sort de l'annexe III.",
        "approuvée par Officer",
        "Haut risque",
        "1 cas d'usage changerait",
    ):
        assert words in page, words
    result = officer.get(f"/use-cases/{screened}").page
    assert "Une version plus récente du droit est en vigueur" in said(result)
    done = officer.post(f"/reassess/{version.id}", case=screened, back=f"/use-cases/{screened}")
    assert done.request.path == f"/use-cases/{screened}"
    assert "1 cas d'usage réévalué." in said(done.page)
    assert "plus récente" not in said(done.page)
    assert pack_of(place, office, screened) == version.name
    again = officer.post(f"/reassess/{version.id}", case=screened)
    assert "Rien à faire" in said(again.page)
    assert "rien ne changerait" in said(officer.get("/").page)
    officer.post(f"/reassess/{version.id}", all="same")
    assert pack_of(place, office, plain) == version.name
    assert "Tous les cas d'usage relèvent de la version en vigueur." in said(officer.get("/reassess").page)
    log = said(officer.get("/log").page)
    assert "Cas d'usage réévalué sous une nouvelle version" in log
    assert "version 1" in log


def test_an_approved_one_asks_for_the_password(visit, place, office):
    approved, submitted = office.finished("Validé"), office.finished("Soumis")
    for case_id in (approved, submitted):
        reviews.submit(place, office.people["officer"], case_id, "")
    reviews.decide(place, office.people["second"], approved, approve=True, opinion="")
    version = publish(place, office)
    officer = visit("officer")
    assert "en cours d'examen" in said(officer.get("/reassess").page)
    refused = officer.post(f"/reassess/{version.id}", 422, all="changing", current_password="faux")
    assert "Ce n'est pas votre mot de passe." in said(refused.page)
    assert pack_of(place, office, approved) == TEXT
    done = officer.post(f"/reassess/{version.id}", case=[approved, submitted], current_password=office.PASSWORD)
    assert "1 cas d'usage réévalué." in said(done.page)
    assert "laissé tel quel" in said(done.page)
    assert [pack_of(place, office, id_) for id_ in (approved, submitted)] == [version.name, TEXT]


def test_others_look_and_strangers_see_nothing(visit, place, office):
    case_id = office.finished()
    version = publish(place, office)
    other = Office.open(place, "Autre", {role.value: frozenset((role,)) for role in Role})
    theirs = other.finished()
    for role in ("auditor", "legal_editor"):
        page = visit(role).get("/reassess").page
        assert "1 cas d'usage changerait" in said(page)
        assert not [tag for tag, found in page.tags if tag == "form" and "/reassess/" in found.get("action", "")]
        visit(role).post(f"/reassess/{version.id}", 403, case=case_id)
    visit("contributor").get("/reassess", 403)
    stranger = visit("officer", other)
    assert "changerait" not in said(stranger.get("/").page)
    assert "Le recrutement" not in said(stranger.get("/reassess").page)
    stranger.post(f"/reassess/{version.id}", 404, case=theirs)
    assert version.name not in stranger.get(f"/use-cases/{theirs}").page.html
    stranger.post(f"/use-cases/{theirs}/text", 422, pack=version.name)
    visit("officer").post(f"/reassess/{version.id}", 404, case=theirs)
    assert pack_of(place, other, theirs) == TEXT


def test_what_comes_in_is_checked_and_lists_are_cut_in_pages(visit, place, office):
    ids = [office.finished(f"Tri {number:02d}") for number in range(52)]
    version = publish(place, office)
    officer = visit("officer")
    officer.post(f"/reassess/{version.id}", 422)
    officer.post(f"/reassess/{version.id}", 422, all="closed")
    officer.post(f"/reassess/{version.id}", 400, case="' OR 1=1")
    officer.post("/reassess/" + "0" * 32, 404, case=ids[0])
    assert "Tri 51" not in said(officer.get("/reassess").page)
    for address in ("/reassess?changing=2", "/reassess?changing=99&endpoint=x&text=nul", "/reassess?changing=2&same=²"):
        assert "Tri 51" in said(officer.get(address).page)
    officer.post(f"/reassess/{version.id}", all="changing")
    assert {pack_of(place, office, id_) for id_ in ids} == {version.name}

"""From result to approval, and what it was on another day or under the other text."""

from uuid import UUID

import pytest

from compliance.operations import answers, cases, dossiers, reviews
from compliance.operations.rights import Role
from compliance.operations.workplace import RefusedError
from tests.offices import Office
from tests.web.visitor import Visitor


def url(case_id, rest=""):
    return f"/use-cases/{UUID(case_id)}{rest}"


@pytest.fixture
def two(place, app):
    """Return an office with two officers, and a visitor for each."""
    found = Office.open(place, "Deux", {"author": frozenset((Role.OFFICER,)), "validator": frozenset((Role.OFFICER,))})
    found.people["officer"] = found.people["author"]
    visitors = []
    for who in ("author", "validator"):
        visitors.append(Visitor(app))
        visitors[-1].sign_in(found.people[who], found.PASSWORD)
    return found, *visitors


def test_the_result_says_why_with_articles_answers_and_authors(visit, office):
    case_id = office.finished()
    text = visit("officer").get(url(case_id)).page.text
    for words in ("Haut risque", "Pourquoi", "annexe III, point 4", "Officer", "Pourquoi pas un niveau plus haut"):
        assert words in text, words
    for words in ("Ce qui changerait le niveau", "Ce qu'il faut faire", "Selon l'autre texte", "2026-07-27"):
        assert words in text, words


def test_submitted_by_one_approved_by_another_superseded_by_the_next(two, place):
    office, author, validator = two
    case_id = office.finished()
    author.post(url(case_id, "/submit"), note="À relire")
    author.post(url(case_id, "/decide"), 422, decision="approve", opinion="")
    assert "autre personne" in author.get(url(case_id)).page.text
    author.post(url(case_id, "/questions/technique"), 422, version="2", value="fixed_rules")
    validator.post(url(case_id, "/decide"), 422, decision="return", opinion=" ")
    validator.post(url(case_id, "/decide"), decision="return", opinion="Revoir la technique")
    assert "Revoir la technique" in author.get(url(case_id)).page.text
    author.post(url(case_id, "/submit"), note="")
    validator.post(url(case_id, "/decide"), decision="approve", opinion="Vu")
    author.post(url(case_id, "/reopen"), 422, current_password="faux mot de passe")
    author.post(url(case_id, "/reopen"), current_password=office.PASSWORD)
    assert "reste validée" in author.get(url(case_id)).page.text
    author.post(url(case_id, "/submit"), note="")
    validator.post(url(case_id, "/decide"), decision="approve", opinion="")
    found = reviews.assessments(place, office.people["author"], case_id)
    assert [item.state for item in found] == ["approved", "superseded", "returned"]
    assert found[0].answers, "answers are frozen with it"
    text = author.get(url(case_id, "/history")).page.text
    assert "Remplacée" in text
    assert "Validator" in text


def test_what_is_frozen_does_not_change_with_the_answers(two, place):
    office, author, validator = two
    case_id = office.finished()
    author.post(url(case_id, "/submit"), note="")
    validator.post(url(case_id, "/decide"), decision="approve", opinion="")
    author.post(url(case_id, "/reopen"), current_password=office.PASSWORD)
    officer = office.people["author"]
    version = dossiers.view(place, officer, case_id).answers["technique"].version
    answers.record(place, officer, case_id, "technique", answers.Given("basic_processing"), version)
    assert dossiers.view(place, officer, case_id).case.level == "out_of_scope"
    assert reviews.assessments(place, officer, case_id)[0].possible == ("high_risk",)


def test_what_changed_between_two_days(visit, place, office, clock):
    case_id = office.finished()
    clock.forward(days=3)
    officer = office.people["officer"]
    version = dossiers.view(place, officer, case_id).answers["technique"].version
    answers.record(place, officer, case_id, "technique", answers.Given("basic_processing"), version)
    visitor = Visitor(visit("auditor").client.application)
    visitor.sign_in(office.people["auditor"], office.PASSWORD)
    page = visitor.get(url(case_id, "/compare?before=2026-11-24&after=2026-11-27")).page
    assert "Apprentissage automatique" in page.text
    assert "Hors du champ" in page.text
    assert "Obligations disparues" in page.text
    assert "deux dates" in visitor.get(url(case_id, "/compare?before=hier&after="), 422).page.text


def test_under_the_text_of_2024_and_back(visit, place, office):
    case_id = office.finished()
    visitor = visit("officer")
    visitor.post(url(case_id, "/text"), pack="ai-act")
    assert dossiers.view(place, office.people["officer"], case_id).case.pack == "ai-act"
    visitor.post(url(case_id, "/text"), pack="ai-act-2026")
    assert dossiers.view(place, office.people["officer"], case_id).case.level == "high_risk"
    with pytest.raises(RefusedError):
        cases.change_text(place, office.people["officer"], case_id, "../secrets")


def test_every_duty_applies_or_not_and_why(visit, office):
    case_id = office.finished()
    text = visit("auditor").get(url(case_id, "/applicability")).page.text
    assert "Vise un autre rôle" in text
    assert "Ses conditions ne sont pas réunies" in text
    assert text.count("s'applique") > 150


def test_a_case_that_is_approved_reads_for_the_auditor_without_forms(visit, office):
    case_id = office.finished()
    page = visit("auditor").get(url(case_id)).page
    assert "Soumettre pour avis" not in page.text
    assert "Continuer à répondre" not in page.text

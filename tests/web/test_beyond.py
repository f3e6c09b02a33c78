"""Beside the Act: other laws of a use case, concerns of the organisation, and the words of a trade."""

from uuid import UUID

from compliance.operations import answers, dossiers
from compliance.operations.answers import Given
from compliance.operations.dossiers import Right


def url(case_id, page=""):
    return f"/use-cases/{UUID(case_id)}{page}"


def test_a_trade_is_asked_once_and_what_follows_is_shown_with_its_article(visit, place, office):
    case_id = office.case("Aide au diagnostic")
    for fact, value in (("technique", "machine_learning"), ("sector", "medical_devices")):
        answers.record(place, office.people["officer"], case_id, fact, Given(value, False, ""), 0)
    use = next(
        option.id
        for option in place.library.law(place.library.default).pack.facts["medical_devices_use"].options
        if option.id not in ("plant_or_office", "something_else")
    )
    answers.record(place, office.people["officer"], case_id, "medical_devices_use", Given(use, False, ""), 0)
    page = visit("officer").get(url(case_id, "/review")).page
    assert "Suit de vos réponses" in page.text
    dossier = dossiers.view(place, office.people["officer"], case_id, Right.READ_CASE)
    derived = dossier.law.state(dossier.facts).derived
    assert derived
    visitor = visit("officer")
    fact = next(iter(derived))
    assert "ne compte plus" not in visitor.get(url(case_id, f"/questions/{fact}")).page.text


def test_other_laws_of_a_use_case_are_said_with_what_they_ask(visit, place, office):
    case_id = office.finished()
    visitor = visit("officer")
    page = visitor.get(url(case_id, "/beyond")).page
    assert "Autres textes" in page.text
    assert "questions sont ouvertes pour les autres textes" in page.text
    answers.record(place, office.people["officer"], case_id, "personal_data", Given(True, False, ""), 0)
    page = visitor.get(url(case_id, "/beyond")).page
    assert "RGPD" in page.text
    assert "La même preuve sert" in page.text
    before = dossiers.view(place, office.people["officer"], case_id).case.levels
    assert "transparency" not in page.text
    visitor.get(url(case_id, "/sections/regimes"))
    assert dossiers.view(place, office.people["officer"], case_id).case.levels == before


def test_concerns_are_placed_on_a_scale_and_their_gaps_are_shown(visit, place, office):
    visitor = visit("administrator")
    page = visitor.get("/concerns").page
    assert "Politique d'IA" in page.text
    fields = {}
    controls = [c for c in place.library.law(place.library.default).pack.controls.values() if c.module == "policy"]
    for control in controls:
        fields |= {f"{control.id}-value": "informal", f"{control.id}-version": "0", f"{control.id}-comment": ""}
    page = visitor.post("/concerns/policy", **fields).page
    assert "Enregistré" in page.text
    assert "sous la cible" in page.text
    assert controls[0].action.fr in page.text
    with place.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM answer").scalar() == len(controls)
    again = visitor.post("/concerns/policy", 422, **{**fields, f"{controls[0].id}-value": "magic"}).page
    assert "Certaines réponses ne sont pas enregistrées" in again.text


def test_a_control_that_somebody_changed_meanwhile_is_not_overwritten(visit, place, office):
    control = next(
        c.id for c in place.library.law(place.library.default).pack.controls.values() if c.module == "policy"
    )
    administrator = office.people["administrator"]
    answers.record_organisation(place, administrator, control, Given("applied", False, ""), 0)
    page = (
        visit("administrator")
        .post("/concerns/policy", 409, **{f"{control}-value": "nothing", f"{control}-version": "0"})
        .page
    )
    assert "Quelqu'un d'autre a répondu" in page.text
    standing = answers.organisation_answers(place, administrator)[control]
    assert standing.value == "applied"

"""The dashboard, the log, the organisation, the example."""

import re
from uuid import UUID

import pytest
from sqlalchemy.exc import DatabaseError

from compliance.operations import demo, organisation
from compliance.operations.rights import Role
from compliance.storage import audit
from tests.offices import Office
from tests.storage.guards import unguard
from tests.web.visitor import Visitor


def test_the_dashboard_counts(visit, office):
    assert "Par où commencer" in visit("officer").get("/").page.text
    office.finished()
    office.case("Ouvert")
    text = visit("auditor").get("/").page.text
    for words in ("2 cas d'usage", "1 non tranché", "Haut risque : 1", "Ce qui trancherait le plus"):
        assert words.replace(" ", "") in text.replace("\u00a0", "").replace(" ", ""), words
    assert "Ouvert" in visit("officer").get("/use-cases/settle").page.text


def test_the_log_shows_who_did_what_and_that_it_is_whole(visit, place, office):
    office.finished()
    page = visit("auditor").get("/log?check=1").page
    assert "telles qu'elles ont été écrites" in page.text
    assert "Réponses présumées confirmées" in page.text
    assert "machine_learning" not in page.text, "answers themselves stay out of the log"


def test_the_log_only_grows(place, office):
    office.case()
    for statement in ("UPDATE audit_entry SET what = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(DatabaseError, match="the log only grows"), place.database.writing() as connection:
            connection.exec_driver_sql(statement)


def test_a_line_changed_behind_our_back_is_named(visit, place, office):
    office.case()
    with place.database.writing() as connection:
        unguard(connection, "audit_entry")
        connection.exec_driver_sql("UPDATE audit_entry SET what = 'nothing' WHERE seq = 2")
    assert "La ligne 2" in visit("auditor").get("/log?check=1").page.text
    with place.database.reading() as connection:
        assert audit.broken_at(connection, office.org) == 2


def test_sites_and_suppliers(visit, place, office):
    visitor = visit("officer")
    visitor.post("/organisation/site", name="Figeac")
    assert "existe déjà" in visitor.post("/organisation/site", 422, name="figeac").page.text
    assert "nécessaire" in visitor.post("/organisation/supplier", 422, name=" ").page.text
    site = organisation.named(place, office.people["officer"], "site")[0][0]
    visitor.post("/use-cases/new", name="X", site_id=site.id)
    assert "encore question" in visitor.post(f"/organisation/site/{UUID(site.id)}", 422, remove="1").page.text
    visitor.post(f"/organisation/site/{UUID(site.id)}", name="Figeac – usinage")
    assert "Figeac – usinage" in visitor.get("/organisation").page.text
    visitor.post("/organisation/planet", 404, name="x")


def test_an_administrator_opens_the_example(app, place):
    office = Office.open(place, "Aciérie", {"chief": frozenset((Role.ADMINISTRATOR, Role.OFFICER))})
    visitor = Visitor(app)
    visitor.sign_in(office.people["chief"], office.PASSWORD)
    assert "exemple complet" in visitor.get("/").page.text
    page = visitor.post("/organisation/add-example").page
    assert "Groupe Mécavia" in page.text
    assert "inventés" in page.text


def test_the_example_shows_everything_and_goes_with_one_click(app, place):
    roles = frozenset((Role.ADMINISTRATOR, Role.OFFICER))
    office = Office.open(place, "Aciérie", {"chief": roles})
    assert demo.add(place)
    assert not demo.add(place), "only once"
    visitor = Visitor(app)
    visitor.sign_in(office.people["chief"], office.PASSWORD)
    with place.database.reading() as connection:
        example = connection.exec_driver_sql("SELECT id FROM organisation WHERE example").scalar_one()
    visitor.get("/account")
    page = visitor.post("/organisation/enter", organisation=example).page
    assert "Groupe Mécavia" in page.text
    assert "inventés" in page.text
    for link in ("/use-cases", "/actions", "/actions/timeline", "/organisation", "/people", "/log", "/outbox"):
        assert "inventés" in visitor.get(link).page.text, link
    with place.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT state, id, case_id FROM supplier_request").all()
    asked = {state: (UUID(hex=id_), UUID(hex=case_id)) for state, id_, case_id in found}
    assert set(asked) == {"open", "sent"}
    assert "chez le fournisseur" in visitor.get(f"/use-cases/{asked['open'][1]}/supplier").page.text
    back = visitor.get(f"/supplier-requests/{asked['sent'][0]}").page
    review = visitor.get(f"/use-cases/{asked['sent'][1]}/review").page
    for page in (back, review):
        said = set(re.findall(r'<span class="answer">([^<]*)', page.html))
        assert {"Oui", "Non"} & said
        assert not {"true", "false"} & said
    assert "Je ne sais pas" in back.text
    visitor.post("/organisation/remove-example")
    page = visitor.get("/")
    assert "Aciérie" in page.page.text
    assert "Mécavia" not in page.page.text
    with place.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM organisation").scalar_one() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM person").scalar_one() == 1
    visitor.get("/account")
    visitor.post("/organisation/remove-example", 422)

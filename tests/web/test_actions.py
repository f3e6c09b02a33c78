"""The action plan: follows the law, loses nothing that somebody did, reminds."""

import io
from datetime import date
from uuid import UUID

import openpyxl

from compliance.operations import actions, answers, dossiers, post
from compliance.storage.actions import ActionFilter


def plan(place, office, case_id):
    return {item.obligation: item for item in actions.of_case(place, office.people["officer"], case_id)}


def change(place, office, action, **values):
    kept = {"state": action.state, "comment": action.comment, "owner_id": action.owner_id, "due": action.due}
    actions.change(place, office.people["officer"], action.id, action.version, **{**kept, **values})


def technique(place, office, case_id, value):
    officer = office.people["officer"]
    version = dossiers.view(place, officer, case_id).answers["technique"].version
    answers.record(place, officer, case_id, "technique", answers.Given(value), version)


def test_duties_become_actions_with_a_date(place, office):
    found = plan(place, office, office.finished())
    literacy = found["ai_literacy_deployer"]
    assert literacy.due == date(2026, 12, 24), "in application already: a month to catch up"
    assert any(item.due and item.due.year >= 2027 for item in found.values()), "later duties at their day"


def test_what_was_done_survives_a_new_assessment(place, office):
    case_id = office.finished()
    done = plan(place, office, case_id)["ai_literacy_deployer"]
    change(place, office, done, state="done", comment="Formation du 12 mai", due=date(2027, 1, 15))
    technique(place, office, case_id, "basic_processing")
    gone = plan(place, office, case_id)
    assert not any(item.needed for item in gone.values())
    assert gone["ai_literacy_deployer"].comment == "Formation du 12 mai"
    technique(place, office, case_id, "machine_learning")
    back = plan(place, office, case_id)["ai_literacy_deployer"]
    assert (back.needed, back.state, back.due) == (True, "done", date(2027, 1, 15))


def test_an_action_changed_by_its_owner_and_by_two_at_once(visit, place, office):
    case_id = office.finished()
    action = plan(place, office, case_id)["ai_literacy_deployer"]
    nadia = office.people["contributor"]
    change(place, office, action, owner_id=nadia.person_id)
    visitor, here = visit("contributor"), f"/actions/{UUID(action.id)}"
    version = visitor.get(here).page.fields()["version"]
    visitor.post(here, state="in_progress", comment="Commencé", version=version)
    page = visit("officer").post(here, 409, state="done", comment="Fini", version=version, owner_id="", due="").page
    assert "Commencé" in page.text
    assert "Fini" in page.html
    assert plan(place, office, case_id)["ai_literacy_deployer"].state == "in_progress"
    assert plan(place, office, case_id)["ai_literacy_deployer"].owner_id == nadia.person_id
    assert "Tri de CV" in visitor.get("/actions").page.text
    other = next(item for item in plan(place, office, case_id).values() if item.owner_id is None)
    visitor.get(f"/actions/{UUID(other.id)}", 404)


def test_not_applicable_asks_why(visit, place, office):
    action = plan(place, office, office.finished())["ai_literacy_deployer"]
    sent = {"state": "not_applicable", "comment": "", "version": str(action.version), "owner_id": "", "due": ""}
    assert "sans objet" in visit("officer").post(f"/actions/{UUID(action.id)}", 422, **sent).page.text


def test_many_at_once(visit, place, office):
    case_id = office.finished()
    ids = [item.id for item in plan(place, office, case_id).values()][:3]
    nadia = office.people["contributor"]
    visitor = visit("officer")
    visitor.get("/actions")
    page = visitor.post("/actions", ids=ids, state="", owner_id=nadia.person_id, due="2027-03-01").page
    assert "Actions modifiées" in page.text
    assert sum(item.owner_id == nadia.person_id for item in plan(place, office, case_id).values()) == 3
    assert "au moins une ligne" in visitor.post("/actions", 422, state="done", owner_id="", due="").page.text
    assert "date" in visitor.post("/actions", 422, ids=ids, state="", owner_id="", due="hier").page.text.lower()


def test_reminders_a_month_a_week_a_day_before_and_when_overdue_each_once(visit, place, office, clock):
    action = plan(place, office, office.finished())["ai_literacy_deployer"]
    nadia = office.people["contributor"]
    change(place, office, action, owner_id=nadia.person_id, due=date(2027, 3, 1))
    for day, count in (
        ((2027, 1, 15), 0),
        ((2027, 2, 1), 1),
        ((2027, 2, 3), 0),
        ((2027, 2, 22), 1),
        ((2027, 2, 28), 1),
        ((2027, 3, 2), 1),
        ((2027, 3, 9), 0),
    ):
        clock.now = clock.now.replace(year=day[0], month=day[1], day=day[2])
        assert post.write_reminders(place) == count, day
    mails = [mail for mail in post.outbox(place, office.people["officer"]) if mail.kind.startswith("reminder")]
    assert len(mails) == 4
    assert all(mail.address == nadia.email and f"/actions/{action.id}" in mail.body for mail in mails)
    change(place, office, plan(place, office, action.case_id)["ai_literacy_deployer"], state="done")
    clock.forward(days=400)
    assert post.write_reminders(place) == 0


def test_the_plan_as_picture_and_sheet(visit, place, office):
    case_id = office.finished()
    page = visit("auditor").get("/actions/timeline").page
    assert "IA-001 Tri de CV" in page.text
    book = openpyxl.load_workbook(io.BytesIO(visit("auditor").get(f"/actions/export.xlsx?case={case_id}").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0][:3] == ("N°", "Cas d'usage", "Action")
    assert len(rows) - 1 == len(plan(place, office, case_id))


def test_the_listing_filters(visit, place, office):
    office.finished()
    officer = office.people["officer"]
    everything, total = actions.search(place, officer, ActionFilter(), 1)
    assert len(everything) == total
    for query in ("state=overdue", "state=done", "owner=none", "due=30", "state=x", "owner=x", "page=9"):
        visit("officer").get(f"/actions?{query}")

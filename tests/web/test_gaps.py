"""Gaps of controls are actions: of a use case, or of the organisation; they come and go with the answers."""

import io
from datetime import date
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy.exc import IntegrityError

from compliance.assessment.action_plan import after_months, gap_key
from compliance.operations import actions, answers, concerns, dossiers, freezing, post
from compliance.operations.answers import Given
from compliance.operations.rights import Role
from compliance.operations.workplace import NotAllowedError, NotFoundError, Unit
from compliance.reports import pages
from compliance.reports.forms import FORMS
from compliance.reports.recomputing import recompute
from compliance.reports.record import of_portfolio
from compliance.reports.word_values import values
from compliance.reports.words import Words
from compliance.storage import actions as store
from compliance.storage.actions import ActionFilter
from compliance.storage.cases import Filter
from compliance.text import Text
from tests.offices import Office

OF_CASE = "frugality_footprint_measured"
ENVELOPE = {
    "organisation": {"name": "Aciérie du Nord", "logo": None},
    "number": None,
    "language": "fr",
    "made": {"at": "2026-11-24T09:00:00+00:00", "by": "Officer"},
    "supersedes": None,
    "log": None,
}


def place_control(place, office, case_id, value, control=OF_CASE):
    officer = office.people["officer"]
    standing = dossiers.view(place, officer, case_id).answers.get(control)
    answers.record(place, officer, case_id, control, Given(value), standing.version if standing else 0)


def of_case(place, office, case_id):
    found = actions.of_case(place, office.people["officer"], case_id)
    return {action.obligation: action for action in found if action.obligation.startswith("control:")}


def control_of(place, module="policy"):
    controls = place.library.law(place.library.default).pack.controls.values()
    return next(c for c in controls if c.module == module and c.of.value == "organisation")


def answer_whole(place, office, value, version=0):
    control = control_of(place)
    answers.record_organisation(place, office.people["administrator"], control.id, Given(value), version)
    found = actions.of_organisation(place, office.people["officer"])
    return next((action for action in found if action.obligation == gap_key(control.id)), None)


def change(place, office, action, **values):
    kept = {"state": action.state, "comment": action.comment, "owner_id": action.owner_id, "due": action.due}
    actions.change(place, office.people["officer"], action.id, action.version, **{**kept, **values})


def test_a_gap_of_a_use_case_comes_goes_and_comes_back(visit, place, office, clock):
    case_id = office.finished()
    before = dossiers.view(place, office.people["officer"], case_id).case
    assert not of_case(place, office, case_id), "nobody placed a control yet"
    place_control(place, office, case_id, "informal")
    control = place.library.law(place.library.default).pack.controls[OF_CASE]
    gap = of_case(place, office, case_id)[gap_key(OF_CASE)]
    assert (gap.needed, gap.state, gap.due) == (True, "to_do", date(2027, 8, 24))
    assert dossiers.view(place, office.people["officer"], case_id).case.levels == before.levels
    page = visit("officer").get(f"/use-cases/{UUID(case_id)}/actions").page
    assert control.action.fr in page.text
    assert "Préoccupation" in page.text
    assert f"/actions/{UUID(gap.id)}" in visit("officer").get(f"/use-cases/{UUID(case_id)}/beyond").page.html
    change(place, office, gap, state="done", comment="Mesuré en mai")
    clock.forward(days=40)
    place_control(place, office, case_id, "nothing")
    assert of_case(place, office, case_id)[gap.obligation].due == date(2027, 8, 24), "proposed once"
    place_control(place, office, case_id, "applied")
    assert not of_case(place, office, case_id)[gap.obligation].needed
    place_control(place, office, case_id, "informal")
    back = of_case(place, office, case_id)[gap.obligation]
    assert (back.id, back.needed, back.state, back.comment) == (gap.id, True, "to_do", "Mesuré en mai")
    assert back.due == date(2027, 10, 3), "a new time from the day on which it opened again"
    place_control(place, office, case_id, None)
    assert not of_case(place, office, case_id)[gap.obligation].needed, "an answer taken back is no gap"


def test_the_plan_holds_the_gaps_that_the_pages_list(place, office):
    case_id = office.finished()
    pack = place.library.law(place.library.default).pack
    for number, control in enumerate(pack.controls.values()):
        if number % 4 == 0:
            place_control(place, office, case_id, "nothing" if number % 8 else "applied", control.id)
    dossier = dossiers.view(place, office.people["officer"], case_id)
    outcome = place.library.outcome(dossier.law, dossier.facts, place.today())
    listed = [item.control for concern in outcome.concerns for item in concern.gaps]
    own = {gap_key(control.id) for control in listed if control.of.value == "use_case"}
    whole = {gap_key(control.id) for control in listed if control.of.value == "organisation"}
    assert {action.obligation for action in of_case(place, office, case_id).values() if action.needed} == own
    found = actions.of_organisation(place, office.people["officer"])
    assert {action.obligation for action in found if action.needed} == whole
    assert own
    assert whole


def test_a_gap_of_the_organisation_is_an_action_without_a_use_case(visit, place, office):
    office.finished()
    control = control_of(place)
    gap = answer_whole(place, office, "informal")
    assert (gap.case_id, gap.due) == (None, after_months(place.today(), control.months))
    visitor, here = visit("officer"), f"/actions/{UUID(gap.id)}"
    listing = visitor.get("/actions?about=concerns").page
    assert control.action.fr in listing.text
    assert "Organisation" in listing.text
    assert "1 action" in listing.text
    assert control.action.fr not in visitor.get("/actions?about=act").page.text
    page = visitor.get(here).page
    assert control.evidence.fr in page.text
    assert f"/concerns#c-{control.module}" in page.html
    version = page.fields()["version"]
    due = gap.due.isoformat()
    visitor.post(here, state="in_progress", comment="Rédigée", owner_id="", due=due, version=version)
    visitor.get("/actions")
    visitor.post("/actions", ids=[gap.id], state="", owner_id=office.people["contributor"].person_id, due="")
    assert f'href="{here}"' in visitor.get("/concerns").page.html
    timeline = visitor.get("/actions/timeline").page
    assert 'href="/concerns"' in timeline.html
    assert control.action.fr[:40] in visit("administrator").get("/log").page.text
    book = openpyxl.load_workbook(io.BytesIO(visitor.get("/actions/export.xlsx").data))
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if row[2] == control.action.fr]
    assert [row[1] for row in rows] == ["Organisation"]
    visitor.get("/")
    assert not answer_whole(place, office, "measured", 1).needed
    assert answer_whole(place, office, "informal", 2).comment == "Rédigée"
    with place.database.writing() as connection:
        twice = dossiers.new_action(None, gap.obligation, None, Unit(connection, office.org, None, place.clock()))
        with pytest.raises(IntegrityError):
            store.add_actions(connection, office.org, [twice])


def test_who_may_see_an_action_of_the_organisation(visit, place, office):
    gap = answer_whole(place, office, "nothing")
    here = f"/actions/{UUID(gap.id)}"
    bound = office.bound(site_id=office.site("Figeac"))
    change(place, office, gap, owner_id=bound.person_id)
    visit("bound").get(here, 404)
    with pytest.raises(NotAllowedError):
        actions.of_organisation(place, bound)
    visit("contributor").get(here, 404)
    visit("auditor").get(here)
    gap = answer_whole(place, office, "informal", 1)
    change(place, office, gap, owner_id=office.people["contributor"].person_id)
    control = control_of(place)
    assert control.action.fr in visit("contributor").get(here).page.text
    assert control.action.fr in visit("contributor").get("/actions").page.text
    other = Office.open(place, "Ailleurs", {"officer": frozenset((Role.OFFICER,))})
    visit("officer", other).get(here, 404)
    with pytest.raises(NotFoundError):
        actions.change_many(place, other.people["officer"], [gap.id], state="done", owner_id=None, due=None)
    assert actions.everything(place, other.people["officer"], ActionFilter()) == []


def test_its_owner_is_reminded(place, office, clock):
    gap = answer_whole(place, office, "nothing")
    change(place, office, gap, owner_id=office.people["contributor"].person_id, due=date(2026, 12, 1))
    assert post.write_reminders(place) == 1
    mail = next(mail for mail in post.outbox(place, office.people["officer"]) if mail.kind.startswith("reminder"))
    assert mail.subject.endswith("Aciérie du Nord")
    assert control_of(place).action.fr in mail.body
    assert "None" not in mail.subject + mail.body


def test_a_plan_that_lags_behind_the_text_is_brought_in_line(place, office):
    gap = answer_whole(place, office, "nothing")
    assert concerns.follow_all(place) == 0
    with place.database.writing() as connection:
        store.mark(connection, office.org, [gap.id], needed=False)
    assert concerns.follow_all(place) == 1
    assert next(iter(actions.of_organisation(place, office.people["officer"]))).needed


def test_reports_hold_planned_gaps_beside_the_duties(place, office):
    case_id = office.finished()
    place_control(place, office, case_id, "nothing")
    control = place.library.law(place.library.default).pack.controls[OF_CASE]
    change(place, office, of_case(place, office, case_id)[gap_key(OF_CASE)], comment="Compteur commandé")
    dossier = dossiers.view(place, office.people["officer"], case_id)
    with place.database.reading() as connection:
        record = freezing.use_case(connection, place, dossier, ENVELOPE, office.org)
    assert [a["comment"] for a in record["actions"] if a["obligation"] == gap_key(OF_CASE)] == ["Compteur commandé"]
    rows = list(openpyxl.load_workbook(io.BytesIO(FORMS["xlsx"].make(record, "fr"))).worksheets[0].values)
    row = dict(zip(rows[0], rows[-1], strict=True))
    assert (row["Ce qu'il faut faire"], row["Commentaire"]) == (control.action.fr, "Compteur commandé")
    calendar = FORMS["ics"].make(record, "fr").decode().replace("\r\n ", "").replace("\\,", ",")
    assert control.action.fr in calendar
    html = pages.page(record, "fr").html
    assert "Écarts des contrôles" in html
    assert "Compteur commandé" in html
    duties = values(record, Words("fr"), lambda _citations: "")["duties"]
    assert [duty["applies"] for duty in duties if duty["comment"]] == ["écart d'un contrôle"]
    with place.database.reading() as connection:
        found = freezing.portfolio_cases(connection, place, office.org, Filter(), {})
    many = of_portfolio(Text("Tout", "All"), Text("tous", "all"), found, place.today(), ENVELOPE)
    assert control.action.fr in FORMS["ics"].make(many, "fr").decode().replace("\r\n ", "").replace("\\,", ",")
    assert gap_key(OF_CASE) not in pages.page(many, "fr").html, "its words stand there, not its key"
    for made in (record, many):
        again = recompute(made, lambda _hash: dossier.law.program)
        assert [(one.known, one.differences) for one in again] == [(True, ())]

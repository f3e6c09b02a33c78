"""Reports from the wish to the signed file: frozen, numbered, on the log, never changed."""

import io
import json
import zipfile
from dataclasses import replace

import pikepdf
import pytest
from sqlalchemy.exc import DatabaseError

from compliance.config import Signing
from compliance.operations import answers, cases, demo, handing_out, law_kept, making, organisation, reports
from compliance.operations.cases import Description
from compliance.operations.rights import Role
from compliance.operations.workplace import Actor, NotAllowedError, NotFoundError, RefusedError
from compliance.reports.recomputing import recompute
from compliance.storage import audit, organisations, people
from compliance.storage import reports as store
from compliance.storage.cases import Filter
from compliance.storage.reports import Wanted
from compliance.storage.rows import new_id
from tests.offices import Office


def ask(office, case_id, **how):
    how = {"form": "summary", "language": "fr", "issue": True} | how
    return reports.ask(office.place, office.people["officer"], case_id, **how)


def made(office, id_):
    assert making.make(office.place, "tester", office.org, id_)
    return reports.pdf(office.place, office.people["officer"], id_)


def log_of(office):
    with office.place.database.reading() as connection:
        return audit.entries(connection, office.org, limit=50)


def test_an_issued_report_is_numbered_frozen_and_on_the_log(office):
    case_id = office.finished()
    with office.place.database.reading() as connection:
        size, root = audit.head(connection, office.org)
    id_ = ask(office, case_id)
    report, content = made(office, id_)
    assert report.number == "R-2026-0001"
    record = reports.record(office.place, office.people["auditor"], id_)[1]
    assert record["log"] == {"size": size, "root": root}
    lines = [line for line in log_of(office) if line.what.startswith("report.")]
    assert [line.what for line in lines] == ["report.made", "report.issued"]
    assert lines[0].detail["sha256"] == report.sha256
    with pikepdf.open(io.BytesIO(content)) as pdf:
        inside = json.loads(pdf.attachments["pyramide-report.json"].get_file().read_bytes())
    assert inside == record


def test_the_store_itself_refuses_to_change_what_was_issued(office):
    id_ = ask(office, office.finished())
    made(office, id_)
    for change in ("record = pdf", "pdf = record", "number = 'R-2026-0009'", "at = '2020-01-01'"):
        with office.place.database.writing() as connection, pytest.raises(DatabaseError, match="never changes"):
            connection.exec_driver_sql(f"UPDATE report SET {change} WHERE id = '{id_}'")
    with office.place.database.writing() as connection, pytest.raises(DatabaseError, match="never changes"):
        connection.exec_driver_sql(f"DELETE FROM report WHERE id = '{id_}'")


def test_a_later_report_supersedes_and_the_earlier_stays(office):
    case_id = office.finished()
    first, second = ask(office, case_id), None
    before = made(office, first)[1]
    second = ask(office, case_id, language="en")
    made(office, second)
    lines = reports.of_case(office.place, office.people["auditor"], case_id)
    assert [(line.report.number, line.superseded_by) for line in lines] == [
        ("R-2026-0002", None),
        ("R-2026-0001", "R-2026-0002"),
    ]
    assert reports.pdf(office.place, office.people["auditor"], first)[1] == before
    assert reports.record(office.place, office.people["officer"], second)[1]["supersedes"] == "R-2026-0001"


def test_a_draft_has_no_number_no_head_and_no_signature(office):
    id_ = ask(office, office.finished(), issue=False)
    report, content = made(office, id_)
    assert report.number is None
    assert b"/ByteRange" not in content
    assert reports.record(office.place, office.people["officer"], id_)[1]["log"] is None
    with pytest.raises(NotFoundError):
        reports.pdf(office.place, office.people["auditor"], id_)


def test_a_form_sent_twice_asks_once(office):
    case_id, key = office.finished(), new_id()
    assert ask(office, case_id, key=key) == ask(office, case_id, key=key) == key
    assert len(reports.of_case(office.place, office.people["officer"], case_id)) == 1


def test_presumed_answers_are_not_issued(office):
    officer = office.people["officer"]
    facts = office.place.library.law(office.place.library.default).pack.catalogue["customer_chatbot"].facts
    case_id = cases.begin(office.place, officer, Description("Robot"), presumed=facts)
    with pytest.raises(RefusedError, match="presumed_left"):
        ask(office, case_id)
    made(office, ask(office, case_id, issue=False))


def test_what_is_answered_later_is_not_in_the_report(office):
    case_id = office.finished()
    id_ = ask(office, case_id)
    standing = reports.record(office.place, office.people["officer"], id_)[1]
    answers.record(office.place, office.people["officer"], case_id, "profiling", answers.Given(False), 2)
    made(office, id_)
    assert reports.record(office.place, office.people["officer"], id_)[1] == standing


def test_only_officers_ask_and_others_are_not_there(office, place):
    case_id = office.finished()
    for role in ("auditor", "contributor", "legal_editor", "administrator"):
        with pytest.raises(NotAllowedError):
            reports.ask(place, office.people[role], case_id, form="full", language="fr", issue=True)
    other = Office.open(place, "Autre", {"officer": frozenset((Role.OFFICER,))})
    id_ = ask(office, case_id)
    for read in (reports.pdf, reports.record, reports.line):
        with pytest.raises(NotFoundError):
            read(place, other.people["officer"], id_)
    with pytest.raises(NotFoundError):
        ask(other, case_id)
    assert reports.register(place, other.people["officer"], Wanted(), page=1) == ([], 0)


def test_the_same_frozen_report_gives_the_same_bytes(office):
    case_id = office.finished()
    id_ = ask(office, case_id)
    _, content = made(office, id_)
    with office.place.database.reading() as connection:
        found = store.report(connection, office.org, id_)
        record = store.record(connection, office.org, id_)
    assert making._signed(office.place, record, found) == content


def test_many_use_cases_are_frozen_when_their_turn_comes(office):
    first, second = office.finished("Tri de CV"), office.finished("Tri de stages")
    asked = {"title": "Où nous en sommes", "selection": ("tous", "all"), "language": "fr", "issue": True}
    id_ = reports.ask_portfolio(office.place, office.people["officer"], Filter(), **asked)
    assert reports.line(office.place, office.people["officer"], id_)[0].report.number is None
    report, content = made(office, id_)
    assert report.number == "R-2026-0001"
    record = reports.record(office.place, office.people["officer"], id_)[1]
    assert [case["name"] for case in record["cases"]] == ["Tri de CV", "Tri de stages"]
    assert content.startswith(b"%PDF-")
    again = reports.ask_portfolio(office.place, office.people["officer"], Filter(), **asked)
    made(office, again)
    assert reports.record(office.place, office.people["officer"], again)[1]["supersedes"] == "R-2026-0001"
    assert {first, second}


def test_nothing_selected_is_refused(office):
    with pytest.raises(RefusedError, match="nothing_selected"):
        reports.ask_portfolio(
            office.place,
            office.people["officer"],
            Filter(),
            title="x",
            selection=("x", "x"),
            language="fr",
            issue=False,
        )


def test_an_archive_of_reports_has_an_index(office):
    case_id = office.finished("=cmd|' /C calc'!A0")
    ids = [ask(office, case_id), ask(office, case_id, language="en")]
    for id_ in ids:
        made(office, id_)
    content = handing_out.many(office.place, office.people["auditor"], ids, "en")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["R-2026-0001-summary-fr.pdf", "R-2026-0002-summary-en.pdf", "index.csv"]
        index = archive.read("index.csv").decode("utf-8-sig")
    assert "R-2026-0001" in index
    assert "\n=cmd" not in index
    assert ";=cmd" not in index
    with pytest.raises(RefusedError, match="nothing_selected"):
        handing_out.many(office.place, office.people["auditor"], [], "en")
    with pytest.raises(NotFoundError):
        handing_out.many(office.place, office.people["auditor"], [new_id()], "en")


def test_what_fails_says_why_and_can_be_tried_again(office, tmp_path):
    (tmp_path / "bad.pem").write_text("no key")
    broken = replace(
        office.place, settings=replace(office.place.settings, signing=Signing(*[tmp_path / "bad.pem"] * 2, None))
    )
    case_id = office.finished()
    id_ = ask(office, case_id)
    assert making.make(broken, "tester", office.org, id_)
    line = reports.line(office.place, office.people["officer"], id_)[0]
    assert (line.report.state, line.report.failure) == ("failed", "key")
    reports.again(office.place, office.people["officer"], id_)
    assert made(office, id_)[0].state == "ready"


def test_a_worker_that_dies_loses_nothing(office, clock):
    id_ = ask(office, office.finished())
    with office.place.database.writing() as connection:
        assert store.take(connection, office.org, id_, "dead", clock())
    assert not making.make(office.place, "other", office.org, id_), "somebody has it"
    assert making.give_back(office.place, "dead") == 1
    assert made(office, id_)[0].attempts == 2


def test_three_deaths_are_enough(office, clock):
    id_ = ask(office, office.finished())
    for _ in range(3):
        with office.place.database.writing() as connection:
            assert store.take(connection, office.org, id_, "dead", clock())
        making.give_back(office.place, "dead")
    line = reports.line(office.place, office.people["officer"], id_)[0]
    assert (line.report.state, line.report.failure) == ("failed", "worker")


def test_what_was_taken_too_long_ago_is_taken_again(office, clock):
    id_ = ask(office, office.finished())
    with office.place.database.writing() as connection:
        assert store.take(connection, office.org, id_, "gone", clock())
    assert making.give_back(office.place, None) == 0
    clock.forward(hours=1)
    assert making.give_back(office.place, None) == 1


def test_old_drafts_go_and_issued_reports_stay(office, clock):
    case_id = office.finished()
    draft, issued = ask(office, case_id, issue=False), ask(office, case_id)
    made(office, draft)
    made(office, issued)
    clock.forward(days=8)
    assert making.remove_drafts(office.place) == 1
    assert reports.pdf(office.place, office.people["officer"], issued)


def test_the_law_of_a_report_is_kept_and_computes_the_same_again(office):
    id_ = ask(office, office.finished())
    record = reports.record(office.place, office.people["officer"], id_)[1]
    hash_ = record["outcome"]["pack"]["hash"]
    office.place.library._laws.clear()
    known = office.place.library.names
    try:
        office.place.library.names = lambda: ()  # as if the rules at hand were others by now
        with office.place.database.reading() as connection:
            programs = law_kept.programs(office.place, connection, {hash_})
    finally:
        office.place.library.names = known
    again = recompute(record, programs.get)
    assert [(one.known, one.differences) for one in again] == [(True, ())]


def test_the_example_goes_with_its_reports(place):
    demo.add(place)
    with place.database.reading() as connection:
        org = next(found for found in organisations.organisations(connection) if found.example)
        members = people.members(connection, org.id)
        case = connection.exec_driver_sql("SELECT id FROM use_case WHERE presumed = 0 LIMIT 1").scalar_one()
    both = frozenset((Role.OFFICER, Role.ADMINISTRATOR))
    boss = Actor(members[0].person_id, "x", "x", org.id, org.name, True, both, None, "fr", True, True)
    id_ = reports.ask(place, boss, case, form="full", language="fr", issue=True)
    making.make(place, "tester", org.id, id_)
    organisation.remove_example(place, boss)
    with place.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM report").scalar_one() == 0

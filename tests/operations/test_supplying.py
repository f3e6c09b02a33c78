"""What has to be obtained from suppliers, questionnaires to them, and what enters the assessment."""

import re
from dataclasses import replace
from html import unescape

import pytest

from compliance.assessment.beyond import supplies
from compliance.config import Mailing
from compliance.operations import answers, cases, dossiers, organisation, reviews, supplied, supply_returns, supplying
from compliance.operations.answers import Given
from compliance.operations.cases import Description
from compliance.operations.freezing import case_of, names, use_case
from compliance.operations.post import without_links
from compliance.operations.rights import Role
from compliance.operations.supplied import Supplied
from compliance.operations.supply_returns import Decision
from compliance.operations.supplying import Asking
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError
from compliance.reports.pages import page
from compliance.reports.recomputing import recompute
from compliance.reports.record import answer_row
from compliance.storage import organisations
from compliance.storage.audit import Wanted
from tests.offices import Office

PDF = b"%PDF-1.7 notice"
ENVELOPE = {
    "organisation": {"name": "Aciérie du Nord", "logo": None},
    "number": None,
    "made": {"at": "2026-11-24T09:00:00+00:00", "by": "Officer"},
    "supersedes": None,
    "log": {"size": 1, "root": "0" * 64},
}


def _asking(**changes):
    made = Asking(
        "Visiomex",
        None,
        "fr",
        21,
        "Tri de CV",
        "Merci d'avance",
        ("technique", "safety_function", "used_at_workplace"),
        ("supplied_instructions", "supplied_logs"),
    )
    return replace(made, **changes)


def _token(handed):
    return handed.link.rpartition("/")[2]


@pytest.fixture
def asked(place, office):
    """Return a use case and the token of a questionnaire about it."""
    case_id = office.finished()
    handed = supplying.ask(place, office.people["officer"], case_id, _asking())
    return case_id, handed.request_id, _token(handed)


@pytest.fixture
def back(place, office, asked):
    """Return the same, once the supplier has sent its answers."""
    _case_id, _id, token = asked
    supplied.save(
        place, token, {"safety_function": (Given("false"), 0), "used_at_workplace": (Given("unknown", unknown=True), 0)}
    )
    notice = Supplied("Voir aussi https://visiomex.example/notice", False, 0, "C:\\Docs\\Notice v2.pdf", PDF)
    supplied.supply(place, token, {"supplied_instructions": notice, "supplied_logs": Supplied("", True, 0)})
    supplied.send(place, token, "Jeanne Roy, qualité")
    return asked


def _decision(place, office, id_, *chosen, everything=False):
    back = supply_returns.returned(place, office.people["officer"], id_)
    versions = {line.fact.id: line.version for line in back.lines}
    return Decision(chosen, everything, back.request.version, versions)


def _states(place, office, case_id):
    overview = supplying.of_case(place, office.people["officer"], case_id)
    return {item.supply.id: item.state for item in overview.wanted}


def _codes(place, office):
    found, _total = organisation.log(place, office.people["officer"], Wanted(), page=1)
    return [line.what for line in found]


def test_what_is_asked_for_follows_the_outcome(place, office):
    law = place.library.law(place.library.default)

    def wanted(**facts):
        given = {"technique": "machine_learning", "established_in_union": True, "exclusive_purpose": "none", **facts}
        found = supplies(law.state(law.facts({k: v for k, v in given.items() if k in law.pack.facts})))
        return {entry.id for entry, _certain in found}, {entry.id for entry, certain in found if certain}

    possible, certain = wanted(role=["provider"], integrates_third_party_model=False)
    assert not certain
    assert "supplied_model_documentation" not in possible
    possible, certain = wanted(role=["deployer"], direct_interaction="not_obvious")
    assert {"supplied_instructions", "supplied_marks"} <= possible
    case_id = office.finished()
    dossier = dossiers.view(place, office.people["officer"], case_id)
    certain = {entry.id for entry, sure in supplies(dossier.law.state(dossier.facts)) if sure}
    high_risk = {"instructions", "performance", "oversight", "logs", "conformity", "registration"}
    assert {f"supplied_{name}" for name in high_risk} <= certain
    assert not {"supplied_agreement", "supplied_handover", "supplied_derogation"} & certain


def test_supplies_open_no_question_and_move_no_level(place, office):
    law = place.library.law(place.library.default)
    reading = place.library.reading(law, law.facts({}))
    asks = {"third_party_supplies", "open_source_supplier"}
    assert not asks & set(reading.beyond)


def test_a_questionnaire_goes_from_asked_to_received(place, office, asked):
    case_id, id_, token = asked
    assert _states(place, office, case_id)["supplied_instructions"] == "asked"
    assert _states(place, office, case_id)["supplied_performance"] == "missing"
    supplied.supply(place, token, {"supplied_instructions": Supplied("", False, 0, "n.pdf", PDF)})
    assert _states(place, office, case_id)["supplied_instructions"] == "asked", "not sent yet"
    supplied.send(place, token, "Jeanne Roy")
    assert _states(place, office, case_id)["supplied_instructions"] == "returned"
    count = supply_returns.accept(
        place, office.people["officer"], id_, _decision(place, office, id_, "supply:supplied_instructions")
    )
    assert count == 1
    states = _states(place, office, case_id)
    assert states["supplied_instructions"] == "received"
    assert states["supplied_logs"] == "missing", "asked, but the supplier sent nothing"


def test_an_accepted_answer_carries_whose_word_it_is(place, office, back):
    case_id, id_, _token = back
    officer = office.people["officer"]
    standing = dossiers.view(place, officer, case_id).answers.get("safety_function")
    supply_returns.accept(place, officer, id_, _decision(place, office, id_, everything=True))
    dossier = dossiers.view(place, officer, case_id)
    answer = dossier.answers["safety_function"]
    assert answer.value is False
    assert answer.source == {"supplier": "Visiomex", "by": "Jeanne Roy, qualité", "on": "2026-11-24"}
    assert answer.person_id == officer.person_id, "who accepted it is on the record too"
    assert "used_at_workplace" not in dossier.answers, '"I don\'t know" is not taken over unasked'
    event = next(event for event in answers.history(place, officer, case_id) if event.fact == "safety_function")
    assert event.source == answer.source
    answers.record(place, officer, case_id, "safety_function", Given("true"), answer.version)
    assert dossiers.view(place, officer, case_id).answers["safety_function"].source is None
    assert standing is None or standing.source is None


def test_the_record_of_a_report_names_the_supplier_and_is_unchanged_without(place, office, back):
    case_id, id_, _token = back
    officer = office.people["officer"]
    supply_returns.accept(place, officer, id_, _decision(place, office, id_, everything=True))
    with place.database.reading() as connection:
        dossier = dossiers.load(connection, place, officer.org_id, case_id)
        case = case_of(connection, officer.org_id, dossier, names(connection, officer.org_id))
        record = use_case(connection, place, dossier, ENVELOPE, officer.org_id)
    law = place.library.law(place.library.default).program
    [again] = recompute(record, lambda _hash: law)
    assert again.differences == ()
    for language, words in (("fr", "d'après Visiomex"), ("en", "according to Visiomex")):
        assert words in unescape(re.sub("<[^>]+>", "", page(record, language, "full").html))
    rows = {given.fact: answer_row(given, dossier.facts, dossier.law.pack) for given in case.answers}
    assert rows["safety_function"]["source"]["supplier"] == "Visiomex"
    assert "source" not in rows["technique"]


def test_documents_and_words_become_evidence_of_the_use_case(place, office, back):
    case_id, id_, _token = back
    officer = office.people["officer"]
    supply_returns.accept(place, officer, id_, _decision(place, office, id_, "supply:supplied_instructions"))
    overview = supplying.of_case(place, officer, case_id)
    pieces = next(item.pieces for item in overview.wanted if item.supply.id == "supplied_instructions")
    assert [piece.media_type for piece in pieces] == ["application/pdf", "text/plain"]
    assert all("Visiomex" in piece.title for piece in pieces)
    back_ = supply_returns.returned(place, officer, id_)
    sent = next(document.files[0] for document in back_.documents if document.files)
    assert sent.name == "Notice v2.pdf", "without the supplier's folders"
    content, kind, name = supply_returns.file(place, officer, sent.id)
    assert (content, kind) == (PDF, "application/pdf")
    assert name.startswith("pyramide-")


def test_what_is_left_aside_stays_missing_and_out_of_the_assessment(place, office, back):
    case_id, id_, _token = back
    officer = office.people["officer"]
    before = dossiers.view(place, officer, case_id).answers
    chosen = ("fact:safety_function", "supply:supplied_instructions")
    assert supply_returns.put_aside(place, officer, id_, _decision(place, office, id_, *chosen)) == 2
    assert dossiers.view(place, officer, case_id).answers == before
    assert _states(place, office, case_id)["supplied_instructions"] == "missing"
    with pytest.raises(RefusedError, match="nothing_selected"):
        supply_returns.accept(place, officer, id_, _decision(place, office, id_, *chosen))


def test_an_answer_that_changed_meanwhile_is_not_overwritten(place, office, back):
    case_id, id_, _token = back
    officer = office.people["officer"]
    decision = _decision(place, office, id_, "fact:safety_function")
    version = decision.versions["safety_function"]
    answers.record(place, officer, case_id, "safety_function", Given("true"), version)
    with pytest.raises(RefusedError, match="answers_moved"):
        supply_returns.accept(place, officer, id_, decision)
    assert dossiers.view(place, officer, case_id).answers["safety_function"].value is True


def test_an_answer_enters_no_assessment_under_review_but_a_document_does(place, office, back):

    case_id, id_, _token = back
    officer = office.people["officer"]
    reviews.submit(place, officer, case_id, "")
    with pytest.raises(RefusedError, match="case_closed"):
        supply_returns.accept(place, officer, id_, _decision(place, office, id_, "fact:safety_function"))
    supply_returns.accept(place, officer, id_, _decision(place, office, id_, "supply:supplied_instructions"))
    assert dossiers.view(place, officer, case_id).case.state == "submitted"


def test_the_token_is_stored_as_its_hash_and_shown_in_no_outbox(place, office, asked):
    _case_id, _id, token = asked
    with place.database.reading() as connection:
        stored = connection.exec_driver_sql("SELECT token_hash FROM supplier_request").scalar_one()
        everything = [
            str(connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall())
            for table in ("supplier_request", "mail", "audit_entry", "link")
        ]
    assert stored != token
    assert not any(token in found for found in everything)
    assert token not in without_links(f"… http://localhost/supplier/{token} …")


def test_mail_goes_out_where_it_is_set_up_and_never_from_the_example(place, office):
    officer, case_id = office.people["officer"], office.finished()
    mailing = Mailing("localhost", 25, "p@example.com", None, None, tls=False)
    posting = replace(place, settings=replace(place.settings, mailing=mailing))
    asking = _asking(address="achats@visiomex.example", language="en")
    assert not supplying.ask(place, officer, case_id, asking).mailed
    assert not supplying.ask(posting, officer, case_id, _asking()).mailed, "no address"
    assert not supplying.ask(posting, replace(officer, example=True), case_id, asking).mailed
    handed = supplying.ask(posting, officer, case_id, asking)
    assert handed.mailed
    with place.database.reading() as connection:
        [mail] = connection.exec_driver_sql("SELECT address, subject, body FROM mail").fetchall()
    assert mail[:2] == ("achats@visiomex.example", "Questions about Tri de CV")
    assert handed.link in mail[2]
    assert "Merci d'avance" in mail[2]
    assert "Officer" in mail[2]


def test_a_link_that_is_unknown_withdrawn_expired_or_replaced_opens_nothing(place, office, asked, clock):
    case_id, id_, token = asked
    officer = office.people["officer"]
    assert supplied.opened(place, token).organisation == office.name
    assert supplied.opened(place, "x" * 43) is None
    renewed = _token(supplying.renew(place, officer, id_, 5))
    assert supplied.opened(place, token) is None
    assert supplied.opened(place, renewed) is not None
    clock.forward(days=5, seconds=1)
    assert supplied.opened(place, renewed) is None
    with pytest.raises(NotFoundError):
        supplied.save(place, renewed, {"safety_function": (Given("true"), 0)})
    again = _token(supplying.renew(place, officer, id_, 5))
    supplying.withdraw(place, officer, id_)
    assert supplied.opened(place, again) is None
    with pytest.raises(RefusedError, match="request_withdrawn"):
        supplying.renew(place, officer, id_, 5)
    assert _states(place, office, case_id)["supplied_instructions"] == "missing"


def test_what_the_supplier_typed_outlives_a_renewal_and_can_be_completed(place, office, back):
    _case_id, id_, token = back
    officer = office.people["officer"]
    with pytest.raises(NotFoundError):
        supplied.save(place, token, {"technique": (Given("machine_learning"), 0)})
    supply_returns.accept(place, officer, id_, _decision(place, office, id_, "fact:safety_function"))
    renewed = _token(supplying.renew(place, officer, id_, 21))
    found = supplied.opened(place, renewed)
    assert found.answered == 2
    version = found.items["fact", "safety_function"].version
    supplied.save(place, renewed, {"safety_function": (Given("true"), version)})
    supplied.send(place, renewed, "Jeanne Roy")
    lines = {line.fact.id: line for line in supply_returns.returned(place, officer, id_).lines}
    assert lines["safety_function"].item.decision == "", "what was corrected is decided on anew"


def test_two_colleagues_at_the_supplier_lose_nothing(place, asked):
    _case_id, _id, token = asked
    assert not supplied.save(place, token, {"safety_function": (Given("true"), 0)}).theirs
    assert not supplied.save(place, token, {"safety_function": (Given("true"), 0)}).theirs, "the same page sent twice"
    saved = supplied.save(place, token, {"safety_function": (Given("false"), 0)})
    assert saved.theirs["safety_function"].value is True
    assert supplied.opened(place, token).items["fact", "safety_function"].value is True


def test_a_supplier_answers_only_what_it_was_asked(place, office, asked):
    _case_id, _id, token = asked
    supplied.save(place, token, {"role": (Given(["provider"]), 0), "staff": (Given("3"), 0)})
    saved = supplied.save(place, token, {"technique": (Given("astrology"), 0)})
    assert list(saved.refused) == ["technique"]
    supplied.supply(place, token, {"supplied_marks": Supplied("x", False, 0)})
    assert supplied.opened(place, token).items == {}
    with pytest.raises(RefusedError, match="nothing_said"):
        supplied.send(place, token, "x")


def test_files_have_the_limits_of_evidence_and_their_own(place, asked, monkeypatch):
    _case_id, _id, token = asked

    def give(content, version=0):
        supplied.supply(place, token, {"supplied_logs": Supplied("", False, version, "a", content)})

    for content, code in (
        (b"", "file_empty"),
        (b"MZ\x90\x00\xff", "file_type"),
        (b"x" * (8 * 1024**2 + 1), "file_too"),
    ):
        with pytest.raises(RefusedError, match=code) as refused:
            give(content)
        assert refused.value.field == "supplied_logs"
    monkeypatch.setattr(supplied, "FILES_MOST", 1)
    give(PDF)
    with pytest.raises(RefusedError, match="files_too_many"):
        give(PDF, 1)
    [sent] = supplied.opened(place, token).files["supplied_logs"]
    supplied.take_away(place, token, sent.id)
    with pytest.raises(NotFoundError):
        supplied.take_away(place, token, sent.id)


def test_saving_very_often_is_slowed_down(place, asked, clock, monkeypatch):
    _case_id, _id, token = asked
    monkeypatch.setattr(supplied, "_SAVES_MOST", 3)
    for version in range(3):
        supplied.save(place, token, {"safety_function": (Given("true", comment=str(version)), version)})
    with pytest.raises(RefusedError, match="too_often"):
        supplied.save(place, token, {"safety_function": (Given("false"), 3)})
    clock.forward(minutes=16)
    assert not supplied.save(place, token, {"safety_function": (Given("false"), 3)}).theirs


def test_every_step_is_on_the_log(place, office, back, clock):
    _case_id, id_, _token = back
    officer = office.people["officer"]
    supply_returns.accept(place, officer, id_, _decision(place, office, id_, "fact:safety_function"))
    supply_returns.put_aside(place, officer, id_, _decision(place, office, id_, "supply:supplied_logs"))
    supplying.renew(place, officer, id_, 1)
    clock.forward(days=2)
    assert supplying.expire_old(place) == 1
    assert supplying.expire_old(place) == 0
    supplying.withdraw(place, officer, id_)
    wanted = {"asked", "saved", "sent", "accepted", "set_aside", "renewed", "expired", "withdrawn"}
    assert {f"supply.{what}" for what in wanted} <= set(_codes(place, office))
    with place.database.reading() as connection:
        mails = connection.exec_driver_sql("SELECT subject FROM mail ORDER BY at").scalars().all()
    assert mails == ["Réponses de Visiomex", "Sans réponse de Visiomex"]


def test_a_use_case_without_supplier_gets_the_one_that_is_asked(place, office, asked):
    case_id, _id, _token = asked
    officer = office.people["officer"]
    assert supplying.of_case(place, officer, case_id).supplier == "Visiomex"
    other = office.finished("Autre")
    supplying.ask(place, officer, other, _asking(supplier="VISIOMEX"))
    assert [item.name for item, _count in organisation.named(place, officer, "supplier")] == ["Visiomex"]


def test_only_what_a_supplier_can_know_is_proposed_first(place, office):
    officer = office.people["officer"]
    case_id = cases.begin(place, officer, Description("Vision", owner_id=officer.person_id))
    offered = supplying.offered(place, dossiers.view(place, officer, case_id))
    assert "technique" in {fact.id for fact in offered.known}
    assert "role" in {fact.id for fact in offered.others}
    pack = place.library.law(place.library.default).pack
    every = (*offered.known, *offered.others, *offered.answered)
    assert all(fact.of.value == "use_case" and fact.id not in pack.controls for fact in every)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"facts": (), "supplies": ()}, "nothing_asked"),
        ({"facts": ("staff", "nothing"), "supplies": ("nothing",)}, "nothing_asked"),
        ({"days": 0}, "days_wrong"),
        ({"days": 100_000}, "days_wrong"),
    ],
)
def test_a_questionnaire_that_makes_no_sense_is_refused(place, office, changes, code):
    with pytest.raises(RefusedError, match=code):
        supplying.ask(place, office.people["officer"], office.finished(), _asking(**changes))


def test_an_example_goes_with_its_questionnaires(place, office, back):
    _case_id, id_, _token = back
    officer = office.people["officer"]
    supply_returns.accept(place, officer, id_, _decision(place, office, id_, everything=True))
    with place.database.writing() as connection:
        connection.exec_driver_sql("UPDATE organisation SET example = true")
        organisations.erase(connection, officer.org_id)
        for table in ("supplier_request", "supplier_item", "supplier_file", "evidence"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


def test_rights_bounds_and_organisations_are_kept(place, office, back):
    case_id, id_, _token = back
    bound = office.bound(site_id=office.site("Figeac"))
    for who in ("auditor", "contributor", "administrator", "legal_editor"):
        with pytest.raises(NotAllowedError):
            supplying.ask(place, office.people[who], case_id, _asking())
        with pytest.raises(NotAllowedError):
            supply_returns.accept(place, office.people[who], id_, Decision((), True, 1, {}))
    assert supply_returns.returned(place, office.people["auditor"], id_).lines
    with pytest.raises(NotFoundError):
        supplying.of_case(place, bound, case_id)
    with pytest.raises(NotFoundError):
        supply_returns.returned(place, bound, id_)
    stranger = Office.open(place, "Autre", {"officer": frozenset((Role.OFFICER,))}).people["officer"]
    for reach in (supply_returns.returned, supplying.withdraw, supply_returns.file):
        with pytest.raises(NotFoundError):
            reach(place, stranger, id_)

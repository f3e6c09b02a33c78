"""Use cases under an earlier version of the law: told, counted, and put under the one in effect."""

from datetime import timedelta

import pytest

from compliance.operations import announcing, answers, cases, dossiers, imports, post, reassessing, reviews, texts
from compliance.operations.cases import Description
from compliance.operations.rights import Role
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError
from compliance.storage import actions, audit, people
from compliance.storage import cases as store
from compliance.storage.audit import Wanted
from tests.offices import Office
from tests.versions import TEXT, publish

PLAIN = "predictive_maintenance_of_a_production_line"


def case_of(place, office, case_id):
    with place.database.reading() as connection:
        return store.case(connection, office.org, case_id)


def lines(place, office):
    with place.database.reading() as connection:
        found = audit.entries(connection, office.org, Wanted(), limit=None, offset=0)
    return [line for line in found if line.what == "case.reassessed"]


@pytest.fixture
def office(place):
    """Return an organisation with one person of each role, and a second officer who reviews."""
    held = {role.value: frozenset((role,)) for role in Role} | {"second": frozenset((Role.OFFICER,))}
    return Office.open(place, "Aciérie du Nord", held)


def test_what_waits_and_what_would_change(place, office):
    officer = office.people["officer"]
    screened, plain, under_review, away = (
        office.finished("Tri de CV"),
        office.finished("Presse", PLAIN),
        office.finished("Tri soumis"),
        office.finished("Tri archivé"),
    )
    reviews.submit(place, officer, under_review, "")
    cases.put_away(place, officer, away, away=True)
    assert reassessing.waiting(place, officer).steps == ()
    version = publish(place, office)
    (step,) = reassessing.waiting(place, officer).steps
    assert step.version.id == version.id
    (changing,), (same,), (closed,) = step.changing, step.same, step.closed
    assert (changing.case_id, changing.before) == (screened, ("high_risk",))
    assert changing.after == dossiers.summary(place, step.law, dossiers.view(place, officer, screened).facts).possible
    owed = {id_ for id_, _ in dossiers.summary(place, step.law, dossiers.view(place, officer, screened).facts).duties}
    now = dossiers.view(place, officer, screened)
    owes = {id_ for id_, _ in dossiers.summary(place, now.law, now.facts).duties}
    assert set(changing.goes) == owes - owed
    assert set(changing.comes) == {*(owed - owes), "voluntary_codes"}, "what is only encouraged is told as well"
    assert (same.case_id, same.before) == (plain, same.after)
    assert (closed.case_id, closed.changes) == (under_review, True)
    assert reassessing.of_case(place, officer, screened).changing == step.changing
    assert reassessing.of_case(place, officer, away) is None


def test_each_is_put_under_the_version_once_and_recorded(place, office):
    officer = office.people["officer"]
    draft, approved, submitted, plain = (
        office.finished("Tri de CV"),
        office.finished("Tri validé"),
        office.finished("Tri soumis"),
        office.finished("Presse", PLAIN),
    )
    reviews.submit(place, officer, approved, "")
    reviews.decide(place, office.people["second"], approved, approve=True, opinion="")
    reviews.submit(place, officer, submitted, "")
    old_hash = place.library.law(TEXT).pack.hash
    version = publish(place, office)
    done = reassessing.reassess(place, officer, [draft, approved, submitted, draft], TEXT, version.name)
    assert (done.moved, done.left) == (2, 1)
    again = reassessing.reassess(place, officer, [draft, approved, submitted], TEXT)
    assert (again.moved, again.left) == (0, 1)
    first, second = sorted(lines(place, office), key=lambda line: line.seq)
    assert (first.subject, second.subject) == (draft, approved)
    assert first.who == officer.person_id
    assert (first.detail["before"], first.detail["after"]) == (TEXT, version.name)
    assert first.detail["levels_before"] == ["high_risk"] != first.detail["levels_after"]
    assert (first.detail["reopened"], second.detail["reopened"]) == (False, True)
    for case_id in (draft, approved):
        now = case_of(place, office, case_id)
        assert (now.pack, now.state) == (version.name, "draft")
        assert list(now.possible) == first.detail["levels_after"]
        dossier = dossiers.view(place, officer, case_id)
        owed = {id_ for id_, _ in dossiers.summary(place, dossier.law, dossier.facts).duties}
        with place.database.reading() as connection:
            assert {a.obligation for a in actions.actions(connection, office.org, case_id) if a.needed} == owed
    kept = reviews.assessments(place, officer, approved)[0]
    assert (kept.state, kept.pack_hash) == ("approved", old_hash)
    assert case_of(place, office, submitted).pack == TEXT
    assert case_of(place, office, plain).pack == TEXT
    assert [line.case_id for line in reassessing.waiting(place, officer).step(TEXT).lines] == [plain, submitted]


def test_who_may_and_on_what(place, office):
    officer, case_id = office.people["officer"], office.finished()
    for text in (TEXT, "unknown"):
        with pytest.raises(NotFoundError):
            reassessing.reassess(place, officer, [case_id], text)
    first = publish(place, office)
    for who in ("auditor", "legal_editor", "administrator", "contributor"):
        with pytest.raises(NotAllowedError):
            reassessing.reassess(place, office.people[who], [case_id], TEXT)
    with pytest.raises(NotAllowedError):
        reassessing.waiting(place, office.people["contributor"])
    with pytest.raises(NotFoundError):
        reassessing.reassess(place, officer, [case_id, "0" * 32], TEXT)
    publish(place, office, None)
    with pytest.raises(RefusedError) as refused:
        reassessing.reassess(place, officer, [case_id], TEXT, first.name)
    assert refused.value.code == "version_moved"
    assert lines(place, office) == []


def test_a_version_is_its_organisations_alone(place, office):
    other = Office.open(place, "Autre", {role.value: frozenset((role,)) for role in Role})
    theirs, ours = other.finished(), office.finished()
    version = publish(place, office)
    stranger = other.people["officer"]
    assert reassessing.waiting(place, stranger).steps == ()
    assert reassessing.of_case(place, stranger, theirs) is None
    assert version.name not in [law.name for law, _ in texts.laws(place, stranger)]
    with pytest.raises(NotFoundError):
        reassessing.reassess(place, stranger, [theirs], TEXT)
    with pytest.raises(RefusedError):
        cases.change_text(place, stranger, theirs, version.name)
    with pytest.raises(NotFoundError):
        reassessing.reassess(place, office.people["officer"], [theirs], TEXT)
    assert case_of(place, other, other.finished("Nouveau")).pack == TEXT
    assert announcing.announce(place) == 2, "both officers of the organisation that published, nobody elsewhere"
    assert case_of(place, office, ours).pack == TEXT


def test_new_use_cases_begin_under_what_is_in_effect_and_old_ones_follow_when_told_to(place, office, clock):
    officer, old = office.people["officer"], office.finished()
    first = publish(place, office)
    later = publish(place, office, None, effect=place.today() + timedelta(days=3))
    assert case_of(place, office, office.case("Nouveau")).pack == first.name
    cases.change_text(place, officer, old, first.name)
    assert reassessing.waiting(place, officer).steps == ()
    with pytest.raises(RefusedError):
        cases.change_text(place, officer, old, later.name)
    clock.forward(days=3)
    (step,) = reassessing.waiting(place, officer).steps
    assert step.version.id == later.id
    assert [line.case_id for line in step.changing] == [old], "recruitment is back in Annex III"
    assert step.changing[0].after == ("high_risk",)
    with place.database.reading() as connection:
        copied = cases.copy(place, officer, old, "Copie")
        assert texts.current(connection, place, office.org, TEXT) == later.name
    assert case_of(place, office, copied).pack == first.name, "a copy stands where its source stands"


def test_a_list_comes_in_under_what_is_in_effect(place, office):
    officer = office.people["officer"]
    version = publish(place, office)
    table = [["Nom", "Type"], ["Tri importé", "screening_and_ranking_of_applications"]]
    id_ = imports.start(place, officer, "liste.csv", table)
    assert imports.confirm(place, officer, id_, {"name": 0, "type": 1}, suggest=False, duplicates=False) == (1, 0)
    (item,) = cases.everything(place, officer, cases.Filter())
    dossier = dossiers.view(place, officer, item.case.id)
    assert item.case.pack == version.name
    assert item.case.possible == dossiers.summary(place, dossier.law, dossier.facts).possible != ("high_risk",)
    assert cases.catalogue(place, officer).name == version.name


def test_more_than_at_once_are_left_for_the_next_time(place, office, monkeypatch):
    monkeypatch.setattr(reassessing, "AT_ONCE", 2)
    ids = [office.finished(f"Tri {number}") for number in range(3)]
    publish(place, office)
    officer = office.people["officer"]
    assert reassessing.reassess(place, officer, ids, TEXT) == reassessing.Done(2, 0, 1)
    (step,) = reassessing.waiting(place, officer).steps
    assert [line.case_id for line in step.changing] == ids[2:]


def test_open_answers_are_counted_as_they_stand(place, office):
    officer, case_id = office.people["officer"], office.finished()
    version = publish(place, office)
    (line,) = reassessing.waiting(place, officer).step(TEXT).changing
    answers.record(place, officer, case_id, "annex_iii_use", answers.Given(None, unknown=True), 2)
    (line,) = reassessing.waiting(place, officer).step(TEXT).lines
    law = place.library.law(version.name)
    now = dossiers.view(place, officer, case_id)
    assert line.before == now.case.possible
    assert line.after == dossiers.summary(place, law, now.facts).possible


def test_owners_are_told_once_in_their_language(place, office, clock):
    officer, second, owner = (office.people[name] for name in ("officer", "second", "contributor"))
    with place.database.writing() as connection:
        people.change_person(connection, owner.person_id, language="en")
    ids = [office.finished(f"Tri {number}") for number in range(12)]
    for case_id in ids:
        described = dossiers.view(place, officer, case_id).case
        cases.describe(
            place, officer, case_id, Description(described.name, owner_id=owner.person_id), described.version
        )
    publish(place, office, effect=place.today() + timedelta(days=1))
    assert announcing.announce(place) == 0, "its day has not come"
    clock.forward(days=1)
    assert announcing.announce(place) == 3
    assert announcing.announce(place) == 0
    found = {mail.to_id: mail for mail in post.outbox(place, officer)}
    assert set(found) == {officer.person_id, second.person_id, owner.person_id}
    mine, summary = found[owner.person_id].body, found[second.person_id].body
    assert "12 use cases that you own" in mine
    assert "Recruitment leaves Annex III." in mine
    assert mine.count("IA-0") == 10
    assert "and 2 more" in mine
    assert "/reassess" not in mine, "a contributor has no way in there"
    assert "12 cas d'usage de votre organisation changeraient" in summary
    assert summary.count("/reassess") == 1
    reassessing.reassess(place, officer, ids, TEXT)
    assert announcing.announce(place) == 0


def test_nobody_is_told_of_a_version_that_changes_nothing(place, office):
    office.finished()
    publish(place, office, None)
    (step,) = reassessing.waiting(place, office.people["officer"]).steps
    assert (len(step.changing), len(step.same)) == (0, 1)
    assert announcing.announce(place) == 0

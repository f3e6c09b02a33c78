"""Samples, findings and remarks: who may do what with them, and what stays."""

import dataclasses

import pytest
from sqlalchemy import text

from compliance.evidence.canonical import digest
from compliance.evidence.drawing import draw
from compliance.operations import cases, observations, organisation, post, samples
from compliance.operations.cases import Description
from compliance.operations.rights import Right, Role
from compliance.operations.samples import Criteria
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError
from compliance.storage import audit
from compliance.storage.audits import ObservationFilter
from compliance.storage.rows import ConflictError, new_id
from tests.offices import Office


def log(place, office, what):
    with place.database.reading() as connection:
        return [entry for entry in audit.entries(connection, office.org, limit=100) if entry.what == what]


def open_sample(place, actor, **how):
    how = {"size": None, "order": "random", "key": None} | how
    criteria = how.pop("criteria", Criteria())
    return samples.sample(place, actor, samples.draw(place, actor, "Essai", criteria, **how))


@pytest.fixture
def auditor(office):
    return office.people["auditor"]


@pytest.fixture
def twelve(office):
    return [office.case(f"Cas {number}") for number in range(1, 13)]


def test_a_lot_is_on_the_log_and_can_be_repeated_from_it(place, office, auditor, twelve):
    found = open_sample(place, auditor, size=5)
    assert len(found.items) == 5
    assert found.again is True
    (line,) = log(place, office, "sample.drawn")
    assert line.detail["seed"] == found.sample.seed
    assert line.detail["population"] == 12
    ids = [item.case.id for item in found.items]
    assert line.detail["drawn_digest"] == digest(ids)
    assert [twelve[at] for at in draw(line.detail["seed"], 12, 5)] == ids
    assert open_sample(place, auditor, size=5).sample.seed != found.sample.seed


def test_a_sample_that_somebody_tampered_with_is_seen(place, auditor, twelve):
    found = open_sample(place, auditor, size=5)
    other = next(id_ for id_ in twelve if id_ not in {item.case.id for item in found.items})
    with place.database.writing() as connection:
        connection.execute(
            text("UPDATE sample_item SET case_id = :case WHERE id = :id"),
            {"case": other, "id": found.items[0].item.id},
        )
    seen = samples.sample(place, auditor, found.sample.id)
    assert (seen.again, seen.line) == (False, None)


def test_a_sample_replaced_together_with_its_seed_is_seen_by_the_log(place, office, auditor, twelve):
    found, other = open_sample(place, auditor, size=5), open_sample(place, auditor, size=5)
    (_, line) = log(place, office, "sample.drawn")
    assert found.line == line.seq
    with place.database.writing() as connection:
        connection.execute(text("DELETE FROM sample_item WHERE sample_id = :id"), {"id": found.sample.id})
        ids = {"to": found.sample.id, "from": other.sample.id}
        connection.execute(text("UPDATE sample_item SET sample_id = :to WHERE sample_id = :from"), ids)
        seed = {"id": found.sample.id, "seed": other.sample.seed}
        connection.execute(text("UPDATE sample SET seed = :seed WHERE id = :id"), seed)
    seen = samples.sample(place, auditor, found.sample.id)
    assert (seen.again, seen.line) == (True, None), "it can be drawn again, but is not what was drawn"


def test_a_sample_stays_when_use_cases_come_and_change(place, office, auditor, twelve):
    found = open_sample(place, auditor, size=5)
    office.case("Treizième")
    again = samples.sample(place, auditor, found.sample.id)
    assert [item.case.id for item in again.items] == [item.case.id for item in found.items]
    assert again.again is True


def test_by_criterion_highest_level_first_and_most_open_first(place, office, auditor, twelve):
    high = office.finished("Tri de CV")
    found = open_sample(place, auditor, size=2, order="reference")
    assert [item.case.reference for item in found.items] == [1, 2]
    assert found.again is None
    found = open_sample(place, auditor, criteria=Criteria(level="high_risk"), order="level")
    assert [item.case.id for item in found.items] == [high]
    found = open_sample(place, auditor, size=13, order="open")
    assert found.items[-1].case.id == high
    assert open_sample(place, auditor, size=1, order="assessed").items[0].case.reference == 1
    with pytest.raises(RefusedError, match="nobody_to_draw"):
        open_sample(place, auditor, criteria=Criteria(reported=True))


def test_what_cannot_be_drawn_is_said(place, office, auditor):
    for how, code in (
        ({}, "nobody_to_draw"),
        ({"criteria": Criteria(level="nonsense")}, "unknown_choice"),
        ({"criteria": Criteria(site=new_id())}, "unknown_choice"),
        ({"order": "nonsense"}, "unknown_choice"),
    ):
        with pytest.raises(RefusedError, match=code):
            open_sample(place, auditor, **how)
    office.case("Un seul")
    with pytest.raises(RefusedError, match="too_few"):
        open_sample(place, auditor, size=2)
    with pytest.raises(RefusedError, match="sample_size"):
        open_sample(place, auditor, size=0)


def test_a_form_sent_twice_counts_once(place, office, auditor, twelve):
    key = new_id()
    ids = {samples.draw(place, auditor, "Essai", Criteria(), size=3, order="random", key=key) for _ in range(2)}
    assert ids == {key}
    assert len(samples.samples(place, auditor)) == 1
    assert len(log(place, office, "sample.drawn")) == 1
    for _ in range(2):
        observations.record(place, auditor, twelve[0], kind="finding", text="Une fois", key=key)
    assert len(observations.threads(place, auditor, ObservationFilter(case=twelve[0]))) == 1
    reply = new_id()
    for _ in range(2):
        observations.reply(place, office.people["officer"], key, "Encore", key=reply)
    (thread,) = observations.threads(place, auditor, ObservationFilter(case=twelve[0]))
    assert [said.text for said in thread.replies].count("Encore") == 1
    version = thread.listed.observation.version
    for _ in range(2):
        observations.close(place, auditor, key, version, "Vu")
    assert len(log(place, office, "observation.closed")) == 1


def test_two_auditors_on_one_item_lose_nothing(place, auditor, twelve):
    item = open_sample(place, auditor, size=1).items[0].item
    samples.look(place, auditor, item.id, item.version, "Lu la notice")
    other = dataclasses.replace(auditor, name="Autre")
    with pytest.raises(ConflictError):
        samples.look(place, other, item.id, item.version, "Lu autre chose")
    assert samples.item(place, auditor, item.id).listed.item.looked_at == "Lu la notice"
    samples.look(place, auditor, item.id, item.version, "Lu la notice")


def test_the_log_never_holds_what_was_written(place, office, auditor, twelve):
    secret = "Mot confidentiel"
    item = open_sample(place, auditor, size=1).items[0]
    samples.look(place, auditor, item.item.id, item.item.version, secret)
    id_ = observations.record(place, auditor, item.case.id, kind="finding", text=secret)
    observations.reply(place, office.people["officer"], id_, secret)
    observations.close(place, auditor, id_, observations.version(place, auditor, id_), secret)
    with place.database.reading() as connection:
        entries = audit.entries(connection, office.org, limit=1000)
    assert secret not in str(entries)
    what = {entry.what for entry in entries}
    assert {"sample.looked", "finding.recorded", "observation.answered", "observation.closed"} <= what


def test_an_auditor_changes_nothing_else_and_others_do_not_audit(place, office, auditor, twelve):
    id_ = observations.record(place, auditor, twelve[0], kind="remark", text="À voir")
    for role in set(Role) - {Role.AUDITOR}:
        actor = office.people[role.value]
        for attempt in (
            lambda: observations.record(place, actor, twelve[0], kind="remark", text="x"),  # noqa: B023
            lambda: observations.close(place, actor, id_, 1, "x"),  # noqa: B023
            lambda: samples.draw(place, actor, "x", Criteria(), size=1, order="random", key=None),  # noqa: B023
            lambda: samples.samples(place, actor),  # noqa: B023
        ):
            with pytest.raises(NotAllowedError):
                attempt()
    assert {right for right in Right if auditor.may(right)} == {
        Right.TAKE_PART,
        Right.READ,
        Right.READ_CASE,
        Right.AUDIT,
        Right.READ_LOG,
    }


def test_who_answered_does_not_close(place, office, auditor, twelve):
    both = dataclasses.replace(office.people["officer"], roles=frozenset((Role.OFFICER, Role.AUDITOR)))
    id_ = observations.record(place, auditor, twelve[0], kind="finding", text="Manque une preuve")
    observations.reply(place, both, id_, "La voici")
    with pytest.raises(RefusedError, match="own_answer"):
        observations.close(place, both, id_, 2, "Réglé")
    observations.close(place, auditor, id_, 2, "Réglé")
    with pytest.raises(RefusedError, match="already_closed"):
        observations.reply(place, both, id_, "Encore")


def test_closing_what_was_answered_meanwhile_is_a_conflict(place, office, auditor, twelve):
    id_ = observations.record(place, auditor, twelve[0], kind="finding", text="Manque une preuve")
    observations.reply(place, office.people["officer"], id_, "La voici")
    with pytest.raises(ConflictError):
        observations.close(place, auditor, id_, 1, "Rien reçu")


def test_an_auditor_who_comes_back_waits_for_an_answer_again(place, office, auditor, twelve):
    id_ = observations.record(place, auditor, twelve[0], kind="remark", text="Pourquoi ?")
    observations.reply(place, office.people["officer"], id_, "Parce que")
    assert observations.figures(place, auditor).answered == 1
    observations.reply(place, auditor, id_, "Ce n'est pas une raison")
    figures = observations.figures(place, office.people["officer"])
    assert (figures.waiting, figures.answered, figures.findings) == (1, 0, 0)


def test_the_owner_is_told_or_else_every_officer_and_never_oneself(place, office, auditor):
    officer, contributor = office.people["officer"], office.people["contributor"]
    owned = cases.begin(place, officer, Description("À Nadia", owner_id=contributor.person_id))
    observations.record(place, auditor, owned, kind="finding", text="{case} {who} %s")
    (mail,) = post.outbox(place, officer)
    assert mail.to_id == officer.person_id, "the owner may not answer, so the officers are told"
    assert "{case} {who} %s" in mail.body


def bound(office, auditor, place, name="Dunkerque"):
    """Return the auditor bound to a new site."""
    organisation.add_named(place, office.people["officer"], "site", name)
    sites = organisation.named(place, office.people["officer"], "site")
    site = next(found.id for found, _ in sites if found.name == name)
    return dataclasses.replace(auditor, site_id=site), site


def test_a_bound_auditor_draws_and_sees_nothing_outside_the_site(place, office, auditor, twelve):
    officer = office.people["officer"]
    here, site = bound(office, auditor, place)
    inside = cases.begin(place, officer, Description("Dedans", site_id=site))
    everywhere = open_sample(place, auditor)
    found = open_sample(place, here)
    assert [item.case.id for item in found.items] == [inside]
    assert found.sample.criteria["references"] == [13], "not even numbers of others"
    assert found.sample.criteria["words"] == {"site": "Dunkerque"}
    assert samples.population(place, here, Criteria(site=None)) == 1
    assert [item.sample.id for item in samples.samples(place, here)] == [found.sample.id]
    with pytest.raises(NotFoundError):
        samples.sample(place, here, everywhere.sample.id)
    for item in everywhere.items:
        with pytest.raises(NotFoundError):
            samples.item(place, here, item.item.id)
        with pytest.raises(NotFoundError):
            samples.look(place, here, item.item.id, 1, "x")
    outside = observations.record(place, auditor, twelve[0], kind="finding", text="Ailleurs")
    within = observations.record(place, here, inside, kind="remark", text="Ici")
    assert [item.observation.id for item in observations.search(place, here, ObservationFilter(), 1)[0]] == [within]
    assert observations.figures(place, here).total == 1
    assert observations.figures(place, here).findings == 0
    for attempt in (
        lambda: observations.record(place, here, twelve[0], kind="finding", text="x"),
        lambda: observations.reply(place, here, outside, "x"),
        lambda: observations.close(place, here, outside, 1, "x"),
        lambda: observations.threads(place, here, ObservationFilter(case=twelve[0])),
        lambda: observations.standing(place, here, twelve[0]),
    ):
        with pytest.raises(NotFoundError):
            attempt()


def test_another_organisation_is_not_there(place, office, auditor, twelve):
    other = Office.open(place, "Autre", {role.value: frozenset((role,)) for role in Role})
    theirs = other.people["auditor"]
    mine = open_sample(place, auditor, size=1)
    id_ = observations.record(place, auditor, twelve[0], kind="finding", text="À nous")
    for attempt in (
        lambda: samples.sample(place, theirs, mine.sample.id),
        lambda: samples.item(place, theirs, mine.items[0].item.id),
        lambda: samples.look(place, theirs, mine.items[0].item.id, 1, "x"),
        lambda: observations.record(place, theirs, twelve[0], kind="finding", text="x"),
        lambda: observations.reply(place, other.people["officer"], id_, "x"),
        lambda: observations.close(place, theirs, id_, 1, "x"),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert observations.search(place, theirs, ObservationFilter(), 1) == ([], 0)
    site = bound(office, auditor, place)[1]
    other.case("Chez eux")
    with pytest.raises(RefusedError, match="unknown_choice"):
        open_sample(place, theirs, criteria=Criteria(site=site))


def test_an_observation_names_only_a_report_and_a_sample_of_its_use_case(place, auditor, twelve):
    sample = open_sample(place, auditor, criteria=Criteria(), size=1, order="reference")
    for also in ({"report_id": new_id()}, {"sample_id": new_id()}):
        with pytest.raises(RefusedError, match="unknown_choice"):
            observations.record(place, auditor, twelve[0], kind="finding", text="x", **also)
    with pytest.raises(RefusedError, match="unknown_choice"):
        observations.record(place, auditor, twelve[5], kind="finding", text="x", sample_id=sample.sample.id)
    with pytest.raises(RefusedError, match="unknown_choice"):
        observations.record(place, auditor, twelve[5], kind="opinion", text="x")

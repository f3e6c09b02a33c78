"""An auditor bound to one site, or to a period: what lies outside is not there."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from compliance.operations import (
    actions,
    answers,
    cases,
    evidence,
    handing_over,
    observations,
    organisation,
    reviews,
    samples,
    sign_in,
)
from compliance.operations import people as op
from compliance.operations.dossiers import view
from compliance.operations.evidence import Piece
from compliance.operations.rights import Role
from compliance.operations.samples import Criteria
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError
from compliance.storage import people, tables
from compliance.storage.cases import Filter
from compliance.storage.people import UNBOUND, Bounds
from compliance.storage.rows import new_id
from compliance.storage.schema import SCHEMA
from compliance.web.access import ACCESS, Open
from tests.web.test_account import _totp_on
from tests.web.visitor import Visitor

SECRET = "Secret de Toulouse"
ABSENT = "00000000000040008000000000000000"
DAY = date(2026, 11, 24)  # of the clock in tests
AUDITOR = frozenset((Role.AUDITOR,))


def _lived(office, name, site_id):
    """Return a use case with everything that one can have."""
    officer, place = office.people["officer"], office.place
    case_id = office.finished(name, site_id=site_id)
    evidence.add(place, officer, case_id, Piece(f"{name} : essai", content=b"texte"), fact="technique")
    first = actions.of_case(place, officer, case_id)[0]
    evidence.add(place, officer, case_id, Piece(f"{name} : preuve", content=b"texte"), action_id=first.id)
    to = office.people["contributor"].person_id
    handing_over.hand_over(place, officer, case_id, ["technique"], to, f"{name} ?")
    reviews.submit(place, officer, case_id, f"{name}, à relire")
    said = observations.record(place, office.people["auditor"], case_id, kind="remark", text=f"{name} : à revoir")
    observations.reply(place, officer, said, f"{name} : revu")
    return case_id


def _issued(office, case_id):
    """Put an issued report into the register."""
    row = {"org_id": office.org, "id": new_id(), "kind": "use_case", "form": "full", "language": "fr", "asked": {}}
    row |= {"case_id": case_id, "title": SECRET, "number": f"R-2026-{case_id[:4]}", "issue": True, "state": "ready"}
    row |= {"record": b"{}", "pdf": b"%PDF-", "person_id": office.people["officer"].person_id}
    with office.place.database.writing() as connection:
        connection.execute(insert(tables.report), [{**row, "at": office.place.clock()}])


@pytest.fixture
def two(office, place):
    """Return an organisation of two sites, with the use case of each and one of none."""
    figeac, toulouse = office.site("Figeac"), office.site("Usine secrète")
    office.bound(site_id=figeac)
    office.own, office.theirs = _lived(office, "Tri de Figeac", figeac), _lived(office, SECRET, toulouse)
    office.nowhere = _lived(office, "Secret sans site", None)
    office.toulouse = toulouse
    for case_id in (office.theirs, office.nowhere):
        _issued(office, case_id)
    samples.draw(place, office.people["auditor"], SECRET, Criteria(), size=3, order="reference", key=None)
    return office


def _ids(place, case_id):
    """Return every id of a row that belongs to a use case, by argument of routes."""
    found = [case_id]
    with place.database.reading() as connection:
        for table in SCHEMA.sorted_tables:
            if {"id", "case_id"} <= set(table.c.keys()):
                found += connection.execute(select(table.c.id).where(table.c.case_id == case_id)).scalars().all()
    return found


def _urls(app, rule, id_):
    values = {"case_id": id_, "id_": id_, "person_id": id_, "fact": "technique", "section": "system", "kind": "site"}
    values |= {"form": "json", "record_id": "not_high_risk"}
    values |= {"entry_id": "none", "token": "none", "filename": "css/pyramide.css"}
    values = {name: values.get(name, id_) for name in rule.arguments}
    url = app.url_map.bind("localhost").build(rule.endpoint, values)
    return [(method, url) for method in ("GET", "POST") if method in rule.methods]


def test_another_site_is_as_absent_as_what_never_was(app, visit, two, place):
    """Every route with an id, by GET and POST, for every row of a use case of another site or of none."""
    visitor = visit("bound")
    visitor.get("/account")
    sent = {"csrf_token": visitor.token, "name": "x", "text": "x", "title": "x", "current_password": two.PASSWORD}
    ids = [*_ids(place, two.theirs), *_ids(place, two.nowhere)]
    assert len(ids) > 20
    seen = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):  # it knows no session: 401 for all
            continue
        if not any(name == "id_" or name.endswith("_id") for name in rule.arguments):
            continue
        never = [visitor.client.open(url, method=m, data=sent).status_code for m, url in _urls(app, rule, ABSENT)]
        for id_ in ids:
            for (method, url), expected in zip(_urls(app, rule, id_), never, strict=True):
                response = visitor.client.open(url, method=method, data=sent)
                assert response.status_code == expected, (method, url)
                assert response.status_code in (403, 404), (method, url)
                assert "ecret" not in response.get_data(as_text=True), (method, url)
                seen.add(response.status_code)
    assert seen == {403, 404}


def test_their_own_site_is_open_to_them(app, visit, two, place):
    visitor = visit("bound")
    opened = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or ACCESS[rule.endpoint] is Open.PUBLIC:
            continue
        for id_ in _ids(place, two.own) if rule.arguments else [ABSENT]:
            response = visitor.client.get(_urls(app, rule, id_)[0][1])
            text = response.get_data(as_text=True)
            assert "Secret" not in text, rule.rule
            assert "Usine secr" not in text, rule.rule
            if response.status_code == 200:
                opened.add(rule.endpoint)
    for endpoint in (
        "dashboard.show",
        "inventory.listing",
        "results.show",
        "results.history",
        "results.applicability",
        "results.data",
        "actions.of_case",
        "actions.change",
        "questionnaire.review",
        "questionnaire.panel_only",
        "questionnaire.evidence_file",
    ):
        assert endpoint in opened, endpoint
    compared = visitor.get(f"/use-cases/{UUID(two.own)}/compare?before=2026-11-01&after=2026-11-24").page
    assert "Tri de Figeac" in compared.text


LAW_PAGES = 25  # of the hundreds on the law, which hold nothing of an organisation


def test_no_link_leads_a_bound_auditor_to_a_closed_page(visit, two):
    visitor = visit("bound")
    waiting, seen = ["/"], set()
    while waiting:
        url = waiting.pop()
        seen.add(url)
        if url.startswith("/law/") and sum(other.startswith("/law/") for other in seen) > LAW_PAGES:
            continue
        response = visitor.client.get(url)
        assert response.status_code in (200, 302, 303), (url, response.status_code)
        if response.mimetype == "text/html":
            html = response.get_data(as_text=True)
            assert "Secret" not in html, url
            links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', html)]
            waiting += [link for link in links if link not in seen | set(waiting) and not link.startswith("/static/")]
    assert f"/use-cases/{UUID(two.own)}/history" in seen
    assert "/people" not in seen


def test_the_dashboard_and_the_inventory_count_the_site_alone(visit, two):
    visitor = visit("bound")
    page = visitor.get("/").page
    assert "1 cas d'usage" in page.text
    assert "site\u00a0: Figeac" in page.text or "site : Figeac" in page.text
    assert "Tri de Figeac" in page.text
    for query in ("", f"?site={two.toulouse}", "?site=none", "?q=Secret", "?archived=1"):
        text = visitor.get("/use-cases" + query).page.text
        assert "Secret" not in text.replace('value="Secret"', ""), query
        assert "secrète" not in text, query
    assert "1 cas d'usage" in visitor.get(f"/use-cases?site={two.toulouse}").page.text
    assert "export" not in visitor.get("/use-cases").page.html
    for url in ("/use-cases/export.csv", "/use-cases/export.xlsx", f"/actions/export.xlsx?case={two.own}", "/log"):
        visitor.get(url, 403)


def test_a_use_case_that_moves_to_another_site_goes_out_of_sight(visit, place, two):
    visitor = visit("bound")
    visitor.get(f"/use-cases/{UUID(two.own)}")
    officer = two.people["officer"]
    case = view(place, officer, two.own).case
    cases.describe(place, officer, two.own, cases.Description(case.name, site_id=two.toulouse), case.version)
    visitor.get(f"/use-cases/{UUID(two.own)}", 404)
    assert "Aucun cas d'usage" in visitor.get("/").page.text


def test_operations_hold_to_the_bounds_without_any_page(place, two):
    bound = two.people["bound"]
    for read in (view, actions.of_case, reviews.assessments, answers.history, evidence.of_case, handing_over.of_case):
        read(place, bound, two.own)
        for elsewhere in (two.theirs, two.nowhere, ABSENT):
            with pytest.raises(NotFoundError):
                read(place, bound, elsewhere)
    with pytest.raises(NotAllowedError):
        cases.everything(place, bound, Filter())
    with pytest.raises(NotAllowedError):
        cases.put_away(place, bound, two.own, away=True)
    assert [site.name for site in cases.choices(place, bound).sites] == ["Figeac"]


# The period


@pytest.mark.parametrize(
    ("from_day", "until_day", "gets_in"),
    [
        (DAY, None, True),
        (None, DAY, True),
        (DAY, DAY, True),
        (DAY + timedelta(1), None, False),
        (None, DAY - timedelta(1), False),
    ],
)
def test_only_within_the_period_does_somebody_get_in(app, office, from_day, until_day, gets_in):
    actor = office.bound(from_day=from_day, until_day=until_day)
    visitor = Visitor(app)
    visitor.get("/sign-in")
    if gets_in:
        visitor.post("/sign-in", email=actor.email, password=office.PASSWORD)
        visitor.get("/use-cases/export.csv")
        return
    page = visitor.post("/sign-in", 422, email=actor.email, password=office.PASSWORD).page
    assert "pas ouvert aujourd'hui" in page.text
    assert visitor.client.get("/use-cases").location.startswith("/sign-in")
    wrong = visitor.post("/sign-in", 422, email=actor.email, password="faux mot de passe").page
    assert "pas ouvert" not in wrong.text, "only somebody who knows the password learns it"


def test_a_session_ends_with_the_last_day(visit, office, clock):
    office.bound(until_day=DAY)
    clock.forward(hours=14, minutes=50)  # 23:50
    visitor = visit("bound")
    visitor.get("/use-cases")
    clock.forward(minutes=15)
    response = visitor.client.get("/use-cases")
    assert response.status_code == 302
    assert response.location.startswith("/sign-in")


def test_who_belongs_elsewhere_goes_on_there(app, visit, office, place, clock):
    actor = office.bound(until_day=DAY)
    other = office.open(place, "Fonderie", {"officer": frozenset((Role.OFFICER,))})
    with place.database.writing() as connection:
        people.join(connection, other.org, actor.person_id, "contributor")
    clock.forward(hours=14, minutes=50)
    visitor = visit("bound")
    assert office.name in visitor.get("/").page.html
    clock.forward(minutes=15)
    page = visitor.get("/handed-over").page
    assert office.name not in page.html, "nor is there a way back"


def test_a_password_link_minds_organisations_outside_their_period(place, office):
    other = office.open(place, "Fonderie", {"officer": frozenset((Role.OFFICER,))})
    member = office.people["contributor"].person_id
    with place.database.writing() as connection:
        people.join(connection, other.org, member, "auditor", Bounds(None, DAY + timedelta(9), None))
    with pytest.raises(RefusedError, match="member_elsewhere"):
        op.password_link(place, replace(office.people["administrator"], has_totp=True), member)


# Invitations and members


def _membership(place, office, person_id):
    with place.database.reading() as connection:
        return people.membership(connection, office.org, person_id)


def test_an_invitation_carries_its_bounds(app, visit, office, place, clock):
    site = office.site("Figeac")
    office.finished(SECRET)
    visitor = visit("administrator")
    _totp_on(visitor, place)
    typed = {"email": "aud@example.com", "roles": ["auditor"], "language": "fr", "site_id": site}
    page = visitor.post("/people/invite", 200, **typed, from_day="2026-11-25", until_day="2026-11-30").page
    link = re.search(r'value="http://localhost(/welcome/[^"]+)"', page.html)[1]
    assert "site : Figeac, du 25 novembre 2026 au 30 novembre 2026" in visitor.get("/people").page.text
    guest = Visitor(app)
    guest.get(link)
    assert "commence le 25 novembre 2026" in guest.post(link, name="Paul", password=office.PASSWORD).page.text
    assert "pas encore commencée" in visitor.get("/people").page.text
    clock.forward(hours=20)
    guest = Visitor(app)
    page = guest.post("/sign-in", email="aud@example.com", password=office.PASSWORD).page
    assert "site : Figeac, du 25 novembre 2026 au 30 novembre 2026" in page.text
    assert SECRET not in page.text
    clock.forward(days=6)
    guest = Visitor(app)
    guest.post("/sign-in", 422, email="aud@example.com", password=office.PASSWORD)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"roles": ["auditor", "officer"], "until_day": "2026-12-31"}, "Seul un auditeur"),
        ({"roles": ["contributor"], "site_id": "own"}, "Seul un auditeur"),
        ({"from_day": "2026-12-31", "until_day": "2026-12-30"}, "précède le premier"),
        ({"until_day": "2026-11-23"}, "Ce jour est passé"),
        ({"site_id": "other"}, "Premier jour"),
        ({"site_id": ABSENT}, "Premier jour"),
        ({"from_day": "31 décembre"}, "Premier jour"),
        ({"until_day": "2026-02-30"}, "Dernier jour"),
    ],
)
def test_bounds_that_cannot_be_are_refused(visit, office, place, changes, words):
    other = office.open(place, "Fonderie", {"officer": frozenset((Role.OFFICER,))})
    sites = {"own": office.site("Figeac"), "other": other.site("Ailleurs")}
    changes = {name: sites.get(value, value) if isinstance(value, str) else value for name, value in changes.items()}
    visitor = visit("administrator")
    _totp_on(visitor, place)
    typed = {"email": "aud@example.com", "roles": ["auditor"], "language": "fr"} | changes
    page = visitor.post("/people/invite", 422, **typed).page
    assert words in page.text
    assert "Pas encore enregistré" in page.text
    with place.database.reading() as connection:
        assert not people.links(connection, office.org, "invitation")


def test_operations_refuse_what_no_form_offers(place, office):
    other = office.open(place, "Fonderie", {"officer": frozenset((Role.OFFICER,))})
    chief = replace(office.people["administrator"], has_totp=True)
    member = office.people["auditor"].person_id
    theirs = Bounds(other.site("Ailleurs"), None, None)
    with pytest.raises(RefusedError, match="unknown_choice"):
        op.invite(place, chief, email="a@example.com", roles=AUDITOR, language="fr", bounds=theirs)
    with pytest.raises(RefusedError, match="unknown_choice"):
        op.change_member(place, chief, member, roles=AUDITOR, active=True, bounds=theirs)
    assert _membership(place, office, member).columns() == UNBOUND.columns()


def test_bounds_of_a_member_are_set_named_and_taken_off(app, visit, office, place):
    site = office.site("Figeac")
    visitor, auditor = visit("administrator"), visit("auditor")
    _totp_on(visitor, place)
    auditor.get("/people")
    target = office.people["auditor"].person_id
    url, sent = f"/people/{UUID(target)}", {"active": "y", "current_password": office.PASSWORD}
    visitor.post(url, 422, roles=["auditor", "contributor"], site_id=site, **sent)
    visitor.post(url, roles=["auditor"], site_id=site, until_day="2026-12-31", **sent)
    assert auditor.client.get("/people").status_code == 302, "the old session is over"
    assert _membership(place, office, target).columns() == Bounds(site, None, date(2026, 12, 31)).columns()
    form = visitor.get(url).page
    assert f'<option selected value="{site}"' in form.html
    assert 'value="2026-12-31"' in form.html
    assert "site : Figeac, jusqu'au 31 décembre 2026" in visitor.get("/people").page.text
    logged, _ = organisation.log(place, office.people["officer"], organisation.Wanted(kind="person"), page=1)
    assert logged[0].detail["site_id"] == site
    assert logged[0].detail["until_day"] == "2026-12-31"
    officer = office.people["officer"]
    with pytest.raises(RefusedError, match="still_used"):
        organisation.remove_named(place, officer, "site", site)
    visitor.get("/account")
    visitor.post(url, roles=["auditor"], site_id="", from_day="", until_day="", **sent)
    assert _membership(place, office, target).columns() == UNBOUND.columns()
    organisation.remove_named(place, officer, "site", site)


def test_an_invitation_that_was_used_or_withdrawn_lets_go_of_its_site(place, office):
    site, chief = office.site("Figeac"), replace(office.people["administrator"], has_totp=True)
    officer, bounds = office.people["officer"], Bounds(site, None, None)
    op.invite(place, chief, email="b@example.com", roles=AUDITOR, language="fr", bounds=bounds)
    address = op.invite(place, chief, email="a@example.com", roles=AUDITOR, language="fr", bounds=bounds)
    link = sign_in.open_link(place, address.rsplit("/", 1)[1])
    person_id = sign_in.accept_invitation(place, link, name="Paul", password=office.PASSWORD)
    assert _membership(place, office, person_id).site_id == site
    op.change_member(place, chief, person_id, roles=AUDITOR, active=True)
    with pytest.raises(RefusedError, match="still_used"):
        organisation.remove_named(place, officer, "site", site)
    op.withdraw(place, chief, "b@example.com")
    organisation.remove_named(place, officer, "site", site)


def test_the_provider_of_identities_opens_no_more_than_the_invitation(place, office, clock):
    site, chief = office.site("Figeac"), replace(office.people["administrator"], has_totp=True)
    bounds = Bounds(site, DAY + timedelta(1), DAY + timedelta(2))
    op.invite(place, chief, email="a@example.com", roles=AUDITOR, language="fr", bounds=bounds)
    with pytest.raises(RefusedError, match="no_access"):
        sign_in.open_id_person(place, "sub-1", "a@example.com", "Paul", "::1")
    clock.forward(days=1)
    person_id = sign_in.open_id_person(place, "sub-1", "a@example.com", "Paul", "::1")
    assert _membership(place, office, person_id).columns() == bounds.columns()
    clock.forward(days=2)
    with pytest.raises(RefusedError, match="no_access"):
        sign_in.open_id_person(place, "sub-1", "a@example.com", "Paul", "::1")


def test_an_invitation_whose_period_is_over_opens_nothing(app, place, office, clock):
    chief = replace(office.people["administrator"], has_totp=True)
    address = op.invite(
        place, chief, email="a@example.com", roles=AUDITOR, language="fr", bounds=Bounds(None, None, DAY)
    )
    clock.forward(days=1)
    Visitor(app).get(address.removeprefix("http://localhost"), 404)

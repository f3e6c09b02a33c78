"""Hostile input to every form, as every role: words, never a 500."""

import random
from uuid import UUID

import pytest

from compliance.operations import bench, drafting
from compliance.operations.rights import Role
from compliance.web.access import ACCESS, Open

NASTY = (
    "",
    "x" * 5_000,
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "' OR 1=1 --",
    "\x00",
    "\ud83d\ude42",
    "\u202eevil",
    "-1",
    "99999999999999999999",
    "NaN",
    "2026-02-30",
    "1e400",
    "../../etc/passwd",
    "%s%(x)s{x}",
    "unknown",
    "y",
)


@pytest.fixture(scope="module", autouse=True)
def _processes():
    yield
    bench.stop()


@pytest.mark.parametrize("role", list(Role))
def test_no_form_yields_a_500(app, visit, place, office, role, examples):
    """Send every combination that a fixed seed picks to every route that takes a POST."""
    case_id = office.finished()
    draft_id = drafting.begin(place, office.people["legal_editor"], place.library.default, "Essai")
    chance = random.Random(role.value)
    visitor = visit(role.value)
    visitor.get("/account")
    adapter = app.url_map.bind("localhost")
    names = ("name", "value", "none", "unsure", "comment", "version", "state", "owner_id", "due", "ids", "facts", "to")
    names += (
        "note",
        "email",
        "roles",
        "language",
        "pack",
        "title",
        "url",
        "file",
        "opinion",
        "decision",
        "code",
        "new",
    )
    names += ("current_password", "fact", "technique-value", "technique-version", "c-name", "site_id", "back", "away")
    names += ("text", "note_fr", "note_en", "effect", "line", "path", "seen", "title_fr", "title_en", "base", "case")
    names += ("supplier", "days", "shown_name", "supplies", "item", "decision", "v-technique")
    names += ("description", "events")
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.endpoint == "account.sign_out":
            continue
        if ACCESS[rule.endpoint] is Open.PUBLIC and rule.endpoint != "account.language":
            continue
        for _ in range(examples(12)):
            values = {"case_id": case_id, "id_": case_id, "person_id": office.people["officer"].person_id}
            values |= {"fact": chance.choice(["technique", "staff", "practices", "nothing", "__class__"])}
            values |= {"section": "system", "kind": chance.choice(["site", "x"]), "entry_id": "x", "token": "x"}
            values |= {
                "path": chance.choice(["practices.yaml", "none.yaml", "../x"]),
                "remark_id": case_id,
                "module": "policy",
                "pack": "ai-act",
                "supply": chance.choice(["supplied_purpose", "none"]),
            }
            if rule.endpoint.startswith("studio."):
                values["id_"] = draft_id
            url = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
            sent = {name: chance.choice(NASTY) for name in names if chance.random() < 0.6}
            sent = {k: v.encode("utf-8", "surrogatepass") for k, v in sent.items()}
            response = visitor.client.post(url, data={**sent, "csrf_token": visitor.token})
            assert response.status_code < 500, (url, sent)
            assert b"<script>alert" not in response.data
            if response.status_code == 302 and "sign-in" in (response.location or ""):
                pytest.fail(f"{url} ended the session")


def test_live_text_never_runs(visit, place, office):
    """What is typed comes back as text on every page that shows it."""
    case_id = office.case("<img src=x onerror=alert(1)>")
    visitor = visit("officer")
    visitor.get("/account")
    for page in ("/", "/use-cases", "/use-cases/settle", f"/use-cases/{UUID(case_id)}"):
        html = visitor.get(page).page.html
        assert "<img src=x" not in html


@pytest.mark.parametrize("page", ["/use-cases", "/actions", "/log", "/reports", "/reports/portfolio", "/audit"])
def test_what_an_address_asks_for_is_no_option_of_the_links_on_the_page(visit, office, page):
    """Found by the fuzzer: ``?_method=x`` was a 500, and ``?_scheme=…`` gave links another scheme."""
    office.finished()
    words = "?_method=PUT&_external=1&_scheme=javascript&_anchor=x&endpoint=inventory.listing&arguments=1&kind=x"
    html = visit("officer").get(page + words).page.html
    assert "javascript:" not in html
    assert 'href="http://localhost' not in html

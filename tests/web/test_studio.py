"""The rule studio as people use it, without a script."""

import json
import re

import pytest

from compliance.operations import bench
from compliance.operations.rights import Role
from compliance.storage import audit
from tests.offices import Office
from tests.web.visitor import Visitor

FILE = "organisation.yaml"
OLD, NEW = "- staff: {less_than: 750}", "- staff: {less_than: 700}"


@pytest.fixture(scope="module", autouse=True)
def _processes():
    yield
    bench.stop()


@pytest.fixture
def legal(place):
    held = frozenset((Role.LEGAL_EDITOR,))
    return Office.open(place, "Forge", {"ada": held, "basile": held, "officer": frozenset((Role.OFFICER,))})


@pytest.fixture
def enter(app, legal):
    def entered(who):
        visitor = Visitor(app)
        visitor.sign_in(legal.people[who], legal.PASSWORD)
        return visitor

    return entered


def begun(visitor, title="Seuil"):
    page = visitor.post("/studio/begin", name="ai-act-2026", title=title)
    return page.request.path


def typed(visitor, draft, text, version, path=FILE, **headers):
    data = {"text": text, "version": version, "csrf_token": visitor.token}
    return visitor.client.post(f"{draft}/edit/{path}", data=data, headers=headers)


def test_from_a_broken_draft_to_a_published_version(enter, place, legal):
    ada, basile = enter("ada"), enter("basile")
    draft = begun(ada)
    text = place.library.files("ai-act-2026")[f"ai-act-2026/{FILE}"].decode()
    assert OLD in text
    assert typed(ada, draft, text.replace(OLD, "- staf: {less_than: 700}"), 0).status_code == 303
    page = ada.get(f"{draft}/edit/{FILE}")
    assert "vouliez-vous dire" in page.text
    refused = ada.post(f"{draft}/hand-in", 422, **NOTES)
    assert "erreurs" in refused.text
    assert typed(ada, draft, text.replace(OLD, NEW), 1).status_code == 303
    page = ada.get(f"{draft}/edit/{FILE}?all=1")
    assert "Ce qui change dans le sens" in page.text
    changes = ada.get(f"{draft}/changes")
    assert "less_than: 700" in changes.text
    for file in {item["file"] for item in failing(ada, draft)}:
        ada.post(f"{draft}/remove/{file}")
    ada.post(f"{draft}/hand-in", **NOTES)
    read = basile.get("/studio")
    assert "À relire par vous" in read.text
    line = next(n for n, words in enumerate(text.splitlines(), 1) if OLD in words)
    basile.post(f"{draft}/remark", path=FILE, line=line, text="<script>alert(1)</script>")
    assert "&lt;script&gt;alert" in basile.get(f"{draft}/changes").text
    own = ada.post(f"{draft}/decide", 422, decision="publish")
    assert "Quelqu&#39;un d&#39;autre" in own.text
    published = basile.post(f"{draft}/decide", decision="publish")
    assert "version 1" in published.text
    with place.database.reading() as connection:
        log = [line["what"] for line, _leaf in audit.lines(connection, legal.org) if line["what"].startswith("law.")]
    assert sorted(log) == ["law.draft_begun", "law.handed_in", "law.published", "law.remark"]


def failing(visitor, draft):
    page = visitor.get(f"{draft}/changes")
    return [{"file": name} for name in re.findall(r"/edit/(scenarios/[a-z-]+\.yaml)#", page.text)]


NOTES = {"note_fr": "Seuil abaissé.", "note_en": "Lower threshold.", "effect": "2026-11-24"}


def test_the_editor_hears_of_a_conflict_and_keeps_both_texts(enter):
    ada = enter("ada")
    draft = begun(ada)
    scripted = {"X-Requested-With": "editor"}
    assert typed(ada, draft, "a: b\n", 0, **scripted).json == {"version": 1}
    late = typed(ada, draft, "c: d\n", 0, **scripted)
    assert late.status_code == 409
    assert (late.json["version"], late.json["text"]) == (1, "a: b\n")
    page = typed(ada, draft, "mine: </textarea><script>\n", 0)
    assert page.status_code == 409
    assert "mine: &lt;/textarea&gt;" in page.text
    assert "a: b" in page.text


def test_the_check_has_problems_with_their_place_and_a_panel(enter):
    ada = enter("ada")
    draft = begun(ada)
    typed(ada, draft, "facts:\n  insert:\n    <b>: 3\n", 0)
    found = ada.client.get(f"{draft}/check/{FILE}?cursor=3").json
    assert {problem["file"] for problem in found["problems"]} >= {FILE}
    assert "<b>:" not in found["panel"]
    words = ada.client.get(f"{draft}/words").json
    assert "high_risk" in json.dumps(words)


@pytest.mark.parametrize("path", ["../../secret.yaml", "none.yaml", "%2e%2e/x.yaml"])
def test_only_files_of_the_draft_open(enter, path):
    ada = enter("ada")
    draft = begun(ada)
    assert ada.client.get(f"{draft}/edit/{path}").status_code == 404


def test_others_see_nothing_of_it(app, enter, place):
    draft = begun(enter("ada"))
    other = Office.open(place, "Autre", {"eve": frozenset((Role.LEGAL_EDITOR,))})
    eve = Visitor(app)
    eve.sign_in(other.people["eve"], other.PASSWORD)
    assert eve.client.get(draft).status_code == 404
    assert eve.client.get(f"{draft}/check/{FILE}").status_code == 404
    assert enter("officer").client.get("/studio").status_code == 403


def test_a_pack_of_our_own_begins_from_the_template_and_is_proved(enter):
    ada = enter("ada")
    data = {"pack": "forge-charte", "title_fr": "Notre charte", "title_en": "Our charter", "base": "ai-act-2026"}
    page = ada.post("/studio/new", **data)
    draft = page.request.path
    proofs = ada.get(f"{draft}/proofs")
    assert "n&#39;est pas vrai" not in proofs.text
    assert "aucune situation ce pack n" in proofs.text
    for name in ("ai-act-2026", "Bad Name", "../x"):
        ada.post("/studio/new", 422, **{**data, "pack": name})

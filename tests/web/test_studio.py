"""The rule studio as people use it, without a script."""

import io
import json
import random
import re
import zipfile
from dataclasses import replace

import pyotp
import pytest

from compliance.law import new_pack
from compliance.operations import bench, drafting, publishing
from compliance.operations.rights import Role
from compliance.storage import audit, people
from compliance.text import Text
from compliance.web.studio import pages as shaping
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
def enter(app, legal, place):
    def entered(who, *, factor=True):
        """Sign somebody in; the second factor is turned on behind the page that does it, to spare the codes."""
        visitor = Visitor(app)
        visitor.sign_in(legal.people[who], legal.PASSWORD)
        if factor:
            with place.database.writing() as connection:
                people.change_person(connection, legal.people[who].person_id, totp_secret="A" * 32)
        return visitor

    return entered


def begun(visitor, title="Seuil"):
    page = visitor.post("/studio/begin", name="ai-act-2026", title=title)
    return page.request.path


def typed(visitor, draft, text, version, path=FILE, **headers):
    data = {"text": text, "version": version, "csrf_token": visitor.token}
    return visitor.client.post(f"{draft}/edit/{path}", data=data, headers=headers)


@pytest.mark.thorough
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
    said = re.findall(r"scénario « (.+?) » : ", changes.page.text)
    scenarios = {scenario.name.fr for scenario in place.library.scenarios("ai-act-2026")}
    assert said
    assert scenarios.issuperset(said)
    for file in {item["file"] for item in failing(ada, draft)}:
        ada.post(f"{draft}/remove/{file}")
    ada.post(f"{draft}/hand-in", **NOTES)
    read = basile.get("/studio")
    assert "À relire par vous" in read.text
    line = next(n for n, words in enumerate(text.splitlines(), 1) if OLD in words)
    basile.post(f"{draft}/remark", path=FILE, line=line, text="<script>alert(1)</script>")
    assert "&lt;script&gt;alert" in basile.get(f"{draft}/changes").text
    own = decided(ada, draft, 422)
    assert "Quelqu&#39;un d&#39;autre" in own.text
    assert "Ce n&#39;est pas votre mot de passe" in decided(basile, draft, 422, current_password="autre chose").text
    published = decided(basile, draft)
    assert "version 1" in published.text
    assert "/law/ai-act-2026@" in published.text
    assert "/definitions/small_mid_cap" in published.text
    officer = enter("officer", factor=False)
    (law,) = set(re.findall(r'"(/law/ai-act-2026@[0-9a-f]+)/definitions/small_mid_cap"', published.text))
    assert "Dernière modification version 1" in basile.get(f"{law}/definitions/small_mid_cap").page.text
    assert "modifié dans la version 1" in officer.get(f"{law}/definitions").page.text
    assert "/studio/" not in officer.get(f"{law}/definitions/small_mid_cap").text
    assert "Dernière modification" not in basile.get("/law/ai-act-2026/definitions/small_mid_cap").page.text
    late = basile.post(f"{draft}/remark", 422, path=FILE, line=line, text="Trop <b>tard</b>")
    assert "Trop &lt;b&gt;tard" in late.text
    assert "ne prend plus de remarques" in late.text
    assert "Publié : version 1" in ada.get(f"{draft}/changes").text
    assert "en vigueur</span>" in ada.get("/studio").text
    packed = ada.client.get(f"{published.request.path}/pack.zip")
    assert f"ai-act-2026/{FILE}" in zipfile.ZipFile(io.BytesIO(packed.data)).namelist()
    with place.database.reading() as connection:
        log = [line["what"] for line, _leaf in audit.lines(connection, legal.org) if line["what"].startswith("law.")]
    assert sorted(log) == ["law.draft_begun", "law.handed_in", "law.published", "law.remark"]


def decided(visitor, draft, status=303, *, seen="", **given):
    """Decide on a draft as its page stands, or as it stood when ``seen`` was read."""
    data = {"decision": "publish", "current_password": Office.PASSWORD, "seen": seen or what_is_seen(visitor, draft)}
    return visitor.post(f"{draft}/decide", status, **{**data, **given})


def what_is_seen(visitor, draft):
    page = visitor.get(f"{draft}/changes").text
    found = re.search(r'name="seen"[^>]*value="([0-9a-f]{64})"', page)
    return found[1] if found else ""


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


def handed_in(ada, draft, text, line="# à relire"):
    """Hand in a draft that adds a line at the end of a file."""
    assert typed(ada, draft, f"{text}{line}\n", 0).status_code == 303
    ada.post(f"{draft}/hand-in", **NOTES)


@pytest.fixture
def text(place):
    """Return what the file says before anybody changes it."""
    return place.library.files("ai-act-2026")[f"ai-act-2026/{FILE}"].decode()


def test_what_is_approved_is_what_was_read_by_somebody_with_a_second_factor(enter, text, place):
    ada, basile = enter("ada"), enter("basile", factor=False)
    draft = begun(ada)
    handed_in(ada, draft, text)
    page = basile.get(f"{draft}/changes")
    assert 'value="publish"' not in page.text
    kept = decided(basile, draft, 422, opinion="Mon avis & moi")
    assert "Mon avis &amp; moi" in kept.text
    led = re.search(r'href="(/account/second-factor\?back=[^"]+)"', kept.text)[1]
    secret = re.search(r"<code>([A-Z2-7]+)</code>", basile.get(led).page.html)[1]
    turned_on = basile.post(led, code=pyotp.TOTP(secret).at(place.clock()))
    assert turned_on.request.path == f"{draft}/changes"
    assert 'value="publish"' in turned_on.text
    seen = what_is_seen(basile, draft)
    ada.post(f"{draft}/take-back")
    assert typed(ada, draft, f"{text}# autre chose\n", 1).status_code == 303
    ada.post(f"{draft}/hand-in", **NOTES)
    late = decided(basile, draft, 422, seen=seen)
    assert "relisez-le dans son état actuel" in late.text
    assert "Aucune version" not in basile.get("/studio").text
    basile.post(f"{draft}/decide", 422, decision="return", opinion=" ")
    basile.post(f"{draft}/decide", decision="return", opinion="Revoir <b>tout</b>.")
    page = ada.get(draft).text
    assert "Revoir &lt;b&gt;tout&lt;/b&gt;." in page
    assert NOTES["note_fr"] in page, "the notes need not be typed again"


def test_remarks_are_never_out_of_sight(enter, text):
    ada, basile = enter("ada"), enter("basile")
    draft = begun(ada)
    handed_in(ada, draft, text)
    last = text.count("\n") + 1
    for line, said in ((last, "Sur la ligne"), (last - 1, "Juste au-dessus"), (1, "Ailleurs")):
        basile.post(f"{draft}/remark", path=FILE, line=line, text=said)
    page = basile.get(f"{draft}/changes").text
    assert all(page.count(said) == 1 for said in ("Sur la ligne", "Juste au-dessus", "Ailleurs"))
    lost = basile.post(f"{draft}/remark", 422, path=FILE, line=last + 5, text="Trop <i>loin</i>")
    assert "Trop &lt;i&gt;loin&lt;/i&gt;" in lost.text
    ada.post(f"{draft}/take-back")
    ada.post(f"{draft}/restore/{FILE}")
    for where in (draft, f"{draft}/changes"):
        assert "Sur la ligne" in ada.get(where).text
    settled = re.search(r"/remarks/[0-9a-f-]+/settle", ada.get(draft).text)[0]
    ada.post(f"{draft}{settled}")
    assert settled not in ada.get(draft).text


def test_what_is_refused_is_not_lost(enter):
    ada, basile = enter("ada"), enter("basile")
    draft = begun(ada)
    scripted = {"X-Requested-With": "editor"}
    basile.get(draft)
    for who, text in ((basile, "à: <moi>\n"), (ada, "un\x07deux: <moi>\n")):
        page = typed(who, draft, text, 0)
        assert page.status_code == 422
        assert "&lt;moi&gt;" in page.text
        assert typed(who, draft, text, 0, **scripted).json["message"]
    ada.post(f"{draft}/files", 422, path=FILE)  # there already: it is not emptied
    assert OLD in ada.get(f"{draft}/edit/{FILE}").text
    ada.post(f"{draft}/files", path="scenarios/nouveau.yaml")
    assert "../../schema/" in ada.get(f"{draft}/edit/scenarios/nouveau.yaml").text
    ada.post(f"{draft}/remove/{FILE}")
    assert f"{draft}/restore/{FILE}" in ada.get(draft).text
    ada.post(f"{draft}/restore/{FILE}")
    assert OLD in ada.get(f"{draft}/edit/{FILE}").text
    assert ada.client.post(f"{draft}/restore/%00.yaml", data={"csrf_token": ada.token}).status_code == 404
    ada.post(f"{draft}/title", title="Un autre <titre>")
    assert "Un autre &lt;titre&gt;" in ada.get("/studio").text
    ada.post(f"{draft}/drop")
    assert "Un autre" not in ada.get("/studio").text


@pytest.mark.thorough  # tests/operations/test_studio.py brings one back as well
def test_an_earlier_version_is_brought_back(enter, place, legal):
    ada, basile = legal.people["ada"], replace(legal.people["basile"], has_totp=True)
    name = "ai-act-2026"
    for comment in ("# un\n", "# deux\n"):
        id_ = drafting.begin(place, ada, name, comment)
        text = drafting.opened(place, ada, id_).text(FILE)
        drafting.save(place, ada, id_, FILE, text + comment, 0)
        publishing.hand_in(place, ada, id_, note_fr="Note.", note_en="Note.", effect=place.today())
        name = publishing.publish(place, basile, id_, drafting.opened(place, basile, id_).mark).name
    visitor = enter("ada")
    desk = visitor.get("/studio").text
    (back,) = re.findall(r"/studio/versions/[0-9a-f-]+/bring-back", desk)  # not of the version that is in effect
    draft = visitor.post(back).request.path
    assert "<pre># deux</pre>" in visitor.get(f"{draft}/changes").text
    assert re.findall(r'<option value="(ai-act-2026[^"]*)"', desk) == [name]


def test_packs_come_in_as_drafts_or_not_at_all(enter, place):
    ada = enter("ada")
    title = Text("Charte", "Charter")
    good = new_pack.template("forge-charte", title, "ai-act-2026", place.library.law("ai-act-2026").pack.id)
    evil = {**good, "../../rules/ai-act/pack.yaml": b"pack: ai-act\n"}
    page = ada.post("/studio/import", 422, files={"file": (zipped(evil), "charte.zip")})
    assert "Ce fichier est refusé" in page.text
    assert "forge-charte" not in ada.get("/studio").text
    taken = ada.post("/studio/import", files={"file": (zipped(good), "charte.zip")})
    assert "forge-charte" in ada.get("/studio").text
    words = json.dumps(ada.client.get(f"{taken.request.path}/words").json)
    assert "high_risk" in words


def zipped(files):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for path, data in files.items():
            archive.writestr(f"forge-charte/{path}", data)
    kept.seek(0)
    return kept


def test_use_cases_that_would_change_are_handed_out(enter, legal, place):
    ada = enter("ada")
    legal.case("Robot")
    draft = begun(ada)
    text = place.library.files("ai-act-2026")[f"ai-act-2026/{FILE}"].decode()
    typed(ada, draft, text.replace(OLD, NEW), 0)
    found = ada.client.get(f"{draft}/impact.csv")
    assert found.status_code == 200
    assert "Niveau avant" in found.text
    assert ada.client.get(f"{draft}/impact.xlsx").data[:2] == b"PK"
    assert ada.client.get(f"{draft}/impact.exe").status_code == 404


@pytest.mark.parametrize("seed", range(40))
def test_a_difference_leads_from_one_text_to_the_other(seed):
    luck = random.Random(seed)
    was, now = ([luck.choice("abc") for _ in range(luck.randrange(9))] for _ in range(2))
    if seed == 0:
        was, now = [str(n % 7) for n in range(5000)], [str(n * 3 % 7) for n in range(5001)]
    operations = shaping._operations(was, now)
    built = [line for kind, a, b, c, d in operations for line in (was[a:b] if kind == "equal" else now[c:d])]
    assert built == now
    assert [n for _, a, b, _, _ in operations for n in range(a, b)] == list(range(len(was)))

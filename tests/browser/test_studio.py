"""The rule studio in a real browser: opened, broken, mended, understood, handed in, published, used."""

import os
import re

import pyotp
import pytest

from compliance.config import load
from compliance.operations import cases
from compliance.operations.cases import Description
from compliance.operations.rights import Role
from compliance.operations.site import open_workplace
from tests.browser.conftest import Site, look, thorough
from tests.offices import Office

pytestmark = pytest.mark.browser
FILE = "organisation.yaml"
OLD, NEW = "less_than: 750", "less_than: 700"
WHOLE = """text => {
    const view = lawEditor.view;
    view.dispatch({changes: {from: 0, to: view.state.doc.length, insert: text}});
}"""
APPEND = """text => {
    const view = lawEditor.view, end = view.state.doc.length;
    view.dispatch({changes: {from: end, insert: text}, selection: {anchor: end + text.length}});
    view.focus();
}"""
CUT = """text => {
    const view = lawEditor.view, end = view.state.doc.length;
    view.dispatch({changes: {from: end - text.length, to: end}});
}"""
OFFERED = """name => [...document.querySelector(".law-editor-host").shadowRoot.querySelectorAll(".cm-completionLabel")]
    .some((label) => label.textContent === name)"""
HERE = "(() => { const s = lawEditor.view.state; return s.doc.lineAt(s.selection.main.head).text; })()"
MARKED = "document.querySelector('.law-editor-host').shadowRoot.querySelector('.cm-lint-marker-error')"


@pytest.fixture
def office(tmp_path):
    """Make an organisation with two legal editors and an officer, in the store that the site will open."""
    place = open_workplace(load({**os.environ, "PYRAMIDE_INSTANCE": str(tmp_path)}))
    held = frozenset((Role.LEGAL_EDITOR,))
    made = Office.open(place, "Forge", {"ada": held, "basile": held, "olga": frozenset((Role.OFFICER,))})
    entry = place.library.law(place.library.default).pack.catalogue
    for id_ in list(entry)[:5]:
        described = Description(entry[id_].title.fr)
        cases.begin(place, made.people["olga"], described, presumed=dict(entry[id_].facts), catalogue_entry=id_)
    place.database.close()
    return made


@pytest.fixture
def running(office, tmp_path):
    started = Site(tmp_path, workers=0)
    yield started
    started.stop()


def enter(page, site, office, who, way):
    page.set_default_timeout(90_000)  # proofs are made while one waits
    page.goto(f"{site.address}/sign-in")
    page.fill("#email", office.people[who].email)
    page.fill("#password", office.PASSWORD)
    page.click("main button")
    page.wait_for_load_state()
    if page.get_attribute("html", "lang") != way.language:
        page.click(f"header button[value={way.language}]")
        page.wait_for_load_state()


def until(page, expression, given=None, seconds=30):
    """Wait for an expression to be true; the policy of the site lets no page wait for it by itself."""
    for _ in range(seconds * 10):
        if page.evaluate(expression, given):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never true: {expression}")


def type_in(page, way, text):
    """Type a whole file, in the editor or in the plain field, and wait until it is kept and looked at."""
    if way.scripts:
        page.evaluate(WHOLE, text)
        until(page, "/\\d\\d:\\d\\d/.test(document.querySelector('.law-editor-state').textContent)")
        until(page, "!document.getElementById('law-panel').hasAttribute('aria-busy')")
    else:
        page.fill("#text", text)
        page.click(".law-editor button")
        page.wait_for_load_state()


def hand_in(ada, way, draft, failing):
    """Take out the scenarios written for the old threshold, and hand the draft in."""
    for file in failing:
        ada.goto(f"{draft}/edit/{file}")
        ada.click(".law-editing details:has(form[action*='/remove/']) > summary")
        ada.click("form[action*='/remove/'] button")
        ada.wait_for_load_state()
    ada.goto(draft)
    look(ada, way.scripts)
    ada.fill("#note_fr", "Seuil abaissé.")
    ada.fill("#note_en", "Lower threshold.")
    ada.click("form[action$='/hand-in'] button")
    ada.wait_for_url("**/changes")


def turn_on_second_factor(page):
    """Follow the link that stands where one would publish, and come back by the page that it leads to."""
    assert not page.locator("button[value=publish]").count()
    page.click("#decide ~ form a[href*='second-factor']")
    page.wait_for_load_state()
    page.fill("#code", pyotp.TOTP(page.locator("main code").inner_text()).now())
    page.click("main form button")
    page.wait_for_url("**/changes#decide")


@pytest.mark.parametrize("way", ["fr-1280-scripts", thorough("en-360-plain")], indirect=True)
def test_a_rule_from_draft_to_reassessment(running, office, people, way):
    ada = people()
    refused = []
    ada.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    enter(ada, running, office, "ada", way)
    ada.goto(f"{running.address}/studio")
    look(ada, way.scripts)
    ada.select_option("#name", "ai-act-2026")
    ada.fill("#title", "Seuil")
    ada.click("form[action$='/studio/begin'] button")
    ada.wait_for_load_state()
    draft = ada.url
    ada.goto(f"{draft}/edit/{FILE}")
    text = ada.input_value("#text") if not way.scripts else ada.evaluate("lawEditor.view.state.doc.toString()")
    assert OLD in text
    type_in(ada, way, text.replace(OLD, "less_then: 700"))
    assert ada.locator("#law-panel .note.bad").count()
    if way.scripts:
        until(ada, MARKED)
        ada.click("#law-panel a[data-line]")
        assert "less_then" in ada.evaluate(HERE)
    type_in(ada, way, text.replace(OLD, NEW))
    ada.wait_for_selector("#law-panel details", state="attached")
    panel = ada.inner_text("#law-panel")
    assert not ada.locator("#law-panel > .note.bad").count(), panel
    assert ("Ce qui change dans le sens" if way.language == "fr" else "What changes in meaning") in panel
    look(ada, way.scripts)
    failing = set(re.findall(r"/edit/(scenarios/[a-z-]+\.yaml)#", ada.content()))
    ada.goto(f"{draft}/proofs")
    assert ada.locator("main .tag.good").count() >= 5
    look(ada, way.scripts)
    hand_in(ada, way, draft, failing)
    basile = people()
    enter(basile, running, office, "basile", way)
    basile.goto(f"{draft}/changes")
    look(basile, way.scripts)
    turn_on_second_factor(basile)
    basile.fill("#current_password", office.PASSWORD)
    basile.click("button[value=publish]")
    basile.wait_for_url("**/studio/versions/**", timeout=60_000)
    look(basile, way.scripts)
    olga = people()
    enter(olga, running, office, "olga", way)
    olga.goto(f"{running.address}/reassess")
    look(olga, way.scripts)
    assert "version 1" in olga.inner_text("main")
    assert not refused


@pytest.mark.thorough
@pytest.mark.parametrize("way", ["fr-1280-scripts"], indirect=True)
def test_the_editor_helps_and_loses_nothing(running, office, people, way):
    page = people()
    enter(page, running, office, "ada", way)
    page.goto(f"{running.address}/studio")
    page.select_option("#name", "ai-act-2026")
    page.fill("#title", "Aide")
    page.click("form[action$='/studio/begin'] button")
    page.wait_for_load_state()
    draft = page.url
    page.goto(f"{draft}/edit/{FILE}")
    until(page, "window.lawEditor")
    page.wait_for_load_state("networkidle")
    for tail, offered in (
        ("\nfindings:\n  insert:\n    ours:\n      when: high_ri", "high_risk_system"),
        ("\nfindings:\n  insert:\n    ours:\n      cite: art. 9(", "art. 9(1)"),
        ("\nobligations:\n  insert:\n    ours:\n      owner: qual", "quality"),
        ("\nfindings:\n  insert:\n    ours:\n      when: {practices: soc", "social_scoring"),
        ("\nfin", "findings"),
    ):
        page.evaluate(APPEND, tail)
        page.keyboard.press("Control+Space")
        until(page, OFFERED, offered)
        page.keyboard.press("Escape")
        page.evaluate(CUT, tail)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") != "law-editor-host"
    page.context.set_offline(True)
    page.evaluate("lawEditor.view.dispatch({changes: {from: 0, insert: '# sans réseau\\n'}})")
    page.wait_for_timeout(1500)
    context = page.context
    page.close()  # before the network is back: then it would be saved at once
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"{draft}/edit/{FILE}")
    page.click(".law-editor-state button")
    assert page.evaluate("lawEditor.view.state.doc.toString()").startswith("# sans réseau")

"""Three people at work in a real browser: the first officer, a contributor, a reviewer."""

import re

import pyotp
import pytest
from playwright.sync_api import Error

from tests.browser.conftest import ALL_WAYS, BY_KEYS, WAYS, look, thorough

pytestmark = pytest.mark.browser
PASSWORD = "soudure girafe lampadaire"
WORDS = {
    "fr": {
        "begin": "Commencer",
        "new": "Nouveau cas d'usage",
        "start": "Commencer le questionnaire",
        "next": "Enregistrer et continuer",
        "submit": "Soumettre pour avis",
        "approve": "Valider",
        "approved": "Validé",
        "save": "Enregistrer",
        "invite": "Inviter",
        "join": "Rejoindre",
        "hand": "Confier",
        "tell": "Enregistrer et prévenir mon collègue",
        "on": "Activer",
        "scope": "Hors du champ",
        "high": "Haut risque",
        "confirm": "Je les ai vérifiées : tout confirmer",
        "with": "Commencer avec celui-ci",
    },
    "en": {
        "begin": "Begin",
        "new": "New use case",
        "start": "Begin the questionnaire",
        "next": "Save and continue",
        "submit": "Submit for review",
        "approve": "Approve",
        "approved": "Approved",
        "save": "Save",
        "invite": "Invite",
        "join": "Join",
        "hand": "Hand over",
        "tell": "Save and tell my colleague",
        "on": "Turn on",
        "scope": "Out of scope",
        "high": "High risk",
        "confirm": "I have checked them: confirm all",
        "with": "Begin with this",
    },
}


LOOKED_AT = set()


class Person:
    """Somebody at a browser who reads the words on the screen, and points or uses keys alone."""

    def __init__(self, page, way, site):
        self.page, self.site, self.way = page, site, way
        self.language, self.scripts = way.language, way.scripts
        self.say = WORDS[self.language]

    def go(self, path):
        self.page.goto(path if path.startswith("http") else self.site.address + path)
        self.look_once()

    def look(self):
        look(self.page, self.scripts)

    def look_once(self):
        """Look at a page as it first comes, unless one of its kind was looked at in this way of use.

        By keys the pages are those that are looked at elsewhere: it is walked last.
        """
        path = re.sub(r"/[0-9a-f-]{32,}|/questions/\w+|\?.*", "/*", self.page.url.removeprefix(self.site.address))
        seen_by_others = self.way.keys and any(kind == path for other, kind in LOOKED_AT if other.scripts)
        if not seen_by_others and (self.way, path) not in LOOKED_AT:
            LOOKED_AT.add((self.way, path))
            self.look()

    def reach(self, locator):
        """Press Tab until an element, or the group of a radio button, has the focus."""
        element = locator.element_handle()
        for _ in range(500):
            found = element.evaluate("""(e) => {
                const a = document.activeElement;
                return a === e || (e.type === "radio" && a.type === "radio" && a.name === e.name);
            }""")
            if found:
                return element
            self.page.keyboard.press("Tab")
        return pytest.fail(f"not reached by keyboard: {locator}")

    def until(self, condition):
        """Wait for a condition on the page; the pages' own policy forbids the library's way of waiting."""
        for _ in range(200):
            try:
                if self.page.evaluate(condition):
                    return
            except Error:
                pass  # the page is being replaced
            self.page.wait_for_timeout(50)
        pytest.fail(f"never came true: {condition}")

    def use(self, locator):
        """Press a button or follow a link."""
        if not self.way.keys:
            locator.click()
        else:
            self.reach(locator)
            self.page.evaluate("window.before = location.href")
            self.page.keyboard.press("Enter")
            self.until("!window.before || window.before !== location.href")
        self.page.wait_for_load_state()

    def press(self, word, exact=True):
        self.use(self.page.get_by_role("main").get_by_role("button", name=self.say[word], exact=exact).first)

    def tick(self, selector):
        locator = self.page.locator(selector).first
        if not self.way.keys:
            locator.check()
            return
        element = self.reach(locator)
        if locator.get_attribute("type") == "radio":
            for _ in range(30):
                if element.evaluate("e => e === document.activeElement"):
                    break
                self.page.keyboard.press("ArrowDown")
        if not locator.is_checked():
            self.page.keyboard.press("Space")

    def choose(self, selector, value):
        """Choose from a list; by keys, the choice is typed."""
        locator = self.page.locator(selector)
        if not self.way.keys:
            locator.select_option(value)
            return
        self.reach(locator)
        label = locator.locator(f"option[value='{value}']").inner_text()
        self.page.keyboard.type(label)
        assert locator.input_value() == value

    def sees(self, text):
        self.page.get_by_text(text).first.wait_for(state="visible")

    def fill(self, **values):
        for id_, value in values.items():
            locator = self.page.locator(f"#{id_}")
            if not self.way.keys:
                locator.fill(value)
                continue
            self.reach(locator)
            self.page.keyboard.press("ControlOrMeta+A")
            self.page.keyboard.type(value)

    def begin(self):
        """From the link to an account and an organisation."""
        self.go(self.site.link)
        self.choose("#language", self.language)
        self.fill(organisation="Aciérie du Nord", name="Claire Martin", email="claire@example.com", password=PASSWORD)
        self.press("begin")
        self.look()

    def next_question(self):
        here = self.page.url
        self.press("next")
        self.page.wait_for_url(lambda url: url != here)
        self.page.wait_for_load_state()

    def answer(self, until, most=30):
        """Answer question after question until a page that is not one."""
        for _ in range(most):
            if until(self.page):
                return
            self.look_once()
            if self.page.locator("#work input[type=radio]").count():
                self.tick("#work input[type=radio]")
            else:
                self.tick("#none" if self.page.locator("#none").count() else "#unsure")
            self.next_question()
        pytest.fail("too many questions")


@pytest.mark.parametrize("way", [*(w if w == WAYS[1] else thorough(w) for w in ALL_WAYS), *BY_KEYS], indirect=True)
def test_the_first_officer_from_link_to_result(site, people, way):
    claire = Person(people(), way, site)
    claire.begin()
    claire.use(claire.page.get_by_role("main").get_by_role("link", name=claire.say["new"]).first)
    claire.look()
    claire.fill(name="Tri de CV", description="Classe les candidatures reçues.")
    claire.press("start")
    claire.tick("input[value=basic_processing]")
    claire.next_question()
    claire.sees(claire.say["scope"])
    claire.answer(lambda page: page.url.endswith("/review"))
    claire.look()
    case = claire.page.url.removesuffix("/review")
    for rest in ("", "/actions", "/applicability", "/history", "/edit", "/hand-over", "/copy", "/sections/system"):
        claire.go(case + rest)
    claire.go(case)
    claire.sees(claire.say["scope"])
    for path in ("/", "/use-cases", "/use-cases/catalogue", "/use-cases/import", "/use-cases/settle", "/actions"):
        claire.go(path)
    for path in ("/actions/timeline", "/organisation", "/organisation/questions/staff", "/people", "/log", "/outbox"):
        claire.go(path)
    for path in ("/account", "/account/password", "/account/second-factor", "/handed-over", "/nothing-here"):
        claire.go(path)


def _second_factor(person):
    person.go("/account/second-factor")
    secret = person.page.locator("code").inner_text()
    person.fill(code=pyotp.TOTP(secret).now())
    person.press("on")


def _invited(administrator, guest, role, email):
    administrator.go("/people/invite")
    administrator.fill(email=email)
    administrator.tick(f"input[value={role}]")
    administrator.choose("#language", administrator.language)
    administrator.press("invite")
    administrator.page.locator("#link").wait_for()
    administrator.look()
    guest.go(administrator.page.locator("#link").input_value())
    guest.fill(name=email.split("@")[0].capitalize(), password=PASSWORD)
    guest.press("join")
    guest.look()


def test_a_contributor_answers_and_a_reviewer_approves(site, people, way):
    claire, nadia, julien = (Person(people(), way, site) for _ in range(3))
    claire.begin()
    _second_factor(claire)
    _invited(claire, nadia, "contributor", "nadia@example.com")
    _invited(claire, julien, "officer", "julien@example.com")
    claire.go("/use-cases/catalogue?q=CV+candidatures" if way.language == "fr" else "/use-cases/catalogue?q=screening")
    claire.press("with")
    claire.look()
    case = claire.page.url.removesuffix("/review")
    claire.press("confirm")
    claire.sees(claire.say["high"])
    # Two questions go to Nadia, who gets a page with just these.
    claire.go(f"{case}/hand-over?fact=technique&fact=stage")
    claire.choose("#to", claire.page.locator("#to option", has_text="Nadia").get_attribute("value"))
    claire.fill(note="Merci !")
    claire.press("hand")
    nadia.go("/handed-over")
    nadia.use(nadia.page.get_by_role("link", name=re.compile("candidat|applications", re.IGNORECASE)).first)
    nadia.look()
    assert nadia.page.locator(".question").count() == 2
    nadia.tick("input[name=technique-value][value=knowledge_based]")
    nadia.press("tell")
    nadia.look()
    # Claire submits, Julien approves.
    claire.go(case)
    claire.press("submit")
    julien.go(case)
    julien.fill(opinion="Vu avec le site.")
    julien.press("approve")
    julien.sees(julien.say["approved"])
    julien.go(case + "/history")
    julien.go("/")
    julien.go(case + "/actions")
    julien.use(julien.page.locator("tbody th a").first)
    julien.look()
    julien.choose("#state", "in_progress")
    julien.fill(comment="Commencé.")
    julien.press("save")
    julien.look()
    for path in ("/actions", "/actions/timeline", "/log?check=1", case + "/compare?before=2026-11-01&after=2030-01-01"):
        julien.go(path if path.startswith("/") else path.removeprefix(site.address))
    claire.go("/organisation/settings")
    claire.go("/people")
    claire.use(claire.page.get_by_role("link", name="Nadia"))
    claire.look()
    nadia.go("/actions")


@pytest.mark.parametrize("way", BY_KEYS, indirect=True)
def test_the_focus_goes_with_the_question(site, people, way):
    claire = Person(people(), way, site)
    claire.begin()
    claire.go("/use-cases/new")
    claire.fill(name="Tri de CV")
    claire.press("start")
    claire.tick("input[value=machine_learning]")
    claire.next_question()
    claire.until("document.activeElement.closest('#work') !== null")


@pytest.mark.parametrize("way", ["fr-1280-scripts"], indirect=True)
def test_an_answer_saves_itself_in_a_section(site, people, way):
    claire = Person(people(), way, site)
    claire.begin()
    claire.go("/use-cases/new")
    claire.fill(name="Tri de CV")
    claire.press("start")
    case = claire.page.url.split("/questions")[0]
    claire.go(case + "/sections/system")
    with claire.page.expect_response(lambda response: "/panel" in response.url):
        claire.page.locator("input[value=basic_processing]").check()
    claire.page.reload()
    assert claire.page.locator("input[value=basic_processing]").is_checked()


@pytest.mark.parametrize("way", ["fr-1280-scripts"], indirect=True)
def test_answers_given_while_a_section_saves_are_not_lost(site, people, way):
    """With a slow network, what is ticked and typed before the reply comes stays, and is saved in its turn."""
    claire = Person(people(), way, site)
    claire.begin()
    claire.go("/use-cases/new")
    claire.fill(name="Tri de CV")
    claire.press("start")
    case = claire.page.url.split("/questions")[0]
    claire.go(case + "/sections/system")
    page = claire.page

    page.evaluate("""() => {
        const send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (...body) { setTimeout(() => send.apply(this, body), 1500); };
    }""")
    page.locator("input[name=technique-value][value=machine_learning]").check()
    page.wait_for_timeout(900)
    page.locator("input[name=absent_elements-none]").check()
    page.locator("#q-technique summary").first.click()
    page.locator("#technique-comment").press_sequentially("réseau de neurones")
    page.wait_for_timeout(7_000)
    page.reload()
    assert page.locator("input[name=technique-value][value=machine_learning]").is_checked()
    assert page.locator("input[name=absent_elements-none]").is_checked()


@pytest.mark.parametrize("way", ["en-360-scripts", thorough("fr-1280-scripts")], indirect=True)
def test_states_that_are_not_everyday(site, people, way):
    """Refusals, conflicts, lists with errors, in the dark: axe finds nothing there either."""
    claire = Person(people(), way, site)
    page = claire.page
    page.emulate_media(color_scheme="dark")
    claire.go(site.link)
    claire.press("begin")
    claire.look()
    claire.begin()
    claire.go("/use-cases/new")
    page.get_by_role("main").get_by_role("button").last.click()
    claire.look()
    claire.fill(name="Tri de CV")
    claire.press("start")
    here = page.url
    claire.press("next")
    claire.look()
    other = page.context.new_page()
    other.goto(here)
    other.locator("input[value=machine_learning]").check()
    other.locator("#work form button").first.click()
    other.wait_for_load_state("networkidle")
    page.locator("input[value=fixed_rules]").check()
    claire.press("next")
    page.locator(".note.warn").first.wait_for()
    claire.look()
    claire.go("/use-cases/import")
    text = "Nom;Fonction\nTri des candidatures;Magie\nOrdonnancement de production;Production\n"
    page.locator("#file").set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.locator("main form button").first.click()
    page.wait_for_url("**/import/**")
    claire.look()
    claire.go("/use-cases/catalogue")
    claire.press("with")
    claire.look()
    case = page.url.removesuffix("/review")
    claire.go(case)
    page.get_by_role("button", name=claire.say["submit"]).click()
    claire.look()
    claire.go("/use-cases?q=nothing")
    claire.go("/")

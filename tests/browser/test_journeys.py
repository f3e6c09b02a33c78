"""Three people at work in a real browser: the first officer, a contributor, a reviewer."""

import re

import pyotp
import pytest

from tests.browser.conftest import look

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


class Person:
    """Somebody at a browser who reads the words on the screen."""

    def __init__(self, page, way, site):
        self.page, self.site = page, site
        self.language, _, self.scripts = way
        self.say = WORDS[self.language]

    def go(self, path):
        self.page.goto(path if path.startswith("http") else self.site.address + path)
        self.look()

    def look(self):
        look(self.page, self.scripts)

    def press(self, word, exact=True):
        self.page.get_by_role("main").get_by_role("button", name=self.say[word], exact=exact).first.click()
        self.page.wait_for_load_state()

    def sees(self, text):
        self.page.get_by_text(text).first.wait_for(state="visible")

    def fill(self, **values):
        for id_, value in values.items():
            self.page.locator(f"#{id_}").fill(value)

    def begin(self):
        """From the link to an account and an organisation."""
        self.go(self.site.link)
        self.page.locator("#language").select_option(self.language)
        self.fill(organisation="Aciérie du Nord", name="Claire Martin", email="claire@example.com", password=PASSWORD)
        self.press("begin")
        self.look()

    def answer(self, until, most=30):
        """Answer question after question until a page that is not one."""
        for _ in range(most):
            if until(self.page):
                return
            here = self.page.url
            self.look()
            radios = self.page.locator("#work input[type=radio]")
            if radios.count():
                radios.first.check()
            elif self.page.locator("#none").count():
                self.page.locator("#none").check()
            else:
                self.page.locator("#unsure").check()
            self.press("next")
            self.page.wait_for_url(lambda url, here=here: url != here)
            self.page.wait_for_load_state()
        pytest.fail("too many questions")


def test_the_first_officer_from_link_to_result(site, people, way):
    claire = Person(people(), way, site)
    claire.begin()
    claire.page.get_by_role("main").get_by_role("link", name=claire.say["new"]).first.click()
    claire.look()
    claire.fill(name="Tri de CV", description="Classe les candidatures reçues.")
    claire.press("start")
    claire.page.locator("input[value=basic_processing]").check()
    first = claire.page.url
    claire.press("next")
    claire.page.wait_for_url(lambda url: url != first)
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
    administrator.page.locator(f"input[value={role}]").check()
    administrator.page.locator("#language").select_option(administrator.language)
    administrator.press("invite")
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
    claire.go("/use-cases/catalogue?q=CV+candidatures" if way[0] == "fr" else "/use-cases/catalogue?q=screening")
    claire.press("with")
    claire.look()
    case = claire.page.url.removesuffix("/review")
    claire.press("confirm")
    claire.sees(claire.say["high"])
    # Two questions go to Nadia, who gets a page with just these.
    claire.go(f"{case}/hand-over?fact=technique&fact=stage")
    claire.page.locator("#to").select_option(label="Nadia")
    claire.fill(note="Merci !")
    claire.press("hand")
    nadia.go("/handed-over")
    nadia.page.get_by_role("link", name=re.compile("candidat|applications", re.IGNORECASE)).first.click()
    nadia.look()
    assert nadia.page.locator(".question").count() == 2
    nadia.page.locator("input[name=technique-value][value=knowledge_based]").check()
    nadia.press("tell")
    nadia.look()
    # Claire submits, Julien approves.
    claire.go(case)
    claire.press("submit")
    julien.go(case)
    julien.fill(opinion="Vu avec le site.")
    julien.press("approve")
    julien.sees(julien.say["approved"])
    for rest in ("", "/actions", "/history", "/review"):
        julien.go(case + rest)
    julien.go("/")
    julien.go(case + "/actions")
    julien.page.locator("tbody th a").first.click()
    julien.look()
    julien.page.locator("#state").select_option("in_progress")
    julien.fill(comment="Commencé.")
    julien.press("save")
    julien.look()
    for path in ("/actions", "/actions/timeline"):
        julien.go(path)


def test_the_journey_by_keyboard_alone(site, people, way):
    """From the link to the second question without a pointer."""
    if not way[2]:
        pytest.skip("keys are the browser's own without scripts; the pages are the same")
    claire = Person(people(), way, site)
    page = claire.page
    page.goto(site.link)

    def to(check):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const e = document.activeElement; return {check}; }})()"):
                return
        pytest.fail(f"not reached by Tab: {check}")

    for id_, value in (
        ("organisation", "Aciérie du Nord"),
        ("name", "Claire"),
        ("email", "claire@example.com"),
        ("password", PASSWORD),
    ):
        to(f"e.id === '{id_}'")
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url(site.address + "/")
    to("e.matches('main a.button')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/use-cases/new")
    to("e.id === 'name'")
    page.keyboard.type("Tri de CV")
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/**")
    first = page.url
    to("e.matches('#work input[type=radio]')")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    assert page.evaluate("document.activeElement.closest('#work') !== null"), "the focus is at the new question"


def test_an_answer_saves_itself_in_a_section(site, people, way):
    if not way[2]:
        pytest.skip("without scripts the section has its own button")
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


def test_answers_given_while_a_section_saves_are_not_lost(site, people, way):
    """With a slow network, what is ticked and typed before the reply comes stays, and is saved in its turn."""
    if not way[2]:
        pytest.skip("without scripts the section has its own button")
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
    page.locator("input[name=generated_content-none]").check()
    page.locator("#q-technique summary").first.click()
    page.locator("#technique-comment").press_sequentially("réseau de neurones")
    page.wait_for_timeout(7_000)
    page.reload()
    assert page.locator("input[name=technique-value][value=machine_learning]").is_checked()
    assert page.locator("input[name=generated_content-none]").is_checked()


def test_states_that_are_not_everyday(site, people, way):
    """Refusals, conflicts, lists with errors, in the dark: axe finds nothing there either."""
    claire = Person(people(), way, site)
    page = claire.page
    if way[2]:
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

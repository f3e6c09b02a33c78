"""Somebody reads the law in a real browser: from the texts to an entry, to its article, and back by a search."""

import pytest

from tests.browser.conftest import WAYS, look, thorough

pytestmark = pytest.mark.browser
WORDS = {
    "fr": {"law": "Le droit", "concepts": "Notions", "article": "Par article", "box": "Chercher dans ce texte"},
    "en": {"law": "The law", "concepts": "Concepts", "article": "By article", "box": "Search in this text"},
}


@pytest.mark.parametrize("way", [thorough(WAYS[0]), WAYS[1]], indirect=True)
def test_the_law_is_read(people, site, way):
    page, say = people(), WORDS[way.language]

    def follow(locator):
        locator.click()
        page.wait_for_load_state()
        look(page, way.scripts)

    page.goto(site.link)
    page.select_option("#language", way.language)
    for id_, value in (("organisation", "Essai"), ("name", "Camille Durand"), ("email", "c@example.com")):
        page.fill(f"#{id_}", value)
    page.fill("#password", "soudure girafe lampadaire")
    page.click("main button")
    page.wait_for_load_state()

    follow(page.get_by_role("link", name=say["law"], exact=True))
    follow(page.locator("main a[href='/law/ai-act-2026']"))
    follow(page.locator("main nav").get_by_role("link", name=say["concepts"], exact=True))
    follow(page.locator("#e-section_a_high_risk h3 a"))
    if way.scripts:  # what is folded is looked at too
        page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true; })")
        look(page, way.scripts)
    follow(page.locator("aside a[href$='/articles/art-6-par-1-pt-a']"))
    follow(page.get_by_role("link", name=say["article"], exact=True))
    page.get_by_label(say["box"]).fill("article 27")
    page.get_by_label(say["box"]).press("Enter")
    page.wait_for_load_state()
    look(page, way.scripts)
    follow(page.locator("main a[href$='/definitions/fundamental_rights_assessment_due']"))
    for part in ("levels", "penalties", "obligations/provider_identity"):
        page.goto(f"{site.address}/law/ai-act-2026/{part}")
        look(page, way.scripts)

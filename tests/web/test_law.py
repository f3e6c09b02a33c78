"""The law as pages: everything in both languages, every link leads somewhere, from articles to rules and back."""

import re
from collections import Counter
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from compliance.assessment.facts import accept
from compliance.assessment.outcome import Truth
from compliance.assessment.state import run
from compliance.law.entries import SECTIONS, entries
from compliance.law.uses import citations_of
from compliance.web.law.drawing import draw
from compliance.web.law.pages import provision_asked
from tests.web.visitor import Visitor

LAW = "/law/ai-act-2026"


@pytest.fixture
def act(library):
    return library.law("ai-act-2026")


@pytest.fixture
def reader(visit):
    """Somebody with the least of rights: the words of the law are for everybody who takes part."""
    return visit("contributor")


def hrefs(page):
    return [found["href"] for tag, found in page.tags if tag == "a" and "href" in found]


def test_the_texts_at_hand_with_version_official_text_hash_and_counts(reader, act):
    page = reader.get("/law").page
    assert "27 juillet 2026" in page.text
    assert act.pack.hash in page.text
    assert str(len(act.pack.obligations)) in page.text
    assert f"{LAW}" in hrefs(page)
    assert any("CELEX:32026R1744" in link and "/FR/" in link for link in hrefs(page))


def test_every_section_shows_every_entry_once_with_its_own_page(reader, act):
    for section in SECTIONS:
        page = reader.get(f"{LAW}/{section}").page
        shown = [tag["id"] for name, tag in page.tags if name == "article"]
        expected = [f"e-{key[1]}" for key in entries(act.pack) if key[0] == section]
        assert sorted(shown) == sorted(expected), section
        for id_ in shown:
            assert f"{LAW}/{section}/{id_[2:]}" in hrefs(page)
        anchors = [link[1:] for link in hrefs(page) if link.startswith("#")]
        assert set(anchors) <= set(page.ids)


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.thorough)])
def test_every_link_of_the_pages_of_the_law_leads_somewhere(app, office, language):
    visitor = Visitor(app)
    visitor.sign_in(office.people["contributor"], office.PASSWORD)
    visitor.post("/language", follow=False, language=language, back="/law")
    visitor.language = language
    waiting, seen, chosen = ["/law"], set(), Counter()
    while waiting:
        page = visitor.get(waiting.pop()).page
        for path in {urlsplit(link).path for link in hrefs(page) if link.startswith("/law")} - seen:
            seen.add(path)
            folder = path.rpartition("/")[0]
            chosen[folder] += 1
            if chosen[folder] <= 4 or folder == LAW:
                waiting.append(path)
    assert len(chosen) > 15


def test_links_name_entries_and_provisions_that_are_there(reader, act):
    known = entries(act.pack)
    for section in ("definitions", "obligations", "record_items", "deadlines"):
        for link in hrefs(reader.get(f"{LAW}/{section}").page):
            if found := re.fullmatch(rf"{LAW}/([a-z_]+)/([^/]+)", link):
                where, id_ = found.groups()
                assert id_ in act.pack.provisions if where == "articles" else (where, id_) in known, link


def test_an_entry_in_full(reader, act):
    text = reader.get(f"{LAW}/definitions/section_a_high_risk").page.text
    assert "Toutes ces conditions :" in text
    assert "All of these conditions:" in text
    assert "Sous quels actes le tiers intervient-il" in text
    assert "« Un acte de la section A »" in text
    definition = act.pack.definitions["section_a_high_risk"]
    assert f"{definition.position.file}:{definition.position.line}" in text
    assert "Règlement (UE) 2024/1689" in text
    links = hrefs(reader.get(f"{LAW}/definitions/section_a_high_risk").page)
    assert f"{LAW}/definitions/high_risk_system" in links, "who uses it"
    assert f"{LAW}/definitions/under_section_a" in links, "what it builds on"
    assert f"{LAW}/articles/art-6-par-1-pt-a" in links


def test_what_the_amendment_wrote_says_so(reader, act):
    changed = next(item for item in act.pack.definitions.values() if item.source == "ai-act-2026")
    assert "Règlement (UE) 2026/1744" in reader.get(f"{LAW}/definitions/{changed.id}").page.text


def test_doubt_and_exceptions_are_said(reader, act):
    doubtful = next(item for item in act.pack.findings.values() if item.status.value == "draft_guidance")
    assert "projet de lignes directrices" in reader.get(f"{LAW}/findings/{doubtful.id}").page.text
    unless = next(item for item in act.pack.definitions.values() if item.unless is not None)
    assert "Sauf si" in reader.get(f"{LAW}/definitions/{unless.id}").page.text
    confirm = next(item for item in act.pack.findings.values() if item.to_confirm)
    assert confirm.to_confirm.fr[:30] in reader.get(f"{LAW}/findings/{confirm.id}").page.text


def test_scenarios_are_told_by_name_and_place(reader, act, library):
    page = reader.get(f"{LAW}/definitions/legacy_large_scale_it").page
    scenarios = library.scenarios("ai-act-2026")
    holding = [
        scenario
        for scenario in scenarios
        if run(act.program, accept(act.pack, scenario.facts)).slot("definition", "legacy_large_scale_it") is Truth.TRUE
    ]
    assert holding
    assert f"Condition remplie : {len(holding)} scénario" in page.text
    for scenario in holding:
        assert f"{scenario.position.file}:{scenario.position.line}" in page.text


def test_from_an_article_to_its_entries_and_back(reader, act):
    links = hrefs(reader.get(f"{LAW}/articles").page)
    assert f"{LAW}/articles/art-6" in links
    article = hrefs(reader.get(f"{LAW}/articles/art-6").page)
    citing = [
        (section, entry.id)
        for (section, _), entry in entries(act.pack).items()
        if section in ("definitions", "obligations", "findings")
        and any((c.provision or "").startswith("art-6-") for c in citations_of(entry))
    ]
    assert citing
    for section, id_ in citing:
        assert f"{LAW}/{section}/{id_}" in article
    back = reader.get(f"{LAW}/{citing[0][0]}/{citing[0][1]}").page
    assert any(link.startswith(f"{LAW}/articles/art-6") for link in hrefs(back))


def test_what_is_left_out_is_on_the_map_with_its_reason(reader, act):
    text = reader.get(f"{LAW}/articles").page.text
    for statement in act.pack.coverage.values():
        shown = statement.because.fr in text
        assert shown or not any(c.provision for c in statement.cite), statement.id
    assert "oblige d'autres" in text
    assert "sans raison donnée" not in text


@pytest.mark.parametrize(
    ("asked", "provision"),
    [
        ("art. 6(1)(a)", "art-6-par-1-pt-a"),
        ("Article 6, § 1, a)", "art-6-par-1-pt-a"),
        ("6", "art-6"),
        ("art. 4 bis", "art-4a"),
        ("article 4a", "art-4a"),
        ("annexe III, point 4, a)", "annex-iii-pt-4-a"),
        ("annex III.4(a)", "annex-iii-pt-4-a"),
        ("Annexe I, section A, point 4", "annex-i-sec-a-pt-4"),
        ("considérant 53", "rct-53"),
        ("art. 3, point 14", "art-3-pt-14"),
        ("article 6 haut risque", None),
        ("articles", None),
        ("article 999", None),
        ("(((", None),
        ("composant", None),
    ],
)
def test_an_article_is_understood_as_people_write_it(act, asked, provision):
    assert provision_asked(act.pack, asked) == provision


def test_search_by_words_id_and_article(reader):
    def found(asked):
        return hrefs(reader.get(LAW, query_string={"q": asked}).page)

    assert f"{LAW}/definitions/safety_component" in found("COMPOSANT de securite")
    assert f"{LAW}/obligations/provider_identity" in found("provider_identity")
    assert f"{LAW}/articles/art-27" in found("article 27")
    assert f"{LAW}/definitions/fundamental_rights_assessment_due" in found("article 27")
    nothing = reader.get(LAW, query_string={"q": "<b>zzz"}).page
    assert "<b>zzz" in nothing.text, "what was asked is shown as it was written"
    reader.get(LAW, query_string={"q": "a" * 5000})
    reader.get(LAW, query_string={"q": "\x00\u202e("})


def test_what_is_not_there_is_a_page_that_says_so(reader):
    for path in (
        "/law/nothing",
        "/law/ai-act-2026@0123456789ab",
        "/law/..",
        f"{LAW}/nothing",
        f"{LAW}/definitions/nothing",
        f"{LAW}/facts/high_risk_system",
        f"{LAW}/articles/art-999",
    ):
        reader.get(path, status=404)


def test_the_picture_shows_every_part_once_and_fits(act):
    pack = act.pack
    for definition in pack.definitions.values():
        for language in ("fr", "en"):
            picture = draw(pack, definition.title, definition.when, definition.unless, language)
            opened = [box.id for box in picture.boxes if box.kind == "concept" and box.children]
            assert len(opened) == len(set(opened))
            for box in picture.boxes:
                assert box.x > 0
                assert box.x + box.width <= picture.width
                assert box.y > 0
                assert box.y + box.height <= picture.height
                assert box.lines
            spots = sorted((box.x, box.y, box.height) for box in picture.boxes)
            for (x, y, height), (next_x, next_y, _) in pairwise(spots):
                assert x != next_x or y + height <= next_y, definition.id
            assert len(picture.paths) == len(picture.boxes) - 1


def test_nothing_of_the_french_pages_is_english(reader, act):
    """Apart from the English column, no English text of the pack is on a French page."""
    english = {e.title.en for e in act.pack.definitions.values() if e.title.en != e.title.fr}
    for section in ("definitions", "obligations", "articles", "catalogue"):
        text = reader.get(f"{LAW}/{section}").page.text
        assert not [title for title in english if len(title) > 12 and title in text]

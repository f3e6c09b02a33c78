"""Pages before they are printed: what is said, how typed text is held, what the fonts can show."""

import base64
import itertools

import pymupdf
import pytest

from compliance.reports import drawings, fonts, pages, record
from tests.reports import portraits


@pytest.fixture(scope="module")
def screening():
    return portraits.use_case(picture=portraits.logo())


@pytest.mark.parametrize("scenario", portraits.TYPICAL)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_duty_question_and_answer_is_said_in_the_language(scenario, language):
    made = portraits.use_case(scenario)
    html = pages.page(made, language).html
    outcome = made["outcome"]
    words = pages.Words(language)
    for item in (*outcome["obligations"], *outcome["possible_obligations"]):
        assert str(pages.Words(language).text(item["action"])).replace("'", "&#39;") in html
    for item in (*outcome["open_questions"], *made["answers"]):
        assert words.text(item["question"]).replace("'", "&#39;").replace('"', "&#34;") in html
    assert outcome["pack"]["hash"] in html
    assert made["log"]["root"] in html


def test_a_range_says_what_each_answer_would_settle():
    html = pages.page(portraits.use_case(portraits.RANGE), "fr").html
    assert "Le niveau n&#39;est pas décidé" in html
    assert "Questions dont dépend le niveau" in html
    assert "Niveaux alors" in html


def test_dates_that_are_only_possible_are_on_the_timeline_and_said_to_be(screening):
    html = pages.page(screening, "en").html
    assert "2 December 2027 or 2 August 2030 (open answers)" in html
    assert "at the earliest, depending on open answers" in html


def test_drafts_bear_a_watermark_and_issued_reports_none():
    draft, issued = (pages.page(portraits.use_case(number=number), "fr") for number in (None, "R-2026-0001"))
    assert "PROJET" in draft.pictures["watermark.svg"]
    assert "pyramide:watermark.svg" in draft.css
    assert "watermark.svg" not in issued.pictures
    assert "watermark" not in issued.css


def test_what_people_type_stays_text():
    html = pages.page(portraits.hostile(port=4242), "fr").html
    for tag in ("<script", "<img src=x", "<iframe", "<object", "<style", "<link", 'javascript:app.alert(1)">'):
        assert tag not in html
    assert "{{ 7 * 7 }}" in html
    assert html.count("<img ") == html.count('<img class="')


def test_a_logo_that_is_not_what_it_says_is_left_out(screening):
    logo = {**portraits.logo(), "data": base64.b64encode(b"<svg onload=alert(1)>").decode()}
    assert "logo.png" in pages.page(screening, "fr").pictures
    assert "logo.png" not in pages.page(portraits.use_case(picture=logo), "fr").pictures


def test_signs_without_a_font_are_written_by_number_and_said_to_be():
    assert fonts.fitted("中村 SA")[0] == "[U+4E2D U+6751] SA"
    html = pages.page(portraits.hostile(), "en").html
    assert "[U+4E2D U+6751" in html
    assert "written by its Unicode number" in html
    assert "written by its Unicode number" not in pages.page(portraits.use_case(), "en").html


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a\u202fb", "a\u00a0b"),
        ("e\u0301", "é"),
        ("Ａﬁ", "Afi"),
        ("10 ≥ 9", "10 >= 9"),
        ("x\u2066y\u2069\u202e", "xy"),
        ("\U0001f600", "\U0001f600"),
        ("\U000e1000\uffff", "[U+E1000 U+FFFF]"),
    ],
)
def test_signs_have_a_plain_equivalent(typed, shown):
    assert fonts.fitted(typed)[0] == shown


def test_only_the_fonts_that_are_needed_are_brought_in():
    assert fonts.fitted("Café")[1] == ["Source Sans 3"]
    assert fonts.fitted("Łódź")[1] == ["Source Sans 3", "Source Sans 3 Ext"]
    assert "Noto Sans Arabic" in fonts.fitted("محمد")[1]
    assert "noto" not in fonts.style(fonts.fitted("Café")[1]).lower()


def test_every_word_of_the_packs_can_be_printed():
    loaded, _ = portraits.law()
    said = str(loaded.pack) + str(loaded.scenarios)
    assert not fonts.fitted(said)[2]


def _grey(svg, size=48):
    page = pymupdf.open(stream=svg.encode(), filetype="svg")[0]
    zoom = size / page.rect.width
    return page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csGRAY, alpha=False).samples


def test_marks_of_the_levels_differ_in_black_and_white():
    drawn = {
        level: bytes(0 if sign < 200 else 255 for sign in _grey(drawings.shape(level))) for level in drawings.SHAPES
    }
    for (one, first), (other, second) in itertools.combinations(drawn.items(), 2):
        differing = sum(a != b for a, b in zip(first, second, strict=True))
        assert differing > len(first) * 0.05, (one, other)


def test_a_portfolio_can_be_computed_again_and_its_sums_are_those_of_its_cases():
    made = portraits.portfolio(30)
    _, program = portraits.law()
    for row in made["cases"]:
        facts = record.Facts({}) if not row["facts"] else portraits.accept(program.pack, row["facts"])
        again = record.computed(program, facts, portraits.ON)
        assert again == {key: row[key] for key in again}
    totals = made["totals"]
    assert sum(totals["levels"].values()) == totals["cases"] == 30
    for key in ("by_function", "by_sector", "by_site"):
        assert sum(sum(share["levels"].values()) for share in totals[key]) == 30
    html = pages.page(made, "fr").html
    for row in made["cases"]:
        assert html.count(f">{row['reference']}<") >= 1
    assert "Les questions qui décideraient le plus" in html


def test_an_empty_portfolio_is_still_a_report():
    html = pages.page(portraits.portfolio(0), "en").html
    assert "Every level is decided." in html

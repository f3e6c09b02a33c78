"""Reports and the auditor's desk in a real browser, on the example: issued, made by the worker, verified, audited."""

import sqlite3
import zipfile

import pytest

from tests.browser.conftest import WAYS, Site, look, thorough

pytestmark = pytest.mark.browser
PASSWORD = "soudure girafe lampadaire"
PDF = "a[href$='report.pdf']"


@pytest.fixture
def example(tmp_path):
    running = Site(tmp_path, "--demo")
    yield running
    running.stop()


def enter(page, site, way, folder):
    """Make the first account and go to the example, there an auditor as well."""
    page.goto(site.link)
    page.select_option("#language", way.language)
    for id_, value in (("organisation", "Essai"), ("name", "Camille Durand"), ("email", "c@example.com")):
        page.fill(f"#{id_}", value)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_load_state()
    with sqlite3.connect(folder / "pyramide.sqlite", timeout=20) as store:
        store.execute(
            "UPDATE membership SET roles = 'officer auditor administrator' WHERE roles LIKE '% administrator'"
        )
    page.click("header details summary")
    page.click("form[action='/organisation/enter'] button")
    page.wait_for_load_state()
    if page.get_attribute("html", "lang") != way.language:
        page.click(f"header button[value={way.language}]")
        page.wait_for_load_state()


def see(page, site, way, path):
    page.goto(site.address + path)
    look(page, way.scripts)


def until_made(page, way):
    """Wait for the file: by itself where scripts run, else by looking again."""
    for _ in range(120):
        if page.locator(PDF).count():
            return
        page.wait_for_timeout(1000)
        if not way.scripts:
            page.reload()
    pytest.fail("the report was not made")


@pytest.mark.parametrize("way", ["fr-360-scripts", *map(thorough, WAYS)], indirect=True)
def test_from_the_report_to_its_audit(example, people, way, tmp_path):
    page = people()
    enter(page, example, way, tmp_path)
    see(page, example, way, "/use-cases?state=approved&level=high_risk")
    case = page.locator("tbody th a").first.get_attribute("href")
    see(page, example, way, f"{case}/reports")
    page.select_option("#form", "summary")
    page.select_option("#language", way.language)
    page.click("button[value=issue]")
    look(page, way.scripts)
    until_made(page, way)
    look(page, way.scripts)
    with page.expect_download() as download:
        page.click(PDF)
    file = tmp_path / "report.pdf"
    download.value.save_as(file)
    see(page, example, way, "/reports/verify")
    page.set_input_files("#file", file)
    page.click("main form button")
    page.wait_for_load_state()
    look(page, way.scripts)
    assert page.locator("main .note.good").count() == 1
    assert page.locator("main .tag.bad").count() == 0
    see(page, example, way, "/reports")
    page.locator("input[name=id]:not([disabled])").first.check()
    with page.expect_download() as download:
        page.locator("form[action$='many.zip'] button").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "index.csv" in archive.namelist()
    see(page, example, way, "/reports/portfolio?level=high_risk")
    page.click("button[value=draft]")
    until_made(page, way)
    for path in ("/reports/paper", "/organisation", "/log", f"{case}/audit", "/audit/samples/new"):
        see(page, example, way, path)
    see(page, example, way, "/audit")
    page.locator("a[href*='/audit/samples/']:not([href$='new'])").first.click()
    look(page, way.scripts)
    page.locator("a[href*='/audit/items/']").first.click()
    look(page, way.scripts)
    see(page, example, way, "/audit")
    page.locator("a[href$='/replay']").first.click()
    look(page, way.scripts)

"""The product as it is started, and a real Chromium in front of it."""

import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page, sync_playwright

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDE = """() => {
    const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= most) return [];
    const scrolls = (e) => e && (getComputedStyle(e).overflowX === "auto" || scrolls(e.parentElement));
    return [...document.querySelectorAll("body *")]
        .filter((e) => e.getBoundingClientRect().right > most + 1 && !scrolls(e.parentElement))
        .slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
}"""
LOOK = """(left) => axe.run({include: document, exclude: left}, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"], preload: false,
})"""
# What is repeated says nothing new after the first few; with --every-way all of it is looked at.
REPEATED = [f"main {of}:nth-of-type(n+9)" for of in ("tr", "li", "section", "article", "details")]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class Site:
    """A running instance: its address, and the link of the first administrator."""

    def __init__(self, folder: Path, *arguments: str, workers: int = 2) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {**os.environ, "PYRAMIDE_INSTANCE": str(folder), "PYRAMIDE_PORT": str(port)}
        environment["PYRAMIDE_WORKERS"] = str(workers)
        self.log = (folder / "server.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "compliance.cli", "--lang", "en", "serve", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.address = f"http://localhost:{port}"
        self.link = ""
        for line in self.process.stdout:
            if found := re.search(r"http://\S+/welcome/\S+", line):
                self.link = found[0]
            if "Ctrl+C" in line:
                break

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


@pytest.fixture
def site(tmp_path):
    running = Site(tmp_path, workers=0)  # journeys without reports
    yield running
    running.stop()


@pytest.fixture(scope="package")
def chromium():
    """Return a browser; none is left when other tests begin, as Playwright keeps an event loop running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


ALL_WAYS = [
    f"{language}-{width}-{how}" for language in ("fr", "en") for width in (1280, 360) for how in ("scripts", "plain")
]
WAYS = ["fr-1280-plain", "en-360-scripts"]  # every language, width and way of use once; by keys with scripts and wide
BY_KEYS = ["fr-1280-keys"]


def thorough(way):
    """Return a way of use that is walked with --every-way alone."""
    return pytest.param(way, marks=pytest.mark.thorough)


def pytest_configure(config):
    if config.getoption("--every-way"):
        REPEATED.clear()


def pytest_generate_tests(metafunc):
    """Walk each journey in two opposite ways, unless it names its own; with --every-way in all of them."""
    marked = any(mark.name == "parametrize" and mark.args[0] == "way" for mark in metafunc.definition.iter_markers())
    if "way" in metafunc.fixturenames and not marked:
        every = metafunc.config.getoption("--every-way")
        metafunc.parametrize("way", [*ALL_WAYS, *BY_KEYS] if every else WAYS, indirect=True)


@dataclass(frozen=True)
class Way:
    """How somebody uses the pages."""

    language: str
    width: int
    scripts: bool
    keys: bool


@pytest.fixture
def way(request):
    """Return language, width, whether JavaScript runs, and whether the keyboard alone is used."""
    language, width, how = request.param.split("-")
    return Way(language, int(width), how != "plain", how == "keys")


@pytest.fixture
def people(chromium, way):
    """Return a function that opens a browser for one more person."""
    contexts = []

    def one() -> Page:
        context = chromium.new_context(
            viewport={"width": way.width, "height": 900},
            locale="fr-FR" if way.language == "fr" else "en-GB",
            java_script_enabled=way.scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)  # a machine at work on other things, too
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        return page

    yield one
    for context in contexts:
        context.close()


def look(page: Page, scripts: bool) -> None:
    """Assert what holds of every page and state: nothing for axe to say, nothing wider than the screen."""
    if not scripts:
        return
    page.evaluate(AXE)
    found = page.evaluate(LOOK, REPEATED)
    wrong = [(rule["id"], [node["html"][:160] for node in rule["nodes"]][:3]) for rule in found["violations"]]
    assert not wrong, (page.url, wrong)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        page.url,
        page.evaluate(WIDE),
    )

"""The code editor alone, before a small server that plays the other side: typing is kept, explained, checked."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from compliance.law.completing import words
from compliance.web.app import POLICY
from tests import the_law
from tests.browser.conftest import look

pytestmark = pytest.mark.browser
STATIC = Path("static")
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
TEXT = """\
# Une remarque
definitions:
  ours:
    title: {fr: Le nôtre, en: Ours}
    cite: art. 6(1)
    when: {all: [safety_component, is_provider]}
  other:
    title: {fr: L'autre, en: The other}
    cite: art. 6(2)
    when: ours
"""
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Essai</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/static/css/pyramide.css">
<link rel="stylesheet" href="/static/css/editor.css"><script src="/static/js/editor.min.js" defer></script></head>
<body><main><h1>Essai</h1><div class="law-editing"><div>
<form class="law-editor" method="post" action="/save" data-check="/check" data-words="/words" data-file="own.yaml"
 data-language="{language}"><input type="hidden" name="csrf_token" value="secret">
<input type="hidden" name="version" value="{version}"><label for="text" class="visually-hidden">own.yaml</label>
<textarea id="text" name="text">
{text}</textarea><p class="law-editor-state" role="status"></p><button>Garder</button></form></div>
<div id="law-panel" role="region" aria-label="Effet"></div></div></main></body></html>"""


class Other(ThreadingHTTPServer):
    """The other side: one draft with its version, and the problems that a test wants said."""

    daemon_threads = True

    def __init__(self, told):
        super().__init__(("127.0.0.1", 0), Handler)
        self.told, self.text, self.version = json.dumps(told).encode(), TEXT, 3
        self.down, self.busy, self.problems, self.cursors, self.headers = False, 0, [], [], None

    def handle_error(self, *request):
        """A check that the editor no longer waits for is no error."""

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path, other = urlsplit(self.path), self.server
        if path.path == "/words":
            self.give(200, other.told)
        elif path.path == "/check":
            other.cursors.append(parse_qs(path.query)["cursor"][0])
            if other.busy:
                other.busy -= 1
                self.give_json(202, {"retry": 50})
            else:
                seen = '<p>Vu <a href="#L6" data-line="6">ligne 6</a></p>'
                self.give_json(200, {"problems": other.problems, "panel": seen})
        elif path.path.startswith("/static/") and (STATIC / path.path[8:]).is_file():
            file = STATIC / path.path[8:]
            self.give(200, file.read_bytes(), TYPES.get(file.suffix, "text/plain"))
        elif path.path in ("/fr", "/en"):
            page = PAGE.format(language=path.path[1:], version=other.version, text=other.text)
            self.give(200, page.encode(), "text/html; charset=utf-8")
        else:
            self.give(404, b"", "text/plain")

    def do_POST(self):
        other = self.server
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
        typed, version = fields["text"][0], int(fields["version"][0])
        other.headers = self.headers
        if other.down or fields["csrf_token"] != ["secret"]:
            self.give(503, b"", "text/plain")
        elif version != other.version:
            self.give_json(409, {"version": other.version, "text": other.text, "message": "Changé ailleurs."})
        else:
            other.text, other.version = typed, version + 1
            self.give_json(200, {"version": other.version})

    def give_json(self, status, told):
        self.give(status, json.dumps(told).encode())

    def give(self, status, content, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def told():
    return words(the_law.loaded().pack)


@pytest.fixture
def other(told):
    with Other(told) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def opened(other, chromium):
    """Return a function that opens the page; at the end nothing was refused by the policy of the site."""
    contexts, wrong = [], []

    def one(language="fr", width=1280, **more):
        context = more.pop("context", None) or chromium.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{other.address}/{language}")
        if more.get("java_script_enabled", True):
            page.locator("#law-panel a").wait_for()
        return page

    yield one
    for context in contexts:
        context.close()
    assert not wrong


def text_of(page):
    return page.evaluate("lawEditor.view.state.doc.toString()")


def at_end(page):
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")


def until(page, true):
    """Wait for something on the other side."""
    for _ in range(200):
        if true():
            return
        page.wait_for_timeout(50)
    pytest.fail("never true")


def test_typing_saves_and_checks(opened, other):
    page = opened()
    other.busy = 2
    at_end(page)
    page.keyboard.type("# fin")
    until(page, lambda: other.text.endswith("# fin"))
    assert other.headers["X-Requested-With"] == "editor"
    page.get_by_role("status").filter(has_text="Enregistré à").wait_for()
    page.get_by_role("status").filter(has_text="rien à signaler").wait_for()
    assert other.cursors[-3:] == ["11"] * 3
    assert page.input_value("#text") == text_of(page)
    page.evaluate("lawEditor.goto(4)")
    until(page, lambda: other.cursors[-1] == "4")
    asked = len(other.cursors)
    page.evaluate("lawEditor.goto(5)")
    page.wait_for_timeout(1200)
    assert len(other.cursors) == asked  # the same entry: nothing to ask again
    assert page.evaluate("localStorage.length") == 0


def test_problems_stand_at_their_word(opened, other):
    other.problems = [
        {"file": "own.yaml", "line": 4, "column": 27, "severity": "warning", "text": "Après un accent."},
        {"file": "own.yaml", "line": 6, "column": 18, "severity": "error", "text": "Nom inconnu."},
        {"file": "elsewhere.yaml", "line": 1, "column": 1, "severity": "error", "text": "Ailleurs."},
    ]
    page = opened()
    page.locator(".cm-lintRange-error").wait_for()
    assert page.locator(".cm-lintRange-error").all_inner_texts() == ["safety_component"]
    assert page.locator(".cm-lintRange-warning").all_inner_texts() == ["en"]
    assert page.locator(".cm-lint-marker-error").count() == 1
    page.get_by_role("status").filter(has_text="1 erreur, 1 avertissement").wait_for()
    page.click("#law-panel a")
    assert page.evaluate("lawEditor.view.state.doc.lineAt(lawEditor.view.state.selection.main.head).number") == 6
    look(page, scripts=True)


OFFERS = [
    ("fin", "findings", "facts_of"),
    ("findings:\n  x:\n    ti", "title", "rank"),
    ("findings:\n  x:\n    cite: x\n    status: cont", "contested", "title"),
    ("findings:\n  x:\n    cite: [art. 6(1)(a), art. 26(", "art. 26(1)", "safety_component"),
    ("findings:\n  x:\n    when:\n      all:\n        - safety_com", "safety_component", "high_risk"),
    ("findings:\n  x:\n    when: {any: [our", "ours", "cite"),
    ("findings:\n  x:\n    when: {product_law: {any_of: [lif", "lifts", "safety_component"),
    ("findings:\n  x:\n    when:\n      product_law: {any", "any_of", "before"),
    ("obligations:\n  x:\n    who: [depl", "deployer", "title"),
    ("obligations:\n  x:\n    when: safety_component\n    owner: leg", "legal", "safety_component"),
    ("scenarios:\n  - name: x\n    facts:\n      product_law: [lif", "lifts", "true"),
    ("scenarios:\n  - expect:\n      level: hig", "high_risk", "safety_component"),
    ("facts:\n  replace:\n    product_l", "product_law", "type"),
    ("record_items:\n  x:\n    from: fact:product_l", "fact:product_law", "product_law"),
]


def test_completion_knows_the_place(opened, other):
    page = opened()
    labels = page.locator(".cm-tooltip-autocomplete .cm-completionLabel")
    for typed, offered, not_offered in OFFERS:
        page.keyboard.press("Escape")
        page.evaluate(
            """text => { const view = lawEditor.view, end = view.state.doc.length;
            view.dispatch({changes: {from: 0, to: end, insert: text}, selection: {anchor: text.length}});
            view.focus(); }""",
            TEXT + typed[:-1],
        )
        page.keyboard.type(typed[-1])
        labels.get_by_text(offered, exact=True).wait_for()
        assert not_offered not in labels.all_inner_texts(), typed


def test_what_is_taken_is_written_as_the_language_wants_it(opened, other):
    page = opened()
    at_end(page)
    for typed in ("definitions", ": ", "\n  z", ":\n", "  titl"):
        page.keyboard.type(typed)
    page.locator(".cm-tooltip-autocomplete li", has_text="title").first.click()
    assert text_of(page).endswith('  z:\n    title:\n      fr: ""\n      en: ""')
    page.keyboard.press("Control+End")
    page.keyboard.type("\n")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("when: produc")
    page.locator(".cm-tooltip-autocomplete li", has_text="product_law").first.click()
    assert text_of(page).endswith("\n    when: {product_law: {any_of: []}}")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("safety_component", "Composant de sécurité"),
        ("art. 6(1)", "Règles relatives à la classification"),
        ("cite", "Provision that the entry rests on"),
        ("is_provider", "notion"),
    ],
)
def test_hover_explains_in_both_languages(opened, other, word, said):
    page = opened()
    page.wait_for_load_state("networkidle")
    found = page.evaluate(
        "w => { const at = lawEditor.view.state.doc.toString().indexOf(w); "
        "const box = lawEditor.view.coordsAtPos(at + 2); return [box.left, (box.top + box.bottom) / 2]; }",
        word,
    )
    page.mouse.move(*found)
    page.mouse.move(found[0] + 2, found[1])
    card = page.locator(".law-card")
    card.get_by_text(said).first.wait_for()
    assert card.locator("[lang=fr]").count() == card.locator("[lang=en]").count() == 1
    look(page, scripts=True)


def test_a_text_that_no_server_took_comes_back(opened, other):
    page = opened()
    context = page.context
    context.set_offline(True)
    at_end(page)
    page.keyboard.type("# perdu")
    page.get_by_role("status").filter(has_text="Non enregistré").wait_for()
    page.close()
    context.set_offline(False)
    page = opened(context=context)
    page.get_by_role("button", name="Le reprendre").click()
    until(page, lambda: other.text.endswith("# perdu"))
    assert page.evaluate("localStorage.length") == 0


def test_it_keeps_trying_until_the_server_answers(opened, other):
    page = opened("en")
    other.down = True
    at_end(page)
    page.keyboard.type("# later")
    page.get_by_role("status").filter(has_text="Not saved").wait_for()
    other.down = False
    until(page, lambda: other.text.endswith("# later"))
    page.get_by_role("status").filter(has_text="Saved at").wait_for()


@pytest.mark.parametrize("answer", ["Garder mon texte", "Prendre l'autre texte"])
def test_two_windows_lose_nothing(opened, other, answer):
    page = opened()
    other.text, other.version = TEXT + "# autre\n", 8
    at_end(page)
    page.keyboard.type("# moi")
    page.get_by_text("Changé ailleurs.").wait_for()
    assert page.locator(".cm-merge-a .cm-changedText, .cm-merge-a .cm-changedLine").count()
    look(page, scripts=True)
    page.get_by_role("button", name=answer).click()
    kept, left = ("# moi", "# autre") if answer.startswith("Garder") else ("# autre\n", "# moi")
    until(page, lambda: other.text.endswith(kept) and text_of(page).endswith(kept))
    page.keyboard.press("Control+z")
    assert left in text_of(page)


def test_escape_then_tab_leaves(opened, other):
    page = opened()
    at_end(page)
    page.keyboard.press("Tab")
    assert text_of(page) == TEXT + "  "
    page.keyboard.press("Escape")
    page.wait_for_timeout(2500)  # no hurry
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "law-editor-host"
    label = page.locator(".cm-content").get_attribute("aria-label")
    assert "own.yaml" in label
    assert "Échap" in label


@pytest.mark.parametrize(
    ("scheme", "width", "language"),
    [
        ("light", 390, "fr"),
        ("dark", 1280, "en"),
        pytest.param("light", 1280, "en", marks=pytest.mark.thorough),
        pytest.param("dark", 390, "fr", marks=pytest.mark.thorough),
    ],
)
def test_it_reads_well(opened, other, language, width, scheme):
    page = opened(language, width, color_scheme=scheme)
    at_end(page)
    page.keyboard.press("Control+f")
    page.get_by_role("textbox", name="Chercher" if language == "fr" else "Find").wait_for()
    look(page, scripts=True)
    colour = page.locator(".cm-content").evaluate("e => getComputedStyle(e).color")
    assert colour == ("rgb(29, 31, 35)" if scheme == "light" else "rgb(236, 234, 229)")
    editor, panel = page.locator(".law-editor-host").bounding_box(), page.locator("#law-panel").bounding_box()
    assert panel["y"] > editor["y"] + editor["height"] if width == 390 else panel["x"] > editor["x"] + editor["width"]


def test_without_scripts_the_field_does_the_job(opened, other):
    page = opened(java_script_enabled=False)
    page.fill("#text", "facts: {}\n")
    page.click("main button")
    assert other.text.replace("\r\n", "\n") == "facts: {}\n"

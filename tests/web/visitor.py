"""A visitor of the pages: every page seen is checked for what all pages must be."""

import re
from html.parser import HTMLParser

POLICY_PARTS = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
_VOID = {"input", "meta", "link", "br", "img", "rect", "line", "path", "circle"}


class Page(HTMLParser):
    """What a page holds, as far as tests ask."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.labelled: set[str] = set()
        self.words: list[str] = []
        self.heads: list[str] = []
        self.title = ""
        self._stack: list[str] = []
        self.wrapped: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = {key: value or "" for key, value in attrs}
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "label" and "for" in found:
            self.labelled.add(found["for"])
        if tag in ("input", "select", "textarea") and "label" in self._stack:
            self.wrapped.add(found.get("id", found.get("name", "")))
        if tag not in _VOID:
            self._stack.append(tag)

    def handle_endtag(self, tag):
        if tag in self._stack:
            while self._stack.pop() != tag:
                pass

    def handle_data(self, data):
        if "script" in self._stack:
            return
        if "title" in self._stack and "svg" not in self._stack:
            self.title += data
        if "h1" in self._stack:
            self.heads.append(data)
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def fields(self) -> dict[str, str]:
        """Return the values of the last form's hidden fields."""
        return {
            found["name"]: found.get("value", "")
            for tag, found in self.tags
            if tag == "input" and found.get("type") == "hidden" and "name" in found
        }


def check(page: Page, language: str) -> None:
    """Assert what holds of every page."""
    assert page.html.lstrip().lower().startswith("<!doctype html>")
    assert ("html", {"lang": language}) in page.tags
    assert len([tag for tag, _ in page.tags if tag == "h1"]) == 1, "one heading"
    assert len(page.ids) == len(set(page.ids)), sorted(id_ for id_ in page.ids if page.ids.count(id_) > 1)
    assert page.title.strip()
    for tag, found in page.tags:
        assert "style" not in found, (tag, found)
        assert not [name for name in found if name.startswith("on")], (tag, found)
        if tag == "script":
            assert found["src"].startswith("/static/")
        if tag == "form" and found.get("method", "").lower() == "post":
            assert "csrf_token" in page.html
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            id_ = found.get("id", found.get("name", ""))
            assert id_ in page.labelled or id_ in page.wrapped or "aria-label" in found, (tag, found)
        if tag == "img":
            assert found.get("alt")


class Visitor:
    """Somebody in a browser."""

    def __init__(self, app, language="fr"):
        self.client = app.test_client()
        self.language = language
        self.token = ""
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    def _seen(self, response):
        for part in POLICY_PARTS:
            assert part in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        response.page = None
        self.last = response.request.path
        if response.mimetype == "text/html" and response.status_code not in (302, 303):
            response.page = Page(response.get_data(as_text=True))
            check(response.page, self.language)
            if found := re.search(r'name="csrf_token" value="([^"]+)"', response.page.html):
                self.token = found[1]
        return response

    def get(self, url, status=200, **kwargs):
        response = self._seen(self.client.get(url, **kwargs))
        for _ in range(3):
            if response.status_code in (302, 303) and status == 200:
                response = self._seen(self.client.get(response.location))
        assert response.status_code == status, (url, response.status_code, response.location)
        return response

    def post(self, url, status=303, /, *, follow=True, files=None, **data):
        if not self.token:
            self.get("/sign-in" if "sign-in" in url else "/account")
        sent = {"csrf_token": self.token, **data, **(files or {})}
        kind = "multipart/form-data" if files else "application/x-www-form-urlencoded"
        response = self._seen(self.client.post(url, data=sent, content_type=kind))
        assert response.status_code == status, (url, response.status_code, response.page and response.page.text[:2000])
        if follow and response.status_code == 303:
            return self.get(response.location)
        return response

    def sign_in(self, actor, password):
        self.get("/sign-in")
        page = self.post("/sign-in", email=actor.email, password=password)
        self.token = ""
        return page

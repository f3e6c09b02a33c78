"""Rules of security that no journey shows: cookies, headers, addresses, limits, keys."""

from dataclasses import replace

import pytest

from compliance.config import SettingError, load
from compliance.web import limits
from compliance.web.app import create_app
from compliance.web.forms import clean

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_over_tls_the_cookie_is_bound_to_the_host_and_the_site_to_tls(place):
    settings = replace(place.settings, base_url="https://pyramide.example", proxies=1)
    client = create_app(replace(place, settings=settings)).test_client()
    answer = client.get("/sign-in", headers={"Host": "pyramide.example", "X-Forwarded-Proto": "https"})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/static/css/pyramide.css", 200), ("/health", 200), ("/sign-out", 405)]
)
def test_headers_stand_on_every_answer(app, path, status):
    answer = app.test_client().get(path, buffered=True)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert ("no-store" in answer.headers["Cache-Control"]) == (not path.startswith("/static/"))


@pytest.mark.parametrize(("proxies", "counted"), [(0, "127.0.0.1"), (1, "192.0.2.9")])
def test_the_visitors_address_comes_from_a_proxy_of_ours_alone(place, proxies, counted):
    app = create_app(replace(place, settings=replace(place.settings, proxies=proxies)))
    client = app.test_client()
    with client:
        client.get("/sign-in", headers={"X-Forwarded-For": "198.51.100.7, 192.0.2.9"})
        from flask import request  # noqa: PLC0415 - of the request that was just answered

        assert request.remote_addr == counted


def test_what_is_too_large_is_refused_with_its_limit(visit, monkeypatch):
    visitor = visit("officer")
    monkeypatch.setitem(visitor.client.application.config, "MAX_CONTENT_LENGTH", 1000)
    page = visitor.post("/use-cases/new", 413, name="x" * 2000).page
    assert str(limits.REQUEST_BYTES // 1024**2) in page.text
    monkeypatch.undo()
    visitor.post("/use-cases/new", 413, name="x" * (limits.ENCODED_BYTES + 1))
    sent = {f"n{number}": "x" for number in range(limits.FORM_PARTS + 1)}
    assert visitor.client.post("/use-cases/new", data=sent, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize("typed", ["\x00", "a\x07b", "\ud800", "\x1b[31m"])
def test_no_control_character_comes_in(app, typed):
    with app.test_request_context(), pytest.raises(ValueError, match=r"."):
        clean(typed)


def test_text_comes_in_one_form():
    assert clean("  e\u0301te\r\n\tx ") == "\u00e9te\n\tx"


def test_a_weak_key_starts_nothing(tmp_path):
    with pytest.raises(SettingError, match="PYRAMIDE_SECRET_KEY"):
        load({"PYRAMIDE_INSTANCE": str(tmp_path), "PYRAMIDE_SECRET_KEY": "short"})
    made = load({"PYRAMIDE_INSTANCE": str(tmp_path)}).secret_key
    assert len(made) >= 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0, "its owner alone reads it"


def test_it_never_debugs(app):
    assert not app.debug
    assert not create_app(app.extensions["workplace"]).config["DEBUG"]

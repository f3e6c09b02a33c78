"""The running site watched: alive, ready, figures, one line a request, and an end that loses no answer."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from socket import socket

import pytest

from compliance.config import ROOT, SettingError, load
from compliance.operations import reports
from compliance.operations.running_log import JsonLines
from compliance.web.app import create_app
from tests.web.visitor import Visitor

TOKEN = "t" * 32


def made_with(place, **settings):
    app = create_app(replace(place, settings=replace(place.settings, **settings)))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def metrics(app, token=TOKEN):
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.get_data(as_text=True)


def test_alive_and_ready_and_what_is_missing_in_one_word(app, anybody, place, monkeypatch):
    assert anybody.get("/ready").get_data(as_text=True) == "ready\n"
    with monkeypatch.context() as patch:
        patch.setattr(type(app.extensions["watched_queue"]), "pending_count", lambda _self: 1 / 0)
        assert anybody.get("/ready", status=503).get_data(as_text=True) == "queue\n"
    with place.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'x'")
    assert anybody.get("/ready", status=503).get_data(as_text=True) == "schema\n"
    monkeypatch.setattr(type(place.database), "reading", lambda _self: (_ for _ in ()).throw(OSError))
    anybody.client.set_cookie("session", "whoever")
    assert anybody.get("/ready", status=503).get_data(as_text=True) == "database\n"
    assert anybody.get("/health").get_data(as_text=True) == "alive\n", "a process is not killed for its database"


def test_figures_are_for_the_holder_of_the_token(app, anybody, place):
    assert metrics(app, "")[0] == 404, "without a token in the settings, nobody sees them"
    guarded = made_with(place, metrics_token=TOKEN)
    assert metrics(guarded, "x" * 32)[0] == 404
    assert guarded.test_client().get("/metrics").status_code == 404
    assert metrics(guarded)[0] == 200
    with pytest.raises(SettingError, match="PYRAMIDE_METRICS_TOKEN"):
        load({"PYRAMIDE_SECRET_KEY": "x" * 64, "PYRAMIDE_METRICS_TOKEN": "short"})


def test_figures_count_and_tell_nothing_of_anybody(place, office):
    app = made_with(place, metrics_token=TOKEN)
    officer = office.people["officer"]
    visitor = Visitor(app)
    visitor.get("/sign-in")
    visitor.post("/sign-in", 422, email=officer.email, password="not the password")
    before = int(re.search(r"^pyramide_saves_total (\d+)$", metrics(app)[1], re.MULTILINE)[1])
    visitor.sign_in(officer, office.PASSWORD)
    case_id = office.finished("Presse à emboutir")
    reports.ask(place, officer, case_id, form="summary", language="fr", issue=False)
    for _ in range(3):
        visitor.client.get(f"/use-cases/{case_id}/nowhere?name=secret")
    visitor.client.open("/", method="BREW")
    text = metrics(app)[1]
    assert 'pyramide_requests_total{route="/sign-in",method="POST",status="422"} 1' in text
    assert 'pyramide_requests_total{route="none",method="GET",status="404"} 3' in text
    assert 'pyramide_request_seconds_count{route="/sign-in"}' in text
    assert 'pyramide_reports{state="waiting"} 1' in text
    assert 'pyramide_reports{state="failed"} 0' in text
    assert 'pyramide_webhooks{state="waiting"} 0' in text
    assert "pyramide_sign_ins_refused_total 1" in text
    assert int(re.search(r"^pyramide_saves_total (\d+)$", text, re.MULTILINE)[1]) > before
    for word in (officer.email, officer.name, "Aciérie", "Presse", case_id, office.org, "secret", "BREW"):
        assert word not in text, word
    names = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            names.add(line.split()[2])
        elif not line.startswith("#"):
            found = re.fullmatch(
                r'([a-z_]+?)(_bucket|_sum|_count)?(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+', line
            )
            assert found, line
            assert {found[1], f"{found[1]}{found[2] or ''}"} & names, line
    buckets = re.findall(r'_bucket\{route="/sign-in",le="[^"]+"\} (\d+)', text)
    assert buckets == sorted(buckets, key=int), "each bound counts all that took no longer"


def test_a_line_for_each_request_without_personal_data(place, office, caplog):
    caplog.set_level(logging.INFO, "pyramide.requests")
    app = made_with(place, proxies=1)
    visitor = Visitor(app)
    visitor.sign_in(office.people["officer"], office.PASSWORD)
    case_id = office.finished()
    caplog.clear()
    visitor.client.get(f"/use-cases/{case_id}/questions?back=secret", headers={"X-Request-Id": "from-nginx.1"})
    answer = visitor.client.get("/health")
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])
    forged = visitor.client.get("/nowhere", headers={"X-Request-Id": 'x"},{"a":"b'})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if "requests" in record.name]
    assert [line["request"] for line in lines] == ["from-nginx.1", forged.headers["X-Request-Id"]], "probes are silent"
    assert "<" in lines[0]["route"]
    assert lines[0]["status"] in (200, 302, 303, 404)
    assert lines[0]["ms"] >= 0
    assert re.fullmatch("[0-9a-f]{16}", lines[0]["organisation"])
    written = json.dumps(lines)
    for word in (case_id, office.org, "secret", office.people["officer"].email, office.people["officer"].person_id):
        assert word not in written, word


def test_an_id_is_taken_from_our_proxy_alone(app):
    answer = app.test_client().get("/health", headers={"X-Request-Id": "chosen-by-a-visitor"})
    assert answer.headers["X-Request-Id"] != "chosen-by-a-visitor"


def test_the_page_of_a_failure_names_its_request_and_tells_nothing_else(app, visit, caplog, monkeypatch):
    visitor = visit("officer")

    def broken():
        raise RuntimeError("a secret of the database")

    monkeypatch.setitem(app.view_functions, "dashboard.show", broken)
    answer = visitor.get("/", status=500)
    assert answer.headers["X-Request-Id"] in answer.page.text
    assert "secret of the database" not in answer.page.html
    assert "Traceback" not in answer.page.html
    record = next(record for record in caplog.records if record.exc_info)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["request"] == answer.headers["X-Request-Id"]


def test_while_it_stops_nothing_new_begins_and_nothing_typed_is_lost(app, visit):
    visitor = visit("officer")
    visitor.get("/account")
    app.extensions["watch"].stopping.set()
    refused = visitor.post("/use-cases/new", 503, name="Tapé à la main")
    assert "Tapé à la main" in refused.page.text
    assert visitor.get("/ready", status=503).get_data(as_text=True) == "stopping\n"
    assert visitor.get("/health").status_code == 200


SLOW = """
import sys, time
from compliance.web import serve
made = serve.create_app
def slow(place):
    app = made(place)
    view = app.view_functions["account.sign_in"]
    def late():
        print("begun", flush=True)
        time.sleep(2)
        return view()
    app.view_functions["account.sign_in"] = late
    return app
serve.create_app = slow
from compliance.cli import main
sys.exit(main(["serve"]))
"""


@pytest.mark.slow
def test_told_to_stop_it_answers_what_it_was_asked_then_ends_with_its_processes(place):
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYRAMIDE_")}
    environment |= {
        "PYRAMIDE_INSTANCE": str(place.settings.instance),
        "PYRAMIDE_PORT": str(port),
        "PYRAMIDE_WORKERS": "1",
        "PYRAMIDE_LOG": "json",
    }
    site = subprocess.Popen(
        [sys.executable, "-c", SLOW],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while "localhost" not in (line := site.stdout.readline()) or "welcome" in line:
            assert line, site.stderr.read()
        answers = {}

        def ask(name, path):
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", path)
            answer = connection.getresponse()
            answers[name] = (answer.status, answer.read())
            connection.close()

        slow = threading.Thread(target=ask, args=("slow", "/sign-in"))
        slow.start()
        while site.stdout.readline() != "begun\n":
            pass
        tasks = Path(f"/proc/{site.pid}/task").glob("*/children")
        workers = [int(pid) for task in tasks for pid in task.read_text().split()]
        assert workers
        site.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        ask("late", "/")
        ask("ready", "/ready")
        slow.join(30)
        assert site.wait(30) == 0
    finally:
        if site.poll() is None:
            site.kill()
        _, errors = site.communicate()
    assert answers["slow"][0] == 200
    assert answers["slow"][1].rstrip().endswith(b"</html>"), "whole"
    assert answers["late"][0] == 503
    assert answers["ready"] == (503, b"stopping\n")
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()], "its worker ended with it"
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert {(line.get("route"), line.get("status")) for line in lines} >= {("/sign-in", 200), ("/", 503)}
    assert "Traceback" not in errors

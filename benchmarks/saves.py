"""Saves and pages a second over real HTTP, beside Django off the shelf and the least that Flask could do.

    script/benchmark saves --seconds 20
    script/with-postgresql script/benchmark saves

Eight clients save answers one after the other, each as soon as the one before is acknowledged: on SQLite with one
process that serves, on PostgreSQL with four; then they read the page of a question and the list of 200 use cases.
Django (`rival_django.py`) saves the same words with its own sign-in, form, ORM and log. The baseline is a Flask page
that writes them into one table, without any of that. All have as many threads, the same clients and synced commits.
"""

import argparse
import http.client
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent))

from crashes import Nursery, Site, address, answers, bring_up, fill, free_port
from flask import Flask, request
from waitress import serve

from compliance.config import load
from compliance.operations import cases
from compliance.operations.cases import Description
from compliance.operations.site import open_workplace

CLIENTS, THREADS, CASES = 8, 8, 200
PASSWORD = "soudure girafe lampadaire"


def figures(took, seconds):
    ordered = sorted(took)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)  # noqa: E731
    return {
        "count": len(ordered),
        "a second": round(len(ordered) / seconds, 1),
        "median_ms": at(0.5),
        "p95_ms": at(0.95),
        "p99_ms": at(0.99),
    }


def bare(path, port):
    """Serve a page that keeps what it is sent, synced before it answers."""
    app, local = Flask("bare"), threading.local()

    @app.get("/health")
    def health():
        return "alive"

    @app.post("/")
    def save():
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            local.connection.execute("PRAGMA journal_mode=WAL")
            local.connection.execute("PRAGMA synchronous=FULL")
            local.connection.execute("CREATE TABLE IF NOT EXISTS answer (value, comment)")
        local.connection.execute("INSERT INTO answer VALUES (?, ?)", (request.form["value"], request.form["comment"]))
        return "", 303, {"Location": "/"}

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(app, host="127.0.0.1", port=port, threads=THREADS)


class Anybody:
    """A client of any site with cookies and forms."""

    def __init__(self, port, number):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.number, self.cookies, self.versions, self.turn = number, {}, {}, 0

    def ask(self, method, path, data=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.http.request(method, path, None if data is None else urlencode(data), headers)
        response = self.http.getresponse()
        text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, text

    def token(self, text):
        return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]

    def bare_save(self):
        """Save with the bare page."""
        self.turn += 1
        status, _ = self.ask("POST", "/", {"value": "true", "version": "0", "comment": str(self.turn)})
        assert status == 303, status

    def django_sign_in(self):
        _, text = self.ask("GET", "/sign-in")
        said = {"username": f"p{self.number}", "password": PASSWORD, "csrfmiddlewaretoken": self.token(text)}
        status, text = self.ask("POST", "/sign-in", said)
        assert status == 302, (status, text[:300])
        self.form = self.token(self.ask("GET", f"/cases/{self.number + 1}/a")[1])

    def django_save(self):
        """Save an answer of one's own use cases, at the version at which it stands."""
        path = f"/cases/{self.number + 1 + CLIENTS * (self.turn % 3)}/{'abcd'[self.turn // 3 % 4]}"
        version = self.versions.get(path, 0)
        said = {"value": "true", "comment": str(self.turn), "version": version, "csrfmiddlewaretoken": self.form}
        status, text = self.ask("POST", path, said)
        assert status == 302, (status, text[:300])
        self.versions[path], self.turn = version + 1, self.turn + 1


def together(acts, seconds):
    """Have each client do its act again and again; return how often, and how long each took."""
    stop, took = threading.Event(), []

    def again(act):
        while not stop.is_set():
            began = time.perf_counter()
            act()
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=again, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return figures(took, seconds)


def reading(client, path):
    def read():
        status, _ = client.ask("GET", path)
        assert status == 200, (path, status)

    return read


def resident(pids):
    """Return how much memory processes have of their own and shared, in MB."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6 / len(pids))


def baseline(folder, seconds):
    port = free_port()
    server = get_context("fork").Process(target=bare, args=(f"{folder}/bare.sqlite", port), daemon=True)
    server.start()
    while not answers(port):
        time.sleep(0.05)
    clients = [Anybody(port, number) for number in range(CLIENTS)]
    try:
        return {"saves": together([client.bare_save for client in clients], seconds)}
    finally:
        server.kill()


def django(folder, seconds):
    port, script = free_port(), str(Path(__file__).parent / "rival_django.py")
    server = subprocess.Popen([sys.executable, script, folder, str(port), str(THREADS), str(CLIENTS), str(CASES)])
    try:
        while not answers(port):
            assert server.poll() is None, "Django does not start"
            time.sleep(0.05)
        clients = [Anybody(port, number) for number in range(CLIENTS)]
        for client in clients:
            client.django_sign_in()
            client.django_save()
        return {
            "saves": together([client.django_save for client in clients], seconds),
            "a form": together([reading(client, "/cases/1/a") for client in clients], seconds),
            "a list of 50": together([reading(client, "/cases") for client in clients[: CLIENTS // 2]], seconds),
            "memory_mb": resident([server.pid]),
        }
    finally:
        server.kill()
        server.wait()


def more_cases(settings, clients):
    """Have as many use cases as the rival, in the organisation that half of the clients are in."""
    place = open_workplace(settings)
    owner = clients[0].actor
    for number in range(CASES - 3 * CLIENTS // 2):
        cases.begin(place, owner, Description(f"Cas de plus {number}", owner_id=owner.person_id))
    place.database.close()


def product(folder, database, seconds):
    environment = {"PYRAMIDE_INSTANCE": folder, "PYRAMIDE_WORKERS": "0", "PYRAMIDE_BASE_URL": "http://127.0.0.1"}
    environment["SERVER_LOG"] = f"{folder}/server.log"
    if database:
        environment["PYRAMIDE_DATABASE_URL"] = database
        bring_up(os.environ.get("PYRAMIDE_TEST_OWNER", database))
    nursery = Nursery()
    site = Site(nursery, environment, 4 if database else 1)
    settings = load(environment)
    clients = fill(settings, site.ports, CLIENTS)
    more_cases(settings, clients)
    site.start()
    try:
        for client in clients:
            client.sign_in()
            client.save()
        forms = [reading(client, address(*client.questions[0])) for client in clients]
        lists = [reading(client, "/use-cases") for client in clients[: CLIENTS // 2]]  # those of one organisation
        result = {
            "saves": together([client.save for client in clients], seconds),
            "a form": together(forms, seconds),
            "a list of 50": together(lists, seconds),
            "memory_mb": resident(site.pids),
        }
    finally:
        site.kill()
        nursery.close()
    assert not any(client.found for client in clients), [client.found for client in clients]
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--database", default=os.environ.get("PYRAMIDE_TEST_SITE"), help="empty; else SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kind = "PostgreSQL, 4 processes" if given.database else "SQLite, 1 process"
        result = {"load before": os.getloadavg(), kind: product(folder, given.database, given.seconds)}
        result["Django, 1 process, SQLite"] = django(folder, given.seconds)
        result["a bare Flask page and table, SQLite"] = baseline(folder, given.seconds)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

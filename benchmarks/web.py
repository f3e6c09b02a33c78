"""Saves and pages of the running product: 20 people at once, 5,000 use cases in the database.

    script/benchmark web [use_cases] [people] [seconds]

The product runs as script/server starts it, in a process of its own; what is measured is the time that the server
takes for a request, as the visitors see it on loopback. Each visitor answers the questionnaire of a use case, saves,
gets the next question with the panel as a browser with scripts asks for them, thinks a while, and goes on. The same
run measures the dashboard and the inventory, and beside them a bare Flask page and a bare SQLite commit on the same
machine, to tell what the machine itself costs.
"""

import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests
from argon2 import PasswordHasher

from compliance.config import load
from compliance.operations import cases
from compliance.operations.cases import Description
from compliance.operations.dossiers import in_short, new_action, summary, summary_columns
from compliance.operations.rights import Role
from compliance.operations.site import open_workplace
from compliance.operations.vocabulary import FUNCTIONS, SECTORS
from compliance.operations.workplace import Actor, Unit
from compliance.storage import actions, organisations, people
from compliance.storage import cases as store
from compliance.storage.rows import new_id

PASSWORD = "soudure girafe lampadaire"
THINK = (0.5, 1.5)  # seconds between an answer and the next
RAMP = 5.0  # seconds over which the visitors arrive


def fill(place, count, visitors):
    """Put use cases into the store, decided and half answered ones, and one account per visitor."""
    law = place.library.law(place.library.default)
    entries = list(law.pack.catalogue.values())
    org, now, chance = new_id(), datetime.now(UTC), random.Random(1)
    hashed = PasswordHasher().hash(PASSWORD)
    with place.database.writing() as connection:
        organisations.add_organisation(
            connection, id=org, name="Banc", language="fr", pack=law.pack.folder, example=False, created_at=now
        )
        ids = [new_id() for _ in range(visitors)]
        for n, id_ in enumerate(ids):
            people.add_person(
                connection,
                id=id_,
                email=f"p{n}@example.com",
                name=f"Personne {n}",
                password_hash=hashed,
                totp_last_step=0,
                active=True,
                one_at_a_time=True,
                created_at=now,
            )
            people.join(connection, org, id_, "officer")
        sites = [organisations.add_named(connection, "site", org, f"Site {n}") for n in range(200)]
        unit = Unit(connection, org, ids[0], now)
        for n in range(count):
            entry = chance.choice(entries)
            facts = dict(entry.facts)
            kept = {k: facts[k] for k in list(facts)[: chance.randint(3, len(facts))]} if n % 3 == 0 else facts
            found = summary(place, law, law.facts(kept))
            described = Description(
                f"{entry.title.fr} {n}",
                entry.description.fr,
                entry.function if entry.function in FUNCTIONS else None,
                chance.choice(list(SECTORS)),
                chance.choice(sites),
                None,
                chance.choice(ids),
            )
            row = cases.row(unit, place, described, n + 1, **summary_columns(found, len(kept), in_short(kept)))
            store.add_case(connection, org, **row)
            cases.presume(unit, row["id"], kept)
            actions.add_actions(connection, org, [new_action(row["id"], d, due, unit) for d, due in found.duties])
        organisations.next_reference(connection, org, count)
        unit.log("benchmark.filled", "", count=count)
    return Actor(
        ids[0], "Personne 0", "p0@example.com", org, "Banc", False, frozenset((Role.OFFICER,)), None, "fr", False, True
    )


class Visitor(threading.Thread):
    """Somebody who answers questions until told to stop."""

    def __init__(self, site, number, until):
        super().__init__()
        self.site, self.number, self.until = site, number, until
        self.saves, self.server, self.panels, self.failures = [], [], [], 0
        self.http = requests.Session()

    def token(self, text):
        return re.search(r'name="csrf_token" value="([^"]+)"', text)[1]

    def post(self, path, text, **data):
        return self.http.post(self.site + path, data={**data, "csrf_token": self.token(text)}, timeout=30)

    def sign_in(self):
        page = self.http.get(self.site + "/sign-in", timeout=30)
        self.post("/sign-in", page.text, email=f"p{self.number}@example.com", password=PASSWORD)

    def run(self):
        chance = random.Random(self.number)
        time.sleep(chance.uniform(0, RAMP))
        while time.time() < self.until:
            page = self.http.get(self.site + "/use-cases/new", timeout=30)
            page = self.post("/use-cases/new", page.text, name=f"Cas {self.number}")
            path, text = page.url.removeprefix(self.site), page.text
            token, case = self.token(text), page.url.split("/questions")[0]
            while "/questions/" in path and time.time() < self.until:
                data = self.answer(text, chance)
                start = time.perf_counter()
                response = self.http.post(
                    self.site + path, data={**data, "csrf_token": token}, headers={"HX-Request": "true"}, timeout=30
                )
                self.saves.append(time.perf_counter() - start)
                self.server.append(float(response.headers["Server-Timing"].partition("dur=")[2]) / 1000)
                if response.status_code != 200:
                    self.failures += 1
                    break
                start = time.perf_counter()
                self.http.get(case + "/panel", timeout=30)
                self.panels.append(time.perf_counter() - start)
                path, text = response.headers.get("HX-Push-Url", ""), response.text
                time.sleep(chance.uniform(*THINK))

    def answer(self, text, chance):
        version = re.search(r'name="version"[^>]*value="(\d+)"', text)
        data = {"version": version[1] if version else "0"}
        values = re.findall(r'type="(?:radio|checkbox)"[^>]*name="value" value="([^"]+)"', text)
        if "data-choices" in text:
            return data | {"none": "y"}
        return data | ({"value": chance.choice(values)} if values else {"unsure": "y"})


def quantiles(times):
    ordered = sorted(times)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000  # noqa: E731
    return {
        "count": len(ordered),
        "median_ms": round(at(0.5), 1),
        "p95_ms": round(at(0.95), 1),
        "p99_ms": round(at(0.99), 1),
    }


def timed(ask, times):
    found = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return quantiles(found)


def bare_commit(folder):
    """Time a commit of one row with the same care for durability."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (x)")

    def commit():
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("COMMIT")

    return timed(commit, 200)


@contextmanager
def running(instance):
    """Run the product on an instance as script/server does; give its process and its address."""
    environment = {**os.environ, "PYRAMIDE_INSTANCE": instance, "PYRAMIDE_PORT": "8199"}
    command = [sys.executable, "-m", "compliance.cli", "serve"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        while "://" not in (line := server.stdout.readline()) or "welcome" in line:
            assert line, "the product ended before it answered"
        yield server, "http://localhost:8199"
    finally:
        server.terminate()
        server.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("use_cases", type=int, nargs="?", default=5_000)
    parser.add_argument("people", type=int, nargs="?", default=20)
    parser.add_argument("seconds", type=int, nargs="?", default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = open_workplace(load({"PYRAMIDE_INSTANCE": name}))
        start = time.time()
        fill(place, options.use_cases, options.people)
        place.database.close()
        print(f"filled in {time.time() - start:.0f} s", file=sys.stderr)
        with running(name) as (_, site):
            result = measure(site, options)
        result["bare commit"] = bare_commit(folder)
    print(json.dumps(result, indent=1))


def measure(site, options):
    until = time.time() + options.seconds
    visitors = [Visitor(site, n, until) for n in range(options.people)]
    for visitor in visitors:
        visitor.sign_in()
    alone = visitors[0].http
    result = {}
    for name, path in (
        ("dashboard", "/"),
        ("inventory", "/use-cases"),
        ("inventory, searched and sorted", "/use-cases?q=maintenance&sort=name"),
    ):
        result[name] = timed(lambda path=path: alone.get(site + path, timeout=30), 20)
    result["a page without data"] = timed(lambda: requests.get(site + "/sign-in", timeout=30), 50)
    for visitor in visitors:
        visitor.until = time.time() + options.seconds
        visitor.start()
    for visitor in visitors:
        visitor.join()
    result["save and next question"] = quantiles([t for visitor in visitors for t in visitor.server])
    result["the same as the visitor sees it"] = quantiles([t for visitor in visitors for t in visitor.saves])
    result["panel"] = quantiles([t for visitor in visitors for t in visitor.panels])
    result["failures"] = sum(visitor.failures for visitor in visitors)
    result["people at once"], result["use cases"] = options.people, options.use_cases
    result["saves a second"] = round(result["save and next question"]["count"] / options.seconds, 1)
    return result


if __name__ == "__main__":
    main()

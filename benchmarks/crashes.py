"""Nothing lost: the running product killed again and again while people save as fast as they can.

    script/benchmark crashes --kills 300
    script/with-postgresql script/benchmark crashes --kills 100

Eight clients, in two organisations, answer questions of their own use cases over HTTP and write down each save that
the site acknowledged. At a random moment the site's whole process group is killed with SIGKILL; it starts again, and
every client asks the page where its answer stands. After each kill what is new, and at the end everything: each
acknowledged save is in the store, no answer without its line on the log nor line without its answer, versions and
lines numbered without gap, and all that `compliance verify-store` checks.

What is killed is `compliance serve` itself, in a process forked from one that has its modules loaded, so that a start
takes one second and not five. On PostgreSQL two such processes serve the same database; halfway, one of the server's
own processes is killed as well, at which it throws out everybody and recovers, and the site has to go on by itself.
A kill leaves to the kernel what was written and not synced: `--syncs` counts the syncs that the saves wait for.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing import Pipe, get_context
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import create_engine, select

from compliance import cli
from compliance.config import load
from compliance.operations import cases
from compliance.operations.cases import Description
from compliance.operations.rights import Role
from compliance.operations.site import bring_up, open_workplace
from compliance.storage import audit, soundness, tables
from compliance.storage.database import Database
from compliance.web import serve
from tests.offices import Office

FACTS = ("controls_input_data", "controls_logs", "used_at_workplace", "decides_about_persons")
CASES = 3  # of each client
START = 60.0  # seconds until a start has failed
assert serve  # loaded, so that processes forked from this one have it


class Nursery:
    """A process with the product's modules loaded, which forks the processes that serve; made before any thread."""

    def __init__(self):
        self._ask, answer = Pipe()
        self._process = get_context("fork").Process(target=self._nurse, args=(answer,), daemon=True)
        self._process.start()

    def _nurse(self, pipe):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
        while (wanted := pipe.recv()) is not None:
            group, environment = wanted
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.setpgid(0, group)
                os.environ.update(environment)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.dup2(os.open(environment["SERVER_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 2)
                os._exit(cli.main(["--lang", "en", "serve"]))
            pipe.send(pid)

    def serve(self, group, environment):
        """Start a process that serves; 0 as group makes one of its own."""
        self._ask.send((group, environment))
        return self._ask.recv()

    def close(self):
        self._ask.send(None)
        self._process.join()


class Site:
    """The processes that serve one store, each on a port of its own."""

    def __init__(self, nursery, environment, processes):
        self.nursery, self.environment = nursery, environment
        self.ports = [free_port() for _ in range(processes)]
        self.group, self.pids = 0, []

    def start(self):
        self.group, self.pids = 0, []
        for port in self.ports:
            pid = self.nursery.serve(self.group, {**self.environment, "PYRAMIDE_PORT": str(port)})
            self.group = self.group or pid
            self.pids.append(pid)
        until = time.monotonic() + START
        for port in self.ports:
            while not answers(port):
                assert time.monotonic() < until, "the site does not start"
                time.sleep(0.02)

    def kill(self):
        os.killpg(self.group, signal.SIGKILL)
        while any(alive(pid) for pid in self.pids):
            time.sleep(0.005)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    return False


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Save:
    """One acknowledged save: of which answer, at which version, and the words that were saved."""

    org: str
    case: str
    fact: str
    version: int
    comment: str


class Client:
    """Somebody who answers the same few questions again and again; ``acknowledged`` is what the site said it kept."""

    def __init__(self, number, port, org, actor, held):
        self.number, self.port, self.org, self.actor, self.email = number, port, org, actor, actor.email
        self.questions = [(case, fact) for case in held for fact in FACTS]
        self.versions = dict.fromkeys(self.questions, 0)
        self.acknowledged, self.took, self.unsure, self.found = [], [], None, Counter()
        self.http, self.cookie, self.token, self.turn = None, "", "", 0

    def ask(self, method, path, data=None):
        """Send one request and return its status and text. Raises OSError or HTTPException where nobody answers."""
        if self.http is None:
            self.http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        body = None
        if data is not None:
            body = urlencode({**data, "csrf_token": self.token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.http.request(method, path, body, headers)
            response = self.http.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.http.close()
            self.http = None
            raise
        if set_ := response.headers.get("Set-Cookie"):
            self.cookie = set_.split(";")[0]
        if found := re.search(r'name="csrf_token" value="([^"]+)"', text):
            self.token = found[1]
        return response.status, text

    def sign_in(self):
        self.ask("GET", "/sign-in")
        status, _ = self.ask("POST", "/sign-in", {"email": self.email, "password": Office.PASSWORD})
        assert status == 303, status
        self.standing(*self.questions[0])

    def standing(self, case, fact):
        """Return the version of an answer that the page shows."""
        status, text = self.ask("GET", address(case, fact))
        assert status == 200, (status, text[:500])
        return int(re.search(r'name="version"[^>]*value="(\d+)"', text)[1])

    def settle(self):
        """Look where the answer stands that was under way: kept or not, and nothing acknowledged is gone."""
        if self.unsure is None:
            return
        found, known = self.standing(*self.unsure), self.versions[self.unsure]
        assert known <= found <= known + 1, ("lost", self.unsure, known, found)
        self.found["kept unheard" if found > known else "not kept"] += 1
        self.versions[self.unsure] = found
        self.unsure = None

    def save(self):
        """Answer the next question; what the site acknowledged is written down."""
        question = self.questions[self.turn % len(self.questions)]
        version, comment = self.versions[question], f"{self.number}.{self.turn}"
        value = "true" if self.turn // len(self.questions) % 2 else "false"
        self.turn += 1
        self.unsure = question
        began = time.perf_counter()
        data = {"value": value, "version": str(version), "comment": comment}
        status, text = self.ask("POST", address(*question), data)
        if status >= 500:
            self.found[status] += 1
            return
        assert status == 303, (status, text[:500])
        self.took.append(time.perf_counter() - began)
        self.unsure = None
        self.versions[question] = version + 1
        self.acknowledged.append(Save(self.org, question[0], question[1], version + 1, comment))

    def work(self, stop):
        """Save until told to stop, or until nobody answers."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while not stop.is_set():
                if self.unsure is not None:  # the store was away
                    time.sleep(0.1)
                    self.settle_if_it_answers()
                else:
                    self.save()

    def settle_if_it_answers(self):
        status, _ = self.ask("GET", address(*self.unsure))
        if status < 500:
            self.settle()


def address(case, fact):
    return f"/use-cases/{UUID(case)}/questions/{fact}"


def fill(settings, ports, count):
    """Make two organisations with clients in them, and the use cases of each; return the clients."""
    place, clients = open_workplace(settings), []
    for half in range(2):
        numbers = range(half, count, 2)
        office = Office.open(place, f"Banc {half}", {f"p{number}": frozenset((Role.OFFICER,)) for number in numbers})
        for number in numbers:
            actor = office.people[f"p{number}"]
            owned = [Description(f"Cas {number}.{n}", owner_id=actor.person_id) for n in range(CASES)]
            held = [cases.begin(place, actor, described) for described in owned]
            clients.append(Client(number, ports[number // 2 % len(ports)], office.org, actor, held))
    place.database.close()
    return clients


def together(clients, stop):
    threads = [threading.Thread(target=client.work, args=(stop,)) for client in clients]
    for thread in threads:
        thread.start()
    return threads


def check_new(url, clients, checked):
    """Check what was acknowledged since the last look, and the end of every log."""
    t, database = tables.answer_event, Database(url)
    with database.reading() as connection:
        for client in clients:
            new = client.acknowledged[checked[client.number] :]
            checked[client.number] += len(new)
            least = min((save.version for save in new), default=0)
            statement = select(t.c.subject, t.c.fact, t.c.version, t.c.comment).where(
                t.c.subject.in_({save.case for save in new}), t.c.version >= least
            )
            kept = {tuple(row) for row in connection.execute(statement)}
            lost = [s for s in new if (s.case, s.fact, s.version, s.comment) not in kept]
            assert not lost, lost
        for org in {client.org for client in clients}:
            last = audit.entries(connection, org, limit=1)[0].seq
            assert last == audit.size(connection, org), ("gap in the log", org)
    database.close()


def check_all(url, clients):
    """Check everything that was ever acknowledged, and the whole store; return what was counted."""
    e, a, log = tables.answer_event, tables.answer, tables.audit_entry
    database = Database(url)
    with database.reading() as connection:
        said = select(e.c.subject, e.c.fact, e.c.version, e.c.comment)
        events = [tuple(row) for row in connection.execute(said)]
        standing = {
            (row.subject, row.fact): (row.version, row.comment)
            for row in connection.execute(select(a.c.subject, a.c.fact, a.c.version, a.c.comment))
        }
        lines = Counter(
            (row.subject, row.detail["fact"])
            for row in connection.execute(select(log.c.subject, log.c.detail).where(log.c.what == "answer.recorded"))
        )
        kept = set(events)
        every = [save for client in clients for save in client.acknowledged]
        lost = [save for save in every if (save.case, save.fact, save.version, save.comment) not in kept]
        assert not lost, ("lost", lost[:5])
        assert len(kept) == len(events), "an event twice"
        counted = Counter(event[:2] for event in events)
        assert counted == lines, ("an answer without its line, or a line without its answer", counted - lines)
        last = {event[:2]: event[2:] for event in sorted(events, key=lambda event: event[2])}
        assert last == standing, "an answer that is not its last event"
        assert all(standing[key][0] == number for key, number in counted.items()), "versions with a gap"
        for org in {client.org for client in clients}:
            assert audit.broken_at(connection, org) is None, "a log that is broken"
        checks = [*soundness.structure(connection), *soundness.contents(connection)]
        assert not [check for check in checks if check.faults], checks
    database.close()
    return {"acknowledged": len(every), "events": len(events), "lines": sum(lines.values()), "lost": 0, "torn": 0}


def kill_backend(url):
    """Kill one of the processes with which PostgreSQL serves the site; return whether there was one."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' LIMIT 1"
        ).scalar()
    engine.dispose()
    if found:
        os.kill(found, signal.SIGKILL)
    return bool(found)


def run(site, clients, url, kills, longest, seconds):
    """Kill and start again; return how many kills there were, and those of backends."""
    chance, checked, starts = random.Random(), Counter(), []
    until, done, backends = time.monotonic() + seconds, 0, 0
    for turn in range(kills + 1):
        began = time.perf_counter()
        site.start()
        starts.append(time.perf_counter() - began)
        for client in clients:
            client.settle() if client.cookie else client.sign_in()
        check_new(url, clients, checked)
        if turn == kills or time.monotonic() > until:
            break
        stop = threading.Event()
        threads = together(clients, stop)
        time.sleep(chance.uniform(0.02, longest))
        if url.startswith("postgresql") and turn == kills // 2:
            backends += kill_backend(url)
            before = sum(len(client.acknowledged) for client in clients)
            end = time.monotonic() + START
            while sum(len(client.acknowledged) for client in clients) < before + 3 * len(clients):
                assert time.monotonic() < end, "the site does not go on after a crash of the database"
                time.sleep(0.1)
        site.kill()
        done += 1
        stop.set()
        for thread in threads:
            thread.join()
    return {"kills": done, "backends killed": backends, "start_s": round(sorted(starts)[len(starts) // 2], 2)}


def count_syncs(site, clients, saves):
    """Count the syncs that the site asks the kernel for during saves, by strace."""
    with tempfile.NamedTemporaryFile() as told:
        tracing = subprocess.Popen(
            ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", told.name]
            + [word for pid in site.pids for word in ("-p", str(pid))],
            stderr=subprocess.PIPE,
        )
        tracing.stderr.readline()  # it is attached
        for turn in range(saves):
            clients[turn % len(clients)].save()
        tracing.send_signal(signal.SIGINT)
        tracing.wait()
        table = Path(told.name).read_text()
    rows = [line.split() for line in table.splitlines()]
    found = {row[-1]: int(row[3]) for row in rows if row and row[-1] in ("fsync", "fdatasync")}
    return {"saves": saves, "syncs": sum(found.values()), **found}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=3600, help="no kill later than this")
    parser.add_argument("--longest", type=float, default=1.2, help="seconds from a start to the kill, at most")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--database", default=os.environ.get("PYRAMIDE_TEST_SITE"), help="empty; else SQLite")
    parser.add_argument("--syncs", type=int, default=0, help="saves during which syncs are counted, by strace")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PYRAMIDE_INSTANCE": folder, "PYRAMIDE_WORKERS": "0", "PYRAMIDE_BASE_URL": "http://127.0.0.1"}
        environment["SERVER_LOG"] = f"{folder}/server.log"
        if given.database:
            environment["PYRAMIDE_DATABASE_URL"] = given.database
            bring_up(os.environ.get("PYRAMIDE_TEST_OWNER", given.database))
        settings = load(environment)
        nursery = Nursery()
        site = Site(nursery, environment, 2 if given.database else 1)
        clients = fill(settings, site.ports, given.clients)
        began = time.monotonic()
        try:
            result = run(site, clients, settings.database_url, given.kills, given.longest, given.seconds)
            result |= {name: sum(client.found[name] for client in clients) for name in ("kept unheard", "not kept")}
            result["answers of 500 and more"] = sum(
                count for client in clients for code, count in client.found.items() if isinstance(code, int)
            )
            if given.syncs:
                result["sync"] = count_syncs(site, clients, given.syncs)
        except BaseException:
            print(Path(environment["SERVER_LOG"]).read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            if site.group:
                site.kill()
            nursery.close()
        result |= check_all(settings.database_url, clients)
    print(json.dumps({**result, "seconds": round(time.monotonic() - began)}, indent=1))


if __name__ == "__main__":
    main()

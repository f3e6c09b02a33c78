"""Answers saved a second over real HTTP, beside the least that a Flask page with a table could do.

    script/benchmark saves --seconds 20
    script/with-postgresql script/benchmark saves

Eight clients save answers one after the other, each as soon as the one before is acknowledged: on SQLite with one
process that serves, on PostgreSQL with four. The baseline is a Flask page that writes the same words into one table,
without sign-in, law, summary, event or log, under the same server with as many threads, by the same clients.
"""

import argparse
import http.client
import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent))

from crashes import Nursery, Site, answers, fill, free_port, together
from flask import Flask, request
from waitress import serve

from compliance.config import load

CLIENTS, THREADS = 8, 8


def figures(took, seconds):
    ordered = sorted(took)
    at = lambda share: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)  # noqa: E731
    return {
        "saves": len(ordered),
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

    serve(app, host="127.0.0.1", port=port, threads=THREADS)


def send(port, stop, took):
    connection, turn = http.client.HTTPConnection("127.0.0.1", port, timeout=30), 0
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    while not stop.is_set():
        began = time.perf_counter()
        body = urlencode({"value": "true", "version": "0", "comment": str(turn)})
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 303
        took.append(time.perf_counter() - began)
        turn += 1


def baseline(folder, seconds):
    port = free_port()
    server = get_context("fork").Process(target=bare, args=(f"{folder}/bare.sqlite", port), daemon=True)
    server.start()
    while not answers(port):
        time.sleep(0.05)
    stop, took = threading.Event(), []
    threads = [threading.Thread(target=send, args=(port, stop, took)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    server.kill()
    return figures(took, seconds)


def product(folder, database, seconds):
    environment = {"PYRAMIDE_INSTANCE": folder, "PYRAMIDE_WORKERS": "0", "PYRAMIDE_BASE_URL": "http://127.0.0.1"}
    environment["SERVER_LOG"] = f"{folder}/server.log"
    if database:
        environment["PYRAMIDE_DATABASE_URL"] = database
    nursery = Nursery()
    site = Site(nursery, environment, 4 if database else 1)
    clients = fill(load(environment), site.ports, CLIENTS)
    site.start()
    try:
        for client in clients:
            client.sign_in()
            client.save()
            client.took.clear()
        stop = threading.Event()
        threads = together(clients, stop)
        time.sleep(seconds)
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        site.kill()
        nursery.close()
    assert not any(client.found for client in clients), [client.found for client in clients]
    return figures([took for client in clients for took in client.took], seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--database", default=os.environ.get("PYRAMIDE_TEST_DATABASE"), help="empty; else SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kind = "PostgreSQL, 4 processes" if given.database else "SQLite, 1 process"
        result = {"load before": os.getloadavg(), kind: product(folder, given.database, given.seconds)}
        result["a bare page and table"] = baseline(folder, given.seconds)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

"""A hundred reports asked for at once: all arrive, the site stays usable, a killed worker loses none.

    script/benchmark many_reports [reports] [visitors]

The product runs as script/server starts it. An officer asks for the reports as fast as the site takes them, by its
pages; others meanwhile answer the questionnaire. Once a fifth of the reports is there, the worker is killed with
SIGKILL; the site starts another. Told are the time until all are there, and how pages and saves went meanwhile.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from web import Visitor, fill, running

from compliance.config import load
from compliance.operations.site import open_workplace

PAGES = ("/", "/use-cases", "/reports")


def percentile(found, share):
    return sorted(found)[min(len(found) - 1, int(len(found) * share))]


def states(place):
    with place.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT state, count(*) FROM report GROUP BY state")
        return dict(tuple(row) for row in rows)


def worker_of(site):
    """Return the process id of the worker that the site runs."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parts = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"work" in parts and str(site).encode() in parts:
            return int(folder.name)
    return None


def ask(officer, cases, count):
    """Ask for reports by the pages, as fast as they are taken; return how long each took to be accepted."""
    took = []
    for n in range(count):
        path = f"/use-cases/{cases[n % len(cases)]}/reports"
        page = officer.http.get(officer.site + path, timeout=60)
        start = time.perf_counter()
        sent = officer.post(path, page.text, form="full", language="fr" if n % 2 else "en", how="issue", key="")
        took.append(time.perf_counter() - start)
        assert "/reports/" in sent.url, sent.status_code
    return took


def watch(visitor, until, found):
    while not until.is_set():
        for path in PAGES:
            start = time.perf_counter()
            assert visitor.http.get(visitor.site + path, timeout=60).status_code == 200
            found.append(time.perf_counter() - start)
            time.sleep(0.3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reports", type=int, nargs="?", default=100)
    parser.add_argument("visitors", type=int, nargs="?", default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = open_workplace(load({"PYRAMIDE_INSTANCE": folder}))
        fill(place, 60, given.visitors + 1)
        with place.database.writing() as connection:
            connection.exec_driver_sql("UPDATE answer SET presumed = 0")
            connection.exec_driver_sql("UPDATE use_case SET presumed = 0")
        with place.database.reading() as connection:
            ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM use_case ORDER BY reference LIMIT 20")]
        cases = [f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}" for i in ids]
        with running(folder) as (process, address):
            run(place, given, process, address, cases)
        place.database.close()


def run(place, given, process, address, cases):
    visitors = [Visitor(address, n, time.time() + 3600) for n in range(given.visitors + 1)]
    for visitor in visitors:
        visitor.sign_in()
    before, pages, over, calm = [], [], threading.Event(), threading.Event()
    quiet = threading.Thread(target=watch, args=(visitors[-1], calm, before))
    quiet.start()
    time.sleep(10)
    calm.set()
    quiet.join()
    threads = [threading.Thread(target=watch, args=(visitors[-1], over, pages))]
    threads += visitors[1:-1]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    took = ask(visitors[0], cases, given.reports)
    asked = time.perf_counter() - start
    killed = 0
    while states(place).get("ready", 0) < given.reports:
        found = states(place)
        assert "failed" not in found, found
        if not killed and found.get("ready", 0) >= given.reports // 5:
            killed = worker_of(process.pid)
            os.kill(killed, signal.SIGKILL)
        assert time.perf_counter() - start < 1500, found
        time.sleep(0.2)
    total = time.perf_counter() - start
    over.set()
    for visitor in visitors[1:-1]:
        visitor.until = 0
    for thread in threads:
        thread.join()
    saves = [value for visitor in visitors[1:-1] for value in visitor.saves]
    failures = sum(visitor.failures for visitor in visitors)
    print(f"{given.reports} reports asked for in {asked:.0f} s, all there after {total:.0f} s")
    print(f"one worker killed after a fifth: {states(place)}; attempts: {attempts(place)}")
    for name, values in (
        ("pages before", before),
        ("pages meanwhile", pages),
        ("saves meanwhile", saves),
        ("asking", took),
    ):
        if values:
            middle, high = statistics.median(values) * 1000, percentile(values, 0.95) * 1000
            print(
                f"{name}: {len(values)}, median {middle:.0f} ms, 95th {high:.0f} ms, most {max(values) * 1000:.0f} ms"
            )
    print(f"failures: {failures}")


def attempts(place):
    with place.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT attempts, count(*) FROM report GROUP BY attempts")
        return dict(tuple(row) for row in rows)


if __name__ == "__main__":
    main()

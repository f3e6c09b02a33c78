"""Real worker processes on a real queue: everything asked for arrives, whoever is killed in between."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.config import ROOT, SettingError, load
from compliance.jobs import open_queue, with_queue
from compliance.operations import reports
from compliance.storage import reports as store

COUNT = 4


def start(place, *more):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYRAMIDE_")},
        "PYRAMIDE_INSTANCE": str(place.settings.instance),
        "PYRAMIDE_BASE_URL": place.settings.base_url,
    }
    return subprocess.Popen([sys.executable, "-m", "compliance.cli", "work", *more], env=environment, cwd=ROOT)


def states(place, org):
    with place.database.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql(f"SELECT state FROM report WHERE org_id = '{org}'")]


def wait_until(condition, seconds=180):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def stop(process):
    if process.poll() is None:
        process.terminate()
        process.wait(20)


@pytest.mark.slow
def test_a_kill_in_the_middle_loses_no_report(office):
    place = with_queue(office.place)
    case_id = office.finished()
    officer = office.people["officer"]
    ids = [reports.ask(place, officer, case_id, form="summary", language="fr", issue=True) for _ in range(COUNT)]
    worker = start(place)
    try:
        assert wait_until(lambda: "making" in states(place, office.org))
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        assert "ready" not in states(place, office.org) or states(place, office.org).count("ready") < COUNT
        worker = start(place)
        assert wait_until(lambda: set(states(place, office.org)) == {"ready"}), states(place, office.org)
    finally:
        stop(worker)
    with place.database.reading() as connection:
        found = [store.report(connection, office.org, id_) for id_ in ids]
    assert sorted(report.number for report in found) == [f"R-2026-{n:04d}" for n in range(1, COUNT + 1)]
    assert max(report.attempts for report in found) == 2


@pytest.mark.slow
def test_what_nobody_announced_is_found_in_the_store(office):
    silent = replace(office.place, announce=lambda _org, _report: None)
    id_ = reports.ask(silent, office.people["officer"], office.finished(), form="summary", language="en", issue=False)
    worker = start(office.place)
    try:
        assert wait_until(lambda: states(office.place, office.org) == ["ready"])
    finally:
        stop(worker)
    assert reports.pdf(office.place, office.people["officer"], id_)[1].startswith(b"%PDF-")


@pytest.mark.slow
def test_an_attended_worker_ends_with_its_site(office):
    code = (
        "import os, subprocess, sys, time; p = subprocess.Popen([sys.executable, '-m', 'compliance.cli', 'work',"
        " '--site', str(os.getpid())]); print(p.pid, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYRAMIDE_INSTANCE": str(office.place.settings.instance)}
    site = subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    worker = int(site.stdout.readline())
    time.sleep(2)
    site.kill()
    site.wait()
    site.stdout.close()
    assert wait_until(lambda: not _alive(worker), 60)


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_the_queue_is_chosen_by_a_setting(tmp_path):
    settings = load({"PYRAMIDE_INSTANCE": str(tmp_path)})
    assert type(open_queue(settings)).__name__ == "SqliteHuey"
    with pytest.raises(SettingError, match="PYRAMIDE_QUEUE"):
        load({"PYRAMIDE_INSTANCE": str(tmp_path), "PYRAMIDE_QUEUE": "amqp://x"})

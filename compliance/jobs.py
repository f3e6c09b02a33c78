"""Work in the background: a queue that only wakes the workers; what is to be done, and how far it is, is in the store.

The queue is huey's: SQLite beside the store by default, PostgreSQL or Redis by one setting. A worker that dies, or a
queue that is lost, loses nothing: at its start and every minute a worker looks into the store for what waits.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey, crontab

from compliance.config import Settings
from compliance.operations import delivering, making
from compliance.operations.workplace import Workplace

_log = logging.getLogger("pyramide")
_AGAIN_AFTER = 2.0  # seconds until a worker that ended is started anew
_TASK = "make_report"


def open_queue(settings: Settings) -> Huey:
    """Return the queue that the settings name; huey itself says when the library for it is missing."""
    kind = urlsplit(settings.queue).scheme
    if kind == "postgresql":
        return PostgresHuey("pyramide", dsn=settings.queue, results=False)
    if kind in ("redis", "rediss"):
        return RedisHuey("pyramide", url=settings.queue, results=False)
    return SqliteHuey("pyramide", filename=settings.queue.removeprefix("sqlite:///"), results=False, fsync=False)


def with_queue(place: Workplace) -> Workplace:
    """Return the workplace, telling the workers of what is asked for. A queue that is away only delays."""
    queue = open_queue(place.settings)
    task = _task(queue, place, "")

    def announce(org: str, report: str) -> None:
        try:
            task(org, report)
        except Exception:  # noqa: BLE001 - each kind of queue fails in its own way
            _log.exception("the queue is away; the workers will find the report in the store")

    return replace(place, announce=announce)


def _task(queue: Huey, place: Workplace, worker: str) -> Any:
    def make_report(org: str, report: str) -> None:
        making.make(place, worker, org, report)

    return queue.task(name=_TASK)(make_report)


def work(place: Workplace, *, site: int | None = None) -> None:
    """Make reports and send webhooks until told to stop, as many reports at a time as the settings say.

    A worker that a site started, whose process id is ``site``, ends when the site does.
    """
    name = place.settings.worker  # one that starts again finds what it left under its name
    if site is not None:
        threading.Thread(target=_end_with, args=(site,), name="site", daemon=True).start()
    queue = open_queue(place.settings)
    task = _task(queue, place, name)
    making.give_back(place, name)
    queue.flush()  # what waits is in the store; nothing is announced twice
    _announce_waiting(place, task)

    def look_again() -> None:
        making.give_back(place, None)
        making.remove_drafts(place)
        if not queue.pending_count():
            _announce_waiting(place, task)

    queue.periodic_task(crontab(minute="*"))(look_again)
    consumer = queue.create_consumer(
        workers=max(1, place.settings.workers), periodic=True, max_delay=1.0, backoff=1.15, check_worker_health=True
    )
    stop = threading.Event()
    sending = threading.Thread(target=delivering.run, args=(place, stop), name="webhooks", daemon=True)
    sending.start()  # a thread of its own: a slow receiver keeps no report waiting
    consumer.run()
    stop.set()
    sending.join(_AGAIN_AFTER)


def _end_with(site: int) -> None:
    while os.getppid() == site:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _announce_waiting(place: Workplace, task: Any) -> None:
    for org, report in making.waiting(place):
        task(org, report)


class Attendant:
    """Keeps one worker running beside the site: a process of its own, started anew when it ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="attendant", daemon=True)

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Return the worker's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def _watch(self) -> None:
        while not self._stop.is_set():
            command = [sys.executable, "-m", "compliance.cli", "work", "--site", str(os.getpid())]
            self._process = subprocess.Popen(command)  # noqa: S603 - our own module, fixed words
            while self._process.poll() is None and not self._stop.wait(0.2):
                pass
            if self._stop.is_set() or self._stop.wait(_AGAIN_AFTER):
                break
            _log.warning("the worker ended with %s; it is started anew", self._process.returncode)

    def stop(self) -> None:
        """Stop the worker; what it was at is made anew at the next start."""
        self._stop.set()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self._thread.ident:  # where workers run elsewhere, it never began
            self._thread.join(timeout=5)

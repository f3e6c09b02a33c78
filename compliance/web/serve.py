"""The running site: a production server, and the work that recurs."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from waitress import create_server

from compliance.jobs import Attendant, with_queue
from compliance.operations import announcing, bench, concerns, dossiers, post, sign_in, supplying
from compliance.operations.workplace import Workplace
from compliance.web.app import create_app
from compliance.web.watching.watch import Watch

logging.getLogger("waitress.queue").setLevel(logging.ERROR)
_log = logging.getLogger("pyramide")
_EVERY = 2.0  # seconds between looks for summaries to compute
_ROUNDS_PER_MAIL = 30
_ROUNDS_PER_DAY_WORK = 900


def serve(place: Workplace, ready: Callable[[], None]) -> None:
    """Serve the pages until stopped; ``ready`` is called once visitors are heard."""
    stop = threading.Event()
    place = with_queue(place)
    attendant = Attendant()
    worker = threading.Thread(target=_recurring, args=(place, stop), name="recurring", daemon=True)
    app = create_app(place)
    server = create_server(
        app,
        host=place.settings.host,
        port=place.settings.port,
        threads=place.settings.threads,
        ident=None,
    )
    _stop_on_request(app.extensions["watch"], server, place.settings.stop_seconds)
    try:
        worker.start()
        if place.settings.workers:
            attendant.start()
        _warm(place)
        ready()
        server.run()
    finally:
        _hear_no_more()
        stop.set()
        attendant.stop()
        bench.stop()
        worker.join(timeout=5)
        place.database.close()


def _stop_on_request(watch: Watch, server: Any, seconds: int) -> None:
    """Have SIGTERM stop the site: no new request is taken, those under way are answered, within a bound."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread hears signals
    finished = threading.Event()

    def finish() -> None:
        until = monotonic() + seconds
        while monotonic() < until and (watch.running or _unsent(server)):
            sleep(0.05)
        if watch.running:
            _log.warning("%d requests were not answered within %d s of stopping", watch.running, seconds)
        finished.set()
        os.kill(os.getpid(), signal.SIGTERM)  # wakes the server, which sleeps until something comes

    def heard(_signal: int, _frame: object) -> None:
        if finished.is_set():
            raise SystemExit(0)
        if not watch.stopping.is_set():
            watch.stopping.set()
            threading.Thread(target=finish, name="stopping", daemon=True).start()

    signal.signal(signal.SIGTERM, heard)


def _unsent(server: Any) -> bool:
    """Tell whether an answer is still on its way; a server of several addresses cannot say."""
    return any(channel.total_outbufs_len for channel in list(getattr(server, "active_channels", {}).values()))


def _hear_no_more() -> None:
    """Let nothing interrupt the end."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _warm(place: Workplace) -> None:
    """Load the solver and the law, so that the first visitor does not wait for them."""
    law = place.library.law(place.library.default)
    dossiers.summary(place, law, law.facts({}))


def _recurring(place: Workplace, stop: threading.Event) -> None:
    """Compute waiting summaries at once, send mail every minute, write reminders every half hour."""
    rounds = 0
    while not stop.is_set():
        try:
            while dossiers.refresh_stale(place) and not stop.is_set():
                pass
            if rounds % _ROUNDS_PER_DAY_WORK == 0:
                concerns.follow_all(place)
                post.write_reminders(place)
                announcing.announce(place)
                sign_in.end_old_sessions(place)
                supplying.expire_old(place)
            if rounds % _ROUNDS_PER_MAIL == 0:
                post.send_waiting(place)
        except Exception:  # noqa: BLE001 - the thread must live on; what happened is logged
            _log.exception("recurring work failed; it is tried again")
        rounds += 1
        stop.wait(_EVERY)

"""The running site: a production server, and the work that recurs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from waitress import create_server

from compliance.jobs import Attendant, with_queue
from compliance.operations import announcing, bench, dossiers, post, sign_in, supplying
from compliance.operations.workplace import Workplace
from compliance.web.app import create_app

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
    server = create_server(
        create_app(place),
        host=place.settings.host,
        port=place.settings.port,
        threads=place.settings.threads,
        ident=None,
    )
    worker.start()
    if place.settings.workers:
        attendant.start()
    _warm(place)
    ready()
    try:
        server.run()
    finally:
        stop.set()
        attendant.stop()
        bench.stop()
        worker.join(timeout=5)
        place.database.close()


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

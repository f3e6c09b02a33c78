"""Drafts analysed in processes of their own, so that whatever somebody types, nobody else waits for it.

Two processes stand by: one answers while a person types, the other proves. Each is started when first needed, has
bounds on memory and time, and is replaced when it crosses them; it ends with the site.
"""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
from threading import Lock
from time import monotonic
from typing import Any

from compliance.operations.rights import Right
from compliance.operations.workplace import Actor, NotFoundError, RefusedError, Workplace
from compliance.reports.rendering import ROOT, surroundings
from compliance.storage import studio

HEAD = struct.Struct(">I")  # how long a request or an answer is
MEGABYTES = 3072
_QUICK, _SLOW = 30.0, 90.0  # seconds that an answer may take
PATIENCE = 25.0  # seconds until somebody who waits for the process is asked to come back


class _Lane:
    """One process, one question at a time."""

    def __init__(self, limit: float) -> None:
        self.limit, self.lock = limit, Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any], patience: float) -> bytes:
        """Return the answer to a request. Raises RefusedError "analysing", "took_too_long" or "not_made"."""
        if not self.lock.acquire(timeout=patience):
            raise RefusedError("analysing")
        try:
            return self._answer(json.dumps(request).encode())
        finally:
            self.lock.release()

    def _answer(self, request: bytes) -> bytes:
        process = self._ready()
        assert process.stdin
        assert process.stdout
        until = monotonic() + self.limit
        try:
            process.stdin.write(HEAD.pack(len(request)) + request)
            process.stdin.flush()
            (size,) = HEAD.unpack(self._read(process, HEAD.size, until))
            return self._read(process, size, until)
        except TimeoutError:
            self._end(process)
            raise RefusedError("took_too_long") from None
        except (OSError, EOFError):
            self._end(process)
            raise RefusedError("not_made") from None

    def _ready(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "compliance.operations.bench_child", str(MEGABYTES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env=surroundings(),
            )
        return self.process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.communicate()
        self.process = None

    @staticmethod
    def _read(process: subprocess.Popen[bytes], size: int, until: float) -> bytes:
        assert process.stdout
        found = b""
        descriptor = process.stdout.fileno()
        while len(found) < size:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(descriptor, size - len(found))
            if not part:
                raise EOFError
            found += part
        return found

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self._end(self.process)


_lanes = {"quick": _Lane(_QUICK), "slow": _Lane(_SLOW)}


def stop() -> None:
    """End both processes; the next question starts them anew."""
    for lane in _lanes.values():
        lane.stop()


def _ask(place: Workplace, actor: Actor, draft_id: str, patience: float, **what: Any) -> bytes:
    actor.require(Right.EDIT_LAW)
    with place.database.reading(actor.org_id) as connection:
        if studio.draft(connection, actor.org_id, draft_id) is None:
            raise NotFoundError
    request = {
        "database": place.settings.database_url,
        "rules": str(place.settings.rules.resolve()),
        "org": actor.org_id,
        "draft": draft_id,
        **what,
    }
    slow = "proofs" in what["parts"]
    lane = _lanes["slow" if slow else "quick"]
    return lane.ask(request, _SLOW if slow else patience)


def analysis(
    place: Workplace,
    actor: Actor,
    draft_id: str,
    parts: frozenset[str],
    *,
    path: str = "",
    line: int = 0,
    patience: float = PATIENCE,
) -> dict[str, Any]:
    """Return what a draft is and does, as plain data; parts that a draft which does not load cannot have are absent.

    ``parts`` are of "problems", "scenarios", "meaning", "impact", "proofs"; ``path`` and ``line`` say where the person
    types; ``patience`` is how long to wait for the process, in seconds.
    Raises RefusedError "analysing", "took_too_long" or "not_made".
    """
    answer = json.loads(_ask(place, actor, draft_id, patience, parts=sorted(parts), path=path, line=line))
    assert isinstance(answer, dict)
    return answer


def impact_file(place: Workplace, actor: Actor, draft_id: str, form: str) -> bytes:
    """Return all use cases that a draft would change, as "csv" or "xlsx". Raises RefusedError as ``analysis``."""
    found = _ask(place, actor, draft_id, PATIENCE, parts=["impact"], form=form)
    if not found:
        raise RefusedError("law_broken", "", count=1)
    return found

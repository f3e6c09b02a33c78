"""Figures of the running process, in the text that Prometheus reads: numbers by route, never who or whose."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from threading import Lock

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS"))
Labels = Mapping[str, str]


class Requests:
    """Requests of one process since its start. Labels come from short lists of ours, so that no visitor adds any."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answered: dict[tuple[str, str, int], int] = {}
        self._times: dict[str, list[int]] = {}  # by route: as many as took no longer than each bound, then all longer
        self._seconds: dict[str, float] = {}
        self._sign_ins_refused = 0

    def add(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (route, method if method in METHODS else "other", status)
        with self._lock:
            self._answered[key] = self._answered.get(key, 0) + 1
            self._times.setdefault(route, [0] * (len(BOUNDS) + 1))[bisect_left(BOUNDS, seconds)] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def sign_in_refused(self) -> None:
        """Count a sign-in that was refused, whoever's."""
        with self._lock:
            self._sign_ins_refused += 1

    def lines(self) -> list[str]:
        """Return what was counted, as Prometheus reads it."""
        with self._lock:
            answered, refused = sorted(self._answered.items()), self._sign_ins_refused
            times = [(route, list(found), self._seconds[route]) for route, found in sorted(self._times.items())]
        found = family(
            "pyramide_requests_total",
            "counter",
            "Requests answered, by route, method and status.",
            [({"route": r, "method": m, "status": str(s)}, n) for (r, m, s), n in answered],
        )
        found += _head("pyramide_request_seconds", "histogram", "Time to an answer, by route.")
        for route, counts, seconds in times:
            total = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                total += count
                found.append(_line("pyramide_request_seconds_bucket", {"route": route, "le": bound}, total))
            found.append(_line("pyramide_request_seconds_sum", {"route": route}, round(seconds, 6)))
            found.append(_line("pyramide_request_seconds_count", {"route": route}, total))
        refusals = "Sign-ins refused by this process."
        return found + family("pyramide_sign_ins_refused_total", "counter", refusals, [({}, refused)])


def family(name: str, kind: str, said: str, samples: Iterable[tuple[Labels, float]]) -> list[str]:
    """Return a metric with its samples, one line each."""
    return _head(name, kind, said) + [_line(name, labels, value) for labels, value in samples]


def _head(name: str, kind: str, said: str) -> list[str]:
    return [f"# HELP {name} {said}", f"# TYPE {name} {kind}"]


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(said)}"' for key, said in labels.items())
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

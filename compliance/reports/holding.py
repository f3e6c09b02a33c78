"""Bounds that a process sets on itself, and its place behind those that answer people."""

from __future__ import annotations

import os
import resource

from compliance.reports.rendering import Bounds

_BEHIND = 10


def hold(bounds: Bounds) -> None:
    """Set the bounds on the process that calls this, and let pages go first."""
    os.nice(_BEHIND)
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds))
    resource.setrlimit(resource.RLIMIT_AS, (bounds.megabytes << 20, bounds.megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

"""A log whose head proves every entry: the Merkle tree of RFC 6962."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from compliance.evidence.canonical import canonical


def leaf(entry: Any) -> bytes:
    """Return the hash of one entry."""
    return hashlib.sha256(b"\0" + canonical(entry)).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash that joins two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the head of a log: the same leaves in the same order always give the same one."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    peaks: list[tuple[int, bytes]] = []  # full subtrees, the largest first
    for found in leaves:
        size, value = 1, found
        while peaks and peaks[-1][0] == size:
            value = node(peaks.pop()[1], value)
            size *= 2
        peaks.append((size, value))
    value = peaks.pop()[1]
    while peaks:
        value = node(peaks.pop()[1], value)
    return value

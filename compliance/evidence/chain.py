"""A log whose head proves every entry: the Merkle tree of RFC 6962, with its proofs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from compliance.evidence.canonical import canonical


def leaf(entry: Any) -> bytes:
    """Return the hash of one entry."""
    return leaf_of(canonical(entry))


def leaf_of(data: bytes) -> bytes:
    """Return the hash of an entry that is already spelled."""
    return hashlib.sha256(b"\0" + data).digest()


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


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the entry at ``index``, counted from 0, is in the log (RFC 6962, 2.1.1)."""
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*inclusion(leaves[:half], index), root(leaves[half:])]
    return [*inclusion(leaves[half:], index - half), root(leaves[:half])]


def includes(found: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes) -> bool:
    """Tell whether the proof shows that a leaf stands at ``index`` in the log of ``size`` entries with this head."""
    if not 0 <= index < size:
        return False
    place, last, value = index, size - 1, found
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node(step, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node(value, step)
        place, last = place >> 1, last >> 1
    return last == 0 and value == head


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the log's first ``old`` entries are still its first (RFC 6962, 2.1.2); 0 < old <= size."""
    return _consistency(leaves, old, whole=True)


def _consistency(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    half = _split(len(leaves))
    if old <= half:
        return [*_consistency(leaves[:half], old, whole=whole), root(leaves[half:])]
    return [*_consistency(leaves[half:], old - half, whole=False), root(leaves[:half])]


def extends(old: int, old_head: bytes, size: int, head: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the proof shows that the log with ``head`` goes on from the one with ``old_head``."""
    if not 0 < old <= size:
        return False
    if old == size:
        return old_head == head and not proof
    steps = list(proof)
    if old & (old - 1) == 0:  # the old log was one full subtree: its head begins the proof
        steps.insert(0, old_head)
    if not steps:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node(step, before), node(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_head and after == head


def roots(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """Return the head that a log had at each of some sizes, in one walk; sizes that it never had are left out."""
    wanted = set(sizes)
    found = {0: root(())} if 0 in wanted else {}
    peaks: list[tuple[int, bytes]] = []
    for place, one in enumerate(leaves, 1):
        size, value = 1, one
        while peaks and peaks[-1][0] == size:
            value = node(peaks.pop()[1], value)
            size *= 2
        peaks.append((size, value))
        if place in wanted:
            value = peaks[-1][1]
            for _, before in reversed(peaks[:-1]):
                value = node(before, value)
            found[place] = value
    return found

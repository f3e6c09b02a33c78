"""Drawing a sample by lot, so that anybody can repeat the draw with pencil, paper and SHA-256.

The method is spelt out here and on the page of each sample; it depends on no library's random numbers.
"""

from __future__ import annotations

import hashlib

_RANGE = 2**256


def draw(seed: str, population: int, size: int) -> list[int]:
    """Return ``size`` places among ``population``, counted from 0, in the order drawn.

    Fisher and Yates: for each place i from 0, a number n from 0 to population - i - 1 is drawn, and what stands at i
    changes places with what stands at i + n. Each number comes from the SHA-256 of "seed:counter", read as a whole
    number with the most significant byte first, modulo the count of what is left; the counter begins at 0 and goes
    up by one with each hash. A hash beyond the last whole multiple of that count is passed over, so that no place
    is likelier than another.

    Raises:
        ValueError: when more is asked for than there is.
    """
    if not 0 <= size <= population:
        raise ValueError(size)
    places, counter = list(range(population)), 0
    for i in range(size):
        left = population - i
        while True:
            found = int.from_bytes(hashlib.sha256(f"{seed}:{counter}".encode("ascii")).digest(), "big")
            counter += 1
            if found < _RANGE - _RANGE % left:
                break
        other = i + found % left
        places[i], places[other] = places[other], places[i]
    return places[:size]

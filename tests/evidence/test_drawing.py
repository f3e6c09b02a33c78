"""A draw that anybody can repeat, and in which every place is as likely as any other."""

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence.drawing import draw

SEED = "000102030405060708090a0b0c0d0e0f"
KNOWN = [3, 0, 7, 5, 1, 2, 8, 6, 4, 9]
KNOWN_OF_500 = [463, 42, 203, 397, 345]


def test_known_draws_never_change():
    """A sample recorded years ago is drawn again by whatever runs this then."""
    assert draw(SEED, 10, 10) == KNOWN
    assert draw(SEED, 10, 4) == KNOWN[:4], "a smaller sample is the beginning of a larger one"
    assert draw(SEED, 500, 5) == KNOWN_OF_500


def test_it_is_as_the_page_says_step_by_step():
    numbers = [int.from_bytes(hashlib.sha256(f"{SEED}:{n}".encode()).digest(), "big") for n in range(3)]
    places = list(range(7))
    for i, number in enumerate(numbers):
        other = i + number % (7 - i)
        places[i], places[other] = places[other], places[i]
    assert draw(SEED, 7, 3) == places[:3]


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(0, 60), st.data())
def test_each_place_comes_at_most_once(seed, population, data):
    size = data.draw(st.integers(0, population))
    found = draw(seed, population, size)
    assert len(found) == len(set(found)) == size
    assert all(0 <= place < population for place in found)
    assert draw(seed, population, size) == found


def test_every_place_is_as_likely():
    """3,000 draws of 3 among 10: each place is expected 900 times; 5 standard deviations are 125."""
    counts = Counter(place for n in range(3000) for place in draw(f"{n:032x}", 10, 3))
    assert sorted(counts) == list(range(10))
    assert all(abs(count - 900) < 125 for count in counts.values()), counts


@pytest.mark.parametrize("size", [-1, 11])
def test_no_more_than_there_is(size):
    with pytest.raises(ValueError, match=str(size)):
        draw(SEED, 10, size)

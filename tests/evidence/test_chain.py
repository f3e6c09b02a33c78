"""The head of a log against the definition in RFC 6962."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence import chain


def by_definition(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return chain.node(by_definition(leaves[:split]), by_definition(leaves[split:]))


@given(st.lists(st.integers(0, 9), max_size=40))
def test_the_root_is_that_of_the_standard(numbers):
    leaves = [chain.leaf({"n": number}) for number in numbers]
    assert chain.root(leaves) == by_definition(leaves)


def test_the_order_of_keys_does_not_matter_and_every_value_does():
    assert chain.leaf({"a": 1, "b": 2}) == chain.leaf({"b": 2, "a": 1})
    assert chain.leaf({"a": 1}) != chain.leaf({"a": 2})

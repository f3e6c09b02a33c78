"""The head of a log and its proofs, against the definitions in RFC 6962."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence import chain


def split(size):
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def by_definition(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return chain.node(by_definition(leaves[:half]), by_definition(leaves[half:]))


def path_by_definition(index, leaves):
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*path_by_definition(index, leaves[:half]), by_definition(leaves[half:])]
    return [*path_by_definition(index - half, leaves[half:]), by_definition(leaves[:half])]


def log(size):
    return [chain.leaf({"n": number}) for number in range(size)]


@st.composite
def places(draw):
    size = draw(st.integers(1, 70))
    return size, draw(st.integers(0, size - 1))


@given(st.lists(st.integers(0, 9), max_size=40))
def test_the_root_is_that_of_the_standard(numbers):
    leaves = [chain.leaf({"n": number}) for number in numbers]
    assert chain.root(leaves) == by_definition(leaves)


def test_the_order_of_keys_does_not_matter_and_every_value_does():
    assert chain.leaf({"a": 1, "b": 2}) == chain.leaf({"b": 2, "a": 1})
    assert chain.leaf({"a": 1}) != chain.leaf({"a": 2})


VECTORS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (  # of the first 1, 2, ... of these entries, as published with the reference implementation of the RFC
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_the_published_vectors():
    leaves = [chain.leaf_of(bytes.fromhex(entry)) for entry in VECTORS]
    assert chain.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tuple(chain.root(leaves[: size + 1]).hex() for size in range(8)) == ROOTS
    assert [step.hex() for step in chain.inclusion(leaves, 5)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [step.hex() for step in chain.consistency(leaves, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(places())
def test_an_entry_is_proved_where_it_stands_and_nowhere_else(place):
    size, index = place
    leaves, head = log(size), by_definition(log(size))
    proof = chain.inclusion(leaves, index)
    assert proof == path_by_definition(index, leaves)
    assert chain.includes(leaves[index], index, size, proof, head)
    assert not chain.includes(chain.leaf("other"), index, size, proof, head)
    assert not any(chain.includes(leaves[index], other, size, proof, head) for other in range(size) if other != index)
    assert not chain.includes(leaves[index], index, size, [*proof, head], head)
    for step in range(len(proof)):
        assert not chain.includes(leaves[index], index, size, proof[:step] + proof[step + 1 :], head)


@given(places())
def test_a_log_is_proved_to_go_on_from_its_past_and_from_no_other(place):
    size, index = place
    old = index + 1
    leaves = log(size)
    head, past = by_definition(leaves), by_definition(leaves[:old])
    proof = chain.consistency(leaves, old)
    assert chain.extends(old, past, size, head, proof)
    changed = [*leaves]
    changed[index] = chain.leaf("changed afterwards")
    if old < size:
        assert not chain.extends(old, past, size, by_definition(changed), chain.consistency(changed, old))
        assert not chain.extends(old, past, size, head, proof[:-1])
        assert not chain.extends(old, past, size, head, [*proof, head])
    assert not chain.extends(old, chain.leaf("x"), size, head, proof)
    assert not chain.extends(old, past, size, chain.leaf("x"), proof)


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3), (-1, 3)])
def test_sizes_that_make_no_sense_prove_nothing(old, size):
    assert not chain.extends(old, chain.root([]), size, chain.root(log(3)), [])
    assert not chain.includes(log(3)[0], old - 1 if old <= 0 else old, size, [], chain.root(log(3)))

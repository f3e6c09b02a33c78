"""A log that somebody tampered with: whatever was done to it is found, and the first bad entry is named."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance.evidence import chain, log_file
from compliance.evidence.log_file import Head, LogFileError, Seal, SealedHead

FIELDS = ("at", "who", "what", "subject")
SEVERAL = st.lists(st.sampled_from(["a", "é", "\x1f", "answer.recorded", "10"]), min_size=4, max_size=12)


def entry(place, word):
    return {"seq": place, **dict.fromkeys(FIELDS, word), "detail": {"fact": word, "n": 10 * place}}


def file_of(entries, leaves=None):
    """Return a log as a file, with its head over what is in it."""
    leaves = leaves or [chain.leaf({"org": "o", **one}) for one in entries]
    head = Head("o", "Forges", len(leaves), chain.root(leaves).hex(), "2026-11-25T09:00:00+00:00")
    return b"".join(log_file.write_log(SealedHead(head, Seal("00ff", "PEM")), zip(entries, leaves, strict=True)))


def first_bad(data):
    """Return the entry that is named as the first that is bad, whether it can be read or not; 0: the head's line."""
    try:
        return log_file.read_log(data).broken_at()
    except LogFileError as error:
        return error.line - 1


def test_a_bit_flipped_in_any_byte_names_the_entry_in_which_it_is():
    data = file_of([entry(place, word) for place, word in enumerate(("é\x1f", 'say "no"', "10"), 1)])
    sealed = log_file.read_log(data).sealed
    number = 0
    for at in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[at] ^= 1 << bit
            found = first_bad(bytes(flipped))
            if number:
                assert found == number, (at, bit)
            elif found is None:
                assert log_file.read_log(bytes(flipped)).sealed != sealed, (at, bit)
            else:
                assert found in (0, 1), (at, bit)  # 1: the organisation is hashed with every entry
        number += data[at] == ord("\n")


def changed(entries, how, first, second):
    """Return entries of which one is altered, deleted, doubled, moved or added, or all after a place cut."""
    found = list(entries)
    if how == "altered":
        found[first] = {**found[first], "what": found[first]["what"] + "?"}
    elif how == "deleted":
        del found[first]
    elif how == "doubled":
        found.insert(second, found[first])
    elif how == "swapped":
        found[first], found[second] = found[second], found[first]
    elif how == "cut":
        del found[first:]
    return found


HOW = st.sampled_from(["altered", "deleted", "doubled", "swapped", "cut"])
PLACES = st.integers(0, 11)


@given(SEVERAL, HOW, PLACES, PLACES)
def test_what_was_done_to_entries_is_named_at_its_first_place(words, how, first, second):
    before = [entry(place, word) for place, word in enumerate(words, 1)]
    first, second = first % len(before), second % len(before)
    after = changed(before, how, first, second)
    assume(after != before)
    place = next((place for place, pair in enumerate(zip(before, after, strict=False), 1) if pair[0] != pair[1]), None)
    hashes = {one["seq"]: chain.leaf({"org": "o", **one}) for one in before}
    kept = log_file.read_log(file_of(before))
    if after:
        left = log_file.read_log(file_of(after, [hashes[one["seq"]] for one in after]))  # as they were hashed
        doubled_last = how == "doubled" and place is None
        assert left.broken_at() == (len(after) if doubled_last else place)
    again = [{**one, "seq": number} for number, one in enumerate(after, 1)]  # numbered and hashed from scratch
    assume(again[: len(before)] != before)
    rebuilt = log_file.read_log(file_of(again))
    assert rebuilt.broken_at() is None, "by itself it shows nothing"
    assert rebuilt.root_at(kept.head.size) != kept.head.root, "against a head that was kept it does"
    differs = (number for number, pair in enumerate(zip(before, again, strict=False), 1) if pair[0] != pair[1])
    assert rebuilt.differs_at(kept) == next(differs, len(again) + 1)


def test_a_log_that_went_on_differs_nowhere_from_the_one_that_was_kept():
    entries = [entry(place, "a") for place in range(1, 9)]
    kept, now = (log_file.read_log(file_of(entries[:size])) for size in (5, 8))
    assert now.differs_at(kept) is None
    assert kept.differs_at(now) == 6


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"what":"a"', b'"what":"b","what":"a"'),  # the last of two counts, the first may be read
        (b'"seq":2', b'"seq":2.0'),
        (b'"n":20', b'"n":2e1'),
        (b'"what":"a"', b'"what":"\\u0061"'),
        (b'"what":"a"', b'"what": "a"'),
    ],
)
def test_an_entry_spelled_otherwise_is_none_though_it_says_the_same(old, new):
    lines = file_of([entry(place, "a") for place in (1, 2, 3)]).splitlines(keepends=True)
    assert old in lines[2]
    lines[2] = lines[2].replace(old, new)
    with pytest.raises(LogFileError) as refused:
        log_file.read_log(b"".join(lines))
    assert refused.value.line == 3


def test_what_is_kept_is_a_head_or_a_whole_log():
    data = file_of([entry(1, "a")])
    log = log_file.read_log(data)
    assert log_file.read_kept(data) == log
    assert log_file.read_kept(log_file.write_head(log.sealed)) == replace(log.sealed)
    with pytest.raises(LogFileError):
        log_file.read_kept(b"{}")

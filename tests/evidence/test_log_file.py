"""A log as a file: read back as it was, and whatever else a file may be is refused by line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence import chain, log_file
from compliance.evidence.log_file import Head, LogFileError, Seal, SealedHead

NAMES = st.text(max_size=20)
DETAILS = st.dictionaries(NAMES, st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | NAMES, max_size=4)
ENTRIES = st.lists(
    st.fixed_dictionaries({"at": NAMES, "who": st.none() | NAMES, "what": NAMES, "subject": NAMES, "detail": DETAILS}),
    max_size=12,
)


def log(entries):
    numbered = [{"seq": place, **entry} for place, entry in enumerate(entries, 1)]
    leaves = [chain.leaf({"org": "o", **entry}) for entry in numbered]
    head = Head("o", "Forges", len(leaves), chain.root(leaves).hex(), "2026-11-25T09:00:00+00:00")
    sealed = SealedHead(head, Seal("00", "PEM"))
    return sealed, numbered, leaves, b"".join(log_file.write_log(sealed, zip(numbered, leaves, strict=True)))


@given(ENTRIES)
def test_what_is_written_is_read_back(entries):
    sealed, numbered, leaves, data = log(entries)
    found = log_file.read_log(data)
    assert found.sealed == sealed
    assert found.leaves == tuple(leaves)
    assert [{key: value for key, value in entry.items() if key != "leaf"} for entry in found.entries] == numbered
    assert found.broken_at() is None
    assert found.root_at(len(leaves)) == found.head.root
    assert found.root_at(len(leaves) + 1) is None
    assert found.root_at(-1) is None
    assert log_file.read_head(data) == sealed
    assert log_file.read_head(log_file.write_head(sealed)) == sealed


ENTRY = {"at": "", "who": None, "what": "x", "subject": "", "detail": {}}


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b"null", b"\xff", b"[" * 100_000, b'{"seq": NaN}'])
def test_a_line_that_is_no_entry_is_named(line):
    data = log([ENTRY] * 3)[3].split(b"\n")
    data[2] = line
    with pytest.raises(LogFileError) as refused:
        log_file.read_log(b"\n".join(data))
    assert refused.value.line == 3


@pytest.mark.parametrize("key", ["format", "org", "organisation", "size", "root", "at", "seal"])
@pytest.mark.parametrize("value", [7, [], {}, "x", True, 1.5])
def test_a_head_that_is_none_is_refused(key, value):
    first, rest = log([ENTRY])[3].split(b"\n", 1)
    head = {**json.loads(first), key: value}
    data = json.dumps(head, sort_keys=True, separators=(",", ":")).encode() + b"\n" + rest
    if (key, value) in ((name, "x") for name in ("org", "organisation", "at")) or (key, value) == ("size", 7):
        assert log_file.read_log(data)
        return
    with pytest.raises(LogFileError) as refused:
        log_file.read_log(data)
    assert refused.value.line == 1


def test_a_head_is_no_log():
    with pytest.raises(LogFileError):
        log_file.read_log(log_file.write_head(log([])[0]))
    for data in (b"", b"\n\n", b"%PDF-1.7"):
        with pytest.raises(LogFileError):
            log_file.read_log(data)

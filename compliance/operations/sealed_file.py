"""A file encrypted with a key, chunk by chunk: written and read as a stream, nothing of it can be changed or cut.

The format, version 1: a header of 62 bytes, namely the line ``PYRAMIDE SEALED 1 AES-256-GCM`` with its end, 16 bytes of
salt, 16 bytes that tell which key. Then chunks: each a mebibyte of content (the last one as much or less, perhaps
nothing) and the 16 bytes of its tag. The key of the file and what tells the key are HKDF-SHA256 of the key given, with
the salt, under ``pyramide file`` and ``pyramide which key``. The nonce of a chunk is its number, counted from 0, on 12
bytes; its associated data are the header, the number on 8 bytes, and a byte that is 1 for the last chunk alone. So no
chunk can be moved, left out, added or taken from another file, and the end cannot be cut off unnoticed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"PYRAMIDE SEALED 1 AES-256-GCM\n"
_ANY_VERSION = b"PYRAMIDE SEALED "
_SALT, _WHICH, _KEY, _TAG = 16, 16, 32, 16
HEADER = len(MAGIC) + _SALT + _WHICH
CHUNK = 1 << 20
_KEY_TEXT = re.compile(rb"\s*([0-9A-Fa-f]{64})\s*", re.ASCII)


class SealError(Exception):
    """A sealed file or its key cannot be used; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_key(path: Path) -> bytes:
    """Return the key in a file: 64 hexadecimal digits. Raises SealError."""
    try:
        with path.open("rb") as file:
            found = _KEY_TEXT.fullmatch(file.read(1_000))
    except OSError:
        raise SealError("key_unreadable") from None
    if found is None:
        raise SealError("key_no_key")
    return bytes.fromhex(found[1].decode())


def _derived(key: bytes, salt: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, purpose).derive(key)


def _chunk_data(header: bytes, number: int, *, last: bool) -> bytes:
    return header + number.to_bytes(8, "big") + (b"\1" if last else b"\0")


class SealedWriter:
    """What is written here goes into a file, sealed; ``close`` ends it, and without it the file opens nowhere."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        salt = secrets.token_bytes(_SALT)
        self._file = file
        self._header = MAGIC + salt + _derived(key, salt, b"pyramide which key", _WHICH)
        self._cipher = AESGCM(_derived(key, salt, b"pyramide file", _KEY))
        self._number = 0
        self._waiting = bytearray()
        file.write(self._header)

    def write(self, data: bytes) -> int:
        """Take content; whole chunks go out at once."""
        self._waiting += data
        while len(self._waiting) > CHUNK:  # a full chunk waits until it is known not to be the last
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def flush(self) -> None:
        """Do nothing: a chunk goes out when it is full."""

    def close(self) -> None:
        """Write the last chunk."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, content: bytes, *, last: bool) -> None:
        nonce = self._number.to_bytes(12, "big")
        self._file.write(self._cipher.encrypt(nonce, content, _chunk_data(self._header, self._number, last=last)))
        self._number += 1


def is_sealed(beginning: bytes) -> bool:
    """Tell whether a file that begins so is sealed, in this version of the format or another."""
    return beginning.startswith(_ANY_VERSION)


def unsealed(file: IO[bytes], key: bytes) -> Iterator[bytes]:
    """Yield the content of a sealed file. Raises SealError, perhaps after much of it: use nothing before the end."""
    header = file.read(HEADER)
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise SealError("sealed_otherwise" if len(header) == HEADER else "damaged")
    salt, which = header[len(MAGIC) : -_WHICH], header[-_WHICH:]
    if not secrets.compare_digest(which, _derived(key, salt, b"pyramide which key", _WHICH)):
        raise SealError("key_wrong")
    cipher = AESGCM(_derived(key, salt, b"pyramide file", _KEY))
    number, sealed = 0, file.read(CHUNK + _TAG)
    while True:
        following = file.read(CHUNK + _TAG)
        try:
            data = _chunk_data(header, number, last=not following)
            content = cipher.decrypt(number.to_bytes(12, "big"), sealed, data)
        except (InvalidTag, ValueError):  # the latter where less is left than a tag
            raise SealError("damaged") from None
        yield content
        if not following:
            return
        number, sealed = number + 1, following

"""Packs handed over with a signature, and received with it checked."""

from __future__ import annotations

import base64
import binascii
import json
import zipfile

from compliance.law import archive, receiving, suspecting
from compliance.law.receiving import MANIFEST, SIGNED, Received, Signer
from compliance.law.shelf import Shelf
from compliance.reports.identity import Identity, KeyFileError, fingerprint, name_of, sign_bytes, signed_bytes


def hand_over(name: str, shelf: Shelf, identity: Identity | None, by: str, at: str) -> bytes:
    """Return a pack as a file to hand over: its own files, a manifest of them, and a signature over the manifest.

    The same pack, people and time give the same bytes (with an RSA key; ECDSA signatures hold a random number).

    Args:
        name: The pack, one that builds on a text.
        shelf: Where it stands, with what it builds on.
        identity: Who signs, or None for a pack without signature.
        by: Who hands it over, in words.
        at: When, in words.

    Raises:
        KeyError: When there is no such pack that loads, or it is a text of law.
    """
    files, manifest = receiving.made(name, shelf, by, at)
    content = {**files, MANIFEST: manifest}
    if identity is not None:
        signature = {
            "certificate": identity.certificate.decode("ascii"),
            "signature": base64.b64encode(sign_bytes(manifest, identity)).decode("ascii"),
        }
        content[SIGNED] = (json.dumps(signature, indent=2) + "\n").encode()
    return archive.write(content, zipfile.ZIP_STORED)  # compression differs from one library to the next


def receive(content: bytes, below: Shelf) -> Received:
    """Return a pack that somebody hands over, as ``receiving.receive`` does, its signature checked."""
    return receiving.receive(content, below, signer)


def signer(manifest: bytes, signature: bytes) -> Signer | None:
    """Return whose signature over the manifest it is, or None."""
    try:
        found = json.loads(signature)
        certificate = found["certificate"].encode("ascii")
        if not signed_bytes(manifest, base64.b64decode(found["signature"], validate=True), certificate):
            return None
        name = name_of(certificate)
        return None if suspecting.signs(name, "") else Signer(name, fingerprint(certificate))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error, KeyFileError):
        return None

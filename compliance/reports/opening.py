"""What a file that somebody hands in says of itself: its signature, and the record inside.

The file may be anything. It is read in a process of its own with bounds on time and memory:
``python -m compliance.reports.opening SECONDS MEGABYTES < FILE``.
"""

from __future__ import annotations

import hashlib
import json
import logging
import resource
import sys
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from asn1crypto import cms
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from compliance.reports import rendering
from compliance.reports.signing import enveloped

MOST = 50_000_000  # bytes of a file
_RECORD_MOST = 32_000_000
_EMBEDDED_MOST = 20
_END = 1024
FORMATS = "pyramide-report/"
_BOUNDS = rendering.Bounds(seconds=30, megabytes=1536)
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=_RECORD_MOST),
    document_budget=DocumentDecodeBudget(base_allowance=8 * _RECORD_MOST, max_ratio=1),
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signature says.

    ``state`` is "whole"; "respelled", where the signed part is whole but the signature itself is not written as we
    write it; "broken"; "missing"; or "unreadable".
    """

    state: str
    signer: str = ""
    fingerprint: str = ""
    certificate: str = ""  # PEM
    not_before: str = ""  # YYYY-MM-DD
    not_after: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as read; ``trouble`` says why it was not: "empty", "large", "not_pdf" or "unreadable"."""

    sha256: str
    signature: Signature
    record: dict[str, Any] | None = None
    trouble: str = ""


def open_report(pdf: bytes) -> Opened:
    """Return what a file says of itself, read in a child process; whatever the file is, nothing is raised."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    unread = Signature("unreadable")
    if trouble := _trouble(pdf):
        return Opened(sha256, unread, trouble=trouble)
    try:
        found = json.loads(rendering.apart("compliance.reports.opening", (), pdf, _BOUNDS))
    except (rendering.RenderingError, ValueError, RecursionError):
        return Opened(sha256, unread, trouble="unreadable")
    signature = Signature(**found["signature"])
    nothing = signature.state == "unreadable" and found["record"] is None
    return Opened(sha256, signature, found["record"], "unreadable" if nothing else "")


def _trouble(pdf: bytes) -> str:
    if not pdf:
        return "empty"
    if len(pdf) > MOST:
        return "large"
    if not pdf.startswith(b"%PDF-"):
        return "not_pdf"
    return "" if b"%%EOF" in pdf[-_END:] else "unreadable"  # the reader would look for it through all of the file


def _reader(pdf: bytes) -> PdfFileReader:
    return PdfFileReader(BytesIO(pdf), strict=False, decode_limits=_LIMITS)


def record_inside(pdf: bytes) -> dict[str, Any] | None:
    """Return the record embedded in a report, or None where there is none that can be read."""
    try:
        names = _reader(pdf).root["/Names"]["/EmbeddedFiles"]["/Names"]
        for place in range(1, min(len(names), 2 * _EMBEDDED_MOST), 2):
            if str(names[place]["/F"]).endswith(".json"):
                found = json.loads(names[place]["/EF"]["/F"].data)
                if isinstance(found, dict) and str(found.get("format", "")).startswith(FORMATS):
                    return found
    except Exception:  # noqa: BLE001 - a mutilated file may fail anywhere in the reader; it has no record, then
        return None
    return None


def signature(pdf: bytes) -> Signature:
    """Return what the signature of a file says."""
    try:
        found = _reader(pdf).embedded_regular_signatures
    except Exception:  # noqa: BLE001 - a mutilated file may fail anywhere in the reader
        return Signature("unreadable")
    if not found:
        return Signature("missing")
    try:
        one = found[-1]
        who = _signer(one.signer_cert.dump())
    except Exception:  # noqa: BLE001 - nor is a mutilated certificate ours
        return Signature("broken")
    try:
        status = validate_pdf_signature(
            one,
            signer_validation_context=ValidationContext(
                trust_roots=[one.signer_cert], other_certs=[], allow_fetching=False
            ),
            key_usage_settings=KeyUsageConstraints(key_usage=set()),
        )
        whole = len(found) == 1 and status.intact and status.valid
        whole = whole and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        ours = whole and _as_we_write(pdf, one)
    except Exception:  # noqa: BLE001 - what the validator refuses to look at is not whole
        return Signature("broken", *who)
    return Signature("whole" if ours else "respelled" if whole else "broken", *who)


def _signer(der: bytes) -> tuple[str, str, str, str, str]:
    """Return name, fingerprint, PEM and dates of a certificate."""
    found = certificates.load_der_x509_certificate(der)
    pem = found.public_bytes(serialization.Encoding.PEM)
    names = found.subject.get_attributes_for_oid(certificates.NameOID.COMMON_NAME)
    return (
        str(names[0].value) if names else found.subject.rfc4514_string(),
        hashlib.sha256(der).hexdigest(),
        pem.decode("ascii"),
        found.not_valid_before_utc.date().isoformat(),
        found.not_valid_after_utc.date().isoformat(),
    )


def _as_we_write(pdf: bytes, one: Any) -> bool:
    """Tell whether the signature's own place holds nothing but the signature, in its one spelling.

    That place is the one part of the file which the signature cannot cover: without this, bytes changed in it
    would go unnoticed.
    """
    start, stop = int(one.byte_range[0]) + int(one.byte_range[1]), int(one.byte_range[2])
    hole = pdf[start:stop]
    written = cms.ContentInfo.load(one.pkcs7_content)
    signed = written["content"]
    info = signed["signer_infos"][0]
    present = {item.chosen.sha256: item.chosen for item in signed["certificates"]}
    named = next(item for item in info["signed_attrs"] if item["type"].native == "signing_certificate_v2")
    listed = [item["cert_hash"].native for item in named["values"][0]["certs"]]
    if len(present) != len(listed) or any(item not in present for item in listed):
        return False
    rebuilt = enveloped([present[item] for item in listed], info["signed_attrs"], info["signature"].native).dump()
    spelled = b"<" + rebuilt.hex().encode("ascii")
    return hole.lower().startswith(spelled) and hole == spelled.upper() + b"0" * (len(hole) - len(spelled) - 1) + b">"


def main() -> int:
    """Read a file, write what it says of itself as JSON; the bounds are set before anything is read."""
    seconds, megabytes = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    pdf = sys.stdin.buffer.read()
    json.dump({"signature": asdict(signature(pdf)), "record": record_inside(pdf)}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())

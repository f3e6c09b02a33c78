"""What a report's file proves: signature, signer, data inside, outcome computed again.

Needs the file alone; each thing that it could not check for want of something else is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from asn1crypto import cms, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import FactsError, accept
from compliance.assessment.freeze import freeze
from compliance.evidence.canonical import canonical
from compliance.law.compiling import Program
from compliance.reports import signing
from compliance.reports.pages import DATA_NAME
from compliance.reports.record import FORMAT

_ATTACHED_MOST = 30_000_000
_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signature says; ``state`` is "whole", "broken", "missing" or "unreadable"."""

    state: str
    signer: str = ""
    fingerprint: str = ""
    known: bool | None = None  # the signer is the one expected; None where none was given to compare


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the outcome inside and the one computed again are not the same."""

    where: str
    inside: str
    again: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found; ``recomputed`` is "agrees", "differs", "unknown_law" or "not_checked"."""

    signature: Signature
    record: Mapping[str, Any] | None
    recomputed: str
    differences: tuple[Difference, ...] = ()


def record_inside(pdf: bytes) -> dict[str, Any] | None:
    """Return the record embedded in a report, or None where there is none that can be read."""
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
        names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
        for index in range(0, len(names), 2):
            if str(names[index + 1]["/F"]) == DATA_NAME or str(names[index + 1].get("/UF", "")) == DATA_NAME:
                data = names[index + 1]["/EF"]["/F"].data
                if len(data) > _ATTACHED_MOST:
                    return None
                found = json.loads(data)
                return found if isinstance(found, dict) and found.get("format") == FORMAT else None
    except (PdfError, KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError, OSError):
        return None
    return None


def signature(pdf: bytes, expected: bytes | None) -> Signature:
    """Return what the signature says; ``expected`` is the PEM certificate of who should have signed."""
    try:
        found = PdfFileReader(BytesIO(pdf), strict=False).embedded_regular_signatures
        if not found:
            return Signature("missing")
        one = found[-1]
        cert = one.signer_cert
        pem = certificates.load_der_x509_certificate(cert.dump()).public_bytes(serialization.Encoding.PEM)
        trusted = ValidationContext(trust_roots=[cert], other_certs=[], allow_fetching=False)
        status = validate_pdf_signature(
            one,
            signer_validation_context=trusted,
            key_usage_settings=KeyUsageConstraints(key_usage=set()),
        )
        whole = (
            len(found) == 1
            and status.intact
            and status.valid
            and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
            and _plainly_written(pdf, one.byte_range, one.pkcs7_content)
        )
        known = None if expected is None else _same(cert, expected)
        return Signature("whole" if whole else "broken", signing.name_of(pem), signing.fingerprint(pem), known)
    except (PdfError, SignatureValidationError, SigningError):
        return Signature("broken")
    except Exception:  # noqa: BLE001 - a mutilated file may fail anywhere in the reader; it is unreadable, not ours
        return Signature("unreadable")


def _same(cert: x509.Certificate, expected: bytes) -> bool:
    return any(
        found.public_bytes(serialization.Encoding.DER) == cert.dump()
        for found in certificates.load_pem_x509_certificates(expected)[:1]
    )


def _plainly_written(pdf: bytes, byte_range: Any, content: bytes) -> bool:
    """Tell whether the signature's own place holds nothing but the signature, in its one spelling.

    That place is the one part of the file which the signature itself cannot cover.
    """
    start, stop = int(byte_range[0]) + int(byte_range[1]), int(byte_range[2])
    hole = pdf[start:stop]
    parsed = cms.ContentInfo.load(content)
    written = parsed.dump()
    hexadecimal = written.hex().upper().encode()
    if not (hole.startswith(b"<" + hexadecimal) and hole.endswith(b">")):
        return False
    if hole[1 + len(hexadecimal) : -1].strip(b"0"):
        return False
    signed = parsed["content"]
    one = signed["signer_infos"][0]
    rebuilt = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [{"algorithm": "sha256"}],
                    "encap_content_info": {"content_type": "data"},
                    "certificates": signed["certificates"],
                    "signer_infos": [
                        cms.SignerInfo(
                            {
                                "version": "v1",
                                "sid": cms.SignerIdentifier(
                                    {
                                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                                            {
                                                "issuer": signed["certificates"][0].chosen.issuer,
                                                "serial_number": signed["certificates"][0].chosen.serial_number,
                                            }
                                        )
                                    }
                                ),
                                "digest_algorithm": {"algorithm": "sha256"},
                                "signed_attrs": one["signed_attrs"],
                                "signature_algorithm": one["signature_algorithm"],
                                "signature": one["signature"],
                            }
                        )
                    ],
                }
            ),
        }
    )
    return bool(rebuilt.dump() == written)


def verify(pdf: bytes, expected: bytes | None, law: Mapping[str, Program] | None) -> Verdict:
    """Return what a file proves; ``law`` holds the programs at hand by the hash of their pack."""
    found = signature(pdf, expected)
    record = record_inside(pdf)
    if record is None or law is None or record.get("kind") != "use_case":
        return Verdict(found, record, "not_checked")
    state, differences = recompute(record, law)
    return Verdict(found, record, state, differences)


def recompute(record: Mapping[str, Any], law: Mapping[str, Program]) -> tuple[str, tuple[Difference, ...]]:
    """Compute the outcome of a record again from its answers and the text that it names."""
    try:
        outcome = record["outcome"]
        program = law.get(outcome["pack"]["hash"])
        if program is None:
            return "unknown_law", ()
        again = freeze(
            evaluate(program.pack, program, accept(program.pack, record["facts"]), date.fromisoformat(outcome["on"]))
        )
    except (KeyError, TypeError, ValueError, FactsError):
        return "differs", (Difference("facts", "", ""),)
    inside, computed = json.loads(canonical(outcome)), json.loads(canonical(again))
    if inside == computed:
        return "agrees", ()
    found: list[Difference] = []
    _compare("outcome", inside, computed, found)
    return "differs", tuple(found[:_DIFFERENCES])


def _compare(where: str, inside: Any, again: Any, found: list[Difference]) -> None:
    if inside == again or len(found) >= _DIFFERENCES:
        return
    if isinstance(inside, dict) and isinstance(again, dict):
        for key in sorted(inside.keys() | again.keys()):
            _compare(f"{where}.{key}", inside.get(key), again.get(key), found)
    elif isinstance(inside, list) and isinstance(again, list) and len(inside) == len(again):
        for number, (one, other) in enumerate(zip(inside, again, strict=True)):
            _compare(f"{where}[{number}]", one, other, found)
    else:
        found.append(Difference(where, str(inside)[:200], str(again)[:200]))

"""Issued reports are signed (PAdES): by a key made for the instance, or by the company's certificate."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from asn1crypto import keys, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner, cms_embedder
from pyhanko.sign.signers.pdf_byterange import PdfSignedData
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

_BITS, _YEARS = 3072, 20
_DIGEST = "sha256"
_ROOM = 8192  # for the signature and its certificates; more than any chain of three takes
FIELD = "Pyramide"


class KeyFileError(Exception):
    """The key or the certificate cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key, both in PEM."""

    certificate: bytes
    key: bytes

    @property
    def name(self) -> str:
        """Return who signs."""
        return name_of(self.certificate)

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate, in hexadecimal."""
        return fingerprint(self.certificate)


def name_of(certificate: bytes) -> str:
    """Return the name in a PEM certificate."""
    found = certificates.load_pem_x509_certificate(certificate)
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else found.subject.rfc4514_string()


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a PEM certificate, in hexadecimal."""
    return certificates.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex()


def make_identity(name: str, now: dt.datetime) -> Identity:
    """Return a new key with a certificate that it signs itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    subject = certificates.Name([certificates.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    usage = certificates.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        certificates.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(certificates.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365 * _YEARS))
        .add_extension(usage, critical=True)
        .add_extension(certificates.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(
        made.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def check_identity(identity: Identity) -> None:
    """Raise KeyFileError unless the key is an RSA key and the certificate's own."""
    try:
        key = serialization.load_pem_private_key(identity.key, None)
        found = certificates.load_pem_x509_certificate(identity.certificate)
    except (ValueError, TypeError) as error:
        raise KeyFileError(str(error)) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyFileError("an RSA key is needed")
    if key.public_key() != found.public_key():
        raise KeyFileError("the certificate is not that of the key")


def _signer(identity: Identity) -> SimpleSigner:
    key = serialization.load_pem_private_key(identity.key, None)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = [_parsed(found) for found in certificates.load_pem_x509_certificates(identity.certificate)]
    return SimpleSigner(
        signing_cert=chain[0],
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore.from_certs(chain[1:]),
    )


def _parsed(certificate: certificates.Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def sign(pdf: bytes, identity: Identity, at: dt.datetime, reason: str) -> bytes:
    """Return the PDF with a signature over all of it, which allows no later change.

    The time is that of the report; the same report and the same RSA key give the same signature.
    """
    output = BytesIO(pdf)
    writer = IncrementalPdfFileWriter(output)
    writer._document_id[1] = writer._document_id[0]  # noqa: SLF001 - the library draws lots for it otherwise
    steps: Any = cms_embedder.PdfCMSEmbedder().write_cms(field_name=FIELD, writer=writer)
    next(steps)
    place = PdfSignedData(
        obj_type=pdf_name("/Sig"),
        subfilter=SigSeedSubFilter.PADES,
        timestamp=at,
        bytes_reserved=_ROOM * 2,
    )
    place[pdf_name("/Reason")] = pdf_string(reason)
    place[pdf_name("/Name")] = pdf_string(identity.name)
    steps.send(
        cms_embedder.SigObjSetup(
            sig_placeholder=place,
            mdp_setup=cms_embedder.SigMDPSetup(md_algorithm=_DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES),
        )
    )
    digest, signed = steps.send(cms_embedder.SigIOSetup(md_algorithm=_DIGEST, in_place=True))
    cms = asyncio.run(
        _signer(identity).async_sign(
            data_digest=digest.document_digest,
            digest_algorithm=_DIGEST,
            use_pades=True,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=None),
        )
    )
    steps.send(cms)
    result: bytes = signed.getvalue()
    return result

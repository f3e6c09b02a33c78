"""Who signs: a key with its certificate, made for the instance at first start or given by the company."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from compliance.text import Text

_BITS, _LEAST_BITS, _YEARS = 3072, 2048, 20
_NAME_MOST, _CHAIN_MOST = 64, 4  # bytes of a common name (X.520); certificates
FILE_NAME = "signing-key.pem"
SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

ERRORS = {
    "certificate_unreadable": Text(
        "le certificat n'est pas un fichier PEM lisible", "the certificate is not a PEM file that can be read"
    ),
    "key_unreadable": Text("la clé n'est pas un fichier PEM lisible", "the key is not a PEM file that can be read"),
    "key_passphrase": Text(
        "la phrase secrète de la clé manque ou n'est pas la bonne", "the passphrase of the key is missing or wrong"
    ),
    "key_kind": Text(
        "il faut une clé RSA d'au moins 2 048 bits, ou une clé ECDSA P-256 ou P-384",
        "an RSA key of at least 2,048 bits is needed, or an ECDSA key on P-256 or P-384",
    ),
    "key_other": Text("le certificat n'est pas celui de la clé", "the certificate is not that of the key"),
    "chain_order": Text(
        "les certificats ne se suivent pas : d'abord celui du signataire, puis chacun celui qui a émis le précédent",
        "the certificates do not follow each other: the signer's first, then each the issuer of the one before",
    ),
    "chain_long": Text("au plus quatre certificats sont acceptés", "at most four certificates are accepted"),
}


class KeyFileError(Exception):
    """The key or the certificate cannot be used; ``code`` is one of ERRORS, ``text`` says it in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = ERRORS[code]


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate, those of its issuers after it, and its key; all in PEM, the key without passphrase."""

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
    found = x509.load_pem_x509_certificate(certificate)
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else found.subject.rfc4514_string()


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a PEM certificate, in hexadecimal."""
    return x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex()


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates in a PEM file, the signer's first. Raises KeyFileError."""
    try:
        found = x509.load_pem_x509_certificates(pem)
        for one in found:
            one.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise KeyFileError("certificate_unreadable") from None
    return found


def make_identity(name: str, now: dt.datetime) -> Identity:
    """Return a new key with a certificate that it signs itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    short = name.encode("utf-8")[:_NAME_MOST].decode("utf-8", "ignore")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, short)])
    usage = x509.KeyUsage(
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
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365 * _YEARS))
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(made.public_bytes(serialization.Encoding.PEM), _plain(key))


def _plain(key: SigningKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_identity(certificate: Path, key: Path, passphrase: str | None = None) -> Identity:
    """Return the company's identity from its PEM files. Raises KeyFileError.

    The first holds the signer's certificate, and may hold those of its issuers after it, in order.
    """
    try:
        chain_pem = certificate.read_bytes()
    except OSError:
        raise KeyFileError("certificate_unreadable") from None
    try:
        key_pem = key.read_bytes()
    except OSError:
        raise KeyFileError("key_unreadable") from None
    return parse_identity(chain_pem, key_pem, passphrase)


def parse_identity(certificate: bytes, key: bytes, passphrase: str | None = None) -> Identity:
    """Return the identity that PEM files hold, as ``read_identity`` does. Raises KeyFileError."""
    chain = read_certificates(certificate)
    secret = _read_key(key, passphrase)
    if secret.public_key() != chain[0].public_key():
        raise KeyFileError("key_other")
    if len(chain) > _CHAIN_MOST:
        raise KeyFileError("chain_long")
    for one, issuer in pairwise(chain):
        try:
            one.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            raise KeyFileError("chain_order") from None
    return Identity(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain), _plain(secret))


def _read_key(key: bytes, passphrase: str | None) -> SigningKey:
    secret = passphrase.encode() if passphrase else None
    try:
        found = serialization.load_pem_private_key(key, secret)
    except TypeError:  # a passphrase for a key that has none is no harm; the other way round it is missing
        try:
            found = serialization.load_pem_private_key(key, None)
        except (TypeError, ValueError):
            raise KeyFileError("key_passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError("key_passphrase" if secret and b"ENCRYPTED" in key else "key_unreadable") from None
    if isinstance(found, rsa.RSAPrivateKey) and found.key_size >= _LEAST_BITS:
        return found
    if isinstance(found, ec.EllipticCurvePrivateKey) and isinstance(found.curve, ec.SECP256R1 | ec.SECP384R1):
        return found
    raise KeyFileError("key_kind")


def load_or_make_identity(folder: Path, name: str, now: dt.datetime) -> Identity:
    """Return the instance's own identity, made when there is none yet. Raises KeyFileError, OSError.

    Key and certificate are one file that its owner alone can read. It is written whole beside its place and then
    linked there, which fails where one is already: of two processes that start at once, both use the first's.
    """
    path = folder / FILE_NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = make_identity(name, now)
        handle, beside = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=folder)  # 0600 from the start
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(made.key + made.certificate)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(beside, path)
        finally:
            Path(beside).unlink()
    return read_identity(path, path)


def sign_bytes(data: bytes, identity: Identity) -> bytes:
    """Return a signature by the identity's key over the data: RSA PKCS #1 v1.5 or ECDSA, with SHA-256."""
    key = serialization.load_pem_private_key(identity.key, None)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    assert isinstance(key, ec.EllipticCurvePrivateKey), "an identity is read with a key of one of the two kinds"
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def signed_bytes(data: bytes, signature: bytes, certificate: bytes) -> bool:
    """Tell whether a signature over the data is by the key of the PEM certificate. Raises KeyFileError."""
    key = read_certificates(certificate)[0].public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True

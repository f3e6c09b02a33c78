"""Issued reports are signed (PAdES), over all of the file, with a field that keeps it archivable and accessible."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, ensure_sig_flags
from pyhanko.sign.signers import cms_embedder
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from compliance.reports.identity import (
    Identity,
    KeyFileError,
    load_or_make_identity,
    read_certificates,
    read_identity,
    sign_bytes,
)

__all__ = ["FIELD", "Identity", "KeyFileError", "enveloped", "load_or_make_identity", "read_identity", "sign"]

_DIGEST = "sha256"
_ROOM = 16384  # for the signature and its certificates: four with RSA keys of 4,096 bits take less than 10,000
_LOCKED_AND_PRINTED = 132  # flags of the field's annotation; an archivable file allows none that does not print
FIELD = "Pyramide"
_LABELS = {"fr": "Signature électronique de {name}", "en": "Electronic signature of {name}"}


class _Writer(IncrementalPdfFileWriter):  # type: ignore[misc]
    """A writer that adds the signature and leaves the metadata of the file as they are."""

    def _update_meta(self) -> None:
        """Keep producer, dates and the claims of conformity: the library would write the present time."""


def sign(pdf: bytes, identity: Identity, at: dt.datetime, reason: str) -> bytes:
    """Return a tagged PDF with a signature over all of it, which allows no later change.

    The time is that of the report. The same report and the same RSA key give the same bytes; with an ECDSA key,
    whose signatures hold a random number, two signings differ in the signature itself and nowhere else.
    """
    output = BytesIO(pdf)
    writer = _Writer(output)
    changed = generic.ByteStringObject(hashlib.sha256(pdf).digest()[:16])
    writer._document_id[1] = changed  # noqa: SLF001 - the library draws lots for it otherwise
    _add_field(writer, identity.name)
    steps: Any = cms_embedder.PdfCMSEmbedder().write_cms(field_name=FIELD, writer=writer, existing_fields_only=True)
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
    chain = [_parsed(one) for one in read_certificates(identity.certificate)]
    attributes = _attributes(digest.document_digest, chain)
    steps.send(enveloped(chain, attributes, sign_bytes(attributes.dump(), identity)))
    result: bytes = signed.getvalue()
    return result


def _parsed(certificate: Any) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _add_field(writer: IncrementalPdfFileWriter, name: str) -> None:
    """Add the field of the signature: on no place of the page, named, and in the tree of what is read aloud."""
    page = writer.find_page_for_modification(0)[0]
    tree = writer.root["/StructTreeRoot"]
    document = tree["/K"][0]
    numbered = tree["/ParentTree"]["/Nums"]
    number = generic.NumberObject(int(numbered[-2]) + 1)
    label = _LABELS["en" if str(writer.root.get("/Lang", "")).startswith("en") else "fr"].format(name=name)
    field = writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Sig"),
                pdf_name("/T"): pdf_string(FIELD),
                pdf_name("/TU"): pdf_string(label),
                pdf_name("/Contents"): pdf_string(label),
                pdf_name("/F"): generic.NumberObject(_LOCKED_AND_PRINTED),
                pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(0)] * 4),
                pdf_name("/P"): page,
                pdf_name("/StructParent"): number,
            }
        )
    )
    reference = generic.DictionaryObject(
        {pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Pg"): page, pdf_name("/Obj"): field}
    )
    element = writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/StructElem"),
                pdf_name("/S"): pdf_name("/Form"),
                pdf_name("/P"): tree["/K"].raw_get(0),
                pdf_name("/Alt"): pdf_string(label),
                pdf_name("/Pg"): page,
                pdf_name("/K"): generic.ArrayObject([reference]),
            }
        )
    )
    document["/K"].append(element)
    writer.update_container(document["/K"])
    numbered.extend([number, element])
    writer.update_container(numbered)
    writer.register_annotation(page, field)
    form = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([field])})
    writer.root[pdf_name("/AcroForm")] = writer.add_object(form)
    writer.update_root()
    ensure_sig_flags(writer)


def _attributes(digest: bytes, chain: Sequence[x509.Certificate]) -> cms.CMSAttributes:
    """Return what is signed: the digest of the file, and which certificates may say who signed (RFC 5035)."""
    named = tsp.SigningCertificateV2(
        {"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(one.dump()).digest()}) for one in chain]}
    )
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [named]}),
        ]
    )


def enveloped(chain: Sequence[x509.Certificate], attributes: cms.CMSAttributes, signature: bytes) -> cms.ContentInfo:
    """Return a signature with its certificates, the signer's first, in the one spelling that we write."""
    signer = chain[0]
    rsa = signer.public_key.algorithm == "rsa"
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa" if rsa else "sha256_ecdsa"})
    if rsa:
        algorithm["parameters"] = core.Null()
    one = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber({"issuer": signer.issuer, "serial_number": signer.serial_number}),
            ),
            "digest_algorithm": {"algorithm": _DIGEST},
            "signed_attrs": attributes,
            "signature_algorithm": algorithm,
            "signature": signature,
        }
    )
    content = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": _DIGEST}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices("certificate", certificate) for certificate in chain],
            "signer_infos": [one],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": content})

"""Signatures: the same bytes, archivable and accessible still; keys made, kept, given, refused."""

import datetime as dt
import multiprocessing
import stat
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from compliance.reports import identity, opening, signing
from compliance.reports.identity import KeyFileError
from tests.reports import signed


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(name, key, issuer=None, issuer_key=None, ca=False):
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer or name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(signed.AT - dt.timedelta(days=30))
        .not_valid_after(signed.AT + dt.timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer_key or key, hashes.SHA256())
    )


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key, passphrase=None):
    how = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def company(kind):
    """Return a company's certificate with its two issuers, and the key."""
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(kind())
    root, middle = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    chain = (
        certificate("Forges du Rhône SA – cachet", key, "AC intermédiaire", middle)
        , certificate("AC intermédiaire", middle, "AC racine", root, ca=True)
        , certificate("AC racine", root, ca=True)
    )  # fmt: skip
    return b"".join(map(pem, chain)), key_pem(key)


def test_the_same_report_and_key_give_the_same_bytes_in_another_process(tmp_path):
    (tmp_path / "in.pdf").write_bytes(signed.rendered())
    (tmp_path / "key.pem").write_bytes(signed.who().key + signed.who().certificate)
    program = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from compliance.reports import signing\n"
        "folder = Path(sys.argv[1]); who = signing.read_identity(folder / 'key.pem', folder / 'key.pem')\n"
        "at = datetime(2026, 11, 25, 9, 0, tzinfo=UTC); reason = 'Rapport émis par Forges du Rhône SA'\n"
        "sys.stdout.buffer.write(signing.sign((folder / 'in.pdf').read_bytes(), who, at, reason))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, check=True)
    assert done.stdout == signed.issued()


def test_a_signed_report_begins_with_the_unsigned_one():
    assert signed.issued().startswith(signed.rendered())


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.thorough)])
def test_the_signature_takes_nothing_from_accessibility_and_archiving(language, tmp_path):
    before, after = tmp_path / "before.pdf", tmp_path / "after.pdf"
    before.write_bytes(signed.rendered(language))
    after.write_bytes(signed.issued(language))
    outloud = [str(Path(sys.executable).parent / "outloud"), "--no-info"]
    done = subprocess.run([*outloud, str(after)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 error(s), 0 warning(s)" in done.stdout
    with pikepdf.open(before) as plain, pikepdf.open(after) as pdf:
        assert pdf.Root.Metadata.read_bytes() == plain.Root.Metadata.read_bytes()
        assert dict(pdf.trailer.Info.items()) == dict(plain.trailer.Info.items())
        assert {str(item.AFRelationship) for item in pdf.Root.AF} == {"/Data"}
        assert int(pdf.Root.AcroForm.SigFlags) == 3
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        (field,) = pdf.Root.AcroForm.Fields
        assert [float(side) for side in field.Rect] == [0, 0, 0, 0]
        assert int(field.F) & 0b111 == 0b100  # printed, neither invisible nor hidden
        assert {"fr": "Signature électronique de ", "en": "Electronic signature of "}[
            language
        ] + signed.who().name == field.TU
        assert str(pdf.pages[0].Tabs) == "/S"
        numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
        pairs = {int(numbers[place]): numbers[place + 1] for place in range(0, len(numbers), 2)}
        assert len(pairs) == len(numbers) // 2
        element = pairs[int(field.StructParent)]
        assert str(element.S) == "/Form"
        assert element.K[0].Obj.objgen == field.objgen
        assert element.objgen in [child.objgen for child in pdf.Root.StructTreeRoot.K[0].K]
        assert str(field.V.SubFilter) == "/ETSI.CAdES.detached"
        assert int(pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1


@pytest.mark.parametrize("kind", ["rsa", ec.SECP256R1, ec.SECP384R1])
def test_a_company_signs_with_its_own_certificate_and_its_issuers(kind):
    chain, key = company(kind)
    who = identity.parse_identity(chain, key)
    made = signing.sign(signed.rendered(), who, signed.AT, "Rapport")
    found = opening.signature(made)
    assert (found.state, found.signer) == ("whole", "Forges du Rhône SA – cachet")
    assert found.fingerprint == who.fingerprint
    again = signing.sign(signed.rendered(), who, signed.AT, "Rapport")
    place = made.index(b"/Contents <")
    if kind == "rsa":
        assert again == made
    else:  # two draws of a random number: only the signature differs
        assert again[:place] == made[:place]
        assert len(again) == len(made)
    issuer = x509.load_pem_x509_certificates(chain)[1].public_bytes(serialization.Encoding.DER).hex().upper().encode()
    at = made.index(issuer) + len(issuer) - 4
    changed = made[:at] + (b"0" if made[at : at + 1] != b"0" else b"1") + made[at + 1 :]
    assert opening.signature(changed).state != "whole", "a certificate of the chain was changed"


def test_every_refusal_of_a_key_is_said(tmp_path):
    rsa_key, other = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
    own = pem(certificate("A", rsa_key))
    edwards = ed25519.Ed25519PrivateKey.generate()
    brainpool = ec.generate_private_key(ec.BrainpoolP256R1())
    weak = rsa.generate_private_key(65537, 1024)
    cases = {
        "certificate_unreadable": (b"nothing", key_pem(rsa_key), None),
        "key_unreadable": (own, b"nothing", None),
        "key_passphrase": (own, key_pem(rsa_key, b"right"), None),
        "key_other": (own, key_pem(other), None),
        "key_kind": (pem(certificate("B", brainpool)), key_pem(brainpool), None),
        "chain_order": (own + pem(certificate("C", other)), key_pem(rsa_key), None),
        "chain_long": (own * 5, key_pem(rsa_key), None),
    }
    more = [
        ("key_passphrase", own, key_pem(rsa_key, b"right"), "wrong"),
        ("key_kind", pem(certificate("D", weak)), key_pem(weak), None),
        ("key_kind", own, key_pem(edwards), None),
    ]
    assert set(cases) == set(identity.ERRORS)
    for code, chain, key, passphrase in [(code, *given) for code, given in cases.items()] + more:
        with pytest.raises(KeyFileError) as refused:
            identity.parse_identity(chain, key, passphrase)
        assert refused.value.code == code
        assert refused.value.text.fr
        assert refused.value.text.en
    assert identity.parse_identity(own, key_pem(rsa_key, b"right"), "right").name == "A"
    assert identity.parse_identity(own, key_pem(rsa_key), "not needed").name == "A"
    with pytest.raises(KeyFileError) as refused:
        identity.read_identity(tmp_path / "none.pem", tmp_path / "none.pem")
    assert refused.value.code == "certificate_unreadable"


def _make(folder, name, made):
    made.put(identity.load_or_make_identity(folder, name, signed.AT).fingerprint)


def test_processes_that_start_at_once_make_one_key_that_its_owner_alone_reads(tmp_path):
    folder = tmp_path / "instance"
    context = multiprocessing.get_context("spawn")
    made = context.Queue()
    started = [context.Process(target=_make, args=(folder, f"Instance {number}", made)) for number in range(4)]
    for process in started:
        process.start()
    prints = {made.get(timeout=120) for _ in started}
    for process in started:
        process.join()
    assert len(prints) == 1
    (path,) = folder.iterdir()  # and nothing half made beside it
    assert path.name == identity.FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.read_bytes()
    again = identity.load_or_make_identity(folder, "Another name", signed.AT + dt.timedelta(days=900))
    assert {again.fingerprint} == prints
    assert path.read_bytes() == kept


def test_a_damaged_key_is_named_and_never_replaced(tmp_path):
    path = tmp_path / identity.FILE_NAME
    path.write_bytes(b"damaged")
    with pytest.raises(KeyFileError):
        identity.load_or_make_identity(tmp_path, "Instance", signed.AT)
    assert path.read_bytes() == b"damaged"


def test_a_long_or_odd_name_signs_too():
    who = identity.make_identity("Société “Été” 🏭 " * 9, signed.AT)
    made = signing.sign(signed.rendered(), who, signed.AT, "Été 🏭")
    assert opening.signature(made).signer == who.name
    with pikepdf.open(BytesIO(made)) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].V.Reason) == "Été 🏭"

"""Packs handed over as files: what is good comes through unchanged, what is hostile is refused with its place."""

import base64
import io
import json
import stat
import struct
import zipfile
from datetime import UTC, datetime

import pytest

from compliance.law import archive
from compliance.law.new_pack import template
from compliance.law.problems import sentence
from compliance.law.receiving import MANIFEST, SIGNED, Upon
from compliance.law.schema import RULES
from compliance.law.shelf import Files, Folder, everything
from compliance.law.suspecting import signs
from compliance.reports.identity import make_identity
from compliance.reports.pack_signing import hand_over, receive
from compliance.text import Text
from tests.once import once

FOLDER = Folder(RULES, {})
BELOW = Files(everything(FOLDER))
GOOD = template("acme", Text("Charte d'Acme", "Acme's charter"), "ai-act-2026")
T = '{fr: "un texte", en: "some text"}'
RULE = f"title: {T}, cite: charte, because: {T}"


@pytest.fixture(scope="module")
def identity():
    return make_identity("Cabinet Lex", datetime(2026, 1, 1, tzinfo=UTC))


def zipped(files, **attributes):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files if isinstance(files, list) else files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            for key, value in attributes.get(name.replace("/", "_").partition(".")[0], {}).items():
                setattr(entry, key, value)
            target.writestr(entry, data)
    return made.getvalue()


def pack(rules="", **files):
    """Return the template with other rules beside it, zipped plainly."""
    own = {f"acme/{path}": data for path, data in GOOD.items()}
    if rules:
        own["acme/more.yaml"] = rules if isinstance(rules, bytes) else rules.encode()
    return zipped({**own, **files})


def head(text):
    return zipped({"acme/pack.yaml": text.encode(), "acme/policy.yaml": GOOD["policy.yaml"]})


HEAD = f"pack: acme\nbuilds_on: [ai-act-2026]\nversion: 1\ntitle: {T}\n"


# what is good


def test_a_pack_handed_over_comes_back_as_it_was(identity):
    shelf = Upon("acme", GOOD, BELOW)
    file = hand_over("acme", shelf, identity, "Cabinet Lex", "2026-11-25")
    assert file == hand_over("acme", shelf, identity, "Cabinet Lex", "2026-11-25")
    got = receive(file, BELOW)
    assert not got.problems
    assert got.files == GOOD
    assert len(got.loaded.scenarios) == 2
    assert (got.name, got.signed_by.name, got.signed_by.fingerprint) == ("acme", "Cabinet Lex", identity.fingerprint)
    assert got.manifest["made"] == {"by": "Cabinet Lex", "at": "2026-11-25"}


def test_no_flipped_byte_changes_what_is_received(identity):
    file = hand_over("acme", Upon("acme", GOOD, BELOW), identity, "Cabinet Lex", "2026-11-25")
    found = 0
    for index in range(0, len(file), 61):
        changed = file[:index] + bytes([file[index] ^ 0x04]) + file[index + 1 :]
        got = receive(changed, BELOW)
        found += bool(got.problems)
        if not got.problems:  # a byte that says nothing: a date of the archive, say
            assert (got.files, got.signed_by.fingerprint) == (GOOD, identity.fingerprint), index
    assert found > 100


def test_every_flipped_byte_of_a_file_is_found_even_when_the_archive_is_made_again(identity):
    file = hand_over("acme", Upon("acme", GOOD, BELOW), identity, "Cabinet Lex", "2026-11-25")
    with zipfile.ZipFile(io.BytesIO(file)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    assert not receive(zipped(files), BELOW).problems
    for name, data in files.items():
        changed = data[:-2] + bytes([data[-2] ^ 0x01]) + data[-1:]
        assert receive(zipped({**files, name: changed}), BELOW).problems, name


@pytest.mark.parametrize(
    "content",
    [
        zipped(GOOD),
        zipped({f"Notre charte/{path}".replace("Notre charte", "Charte-2026"): data for path, data in GOOD.items()}),
        zipped({**{f"acme/{path}": data for path, data in GOOD.items()}, "__MACOSX/acme/._pack.yaml": b"x"}),
        zipped([("acme/", b""), *((f"acme/{path}", data) for path, data in GOOD.items())]),
        GOOD["pack.yaml"] + GOOD["policy.yaml"] + GOOD["scenarios/policy.yaml"],
    ],
)
def test_a_plain_folder_and_a_single_file_are_taken(content):
    got = receive(content, BELOW)
    assert not got.problems
    assert got.signed_by is None
    assert got.name == "acme"
    assert "acme:confirm_or_stop" in got.loaded.pack.obligations
    assert len(got.loaded.scenarios) == 2
    text = b"".join(got.files.values()).decode()
    assert text.count("#") == b"".join(GOOD.values()).decode().count("#")


def test_what_is_wrong_in_a_single_file_is_said_at_its_line():
    got = receive(f"{HEAD}# a remark\ndefinitions:\n  a: {{when: nobody, {RULE}}}\n".encode(), BELOW)
    (found,) = (item for item in got.problems if item.severity == "error")
    assert (found.code, str(found.position)) == ("unknown_name", "YAML:7:13")


# what is hostile

UNIX = {"create_system": 3}


@once
def handed():
    return hand_over("acme", Upon("acme", GOOD, BELOW), None, "x", "y")


def manifest(change=None, *, drop=(), add=None, signature=None):
    """Return a pack handed over whose manifest or files were tampered with."""
    with zipfile.ZipFile(io.BytesIO(handed())) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    if isinstance(change, bytes):
        files[MANIFEST] = change
    elif change:
        files[MANIFEST] = json.dumps({**json.loads(files[MANIFEST]), **change}).encode()
    for name in drop:
        del files[name]
    files |= add or {}
    if signature is not None:
        files[SIGNED] = signature
    return zipped(files)


def patched(content, offset, data):
    """Return an archive with bytes of the first entry's record in its directory replaced."""
    start = content.index(b"PK\x01\x02") + offset
    return content[:start] + data + content[start + len(data) :]


def with_method(method):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as target:
        for path, data in GOOD.items():
            target.writestr(f"acme/{path}", data)
    return made.getvalue()


def chain(length):
    return "definitions:\n" + "".join(
        f"  d{n}: {{when: {f'd{n + 1}' if n < length else 'acts_without_confirmation'}, {RULE}}}\n"
        for n in range(length + 1)
    )


def fact(id_, more="type: boolean"):
    return f"facts:\n  {id_}: {{section: internal_policy, order: 1, cite: charte, question: {T}, {more}}}\n"


def raised(text):
    return f"levels: {{{text}}}\n"


STRANGE = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200c\u200d\u2060\u00ad\u061c\u200e\U000e0041"
CERTIFICATE = make_identity("Other", datetime(2026, 1, 1, tzinfo=UTC)).certificate.decode()
SIGNATURE = json.dumps({"certificate": CERTIFICATE, "signature": base64.b64encode(bytes(384)).decode()}).encode()

HOSTILE = {
    # the archive
    "empty": (b"", "empty"),
    "binary": (bytes(range(128, 256)), "not_utf8"),
    "too large": (b"# " + bytes(5_000_000), "archive_big"),
    "empty archive": (zipped({}), "archive_broken"),
    "cut archive": (pack()[:-30], "archive_broken"),
    "something before": (b"#!/bin/sh\n" + pack(), "not_utf8"),
    "something after": (pack() + b"<script>", "archive_broken"),
    "archive within": (b"PK\x03\x04" + bytes(200) + pack(), "archive_broken"),
    "traversal": (pack(**{"../evil.yaml": b"a: b"}), "archive_outside"),
    "traversal within": (pack(**{"acme/../../evil.yaml": b"a: b"}), "archive_outside"),
    "backslashes": (pack(**{"acme\\..\\evil.yaml": b"a: b"}), "archive_outside"),
    "absolute": (pack(**{"/etc/evil.yaml": b"a: b"}), "archive_outside"),
    "drive": (pack(**{"C:evil.yaml": b"a: b"}), "archive_outside"),
    "symbolic link": (
        zipped({"pack.yaml": b"/etc/passwd"}, pack={**UNIX, "external_attr": (stat.S_IFLNK | 0o777) << 16}),
        "archive_special",
    ),
    "device": (
        zipped({"pack.yaml": b""}, pack={**UNIX, "external_attr": (stat.S_IFCHR | 0o666) << 16}),
        "archive_special",
    ),
    "pipe": (zipped({"pack.yaml": b""}, pack={**UNIX, "external_attr": stat.S_IFIFO << 16}), "archive_special"),
    "same name twice": (None, "archive_twice"),
    "same name but for capitals": (pack(**{"acme/Policy.yaml": b"a: b"}), "archive_twice"),
    "file and folder": (pack(**{"acme/policy.yaml/x.yaml": b"a: b"}), "archive_twice"),
    "too many files": (pack(**{f"acme/f{n}.yaml": b"a: b" for n in range(201)}), "archive_many"),
    "far too many files": (zipped({f"f{n}": b"" for n in range(3000)}), "archive_many"),
    "bomb": (pack(b"#" + b"a" * 3_900_000), "archive_big"),
    "bomb of many": (pack(**{f"acme/f{n}.yaml": b"# " + bytes(390_000) for n in range(20)}), "archive_big"),
    "size that lies": (patched(pack(), 24, struct.pack("<L", 10)), "archive_broken"),
    "encrypted": (patched(pack(), 8, b"\x01\x00"), "archive_encrypted"),
    "other compression": (with_method(zipfile.ZIP_LZMA), "archive_method"),
    "another": (with_method(zipfile.ZIP_BZIP2), "archive_method"),
    "archive in archive": (pack(**{"acme/more.zip": pack()}), "archive_kind"),
    "archive that says it is rules": (pack(pack()), "not_utf8"),
    "program": (pack(**{"acme/run.py": b"import os"}), "archive_kind"),
    "hidden file": (pack(**{"acme/.git": b"x"}), "archive_name"),
    "name not ASCII": (pack(**{"acme/règles.yaml": b"a: b"}), "archive_name"),
    "name that looks ASCII": (pack(**{"acme/p\u043elicy.yaml": b"a: b"}), "archive_name"),
    "name that turns signs": (pack(**{"acme/\u202elmay.yaml": b"a: b"}), "archive_name"),
    "name with a line end": (pack(**{"acme/a\n::error::b.yaml": b"a: b"}), "archive_name"),
    "name that steers a terminal": (pack(**{"acme/\x1b[2J.yaml": b"a: b"}), "archive_name"),
    "endless name": (pack(**{f"acme/{'a' * 300}.yaml": b"a: b"}), "archive_name"),
    "deep folders": (pack(**{f"acme/{'a/' * 9}x.yaml": b"a: b"}), "archive_name"),
    "two packs": (pack(**{"other/pack.yaml": GOOD["pack.yaml"]}), "no_pack"),
    "pack within": (zipped({"a/b/pack.yaml": GOOD["pack.yaml"]}), "no_pack"),
    "files beside the pack": (pack(**{"rules.yaml": b"a: b"}), "archive_kind"),
    "the text of law brought along": (pack(**{"ai-act/product.yaml": b"facts: {}"}), "archive_kind"),
    "no head": (zipped({"acme/policy.yaml": GOOD["policy.yaml"]}), "no_pack"),
    # manifest and signature
    "file not as stated": (manifest(add={"acme/policy.yaml": b"facts: {}\n"}), "manifest_differs"),
    "file missing": (manifest(drop=["acme/policy.yaml"]), "manifest_differs"),
    "file not stated": (manifest(add={"acme/extra.yaml": b"facts: {}\n"}), "manifest_differs"),
    "manifest of another pack": (manifest({"pack": "other"}), "manifest_differs"),
    "manifest of another text": (manifest({"builds_on": "ai-act"}), "pack_other_name"),
    "other format": (manifest({"format": "pyramide-pack/9"}), "manifest_wrong"),
    "manifest of wrong kind": (manifest({"files": ["acme/pack.yaml"]}), "manifest_wrong"),
    "maker that turns signs": (manifest({"made": {"by": "\u202eABC", "at": "y"}}), "manifest_wrong"),
    "manifest said twice": (manifest(b'{"format": "pyramide-pack/1", "format": "x"}'), "manifest_wrong"),
    "manifest as list": (manifest(b"[]"), "manifest_wrong"),
    "manifest too deep": (manifest(b'{"a":' * 50_000), "manifest_wrong"),
    "manifest not text": (manifest(b"\xff\xfe"), "manifest_wrong"),
    "signature of nobody": (manifest(signature=SIGNATURE), "signature_wrong"),
    "signature not readable": (manifest(signature=b"{}"), "signature_wrong"),
    "certificate not readable": (manifest(signature=SIGNATURE.replace(b"BEGIN", b"BEGUN")), "signature_wrong"),
    "signature without manifest": (pack(**{SIGNED: SIGNATURE}), "signature_wrong"),
    # YAML
    "not UTF-8": (pack(b"facts: \xff"), "not_utf8"),
    "UTF-16": (pack("facts: {}".encode("utf-16")), "not_utf8"),
    "control character": (pack("facts: {} # \x1b[31m"), "control_character"),
    "alias": (pack("facts: &a {}\nroles: *a\n"), "alias"),
    "billion laughs": (pack("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"), "alias"),
    "tag": (pack("facts: !!python/object/apply:os.system [id]\n"), "tag"),
    "own tag": (pack("facts: !evil {}\n"), "tag"),
    "merge key": (pack("facts: {<<: {a: b}}\n"), "merge_key"),
    "key twice": (pack("facts: {}\nfacts: {}\n"), "duplicate_key"),
    "several documents": (pack("facts: {}\n---\nroles: {}\n"), "several_documents"),
    "deep": (pack("facts: " + "[" * 3000 + "]" * 3000), "too_deep"),
    "huge": (pack("facts: [" + "a," * 190_000 + "]"), "too_long"),
    "long text": (pack(fact("long_one").replace("un texte", "a" * 20_000)), "text_long"),
    "long key": (pack(f"{'a' * 500}: {{}}\n"), "text_long"),
    "misleading comment": (pack("# \u202e fin de la règle\nfacts: {}\n"), "strange_character"),
    "misleading text": (pack(fact("own").replace("un texte", "un \u2066texte")), "strange_character"),
    "zero width in a name": (pack(fact("ow\u200bn")), "strange_character"),
    "hidden by an escape": (pack(fact("own").replace("un texte", "un \\u202etexte")), "strange_character"),
    "hidden line": (pack("# a remark\u2028facts: {}\n"), "strange_character"),
    **{f"sign {ord(sign):x}": (pack(f"facts: {{}} # a{sign}b\n"), "strange_character") for sign in STRANGE},
    "a name that looks alike": (pack(fact("acts_with\u043eut")), "bad_id"),
    # the pack
    "name of the law": (head(HEAD.replace("acme", "ai-act")), "pack_taken"),
    "name that is a path": (head(HEAD.replace("acme", "../acme")), "pack_name"),
    "no name": (head(HEAD.replace("pack: acme\n", "")), "pack_name"),
    "amends the law": (
        head(HEAD.replace("pack: acme\nbuilds_on: [ai-act-2026]", "amends: ai-act-2026")),
        "pack_law_key",
    ),
    "builds and amends": (head(HEAD + "amends: ai-act-2026\n"), "pack_law_key"),
    "passes for a text of law": (
        head(f"{HEAD}text: {{celex: 32024R1689, eli: reg/2024/1689, title: {T}}}\n"),
        "pack_law_key",
    ),
    "passes for consolidated": (head(HEAD + "consolidated: {celex: 02024R1689-20260727}\n"), "pack_law_key"),
    "stands on nothing": (head(HEAD.replace("builds_on: [ai-act-2026]\n", "")), "pack_base"),
    "stands on many": (head(HEAD.replace("[ai-act-2026]", "[ai-act-2026, ai-act]")), "pack_base"),
    "stands on what is not there": (head(HEAD.replace("ai-act-2026", "ai-act-2027")), "pack_unknown"),
    "stands on a path": (head(HEAD.replace("ai-act-2026", "../ai-act")), "pack_unknown"),
    "stands on itself": (head(HEAD.replace("ai-act-2026", "acme")), "pack_cycle"),
    "unknown section": (pack("facst: {}\n"), "unknown_key"),
    "unknown name": (pack(f"definitions: {{a: {{when: nobody, {RULE}}}}}\n"), "unknown_name"),
    "a circle": (pack(f"definitions: {{a: {{when: b, {RULE}}}, b: {{when: a, {RULE}}}}}\n"), "cycle"),
    "endless chain": (pack(chain(120)), "chain_long"),
    "chain beyond the stack": (pack(chain(290)), "chain_long"),
    "too many definitions": (pack(chain(400)), "too_many"),
    "too many conditions": (
        pack(f"definitions: {{a: {{when: {{any: [{'acts_without_confirmation,' * 6000}]}}, {RULE}}}}}\n"),
        "too_many",
    ),
    "thousands of wrong names": (
        pack(f"definitions: {{a: {{when: {{any: [{','.join(f'acts_with{n}' for n in range(4500))}]}}, {RULE}}}}}\n"),
        "unknown_name",
    ),
    "too many options": (
        pack(fact("own", f"type: choice, options: {{{','.join(f'o{n}: {{label: {T}}}' for n in range(300))}}}")),
        "too_many",
    ),
    "huge number": (pack(fact("own", "type: number, minimum: 1e999999999")), "bad_number"),
    "endless number": (pack(fact("own", f"type: number, minimum: {'9' * 5000}")), "bad_number"),
    "endless count": (
        pack(
            f"definitions: {{a: {{when: {{at_least: {{count: {'9' * 5000}, of: [unconfirmed_action]}}}}, {RULE}}}}}\n"
        ),
        "bad_number",
    ),
    "name of an entry of the law": (pack(fact("high_risk_system")), "shadows"),
    "entry twice": (pack(fact("acts_without_confirmation")), "duplicate_entry"),
    "level replaced": (pack(raised(f"replace: {{high_risk: {{rank: 9, title: {T}}}}}")), "only_adds"),
    "level repealed": (pack(raised("repeal: {prohibited: {cite: art. 5}}")), "only_adds"),
    "level of one's own": (pack(raised(f"harmless: {{rank: 0, title: {T}}}")), "only_adds"),
    "level raised that is none": (
        pack(raised(f"raise: {{harmless: {{when: ai-act:high_risk_system, cite: x, because: {T}}}}}")),
        "unknown_reference",
    ),
    "article that does not exist": (
        pack(f"definitions: {{a: {{when: unconfirmed_action, title: {T}, cite: art. 999}}}}\n"),
        "unknown_provision",
    ),
    "provisions of the law made up": (
        pack(**{"acme/provisions.json": b'{"provisions": [{"id": "art-999", "label": "art. 999"}]}'}),
        "shadows",
    ),
    "provisions of wrong kind": (
        pack(**{"acme/provisions.json": b'{"provisions": [{"id": [], "label": {}}]}'}),
        "provisions_wrong",
    ),
    "provisions too deep": (pack(**{"acme/provisions.json": b"[" * 100_000}), "provisions_wrong"),
    "French only": (pack(fact("own").replace(', en: "some text"', "")), "missing_translation"),
    "single file in one line": (b"{pack: acme, builds_on: [ai-act-2026]}", "single_file"),
    "single file that is a list": (b"- a\n- b\n", "expected_mapping"),
}


def test_there_are_many():
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pack_is_refused_with_place_and_reason(name):
    content, code = HOSTILE[name]
    if content is None:
        with pytest.warns(UserWarning, match="Duplicate"):
            content = zipped([("acme/policy.yaml", b"a: b"), ("acme/policy.yaml", b"c: d")])
    got = receive(content, BELOW)
    assert got.loaded is None
    assert not got.files
    errors = [item for item in got.problems if item.severity == "error"]
    assert code in {item.code for item in errors}
    assert len(got.problems) <= 200
    for item in errors:
        assert item.position
        for said in (sentence(item, "fr"), sentence(item, "en"), str(item.position)):
            assert said.replace("\u202f", " ").replace("\u00a0", " ").isprintable()


def test_a_text_of_law_is_not_handed_over():
    for name in ("ai-act", "ai-act-2026", "nobody"):
        with pytest.raises(KeyError):
            hand_over(name, BELOW, None, "x", "y")


def test_the_shipped_packs_hold_no_such_sign():
    assert not [found for path, data in BELOW.content.items() for found in signs(data.decode(), path)]


def test_an_archive_is_the_same_for_the_same_files():
    assert archive.write({"b": b"1", "a": b"2"}) == archive.write({"a": b"2", "b": b"1"})

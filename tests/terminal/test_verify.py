"""compliance verify and compliance report, as a person uses them."""

import json
from pathlib import Path

import pytest

from compliance.cli import FAILED, OK, WRONG, main
from compliance.evidence import log_file
from compliance.law import sources
from compliance.reports import identity, signing, verifying
from tests.reports import signed
from tests.reports.portraits import RULES

CASE = "examples/recruitment.yaml"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "report.pdf").write_bytes(signed.issued())
    (tmp_path / "certificate.pem").write_bytes(signed.who().certificate)
    (tmp_path / "log.json").write_bytes(signed.written(signed.entries()))
    return tmp_path


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_report_checked_against_all_there_is_in_both_languages(folder, capsys):
    given = (folder / "report.pdf", "--certificate", folder / "certificate.pem", "--log", folder / "log.json")
    code, french, _ = run(capsys, "--lang", "fr", "verify", *given)
    assert code == OK
    assert "La signature est intacte" in french
    assert "comme attendu" in french
    assert "donnent le même résultat" in french
    assert "L'entrée 40 du journal nomme ce fichier" in french
    code, english, _ = run(capsys, "--lang", "en", "verify", *given)
    assert code == OK
    assert "The signature is whole" in english
    assert "None of this proves that the answers are true" in english


def test_the_file_alone_proves_part_and_the_rest_is_said(folder, capsys):
    code, out, _ = run(capsys, "--lang", "en", "verify", folder / "report.pdf")
    assert code == OK
    assert "compare the fingerprint of the certificate" in out
    assert "The log was not given" in out
    assert "points not checked: 3" in out


def test_what_is_wrong_gives_1_and_says_what(folder, capsys):
    data = bytearray(signed.issued())
    data[len(data) // 2] ^= 1
    (folder / "changed.pdf").write_bytes(bytes(data))
    thief = identity.make_identity("Somebody else", signed.AT)
    (folder / "again.pdf").write_bytes(signing.sign(signed.rendered(), thief, signed.AT, "Rapport"))
    (folder / "note.pdf").write_text("a note")
    code, out, _ = run(capsys, "--lang", "en", "verify", folder / "changed.pdf")
    assert (code, "This file is not in order" in out) == (FAILED, True)
    code, out, _ = run(
        capsys, "--lang", "en", "verify", folder / "again.pdf", "--certificate", folder / "certificate.pem"
    )
    assert (code, "by another key than expected: Somebody else" in out) == (FAILED, True)
    code, out, _ = run(capsys, "--lang", "fr", "verify", folder / "note.pdf", folder / "report.pdf")
    assert (code, "Ce n'est pas un fichier PDF." in out) == (FAILED, True)
    assert "La signature est intacte" in out, "the other file is looked at all the same"


def test_a_log_alone_with_a_head_that_was_kept(folder, capsys):
    entries = signed.entries()
    head = log_file.Head(signed.ORG, "Forges", 60, signed.chain.root(signed.leaves_of(entries)).hex(), "2026-11-25")
    (folder / "head.json").write_bytes(log_file.write_head(verifying.seal(head, signed.who())))
    given = ("--certificate", folder / "certificate.pem", "--head", folder / "head.json")
    assert run(capsys, "verify", "--log", folder / "log.json", *given)[0] == OK
    (folder / "cut.json").write_bytes(signed.written(entries[:59]))
    code, out, _ = run(capsys, "--lang", "en", "verify", "--log", folder / "cut.json", *given)
    assert (code, "The log was cut" in out) == (FAILED, True)
    anew = [{**entry, "who": "b2"} if entry["seq"] == 45 else entry for entry in entries]
    (folder / "anew.json").write_bytes(signed.written(anew))
    given = ("--lang", "en", "verify", "--log", folder / "anew.json", "--head")
    code, out, _ = run(capsys, *given, folder / "head.json")
    assert (code, "written anew" in out) == (FAILED, True), "the head alone does not tell where"
    code, out, _ = run(capsys, *given, folder / "log.json")
    assert (code, "entry 45 is the first that differs" in out) == (FAILED, True)


def test_the_verdict_as_data(folder, capsys):
    code, out, _ = run(capsys, "verify", folder / "report.pdf", "--json")
    found = json.loads(out)
    assert code == OK
    (one,) = found["files"]
    assert one["in_order"] is True
    assert {point["check"] for point in one["points"]} == {"signature", "signer", "record", "outcome", "pages", "log"}
    assert all(point["text"]["fr"] and point["text"]["en"] for point in one["points"])


def test_an_old_text_comes_with_its_file(folder, tmp_path, capsys):
    empty = tmp_path / "no-rules"
    empty.mkdir()
    (tmp_path / "law.zip").write_bytes(sources.pack_file("ai-act-2026", RULES))
    code, out, _ = run(capsys, "--lang", "en", "verify", folder / "report.pdf", "--rules", empty)
    assert (code, "does not have the version" in out) == (OK, True)
    code, out, _ = run(
        capsys, "--lang", "en", "verify", folder / "report.pdf", "--rules", empty, "--law", tmp_path / "law.zip"
    )
    assert (code, "give the same outcome" in out) == (OK, True)


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("none.pdf",),
        ("{report}", "--certificate", "{report}"),
        ("{report}", "--log", "{report}"),
        ("{report}", "--head", "{report}"),
        ("{report}", "--head", "{log}"),
        ("{report}", "--law", "{report}"),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_cannot_be_used_gives_2_and_a_sentence(folder, capsys, given, language):
    names = {"report": folder / "report.pdf", "log": folder / "log.json"}
    code, out, error = run(capsys, "--lang", language, "verify", *(item.format(**names) for item in given))
    assert (code, out) == (WRONG, "")
    assert error.strip()
    assert "Traceback" not in error


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_case_file_becomes_a_draft_that_verifies(language, tmp_path, capsys):
    path = tmp_path / "draft.pdf"
    code, out, _ = run(
        capsys, "--lang", language, "report", CASE, "--out", path, "--form", "summary", "--organisation", "Forges SA"
    )
    assert code == OK
    assert str(path) in out
    assert path.read_bytes().startswith(b"%PDF-")
    code, out, _ = run(capsys, "--lang", language, "verify", path)
    assert code == OK
    assert {"fr": "C'est un projet, non signé", "en": "This is a draft, not signed"}[language] in out
    assert "Forges SA" in out
    code, _, error = run(capsys, "--lang", language, "report", CASE, "--out", path)
    assert code == WRONG
    assert str(path) in error, "nothing is written over"


def test_a_draft_that_cannot_be_written_is_said(tmp_path, capsys):
    code, _, error = run(capsys, "report", CASE, "--form", "summary", "--out", tmp_path / "no" / "draft.pdf")
    assert code == WRONG
    assert Path(tmp_path / "no").exists() is False
    assert error.strip()

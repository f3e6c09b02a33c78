"""The commands of legal teams, as they type them."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from compliance.cli import FAILED, OK, WRONG, main
from compliance.operations import demo
from compliance.reports.identity import make_identity


def run(capsys, *arguments):
    code = main(("--lang", "en", *map(str, arguments)))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def acme(tmp_path, capsys):
    """Return the folder of a pack begun from the template."""
    code, said, _ = run(capsys, "new", "pack", "acme", "--title", "Acme's rules", "--out", tmp_path / "packs")
    assert code == OK
    assert "compliance check" in said
    return tmp_path / "packs" / "acme"


@pytest.fixture
def signer(tmp_path):
    made = make_identity("Cabinet Lex", datetime(2026, 1, 1, tzinfo=UTC))
    (tmp_path / "key.pem").write_bytes(made.key)
    (tmp_path / "cert.pem").write_bytes(made.certificate)
    return ("--key", tmp_path / "key.pem", "--certificate", tmp_path / "cert.pem")


def change(acme, old, new):
    file = acme / "policy.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_pack_begun_is_in_order_laid_out_and_proved(acme, capsys):
    assert run(capsys, "check", acme)[0] == OK
    assert run(capsys, "format", "--check", acme)[0] == OK
    code, said, _ = run(capsys, "prove", acme)
    assert code == OK
    assert "never" in said or "In no situation does this pack lower the level" in said
    assert said.count("[proved]") == 8


@pytest.mark.parametrize("name", ["Acme", "ai-act", "../x", "x" * 50])
def test_a_pack_is_not_begun_under_a_name_that_cannot_be(name, tmp_path, capsys):
    assert run(capsys, "new", "pack", name, "--out", tmp_path)[0] == WRONG
    assert not list(tmp_path.iterdir())


def test_a_pack_does_not_overwrite_another(acme, capsys):
    assert run(capsys, "new", "pack", "acme", "--out", acme.parent)[0] == WRONG


@pytest.mark.thorough
def test_a_proof_that_fails_says_where(acme, capsys):
    change(acme, "acts_without_confirmation]}", "acts_without_confirmation, {not: acts_without_confirmation}]}")
    code, said, _ = run(capsys, "prove", acme)
    assert code == FAILED
    assert "[broken]" in said
    assert "policy.yaml:" in said
    code, said, _ = run(capsys, "--json", "prove", acme)
    (pack,) = json.loads(said)
    assert {proof["kind"] for proof in pack["proofs"] if proof["holds"] is False} >= {
        "no_dead_rule",
        "questions_matter",
    }


def test_text_and_meaning_of_a_change(acme, tmp_path, capsys):
    old = tmp_path / "old.zip"
    assert run(capsys, "pack", "export", acme, "--out", old)[0] == OK
    assert "No entry differs." in run(capsys, "diff", old, acme)[1]
    change(acme, "2027-01-01", "2027-06-01")
    change(acme, "Action without human confirmation", "Action that nobody confirms")
    code, said, _ = run(capsys, "diff", old, acme, "--meaning")
    assert code == OK
    assert "~ definitions acme:unconfirmed_action: Action that nobody confirms" in said
    assert "- Action without human confirmation" in said
    assert "Changes of meaning proved: 1" in said
    assert "1 June 2027 (was: 1 January 2027)" in said
    data = json.loads(run(capsys, "--json", "diff", old, acme, "--meaning")[1])
    assert [entry["id"] for entry in data["text"]["altered"]] == ["acme:unconfirmed_action", "acme:charter_in_force"]
    assert data["meaning"]["unconfirmed"] == []
    assert [found["kind"] for found in data["meaning"]["changes"]] == ["date"]


def test_the_effect_on_the_use_cases_of_an_instance(place, acme, tmp_path, capsys):
    demo.add(place)
    store = tmp_path / "pyramide.sqlite"
    change(acme, "acts_without_confirmation]}", "{acts_without_confirmation: false}, ai-act:high_risk_system]}")
    policy = acme / "policy.yaml"
    policy.write_text(policy.read_text().replace("\n  raise:\n    high_risk:", "\n  raise:\n    prohibited:"))
    data = json.loads(run(capsys, "--json", "diff", "ai-act-2026", acme, "--impact", store)[1])["impact"]
    assert data["cases"] > 10
    assert 0 < data["changed"] < data["cases"]
    assert sum(line["count"] for line in data["levels"]) <= data["changed"]
    assert ["high_risk"] in [line["before"] for line in data["levels"]]
    code, said, _ = run(capsys, "diff", "ai-act-2026", acme, "--impact", store)
    assert code == OK
    assert f"Use cases that change: {data['changed']} of {data['cases']}" in said
    assert "High risk → Prohibited practice, High risk" in said
    assert run(capsys, "diff", "ai-act-2026", "ai-act-2026", "--impact", store)[1].count("change: 0 of") == 1


@pytest.mark.parametrize("content", [None, b"", b"text", b"SQLite format 3\0" + bytes(100)])
def test_what_is_no_store_is_refused(content, tmp_path, capsys):
    file = tmp_path / "x.sqlite"
    if content is not None:
        file.write_bytes(content)
    code, _, said = run(capsys, "diff", "ai-act", "ai-act-2026", "--impact", file)
    assert code == WRONG
    assert "x.sqlite" in said
    assert content is None or file.read_bytes() == content


def test_a_pack_that_does_not_load_is_not_compared(acme, capsys):
    change(acme, "when: unconfirmed_action", "when: unconfrmed_action")
    code, _, said = run(capsys, "diff", "ai-act-2026", acme)
    assert code == WRONG
    assert 'did you mean "acme:unconfirmed_action"?' in said
    assert run(capsys, "diff", "nobody", acme)[0] == WRONG
    assert run(capsys, "prove", "nobody")[0] == WRONG


def test_a_pack_is_handed_over_and_verified(acme, tmp_path, capsys, signer):
    file = tmp_path / "acme.zip"
    when = ("--by", "Cabinet Lex", "--at", "2026-11-25")
    assert run(capsys, "pack", "export", acme, "--out", file, *signer, *when)[0] == OK
    again = tmp_path / "again.zip"
    assert run(capsys, "pack", "export", acme, "--out", again, *signer, *when)[0] == OK
    assert file.read_bytes() == again.read_bytes()
    code, said, _ = run(capsys, "pack", "verify", file, "--certificate", tmp_path / "cert.pem")
    assert code == OK
    assert "It is the certificate expected." in said
    other = make_identity("Cabinet Lex", datetime(2026, 1, 1, tzinfo=UTC))
    (tmp_path / "other.pem").write_bytes(other.certificate)
    assert run(capsys, "pack", "verify", file, "--certificate", tmp_path / "other.pem")[0] == FAILED
    data = bytearray(file.read_bytes())
    data[data.index(b"2027-01-01")] ^= 1
    file.write_bytes(data)
    code, said, _ = run(capsys, "pack", "check", file)
    assert code == FAILED
    assert "ZIP" in said
    assert run(capsys, "pack", "check", tmp_path / "nowhere.zip")[0] == WRONG


def test_a_pack_without_signature_is_good_but_not_verified(acme, tmp_path, capsys):
    file = tmp_path / "acme.zip"
    run(capsys, "pack", "export", acme, "--out", file)
    assert run(capsys, "pack", "check", file)[0] == OK
    assert run(capsys, "pack", "verify", file)[0] == FAILED
    assert run(capsys, "check", file)[0] == OK


def test_a_text_of_law_is_not_handed_over(tmp_path, capsys):
    code, _, said = run(capsys, "pack", "export", "ai-act", "--out", tmp_path / "x.zip")
    assert code == WRONG
    assert "text of law" in said
    assert not (tmp_path / "x.zip").exists()


def test_files_are_laid_out_and_checked(acme, capsys):
    file = acme / "policy.yaml"
    good = file.read_bytes()
    file.write_bytes(good.replace(b"    order: 95\n", b"    order:   95\n"))
    code, said, _ = run(capsys, "format", "--check", acme)
    assert code == FAILED
    assert "policy.yaml: to be laid out anew" in said
    assert run(capsys, "format", acme)[0] == OK
    assert file.read_bytes() == good
    assert sorted(path.name for path in acme.iterdir()) == ["pack.yaml", "policy.yaml", "scenarios"]
    file.write_bytes(b"a: &b c\n")
    code, said, _ = run(capsys, "format", acme)
    assert code == FAILED
    assert "policy.yaml:1:4: error:" in said
    assert file.read_bytes() == b"a: &b c\n"


def test_watching_checks_again_what_changed_and_nothing_else(acme, capsys, monkeypatch):
    looks = []

    def sleep(_seconds):
        looks.append(None)
        if len(looks) == 2:  # the second look found nothing new
            change(acme, "when: unconfirmed_action", "when: unconfrmed_action")
            os.utime(acme / "policy.yaml", ns=(1, 1))
        elif len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    code, said, _ = run(capsys, "check", "--watch", acme, "ai-act")
    assert code == FAILED
    first, second = [part for part in said.split("\n\n") if part.strip()]
    assert "2 packs, 0 errors" in first
    assert "1 packs, 2 errors" in second
    assert 'did you mean "acme:unconfirmed_action"?' in second


@pytest.mark.thorough
def test_the_example_for_legal_teams_runs(acme, capsys, request):
    """Every command of the GitHub example, in a repository as the README has it."""
    repository = acme.parent.parent
    job = yaml.safe_load(Path("examples/ci/github.yml").read_text())["jobs"]["law"]
    lab = yaml.safe_load(Path("examples/ci/gitlab.yml").read_text())
    (repository / "ci").mkdir()
    shutil.copy("examples/ci/what-changes.sh", repository / "ci")
    summary = repository / "summary.md"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LC_ALL": "en_GB.UTF-8",
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(summary),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "main",
    }

    def sh(command):
        return subprocess.run(
            ["sh", "-ec", command], cwd=repository, env=environment, capture_output=True, text=True, check=True
        ).stdout

    sh("git init -q -b main && git config user.name x && git config user.email x@localhost")
    sh("git add packs ci && git commit -q -m before && git clone -q --bare . origin && git remote add origin origin")
    sh("git fetch -q origin && git switch -q -c change")
    change(acme, "2027-01-01", "2027-06-01")
    file = acme / "scenarios" / "policy.yaml"
    file.write_text(file.read_text().replace("2027-01-01", "2027-06-01"))
    run(capsys, "new", "pack", "second", "--out", repository / "packs")
    for step in job["steps"]:
        command = step.get("run", "")
        if command and not command.startswith("pip"):
            sh(command)
    said = summary.read_text()
    assert "## acme" in said
    assert "1 June 2027 (was: 1 January 2027)" in said
    assert "## second" in said
    assert "+ obligations second:confirm_or_stop" in said
    if not request.config.getoption("--every-way"):
        return  # GitLab's job calls the same script
    for command in lab["what-changes"]["script"]:
        sh(command)
    assert (repository / "what-changes.md").read_text() == said
    assert set(lab["law"]["script"]) == {
        step["run"].replace(" --format github", "") for step in job["steps"] if "compliance " in step.get("run", "")
    }
    assert "packs-before" not in sh("git worktree list")

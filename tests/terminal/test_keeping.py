"""Nothing lost: backup while people work, return into an instance, and what the check of a store finds."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.cli import FAILED, OK, WRONG, main
from compliance.config import load
from compliance.evidence import chain
from compliance.operations import (
    answers,
    evidence,
    keeping,
    kept_file,
    making,
    reports,
    sealed_file,
    verifying,
)
from compliance.operations.evidence import Piece
from compliance.operations.rights import Role
from compliance.operations.sealed_file import CHUNK, SealedWriter, SealError
from compliance.operations.workplace import Workplace
from compliance.storage import audit, cases, copying, soundness
from compliance.storage import reports as store
from compliance.storage.database import Database
from compliance.terminal import keeping as terminal
from compliance.terminal.keeping_words import KEEPING_WORDS
from tests.conftest import Clock
from tests.offices import Office

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def made_once(tmp_path_factory, blank_store, library):
    """Return an instance with answers, two pieces of evidence and two issued reports, to copy; and its office."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copy(blank_store, folder / "pyramide.sqlite")
    settings = load({"PYRAMIDE_INSTANCE": str(folder), "PYRAMIDE_BASE_URL": "http://localhost"})
    place = Workplace(Database(settings.database_url), library, settings, Clock())
    office = Office.open(place, "Aciérie du Nord", {role.value: frozenset((role,)) for role in Role})
    officer, case_id = office.people["officer"], office.finished()
    evidence.add(place, officer, case_id, Piece("Notice", content=b"%PDF-1.4 a manual"))
    evidence.add(place, officer, case_id, Piece("Fiche", url="https://example.com/"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(making, "_signed", lambda *_: b"%PDF-1.7 as made")
        for language in ("fr", "en"):
            id_ = reports.ask(place, officer, case_id, form="summary", language=language, issue=True)
            assert making.make(place, "tester", office.org, id_)
    making.identity(place)
    place.database.close()
    return folder, office


@pytest.fixture
def filled(made_once, tmp_path, monkeypatch, library):
    """Return such an office, as the instance of the command."""
    folder, office = made_once
    instance = tmp_path / "instance"
    shutil.copytree(folder, instance)
    monkeypatch.setenv("PYRAMIDE_INSTANCE", str(instance))
    settings = load({"PYRAMIDE_INSTANCE": str(instance), "PYRAMIDE_BASE_URL": "http://localhost"})
    place = Workplace(Database(settings.database_url), library, settings, Clock())
    yield replace(office, place=place)
    place.database.close()


@pytest.fixture
def key(tmp_path_factory, monkeypatch):
    path = tmp_path_factory.mktemp("key") / "backup.key"
    path.write_text(KEY.hex() + "\n")
    monkeypatch.setenv("PYRAMIDE_BACKUP_KEY", str(path))
    return path


@pytest.fixture
def away(tmp_path_factory):
    return tmp_path_factory.mktemp("away")


def run(capsys, *arguments):
    code = main([str(argument) for argument in (*arguments, "--lang", "en")])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def change(office, *statements):
    """Change the store behind the product's back; leave its making as it was."""
    with closing(sqlite3.connect(office.place.settings.instance / "pyramide.sqlite")) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


def head_of(folder, org):
    database = Database(f"sqlite:///{folder / 'pyramide.sqlite'}")
    with database.reading() as connection:
        found = audit.head(connection, org), audit.broken_at(connection, org)
    database.close()
    return found


def test_a_backup_while_people_answer_comes_back_whole(filled, away, key, capsys):
    officer, case_id, stop, saved = filled.people["officer"], filled.case("Autre"), threading.Event(), []

    def writing():
        while not stop.is_set():
            given = answers.Given("machine_learning", comment=str(len(saved)))
            answers.record(filled.place, officer, case_id, "technique", given, len(saved))
            saved.append(1)

    writer = threading.Thread(target=writing)
    writer.start()
    try:
        while not saved:
            stop.wait(0.01)
        code, out, _ = run(capsys, "backup", "--out", away)
    finally:
        stop.set()
        writer.join()
    (made,) = away.iterdir()
    assert code == OK
    assert str(made) in out
    assert made.read_bytes().startswith(sealed_file.MAGIC)
    assert made.stat().st_mode & 0o077 == 0
    instance = filled.place.settings.instance
    assert not [path for path in instance.iterdir() if path.name.startswith(".")]

    other = away / "elsewhere"
    code, out, _ = run(capsys, "restore", made, "--into", other, "--json")
    said = json.loads(out)
    assert code == OK
    (head,) = said["heads"]
    assert head_of(other, filled.org) == ((head["size"], head["root"]), None)
    with filled.place.database.reading() as connection:  # what came later goes on from it
        assert soundness.root_at(connection, filled.org, head["size"]) == head["root"]
    for name in ("secret-key", "signing-key.pem"):
        assert (other / name).read_bytes() == (instance / name).read_bytes()
        assert (other / name).stat().st_mode & 0o077 == 0
    assert {path.name for path in other.iterdir()} == {"pyramide.sqlite", "secret-key", "signing-key.pem"}


def test_a_backup_without_key_leaves_the_secrets_out_and_says_so(filled, away, capsys):
    code, out, _ = run(capsys, "backup", "--out", away / "plain.zip")
    assert code == OK
    assert "secret-key, signing-key.pem" in out
    with zipfile.ZipFile(away / "plain.zip") as archive:
        assert archive.namelist() == ["manifest.json", "store.sqlite"]
        said = json.loads(archive.read("manifest.json"))
        store = archive.read("store.sqlite")
    assert said["members"] == [
        {"name": "store.sqlite", "size": len(store), "sha256": hashlib.sha256(store).hexdigest()}
    ]
    assert said["left_out"] == ["secret-key", "signing-key.pem"]
    code, _, error = run(capsys, "backup", "--out", away / "plain.zip")
    assert (code, "already exists" in error) == (WRONG, True)


def test_a_disk_that_is_full_leaves_no_half_a_backup(filled, away, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_file.shutil, "copyfileobj", full)
    code, _, error = run(capsys, "backup", "--out", away / "kept.zip")
    assert (code, "not enough room" in error) == (WRONG, True)
    assert list(away.iterdir()) == []
    code, _, error = run(capsys, "backup", "--out", away / "nowhere" / "kept.zip")
    assert (code, "cannot write" in error) == (WRONG, True)


KILLED = """
import os, signal, sys
from compliance.cli import main
from compliance.operations import kept_file
kept_file.shutil.copyfileobj = lambda *given: os.kill(os.getpid(), getattr(signal, sys.argv[1]))
main(["backup", "--out", sys.argv[2]])
"""


def stopped_backup(how, out):
    """Run a backup that is killed, or halted, while it writes; return its process."""
    child = subprocess.Popen([sys.executable, "-c", KILLED, how, out])
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    if os.WIFSIGNALED(status):
        child.returncode = -os.WTERMSIG(status)
    return child


def left(folder):
    return sorted(path.name for path in folder.glob(".*"))


def test_what_a_killed_backup_left_goes_with_the_next_and_what_a_living_one_holds_does_not(filled, away, capsys):
    instance = filled.place.settings.instance
    assert stopped_backup("SIGKILL", away).returncode == -signal.SIGKILL
    killed = left(instance)
    halted = stopped_backup("SIGSTOP", away / "pyramide-2020.zip")
    living = left(instance)
    assert (len(killed), len(living), set(killed) & set(living)) == (1, 1, set()), "the next removed what was left"
    (instance / ".backup-of-old").mkdir()
    (instance / ".backup-young").mkdir()
    for path in (instance / ".backup-of-old", *away.glob(".*")):
        os.utime(path, (1, 1))  # what is young may not be locked yet
    assert len(left(away)) == 2
    assert run(capsys, "backup", "--out", away)[0] == OK
    assert left(instance) == sorted([*living, ".backup-young"])
    assert [name.startswith(".pyramide-2020.zip.") for name in left(away)] == [True]
    halted.send_signal(signal.SIGCONT)
    halted.kill()
    halted.wait()
    assert run(capsys, "backup", "--out", away / "after.zip")[0] == OK
    assert left(instance) == [".backup-young"]
    assert left(away) == []


def test_without_a_store_nothing_is_made(away, capsys, monkeypatch):
    monkeypatch.setenv("PYRAMIDE_INSTANCE", str(away / "nothing"))
    for words in (("backup", "--out", away), ("verify-store",)):
        code, _, error = run(capsys, *words)
        assert (code, "no store" in error) == (WRONG, True)
    assert list(away.iterdir()) == []


def spoiled(content, how):
    if how == "flipped":
        middle = len(content) // 2
        return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    return {"cut": content[: len(content) * 2 // 3], "short": content[:40], "longer": content + b"\0", "": b""}[how]


@pytest.mark.parametrize("sealed", [True, False])
def test_what_was_spoiled_is_refused_and_nothing_put_back(sealed, filled, away, key, capsys, monkeypatch):
    if not sealed:
        monkeypatch.delenv("PYRAMIDE_BACKUP_KEY")
    assert run(capsys, "backup", "--out", away / "good")[0] == OK
    content = (away / "good").read_bytes()
    for how in ("flipped", "cut", "short", "", *(("longer",) if sealed else ())):
        (away / "bad").write_bytes(spoiled(content, how))
        code, _, error = run(capsys, "restore", away / "bad", "--into", away / "new")
        assert (code, "nothing was put back" in error) == (WRONG, True), how
        assert not (away / "new").exists(), how
    if sealed:
        key.write_text("ab" * 32)
        assert "another key" in run(capsys, "restore", away / "good", "--into", away / "new")[2]
        key.write_text("no key")
        assert "64 hexadecimal" in run(capsys, "restore", away / "good", "--into", away / "new")[2]
        monkeypatch.delenv("PYRAMIDE_BACKUP_KEY")
        assert "PYRAMIDE_BACKUP_KEY" in run(capsys, "restore", away / "good", "--into", away / "new")[2]
        assert not (away / "new").exists()


def test_a_hostile_archive_reaches_no_other_place(filled, away, capsys):
    assert run(capsys, "backup", "--out", away / "good.zip")[0] == OK
    with zipfile.ZipFile(away / "good.zip") as archive:
        good = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(good["manifest.json"])

    def refused(files, words):
        with zipfile.ZipFile(away / "bad.zip", "w") as archive:
            for name, content in files:
                archive.writestr(name, content)
        code, _, error = run(capsys, "restore", away / "bad.zip", "--into", away / "in" / "new")
        assert (code, words in error) == (WRONG, True), error
        assert not (away / "in" / "new").exists()
        assert not (away / "in" / "evil").exists()

    refused([*good.items(), ("../evil", b"x")], '"../evil"')
    refused([*good.items(), ("secret-key", b"x")], "no backup")  # not in the manifest
    named = {**said, "members": [*said["members"], {"name": "../evil", "size": 1, "sha256": "0" * 64}]}
    refused([("manifest.json", json.dumps(named)), ("store.sqlite", good["store.sqlite"])], "no backup")
    larger = {**said, "members": [{**said["members"][0], "size": 10**18}]}
    refused([("manifest.json", json.dumps(larger)), ("store.sqlite", good["store.sqlite"])], "not enough room")
    smaller = {**said, "members": [{**said["members"][0], "size": 10}]}
    refused([("manifest.json", json.dumps(smaller)), ("store.sqlite", good["store.sqlite"])], "not what the manifest")
    refused([("manifest.json", "[" * 100_000), ("store.sqlite", b"")], "no backup")
    refused([("manifest.json", json.dumps({**said, "format": "pyramide-backup/9"}))], "later programme")


def test_a_store_is_only_ever_moved_aside(filled, away, key, capsys):
    instance = filled.place.settings.instance
    assert run(capsys, "backup", "--out", away / "kept")[0] == OK
    filled.case("Après la sauvegarde")
    with filled.place.database.reading() as connection:
        later = audit.head(connection, filled.org)
    code, _, error = run(capsys, "restore", away / "kept", "--into", instance)
    assert (code, "--replace" in error) == (WRONG, True)
    with filled.place.database.engine.connect() as held:  # the site runs
        held.exec_driver_sql("SELECT 1 FROM organisation").all()
        code, _, error = run(capsys, "restore", away / "kept", "--into", instance, "--replace")
        assert (code, "stop the site" in error) == (WRONG, True)
    filled.place.database.close()
    (instance / "secret-key").write_text("x" * 64)
    code, out, _ = run(capsys, "restore", away / "kept", "--into", instance, "--replace", "--json")
    aside = next(instance.glob("before-restore-*"))
    assert (code, json.loads(out)["aside"]) == (OK, str(aside))
    assert head_of(aside, filled.org) == (later, None)
    assert (aside / "secret-key").read_text() == "x" * 64
    assert (instance / "secret-key").read_text() != "x" * 64
    assert head_of(instance, filled.org)[0][0] < later[0]
    assert not [path for path in instance.iterdir() if path.name.startswith(".")]


def faults(capsys, *arguments):
    code, out, _ = run(capsys, "verify-store", "--json", *arguments)
    said = json.loads(out)
    assert said["sound"] == (code == OK)
    return {fault["code"]: fault for check in said["checks"] for fault in check["faults"]}


def test_a_whole_store_is_said_to_be_whole(filled, capsys):
    code, out, _ = run(capsys, "verify-store")
    assert code == OK, out
    assert "The store is whole." in out
    assert not re.search("[✗–]", out)
    counts = {line.split(":")[0][2:]: line.split(":")[1].strip() for line in out.splitlines() if line[:1] == "✓"}
    assert counts["Evidence and its hash"] == "2"
    assert counts["Texts of the law that are kept"] == "1"


@pytest.mark.parametrize(
    ("statements", "codes"),
    [
        (['UPDATE audit_entry SET detail = \'{"to": "me"}\' WHERE seq = 3'], {"log_entry"}),
        (["DELETE FROM audit_entry WHERE seq = 3"], {"log_entry", "report_log"}),
        (
            [
                "UPDATE audit_entry SET detail = 'no JSON' WHERE seq = 3",
                "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)",
            ],
            {"log_entry", "value", "report_changed"},
        ),
        (
            [
                "UPDATE evidence SET content = NULL WHERE title = 'Notice'",
                "UPDATE evidence SET id = 'f' WHERE title = 'Fiche'",
                "UPDATE report SET pdf = x'00' WHERE language = 'fr'",
                "UPDATE report SET pdf = NULL WHERE language = 'en'",
                "UPDATE use_case SET changed_at = 'yesterday', owner_id = 'nobody'",
                "UPDATE answer SET subject = 'nothing'",
                "UPDATE law_text SET content = x'00'",
            ],
            {
                "evidence_missing",
                "evidence_orphan",
                "report_changed",
                "report_missing",
                "value",
                "key",
                "answer_orphan",
                "law_changed",
            },
        ),
        (
            [
                "UPDATE evidence SET content = x'00' WHERE title = 'Notice'",
                "UPDATE report SET record = x'00' WHERE language = 'fr'",
                "UPDATE report SET log_root = 'x' WHERE language = 'en'",
            ],
            {"evidence_changed", "report_record", "report_log"},
        ),
        (
            ["DELETE FROM evidence WHERE title = 'Notice'", "DELETE FROM report WHERE language = 'en'"],
            {"evidence_missing", "report_gone"},
        ),
        (["UPDATE alembic_version SET version_num = '9999'"], {"schema_unknown"}),
    ],
)
def test_the_check_of_a_store_finds(statements, codes, filled, capsys):
    change(filled, *statements)
    found = faults(capsys)
    assert found.keys() == codes
    assert found.get("log_entry", {"seq": 3})["seq"] == 3


def test_the_check_finds_a_trigger_that_is_gone(filled, capsys):
    with closing(sqlite3.connect(filled.place.settings.instance / "pyramide.sqlite")) as connection:
        connection.execute("DROP TRIGGER audit_entry_update")
    assert faults(capsys)["made_otherwise"]["name"].startswith("audit_entry_")


def test_a_log_cut_at_its_end_shows_by_the_head_that_was_kept(filled, away, capsys):
    (away / "head.json").write_bytes(verifying.head_file(filled.place, filled.people["auditor"]))
    filled.case("Plus tard")
    assert faults(capsys, "--head", away / "head.json") == {}
    change(filled, "DELETE FROM audit_entry WHERE seq > 3")
    assert "head_differs" in faults(capsys, "--head", away / "head.json")


@pytest.mark.parametrize("page", [1, 5])
def test_a_spoiled_page_is_found_backed_up_all_the_same_and_put_back_only_if_asked(page, filled, away, capsys):
    filled.place.database.close()
    path = filled.place.settings.instance / "pyramide.sqlite"
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    begins = (page - 1) * size + (100 if page == 1 else 0)
    content[begins : page * size] = b"\xff" * (page * size - begins)
    path.write_bytes(content)
    code, out, _ = run(capsys, "verify-store")
    assert (code, "The store is not whole." in out) == (FAILED, True)
    if page == 1:
        return  # nothing can be read of it
    code, out, _ = run(capsys, "backup", "--out", away / "kept.zip")
    assert (code, "Beware" in out) == (FAILED, True)
    code, out, _ = run(capsys, "restore", away / "kept.zip", "--into", away / "new")
    assert (code, "Nothing was put back" in out) == (FAILED, True)
    assert not (away / "new").exists()
    assert run(capsys, "restore", away / "kept.zip", "--into", away / "new", "--despite-faults")[0] == FAILED
    assert (away / "new" / "pyramide.sqlite").exists()


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_a_sealed_file_opens_whole_and_no_chunk_can_go_or_move(size):
    file = io.BytesIO()
    writer = SealedWriter(file, KEY)
    content = bytes(index % 251 for index in range(1000)) * (size // 1000 + 1)
    for start in range(0, size, 700_001):
        writer.write(content[:size][start : start + 700_001])
    writer.close()
    sealed = file.getvalue()
    assert b"".join(sealed_file.unsealed(io.BytesIO(sealed), KEY)) == content[:size]
    head, step = sealed_file.HEADER, CHUNK + 16
    chunks = [sealed[place : place + step] for place in range(head, len(sealed), step)]
    others = [chunks[:-1], chunks[::-1] if len(chunks) > 1 else [], [*chunks, chunks[-1]]]
    for wrong in (*others, [*chunks, b"\0"]):
        with pytest.raises(SealError, match="damaged"):
            list(sealed_file.unsealed(io.BytesIO(sealed[:head] + b"".join(wrong)), KEY))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 13])
def test_heads_of_every_size_in_one_walk(count):
    leaves = [chain.leaf(index) for index in range(count)]
    assert chain.roots(leaves, range(20)) == {size: chain.root(leaves[:size]) for size in range(count + 1)}


def test_tools_of_postgresql_are_given_no_password_among_their_arguments(tmp_path, monkeypatch):
    url = "postgresql+psycopg://site:s%40cret@db.example:5433/pyramide?sslmode=require"
    called = []

    class Done:
        returncode = 0
        stderr = b""

    def ran(command, **how):
        called.append((command, how))
        return Done

    monkeypatch.setattr(copying.subprocess, "run", ran)
    copying.dump_postgresql(url, tmp_path / "out", "0003-1")
    copying.load_postgresql(url, tmp_path / "out")
    for called_with, how in called:
        assert "s@cret" not in " ".join(called_with)
        assert "shell" not in how
        assert how["env"]["PGPASSWORD"] == "s@cret"
        assert (how["env"]["PGHOST"], how["env"]["PGPORT"], how["env"]["PGSSLMODE"]) == (
            "db.example",
            "5433",
            "require",
        )
    assert copying.sqlite_file(url) is None


def test_every_code_has_its_words():
    source = "".join(
        Path(module.__file__).read_text() for module in (keeping, kept_file, sealed_file, soundness, copying)
    )
    codes = set(re.findall(r'(?:KeepingError|SealError|CopyError)\(\s*"(\w+)"', source))
    codes |= {"cannot_read", "cannot_write", "disk_full", "organisation_unknown", "organisation_twice"}
    used = {f"wrong_{code}" for code in codes} | {f"fault_{code}" for code in re.findall(r'Fault\(\s*"(\w+)"', source)}
    used |= {f"check_{code}" for code in re.findall(r'Check\(\s*"(\w+)"', source)}
    assert used <= KEEPING_WORDS.keys(), used - KEEPING_WORDS.keys()
    assert terminal._size(1_500_000, "fr") == "2 Mo"


def test_an_organisation_is_handed_all_its_data(filled, away, capsys):
    code, out, _ = run(capsys, "organisation", "export", filled.name, "--out", away / "all.zip")
    assert (code, filled.name in out) == (OK, True)
    with zipfile.ZipFile(away / "all.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(found.pop("manifest.json"))
    assert said["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    assert b"%PDF-1.4 a manual" in found.values()
    assert b"%PDF-1.7 as made" in found.values()
    people = json.loads(found["tables/person.json"])
    assert {person["email"] for person in people} == {actor.email for actor in filled.people.values()}
    assert not any("password_hash" in person or "totp_secret" in person for person in people)
    (away / "log.json").write_bytes(found["log.json"])
    assert run(capsys, "verify", "--log", away / "log.json")[0] == OK
    assert run(capsys, "organisation", "export", "Nobody", "--out", away / "b.zip")[0] == WRONG


def test_an_erased_organisation_leaves_only_the_hashes_of_its_log(filled, away, capsys):
    other = Office.open(filled.place, "Fonderie du Sud", {"officer": frozenset((Role.OFFICER,))})
    case_id = other.case("Tri du sable")
    with filled.place.database.reading() as connection:
        report = store.issued(connection, filled.org, reports_case(connection, filled.org))[0]
    code, _, error = run(capsys, "organisation", "erase", filled.name, "--out", away / "p.json", "--confirm", "Aciérie")
    assert (code, "nothing is erased" in error, (away / "p.json").exists()) == (WRONG, True, False)
    names = ("--out", away / "p.json", "--confirm", filled.name)
    code, _, error = run(capsys, "organisation", "erase", filled.org, *names)
    assert code == OK, error
    said = json.loads((away / "p.json").read_bytes())
    leaves = [bytes.fromhex(leaf) for leaf in said["leaves"]]
    assert chain.root(leaves).hex() == said["root"]
    assert chain.root(leaves[: report.log_size]).hex() == report.log_root
    assert faults(capsys) == {}
    with filled.place.database.reading() as connection:
        assert [head.organisation for head in soundness.heads(connection)] == ["Fonderie du Sud"]
        assert cases.case(connection, other.org, case_id)
    filled.place.database.close()
    left = b"".join(path.read_bytes() for path in filled.place.settings.instance.glob("pyramide.sqlite*"))
    for word in (filled.org.encode(), b"a manual", filled.people["officer"].email.encode(), "Aciérie".encode()):
        assert word not in left
    assert other.people["officer"].email.encode() in left


def reports_case(connection, org):
    return store.listed(connection, org, store.Wanted(), limit=1)[0].case_id


def test_a_store_of_an_earlier_version_is_checked_kept_and_comes_back_as_one_of_today(away, capsys, monkeypatch):
    database = Database(f"sqlite:///{away / 'old' / 'pyramide.sqlite'}")
    database.migrate("0004")
    database.close()
    monkeypatch.setenv("PYRAMIDE_INSTANCE", str(away / "old"))
    assert faults(capsys) == {}
    assert run(capsys, "backup", "--out", away / "kept.zip")[0] == OK
    code, out, _ = run(capsys, "restore", away / "kept.zip", "--into", away / "new", "--json")
    assert (code, json.loads(out)["schema"]) == (OK, "0004")
    for folder, state in (("old", soundness.OLDER), ("new", soundness.CURRENT)):
        found = Database(f"sqlite:///{away / folder / 'pyramide.sqlite'}")
        with found.reading() as connection:
            assert soundness.schema_of(connection)[1] == state
        found.close()

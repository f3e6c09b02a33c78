"""The disk full, the database away: words and what was typed, nothing half saved, and on as soon as it is back."""

import logging
import os
import resource
import shlex
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from compliance.config import load
from compliance.operations.rights import Role
from compliance.operations.site import bring_up, open_workplace
from compliance.operations.workplace import Workplace
from compliance.storage import audit, database, tables
from compliance.web.app import create_app
from tests.offices import Office
from tests.web.conftest import COMPILED
from tests.web.visitor import Visitor

FACT = "controls_logs"
TYPED = "Les capteurs tiennent leurs propres journaux."
WITH_POSTGRESQL = Path(__file__).parents[2] / "script/with-postgresql"


def question(case):
    return f"/use-cases/{case[:8]}-{case[8:12]}-{case[12:16]}-{case[16:20]}-{case[20:]}/questions/{FACT}"


def counted(place, office, case):
    """Return how many events and lines an answer has, and its version and words."""
    e, log, a = tables.answer_event, tables.audit_entry, tables.answer
    with place.database.reading(office.org) as connection:
        events = connection.execute(select(func.count()).where(e.c.subject == case, e.c.fact == FACT)).scalar()
        lines = connection.execute(
            select(func.count()).where(log.c.subject == case, log.c.what == "answer.recorded")
        ).scalar()
        standing = connection.execute(select(a.c.version, a.c.comment).where(a.c.subject == case)).first()
        assert audit.broken_at(connection, office.org) is None
    return events, lines, tuple(standing) if standing else None


def away(answer, *, typed=True):
    assert answer.status_code == 503
    assert "Rien ne peut être enregistré" in answer.page.text
    assert "Traceback" not in answer.page.html
    assert "sqlite" not in answer.page.html.lower()
    assert "psycopg" not in answer.page.html.lower()
    assert (TYPED in answer.page.text) == typed
    return answer


class Desk:
    """A site over a store, somebody signed in, and a use case to answer."""

    def __init__(self, place):
        self.place = place
        self.app = create_app(place)
        self.app.jinja_env.bytecode_cache = COMPILED
        self.office = Office.open(place, "Aciérie", {"officer": frozenset((Role.OFFICER,))})
        self.case = self.office.case()
        self.visitor = Visitor(self.app)
        self.visitor.sign_in(self.office.people["officer"], self.office.PASSWORD)
        self.visitor.get(question(self.case))

    def save(self, version, status=303, comment=TYPED):
        data = {"value": "true", "version": str(version), "comment": comment}
        return self.visitor.post(question(self.case), status, follow=False, **data)

    def counted(self):
        return counted(self.place, self.office, self.case)


@pytest.fixture
def desk(place):
    return Desk(place)


@contextmanager
def no_file_grows():
    """Let no file of this process grow, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif("PYRAMIDE_TEST_DATABASE" in os.environ, reason="the files are another process's")
def test_when_no_file_may_grow_nothing_is_half_saved(desk, caplog):
    caplog.set_level(logging.CRITICAL, "pyramide")
    desk.save(0)
    before = desk.counted()
    with no_file_grows():
        answer = desk.save(1, 503)
    away(answer)
    assert desk.counted() == before == (1, 1, (1, TYPED))
    desk.save(1, comment="après")
    assert desk.counted() == (2, 2, (2, "après"))


@pytest.mark.skipif("PYRAMIDE_TEST_DATABASE" in os.environ, reason="the files are another process's")
def test_who_only_reads_reads_on_while_the_disk_is_full(desk, clock, caplog):
    """Each minute the use of a session is noted: that note alone may fail unseen."""
    desk.save(0)
    clock.forward(minutes=2)
    with no_file_grows():
        desk.visitor.get(question(desk.case), 200)
        away(desk.save(1, 503))
    assert {record.levelname for record in caplog.records if "use of a session" in record.message} == {"WARNING"}
    clock.forward(minutes=27)
    desk.visitor.get(question(desk.case), 200)
    clock.forward(minutes=29)
    desk.visitor.get(question(desk.case), 200)  # once there was room again, the use was noted


@pytest.fixture
def disk(tmp_path):
    """Return a small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount")
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(disk):
    """Write until nothing more fits; return the file that takes the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert shutil.disk_usage(disk).free == 0
    return filler


@pytest.mark.skipif("PYRAMIDE_TEST_DATABASE" in os.environ, reason="the disk is another machine's")
def test_a_full_disk_is_said_and_all_goes_on_once_there_is_room(disk, blank_store, library, clock):
    shutil.copy(blank_store, disk / "pyramide.sqlite")
    settings = load({"PYRAMIDE_INSTANCE": str(disk), "PYRAMIDE_BASE_URL": "http://localhost"})
    opened = open_workplace(settings)
    desk = Desk(Workplace(opened.database, library, settings, clock))
    filler, saved = fill(disk), 0
    for _ in range(200):  # the log beside the file has room left of what was written before
        before = desk.counted()
        answer = desk.visitor.client.post(
            question(desk.case),
            data={"value": "true", "version": str(saved), "comment": TYPED, "csrf_token": desk.visitor.token},
        )
        if answer.status_code != 303:
            break
        saved += 1
    away(desk.visitor._seen(answer))
    assert desk.counted() == before
    assert before[:2] == (saved, saved)
    desk.visitor.get(question(desk.case))  # what is there can be read
    filler.unlink()
    desk.save(saved, comment="après")
    assert desk.counted() == (saved + 1, saved + 1, (saved + 1, "après"))
    desk.place.database.close()


class Throwaway:
    """A PostgreSQL server of this test alone, which it may stop."""

    def __init__(self, holder):
        self.holder = holder
        self.owner, self.url = holder.stdout.readline().split()
        self.data = Path(self.url.partition("host=")[2]) / "data"

    def stop(self):
        pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)  # at once, as when the machine loses its power
        while (self.data / "postmaster.pid").exists():
            with suppress(ProcessLookupError):
                os.kill(pid, 0)
            time.sleep(0.02)

    def start(self):
        tool = max(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
        options = shlex.join(shlex.split((self.data / "postmaster.opts").read_text())[3:])
        who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [tool, "-D", self.data, "-l", self.data.parent / "log", "-w", "start", "-o", options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.data.parent,
            **who,
        )


@pytest.fixture
def server_of_its_own():
    if "PYRAMIDE_TEST_DATABASE" not in os.environ:
        pytest.skip("no PostgreSQL")
    command = [WITH_POSTGRESQL, "sh", "-c", 'echo "$PYRAMIDE_TEST_OWNER $PYRAMIDE_TEST_SITE"; read end']
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield Throwaway(holder)
    holder.communicate("end\n")


def test_a_database_that_goes_and_comes_back_is_found_again(server_of_its_own, tmp_path, library, clock):
    settings = load(
        {
            "PYRAMIDE_INSTANCE": str(tmp_path),
            "PYRAMIDE_BASE_URL": "http://localhost",
            "PYRAMIDE_DATABASE_URL": server_of_its_own.url,
        }
    )
    bring_up(server_of_its_own.owner)
    opened = open_workplace(settings)
    desk = Desk(Workplace(opened.database, library, settings, clock))
    desk.save(0)
    before, token, cookie = desk.counted(), desk.visitor.token, desk.visitor.client.get_cookie("session").value
    server_of_its_own.stop()
    away(desk.save(1, 503))
    away(desk.visitor.get(question(desk.case), 503), typed=False)
    away(desk.visitor.get("/sign-in", 503), typed=False)
    assert desk.visitor.client.get_cookie("session").value == cookie
    server_of_its_own.start()
    assert desk.counted() == before == (1, 1, (1, TYPED))
    desk.visitor.token = token  # of the page that the browser still has
    desk.save(1, comment="après")
    assert desk.counted() == (2, 2, (2, "après"))
    desk.place.database.close()


def test_a_store_held_too_long_is_said_in_words(place, monkeypatch):
    """Somebody holds the writer's place for longer than anybody waits."""
    monkeypatch.setattr(database, "_BUSY_MS", 50)
    opened = open_workplace(place.settings)
    desk = Desk(Workplace(opened.database, place.library, place.settings, place.clock))
    with place.database.writing(desk.office.org):
        away(desk.save(0, 503))
    desk.save(0)
    assert desk.counted() == (1, 1, (1, TYPED))
    desk.place.database.close()

"""Wrong requests to every page, form and operation as every role, in an organisation whose every text would do harm.

It comes alive nowhere, nothing fails, and nothing of another organisation shows. ``script/benchmark fuzz`` is the long
run; `test_access.py` asks for every address as every role.
"""

import json
import re
from dataclasses import replace
from email import message_from_bytes

import pytest

from benchmarks import fuzz
from benchmarks.fuzz import plain
from benchmarks.fuzz_world import MARKER, NOW, SLOW, Asked, build, is_id, send
from compliance.config import Mailing, load
from compliance.operations import bench, cases, post
from compliance.operations.site import open_workplace
from compliance.storage.cases import Filter
from compliance.web.app import create_app
from tests import furnished
from tests.web.conftest import COMPILED
from tests.web.live import live

TYPED = (
    "=cmd|' /C calc'!A0<img src=x onerror=planted(1)>",
    '"><svg onload=planted(1)><a href="javascript:planted(1)">{{7*7}}',
    "javascript:planted(1)",
    "@SUM(1)</script></textarea></title><script>planted(1)</script>",
    "\t=1+1\" onmouseover=\"planted(1)' onfocus='planted(1)",
    "＝1+1 http://planted.example/ <iframe src=//planted.example></iframe>",
    '{ DDEAUTO "planted" } {{ report.number }} {% for a in b %} </w:t></w:r><w:fldSimple w:instr="DDE"/>',
    "-1+1\r\nX-Planted: 1\r\n\r\n<base href=//planted.example>",
)


def typed(where, was):
    """Return what stands in a field instead: each kind of text in some rows of each column, if not all in one."""
    if where == "pack_draft_file.text":  # a text of the law, which has to load
        return f"{was}\n# {TYPED[1]}\n"
    return f"{TYPED[(len(was) + len(where)) % len(TYPED)]} {was}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("world"))
    settings = load({"PYRAMIDE_INSTANCE": folder, "PYRAMIDE_BASE_URL": "http://localhost"})
    place = replace(open_workplace(settings), clock=lambda: NOW)
    app = create_app(place)
    app.jinja_env.bytecode_cache = COMPILED
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield build(place, app, whole=False, typed=typed)
    bench.stop()
    place.database.close()


def sender(world, name="all"):
    return next(found for found in world.senders if found.name == name)


def _look(world, address, name="all"):
    path, _, query = address.partition("?")
    status, headers, body = send(world, Asked("GET", path, sender(world, name), query=query))
    assert status == 200, (address, status)
    assert live(headers, body) == [], address
    return body


def test_on_no_page_and_in_no_table_does_it_come_alive(world):
    shown = 0
    for address, headers, body in world.answers:
        if not address.startswith(("/evidence/", "/supplier-files/")):  # sent as they came, to be saved
            assert live(headers, body) == [], address
            shown += b"planted(1)" in body
    assert shown > 40, "it is shown, as text"
    (export,) = world.paths["audit.sample_export"]
    for address in (
        "/use-cases/export.csv",
        "/use-cases/export.xlsx",
        "/actions/export.xlsx",
        "/log.csv",
        "/api",
        export,
    ):
        _look(world, address)


@pytest.mark.parametrize("form", ["docx", "xlsx", "ics", "json"])
def test_in_no_file_does_it_come_alive(world, form):
    path = min(world.paths["results.show"])
    assert b"planted" in plain(_look(world, f"{path}/as/{form}?language=en"))


@pytest.mark.thorough
def test_in_no_report_does_it_come_alive(world):
    place, officer = world.place, world.office.people["officer"]
    found, _ = cases.search(place, officer, Filter(state="approved"), sort="reference", descending=False, page=1)
    (id_,) = furnished.issued(world.office, found[0].case.id)
    for address in (f"/reports/{id_}/report.pdf", f"/reports/{id_}/as/docx", f"/reports/{id_}/as/xlsx"):
        path = re.sub("([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})", r"\1-\2-\3-\4-\5", address)
        assert b"planted" in plain(_look(world, path))


def test_in_no_message_does_it_make_a_header(world):
    found = post.outbox(world.place, world.office.people["officer"])
    assert any("planted" in mail.subject for mail in found)
    for mail in found:
        message = post._message(Mailing("localhost", 25, "pyramide@example.com", None, None, tls=False), mail)
        assert message.get_content_type() == "text/plain"
        read = message_from_bytes(message.as_bytes())
        assert {"X-Planted"}.isdisjoint(read.keys())
        assert set(read.keys()) <= {
            "From",
            "To",
            "Subject",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        }


def _theirs(world):
    """Return what addresses may ask for, with ids of the other organisation."""
    rows = furnished.rows(world.place, world.other.org)
    ids = {
        name: [cell for cell in found[0] if is_id(str(cell)) and cell != world.other.org][:1]
        for name, found in rows.items()
        if found
    }
    asked = {
        "site": "site",
        "supplier": "supplier",
        "owner": "person",
        "who": "person",
        "person": "person",
        "to": "person",
    }
    asked |= {"case": "use_case", "case_id": "use_case", "left": "assessment", "right": "assessment", "id": "use_case"}
    asked |= {"older": "assessment", "newer": "assessment", "sample": "sample", "report": "report", "action": "action"}
    return "&".join(f"{name}={ids[table][0]}" for name, table in asked.items() if ids.get(table))


def test_nothing_of_another_organisation_shows_whatever_an_address_asks_for(world):
    """Every page, table and file once more, with ids of the other organisation in all that an address may say."""
    query, asked = _theirs(world), 0
    for endpoint, paths in sorted(world.paths.items()):
        if SLOW.match(endpoint) or not paths or endpoint == "account.welcome":  # a link that lives ends a session
            continue
        status, _headers, body = send(world, Asked("GET", min(paths), sender(world), query=query))
        assert MARKER.encode() not in plain(body), endpoint
        asked += status == 200
    assert asked > 50


def test_wrong_requests_yield_no_failure_and_nothing_of_anybody_else(world, examples):
    result = fuzz.run(world, examples(1000), "test", seconds=900, made=0, each=250)
    assert not result.finds, json.dumps(result.finds, indent=1)[:20_000]
    assert sum(result.statuses.values()) == examples(1000)
    assert {200, 303, 404, 422} <= set(result.statuses)
    assert len({sender for _endpoint, _method, sender in result.triples}) > len(world.senders) / 2


def test_every_column_is_said_to_hold_typed_text_or_none():
    """What plants text everywhere reads the list; a new column has to be put into it."""
    said = {(table, column) for found in (furnished.FREE, furnished.OURS) for table in found for column in found[table]}
    assert said == furnished.texts_of_tables()

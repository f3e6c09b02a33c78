"""The world of the fuzzer: a site with two organisations, everybody who may ask, and what its pages show them."""

import base64
import contextlib
import io
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import unquote_to_bytes, urljoin

from werkzeug.test import run_wsgi_app

from benchmarks import mutations
from benchmarks.mutations import Reader
from compliance.operations import demo, people, tokens
from compliance.operations.rights import Role
from compliance.operations.tokens import Scope
from compliance.storage import organisations
from compliance.storage import people as stored_people
from tests import furnished
from tests.offices import Office

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
MARKER = "Zeugmatique"  # in every free text of the other organisation
SLOW = re.compile(  # what waits for another process: each sender asks for it, but not as often as for the rest
    r"studio\.(check|proofs|changes|impact|hand_in|decide|catch_up|receive_file|new_begin)|reports\.(today|other|change_stationery)|audit\.replay"
    r"|results\.applicability"
)
LONG = re.compile(  # pages without a form that take their time: a short run looks at none to find its way
    r"law\.|reports\.(certificate|head_file|log_file|verify|record_word)|results\.(data|compare|history)"
    r"|inventory\.(catalogue|export|template)|beyond\.of_case|api_pages\."
)
ENTRIES = (
    *("screening_and_ranking_of_applications", "customer_chatbot", "supplier_scoring", "coding_assistant"),
    *("predictive_maintenance_of_a_production_line", "company_wide_generative_assistant"),
)


@dataclass
class Sender:
    """Who sends: by a cookie, by a token, or as nobody; and what the pages that it sees hold."""

    name: str
    cookie: str = ""
    bearer: str = ""
    csrf: str = ""
    forms: dict[str, list] = field(default_factory=lambda: defaultdict(list))  # by endpoint


@dataclass
class World:
    """The site, its two organisations, who sends, and what is known of its addresses."""

    app: object
    place: object
    office: Office
    other: Office
    senders: list[Sender] = field(default_factory=list)
    paths: dict[str, set] = field(default_factory=lambda: defaultdict(set))  # by endpoint, as seen in pages
    queries: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    words: dict[str, list] = field(default_factory=lambda: defaultdict(list))  # by argument of an address
    own_ids: list[str] = field(default_factory=list)
    other_ids: list[str] = field(default_factory=list)
    kept: object = None  # the store as it stands at the beginning of every round
    before: dict = field(default_factory=dict)  # the other organisation's rows
    answers: list = field(default_factory=list)  # what the pages said that were looked at: address, headers, body


def roles_of_world():
    every = {role.value: frozenset((role,)) for role in Role}
    return {**every, "reviewer": frozenset((Role.OFFICER,)), "all": frozenset(Role)}


def furnish(office, entries, *, whole):
    """Fill an organisation; return the tokens of its suppliers' links."""
    place, site = office.place, office.site("Figeac")
    with place.database.writing() as connection:
        stored_people.change_person(
            connection, office.people["administrator"].person_id, totp_secret="JBSWY3DPEHPK3PXP"
        )
    office.people["administrator"] = replace(office.people["administrator"], has_totp=True)
    cases = [office.finished(f"Usage {number}", entry, site) for number, entry in enumerate(entries)]
    office.case("À moitié", technique="machine_learning")
    for who, bounds in (("bound", {"site_id": site}), ("period", {"until_day": NOW.date()})):
        office.bound(who, **bounds)
    sent = furnished.furnish(office, cases[0])
    furnished.reviewed(office, cases[1])
    if whole:
        furnished.issued(office, cases[1], ("full",))
    return sent


def build(place, app, *, whole, typed=None):
    """Return the world in an empty store; ``whole`` with the demonstration and with reports that are made.

    ``typed`` gives the text of each field of the first organisation, from its place and what it was.
    """
    office = Office.open(place, "Aciérie du Nord", roles_of_world())
    if whole:
        demo.add(place)
    other = Office.open(place, "Autre maison", roles_of_world())
    links = furnish(office, ENTRIES[: None if whole else 2], whole=whole)
    furnish(other, ENTRIES[:2], whole=False)
    furnished.plant(
        place, other.org, lambda _where, was: f"{MARKER} {was}"[:120] if len(was) < 200 else was + f"\n# {MARKER}"
    )
    if typed:
        furnished.plant(place, office.org, typed)
    world = World(app, place, office, other)
    world.words["token"] = [*links, _welcome(world)]
    _enter(world, links)
    seen = Counter()
    for sender in world.senders:
        _crawl(world, sender, Counter() if whole else seen, 2 if whole else 1, quick=not whole)
    _know(world)
    world.kept = copy(place)
    world.before = furnished.rows(place, other.org)
    return world


def _welcome(world):
    inviting = {"email": "autre@example.com", "roles": frozenset((Role.CONTRIBUTOR,)), "language": "fr"}
    return people.invite(world.place, world.office.people["administrator"], **inviting).rpartition("/")[2]


def _enter(world, links):
    """Sign everybody in, and give programs their tokens."""
    by = world.office.people
    for name, who in by.items():
        world.senders.append(_signed_in(world, name, who))
    for scopes in (*({scope} for scope in Scope), set(Scope)):
        world.senders.append(Sender(f"token {' '.join(sorted(scopes))}", bearer=_token(world, by["officer"], scopes)))
    for name in ("contributor", "auditor"):
        world.senders.append(Sender(f"token of {name}", bearer=_token(world, by[name], {Scope.READ, Scope.WRITE})))
    world.senders += [Sender("token that never was", bearer="pyr_never"), _visiting(world, "nobody", "/sign-in")]
    world.senders.append(_visiting(world, "supplier", f"/supplier/{links[0]}"))
    if any(found.example for found in _organisations(world)):
        example = _signed_in(world, "example", by["all"])
        org = next(found.id for found in _organisations(world) if found.example)
        _post(world, example, "/organisation/enter", [("organisation", org)])
        _read_token(world, example)
        world.senders.append(example)


def _organisations(world):
    with world.place.database.reading() as connection:
        return organisations.organisations(connection)


def _token(world, actor, scopes):
    with world.place.database.writing() as connection:
        stored_people.change_person(connection, actor.person_id, totp_secret="JBSWY3DPEHPK3PXP")
    return tokens.make(world.place, replace(actor, has_totp=True), "Banc", frozenset(scopes), 30)


def _visiting(world, name, path):
    sender = Sender(name)
    text = _get(world, sender, path).decode()
    sender.csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)[1]
    return sender


def _signed_in(world, name, who):
    sender = _visiting(world, name, "/sign-in")
    with world.place.database.writing() as connection:  # signing in with a code is another test's
        stored_people.change_person(connection, who.person_id, totp_secret=None, one_at_a_time=False)
    _post(world, sender, "/sign-in", [("email", who.email), ("password", Office.PASSWORD)])
    with world.place.database.writing() as connection:
        stored_people.change_person(connection, who.person_id, totp_secret="JBSWY3DPEHPK3PXP")
    _read_token(world, sender)
    _post(world, sender, "/organisation/enter", [("organisation", who.org_id)])
    _read_token(world, sender)
    return sender


def _read_token(world, sender):
    sender.csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', _get(world, sender, "/account").decode())[1]


def _get(world, sender, path):
    return send(world, Asked("GET", path, sender))[2]


def _post(world, sender, path, pairs):
    body = mutations.encoded([("csrf_token", sender.csrf), *pairs])
    status, _headers, said = send(
        world, Asked("POST", path, sender, body=body, kind="application/x-www-form-urlencoded")
    )
    assert status == 303, (sender.name, path, status, said[:3000])


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    sender: Sender
    query: str = ""
    body: bytes = b""
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # said, where it is not that of the body

    def told(self):
        said = {name: getattr(self, name) for name in ("method", "path", "query", "kind", "headers", "length")}
        return {**said, "as": self.sender.name, "body": base64.b64encode(self.body).decode()[:20_000]}


def send(world, asked):
    """Send a request as a server would hand it on; return status, headers and body."""
    environ = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(asked.path).decode("latin-1"),
        "QUERY_STRING": asked.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(asked.body) if asked.length is None else asked.length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(asked.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": said for name, said in asked.headers.items()},
    }
    if asked.kind:
        environ["CONTENT_TYPE"] = asked.kind
    if asked.sender.cookie:
        environ.setdefault("HTTP_COOKIE", f"session={asked.sender.cookie}")
    if asked.sender.bearer:
        environ.setdefault("HTTP_AUTHORIZATION", f"Bearer {asked.sender.bearer}")
    said, status, headers = run_wsgi_app(world.app, environ, buffered=True)
    body = b"".join(said)
    if found := re.search(r"session=([^;]+)", headers.get("Set-Cookie", "")):
        world.fresh = found[1]
        if world.kept is None:  # while the world is built
            asked.sender.cookie = found[1]
    return int(status[:3]), headers, body


def _crawl(world, sender, seen, each, *, quick):
    """Follow links from the first page, to some addresses of each route; keep the forms and addresses seen."""
    adapter = world.app.url_map.bind("localhost")
    first, visited = ["/", "/account", "/studio", "/audit"], set()
    if sender.name == "supplier":
        first = [f"/supplier/{world.words['token'][0]}{page}" for page in ("", "/documents", "/send")]
    if sender.name == "nobody":
        first = ["/sign-in", f"/welcome/{world.words['token'][-1]}", "/api"]
    if sender.bearer or sender.name in ("reviewer", "all", "period"):  # they see what others do
        return
    waiting = list(first)
    while waiting:
        path, _, query = waiting.pop(0).partition("?")
        endpoint = _endpoint(adapter, path, "GET")
        if endpoint is None or endpoint == "static":
            continue
        world.paths[endpoint].add(path)
        if query:
            world.queries[endpoint].add(query)
        if SLOW.match(endpoint) or (quick and LONG.match(endpoint)):
            continue
        if seen[endpoint, bool(query)] >= each and path not in first:
            continue
        status, headers, body = send(world, Asked("GET", path, sender, query=query))
        world.answers.append((f"{path}?{query}", headers, body))
        if not headers.get("Content-Type", "").startswith("text/html") or status != 200:
            continue
        seen[endpoint, bool(query)] += 1
        page = Reader(path, body.decode())
        for form in page.forms:
            target = urljoin(path, form.action).partition("?")[0]
            named = _endpoint(adapter, target, form.method)
            if named and len(sender.forms[named, form.method]) < 4 * each:
                sender.forms[named, form.method].append(replace(form, action=target))
                world.paths[named].add(target)
        fresh = [urljoin(path, link) for link in page.links]
        fresh = [link for link in dict.fromkeys(fresh) if link not in visited]
        visited.update(fresh)
        waiting += fresh


def _endpoint(adapter, path, method):
    with contextlib.suppress(Exception):
        return adapter.match(path, method)[0]
    return None


def _know(world):
    """Gather the words and ids that addresses are filled with."""
    adapter = world.app.url_map.bind("localhost")
    for paths in world.paths.values():
        for path in sorted(paths):
            for method in ("GET", "POST"):
                with contextlib.suppress(Exception):
                    for name, word in adapter.match(path, method)[1].items():
                        world.words[name].append(str(word))
    world.words["fact"] += ["technique", "staff", "__class__"]
    world.words["name"] += [world.place.library.default]
    for office, into in ((world.office, world.own_ids), (world.other, world.other_ids)):
        for found in furnished.rows(world.place, office.org).values():
            into.extend(sorted({cell for row in found[:6] for cell in row if isinstance(cell, str) and is_id(cell)}))
    for name, words in world.words.items():
        world.words[name] = sorted(set(words))


def is_id(cell):
    return re.fullmatch("[0-9a-f]{32}", cell) is not None


def copy(place, into=None, source=None):
    """Copy the store into memory, or back."""
    into = into or sqlite3.connect(":memory:")
    raw = place.database.engine.raw_connection()
    try:
        (source or raw.driver_connection).backup(into if source is None else raw.driver_connection)
    finally:
        raw.close()
    return into

"""Wrong requests to every page, form and operation of the API, as every role: no failure, and nothing of anybody else.

    script/benchmark fuzz --requests 50000 --seconds 3600 --processes 2
    script/benchmark fuzz --requests 50000 --only 1234    # one request again, after those before it in its round

Two organisations stand in one store, each with a row of everything. People of the first, its programs, its supplier
and somebody who is nobody ask for every address by every method, each at least once: forms as pages show them with
fields made wrong, bodies from the schemas of the API, broken files, odd headers, ids of the other organisation. Every
round of requests begins at the same store, so that a seed and a number lead to a route, a sender and the same wrong
words again; the ids of a store are made anew in each run, so that a find is written down whole as well.

Counted as finds: an answer of 500 or more (503 in words apart), whatever is logged as an error, typed text that comes
back alive in HTML, a word of the other organisation in any answer, a row of the other organisation that changed, a
store that is not sound, and any connection that the site's process opens.
"""

import argparse
import contextlib
import io
import json
import logging
import random
import re
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import parse_qsl, quote

sys.path.insert(0, str(Path(__file__).parent.parent))

import pymupdf
from argon2 import PasswordHasher

from benchmarks import mutations
from benchmarks.fuzz_world import MARKER, NOW, SLOW, Asked, build, copy, is_id, send
from benchmarks.mutations import IDS, LIVE
from compliance.config import load
from compliance.operations import announcing, bench, concerns, making, post, sign_in, supplying
from compliance.operations.site import open_workplace
from compliance.storage import soundness
from compliance.web.access import ACCESS, BY_TOKEN, Open
from compliance.web.api.schemas import SCHEMAS
from compliance.web.api.table import OPERATIONS
from compliance.web.app import create_app
from tests import furnished
from tests.offices import Office

ROUND = 200  # requests until the store is what it was
SOUND = 10  # rounds from one check of the whole store to the next


class Errors(logging.Handler):
    """What is logged as an error, or with a traceback."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.found = []

    def emit(self, record):
        if record.exc_info or record.levelno >= logging.ERROR:
            said = logging.Formatter().format(record)
            self.found.append(said[-6000:])


ERRORS, CONNECTED = Errors(), []


def _hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo") and not isinstance(args[-1], (str, bytes)):
        CONNECTED.append(f"{event} {args}"[:200])


def schedule(world, seed, count):
    """Return which route, method and sender each request is of: each once if there is room, then what a role may do."""
    chance = random.Random(f"{seed} schedule")
    triples = []
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            triples += [(rule, method, number) for number in range(len(world.senders))]
    chance.shuffle(triples)
    weights = [_weight(world, rule, world.senders[number]) for rule, _method, number in triples]
    first = triples if count >= len(triples) else []
    return [*first, *chance.choices(triples, weights, k=count - len(first))], len(triples)


def _weight(world, rule, sender):
    needed = ACCESS[rule.endpoint]
    actor = world.office.people.get(sender.name)
    if rule.endpoint in BY_TOKEN:
        may = bool(sender.bearer)
    elif isinstance(needed, Open):
        may = not sender.bearer
    else:
        may = sender.name == "example" or (actor is not None and any(actor.may(right) for right in needed))
    return (1 if may else 0.08) * (0.04 if SLOW.fullmatch(rule.endpoint) else 1)


def drawn(world, chance, rule, method, sender):
    """Return a request for a route by a sender."""
    ids = world.other_ids if chance.random() < 0.4 else world.own_ids
    asked = Asked(method, _path(world, chance, rule), sender)
    asked.headers = _headers(chance)
    if rule.endpoint in BY_TOKEN:
        _api(chance, rule, asked, ids)
        return asked
    known = sender.forms.get((rule.endpoint, method)) or _forms(world, rule, method)
    form = chance.choice(known) if known else mutations.PageForm(asked.path, method)
    if known and chance.random() < 0.6:
        asked.path = form.action
    own = {"csrf_token": sender.csrf} if method != "GET" else {}
    own |= {name: Office.PASSWORD for name, kind, _value in form.fields if kind == "password"}
    if method != "GET" and not any(name == "csrf_token" for name, _kind, _value in form.fields):
        form = replace(form, fields=[*form.fields, ("csrf_token", "hidden", "")])
    pairs = mutations.filled(chance, form, own, ids)
    if method == "GET":
        if chance.random() < 0.6:
            queries = sorted(world.queries.get(rule.endpoint, ()))
            pairs += parse_qsl(chance.choice(queries)) if queries and chance.random() < 0.5 else []
            asked.query = mutations.encoded(pairs).decode()
        return asked
    files = {name for name, kind, _value in form.fields if kind == "file"}
    if files or chance.random() < 0.1:
        asked.body, asked.kind = mutations.multipart(chance, pairs, files)
    else:
        asked.body, asked.kind = mutations.encoded(pairs), "application/x-www-form-urlencoded"
    _odd(chance, asked)
    return asked


def _forms(world, rule, method):
    return [form for one in world.senders for form in one.forms.get((rule.endpoint, method), ())]


def _path(world, chance, rule):
    paths = sorted(world.paths.get(rule.endpoint, ()))
    if paths and chance.random() < 0.65:
        return chance.choice(paths)
    ids = {"case_id", "id_", "person_id", "remark_id"}

    def word(found):
        name = found[1]
        pools = [world.words.get(name) or world.own_ids, world.own_ids if name in ids else mutations.TEXTS, IDS]
        pools.append(world.other_ids if name in ids else ("none", "x"))
        text = chance.choice(chance.choices(pools, (6, 2, 1, 4))[0])
        if name in ids and len(text) == 32 and is_id(text) and chance.random() < 0.8:
            text = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        return quote(text.encode("utf-8", "surrogatepass"), safe="")

    return re.sub(r"<(?:\w+:)?(\w+)>", word, rule.rule)


def _headers(chance):
    made = {}
    if chance.random() < 0.08:
        made["HX-Request"] = "true"
    if chance.random() < 0.08:
        made["Accept-Language"] = chance.choice(
            ("en", "zz", "", "*", "fr;q=x", "en;q=1e9", "x" * 4_000, "\xe9", "en-\u00b2")
        )
    if chance.random() < 0.04:
        odd = (
            "X-Forwarded-For",
            "Referer",
            "Range",
            "If-None-Match",
            "Accept",
            "Origin",
            "X-Request-Id",
            "If-Modified-Since",
        )
        made[chance.choice(odd)] = chance.choice(
            ("", "x", "bytes=0-1", "bytes=9-1", "\xff\xfe", "http://[", "a" * 3_000, "*")
        )
    if chance.random() < 0.01:
        made["Cookie"] = chance.choice(
            ("session=", "session=\xff", "session=" + "x" * 99, ";;=", "session=a; session=b")
        )
    if chance.random() < 0.01:
        made["Authorization"] = chance.choice(
            ("Bearer", "Bearer \xff", "Basic eA==", "Bearer " + "x" * 5_000, "bearer  ")
        )
    return made


def _odd(chance, asked):
    """At times say another kind or another length than the body has."""
    if chance.random() < 0.03:
        asked.kind = chance.choice(
            ("", "text/plain", "application/json", "multipart/form-data", "x/y; charset=\xff", "text/html")
        )
    if chance.random() < 0.02:
        asked.length = max(0, len(asked.body) + chance.choice((-5, 5, 10**9)))


def _api(chance, rule, asked, ids):
    of = OPERATIONS[rule.endpoint.partition(".")[2]]
    pairs = [(name, str(mutations.made_by(schema, SCHEMAS, chance)).lower()) for name, schema in of.query.items()]
    pairs = [pair for pair in pairs if chance.random() < 0.5]
    if chance.random() < 0.3:
        names = [*of.query, *mutations.NAMES]
        pairs.append((chance.choice(names), mutations.value(chance, "", [], ids)))
    asked.query = mutations.encoded(pairs).decode()
    if of.once and chance.random() < 0.4:
        asked.headers["Idempotency-Key"] = chance.choice(("a", "key-1", f"{chance.random()}", "x" * 80, "\xe9", ""))
    if of.takes:
        fits = (
            of.example
            if of.example and chance.random() < 0.4
            else mutations.made_by({"$ref": f"x/{of.takes}"}, SCHEMAS, chance)
        )
        if chance.random() < 0.7:
            fits = mutations.broken(chance, fits, ids)
        asked.body, asked.kind = mutations.json_body(chance, fits), "application/json"
        _odd(chance, asked)


def plain(body):
    """Return all that an answer says, what is packed in it included."""
    if body.startswith(b"PK\x03\x04"):
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(body)) as opened:
            return b"".join(plain(opened.read(name)) for name in opened.namelist())
    if body.startswith(b"%PDF"):
        with contextlib.suppress(Exception), pymupdf.open(stream=body) as opened:
            within = [opened.embfile_get(number) for number in range(opened.embfile_count())]
            return b"".join([*(page.get_text().encode() for page in opened), *within, str(opened.metadata).encode()])
    return body


@dataclass
class Result:
    """What a run counted and found."""

    statuses: Counter = field(default_factory=Counter)
    by_sender: dict = field(default_factory=lambda: defaultdict(Counter))
    took: dict = field(default_factory=lambda: defaultdict(list))
    triples: set = field(default_factory=set)
    later: Counter = field(default_factory=Counter)
    finds: list = field(default_factory=list)


def one(world, result, number, rule, method, sender, seed, *, loud=False):
    """Send one request and look at its answer."""
    asked = drawn(world, random.Random(f"{seed} {number}"), rule, method, sender)
    ERRORS.found.clear()
    CONNECTED.clear()
    began, wrong = time.perf_counter(), []
    try:
        status, headers, body = send(world, asked)
    except Exception:  # noqa: BLE001 - whatever comes through is a find
        status, headers, body = 599, {}, b""
        wrong.append(traceback.format_exc()[-6000:])
    result.took[f"{method} {rule.rule}"].append(time.perf_counter() - began)
    result.statuses[status] += 1
    result.by_sender[sender.name][status] += 1
    result.triples.add((rule.endpoint, method, sender.name))
    wrong += [*ERRORS.found, *CONNECTED]
    if status == 503:
        result.later[rule.endpoint] += 1
    elif status >= 500:
        wrong.append(f"status {status}")
    if headers.get("Content-Type", "").startswith("text/html") and LIVE.encode() in body:
        wrong.append("typed text came back alive")
    if MARKER.encode() in plain(body):
        wrong.append("a word of the other organisation")
    if wrong:
        result.finds.append({"number": number, "route": rule.rule, **asked.told(), "status": status, "wrong": wrong})
    if loud:
        told = {**asked.told(), "status": status, "wrong": wrong, "answer": body[:3000].decode("utf-8", "replace")}
        print(json.dumps(told, indent=1, ensure_ascii=False))


def after(world, result, number, *, made, whole):
    """After a round: what must not have changed, then work in the background, and the store as a whole."""
    ERRORS.found.clear()
    wrong, place = [], world.place
    found = furnished.rows(place, world.other.org)
    wrong += [f"{name} of the other organisation changed" for name in found if found[name] != world.before[name]]
    try:
        for org, report in making.waiting(place)[:made]:
            making.make(place, "fuzz", org, report)
        for work in (supplying.expire_old, concerns.follow_all, post.write_reminders, announcing.announce):
            work(place)
        with place.database.reading() as connection:
            checks = [*soundness.structure(connection), *soundness.contents(connection)] if whole else []
            wrong += [f"{check.code}: {check.faults[:2]}" for check in checks if check.faults]
    except Exception:  # noqa: BLE001 - whatever comes through is a find
        wrong.append(traceback.format_exc()[-6000:])
    if wrong + ERRORS.found:
        result.finds.append({"number": number, "wrong": [*wrong, *ERRORS.found]})


def run(world, requests, seed, *, seconds, part=0, parts=1, made=1, only=None, finds=None, each=ROUND):
    """Send requests, round by round; return the result. ``part`` says which of the rounds are its."""
    sys.addaudithook(_hook)
    logging.getLogger().addHandler(ERRORS)
    planned, triples = schedule(world, seed, requests if only is None else max(requests, only + 1))
    result, until = Result(), time.monotonic() + seconds
    rounds = range(part, -(-len(planned) // each), parts) if only is None else [only // each]
    for number in rounds:
        copy(world.place, source=world.kept)
        for count, (rule, method, sender) in enumerate(planned[number * each : (number + 1) * each], number * each):
            if time.monotonic() > until or (only is not None and count > only):
                break
            one(world, result, count, rule, method, world.senders[sender], seed, loud=count == only)
        else:
            after(world, result, (number + 1) * each - 1, made=made, whole=not number % SOUND)
        if finds:
            Path(f"{finds}.{part}").write_text("".join(json.dumps(find) + "\n" for find in result.finds))
        if time.monotonic() > until:
            break
    logging.getLogger().removeHandler(ERRORS)
    result.all = triples
    return result


def _part(given, part):
    sign_in._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # noqa: SLF001 - as tests do
    with tempfile.TemporaryDirectory() as folder:
        settings = load(
            {"PYRAMIDE_INSTANCE": folder, "PYRAMIDE_BASE_URL": "http://localhost", "PYRAMIDE_METRICS_TOKEN": "x" * 32}
        )
        place = replace(open_workplace(settings), clock=lambda: NOW)
        app = create_app(place)
        world = build(place, app, whole=True)
        try:
            made = run(
                world,
                given.requests,
                given.seed,
                seconds=given.seconds,
                part=part,
                parts=given.processes,
                only=given.only,
                finds=given.finds,
            )
        finally:
            bench.stop()
            place.database.close()
    return made


def _together(given):
    """Run in as many processes as wished; return what is to be told."""
    began = time.monotonic()
    if given.processes == 1 or given.only is not None:
        given.processes, parts = 1, [_part(given, 0)]
    else:
        with get_context("fork").Pool(given.processes) as pool:
            parts = pool.starmap(_part, [(given, part) for part in range(given.processes)])
    whole = Result()
    for made in parts:
        whole.statuses += made.statuses
        whole.later += made.later
        whole.triples |= made.triples
        whole.finds += made.finds
        for name, took in made.took.items():
            whole.took[name] += took
        for name, counted in made.by_sender.items():
            whole.by_sender[name] += counted
    return told(whole, parts[0].all, time.monotonic() - began)


def told(result, triples, seconds):
    """Return what a run says of itself."""
    slowest = sorted(((max(took), sum(took) / len(took), name) for name, took in result.took.items()), reverse=True)
    return {
        "requests": sum(result.statuses.values()),
        "seconds": round(seconds),
        "of route, method and sender": f"{len(result.triples)} of {triples}",
        "statuses": dict(sorted(result.statuses.items())),
        "by sender": {name: str(dict(sorted(counted.items()))) for name, counted in result.by_sender.items()},
        "503 in words": dict(result.later),
        "slowest, seconds": [f"{most:.1f} ({mean:.2f} mean) {name}" for most, mean, name in slowest[:10]],
        "finds": len(result.finds),
        "found": [
            f"{find['number']} {find.get('route', '')}: {find['wrong'][0].strip().splitlines()[-1]}"
            for find in result.finds
        ][:50],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=3600, help="none is sent later than this")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of a find of a run of as many requests, to send it again")
    parser.add_argument(
        "--finds", default="", help="where to write finds, one a line, as they come: a file for each process"
    )
    given = parser.parse_args()
    print(json.dumps(_together(given), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()

"""Webhooks to a real receiver: signed, tried again, to no machine of the house, nothing of what anybody wrote."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from compliance.config import ROOT, SettingError, load
from compliance.operations import actions, cases, delivering, events, outgoing, post, reports, reviews, webhooks
from compliance.operations.delivering import deliver_due
from compliance.operations.outgoing import OutgoingError
from compliance.operations.rights import Role
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError, SecondFactorNeededError, work
from compliance.storage import organisation_data
from compliance.storage import webhooks as store
from tests.offices import Office
from tests.receiver import Receiver, signed_by
from tests.web.test_gaps import change, of_case, place_control

ALL = tuple(events.EVENTS)
HOSTILE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2002:808:808::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "64:ff9b:1::1",
    "192.0.0.170",
    "198.18.0.1",
    "203.0.113.1",
    "fe80::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
]


@pytest.fixture
def inside(place):
    """Return the workplace where this machine may be written to."""
    return replace(place, settings=replace(place.settings, webhook_internal=("127.0.0.0/8", "receiver.test")))


@pytest.fixture
def chief(office):
    return replace(office.people["administrator"], has_totp=True)


@pytest.fixture
def endpoint(inside, chief, receiver):
    """Return a function that adds an endpoint; it gives its id and its secret."""

    def added(wanted=ALL, url=None, **also):
        return webhooks.add(inside, chief, url=url or receiver.url, description="GRC", wanted=wanted, **also)

    return added


def shown(place, actor, id_):
    return webhooks.endpoint(place, actor, id_)[1]


def empty(place):
    while deliver_due(place):
        pass


def test_every_event_arrives_once_signed_and_says_nothing_that_was_written(
    inside, office, chief, receiver, endpoint, clock, monkeypatch
):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    id_, secret = endpoint()
    officer = office.people["officer"]
    case_id = office.finished("Tri des CV de Mme Secret")
    planned = actions.of_case(inside, officer, case_id)
    due = clock().date() + timedelta(days=5)
    for found in planned[:2]:
        said = {"state": "in_progress", "comment": "mot secret", "owner_id": officer.person_id, "due": due}
        actions.change(inside, officer, found.id, found.version, **said)
    actions.change_many(inside, officer, [planned[0].id], state="done", owner_id=None, due=None)
    assert post.write_reminders(inside) == 1
    reviews.submit(inside, officer, case_id, "note secrète")
    other = Office.open(inside, "Autre maison", {"officer": frozenset((Role.OFFICER,))})
    other.finished("Chez les autres")
    reviews.decide(inside, replace(officer, person_id=chief.person_id), case_id, approve=True, opinion="avis secret")
    report = reports.ask(inside, officer, case_id, form="summary", language="fr", issue=True)
    with work(inside, officer) as unit:
        unit.log("report.made", case_id, report=report, number="R-2026-0001", sha256="0" * 64)
        unit.log("law.published", "d" * 32, pack="ours", number=1, hash="ab" * 32, effect="2026-12-01")
    empty(inside)
    told = [json.loads(body) for _path, _headers, body in receiver.requests]
    assert {message["type"] for message in told} == set(ALL)
    assert [message["type"] for message in told].count("action.changed") == 3
    for (path, headers, body), message in zip(receiver.requests, told, strict=True):
        assert path == "/hook?a=1"
        assert headers["Content-Type"] == "application/json"
        assert headers["webhook-id"] == message["id"]
        assert int(headers["webhook-timestamp"]) == int(clock().timestamp())
        assert signed_by(secret, headers, body)
        assert not signed_by(webhooks.new_secret(), headers, body)
        assert set(message) == {"id", "type", "timestamp", "data"}
        assert set(message["data"]) == {"organisation_id", "object", "object_id", "path"}
        assert message["data"]["organisation_id"] == office.org
        for word in (b"ecr\\u00e8t", b"ecret", b"CV", officer.email.encode(), officer.name.encode(), b"progress"):
            assert word not in body
    by_type = {message["type"]: message["data"] for message in told}
    assert by_type["use_case.classified"]["path"] == f"/api/v1/use-cases/{case_id}"
    assert by_type["action.due"]["path"] == f"/api/v1/use-cases/{case_id}/actions"
    assert by_type["report.ready"] | {"path": None} == {
        "organisation_id": office.org,
        "object": "report",
        "object_id": report,
        "path": None,
    }
    assert by_type["pack.published"]["object_id"] == "ours@abababababab"
    assert {item.state for item in shown(inside, chief, id_)} == {store.DELIVERED}
    assert deliver_due(inside) == 0


def test_only_what_was_asked_for_and_only_a_change_of_the_level(inside, office, receiver, endpoint):
    endpoint(("use_case.classified",))
    case_id = office.case()
    empty(inside)
    assert receiver.requests == [], "no level is decided yet"
    done = office.finished()
    cases.put_away(inside, office.people["officer"], done, away=True)
    cases.put_away(inside, office.people["officer"], done, away=False)
    empty(inside)
    assert [json.loads(body)["data"]["object_id"] for *_, body in receiver.requests] == [done]
    assert done != case_id


def test_an_action_that_is_to_be_done_again_is_told(inside, office, receiver, endpoint):
    case_id = office.finished()
    place_control(inside, office, case_id, "informal")
    (gap,) = of_case(inside, office, case_id).values()
    change(inside, office, gap, state="done")
    place_control(inside, office, case_id, "applied")
    endpoint(("action.changed",))
    place_control(inside, office, case_id, "informal")
    empty(inside)
    assert [json.loads(body)["data"]["object_id"] for *_, body in receiver.requests] == [gap.id]


def test_what_is_not_kept_is_not_told(inside, office, receiver, endpoint):
    endpoint()

    def half():
        with work(inside, office.people["officer"]) as unit:
            unit.log("assessment.approved", "c" * 32, number=1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert deliver_due(inside) == 0
    assert receiver.requests == []


def test_a_failure_is_tried_again_later_and_later_under_the_same_id(inside, chief, receiver, endpoint, clock, office):
    id_, secret = endpoint()
    receiver.answers = [500, 503, 404]
    office.finished()
    waits = []
    for _ in range(4):
        assert deliver_due(inside) == 1
        found = shown(inside, chief, id_)[0]
        assert deliver_due(inside) == 0
        if found.state == store.WAITING:
            waits.append(found.next_at - clock())
            clock.now = found.next_at
    assert (found.state, found.status, found.attempts, found.failure) == (store.DELIVERED, 204, 4, None)
    assert waits == list(delivering.AGAIN_AFTER[:3])
    assert len({headers["webhook-id"] for _path, headers, _body in receiver.requests}) == 1
    stamps = [headers["webhook-timestamp"] for _path, headers, _body in receiver.requests]
    assert len(set(stamps)) == 4, "the hour is that of the attempt"
    assert all(signed_by(secret, headers, body) for _path, headers, body in receiver.requests)


def test_the_attempts_take_a_day():
    assert timedelta(hours=20) < sum(delivering.AGAIN_AFTER, timedelta()) < timedelta(hours=26)
    assert delivering.ATTEMPTS == 8


def test_no_redirect_is_followed(inside, chief, receiver, endpoint, office):
    other = Receiver()
    try:
        id_, _ = endpoint()
        receiver.answers, receiver.location = [307], other.url
        office.finished()
        deliver_due(inside)
        assert other.requests == []
        found = shown(inside, chief, id_)[0]
        assert (found.state, found.status, found.failure) == (store.WAITING, 307, "redirect")
    finally:
        other.close()


def test_no_address_of_the_house_is_written_to(place, chief):
    """Neither as it stands, nor as what a name resolves to, alone or beside one that may be."""
    for address in HOSTILE:
        literal = f"https://[{address}]/x" if ":" in address else f"https://{address}/x"
        with pytest.raises(OutgoingError, match="address"):
            outgoing.check(literal, ())
        for found in ([address], ["93.184.216.34", address]):
            hooks = {"url": "https://hooks.example/x", "resolver": lambda *_, found=found: found}
            with pytest.raises(RefusedError, match="webhook_address"):
                webhooks.add(place, chief, description="", wanted=ALL, **hooks)
    assert webhooks.endpoints(place, chief) == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "localhost", "localhost."])
def test_other_ways_to_write_this_machine_are_seen_through(host):
    with pytest.raises(OutgoingError, match="address"):
        outgoing.check(f"https://{host}/x", ())


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "hooks.example",
        "https://user:pass@hooks.example/",
        "https://hooks.example:99999/",
        "https://hooks.example:0/",
        "https://hooks.example/#x",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nX: y",
        "https://hooks.example\\@127.0.0.1/",
        "https://[::1/",
        "https://a..b/",
        "https://hooks.example/é",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(OutgoingError, match="url"):
        outgoing.check(url, ("0.0.0.0/0", "::/0"), lambda *_: ["93.184.216.34"])


def test_without_tls_only_to_this_machine_where_a_setting_says_so():
    with pytest.raises(OutgoingError, match="plain"):
        outgoing.check("http://hooks.example/", (), lambda *_: ["93.184.216.34"])
    with pytest.raises(OutgoingError, match="plain"):
        outgoing.check("http://grc.intra/", ("grc.intra",), lambda *_: ["10.1.2.3"])
    with pytest.raises(OutgoingError, match="address"):
        outgoing.check("http://127.0.0.1/", ())
    assert outgoing.check("http://127.0.0.1/", ("127.0.0.1",)) == ["127.0.0.1"]


def test_a_setting_opens_names_and_networks_of_the_house_but_never_services_of_the_cloud():
    assert outgoing.check("https://grc.intra/", ("GRC.intra",), lambda *_: ["10.1.2.3"]) == ["10.1.2.3"]
    assert outgoing.check("https://x.intra/", ("10.1.0.0/16",), lambda *_: ["10.1.2.3"]) == ["10.1.2.3"]
    with pytest.raises(OutgoingError, match="address"):
        outgoing.check("https://x.intra/", ("10.1.0.0/16",), lambda *_: ["10.2.0.1"])
    for allowed in ("grc.intra", "169.254.0.0/16", "0.0.0.0/0"):
        with pytest.raises(OutgoingError, match="address"):
            outgoing.check("https://grc.intra/", (allowed,), lambda *_: ["169.254.169.254"])


def test_public_addresses_are_written_to():
    for address in ("93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"):
        assert outgoing.check("https://hooks.example/", (), lambda *_, found=address: [found]) != []


def test_the_setting_is_checked_at_start(tmp_path):
    setting = {"PYRAMIDE_INSTANCE": str(tmp_path), "PYRAMIDE_WEBHOOK_INTERNAL": "grc.intra, 10.1.0.0/16 ::1"}
    assert load(setting).webhook_internal == ("grc.intra", "10.1.0.0/16", "::1")
    for wrong in ("10.1.0.1/16", "10.0.0.300", "https://grc.intra", "a_b"):
        with pytest.raises(SettingError, match="PYRAMIDE_WEBHOOK_INTERNAL"):
            load({**setting, "PYRAMIDE_WEBHOOK_INTERNAL": wrong})


def test_a_name_is_judged_at_each_attempt_and_resolved_once(inside, place, chief, receiver, endpoint, office):
    """A name that means something else once it is registered leads nowhere; the one judged is the one connected to."""
    asked, means = [], ["93.184.216.34"]

    def resolver(host, port):
        asked.append((host, port))
        return list(means)

    port = receiver.server.server_port
    id_, secret = endpoint(url=f"https://hooks.example:{port}/x", resolver=resolver)
    office.finished()
    means[:] = ["127.0.0.1"]
    assert deliver_due(place, resolver) == 1
    assert shown(place, chief, id_)[0].failure == "address"
    webhooks.remove(place, chief, id_)
    assert receiver.requests == []
    asked.clear()
    _, secret = endpoint(url=f"http://receiver.test:{port}/x", resolver=resolver)
    office.finished()
    assert deliver_due(inside, resolver) == 1
    assert asked == [("receiver.test", port)] * 2, "once to register, once to send"
    _path, headers, body = receiver.requests[0]
    assert headers["Host"] == f"receiver.test:{port}"
    assert signed_by(secret, headers, body)


def _certificate(folder, name):
    """Make a certificate for a name that vouches for itself; return the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_the_certificate_is_that_of_the_name_by_an_authority_that_is_known(receiver, tmp_path, monkeypatch):
    right, wrong = _certificate(tmp_path, "receiver.test"), _certificate(tmp_path, "other.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(right)
    names = []
    context.sni_callback = lambda _sock, name, _context: names.append(name)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)

    def send(host):
        url = f"https://{host}:{receiver.server.server_port}/x"
        return outgoing.post(url, b"{}", {}, ("127.0.0.1",), lambda *_: ["127.0.0.1"])

    with pytest.raises(OutgoingError, match="tls"):
        send("receiver.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(wrong))
    with pytest.raises(OutgoingError, match="tls"):
        send("receiver.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(right))
    with pytest.raises(OutgoingError, match="tls"):
        send("other.test")
    assert receiver.requests == []
    assert send("receiver.test") == 204
    assert names == ["receiver.test", "receiver.test", "other.test", "receiver.test"]


def _asked(taken):
    """Read a request to its end, which is its body: who closes before takes back what he said."""
    seen = b""
    while not seen.endswith(b"{}"):
        seen += taken.recv(10_000)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([b"HTTP/1.1 ", b"2", b"0", b"0"] * 50, "time"),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], "answer"),
        ([b""], "answer"),
    ],
)
def test_who_answers_slowly_wrongly_or_without_end_is_left(monkeypatch, said, code):
    monkeypatch.setattr(outgoing, "WHOLE_SECONDS", 0.6)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            taken, _ = server.accept()
            with taken:
                _asked(taken)
                for part in said:
                    try:
                        taken.sendall(part)
                    except OSError:
                        return
                    if len(said) > 1:
                        threading.Event().wait(0.05)

        talking = threading.Thread(target=answer)
        talking.start()
        with pytest.raises(OutgoingError) as refused:
            outgoing.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, ("127.0.0.1",))
        talking.join(10)
    assert refused.value.code == code


@pytest.mark.parametrize("head", [b"\r\n", b"X: "])
def test_a_long_answer_is_not_read(head):
    """Its status is all that counts: whatever else comes is left where it is."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            taken, _ = server.accept()
            with taken, suppress(OSError):
                _asked(taken)
                taken.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"x" * 90_000_000)

        talking = threading.Thread(target=answer)
        talking.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert outgoing.post(url, b"{}", {}, ("127.0.0.1",)) == 200
        talking.join(10)
    assert not talking.is_alive()


def test_a_new_secret_signs_at_once_and_the_one_before_for_a_day(inside, chief, receiver, endpoint, clock):
    id_, first = endpoint()
    second = webhooks.renew_secret(inside, chief, id_)
    for hours, old in ((0, True), (23, True), (2, False)):
        clock.forward(hours=hours)
        webhooks.try_out(inside, chief, id_)
        deliver_due(inside)
        _path, headers, body = receiver.requests[-1]
        assert signed_by(second, headers, body)
        assert signed_by(first, headers, body) == old
        assert len(headers["webhook-signature"].split()) == 1 + old


def test_secrets_are_of_no_use_without_the_key_of_the_instance(inside, chief, receiver, endpoint):
    id_, secret = endpoint()
    with inside.database.reading() as connection:
        found = store.endpoint(connection, chief.org_id, id_)
        handed_out = dict(organisation_data.rows(connection, chief.org_id))["webhook_endpoint"]
    assert secret.removeprefix("whsec_") not in str(found)
    assert [set(row) & {"secret_sealed", "old_secret_sealed", "url"} for row in handed_out] == [{"url"}]
    other = replace(inside, settings=replace(inside.settings, secret_key="y" * 64))
    webhooks.try_out(other, chief, id_)
    deliver_due(other)
    assert receiver.requests == []
    assert shown(other, chief, id_)[0].failure == "secret"
    renewed = webhooks.renew_secret(other, chief, id_)
    webhooks.try_out(other, chief, id_)
    deliver_due(other)
    assert signed_by(renewed, *receiver.requests[0][1:])


def test_an_endpoint_that_never_takes_anything_is_switched_off_and_administrators_told(
    inside, chief, receiver, endpoint, clock, office
):
    id_, _ = endpoint(("assessment.approved",))
    receiver.answers = [500] * 1_000

    def approve(count=1):
        with work(inside, office.people["officer"]) as unit:
            for _ in range(count):
                unit.log("assessment.approved", "c" * 32, number=1)

    approve(delivering.GIVEN_UP_MOST)
    for _ in range(delivering.ATTEMPTS):
        empty(inside)
        clock.forward(hours=15)
    found, sent = webhooks.endpoint(inside, chief, id_)
    assert found.state == store.OFF
    assert {(item.state, item.attempts) for item in sent} == {(store.FAILED, 8)}
    assert len(receiver.requests) == delivering.ATTEMPTS * delivering.GIVEN_UP_MOST
    mails = [mail for mail in post.outbox(inside, chief) if "Webhooks" in mail.subject]
    assert [mail.address for mail in mails] == [chief.email]
    assert f"/organisation/webhooks/{id_}" in mails[0].body
    approve()
    assert deliver_due(inside) == 0, "what happens while it is off is not kept"
    with pytest.raises(RefusedError, match="webhook_off"):
        webhooks.send_again(inside, chief, sent[0].id)
    receiver.answers = []
    webhooks.resume(inside, chief, id_)
    assert webhooks.send_again(inside, chief, sent[0].id) == id_
    empty(inside)
    assert receiver.requests[-1][1]["webhook-id"] == sent[0].event_id
    assert webhooks.endpoint(inside, chief, id_)[0].failures == 0


def test_who_says_that_it_is_gone_is_asked_no_more(inside, chief, receiver, endpoint, office):
    id_, _ = endpoint()
    receiver.answers = [410]
    office.finished()
    deliver_due(inside)
    assert webhooks.endpoint(inside, chief, id_)[0].state == store.OFF


def test_what_happens_while_it_is_paused_comes_afterwards(inside, chief, receiver, endpoint, office):
    id_, _ = endpoint(("use_case.classified",))
    webhooks.pause(inside, chief, id_)
    office.finished()
    webhooks.try_out(inside, chief, id_)
    empty(inside)
    assert [json.loads(body)["type"] for *_, body in receiver.requests] == ["webhook.test"]
    webhooks.resume(inside, chief, id_)
    empty(inside)
    assert len(receiver.requests) == 2
    webhooks.remove(inside, chief, id_)
    office.finished()
    assert deliver_due(inside) == 0
    endpoint()
    office.finished()
    with inside.database.writing() as connection:
        organisation_data.erase(connection, office.org)
        assert store.due(connection, inside.clock(), 10) == []


def test_one_that_hangs_keeps_no_other_waiting(inside, chief, receiver, endpoint, office):
    hanging = Receiver()
    hanging.hold = threading.Event()
    try:
        slow, _ = endpoint(url=hanging.url)
        quick, _ = endpoint()
        office.finished()
        sending = threading.Thread(target=deliver_due, args=(inside,))
        sending.start()
        assert hanging.came.wait(10)
        assert receiver.came.wait(10)
        assert shown(inside, chief, slow)[0].state == store.WAITING
        assert deliver_due(inside) == 0, "what one worker has, no other takes"
        hanging.hold.set()
        sending.join(20)
        assert {shown(inside, chief, id_)[0].state for id_ in (slow, quick)} == {store.DELIVERED}
    finally:
        hanging.hold.set()
        hanging.close()


@pytest.mark.parametrize("guide", ["docs/en/api.md", "docs/fr/api.md"])
def test_the_example_of_the_guide_checks_a_message(inside, chief, receiver, endpoint, clock, guide):
    clock.now = datetime.now(UTC)
    id_, secret = endpoint()
    webhooks.renew_secret(inside, chief, id_)
    webhooks.try_out(inside, chief, id_)
    deliver_due(inside)
    _path, headers, body = receiver.requests[0]
    known = {}
    exec(re.search(r"```python\n(.+?)```", (ROOT / guide).read_text(), re.DOTALL)[1], known)
    assert known["genuine"](secret, headers, body)
    assert not known["genuine"](webhooks.new_secret(), headers, body)
    assert not known["genuine"](secret, headers, body + b" ")
    assert not known["genuine"](secret, {**headers, "webhook-timestamp": "1"}, body)


def test_what_is_a_month_old_is_forgotten(inside, chief, receiver, endpoint, office, clock):
    id_, _ = endpoint()
    office.finished()
    clock.forward(days=29)
    delivering.forget_old(inside)
    assert shown(inside, chief, id_)
    clock.forward(days=2)
    delivering.forget_old(inside)
    assert shown(inside, chief, id_) == []


def test_it_is_for_administrators_with_a_second_factor_of_this_organisation(inside, chief, endpoint, office):
    id_, _ = endpoint()
    webhooks.try_out(inside, chief, id_)
    sent = shown(inside, chief, id_)[0].id
    roles = {role.value: frozenset((role,)) for role in Role}
    other = replace(Office.open(inside, "Autre", roles).people["administrator"], has_totp=True)
    for ask in (webhooks.endpoint, webhooks.pause, webhooks.resume, webhooks.remove, webhooks.try_out):
        with pytest.raises(NotFoundError):
            ask(inside, other, id_)
    for ask, about in ((webhooks.renew_secret, id_), (webhooks.send_again, sent)):
        with pytest.raises(NotFoundError):
            ask(inside, other, about)
    assert webhooks.endpoints(inside, other) == []
    with pytest.raises(SecondFactorNeededError):
        webhooks.endpoints(inside, replace(chief, has_totp=False))
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(NotAllowedError):
            webhooks.endpoints(inside, office.people[role.value])


def test_what_cannot_be_an_endpoint_is_refused(inside, chief, endpoint, receiver):
    for wanted in ((), ("case.begun",), ("webhook.test",)):
        with pytest.raises(RefusedError, match="unknown_choice"):
            endpoint(wanted)
    with pytest.raises(RefusedError, match="example_no_webhooks"):
        webhooks.add(inside, replace(chief, example=True), url=receiver.url, description="", wanted=ALL)
    for _ in range(webhooks.ENDPOINTS_MOST):
        id_, _ = endpoint()
    with pytest.raises(RefusedError, match="webhooks_many"):
        endpoint()
    for _ in range(webhooks.TESTS_MOST):
        webhooks.try_out(inside, chief, id_)
    with pytest.raises(RefusedError, match="webhook_tests_waiting"):
        webhooks.try_out(inside, chief, id_)


def test_a_worker_killed_in_between_sends_again_under_the_same_id(inside, chief, receiver, endpoint, office, clock):
    id_, secret = endpoint()
    office.finished()
    receiver.hold = threading.Event()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYRAMIDE_")},
        "PYRAMIDE_INSTANCE": str(inside.settings.instance),
        "PYRAMIDE_DATABASE_URL": inside.settings.database_url,
        "PYRAMIDE_SECRET_KEY": inside.settings.secret_key,
        "PYRAMIDE_WEBHOOK_INTERNAL": "127.0.0.1",
    }
    worker = subprocess.Popen([sys.executable, "-m", "compliance.cli", "work"], env=environment, cwd=ROOT)
    try:
        assert receiver.came.wait(60), "the worker sends by itself"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(20)
        receiver.hold.set()
    assert shown(inside, chief, id_)[0].state == store.WAITING
    clock.now = datetime.now(UTC) + timedelta(seconds=90)
    assert deliver_due(inside) == 0, "another may still be at it"
    clock.forward(minutes=1)
    assert deliver_due(inside) == 1
    assert shown(inside, chief, id_)[0].state == store.DELIVERED
    (_, first, body), (_, second, again) = receiver.requests
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again
    assert signed_by(secret, first, body)
    assert signed_by(secret, second, again)

"""Messages through a real mail server, run here."""

import dataclasses
import socket

import pytest
from aiosmtpd.controller import Controller

from compliance.config import Mailing
from compliance.operations import people, post
from compliance.operations.rights import Role
from compliance.operations.workplace import Workplace


class Box:
    """What a mail server received."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, ARG002 - the library's names
        self.messages.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def box():
    found = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found.port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    yield found
    controller.stop()


def mailing(place, port):
    sender = Mailing("127.0.0.1", port, "pyramide@example.com", None, None, tls=False)
    return Workplace(place.database, place.library, dataclasses.replace(place.settings, mailing=sender), place.clock)


def test_messages_go_out_once_and_links_do_not_stay(place, office, box):
    where = mailing(place, box.port)
    administrator = dataclasses.replace(office.people["administrator"], has_totp=True)
    link = people.invite(where, administrator, email="new@example.com", roles=frozenset((Role.AUDITOR,)), language="fr")
    assert "/welcome/…" in post.outbox(where, administrator)[0].body, "not readable before it is sent either"
    assert post.send_waiting(where) == 1
    assert post.send_waiting(where) == 0
    (to, content), *_ = box.messages
    assert to == ["new@example.com"]
    assert link.rpartition("/")[2][:20] in content.replace("=\r\n", "").replace("=\n", "")
    with place.database.reading() as connection:
        assert link.rpartition("/")[2] not in str(connection.exec_driver_sql("SELECT body FROM mail").fetchall())


def test_a_server_that_does_not_answer_is_said_and_tried_again(place, office, box):
    administrator = dataclasses.replace(office.people["administrator"], has_totp=True)
    dead = mailing(place, 9)
    people.invite(dead, administrator, email="new@example.com", roles=frozenset((Role.AUDITOR,)), language="en")
    assert post.send_waiting(dead) == 0
    assert "refused" in post.outbox(dead, administrator)[0].failure
    assert post.send_waiting(mailing(place, box.port)) == 1


def test_without_mail_no_link_is_kept(place, office):
    administrator = dataclasses.replace(office.people["administrator"], has_totp=True)
    people.invite(place, administrator, email="new@example.com", roles=frozenset((Role.AUDITOR,)), language="fr")
    assert post.outbox(place, administrator) == []


@pytest.mark.parametrize("address", ['(<@"[}).]', "('&@):&.x", "a:;@b.example", "́'@[*.x"])
def test_an_address_that_is_none_holds_up_nobody_else(place, office, box, address):
    administrator = dataclasses.replace(office.people["administrator"], has_totp=True)
    where = mailing(place, box.port)
    for email in (address, "new@example.com"):
        people.invite(where, administrator, email=email, roles=frozenset((Role.AUDITOR,)), language="fr")
    post.send_waiting(where)
    assert ["new@example.com"] in [to for to, _content in box.messages]

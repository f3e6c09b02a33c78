"""One request to an address that somebody typed: to no machine of the house, unless a setting names it.

The name is resolved once, every address that it has is judged, and the connection is made to one of them: what the name
means a moment later makes no difference. Nothing is read from the environment but the authorities that certificates are
checked by (as OpenSSL does), no redirect is followed, and of the answer only its status is told.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 10.0
ANSWER_BYTES = 4_096  # of the answer, its headers included
_ADDRESSES_TRIED = 3
_HOST_MOST = 253
_NAT64 = ip_network("64:ff9b::/96")
_NOT_PUBLIC = (ip_network("2002::/16"), ip_network("fec0::/10"))  # tunnels of IPv4, sites: global to the library
Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]


class OutgoingError(Exception):
    """The request was not made, or not answered; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the parts of an address that was typed."""

    secure: bool
    host: str
    port: int
    path: str


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the machine finds them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def target(url: str) -> Target:
    """Return the parts of an address. Raises OutgoingError("url") for what is none that may be asked."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise OutgoingError("url") from None
    plain = url.isascii() and not any(sign <= " " or sign == "\x7f" for sign in url)
    named = parts.scheme in ("https", "http") and 0 < len(host) <= _HOST_MOST
    if not plain or not named or "@" in parts.netloc or parts.fragment or "\\" in url or port == 0:
        raise OutgoingError("url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or (443 if parts.scheme == "https" else 80), path)


def check(url: str, allowed: Sequence[str], resolver: Resolver = resolve) -> list[str]:
    """Return the addresses that a request may be sent to; ``allowed`` are names and networks of the house.

    Every address of the name must be one that may be asked. Raises OutgoingError: "url"; "address" (none, or one of the
    house: nobody learns which names the house has); "plain" (without TLS, but for the machine itself where allowed).
    """
    to = target(url)
    try:
        found = [ip_address(text) for text in resolver(to.host, to.port)]
    except (OSError, ValueError, UnicodeError):
        raise OutgoingError("address") from None
    if not found or not all(_may(address, to.host, allowed) for address in found):
        raise OutgoingError("address")
    if not to.secure and not all(_meant(address).is_loopback for address in found):
        raise OutgoingError("plain")
    return [str(address) for address in found]


def _meant(address: Address) -> Address:
    """Return the IPv4 address that one of IPv6 stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _may(address: Address, host: str, allowed: Sequence[str]) -> bool:
    meant = _meant(address)
    if meant.is_link_local or meant.is_multicast or meant.is_unspecified:
        return False  # whatever a setting says: services of the machine's cloud answer there
    if meant.is_global and not meant.is_reserved and not any(meant in network for network in _NOT_PUBLIC):
        return True
    return any(_names(entry, meant, host) for entry in allowed)


def _names(entry: str, address: Address, host: str) -> bool:
    """Tell whether an entry of the setting is a network that holds an address, or the name that was asked for."""
    try:
        return address in ip_network(entry)
    except ValueError:
        return entry.casefold() == host.casefold()


def post(
    url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[str], resolver: Resolver = resolve
) -> int:
    """Send a body and return the status of the answer, within ten seconds once the name is known.

    Raises OutgoingError: the codes of ``check``, and "connect", "tls" (mostly the certificate), "time", "answer" (none,
    or not HTTP).
    """
    to, addresses = target(url), check(url, allowed, resolver)
    until = monotonic() + WHOLE_SECONDS
    try:
        with closing(_opened(to, addresses, until)) as sock:
            return _status(to, sock, body, headers, until)
    except TimeoutError:
        raise OutgoingError("time") from None
    except ssl.SSLError:
        raise OutgoingError("tls") from None
    except (HTTPException, ValueError):
        raise OutgoingError("answer") from None
    except OSError:
        raise OutgoingError("connect") from None


def _left(until: float, most: float = WHOLE_SECONDS) -> float:
    """Return how many seconds are left. Raises TimeoutError."""
    if (left := min(most, until - monotonic())) <= 0:
        raise TimeoutError
    return left


def _opened(to: Target, addresses: Sequence[str], until: float) -> socket.socket:
    """Return a connection to the first address that takes one; with TLS, the certificate is that of the name."""
    sock = _connected(to, addresses[:_ADDRESSES_TRIED], until)
    if not to.secure:
        return sock
    try:
        sock.settimeout(_left(until, CONNECT_SECONDS))
        return ssl.create_default_context().wrap_socket(sock, server_hostname=to.host)
    except BaseException:
        sock.close()
        raise


def _connected(to: Target, addresses: Sequence[str], until: float) -> socket.socket:
    trouble: OSError = ConnectionError()
    for address in addresses:
        try:
            return socket.create_connection((address, to.port), _left(until, CONNECT_SECONDS))
        except OSError as error:
            trouble = error
    raise trouble


class _Answer(io.RawIOBase):
    """What comes back, up to a number of bytes and a moment."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until, self._left = sock, until, ANSWER_BYTES

    def makefile(self, *_: object) -> io.BufferedReader:
        """Return itself as the library reads it from a connection."""
        return io.BufferedReader(self, ANSWER_BYTES)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes. Raises TimeoutError."""
        if not self._left:
            return 0
        self._sock.settimeout(_left(self._until))
        count = self._sock.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count


def _status(to: Target, sock: socket.socket, body: bytes, headers: Mapping[str, str], until: float) -> int:
    kind = HTTPSConnection if to.secure else HTTPConnection  # it names the host and the port in the header
    connection = kind(f"[{to.host}]" if ":" in to.host else to.host, to.port)
    connection.sock = sock
    sock.settimeout(_left(until))
    connection.request("POST", to.path, body, {**headers, "Connection": "close"})
    response = HTTPResponse(_Answer(sock, until))  # type: ignore[arg-type]  # it asks for no more than makefile
    response.begin()
    return response.status

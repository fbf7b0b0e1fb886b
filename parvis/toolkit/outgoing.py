"""Requests to addresses that a person wrote into Parvis: webhooks, calendars elsewhere, providers.

Such an address may point anywhere, also into the house's own network. The name is resolved once, every answer is
looked at, and the connection goes to the address that was looked at: a name that resolves differently a moment later
reaches nothing else. Redirects are not followed by themselves, environments' proxies are not asked.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
import urllib3
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from urllib3.connection import HTTPConnection, HTTPSConnection

from parvis.kernel.errors import Invalid, ParvisError

AGENT = "Parvis"
TIMEOUT = 10.0
ANSWER_MAX_BYTES = 64 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}
_NAT64 = ip_network("64:ff9b::/96")


class Unreachable(ParvisError):
    """No whole answer came; the message says why, in words for whoever looks after the address."""

    http_status = 502
    default_code = "unreachable"


@dataclass(frozen=True)
class Answer:
    """What came back: the status, headers by lower-case name, and the body (at most what was allowed)."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it was taken: any 2xx."""
        return 200 <= self.status < 300


def address_checked(url: str) -> str:
    """The address as it may be kept, or Invalid in words: http(s), a host, no password, no place within the house.

    The name is not resolved here: that is for the moment of asking.
    """
    try:
        parts, __ = urlsplit(url.strip()), urlsplit(url.strip()).port
    except ValueError:
        raise Invalid(_("This is not an address: write https://…")) from None
    if parts.scheme not in PORTS or not parts.hostname or not url.strip().isascii() or _has_spaces(url.strip()):
        raise Invalid(_("This is not an address: write https://…"))
    if parts.username or parts.password:
        raise Invalid(_("An address holds no name and no password: leave out what stands before the @."))
    if (literal := _literal(parts.hostname)) is not None and not _allowed(literal):
        raise Invalid(_("This address lies within a private network: Parvis does not ask there."))
    return url.strip()


def ask(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    max_bytes: int = ANSWER_MAX_BYTES,
    redirects: int = 0,
    whole: bool = True,
) -> Answer:
    """Ask `url` and return its answer, whatever its status.

    timeout:   seconds for the whole exchange, redirects included.
    max_bytes: a longer body raises Unreachable: half a document is none; unless `whole` is False, for whoever looks at
               the status alone: then it is cut.
    redirects: how many are followed; each target is looked at like the first. Followed by GET only.
    Raises Invalid for what is no address and Unreachable when no whole answer came.
    """
    until = time.monotonic() + timeout
    for left in range(redirects, -1, -1):
        answer = _ask_once(method, urlsplit(address_checked(url)), body, dict(headers or {}), until, max_bytes, whole)
        if answer.status not in REDIRECTS or method != "GET" or "location" not in answer.headers or left == 0:
            return answer
        target = urljoin(url, answer.headers["location"])
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise Unreachable(_("It sends on to an address without encryption."))
        url = target
    raise AssertionError("unreachable")


def _ask_once(
    method: str, parts: SplitResult, body: bytes, headers: dict[str, str], until: float, max_bytes: int, whole: bool
) -> Answer:
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    named = f"[{host}]" if ":" in host else host
    given = {"User-Agent": AGENT, **headers, "Host": named if port == PORTS[parts.scheme] else f"{named}:{port}"}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, str(_resolved(host, port)), port, host, _left(until))
    cut = None
    try:
        connection.connect()
        # A timeout is for one wait; who sends a byte at a time would hold us as long as they like.
        cut = threading.Timer(_left(until), _cut, [connection.sock])
        cut.start()
        connection.request(method, path, body=body or None, headers=given, preload_content=False, decode_content=False)
        response = connection.getresponse()
        found = _body(response, max_bytes, whole)
        _left(until)
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, found)
    except (urllib3.exceptions.SSLError, ssl.SSLError):
        raise Unreachable(_("Its certificate is not valid for its name.")) from None
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError):
        _left(until)
        raise Unreachable(_("It cannot be reached.")) from None
    finally:
        if cut is not None:
            cut.cancel()
        connection.close()


def _connection(scheme: str, address: str, port: int, host: str, seconds: float) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(address, port, timeout=seconds)
    # The connection goes to an address; the certificate is the name's.
    return HTTPSConnection(
        address, port, timeout=seconds, server_hostname=host, assert_hostname=host, ca_certs=certifi.where(),
        cert_reqs="CERT_REQUIRED",
    )  # fmt: skip


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # The plain shutdown: that of an encrypted socket takes its state from under whoever reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _body(response: urllib3.BaseHTTPResponse, max_bytes: int, whole: bool) -> bytes:
    parts, size = [], 0
    while part := response.read1(16 * 1024):
        size += len(part)
        parts.append(part)
        if size > max_bytes:
            if whole:
                raise Unreachable(_("Its answer is too long."))
            break
    return b"".join(parts)[:max_bytes]


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise Unreachable(_("It did not answer in time."))
    return seconds


def _resolved(host: str, port: int) -> IPv4Address | IPv6Address:
    """Where `host` is. One address that is not allowed among its answers refuses the name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(_("Its name is not known.")) from None
    addresses = [ip_address(str(where[0]).partition("%")[0]) for *__, where in found]
    if not addresses or not all(map(_allowed, addresses)):
        raise Unreachable(_("It lies within a private network: Parvis does not ask there."))
    # IPv4 first: a house without IPv6 often resolves it all the same.
    return min(addresses, key=lambda address: address.version)


def _allowed(address: IPv4Address | IPv6Address) -> bool:
    if any(address in ip_network(network, strict=False) for network in settings.PARVIS_OUTGOING_NETWORKS):
        return True
    judged = _embedded(address) or address
    return judged.is_global and not judged.is_multicast


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address only wraps."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _has_spaces(text: str) -> bool:
    return any(character.isspace() or ord(character) < 33 for character in text)

"""Requests to addresses that people write in: they reach what was looked at, and nothing within the house."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from parvis.kernel.errors import Invalid
from parvis.toolkit.outgoing import Unreachable, address_checked, ask


class Place(BaseHTTPRequestHandler):
    """Answers what the path asks for."""

    def do_GET(self) -> None:
        name, __, more = self.path[1:].partition("/")
        if name == "to":
            self.send_response(302)
            self.send_header("Location", more)
            self.end_headers()
            return
        if name == "drip":
            self.send_response(200)
            self.end_headers()
            for __ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
            return
        body = {"long": b"x" * 100_000}.get(name, b"well")
        self.send_response(503 if name == "away" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Host", self.headers["Host"])
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def place() -> Iterator[Callable[[str], str]]:
    """An address at a server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield lambda path: f"http://127.0.0.1:{server.server_port}/{path}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def within(settings: Any) -> None:
    """This machine may be asked."""
    settings.PARVIS_OUTGOING_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let names resolve to these addresses."""

    def resolve(*addresses: str) -> None:
        def found(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
            there = [host] if host in addresses else addresses
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in there]

        monkeypatch.setattr(socket, "getaddrinfo", found)

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.5.5",
            "169.254.169.254",
            "100.64.0.1",
            "0.1.2.3",
            "224.0.0.1",
        ),
        *("[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::1]", "[::]"),
    ],
)
def test_no_place_within_the_house_is_asked(address: str) -> None:
    with pytest.raises(Invalid, match="private network"):
        ask("GET", f"http://{address}/")


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"]])
def test_nor_by_a_name_that_leads_there(named: Callable[..., None], addresses: list[str]) -> None:
    named(*addresses)
    with pytest.raises(Unreachable, match="private network"):
        ask("GET", "https://innocent.example/")


@pytest.mark.parametrize(
    "text",
    ["", "innocent.example", "ftp://a.example/", "http://", "http://a b.example/", "https://a.example:99999/",
     "https://user:secret@a.example/", "file:///etc/passwd", "http://[::1", "https://é.example/",
     "http://a.example/\r\nX: y"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        address_checked(text)
    assert "secret" not in str(refused.value)


@pytest.mark.usefixtures("within")
class TestAsking:
    def test_an_answer_has_its_status_headers_and_body(self, place: Callable[[str], str]) -> None:
        answer = ask("GET", place("well?x=1"))
        assert (answer.status, answer.ok, answer.body) == (200, True, b"well")
        assert answer.headers["x-host"] == place("").split("/")[2]
        assert ask("GET", place("away")).status == 503

    def test_a_body_arrives(self, place: Callable[[str], str]) -> None:
        assert ask("POST", place("taken"), body=b"{}", headers={"Content-Type": "application/json"}).body == b"{}"

    def test_the_name_is_said_and_the_address_that_was_looked_at_is_asked(
        self, place: Callable[[str], str], named: Callable[..., None]
    ) -> None:
        named("127.0.0.1")
        port = place("").split(":")[2].strip("/")
        assert ask("GET", f"http://house.example:{port}/").headers["x-host"] == f"house.example:{port}"

    def test_a_long_answer_is_not_read(self, place: Callable[[str], str]) -> None:
        with pytest.raises(Unreachable, match="too long"):
            ask("GET", place("long"))

    def test_or_cut_for_whoever_looks_at_the_status_alone(self, place: Callable[[str], str]) -> None:
        answer = ask("GET", place("long"), max_bytes=1000, whole=False)
        assert (answer.status, answer.body) == (200, b"x" * 1000)

    def test_who_drips_is_cut(self, place: Callable[[str], str]) -> None:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            ask("GET", place("drip"), timeout=0.5)
        assert time.monotonic() - began < 3

    def test_nobody_there_is_said(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            port = nobody.getsockname()[1]
        with pytest.raises(Unreachable, match="cannot be reached"):
            ask("GET", f"http://127.0.0.1:{port}/")

    def test_redirects_are_followed_when_asked_and_looked_at_alike(self, place: Callable[[str], str]) -> None:
        assert ask("GET", place("to//well")).status == 302
        assert ask("GET", place("to//well"), redirects=2).body == b"well"
        with pytest.raises(Invalid, match="private network"):
            ask("GET", place("to/http://10.0.0.1/"), redirects=2)

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, tmp_path: Path, named: Callable[..., None]) -> None:
        certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=house.example"]
        subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        named("127.0.0.1")
        try:
            with pytest.raises(Unreachable, match="certificate"):
                ask("GET", f"https://house.example:{server.server_port}/")
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

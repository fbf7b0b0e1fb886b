"""What one is told when an address that Parvis needs is taken."""

import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from parvis.config.ports import PortTaken, require_free, serves_pages


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_free_port_passes_and_stays_free():
    port = _free()
    for _ in range(2):
        require_free("127.0.0.1", port, variable="PARVIS_PORT", purpose="the web pages")


def test_a_taken_port_is_named_with_what_to_do(taken):
    with pytest.raises(PortTaken) as raised:
        require_free("127.0.0.1", taken, variable="PARVIS_PORT", purpose="the web pages")
    text = str(raised.value)
    assert f"Port {taken} on 127.0.0.1 (the web pages) is in use" in text
    assert f"PARVIS_PORT={taken + 1} make run" in text


@pytest.mark.parametrize(("status", "open_"), [(200, True), (400, True), (500, False), (None, False)])
def test_parvis_is_open_once_it_answers_and_not_before(status, open_):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if status and self.path == "/healthz":
                self.send_response(status)
                self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        assert serves_pages("127.0.0.1", server.server_port) is open_
        server.shutdown()
    assert not serves_pages("127.0.0.1", server.server_port)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_number_that_is_no_port_is_refused_in_words(port):
    with pytest.raises(PortTaken, match="Choose another"):
        require_free("127.0.0.1", port, variable="PARVIS_PORT", purpose="the web pages")


@pytest.mark.parametrize(
    ("variable", "other", "purpose"),
    [("PARVIS_PORT", "PARVIS_SMTP_PORT", "the web pages"), ("PARVIS_SMTP_PORT", "PARVIS_PORT", "incoming mail")],
)
def test_run_refuses_a_taken_port_before_it_touches_the_data(taken, tmp_path, variable, other, purpose):
    environment = {**os.environ, "PARVIS_HOME": str(tmp_path), variable: str(taken), other: str(_free())}
    done = subprocess.run(
        [sys.executable, "-m", "parvis.config.cli", "run"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert f"Port {taken} on 127.0.0.1 ({purpose}) is in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "parvis.sqlite3").exists()

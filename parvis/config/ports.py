"""Whether the addresses that Parvis listens on are free before it starts, and answer afterwards."""

import errno
import http.client
import socket


class PortTaken(Exception):
    """An address cannot be listened on; the message says which, why, and what to do."""


def require_free(host: str, port: int, *, variable: str, purpose: str) -> None:
    """Raise `PortTaken` unless a server could listen on `host`:`port` now.

    `variable` is the environment variable that would choose another port, `purpose` what the port is for.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections of a server just stopped linger; they do not keep a new one from listening.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except (OSError, OverflowError) as error:
            raise PortTaken(_explanation(error, host, port, variable, purpose)) from None


def serves_pages(host: str, port: int) -> bool:
    """Whether Parvis answers HTTP on `host`:`port`; an address that means "every one" is asked on loopback.

    Listening is not enough: granian listens before its workers have loaded what they serve.
    """
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(reachable, port, timeout=0.5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _explanation(error: Exception, host: str, port: int, variable: str, purpose: str) -> str:
    another = f"{variable}={port + 1 if 1024 <= port < 65535 else 8025} make run"
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} ({purpose}) is in use, perhaps by a Parvis already running.\n"
            f"Stop the program that uses it (`ss -ltnp 'sport = :{port}'` shows which), "
            f"or choose another port: {another}"
        )
    if number == errno.EACCES:
        return (
            f"This account may not listen on port {port} ({purpose}): ports below 1024 are reserved.\n"
            f"Choose another port, for example {another}, and put a proxy in front (docs/operations.md)."
        )
    return f"Parvis cannot listen on {host}, port {port} ({purpose}): {error}.\nChoose another: {another}"

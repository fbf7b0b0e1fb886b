"""Debian's Dovecot as a child process: a real IMAP server for as long as a test lasts."""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "accueil@canal.example", "p/w with @ & colon"
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def dovecot_program() -> str | None:
    """Dovecot with its IMAP part, if it is on this machine (Debian: dovecot-imapd)."""
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    return found if found and Path("/usr/lib/dovecot/imap").exists() else None


@contextmanager
def dovecot(home: Path) -> Iterator[int]:
    """A server with one empty mailbox, of `USER` with `PASSWORD`; the port it listens on."""
    program = dovecot_program()
    assert program
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Dovecot refuses to serve mail as root; its own account is there where it is installed.
    account = pwd.getpwnam("dovecot") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    login = "dovenull" if os.geteuid() == 0 else account.pw_name
    (home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    (home / "mail").mkdir()
    (home / "log").touch()
    if os.geteuid() == 0:
        for path in (home, home / "mail", home / "log", home / "users"):
            os.chown(path, account.pw_uid, account.pw_gid)
        for parent in home.parents:
            if parent.stat().st_uid == 0 and parent != Path("/") and "pytest" in str(parent):
                parent.chmod(0o755)
    config = home / "dovecot.conf"
    group = grp.getgrgid(account.pw_gid).gr_name
    names = {"user": account.pw_name, "group": group, "login_user": login, "uid": account.pw_uid, "gid": account.pw_gid}
    config.write_text(_CONFIG.format(home=home, port=port, **names))
    process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _answers(process, port, home)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(process: "subprocess.Popen[bytes]", port: int, home: Path) -> None:
    for __ in range(150):
        try:
            with imaplib.IMAP4("127.0.0.1", port, timeout=5) as server:
                server.login(USER, PASSWORD)
                return
        except (OSError, imaplib.IMAP4.error):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            time.sleep(0.1)
    raise AssertionError((home / "log").read_text())

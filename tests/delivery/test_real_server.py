"""A mail server that others wrote, on this machine: Postfix with Dovecot, as Debian ships them.

They want root and to be installed; where that is not so the test says what is missing and is
skipped. Settings, queue and post lie in a folder of the test's own, the port is a free one.
"""

from __future__ import annotations

import html
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.clock import SteppedClock
from monitor.delivery import SmtpChannel, SmtpSettings, compose, dispatch, message_id
from monitor.model import DeliveryState, Message
from tests.delivery.conftest import NOW

pytestmark = pytest.mark.slow

SHOWN = Path(__file__).parents[1] / "data" / "digests"
READER, SENDER, PASSWORD = "reader@double.example.org", "Watch <watch@example.org>", "correct-horse"
POSTFIX = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = double.example.org
mydestination =
alias_maps =
alias_database =
virtual_mailbox_domains = double.example.org
virtual_mailbox_base = {folder}/mails
virtual_mailbox_maps = inline:{{ reader@double.example.org=box/ }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unauth_destination, permit_sasl_authenticated, reject
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0666
  }}
}}
"""


@dataclass
class Server:
    """A running mail server and its post."""

    port: int
    mails: Path
    ca_file: Path

    def channel(self, password: str = PASSWORD) -> SmtpChannel:
        return SmtpChannel(
            SmtpSettings("desk", "127.0.0.1", SENDER, self.port, username="watch",
                         password=password, ca_file=str(self.ca_file))
        )  # fmt: skip

    def post(self, count: int) -> list[bytes]:
        """Wait until ``count`` mails are in the box; return them all."""
        end = time.monotonic() + 20
        while len(found := [one for one in self.mails.glob("box/new/*") if one.is_file()]) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} mails arrived"
            time.sleep(0.1)
        return [one.read_bytes() for one in found]


@pytest.fixture(scope="module")
def server(certificate) -> Iterator[Server]:
    for tool in ("/usr/sbin/postfix", "/usr/sbin/dovecot"):
        if not Path(tool).exists():
            pytest.skip(f"no {tool} here; apt-get install postfix dovecot-core brings it")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only")
    # Not in the usual folder for tests, which only root may enter: the box belongs to another.
    folder = Path(tempfile.mkdtemp(prefix="newsmonitor-mail-"))
    try:
        yield from running(folder, certificate.path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def running(folder: Path, cert: Path) -> Iterator[Server]:
    port = free_port()
    write(folder, cert, port)
    tell = ["/usr/sbin/postfix", "-c", str(folder)]
    subprocess.run([*tell, "check"], check=True, capture_output=True)  # makes the queue's folders
    with (folder / "log").open("wb") as log:
        login = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")],
                                 stdout=log, stderr=log)  # fmt: skip
        post = subprocess.Popen([*tell, "start-fg"], stdout=log, stderr=log)
    try:
        ready = answers(port, post) and appears(folder / "queue" / "private" / "auth")
        if not ready:
            pytest.skip(f"Postfix does not start here: {(folder / 'log').read_text()[-400:]}")
        yield Server(port, folder / "mails", cert)
    finally:
        subprocess.run([*tell, "stop"], check=False, capture_output=True)
        login.terminate()
        login.wait(10)
        post.wait(10)


def write(folder: Path, cert: Path, port: int) -> None:
    """Write the settings of both, and folders that belong to whom they must."""
    folder.chmod(0o755)
    nobody, postfix = pwd.getpwnam("nobody"), pwd.getpwnam("postfix")
    for name, owner in (("queue", 0), ("data", postfix.pw_uid), ("mails", nobody.pw_uid)):
        (folder / name).mkdir()
        os.chown(folder / name, owner, -1)
    places = {
        "folder": folder, "port": port, "cert": cert, "key": cert.with_name("key.pem"),
        "uid": nobody.pw_uid, "gid": nobody.pw_gid,
        "daemons": subprocess.run(["/usr/sbin/postconf", "-d", "-h", "daemon_directory"],
                                  check=True, capture_output=True, text=True).stdout.strip(),
    }  # fmt: skip
    for name, text in (("main.cf", POSTFIX), ("master.cf", MASTER), ("dovecot.conf", DOVECOT)):
        (folder / name).write_text(text.format(**places))
    (folder / "users").write_text(f"watch:{{PLAIN}}{PASSWORD}:::\n")


def appears(path: Path) -> bool:
    for _ in range(100):
        if path.exists():
            return True
        time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None:
                return False
            time.sleep(0.1)
        else:
            return True
    return False


def mail(day: str) -> Message:
    """Return a digest as it is sent, made of the renderings that people have looked at."""
    body = compose(
        digest_id=day, profile="daily", channel="desk", sender=SENDER, recipient=READER,
        subject="[Watch] 14 stories, 3 high · Дроны · پهپاد",
        text=(SHOWN / day / "digest.txt").read_text(encoding="utf-8"),
        html=(SHOWN / day / "digest.html").read_text(encoding="utf-8"),
        date=NOW, unsubscribe="https://example.org/stop?to={recipient}",
    )  # fmt: skip
    name = message_id(day, "desk", READER, SENDER)
    return Message("desk", READER, 1, 1, name, body, "message/rfc822")


def read(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def headlines(page: str) -> set[str]:
    return {html.unescape(one) for one in re.findall(r'href="(https?://[^"]+)"', page)}


async def test_a_real_server_takes_the_digest_and_the_reader_has_all_of_it(server, store):
    """STARTTLS, login, box: it parses, both forms list the same stories, the headers stand."""
    shown = ["full-day", "quiet-day", "flood"]
    for day in shown:
        store.ledger.add(day, [mail(day)], NOW)
    await dispatch(store.ledger, {"desk": server.channel()}, SteppedClock(NOW))
    assert {(one.state, one.error) for one in store.ledger.listed()} == {(DeliveryState.SENT, "")}
    box = {read(raw)["Message-ID"]: read(raw) for raw in server.post(len(shown))}
    for day in shown:
        found, sent = box[mail(day).name], read(mail(day).body)
        assert not found.defects
        for header in sent:
            assert found[header] == sent[header], header
        assert found["Auto-Submitted"] == "auto-generated"
        assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        forms = {}
        for kind in ("plain", "html"):
            got, gave = found.get_body((kind,)), sent.get_body((kind,))
            assert got is not None
            assert gave is not None
            assert not got.defects
            forms[kind] = got.get_content()
            assert forms[kind].splitlines() == gave.get_content().splitlines()
        listed = headlines(forms["html"])
        assert bool(listed) is (day != "quiet-day")
        assert {one for one in listed if one not in forms["plain"]} == set()


async def test_a_real_servers_refusals_have_their_class(server, store):
    """Nobody there is a dead letter, and so is a wrong password; neither shows the password."""
    stranger = Message(
        "desk", "reader@elsewhere.example", 1, 1, "<n>", mail("full-day").body, "t/x"
    )
    store.ledger.add("a", [stranger], NOW)
    await dispatch(store.ledger, {"desk": server.channel()}, SteppedClock(NOW))
    store.ledger.add("b", [mail("full-day")], NOW)
    await dispatch(store.ledger, {"desk": server.channel("wrong-horse")}, SteppedClock(NOW))
    assert [one.state for one in store.ledger.listed()] == [DeliveryState.DEAD] * 2
    assert all(re.search(r"answered 5\d\d", one.error) for one in store.ledger.listed())
    assert not any("horse" in one.error for one in store.ledger.listed())

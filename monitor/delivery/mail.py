"""Composes a digest as an e-mail: the same input gives the same bytes, whatever a title holds.

Pure. The result is plain ASCII with CRLF, so that it can be stored, sent and sent again as it is
by any server. Nothing from a feed can raise here or become a header.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from urllib.parse import quote, urlsplit

from monitor.errors import DeliveryError
from monitor.text import clean, cut, digest

#: A subject longer than this shows on no screen.
SUBJECT_LIMIT = 200

_ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_MAILBOX = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<in_brackets>[^<>]*)>|(?P<bare>[^<>]*)")
_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+;=%]+")  # RFC 3986
_BODY_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


_UNSUBSCRIBE, _ONE_CLICK = "list-unsubscribe", "list-unsubscribe-post"


class _Finished(UnstructuredHeader, BaseHeader):
    """A header that is ASCII and folded already.

    The standard folder would turn a long identifier or address into an encoded word.
    """

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(UnstructuredHeader, BaseHeader):
    """A subject folded by the older, exact encoder; the newer one loses spaces between words."""

    def fold(self, *, policy: Policy) -> str:
        charset = "us-ascii" if self.isascii() else "utf-8"
        folded = Header(str(self), charset, header_name=self.name, maxlinelen=76)
        return f"{self.name}: {folded.encode(linesep=policy.linesep)}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    registry.map_to_type("subject", _Subject)
    for name in ("message-id", "references", "list-id", _UNSUBSCRIBE, _ONE_CLICK):
        registry.map_to_type(name, _Finished)
    return SMTP.clone(cte_type="7bit", header_factory=registry)


_POLICY = _policy()


def mailbox(address: str) -> str:
    """Return the bare ``local@domain`` of ``address``, its domain in ASCII (RFC 3490).

    Raises a permanent DeliveryError for what no SMTP command may carry.
    """
    local, _, domain = _split(address)[1].rpartition("@")
    try:
        bare = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        bare = ""
    if not _MAILBOX.fullmatch(bare) or len(bare) > 254:  # RFC 5321 4.5.3.1.3
        raise DeliveryError(
            f"{cut(clean(address), 100)!r} is no mail address that can be written to; "
            "write it as name@example.org, ASCII before the @",
            permanent=True,
        )
    return bare


def message_id(digest_id: str, channel: str, recipient: str, sender: str, *, part: int = 1) -> str:
    """Return the Message-ID, the same for every attempt, so that a repeat can be recognised."""
    key = digest("message", digest_id, channel, recipient, str(part), length=32)
    return f"<{key}@{_domain(sender)}>"


def compose(
    *,
    digest_id: str,
    profile: str,
    channel: str,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    date: datetime,
    part: int = 1,
    unsubscribe: str = "",
) -> bytes:
    """Return a digest as the bytes of one mail to one recipient.

    ``sender`` may bear a display name. ``unsubscribe`` is a mail address, with or without
    ``mailto:``, by default the sender's; or an https address, in which ``{recipient}`` and
    ``{list}`` are filled in. ``date`` is aware. Raises a permanent DeliveryError if an address is
    none.
    """
    mail_id = message_id(digest_id, channel, recipient, sender, part=part)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _named(sender)
    mail["To"] = mailbox(recipient)
    mail["Subject"] = _subject(subject)
    mail["Date"] = date
    mail["Message-ID"] = mail_id
    mail["References"] = f"<{digest('root', profile, channel, recipient)}@{_domain(sender)}>"
    mail["List-Id"] = f"<{_label(profile)}.newsmonitor.{_domain(sender)}>"
    for name, value in unsubscribe_headers(unsubscribe or sender, profile, recipient):
        mail[name] = value
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
    mail.set_content(_body(text), subtype="plain", charset="utf-8")
    mail.add_alternative(_body(html), subtype="html", charset="utf-8")
    # Of the content too: nobody can write a title that ends a part of a mail that holds it.
    mail.set_boundary(f"=_{digest(mail_id, text, html, length=40)}")
    return mail.as_bytes()


def _subject(subject: str) -> str:
    return _harmless(cut(clean(subject), SUBJECT_LIMIT)) or "(no subject)"


def _harmless(line: str) -> str:
    """Break what would be read as an encoded word (RFC 2047).

    The standard policy decodes such words in what it is given, and a line end inside one becomes
    a line end in the mail: ``=?utf-8?q?=0D=0ABcc:...?=`` would be a header of its own.
    """
    return line.replace("=?", "= ?")


def _named(sender: str) -> Address:
    name = _harmless(cut(_split(sender)[0], 100))
    return Address(display_name=name, addr_spec=mailbox(sender))


def _split(address: str) -> tuple[str, str]:
    """Return display name and address; both empty if there is more than these in it.

    The standard parser picks an address out of anything, a second command included.
    """
    found = _NAMED.fullmatch(address)
    if found is None or clean(address) != address.strip():
        return "", ""
    name = (found["name"] or "").strip().strip('"')
    return name, (found["bare"] or found["in_brackets"] or "").strip()


def _domain(sender: str) -> str:
    return mailbox(sender).rpartition("@")[2].lower()


def _label(profile: str) -> str:
    """Return ``profile`` as a label of a List-Id (RFC 2919): ASCII, told apart by a hash."""
    label = re.sub(r"[^a-z0-9-]+", "-", profile.lower())[:40].strip("-")
    return label if label == profile else f"{label}-{digest('list', profile, length=8)}".strip("-")


def unsubscribe_headers(address: str, profile: str, recipient: str) -> tuple[tuple[str, str], ...]:
    """Return List-Unsubscribe, and for an https address the mark of one click (RFC 2369, RFC 8058).

    Raises a permanent DeliveryError for what is neither a mail address nor an https address.
    """
    if not address.lower().startswith(("http:", "https:")):
        bare = mailbox(address.removeprefix("mailto:"))
        subject = quote(f"unsubscribe {cut(clean(profile), 60)}", safe="")
        return (("List-Unsubscribe", f"<mailto:{quote(bare, safe='@')}?subject={subject}>"),)
    filled = address.replace("{recipient}", quote(mailbox(recipient), safe=""))
    filled = filled.replace("{list}", quote(profile, safe=""))
    if not _may_unsubscribe(filled):
        raise DeliveryError(
            f"unsubscribe: {cut(clean(address), 100)!r} is no address to unsubscribe at; "
            "write mailto:name@example.org, or an https:// address without spaces",
            permanent=True,
        )
    return (
        ("List-Unsubscribe", f"<{filled}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def _may_unsubscribe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    short = len(address) <= 900  # a header line ends at 998 characters (RFC 5322 2.1.1)
    return parts.scheme == "https" and bool(host) and short and bool(_URL.fullmatch(address))


def _body(content: str) -> str:
    """Return ``content`` without controls, its lines ended alike."""
    return _BODY_CONTROLS.sub("", content.replace("\r\n", "\n").replace("\r", "\n"))

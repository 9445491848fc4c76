"""From a digest or an alert to frozen messages, one per reader and part.

What is frozen is sent as it is, however often it must be tried. Nothing is decided here but the
form that each kind of channel takes, and nothing is sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor import __version__
from monitor.config import Channel, EmailChannel, FileChannel, SlackChannel, WebhookChannel
from monitor.delivery import compose as compose_mail
from monitor.delivery import message_id
from monitor.digests import (
    RenderedEmail,
    render_alert_email,
    render_alert_json,
    render_alert_slack,
    render_alert_text,
    render_email,
    render_json,
    render_slack,
    render_text,
)
from monitor.files import Setup
from monitor.model import Alert, Digest, Message

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Forms:
    """One thing to tell, in each form that a channel may want; made only when it is wanted."""

    id: str  #: the owner in the ledger
    series: str  #: what a mail program calls the list of these
    mail: Callable[[], RenderedEmail]
    text: Callable[[], str]
    slack: Callable[[str], Sequence[Mapping[str, Any]]]  #: takes the channel's mention
    json: Callable[[], Mapping[str, Any]]


def digest_forms(setup: Setup, digest: Digest) -> Forms:
    """Return the forms of a digest."""
    contact = setup.settings.fetch.contact
    return Forms(
        digest.id,
        digest.profile,
        lambda: render_email(digest, version=__version__, contact=contact),
        lambda: render_text(digest, version=__version__, contact=contact),
        lambda _mention: render_slack(digest, version=__version__, contact=contact),
        lambda: render_json(digest, version=__version__),
    )


def alert_forms(setup: Setup, alert: Alert) -> Forms:
    """Return the forms of an alert."""
    contact = setup.settings.fetch.contact
    return Forms(
        alert.id,
        f"alert-{alert.rule}",
        lambda: render_alert_email(alert, version=__version__, contact=contact),
        lambda: render_alert_text(alert, version=__version__, contact=contact),
        lambda mention: render_alert_slack(
            alert, version=__version__, contact=contact, mention=mention
        ),
        lambda: render_alert_json(alert, version=__version__),
    )


def freeze(
    setup: Setup, channels: Iterable[str], forms: Forms, now: datetime
) -> tuple[Message, ...]:
    """Return what each reader of each channel gets."""
    made: list[Message] = []
    for name in channels:
        made += freeze_for(name, setup.settings.channels[name], forms, now)
    return tuple(made)


def freeze_for(
    name: str, channel: Channel, forms: Forms, now: datetime, to: Sequence[str] = ()
) -> list[Message]:
    """Return what the readers of one channel get; ``to`` names other mail addresses than its."""
    if isinstance(channel, EmailChannel):
        return _mails(name, channel, forms, now, to or channel.to)
    if isinstance(channel, FileChannel):
        return _files(name, channel, forms)
    if isinstance(channel, SlackChannel):
        parts = [_json(one) for one in forms.slack(channel.mention)]
        return [
            Message(name, name, i, len(parts), f"{forms.id}-slack-{i}", body, JSON)
            for i, body in enumerate(parts, 1)
        ]
    if isinstance(channel, WebhookChannel):
        return [Message(name, name, 1, 1, f"{forms.id}-json", _json(forms.json()), JSON)]
    return [Message(name, name, 1, 1, f"{forms.id}-text", forms.text().encode(), "text/plain")]


def _mails(
    name: str, channel: EmailChannel, forms: Forms, now: datetime, to: Sequence[str]
) -> list[Message]:
    shown = forms.mail()
    mails = []
    for recipient in to:
        body = compose_mail(
            digest_id=forms.id,
            profile=forms.series,
            channel=name,
            sender=channel.sender,
            recipient=recipient,
            subject=shown.subject,
            text=shown.text,
            html=shown.html,
            date=now,
            unsubscribe=channel.unsubscribe,
        )
        mail_id = message_id(forms.id, name, recipient, channel.sender)
        mails.append(Message(name, recipient, 1, 1, mail_id, body, "message/rfc822"))
    return mails


def _files(name: str, channel: FileChannel, forms: Forms) -> list[Message]:
    made: list[tuple[str, bytes, str]] = []
    if "html" in channel.formats:
        made.append((f"{forms.id}.html", forms.mail().html.encode(), "text/html"))
    if "text" in channel.formats:
        made.append((f"{forms.id}.txt", forms.text().encode(), "text/plain"))
    if "slack" in channel.formats:
        made.append((f"{forms.id}.slack.json", _json(list(forms.slack(""))), JSON))
    # Each file for itself: one that cannot be written holds up no other.
    return [Message(name, file, 1, 1, file, body, kind) for file, body, kind in made]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")

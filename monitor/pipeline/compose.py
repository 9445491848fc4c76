"""From stories to a digest, and from a digest to frozen messages, one per reader and part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import __version__
from monitor.config import DigestSettings, EmailChannel, FileChannel
from monitor.delivery import compose as compose_mail
from monitor.delivery import message_id
from monitor.digests import Plan, build, due, render_email, render_slack, render_text
from monitor.files import Setup
from monitor.model import Digest, Due, Message, WatchlistInfo, Window
from monitor.pipeline.coverage import coverage
from monitor.pipeline.fold import read_stories
from monitor.pipeline.observer import Observer
from monitor.store import Store

#: Lists whose hits reach a digest; what is still being tried out stays out of it.
TOLD = {"live"}


@dataclass(frozen=True, slots=True)
class Built:
    """A digest, and the last hit that it tells of."""

    digest: Digest
    hits_upto: int


def compose_due(setup: Setup, store: Store, now: datetime, observer: Observer) -> list[Digest]:
    """Build, render and freeze every digest whose time has come; return them.

    Call it right after the hits are folded: what has no story yet falls into the next digest.
    """
    made = []
    for profile, plan in setup.settings.digests.items():
        ready = due_now(store, profile, plan, now)
        if ready is None:
            continue
        built = build_digest(setup, store, plan, ready, now)
        messages = render(setup, plan, profile, built.digest, now)
        store.digests.freeze(built.digest, ready, messages, built.hits_upto, now)
        observer.digest_built(built.digest, len(messages))
        made.append(built.digest)
    return made


def due_now(store: Store, profile: str, plan: DigestSettings, now: datetime) -> Due | None:
    """Return the digest of ``profile`` that must be built now, or None."""
    last = store.digests.last(profile)
    return due(
        Plan(profile, plan.wall_time, plan.timezone),
        [last.local_date] if last else [],
        store.upkeep.began(now),
        now,
        last_end=last.window.end if last else None,
    )


def preview(setup: Setup, store: Store, profile: str, now: datetime) -> Digest:
    """Build what the next digest would say if it were built now; nothing is written."""
    plan = setup.settings.digests[profile]
    last = store.digests.last(profile)
    start = last.window.end if last else now - timedelta(days=1)
    today = now.astimezone(plan.zone).date()
    return build_digest(setup, store, plan, Due(profile, today, Window(start, now)), now).digest


def build_digest(
    setup: Setup, store: Store, plan: DigestSettings, ready: Due, now: datetime
) -> Built:
    """Build from every hit that no digest of this profile has told of."""
    last = store.digests.last(ready.profile)
    after, upto = (last.hits_upto if last else 0), store.hits.last_folded()
    ids = store.hits.stories_between(after, upto)
    digest = build(
        ready,
        plan.timezone,
        read_stories(store, ids),
        coverage(store, ready.window, now, plan.zone),
        _watchlists(setup, plan),
        shown_before=store.digests.shown(ready.profile, ids),
        language=plan.language,
    )
    return Built(digest, upto)


def render(
    setup: Setup, plan: DigestSettings, profile: str, digest: Digest, now: datetime
) -> list[Message]:
    """Return the frozen messages for every reader of every channel of ``plan``."""
    if plan.when_empty == "never" and not digest.stories:
        return []
    contact = setup.settings.fetch.contact
    messages: list[Message] = []
    for name in plan.channels:
        channel = setup.settings.channels[name]
        if isinstance(channel, EmailChannel):
            messages += _mails(name, channel, profile, digest, contact, now)
        elif isinstance(channel, FileChannel):
            messages += _files(name, channel, digest, contact)
        else:
            messages += _posts(name, digest, contact)
    return messages


def _watchlists(setup: Setup, plan: DigestSettings) -> Sequence[WatchlistInfo]:
    return [
        WatchlistInfo(one.name, one.title, one.level)
        for one in setup.watchlists
        if one.status in TOLD and (plan.watchlists == "all" or one.name in plan.watchlists)
    ]


def _mails(
    name: str, channel: EmailChannel, profile: str, digest: Digest, contact: str, now: datetime
) -> list[Message]:
    shown = render_email(digest, version=__version__, contact=contact)
    mails = []
    for recipient in channel.to:
        body = compose_mail(
            digest_id=digest.id,
            profile=profile,
            channel=name,
            sender=channel.sender,
            recipient=recipient,
            subject=shown.subject,
            text=shown.text,
            html=shown.html,
            date=now,
        )
        mail_id = message_id(digest.id, name, recipient, channel.sender)
        mails.append(Message(name, recipient, 1, 1, mail_id, body, "message/rfc822"))
    return mails


def _posts(name: str, digest: Digest, contact: str) -> list[Message]:
    payloads = render_slack(digest, version=__version__, contact=contact)
    return [
        Message(name, name, i, len(payloads), f"{digest.id}-slack-{i}", _json(one), JSON)
        for i, one in enumerate(payloads, 1)
    ]


def _files(name: str, channel: FileChannel, digest: Digest, contact: str) -> list[Message]:
    made: list[tuple[str, bytes, str]] = []
    if "html" in channel.formats:
        page = render_email(digest, version=__version__, contact=contact).html
        made.append((f"{digest.id}.html", page.encode(), "text/html"))
    if "text" in channel.formats:
        text = render_text(digest, version=__version__, contact=contact)
        made.append((f"{digest.id}.txt", text.encode(), "text/plain"))
    if "slack" in channel.formats:
        payloads = render_slack(digest, version=__version__, contact=contact)
        made.append((f"{digest.id}.slack.json", _json(list(payloads)), JSON))
    # Each file for itself: one that cannot be written holds up no other.
    return [Message(name, file, 1, 1, file, body, kind) for file, body, kind in made]


JSON = "application/json"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")

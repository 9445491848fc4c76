"""Sends what is due, and tells by another channel what could not be delivered.

A notice is frozen into the ledger in the form of the channel it goes by. Notice and note are one
transaction: nobody is told twice, and a crash leaves no one untold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from html import escape

from monitor.clock import Clock
from monitor.delivery import Channel, DispatchReport, Notice, dispatch, notice_for
from monitor.digests import RenderedEmail
from monitor.files import Setup
from monitor.pipeline.freeze import Forms, freeze
from monitor.store import Store
from monitor.text import cut

_LIST = "notices"  #: what a mail program calls the list of these


async def deliver(
    setup: Setup,
    store: Store,
    channels: Mapping[str, Channel],
    clock: Clock,
    stopping: asyncio.Event | None = None,
) -> DispatchReport:
    """Send everything that is due; send the notices of what was lost by it in the same run."""
    first = await dispatch(store.ledger, channels, clock, stopping=stopping)
    if tell_of_lost(setup, store, clock.now()) is None:
        return first
    second = await dispatch(store.ledger, channels, clock, stopping=stopping)
    problems = dict.fromkeys((*first.problems, *second.problems))
    return DispatchReport((*first.outcomes, *second.outcomes), tuple(problems))


def tell_of_lost(setup: Setup, store: Store, now: datetime) -> Notice | None:
    """Write a notice of what was given up or is held, if somebody else can bring it."""
    lost = store.ledger.untold()
    if not lost:
        return None
    kinds = {name: channel.type for name, channel in setup.settings.channels.items()}
    notice = notice_for(lost, kinds)
    with store.transaction():
        if notice is not None:
            messages = freeze(setup, [notice.channel], _forms(notice), now)
            store.ledger.add(notice.id, messages, now)
        store.ledger.told(lost)
    return notice


def _forms(notice: Notice) -> Forms:
    """Return the notice in each form; what a server said in it may call nobody and link nowhere."""
    told = {"schema": "newsmonitor.notice", "version": 1, "id": notice.id}
    page = f"<!doctype html><pre style='white-space: pre-wrap'>{escape(notice.text)}</pre>"
    return Forms(
        notice.id,
        _LIST,
        lambda: RenderedEmail(notice.subject, "", page, notice.text),
        lambda: f"{notice.subject}\n\n{notice.text}",
        lambda _mention: [_payload(notice)],
        lambda: {**told, "subject": notice.subject, "text": notice.text},
    )


def _payload(notice: Notice) -> dict[str, object]:
    blocks = [
        {"type": "section", "text": {"type": "plain_text", "text": cut(text, 2900)}}
        for text in (notice.subject, notice.text)
    ]
    plain = escape(notice.subject, quote=False)
    return {"text": plain, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}

"""How the daemon behaved: towards publishers, towards readers, and as a process.

Judged by what the servers of the soak saw, never by what the daemon says of itself.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections import Counter
from email import message_from_bytes
from itertools import pairwise
from typing import Any

from soak_audit import Book, Report
from soak_desk import FLOOR_S
from soak_feeds import Request
from soak_inboxes import Inboxes
from soak_process import Process, Sample

from monitor.delivery.slack import REPEAT_NOTE
from monitor.delivery.webhook import idempotency_key
from monitor.model import Message

#: A pause may look this much shorter from outside: a request is noted before it is on the wire, and
#: a busy machine brings it there late.
SLACK_S = 1.5
_LOST_WITHIN_S = 6.0
_DAY_S = 86_400.0
#: Below this the growth of a life says nothing.
LEAST_LIFE_S = 60.0
MOST_GROWTH = 0.05


def audit_politeness(requests: list[Request], process: Process, report: Report) -> None:
    """Check gaps and validators, feed by feed, on the daemon's own clock."""
    by_feed: dict[str, list[Request]] = {}
    for one in requests:
        by_feed.setdefault(one.path, []).append(one)
    early, unconditional, excused = [], [], 0
    for path, asked in sorted(by_feed.items()):
        for before, after in pairwise(asked):
            wanted, gap = _wanted(before, process), after.told - before.told
            if gap < wanted - SLACK_S - _held(before, process):
                early.append(f"{path}: {gap:.2f} s after a request that was owed {wanted:.0f} s")
        known, last = False, float("-inf")
        for one in asked:
            known = (known or one.conditional) and not one.blank
            if one.conditional:
                continue
            if not known:
                excused += 1
            elif one.told - last < _DAY_S:
                unconditional.append(f"{path}: again after {one.told - last:.0f} s")
            last = one.told
    report.show("requests", len(requests))
    report.show("of these conditional", sum(one.conditional for one in requests))
    report.show("unconditional while no validator was known (excused)", excused)
    report.check("unconditional requests within 24 h of another", unconditional)
    report.check("early polls", early)


def _wanted(before: Request, process: Process) -> float:
    """Return the pause that is owed after a request.

    An answer that was lost with the daemon, or before it was written, binds nobody to its wish.
    """
    ends = [life.ended for life in process.lives if life.ended]
    lost = any(before.at <= end < before.at + _LOST_WITHIN_S for end in ends)
    return FLOOR_S if lost or not before.complete else max(FLOOR_S, before.wait_s)


def _held(request: Request, process: Process) -> float:
    """Return for how long a frozen daemon may have held a request back before it went out."""
    return sum(end - begun for begun, end in process.frozen if begun <= request.at <= end + SLACK_S)


def audit_arrivals(book: Book, inboxes: Inboxes, report: Report) -> None:
    """Check what arrived against the ledger: nothing missing, nothing strange, repeats marked."""
    copies: Counter[int] = Counter()
    faults: list[str] = []
    unmarked: list[str] = []
    _mails(book, inboxes, copies, faults)
    _posts(book, inboxes, copies, faults, unmarked)
    _wires(book, inboxes, copies, faults)
    missing = [
        f"{row['digest_id']} by {row['channel']} to {row['recipient']} is 'sent' and never came"
        for row in book.deliveries
        if row["state"] == "sent" and not copies[row["id"]]
    ]
    explained, unexplained = 0, list(unmarked)
    for row in book.deliveries:
        extra = copies[row["id"]] - 1
        if extra <= 0:
            continue
        if row["repeat"] and extra < row["attempts"]:
            explained += extra
        else:
            unexplained.append(f"{row['digest_id']} by {row['channel']}: {extra + 1} copies")
    report.show("messages that arrived, copies included", sum(copies.values()))
    report.show("duplicates explained (interrupted send, same id, marked)", explained)
    report.check("duplicates unexplained", unexplained)
    report.check("messages said to be sent that never came", missing)
    report.check("arrivals that are not what the ledger froze", faults)


def _mails(book: Book, inboxes: Inboxes, copies: Counter[int], faults: list[str]) -> None:
    frozen = {
        (row["recipient"], row["name"]): row for row in book.deliveries if row["channel"] == "desk"
    }
    for recipient, body in inboxes.mails:
        name = str(message_from_bytes(body)["Message-ID"])
        row = frozen.get((recipient, name))
        if row is None:
            faults.append(f"a mail {name} to {recipient} that nobody froze")
        elif _lines(row["body"]) != _lines(body):
            faults.append(f"the mail {name} arrived with other bytes")
        else:
            copies[row["id"]] += 1


def _lines(body: bytes) -> list[bytes]:
    return body.rstrip().splitlines()


def _posts(
    book: Book, inboxes: Inboxes, copies: Counter[int], faults: list[str], unmarked: list[str]
) -> None:
    frozen: dict[str, sqlite3.Row] = {
        _canonical(json.loads(row["body"])): row
        for row in book.deliveries
        if row["channel"] == "room"
    }
    for body in inboxes.posts:
        payload, marked = _without_mark(json.loads(body))
        row = frozen.get(_canonical(payload))
        if row is None:
            faults.append(f"a post that nobody froze: {body[:120]!r}")
            continue
        if copies[row["id"]] and not marked:
            unmarked.append(f"{row['name']} came again and does not say so")
        copies[row["id"]] += 1


def _without_mark(payload: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    text = str(payload.get("text", ""))
    if not text.startswith(REPEAT_NOTE):
        return payload, False
    payload["text"] = text.removeprefix(REPEAT_NOTE).strip()
    blocks = payload.get("blocks", [])
    if blocks and REPEAT_NOTE in json.dumps(blocks[0]):
        payload["blocks"] = blocks[1:]
    return payload, True


def _canonical(payload: Any) -> str:
    return json.dumps(payload, sort_keys=True)


def _wires(book: Book, inboxes: Inboxes, copies: Counter[int], faults: list[str]) -> None:
    frozen = {
        f'"{idempotency_key(_message(row))}"': row
        for row in book.deliveries
        if row["channel"] == "wire"
    }
    for key, body in inboxes.wires:
        row = frozen.get(key)
        if row is None or row["body"] != body:
            faults.append(f"a call {key} that nobody froze")
        else:
            copies[row["id"]] += 1


def _message(row: sqlite3.Row) -> Message:
    return Message(
        row["channel"], row["recipient"], row["part"], row["parts"], row["name"], row["body"],
        row["content_type"],
    )  # fmt: skip


def audit_process(process: Process, stopped_s: float | None, report: Report) -> None:
    """Check how lives ended, and that the last one did not grow."""
    ends = [
        f"process {life.pid} ended by itself with {life.code} after {life.ended - life.begun:.0f} s"
        for life in process.lives
        if not life.wanted
    ]
    report.show("starts of the daemon", len(process.lives))
    report.check("ends that nobody wanted", ends)
    report.show("seconds from SIGTERM to exit", "-" if stopped_s is None else f"{stopped_s:.1f}")
    if stopped_s is None or process.lives[-1].code != 0:
        report.breaches.append(f"SIGTERM: exit {process.lives[-1].code}, not 0 within 30 s")
    report.check("processes left behind", [f"process {pid}" for pid in process.orphans()])
    _growth(process, report)


def _growth(process: Process, report: Report) -> None:
    """Compare the middle third of the last life under faults with its last third."""
    last = process.lives[-1]
    until = process.judged_until
    seen = [one for one in process.samples if one.pid == last.pid and one.at < until]
    span = seen[-1].at - seen[0].at if seen else 0.0
    report.show("longest undisturbed life, seconds", f"{span:.0f}")
    if span < LEAST_LIFE_S:
        report.show("memory and descriptors", f"not judged: less than {LEAST_LIFE_S:.0f} s")
        return
    third = len(seen) // 3
    early, late = seen[third : 2 * third], seen[-third:]
    _compare("resident memory, MB", [_mb(early), _mb(late)], MOST_GROWTH, report)
    # At a quiet moment: the least of many looks, since each request and child takes some.
    files = [float(min(one.files for one in part)) for part in (early, late)]
    _compare("file descriptors at rest", files, 0.0, report)
    peak = max(one.rss_kb for one in process.samples if one.pid == last.pid) / 1024
    report.show("peak when a day's digests came at once, MB (not judged)", f"{peak:.1f}")
    report.show("threads, most", max(one.threads for one in seen))


def _mb(samples: list[Sample]) -> float:
    return statistics.median(one.rss_kb for one in samples) / 1024


def _compare(name: str, pair: list[float], most: float, report: Report) -> None:
    before, after = pair
    growth = after / before - 1
    report.show(name, f"{before:.1f} → {after:.1f} ({growth:+.1%})")
    if growth > most:
        report.breaches.append(f"{name}: grew by {growth:.1%}, more than {most:.0%}")

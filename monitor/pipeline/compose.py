"""From stories to a digest: which is due, what it tells, whether an empty one is sent.

Reads, lets the rooms decide, and writes the digest with its frozen messages in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.config import DigestSettings, EmailChannel
from monitor.delivery import mailbox
from monitor.digests import Plan, build, due, furnished, stories_shown
from monitor.digests.muting import sentences
from monitor.errors import DeliveryError
from monitor.files import Setup
from monitor.matching import Status, Watchlist
from monitor.model import Digest, Due, Message, WatchlistInfo, Window
from monitor.pipeline.coverage import coverage
from monitor.pipeline.dossiers import read_dossiers
from monitor.pipeline.figures import read_silences, read_surges, read_trends, usual, watched_since
from monitor.pipeline.fold import read_stories
from monitor.pipeline.freeze import digest_forms, freeze, freeze_for
from monitor.pipeline.observer import Observer
from monitor.store import Store
from monitor.times import local

#: Lists whose hits reach a digest; those on trial stand in a section of their own.
TOLD, ON_TRIAL = {"live", "test"}, "test"
QUIET_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Built:
    """A digest, and the last hit that it tells of."""

    digest: Digest
    hits_upto: int


class CannotSend(ValueError):  # noqa: N818 - reads as a sentence: raise CannotSend
    """A digest was asked for that nobody can be sent; the message says what to name."""


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
        messages = render(setup, store, plan, ready, built.digest, now)
        store.digests.freeze(built.digest, ready, messages, built.hits_upto, now)
        observer.digest_built(built.digest, len(messages))
        made.append(built.digest)
    return made


def due_now(store: Store, profile: str, plan: DigestSettings, now: datetime) -> Due | None:
    """Return the digest of ``profile`` that must be built now, or None."""
    last = store.digests.last(profile)
    return due(
        Plan(profile, plan.wall_time, plan.timezone, plan.days),
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
    today = local(now, plan.zone).date()
    return build_digest(setup, store, plan, Due(profile, today, Window(start, now)), now).digest


def build_digest(
    setup: Setup, store: Store, plan: DigestSettings, ready: Due, now: datetime
) -> Built:
    """Build from every hit that no digest of this profile has told of."""
    last = store.digests.last(ready.profile)
    after, upto = (last.hits_upto if last else 0), store.hits.last_folded()
    ids = store.hits.stories_between(after, upto)
    stories = read_stories(store, ids)
    infos = watchlists(setup.watchlists, plan)
    trends = read_trends(store, plan.zone, infos, now)
    mutes = store.mutes.active(now)
    covered = coverage(store, ready.window, now, plan.zone)
    told = sentences(mutes, {info.name: info.title for info in infos}, plan.zone)
    digest = build(
        ready,
        plan.timezone,
        stories,
        replace(covered, caps=(*covered.caps, *told)),
        infos,
        shown_before=store.digests.shown(ready.profile, ids),
        language=plan.language,
        title=plan.title,
        least_level=plan.least_level,
        alerted={
            story: alerts[0].at
            for story, alerts in store.alerts.past(ids, since=ready.window.start).items()
        },
        trends=trends,
        surges=(*read_surges(store, now), *read_silences(store, _live(setup), now)),
        usual=usual(trends, plan.zone, watched_since(store, now), ready.window, now),
        mutes=mutes,
    )
    told_of = set(stories_shown(digest))
    dossiers = read_dossiers(store, [story for story in stories if story.id in told_of])
    return Built(furnished(digest, dossiers), upto)


def render(
    setup: Setup, store: Store, plan: DigestSettings, ready: Due, digest: Digest, now: datetime
) -> tuple[Message, ...]:
    """Return the frozen messages for every reader of every channel of ``plan``."""
    if is_empty(digest) and not _wanted_empty(store, plan, ready):
        return ()
    return freeze(setup, plan.channels, digest_forms(setup, digest), now)


def is_empty(digest: Digest) -> bool:
    """Tell whether a digest has no story, not even one of a list on trial."""
    trial = any(part.stories for part in digest.sections if part.watchlist.on_trial)
    return not digest.stories and not trial


def send_now(
    setup: Setup, store: Store, profile: str, to: str, asked_at: datetime, now: datetime
) -> str:
    """Freeze a profile's digest as it is now, for its channels, one channel or one address.

    It is an extra copy: the next digest of the profile tells everything in it again. Asked for
    once it is frozen once, however often this is called. Returns the name under which the ledger
    has it; raises CannotSend.
    """
    plan = setup.settings.digests.get(profile)
    if plan is None:
        raise CannotSend(f"no digest is called '{profile}'")
    owner = f"{profile}-extra-{asked_at:%Y%m%dT%H%M%S%fZ}"
    if store.ledger.of_digest(owner):
        return owner
    extra = replace(preview(setup, store, profile, now), id=owner)
    forms = digest_forms(setup, extra)
    if "@" in to:
        name, channel = _to_address(setup, plan, to)
        frozen = tuple(freeze_for(name, channel, forms, now, to=(to,)))
    else:
        if to and to not in setup.settings.channels:
            have = ", ".join(setup.settings.channels) or "none"
            raise CannotSend(f"there is no channel '{to}'; channels defined: {have}")
        frozen = freeze(setup, (to,) if to else plan.channels, forms, now)
    store.ledger.add(owner, frozen, now)
    return owner


def _live(setup: Setup) -> list[Watchlist]:
    return [one for one in setup.watchlists if one.status == Status.LIVE]


def watchlists(lists: Sequence[Watchlist], plan: DigestSettings) -> tuple[WatchlistInfo, ...]:
    """Return the lists of a profile, live or on trial, in the order of the configuration."""
    return tuple(
        WatchlistInfo(one.name, one.title, one.level, on_trial=one.status == ON_TRIAL)
        for one in lists
        if one.status in TOLD and (plan.watchlists == "all" or one.name in plan.watchlists)
    )


def _wanted_empty(store: Store, plan: DigestSettings, ready: Due) -> bool:
    if plan.when_empty != "weekly":
        return plan.when_empty == "always"
    return not store.digests.empty_sent_since(ready.profile, ready.local_date - QUIET_WEEK)


def _to_address(setup: Setup, plan: DigestSettings, to: str) -> tuple[str, EmailChannel]:
    """Return the mail channel that can bring a digest to ``to``: one of the profile's, else any."""
    try:
        mailbox(to)
    except DeliveryError as error:
        raise CannotSend(str(error)) from error
    names = dict.fromkeys((*plan.channels, *setup.settings.channels))
    for name in names:
        channel = setup.settings.channels[name]
        if isinstance(channel, EmailChannel):
            return name, channel
    raise CannotSend("no channel of type email is configured, so no address can be reached")

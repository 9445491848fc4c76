"""Stories that are told at once: fresh hits are looked at, held, or frozen into an alert.

What is decided is decided by :mod:`monitor.digests.alerting`; here is read and written. A rule
begins at the present: what the store held before it was made never alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.config import AlertSettings
from monitor.digests import alert_id, build_alert
from monitor.digests.alerting import (
    MOST_STORIES,
    Candidate,
    Rule,
    Ruling,
    Told,
    cooling,
    decide,
    order,
    quiet_until,
    sift,
)
from monitor.digests.muting import muted_by
from monitor.files import Setup
from monitor.model import Alert, Dossier, Hit, WatchlistInfo
from monitor.pipeline.dossiers import read_dossiers
from monitor.pipeline.fold import read_stories
from monitor.pipeline.freeze import alert_forms, freeze
from monitor.pipeline.observer import Observer
from monitor.store import Store

LIVE, ON_TRIAL = "live", "test"


def compose_alerts(setup: Setup, store: Store, now: datetime, observer: Observer) -> list[Alert]:
    """Look at fresh hits, and build and freeze the alerts whose time has come; return them.

    Call it right after the hits are folded.
    """
    rules = setup.settings.alerts
    if store.alerts.rules() - rules.keys():
        store.alerts.keep_only(rules)
    made = (_round(setup, store, rule_of(setup, name), now, observer) for name in rules)
    return [alert for alert in made if alert is not None]


def rule_of(setup: Setup, name: str) -> Rule:
    """Return what the settings and the watchlists say of one rule."""
    plan: AlertSettings = setup.settings.alerts[name]
    wanted = [
        one for one in setup.watchlists if plan.watchlists == "all" or one.name in plan.watchlists
    ]
    return Rule(
        name=name,
        level=plan.least_level,
        lists={one.name: one.quiet.same_story_s or 0.0 for one in wanted if one.status == LIVE},
        on_trial=frozenset(one.name for one in wanted if one.status == ON_TRIAL),
        zone=plan.zone,
        cool_down_s=plan.cool_down,
        wait_s=plan.wait,
        quiet=plan.quiet,
    )


def _round(
    setup: Setup, store: Store, rule: Rule, now: datetime, observer: Observer
) -> Alert | None:
    _look(store, rule, now, observer)
    if quiet_until(rule, now):
        return None  # what waits goes on waiting; nobody needs to look at it
    candidates = _candidates(store, rule, now)
    if not candidates:
        return None
    rulings = decide(rule, candidates, now)
    for one in rulings:
        if not one.reason.is_told:
            observer.not_alerted(rule.name, one.candidate.story.id, one.reason, one.why)
    return _write(setup, store, rule, rulings, now, observer)


def _look(store: Store, rule: Rule, now: datetime, observer: Observer) -> None:
    """Take up the hits since the last look; what the rule wants waits to be told."""
    upto = store.hits.last_folded()
    cursor = store.alerts.cursor(rule.name)
    if cursor is None:
        store.alerts.advance(rule.name, upto, (), now)
        return
    while hits := store.hits.between(cursor, upto):
        cursor = hits[-1].id
        store.alerts.advance(rule.name, cursor, _wanted(store, rule, hits, observer), now)


def _wanted(store: Store, rule: Rule, hits: Sequence[Hit], observer: Observer) -> list[int]:
    likely = [hit for hit in hits if sift(rule, hit, backfill=False) is None]
    items = store.items.get([hit.item_id for hit in likely])
    wanted = []
    for hit in likely:
        reason = sift(rule, hit, backfill=items[hit.item_id].backfill)
        if reason is None:
            wanted.append(hit.id)
        else:
            observer.not_alerted(rule.name, hit.story_id or 0, reason, "")
    return wanted


def _candidates(store: Store, rule: Rule, now: datetime) -> list[Candidate]:
    """Return the stories that wait, without those that are in their cool-down anyway."""
    waiting = store.alerts.waiting(rule.name)
    by_story: dict[int, list[Hit]] = {}
    for hit in store.hits.get(list(waiting)):
        by_story.setdefault(waiting[hit.id][0], []).append(hit)
    told = {
        story: tuple(Told(one.at, one.level) for one in alerts)
        for story, alerts in store.alerts.past(list(by_story), rule=rule.name).items()
    }
    awake = {
        story: hits
        for story, hits in by_story.items()
        if not cooling(rule, hits, told.get(story, ()), now)
    }
    stories = read_stories(store, list(awake))
    dossiers = read_dossiers(store, stories)
    mutes = store.mutes.active(now)
    fresh = {story: frozenset(hit.id for hit in hits) for story, hits in awake.items()}
    return [
        Candidate(
            story=story,
            fresh=fresh[story.id],
            since=min(waiting[hit.id][1] for hit in awake[story.id]),
            told=told.get(story.id, ()),
            dossier=dossiers.get(story.id, Dossier()),
            mute=muted_by(story, fresh[story.id], mutes),
        )
        for story in stories
    ]


def _write(
    setup: Setup,
    store: Store,
    rule: Rule,
    rulings: Sequence[Ruling],
    now: datetime,
    observer: Observer,
) -> Alert | None:
    settled = _hits(one for one in rulings if not one.reason.is_held)
    told = order(rulings)
    if not told:
        if settled:
            store.alerts.release(rule.name, settled)
        return None
    if store.alerts.get(alert_id(rule.name, now)) is not None:
        return None  # a clock set back by just so much: the next round has another second
    alert = _build(setup, store, rule, told, now)
    if not alert.stories:  # a list was changed or muted while its hits were held
        store.alerts.release(rule.name, settled)
        return None
    messages = freeze(
        setup, setup.settings.alerts[rule.name].channels, alert_forms(setup, alert), now
    )
    store.alerts.freeze(alert, settled, messages, now)
    observer.alert_built(alert, len(messages))
    return alert


def _build(setup: Setup, store: Store, rule: Rule, told: Sequence[Ruling], now: datetime) -> Alert:
    candidates = [one.candidate for one in told]
    return build_alert(
        rule.name,
        now,
        rule.zone.key,
        [one.story for one in candidates],
        _infos(setup, rule),
        reasons={one.candidate.story.id: one.why for one in told},
        told_at={one.story.id: one.told[0].at for one in candidates if one.told},
        dossiers={one.story.id: one.dossier for one in candidates},
        language=setup.settings.alerts[rule.name].language,
        least_level=rule.level,
        mutes=store.mutes.active(now),
        cap=MOST_STORIES,
    )


def _infos(setup: Setup, rule: Rule) -> list[WatchlistInfo]:
    return [
        WatchlistInfo(one.name, one.title, one.level)
        for one in setup.watchlists
        if one.name in rule.lists
    ]


def _hits(rulings: Iterable[Ruling]) -> set[int]:
    return {hit for one in rulings for hit in one.candidate.fresh}

"""The golden cases: whole digests and alerts, made of the news day and of what is known beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.digests import build_alert
from monitor.model import (
    Alert,
    Change,
    Coverage,
    Digest,
    Dossier,
    Edit,
    Hit,
    Level,
    Origin,
    Part,
    Role,
    Story,
    Surge,
    Trend,
    WatchlistInfo,
)
from tests.digests.newsday import (
    BASE,
    DRONES,
    END,
    GAS,
    LISTS,
    START,
    TALKS,
    TROUBLED,
    drone_stories,
    due,
    evidence,
    flood_stories,
    gas_and_base_stories,
    hostile_stories,
    made,
    member,
    old_stories,
    story,
)

PORTS = WatchlistInfo("ports", "Ports on the Caspian Sea", Level.CRITICAL, on_trial=True)
TRENDS = (
    Trend("drones", (0, 1, 0, 2, 0, 0, 1, 3, 2, 0, 4, 12, 9, 7)),
    Trend("gas", (40, 38, 41, 52, 12, 9, 44, 39, 43, 40, 47, 11, 8, 120)),
    Trend("base", (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
    Trend("talks", (0,) * 14),
    Trend("ports", (1, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 2)),
)
SURGES = (
    Surge("gas", START + timedelta(hours=7), 120, 40.0,
          what="120 stories in 6 h, where about 40 were to be expected"),
    Surge("talks", START - timedelta(days=3), 0, 6.5, silent=True),
)  # fmt: skip


def moment(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def dossier_of_drones() -> Dossier:
    """Make what is known of the first story: two origins, two updates, two edits."""
    return Dossier(
        origins=(
            Origin("Sample Agency", ("Example Wire", "Northern Post", "Gulf Ledger", "Пример-Новости"),
                   (11, 12), moment(425)),
            Origin("خبرگزاری نمونه دولتی", ("خبرگزاری نمونه دولتی", "Госканал Пример"), (13,),
                   moment(502), state_affiliated=True),
        ),
        parts=(
            Part(11, Role.FIRST, 0, (), moment(425)),
            Part(12, Role.UPDATE, 0, ("number: 600", "place: Астрахань"), moment(502)),
            Part(13, Role.UPDATE, 1, ("origin: خبرگزاری نمونه دولتی",), moment(530)),
        ),
        edits=(
            Edit(11, "title", "Iran ships 60 drones to Russia, officials say",
                 "Iran ships 600 Shahed-136 drones to Russia, three officials say", moment(455),
                 ((Change.SAME, "Iran ships "), (Change.CUT, "60"), (Change.ADDED, "600 Shahed-136"),
                  (Change.SAME, " drones to Russia, "), (Change.ADDED, "three "),
                  (Change.SAME, "officials say")), ("number", "actor")),
            Edit(13, "text", "x", "y", moment(540),
                 ((Change.SAME, "سخنگوی وزارت خارجه این گزارش را تأیید "), (Change.CUT, "کرد"),
                  (Change.ADDED, "نکرد"), (Change.SAME, ".")), ("negation",)),
            Edit(12, "text", "a", "b", moment(541), ((Change.CUT, "a"), (Change.ADDED, "b"))),
        ),
    )  # fmt: skip


def dossier_of_zh() -> Dossier:
    """Make an edit in a script without spaces."""
    diff = ((Change.SAME, "伊朗向俄罗斯出口"), (Change.CUT, "汽车"), (Change.ADDED, "无人机"),
            (Change.SAME, "发动机，海关数据显示"))  # fmt: skip
    return Dossier(edits=(Edit(51, "title", "x", "y", moment(730), diff),))


def lost_story() -> Story:
    """Make a story whose headline was changed so that its list fires no more."""
    before = member(301, "Shahed-136 parts found at the depot, police say",
                    "Officers opened forty crates on Friday.",
                    hits={"drones": [("named", "Shahed-136"), ("site", "depot")]},
                    outlets=(("Northern Post", 820),))  # fmt: skip
    hits = tuple(replace(hit, lost_at=moment(860)) for hit in before.hits)
    item = replace(before.item, title="Machine parts found at the depot, police say")
    return Story(30, (replace(before, item=item, hits=hits),))


def trial_stories() -> list[Story]:
    """Make what a list on trial finds: a critical story of its own, and one that another has too."""
    shared = drone_stories()[3].members[0]
    extra = Hit(999, shared.item.id, "ports", Level.CRITICAL, 9.0, (), shared.hits[0].matched_at)
    return [
        story(40, member(401, "Ferry service between two Caspian ports starts again", "",
                         hits={"ports": [("port", "ports")]}, outlets=(("Gulf Ledger", 333),))),
        Story(4, (replace(shared, hits=(*shared.hits, extra)),)),
    ]  # fmt: skip


def full_day() -> Digest:
    drones = drone_stories()
    drones[3] = trial_stories()[1]
    stories = [*drones, *gas_and_base_stories(), *hostile_stories(), lost_story(),
               *trial_stories()[:1], *old_stories(3)]  # fmt: skip
    return made(
        stories,
        coverage=TROUBLED,
        before={1, 9},
        lists=(DRONES, PORTS, GAS, BASE, TALKS),
        dossiers={1: dossier_of_drones(), 5: dossier_of_zh()},
        alerted={1: moment(430), 9: END + timedelta(minutes=-65)},
        trends=TRENDS,
        surges=SURGES,
    )


def small_day() -> Digest:
    return made(
        [*drone_stories()[:3], gas_and_base_stories()[0]],
        dossiers={1: dossier_of_drones()},
        trends=TRENDS[:2],
        surges=SURGES[:1],
        title="Gulf desk",
    )


def empty_day() -> Digest:
    return made([], coverage=TROUBLED, lists=(*LISTS, PORTS))


def quiet_day() -> Digest:
    return made([])


def trial_day() -> Digest:
    """Nothing but what a list on trial has found."""
    return made(trial_stories()[:1], lists=(DRONES, PORTS), trends=TRENDS)


def crowded_day() -> Digest:
    return made(flood_stories())


def flood() -> Digest:
    return made([*flood_stories(420), *gas_and_base_stories()], usual=61, trends=TRENDS)


def catch_up() -> Digest:
    when = due(start=END - timedelta(days=4), end=END + timedelta(hours=3), catch_up=True)
    return made(drone_stories()[1:4], when=when, coverage=TROUBLED)


def one_alert() -> Alert:
    """One story that nobody has heard of."""
    return build_alert("urgent", moment(1025), "Europe/Berlin", gas_and_base_stories()[3:], LISTS,
                       reasons={9: "new story"})  # fmt: skip


def several_alerts() -> Alert:
    """Several stories: an update, a lost hit, hostile words, one more than fits."""
    stories = [*drone_stories()[:2], lost_story(), *hostile_stories(), *trial_stories()[:1]]
    return build_alert(
        "urgent", moment(600), "Europe/Berlin", stories, (*LISTS, PORTS),
        reasons={1: "update: number: 6,000; origin: خبرگزاری نمونه دولتی", 30: "level rose"},
        told_at={1: moment(430)}, dossiers={1: dossier_of_drones()}, cap=7,
    )  # fmt: skip


def hostile_digest(words: str) -> Digest:
    """Put one hostile text into every place that a feed, or another room, can fill."""
    item = member(1, words, words, outlets=((words, 5), ("Second", 6)), url=words, lang=words,
                  was=words, hits={"drones": [("g", words[:40]), ("h", words[:7])]})  # fmt: skip
    lost = replace(item.hits[0], lost_at=moment(9), evidence=(
        *item.hits[0].evidence, replace(evidence(item.item, "g", words[:5]), text=words[::-1])))  # fmt: skip
    second = member(
        2, f"Second {words}", "", hits={"gas": [("g", "Second")]}, url="https://e.example/" + words
    )
    trouble = replace(
        TROUBLED.troubles[0], title=words, outlet=words, url=words, reason=words, status="blocked"
    )
    covered = Coverage(3, 2, 1, 4, 5, (trouble,), (words,), (words,), (words,))
    return made(
        [Story(1, (replace(item, hits=(lost,)),)), Story(2, (second,))],
        coverage=covered, before={1}, dossiers={1: hostile_dossier(words)}, alerted={1: moment(3)},
        surges=(Surge("drones", moment(1), 3, 1.0, what=words),),
    )  # fmt: skip


def hostile_dossier(words: str) -> Dossier:
    diff = ((Change.SAME, f"{words} "), (Change.CUT, words), (Change.ADDED, words))
    return Dossier(
        origins=(Origin(words, (words, "Second"), (1,)),),
        parts=(Part(1, Role.UPDATE, 0, (words, f"number: {words}"), moment(8)),),
        edits=(Edit(1, "title", words, words, moment(9), diff, (words,)),),
    )


def hostile_alert(words: str) -> Alert:
    digest = hostile_digest(words)
    stories = [shown.story for section in digest.sections for shown in section.stories]
    return build_alert("urgent", END, "Europe/Berlin", stories, LISTS,
                       reasons={1: words}, dossiers={1: hostile_dossier(words)})  # fmt: skip


DIGESTS: dict[str, Callable[[], Digest]] = {
    case.__name__.replace("_", "-"): case
    for case in (full_day, small_day, empty_day, quiet_day, trial_day, crowded_day, flood, catch_up)
}
ALERTS: dict[str, Callable[[], Alert]] = {"alert-one": one_alert, "alert-several": several_alerts}

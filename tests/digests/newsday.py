"""Factories for digests: a whole news day in a few words per story."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from monitor.digests import build, furnished
from monitor.model import (
    Coverage,
    Digest,
    Due,
    Evidence,
    FeedTrouble,
    Hit,
    Item,
    Kind,
    Level,
    Member,
    Move,
    Sighting,
    Story,
    Version,
    WatchlistInfo,
    Window,
)

END = datetime(2025, 11, 22, 6, 0, tzinfo=UTC)  # 07:00 in Berlin, a Saturday
START = END - timedelta(days=1)
DRONES = WatchlistInfo("drones", "Iranian drones or drone technology going to Russia", Level.HIGH)
GAS = WatchlistInfo("gas", "European gas prices move", Level.MEDIUM)
BASE = WatchlistInfo("base", "The air base near Hamadan", Level.CRITICAL)
TALKS = WatchlistInfo("talks", "Talks about sanctions", Level.LOW)
LISTS = (DRONES, GAS, BASE, TALKS)
LEVELS = {info.name: info.level for info in LISTS}
STATE = {"Sample State Agency", "خبرگزاری نمونه دولتی", "Госканал Пример"}
WELL = Coverage(feeds=120, polled=120, well=120, polls=5_712, items=1_904)
TROUBLED = Coverage(
    feeds=120,
    polled=118,
    well=116,
    polls=5_101,
    items=1_530,
    troubles=(
        FeedTrouble("Northern Post", "https://north.example/rss", "Northern Post", "blocked",
                    "403 challenge page", datetime(2025, 11, 18, 8, 10, tzinfo=UTC)),
        FeedTrouble("Gulf Ledger <b>Business</b>", "https://gulf.example/rss", "Gulf Ledger",
                    "server-error", "503, third day", datetime(2025, 11, 20, 2, 0, tzinfo=UTC)),
        FeedTrouble("Старый канал", "https://old.example/rss", "Old", "not-a-feed",
                    "a login page\nwith 200", datetime(2024, 12, 31, 23, 30, tzinfo=UTC)),
        FeedTrouble("وكالة المثال للأنباء", "https://arabic.example/rss", "", "timeout",
                    "no answer in 30 s", datetime(2025, 11, 21, 20, 0, tzinfo=UTC)),
        FeedTrouble("", "https://silent.example/rss", "", "silent", "no new entry for 9 d"),
    ),
    gaps=("Example Wire: 40 entries between two polls on 21 Nov, all of them new; some may be lost.",
          "روزنامهٔ نمونه: items may have come and gone between two polls"),
    notices=("watchlists/ports.yaml did not load (line 7: unknown key “mtach”); its last good version runs.",),
)  # fmt: skip


def seen(outlet: str, minutes: float, item: int = 0) -> Sighting:
    """Make a sighting so many minutes into the window."""
    address = f"https://feeds.example/{len(outlet)}"
    return Sighting(item, address, outlet, START + timedelta(minutes=minutes), outlet in STATE)


def member(
    key: int,
    title: str,
    text: str = "",
    *,
    hits: dict[str, list[tuple]] | None = None,
    outlets: tuple[tuple[str, float], ...] = (("Example Wire", 60),),
    url: str | None = None,
    lang: str = "en",
    score: float = 1.0,
    was: str = "",
    backfill: bool = False,
) -> Member:
    """Make an item with its hits; evidence is (group, surface[, kind, term or Move])."""
    sightings = tuple(seen(outlet, minutes, key) for outlet, minutes in outlets)
    first = min((sighting.seen_at for sighting in sightings), default=START)
    address = f"https://www.example.org/news/{key}" if url is None else url
    item = Item(key, title, text, address, lang, first, first, backfill)
    made = tuple(
        Hit(key * 10 + n, key, name, LEVELS.get(name, Level.MEDIUM), score,
            tuple(evidence(item, *row) for row in rows), first)
        for n, (name, rows) in enumerate((hits or {"drones": []}).items())
    )  # fmt: skip
    versions = (Version(key, was, "", first + timedelta(minutes=30)),) if was else ()
    return Member(item, made, sightings, versions)


def evidence(item: Item, group: str, surface: str, kind: Kind = Kind.EXACT, extra=None) -> Evidence:
    """Find ``surface`` in the headline, then in the text."""
    field = "title" if surface in item.title else "text"
    start = getattr(item, field).index(surface)
    move = extra if isinstance(extra, Move) else None
    term = extra if isinstance(extra, str) else surface
    return Evidence(group, term, surface, field, start, start + len(surface), kind, move=move)


def story(key: int, *members: Member) -> Story:
    return Story(key, members)


def due(*, start: datetime = START, end: datetime = END, catch_up: bool = False) -> Due:
    return Due("daily", date(2025, 11, 22), Window(start, end), catch_up)


def made(
    stories, *, coverage=WELL, lists=LISTS, when=None, before=(), dossiers=None, **extra
) -> Digest:
    """Build a digest in Berlin from stories."""
    digest = build(
        when or due(), "Europe/Berlin", stories, coverage, lists, shown_before=before, **extra
    )
    return furnished(digest, dossiers or {})


def drone_stories() -> list[Story]:
    """Make the first list's day: six languages, an update, an edited headline."""
    return [
        story(1,
            member(11, "Iran ships 600 Shahed-136 drones to Russia, three officials say",
                "The consignment left a port on the Caspian Sea in crates marked as farm machinery, "
                "according to officials who spoke on condition of anonymity. They said the drones, "
                "most of them of the type Shahed-136, were delivered to a depot near Astrakhan "
                "before being taken further north by rail.",
                hits={"drones": [("named", "Shahed-136"), ("russia", "Russia"), ("iran", "Iran"),
                                 ("handover", "delivered"), ("drone", "drones")],
                      "talks": [("officials", "officials")]}, score=3,
                outlets=(("Example Wire", 425), ("Northern Post", 441), ("Gulf Ledger", 460)),
                was="Iran ships 60 drones to Russia, officials say"),
            member(12, "Тегеран передал Москве шестьсот беспилотников «Шахед-136»", "", lang="ru",
                hits={"drones": [("named", "«Шахед-136»")]}, score=3,
                outlets=(("Госканал Пример", 502), ("Пример-Новости", 515))),
            member(13, "ایران ۶۰۰ پهپاد شاهد ۱۳۶ به روسیه تحویل داد", "", lang="fa",
                hits={"drones": [("named", "شاهد ۱۳۶")]}, score=2,
                outlets=(("خبرگزاری نمونه دولتی", 530),))),
        story(2,
            member(21, "روسیه خط تولید پهپاد «شاهد ۱۳۶» را در تاتارستان گسترش می‌دهد",
                "تصاویر ماهواره‌ای تازه نشان می‌دهد که دو سالن بزرگ به کارخانهٔ پهپاد در منطقهٔ ویژهٔ "
                "اقتصادی افزوده شده است. به گفتهٔ کارشناسان، روسیه با این خط تولید می‌تواند هر ماه چند صد "
                "فروند شاهد ۱۳۶ بسازد و به قطعات ایرانی کمتری نیاز دارد.",
                hits={"drones": [("named", "شاهد ۱۳۶"), ("russia", "روسیه"), ("drone", "پهپاد")]},
                lang="fa", url="https://xn--mgbaaa.example/fa/پهپاد?id=7&ref=rss", score=2,
                outlets=(("روزنامهٔ نمونه", 300), ("Example Wire", 391)))),
        story(3,
            member(31, "طهران تنفي تسليم طائرات مسيّرة إلى موسكو", "قال المتحدث باسم الوزارة في مؤتمر "
                "صحفي إن بلاده لم تسلّم أي طائرات مسيّرة منذ بدء الحرب، ووصف التقارير بأنها مختلقة.",
                hits={"drones": [("drone", "طائرات مسيّرة"), ("russia", "موسكو"), ("iran", "طهران")]},
                lang="ar", outlets=(("Gulf Ledger", 610), ("Sample State Agency", 640)))),
        story(4,
            member(41, "Завод в Алабуге перешёл на трёхсменную работу",
                "Предприятие, где собирают аппараты «Герань-2», с декабря будет работать "
                "круглосуточно, следует из объявлений о найме.",
                hits={"drones": [("named", "«Герань-2»"), ("russia", "Алабуге", Kind.FORM)]},
                lang="ru", outlets=(("Пример-Новости", 55),))),
        story(5,
            member(51, "伊朗向俄罗斯出口无人机发动机，海关数据显示",
                "最新公布的海关数据显示，今年前九个月伊朗对俄罗斯的小型发动机出口增长了三倍。分析人士认为，这些发动机主要用于无人机生产。",
                hits={"drones": [("drone", "无人机"), ("iran", "伊朗"), ("russia", "俄罗斯")]},
                lang="zh", outlets=(("East Asia Sample", 700),)),
            member(52, "Engine exports tripled", "", hits={"drones": []}, outlets=(("Wire Two", 720),))),
    ]  # fmt: skip


def gas_and_base_stories() -> list[Story]:
    """Make the other lists' day: market moves, a fuzzy match, a story of two lists."""
    up = Move(8, "%", "rise", "EUR 35/MWh")
    down = Move(4, "%", "fall")
    return [
        story(6,
            member(61, "Dutch front-month gas jumps 8% on pipeline halt",
                "The benchmark contract rose 8% to EUR 35/MWh in early trade after an unplanned halt.",
                hits={"gas": [("price", "gas"), ("moves", "rose 8% to EUR 35/MWh", Kind.MOVE, up)]},
                outlets=(("Gulf Ledger", 130), ("Market Sample", 131), ("Example Wire", 150)))),
        story(7,
            member(71, "Gas prices ease as wind picks up",
                "Day-ahead gas fell 4% while wind output doubled.",
                hits={"gas": [("price", "Gas"), ("moves", "fell 4%", Kind.MOVE, down)]},
                outlets=(("Market Sample", 900),))),
        story(8,
            member(81, "Tankers queue off the terminal & nobody says why",
                "Seven ships wait.", hits={"gas": [("price", "Tankers")]}, url="")),
        story(9,
            member(91, "Satellite pictures show new shelters at Hamedan air base",
                "Four hardened shelters were finished in October; a transport aircraft from Russia "
                "was parked beside them. Analysts called the work at the Nojeh field unusual.",
                hits={"base": [("place", "Hamedan", Kind.FUZZY, "Hamadan"), ("place", "Nojeh"),
                               ("site", "air base")],
                      "drones": [("russia", "Russia")]}, score=2,
                outlets=(("Northern Post", 1020), ("Example Wire", 1033)))),
    ]  # fmt: skip


def hostile_stories() -> list[Story]:
    """Make items whose words try to be more than words."""
    return [
        story(20,
            member(201, "<script>alert('Shahed')</script><img src=x onerror=alert(1)>",
                "<!channel> <@U1> <https://evil.example|https://good.example> *bold* _it_ `code` "
                "~no~ :red_circle: Shahed & more", hits={"drones": [("named", "Shahed")]},
                url="javascript:alert(document.cookie)", outlets=(("<b>Outlet</b>", 20),))),
        story(21,
            member(211, "<!channel> <https://evil.example|https://bbc.example> \u202egnp.exe\u202c Shahed",
                "Line one\r\nBcc: victim@example.org\u2028Line three \x1b[2J\x00\x9b Shahed-136",
                hits={"drones": [("named", "Shahed"), ("named", "Shahed-136")]},
                url="https://good.example@evil.example/a|b", outlets=(("<!here> *Out*", 21),))),
        story(22,
            member(221, "\u2066Quotes \"double\" 'single' > &amp; {{ 7*7 }} {% raw %}\u2069 Shahed",
                "", hits={"drones": [("named", "Shahed")]},
                url="https://host.example/a|b>c\"onclick='x'<d>?q=[1]&x=\u202e",
                was="<style>*{display:none}</style> \u202eold", outlets=(("a|b", 22),))),
        story(23,
            member(231, "Z" + "\u0335\u0301\u030d" * 900 + "algo", "", hits={"drones": []},
                url="data:text/html,<script>1</script>", lang='x" onload="', outlets=(("o", 23),))),
        story(24, member(241, " \u202e\x00 ", "", hits={"drones": []}, url="HTTPS://ПРИМЕР.example/ю")),
    ]  # fmt: skip


def flood_stories(number: int = 300) -> list[Story]:
    """Make many stories over three lists."""
    names = ("drones", "gas", "talks")
    return [
        story(1000 + n, member(5000 + n,
            f"Sample headline number {n}: a pipeline, a drone and a long sentence about both of them",
            "The excerpt of this sample repeats the word drone so that there is something to mark, "
            "and then goes on for a while with nothing of interest to anybody at all.",
            hits={names[n % 3]: [("drone", "drone"), ("goods", "pipeline")]},
            outlets=((f"Outlet {n % 40}", n), (f"Outlet {n % 17}", n + 3)), score=float(n % 5)))
        for n in range(number)
    ]  # fmt: skip


def old_stories(number: int) -> list[Story]:
    return [
        story(400 + n, member(4000 + n, f"Older report {n} on drones", backfill=True,
            hits={"drones": [("drone", "drones")]}))
        for n in range(number)
    ]  # fmt: skip

"""What is news of a feed and what only looks like it: other guids, other titles, a first entry."""

from __future__ import annotations

from tests.pipeline.test_rounds import HIT, Ear, desk, later
from tests.servers import Shown


async def test_a_feed_that_switches_guids_and_addresses_gives_no_new_alert(tmp_path, clock):
    """Another host and other guids, the same news: nothing is told twice."""
    ear = Ear()
    words = "Shahed-136 drones were unloaded at night. " * 4
    async with desk(tmp_path, clock, ear=ear) as (server, service):
        server.show(
            "/a",
            *(Shown(f"Drones reach Russia {n}", f"g{n}", text=words + str(n)) for n in range(4)),
        )
        await service.once()
        later(clock, hours=2)
        server.show(
            "/a",
            *(
                Shown(
                    f"Drones reach Russia {n}",
                    f"h{n}",
                    f"https://moved.example/{n}",
                    words + str(n),
                )
                for n in range(4)
            ),
        )
        report = (await service.once()).sweep
        assert report.total("new") == 0
        assert service.store.items.count() == 4
        assert len(ear.hits) == 4


async def test_an_address_shown_first_under_another_title_hides_no_news(tmp_path, clock):
    """An aggregator's "Morning links" must not swallow the outlet's own headline."""
    ear = Ear()
    async with desk(tmp_path, clock, ("/a", "/b"), ear=ear) as (server, service):
        link = "https://news.example/story"
        server.show("/a", Shown("Old", "o"))
        server.show("/b", Shown("Old", "o2"))
        await service.once()
        later(clock, hours=2)
        server.show("/a", Shown("Old", "o"), Shown("Morning links", "m", link))
        await service.once()
        later(clock, hours=2)
        server.show("/b", Shown("Old", "o2"), Shown("Drones reach Russia", "d", link))
        await service.once()
        assert ear.hits == ["Drones reach Russia"]
        (item,) = [one for one in service.store.items.newest() if one.url == link]
        assert item.title == "Drones reach Russia"
        assert [v.title for v in service.store.items.versions([item.id])[item.id]] == [
            "Morning links"
        ]


async def test_the_first_news_of_a_feed_that_was_empty_is_news(tmp_path, clock):
    """Backfill is what a feed held when it was first seen, not when it first held something."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a")
        await service.once()
        later(clock, hours=12)
        server.show("/a", HIT)
        await service.once()
        assert [item.backfill for item in service.store.items.newest()] == [False]

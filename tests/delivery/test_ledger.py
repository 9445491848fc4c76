"""The ledger itself: what each word of it does to a row, and what a person may say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import DeliveryState, Message
from monitor.store import Store
from tests.delivery.conftest import NOW

LATER = NOW + timedelta(hours=1)


def messages(count: int = 1, channel: str = "room", to: str = "room") -> list[Message]:
    parts = range(1, count + 1)
    return [Message(channel, to, n, count, f"n{n}", b"body %d" % n, "text/plain") for n in parts]


def states(store: Store) -> list[str]:
    return [one.state.value for one in store.ledger.of_digest("d")]


def put(store: Store, state: str, count: int = 1) -> int:
    """Bring the first of ``count`` parts into ``state`` by the ledger's own words."""
    store.ledger.add("d", messages(count), NOW)
    first = store.ledger.pending(NOW)[0].id
    if state != "pending":
        store.ledger.claim(first, NOW)
    match state:
        case "sent":
            store.ledger.sent(first, NOW)
        case "retry":
            store.ledger.retry(first, LATER, "later", NOW)
        case "uncertain":
            store.ledger.hold(first, "no answer", NOW)
        case "dead":
            store.ledger.dead(first, "refused", NOW)
        case "dropped":
            store.ledger.dead(first, "refused", NOW)
            store.ledger.drop(first, "", NOW)
    return first


ALL = ["pending", "sending", "sent", "retry", "uncertain", "dead", "dropped"]


@pytest.mark.parametrize("state", ALL)
def test_only_what_waits_can_be_claimed(store, state):
    """What is being sent, sent, held or given up is nobody's to send."""
    one = put(store, state)
    claimed = store.ledger.claim(one, LATER)
    assert (claimed is not None) is (state in {"pending", "retry"})
    if claimed is not None:
        assert claimed.state is DeliveryState.SENDING


@pytest.mark.parametrize("state", ALL)
def test_only_what_is_settled_without_arriving_can_be_sent_again(store, state):
    """A person revives what is held, dead or dropped; nothing that is on its way or there."""
    one = put(store, state)
    row = store.ledger.resend(one, LATER)
    assert (row is not None) is (state in {"uncertain", "dead", "dropped"})
    if row is not None:
        assert (row.state, row.due_at) == (DeliveryState.RETRY, LATER)
        assert row.first_tried_at is None, "it has its 48 hours again"
        assert row.repeat is (state == "uncertain"), "only what may have arrived is a repeat"


@pytest.mark.parametrize("state", ALL)
def test_only_what_has_not_arrived_can_be_dropped(store, state):
    """A send in flight is not pulled back, and what is there stays there."""
    one = put(store, state)
    row = store.ledger.drop(one, "seen in the room", LATER)
    assert (row is not None) is (state in {"pending", "retry", "uncertain", "dead"})
    if row is not None:
        assert row.error == "dropped: seen in the room"
        assert store.ledger.unsent() == ()


def test_nobody_can_resend_or_drop_what_is_not_there(store):
    """An unknown number is answered with nothing, not with an error."""
    assert store.ledger.resend(99, NOW) is None
    assert store.ledger.drop(99, "", NOW) is None


@pytest.mark.parametrize(
    ("hold", "state"),
    [
        pytest.param((), "retry", id="nobody holds: due at once, marked as a possible repeat"),
        pytest.param(("room",), "uncertain", id="the channel holds: a person decides"),
        pytest.param(("other",), "retry", id="another channel holds"),
    ],
)
def test_a_start_takes_up_what_was_interrupted(store, hold, state):
    """Only what was *sending* is concerned, and the count says how much it was."""
    one = put(store, "sending", 3)
    assert store.ledger.recover(LATER, hold) == 1
    row = store.ledger.get(one)
    assert (row.state, row.repeat) == (DeliveryState(state), state == "retry")
    assert states(store)[1:] == ["pending", "pending"]
    assert store.ledger.recover(LATER, hold) == 0


@pytest.mark.parametrize("state", ["pending", "sending", "retry", "uncertain", "dead"])
def test_a_part_behind_one_that_is_not_there_waits(store, state):
    """Part two is never due while part one is on its way, held or given up."""
    put(store, state, 2)
    assert [one.message.part for one in store.ledger.pending(LATER)] in ([], [1])


@pytest.mark.parametrize("state", ["sent", "dropped"])
def test_a_part_behind_one_that_is_there_or_let_go_is_due(store, state):
    """Part two follows when part one is sent, or when a person says that it need not be."""
    if state == "sent":
        put(store, "sent", 2)
    else:
        store.ledger.drop(put(store, "uncertain", 2), "it is in the room", NOW)
    assert [one.message.part for one in store.ledger.pending(LATER)] == [2]


def test_a_dead_part_takes_those_behind_it_along_and_brings_them_back(store):
    """Given up together, revived together, in order; another reader's parts are untouched."""
    store.ledger.add("d", messages(3, to="other"), NOW)
    store.ledger.add("d", messages(3), NOW)
    mine = [one for one in store.ledger.of_digest("d") if one.message.recipient == "room"]
    store.ledger.claim(mine[0].id, NOW)
    store.ledger.dead(mine[0].id, "refused", NOW)
    assert states(store) == ["pending"] * 3 + ["dead"] * 3
    store.ledger.resend(mine[0].id, NOW)
    assert states(store) == ["pending"] * 3 + ["retry", "pending", "pending"]


def test_dropping_a_dead_part_drops_what_died_of_it(store):
    """One word settles the whole dead letter, so that ``status`` is well again."""
    one = put(store, "dead", 3)
    store.ledger.drop(one, "", NOW)
    assert states(store) == ["dropped"] * 3


def test_what_has_not_arrived_is_listed_first(store):
    """The listing begins with what may want a person."""
    store.ledger.add("old", messages(to="a"), NOW)
    store.ledger.add("new", messages(to="b"), NOW)
    last = store.ledger.pending(NOW)[1].id
    store.ledger.claim(last, NOW)
    store.ledger.sent(last, NOW)
    assert [one.digest_id for one in store.ledger.listed()] == ["old", "new"]
    assert len(store.ledger.listed(1)) == 1


@pytest.mark.parametrize("state", ["dead", "uncertain"])
def test_what_was_lost_is_untold_until_told_and_again_when_it_was_revived(store, state):
    """A dead letter is told of once; one that dies a second time is news."""
    one = put(store, state)
    assert [row.id for row in store.ledger.untold()] == [one]
    store.ledger.told(store.ledger.untold())
    assert store.ledger.untold() == ()
    store.ledger.resend(one, NOW)
    store.ledger.claim(one, NOW)
    store.ledger.dead(one, "refused again", NOW)
    assert [row.id for row in store.ledger.untold()] == [one]


def test_the_state_sending_is_on_the_disk_before_claim_returns(store, tmp_path):
    """Another connection sees the claim: it would be there after a crash."""
    one = put(store, "sending")
    reader = Store.reader(tmp_path / "news.db")
    assert reader.ledger.get(one).state is DeliveryState.SENDING
    reader.close()

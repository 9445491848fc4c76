"""The measurement of ``make bench-delivery``, short: kill -9 at random moments."""

from __future__ import annotations

import pytest

from bench.delivery import bench, judge_mails, judge_posts


@pytest.mark.slow
def test_under_random_kills_nothing_is_lost_and_every_copy_can_be_told():
    """150 mails and 150 parts: all there, in order, each second copy recognisable."""
    for row in bench(150, seed=97):
        assert row.kills >= 5, "too few kills to tell anything"
        assert (row.lost, row.disorder) == (0, 0), row
        assert row.alike == row.copies, row


def mail(serial: int, key: str) -> bytes:
    head = (
        b"Message-ID: <%s@x>\r\nContent-Type: multipart/alternative; boundary=B\r\n" % key.encode()
    )
    return head + b"\r\n--B\r\nContent-Type: text/plain\r\n\r\nserial %d\r\n--B--\r\n" % serial


def test_the_judge_sees_what_is_lost_and_which_copy_is_new():
    """Of three mails one is missing; of two copies one bears another Message-ID."""
    mails = [mail(0, "a"), mail(0, "a"), mail(1, "b"), mail(1, "c")]
    assert judge_mails(mails, 3) == (1, 2, 1, 0)


@pytest.mark.parametrize(
    ("texts", "judged"),
    [
        pytest.param(["1", "2", "3"], (0, 0, 0, 0), id="all is well"),
        pytest.param(["1", "3"], (1, 0, 0, 1), id="a part is skipped: lost and out of order"),
        pytest.param(["1", "2", "repeat: 2", "3"], (0, 1, 1, 0), id="a copy that says so"),
        pytest.param(["1", "2", "2", "3"], (0, 1, 0, 0), id="a copy that does not"),
        pytest.param(["1", "2", "repeat: 1", "3"], (0, 1, 1, 1), id="begun again at the start"),
    ],
)
def test_the_judge_knows_the_order_of_parts(texts, judged):
    """Resumed at the failed part is well; anything else is counted."""
    posts = [
        b'{"text": "%sserial 0 part %s"}' % (b"x repeat: " * ("repeat" in one), one[-1:].encode())
        for one in texts
    ]
    assert judge_posts(posts, 1) == judged

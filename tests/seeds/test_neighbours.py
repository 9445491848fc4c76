"""Pairs of words beside a watched word: what is proposed as a mask, and what is not."""

from __future__ import annotations

import pytest

from monitor.matching import load_watchlist
from monitor.pipeline.suggest import Marked, masks
from monitor.seeds.neighbours import PairCount, pairs_at

LIST = load_watchlist("watchlist: g\ngroups:\n  gas: {any: [gas]}\nmatch: gas\n", "g.yaml")


@pytest.mark.parametrize(
    ("text", "word", "wanted"),
    [
        pytest.param("police use tear gas here", "gas", ["tear gas", "gas here"], id="both sides"),
        pytest.param("gas, oil", "gas", [], id="a comma parts"),
        pytest.param("Tear-gas", "gas", ["tear gas"], id="a hyphen does not"),
        pytest.param("gas", "gas", [], id="alone"),
    ],
)
def test_pairs_are_neighbours_in_one_breath(text, word, wanted):
    """A pair is parted by a space or hyphen only."""
    start = text.index(word)
    assert list(pairs_at(text, start, start + len(word))) == wanted


def test_a_pair_that_fires_often_is_no_mask():
    """Only pairs whose items have nothing else of the list are proposed."""
    count = PairCount(["gas"])
    for _ in range(10):
        count.see("Tear gas used", "", fires=False)
        count.see("Cheap gas wanted", "", fires=True)
    assert [one.phrase for one in count.proposals([])] == ["tear gas"]
    assert count.proposals(["tear"]) == ()


def test_masks_silence_noise_and_nothing_that_was_wanted():
    """A pair that also stands beside a relevant hit is not proposed."""
    marked = [
        Marked("Police fire tear gas", "", relevant=False),
        Marked("Tear gas at match", "", relevant=False),
        Marked("Cheap gas burns", "", relevant=False),
        Marked("Cheap gas from Norway", "", relevant=True),
    ]
    report = masks(LIST, marked)
    assert (report.noise, report.wanted) == (3, 1)
    found = {one.phrase: one.silenced for one in report.proposals}
    assert found["tear gas"] == 2
    assert "cheap gas" not in found


def test_without_noise_there_is_nothing_to_propose():
    """Relevant marks alone give no mask."""
    assert masks(LIST, [Marked("Gas flows", "", relevant=True)]).proposals == ()

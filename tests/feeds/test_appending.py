"""New feeds in the text of feeds.yaml."""

from __future__ import annotations

import pytest

from monitor.errors import InputError
from monitor.feeds.appending import appended
from monitor.feeds.catalogue import FeedEntry

NEW = FeedEntry(url="https://n.example/rss", title="New: one", tags=("a", "no"))
OLD = "https://o.example/rss"


@pytest.mark.parametrize(
    ("before", "added"),
    [
        pytest.param(f"feeds:\n  - url: {OLD}\n    title: Old\n", '  - url: https://n.example/rss\n    title: "New: one"\n    tags: [a, "no"]\n', id="two spaces before the dash"),
        pytest.param(f"feeds:\n- url: {OLD}\n  title: Old\n", '- url: https://n.example/rss\n  title: "New: one"\n  tags: [a, "no"]\n', id="no space before the dash"),
        pytest.param(f"feeds:\n    -   title: Old\n        url: {OLD}\n", '    -   url: https://n.example/rss\n        title: "New: one"\n        tags: [a, "no"]\n', id="wide and in another order"),
        pytest.param(f"feeds:\n  - {{url: {OLD}, title: Old}}\n  # the end\n", '  - url: https://n.example/rss\n    title: "New: one"\n    tags: [a, "no"]\n', id="entries in braces, a comment at the end"),
        pytest.param(f"feeds:\r\n  - url: {OLD}\r\n    title: Old\r\n", '  - url: https://n.example/rss\r\n    title: "New: one"\r\n    tags: [a, "no"]\r\n', id="line ends of Windows"),
        pytest.param(f"# «خبر»\nfeeds:\n  - url: {OLD}\n    title: >\n      Old\n      news\n", '  - url: https://n.example/rss\n    title: "New: one"\n    tags: [a, "no"]\n', id="folded text and other scripts"),
    ],
)  # fmt: skip
def test_a_feed_is_added_at_the_end_in_the_files_own_style(before, added):
    """What stood there stays as it was, byte for byte."""
    assert appended(before, "feeds.yaml", [NEW]) == before + added


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("feeds: []  # none yet\n", "feeds:  # none yet\n  - url: https://n.example/rss\n", id="an empty list"),
        pytest.param(f"feeds:\n  - url: {OLD}\n    title: Old", f"feeds:\n  - url: {OLD}\n    title: Old\n  - url: https://n.example/rss\n", id="no line end at the end"),
        pytest.param(f"feeds:\n  - url: {OLD}\n    title: Old\n\n\n", f"feeds:\n  - url: {OLD}\n    title: Old\n  - url: https://n.example/rss\n", id="empty lines at the end"),
    ],
)  # fmt: skip
def test_the_end_of_the_file_is_made_fit(before, after):
    """An empty list is opened, a missing line end is added, empty ones go."""
    assert appended(before, "feeds.yaml", [NEW]).startswith(after)


@pytest.mark.parametrize(
    ("before", "code"),
    [
        pytest.param(f"feeds: [{{url: '{OLD}', title: Old}}]\n", "F010", id="all in one line"),
        pytest.param(f"feeds:\n  -\n    url: {OLD}\n    title: Old\n", "F010", id="a dash on a line of its own"),
        pytest.param("feeds:\n  - url: https://n.example/rss\n    title: Same\n", "F002", id="it is there already"),
        pytest.param(f"feeds:\n  - url: {OLD}\n    title: Old\n    colour: red\n", "Y011", id="the old file has a fault"),
        pytest.param(f"feeds:\n  - url: {OLD}\n    title: Old\n...\n", "Y001", id="the document was ended"),
    ],
)  # fmt: skip
def test_what_would_not_load_is_refused(before, code):
    """There is no new text unless it holds the old feeds and the new ones and nothing else."""
    with pytest.raises(InputError) as caught:
        appended(before, "feeds.yaml", [NEW])
    assert [problem.code for problem in caught.value.problems] == [code]

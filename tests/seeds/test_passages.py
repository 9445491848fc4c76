"""Articles from text, Markdown and HTML: which passages there are, and what is left out."""

from __future__ import annotations

import pytest

from monitor.seeds import read_article

BRIEF = """---
brief: x
topics: [told-to-nobody]
---

# A brief

An introduction that is no fact.

## F1
- statement: The mill bought grain.
- topics: grain-trade

## F2
- statement: The port was *closed*.
- places: Aktau

| topic | facts |
| --- | --- |
| grain-trade | F1 |
"""


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        pytest.param("One.\n\nTwo.", "text", ["One.", "Two."], id="blank lines part paragraphs"),
        pytest.param("One\nwrapped.", "text", ["One wrapped."], id="short lines are wrapped"),
        pytest.param(
            "a " * 90 + "\n" + "b " * 90, "text", [("a " * 90).strip(), ("b " * 90).strip()],
            id="long lines are paragraphs",
        ),
        pytest.param("# T\n\n- one\n- two\n  more", "markdown", ["one", "two more"], id="a list"),
        pytest.param("See [the *port*](http://x).", "markdown", ["See the port."], id="marks"),
        pytest.param("```\ncode\n```\n\nText.", "markdown", ["Text."], id="code is left out"),
        pytest.param("Text.\n\n| a | b |\n", "markdown", ["Text."], id="tables are left out"),
        pytest.param(
            "<title>T</title><nav><p>Menu here</p></nav><p>First &amp; last.</p><script>x()</script>",
            "html", ["First & last."], id="what a reader does not read is left out",
        ),
        pytest.param("<div>short</div><p>Long</p>", "html", ["Long"], id="few words in a div"),
        pytest.param("", "text", [], id="nothing"),
    ],
)  # fmt: skip
def test_passages_are_numbered_paragraphs(text, kind, wanted):
    """Each paragraph becomes one passage, P1, P2 and so on."""
    found = read_article(text, kind).passages
    assert [one.text for one in found] == wanted
    assert [one.label for one in found] == [f"P{n}" for n in range(1, len(wanted) + 1)]


def test_a_brief_gives_its_statements_and_nothing_that_names_a_topic():
    """Of our own briefs only the statements are read: the topics written there would tell all."""
    article = read_article(BRIEF, "markdown")
    assert [(one.label, one.text) for one in article.passages] == [
        ("F1", "The mill bought grain."),
        ("F2", "The port was closed."),
    ]
    assert article.title == "A brief"


def test_a_hostile_article_costs_bounded_room():
    """No more than 400 passages are kept, whatever comes."""
    assert len(read_article("x y.\n\n" * 5_000).passages) == 400
    assert len(read_article("<p>" * 100_000 + "text", "html").passages) <= 400

"""Measure the matcher on generated items: python bench/matching.py [LISTS] [ITEMS].

Items have 120 words drawn from a Zipf-like vocabulary. "quiet" items hold no watched word, "busy"
items hold watched words of several lists. Prints items per CPU second and the build time.
"""

from __future__ import annotations

import sys
import time
from random import Random

from monitor.matching import Matcher, compile_watchlists, load_watchlist

WORDS_PER_ITEM = 120
VOCABULARY = 40_000


def _word(dice: Random) -> str:
    return "".join(dice.choice("bcdfglmnprst") + dice.choice("aeiou") for _ in range(3))


def _list(number: int, dice: Random) -> str:
    name = [f"{_word(dice)}x{_word(dice)}" for _ in range(12)]
    pairs = [f"{a} {b}" for a, b in zip(name[4:8], name[8:], strict=True)]
    return f"""
watchlist: list-{number}
groups:
  place: {{forms: en, any: [{", ".join(name[:4])}]}}
  thing: {{forms: en, any: [{", ".join(pairs)}]}}
  act: {{forms: en, any: [deliver, supply, transfer]}}
mask: [{name[0]} festival]
match: place near/12 thing and act
"""


def _items(count: int, dice: Random, names: list[str]) -> list[tuple[str, str]]:
    vocabulary = [_word(dice) + _word(dice)[: dice.randrange(1, 6)] for _ in range(VOCABULARY)]
    weights = [1 / (rank + 3) for rank in range(VOCABULARY)]
    drawn = dice.choices(vocabulary, weights, k=count * WORDS_PER_ITEM)
    items = []
    for start in range(0, len(drawn), WORDS_PER_ITEM):
        words = drawn[start : start + WORDS_PER_ITEM]
        for name in names and dice.sample(names, 3):
            words[dice.randrange(len(words))] = name
        words = [word + ("." if i % 17 == 16 else "") for i, word in enumerate(words)]
        items.append((" ".join(words[:10]).capitalize(), " ".join(words[10:])))
    return items


def _rate(matcher: Matcher, items: list[tuple[str, str]]) -> tuple[float, int]:
    best, fired = 0.0, 0
    for _ in range(3):
        begin = time.process_time()
        fired = sum(len(matcher.match(title, text)) for title, text in items)
        best = max(best, len(items) / (time.process_time() - begin))
    return best, fired


def main() -> None:
    """Print one line for each kind of item."""
    lists, count = (int(arg) for arg in [*sys.argv[1:], *("10", "4000")[len(sys.argv) - 1 :]])
    dice = Random(7)  # a fixed seed: the same items on every run
    loaded = [load_watchlist(_list(number, dice), f"{number}.yaml") for number in range(lists)]
    begin = time.process_time()
    matcher = compile_watchlists(loaded)
    print(f"{lists} lists built in {time.process_time() - begin:.2f} CPU s")
    names = [term.variant for each in loaded for group in each.groups for term in group.terms]
    for kind, used in (("quiet", []), ("busy", names)):
        rate, fired = _rate(matcher, _items(count, dice, used))
        print(f"{kind}: {rate:,.0f} items per CPU s, {fired} matches in {count} items")


if __name__ == "__main__":
    main()

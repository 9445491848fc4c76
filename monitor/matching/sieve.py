"""Turn away, by its raw text alone, an item that can fulfil no list: nearly all items of a day.

Looks for the words of the lists as plain substrings of the folded text, so nothing is cut into
words, and asks each list's gate with the groups whose terms may be there. Pays while lists are few,
and rests by itself where it does not. Never wrongly silent.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from monitor.matching.conditions import Gate, Node, gate, requirements
from monitor.matching.patterns import Symbol
from monitor.matching.screen import MASK, Owners
from monitor.matching.tokens import PLAIN, READ_LIMIT, fold

#: With more lists than this nearly every item passes.
MOST_LISTS = 50
#: After so many items it is asked whether enough are turned away; if not, it rests that long.
TRIAL, REST = 500, 20_000
#: Letters of a word that is rare enough, and of one that is worth looking for beside another.
TELLING, SHORTEST = 5, 3
_ENDING = 3  #: letters of a word that its forms may not share: they are looked for without them
_WORTH = 0.5  #: the share that must be turned away

Hit = tuple[int, int, int]  #: number of a text that was looked for, first character, end
Needle = tuple[str, bool]  #: a folded substring, and whether the word may go on behind it
Words = frozenset[int]  #: numbers of needles, one of which stands where a symbol's word does


class Placed(NamedTuple):
    """The question of one list, and where its groups begin among those of all lists."""

    place: int
    ask: Gate
    clauses: tuple[int, ...]  #: bits of groups, one of which must hit

    def clauses_hold(self, groups: int) -> bool:
        """Ask the clauses alone, which is quick and nearly always enough."""
        for clause in self.clauses:  # noqa: SIM110 - a generator costs as much as the whole question
            if not groups & clause:
                return False
        return True


class Sieve:
    """The words of all lists in one automaton; :func:`sieve_of` makes one where it can."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self._needles: dict[Needle, int] = {}
        self._words = [frozenset(map(self._number, _needles(symbol))) for symbol in symbols]
        #: for each needle the groups that it fulfils, alone or with the words named
        self._alone: defaultdict[int, int] = defaultdict(int)
        self._joint: defaultdict[int, list[tuple[tuple[Words, ...], int]]] = defaultdict(list)
        self._length = [min(map(_length, symbol.words)) for symbol in symbols]
        self._wanted: set[int] = set()
        self._always = 0
        self._gates: list[Placed] = []
        self._asked = self._turned_away = self._resting = 0

    def add(self, row: Sequence[int], bits: int) -> None:
        """Let the groups ``bits`` be fulfilled by a row of symbols."""
        told = sorted((n for n in row if self._words[n]), key=self._rarity)
        if not told:
            self.allow(bits)
            return
        # Short words stand everywhere: to look for each of them costs more than it tells.
        others = tuple(self._words[n] for n in told[1:] if self._length[n] >= SHORTEST)
        for needle in self._words[told[0]]:
            if others:
                self._joint[needle].append((others, bits))
            else:
                self._alone[needle] |= bits
        self._wanted.update(self._words[told[0]], *others)

    def allow(self, bits: int) -> None:
        """Let groups count as fulfilled by every item."""
        self._always |= bits

    def close(self, gates: Iterable[Placed]) -> None:
        """Be ready to be asked."""
        self._gates = list(gates)
        wanted, numbers = self._wanted, self._needles
        texts = list(dict.fromkeys(text for (text, _), n in numbers.items() if n in wanted))
        self._closed = [numbers.get((text, False), -1) for text in texts]
        self._open = [numbers.get((text, True), -1) for text in texts]
        self._search = AhoCorasick(
            texts, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )
        _letters()  # now, not when the first item comes
        for table in (self._needles, self._words, self._length, self._wanted):
            table.clear()  # only the building needs them, and they are many

    def rest(self, items: int) -> bool:
        """Tell whether the sieve rests; then it is not asked of so many items."""
        rests = self._resting > 0
        self._resting = max(0, self._resting - items)
        return rests

    def passes(self, title: str, text: str) -> bool:
        """Tell whether an item may fulfil a list; always so while the sieve rests."""
        if self._resting:
            self._resting -= 1
            return True
        found = self._may_fire(title, text)
        self._asked += 1
        self._turned_away += not found
        if self._asked >= TRIAL:
            if self._turned_away < _WORTH * self._asked:
                self._resting = REST
            self._asked = self._turned_away = 0
        return found

    def _may_fire(self, title: str, text: str) -> bool:
        head = f"\n{_folded(title[:READ_LIMIT])}\n"
        source = f"{head}{_folded(text[:READ_LIMIT])}\n"
        hits = self._search.find_matches_as_indexes(source, overlapping=True)
        anywhere = self._groups(self._seen(source, hits))
        gates = [gate for gate in self._gates if gate.clauses_hold(anywhere)]
        if not gates:
            return False
        in_title = self._groups(self._seen(source, [hit for hit in hits if hit[2] < len(head)]))
        return any(ask(anywhere >> at, in_title >> at) for at, ask, _ in gates)

    def _seen(self, source: str, hits: Iterable[Hit]) -> set[int]:
        """Return the needles that stand in a folded text as words may stand."""
        found: set[int] = set()
        letters, closed, open_ = PLAIN, self._closed, self._open
        for text, start, end in hits:
            # Between two letters no word begins or ends.
            if source[start - 1] in letters and source[start] in letters:
                continue
            found.add(open_[text])
            if source[end] not in letters or source[end - 1] not in letters:
                found.add(closed[text])
        return found

    def _groups(self, seen: set[int]) -> int:
        """Return the bits of the groups that these needles may fulfil."""
        found, alone, joint = self._always, self._alone, self._joint
        for needle in seen:
            if needle in alone:
                found |= alone[needle]
            if needle in joint:
                for others, bits in joint[needle]:
                    if bits & ~found and not any(map(seen.isdisjoint, others)):
                        found |= bits
        return found

    def _number(self, needle: Needle) -> int:
        return self._needles.setdefault(needle, len(self._needles))

    def _rarity(self, symbol: int) -> tuple[int, int, int]:
        """Order symbols by how rarely they will be seen, roughly: long words, few forms."""
        return -min(self._length[symbol], TELLING), len(self._words[symbol]), symbol


def sieve_of(
    symbols: Sequence[Symbol],
    rows: Sequence[Sequence[int]],
    owners: Owners,
    conditions: Sequence[tuple[Node, tuple[str, ...]]],
    loose: Mapping[int, int],
) -> Sieve:
    """Return the sieve of some lists; ``loose`` are groups as for a screen."""
    places = [0]
    for _, names in conditions:
        places.append(places[-1] + len(names))
    sieve = Sieve(symbols)
    for number, row in enumerate(rows):
        owned = [at for at in owners.of(number) if owners.groups[at] != MASK]
        groups = {places[owners.lists[at]] + owners.groups[at] for at in owned}
        if groups:
            sieve.add(row, sum(1 << group for group in groups))
    sieve.allow(sum(bits << places[index] for index, bits in loose.items()))
    sieve.close(_placed(at, *one) for at, one in zip(places, conditions, strict=False))
    return sieve


def _placed(place: int, node: Node, names: Sequence[str]) -> Placed:
    bits = {name: 1 << number for number, name in enumerate(names)}
    clauses = [sum(bits[group] for group in clause) << place for clause in requirements(node)]
    return Placed(place, gate(node, bits), tuple(clauses))


def _needles(symbol: Symbol) -> Iterator[Needle]:
    """Yield what stands in every folded text that holds the word; a slip is no substring."""
    if symbol.fuzzy:
        return
    words = {word.strip(".") for word in (*symbol.words, *map(fold, symbol.surfaces))}
    if not all(words):
        return
    stem, is_open = "", symbol.prefix
    for word in sorted(words):
        shared = _shared(stem, word)
        if shared:
            stem, is_open = shared, True
            continue
        if stem:
            yield stem, is_open
        stem, is_open = word, symbol.prefix
    yield stem, is_open


def _shared(stem: str, word: str) -> str:
    """Return what two words begin with, or nothing if that tells too little of the first."""
    least = max(TELLING, len(stem) - _ENDING)
    if len(stem) < least or not word.startswith(stem[:least]):
        return ""
    while not word.startswith(stem):
        stem = stem[:-1]
    return stem


def _length(word: str) -> int:
    """Return the letters of a word; a sign of Chinese tells as much as a few."""
    return len(word) if word < "\u0e00" else TELLING


def _folded(text: str) -> str:
    """Fold a whole text as its words are folded; signs between words may stay as they are."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    letters = _letters()
    if not letters.changed.search(lowered):
        return lowered
    if letters.joined.search(lowered):
        plain = _SURROGATE.sub(" ", fold(text)).translate(_POINTS)
        return _DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), plain)
    return letters.changed.sub(letters.folded, lowered)


_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGIT = re.compile(r"[^\D0-9]")  # of another script
_POINTS = str.maketrans("\u066b\u066c", ".,")  # in numbers


class _Letters(NamedTuple):
    """What folding does to single characters of a text in lower case."""

    changed: re.Pattern[str]  #: characters that it changes in a way that matters
    joined: re.Pattern[str]  #: those whose neighbours matter, too
    folded: Callable[[re.Match[str]], str]


@lru_cache(1)
def _letters() -> _Letters:
    plane = [chr(code) for code in range(0x80, 0x10000) if not 0xD800 <= code < 0xE000]
    table = {c: folded for c in plane if (folded := fold(c)) != c and _tells(folded)}
    table |= {c: str(unicodedata.decimal(c)) for c in plane if c.isdecimal()}
    table |= {chr(code): chr(point) for code, point in _POINTS.items()}
    marks = [c for c in plane if unicodedata.combining(c) not in {0, 9} and table.get(c) != ""]
    beyond = "\ud800-\udfff\U00010000-\U0010ffff"
    return _Letters(
        re.compile(f"[{re.escape(''.join(table))}{''.join(marks)}{beyond}]"),
        re.compile(f"[\u0306\u0308{''.join(marks)}{beyond}]"),
        lambda found: table[found[0]],
    )


def _tells(folded: str) -> bool:
    """Tell whether a change matters in a word: letters, dots and what vanishes do."""
    return not folded or any(c.isalnum() or c == "." for c in folded)

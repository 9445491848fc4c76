"""Read market moves: so many per cent up or down, whose move it is, and the price reached.

Works inside one sentence: a number in per cent, a word of direction beside it, and an occurrence
of the watched group that can be its subject. When in doubt there is no move. Not a parser of
language: "storage is 98 % full", "rose to 8 %", "has not risen 8 %" and "inflation of 8 %" are
told apart by the words around the number.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.matching import move_words as words
from monitor.matching.judge import Occurrence
from monitor.matching.move_words import WordSet, direction
from monitor.matching.tokens import Reading, Word
from monitor.model import Kind, Move

_BEFORE, _AFTER = 8, 4  # words between direction and number
_SUBJECT_BEFORE, _SUBJECT_INSIDE, _SUBJECT_AFTER = 12, 6, 6
_NEGATION = 3
_REACH = 30  # words from a subject beyond which no change is looked at
_BARE_SUBJECT = 6  # words between subject and direction when no number stands there
MAX_SENTENCE = 300  # words; what is longer is no sentence

_SIGN = re.compile(r"\s{0,3}[%٪％]")
_BREAK = re.compile(r"[;|؛]")
_COMMA = re.compile(r"[,،;|؛]")
_DASH = re.compile(r"\s*[-\u2010-\u2015]\s*\Z")
_AMOUNT = r"\d[\d.,\u066b\u066c\u06f0-\u06f9\u0660-\u0669]{0,12}"
_CURRENCY = (
    r"(?:US\$|[$€£¥₽₴]|EUR|USD|GBP|RUB|euros?|dollars?|pounds?|cents?|pence|"
    r"евро|долл\w*|руб\w*|євро|дол\w*|грн|złot\w*|zł|دلار|یورو|تومان|ریال|دولار\w*|یورو)"
)
_QUANTITY = (
    r"(?:\s?(?:/|per |a |an |за |pro |je |za |برای هر |در هر |لكل )\s?(?:\d[\d.,]* )?[^\W\d_]+)?"
)
_PRICE = re.compile(
    rf"(?:{_CURRENCY}\s?{_AMOUNT}|{_AMOUNT}\s?{_CURRENCY}(?!\w)){_QUANTITY}", re.IGNORECASE
)
_PRICE_REACH = 70  # characters behind the move

_percent_words = WordSet(words.PERCENT_WORDS)
_negations, _negations_after = WordSet(words.NEGATIONS), WordSet(words.NEGATIONS_AFTER)
_shares, _levels = WordSet(words.SHARES), WordSet(words.LEVELS)
_ranges, _froms = WordSet(words.RANGE_WORDS), WordSet(words.FROM_WORDS)
_subordinators, _rivals = WordSet(words.SUBORDINATORS), WordSet(words.RIVALS)
_heads, _links = WordSet(words.HEADS), WordSet(words.LINKS)
_rough = WordSet(words.APPROXIMATIONS)


@dataclass(frozen=True, slots=True)
class _Number:
    """A number in per cent: the words from ``first`` to ``last`` of its sentence."""

    first: int
    last: int
    end: int  #: offset behind the sign
    value: float


@dataclass(frozen=True, slots=True)
class _Change:
    """A direction, and the number that belongs to it."""

    first: int
    last: int
    end: int
    turn: int  #: the word of direction
    move: Move


class Moves:
    """The moves of one item; sentences are read once, and only when asked for."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._sentences: dict[int, list[Word]] | None = None
        self._changes: dict[int, list[_Change]] = {}

    def of(self, subjects: tuple[Occurrence, ...]) -> tuple[tuple[Occurrence, Occurrence], ...]:
        """Return the moves of ``subjects``, each with its subject, in the order of the text."""
        best: dict[tuple[int, int], tuple[int, Occurrence, Occurrence]] = {}
        for subject in subjects:
            sentence = self._sentence(subject.sentence)
            first = subject.first - sentence[0].position
            last = subject.last - sentence[0].position
            for change in _within_reach(self._changes_in(subject.sentence, sentence), first, last):
                distance = _distance(self._reading, sentence, change, first, last)
                key = (subject.sentence, change.turn)
                if distance is None or (key in best and best[key][0] <= distance):
                    continue
                best[key] = (distance, subject, _occurrence(subject, sentence, change))
        return tuple((subject, found) for _, (_, subject, found) in sorted(best.items()))

    def _sentence(self, number: int) -> list[Word]:
        if self._sentences is None:
            self._sentences = {}
            for word in self._reading.cells:
                if word is not None:
                    self._sentences.setdefault(word.sentence, []).append(word)
        return self._sentences[number]

    def _changes_in(self, number: int, sentence: list[Word]) -> list[_Change]:
        if number not in self._changes:
            readable = sentence if len(sentence) <= MAX_SENTENCE else []
            self._changes[number] = _changes(self._reading, readable)
        return self._changes[number]


def _within_reach(changes: list[_Change], first: int, last: int) -> list[_Change]:
    begin = bisect_left(changes, first - _REACH, key=_first)
    return changes[begin : bisect_right(changes, last + _REACH, key=_first)]


def _first(change: _Change) -> int:
    return change.first


def _occurrence(subject: Occurrence, sentence: Sequence[Word], change: _Change) -> Occurrence:
    start = sentence[change.first]
    return Occurrence(
        group=subject.group,
        term=subject.term,
        kind=Kind.MOVE,
        first=start.position,
        last=sentence[change.last].position,
        sentence=subject.sentence,
        start=start.start,
        end=change.end,
        in_title=subject.in_title,
        move=change.move,
    )


def _changes(reading: Reading, sentence: list[Word]) -> list[_Change]:
    if not sentence:
        return []
    source = reading.source(sentence[0])
    turns = {i: way for i in range(len(sentence)) if (way := _turn(sentence, i))}
    numbers = _numbers(source, sentence)
    found: list[_Change] = []
    used: set[int] = set()
    for at, number in enumerate(numbers):
        turn = _turn_of(source, sentence, turns, numbers, at)
        if turn is None:
            continue
        used.add(turn)
        if not _denied(sentence, turn, number.last):
            found.append(_numbered(source, sentence, turns[turn], turn, number))
    found += [
        _Change(at, at, sentence[at].end, at, Move(0.0, "", way))
        for at, way in turns.items()
        if at not in used and not _denied(sentence, at, at)
    ]
    return sorted(found, key=_first)


def _numbered(source: str, sentence: list[Word], way: str, turn: int, number: _Number) -> _Change:
    first, last = min(turn, number.first), max(turn, number.last)
    end = max(number.end, sentence[turn].end)
    limit = min(sentence[-1].end + 2, end + _PRICE_REACH)
    price = _PRICE.search(source, end, limit)
    reached = (
        price.group().strip() if price and not _BREAK.search(source, end, price.start()) else ""
    )
    return _Change(first, last, end, turn, Move(number.value, "%", way, reached))


def _turn(sentence: list[Word], index: int) -> str:
    """Return the direction of a word; "up to 8 %" and "down payment" have none."""
    word = sentence[index].fold
    after = sentence[index + 1].fold if index + 1 < len(sentence) else ""
    if (word == "up" and after == "to") or (word == "down" and after in {"payment", "under"}):
        return ""
    return direction(word)


def _numbers(source: str, sentence: list[Word]) -> list[_Number]:
    found: list[_Number] = []
    for index, word in enumerate(sentence):
        if not word.fold[:1].isdigit():
            continue
        end, last = _percent_at(source, sentence, index)
        if last is None:
            continue
        first = _range_start(source, sentence, index)
        value = _value(sentence[first].fold)
        if found and found[-1].last >= first:
            found[-1] = _Number(found[-1].first, last, end, found[-1].value)
        elif value is not None:
            found.append(_Number(first, last, end, value))
    return found


def _percent_at(source: str, sentence: list[Word], index: int) -> tuple[int, int | None]:
    word = sentence[index]
    sign = _SIGN.match(source, word.end)
    if sign:
        return sign.end(), index
    if source[word.start - 1 : word.start] in {"%", "٪"}:
        return word.end, index
    following = [w.fold for w in sentence[index + 1 : index + 3]]
    if following and following[0] in _percent_words:
        return sentence[index + 1].end, index + 1
    if following in (["per", "cent"], ["فی", "المیه"], ["فی", "المایه"]):
        return sentence[index + 2].end, index + 2
    return word.end, None


def _range_start(source: str, sentence: list[Word], index: int) -> int:
    """Return where "8-12 %" and "8 to 12 %" begin; "from 8 to 12 %" is no range but two levels."""
    if index == 0:
        return index
    before = sentence[index - 1]
    gap = source[before.end : sentence[index].start]
    if before.fold[:1].isdigit() and _DASH.match(gap.replace("%", "")):
        return index - 1
    if index > 1 and before.fold in _ranges and sentence[index - 2].fold[:1].isdigit():
        starts_level = index > 2 and sentence[index - 3].fold in _froms
        return index if starts_level else index - 2
    return index


def _value(number: str) -> float | None:
    """Read 8.5, 8,5, 1,740 and 1.234,5; a lone comma before three digits groups thousands."""
    point, comma = number.rfind("."), number.rfind(",")
    if point >= 0 and comma >= 0:
        decimal = max(point, comma)
        text = re.sub("[.,]", "", number[:decimal]) + "." + number[decimal + 1 :]
    elif comma >= 0 and (number.count(",") > 1 or len(number) - comma == 4):
        text = number.replace(",", "")
    else:
        text = number.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value < 1e6 else None


def _turn_of(
    source: str,
    sentence: list[Word],
    turns: dict[int, str],
    numbers: list[_Number],
    at: int,
) -> int | None:
    """Return the nearest word of direction that may belong to a number."""
    number = numbers[at]
    if _is_share(sentence, number, turns):
        return None
    low, high = _room(len(sentence), numbers, at)
    best: tuple[int, int] | None = None
    for index in range(low, high + 1):
        if index not in turns:
            continue
        if index < number.first:
            distance, between = number.first - index - 1, (index, number.first)
        elif index > number.last:
            distance, between = index - number.last - 1, (number.last, index)
        else:
            continue
        if _apart(source, sentence, *between):
            continue
        if best is None or distance < best[0]:
            best = (distance, index)
    if best is None or _is_level(sentence, number, best[1]):
        return None
    return best[1]


def _room(length: int, numbers: list[_Number], at: int) -> tuple[int, int]:
    """Return the words within reach that do not lie beyond another number."""
    low = max(0, numbers[at].first - _BEFORE - 1)
    high = min(length - 1, numbers[at].last + _AFTER + 1)
    if at > 0:
        low = max(low, numbers[at - 1].last + 1)
    if at + 1 < len(numbers):
        high = min(high, numbers[at + 1].first - 1)
    return low, high


def _apart(source: str, sentence: list[Word], left: int, right: int) -> bool:
    """Tell whether a comma, another subject or another statement stands between two words."""
    if _COMMA.search(source, sentence[left].end, sentence[right].start):
        return True
    for index in range(left + 1, right):
        word = sentence[index].fold
        if word in _rivals or (word in _subordinators and not _is_as_much_as(sentence, index)):
            return True
    return False


def _is_as_much_as(sentence: list[Word], index: int) -> bool:
    near = [w.fold for w in sentence[max(0, index - 2) : index + 3]]
    return sentence[index].fold == "as" and not {"much", "many", "high", "low"}.isdisjoint(near)


def _is_share(sentence: list[Word], number: _Number, turns: dict[int, str]) -> bool:
    after = sentence[number.last + 1].fold if number.last + 1 < len(sentence) else ""
    if after not in _shares:
        return False
    told = any(index in turns for index in range(number.first - 2, number.first))
    return not (after == "of" and told)


def _is_level(sentence: list[Word], number: _Number, turn: int) -> bool:
    """Tell "rose to 8 %" and "inflation of 8 % pushes up" from moves."""
    index = number.first - 1
    if index < 0 or index <= turn < number.first:
        return False
    word = sentence[index].fold
    if word in _froms or word in _levels:
        return not (index > 0 and sentence[index - 1].fold == "up")
    while index > 0 and sentence[index].fold in _rough:
        index -= 1
    of = sentence[index].fold in {"of", "von", "w", "в"}
    return of and not (number.first - 4 <= turn < number.first)


def _denied(sentence: list[Word], turn: int, last: int) -> bool:
    before = sentence[max(0, turn - _NEGATION) : turn]
    for index, word in enumerate(before):
        follows = before[index + 1].fold if index + 1 < len(before) else ""
        if word.fold in _negations and follows != "only":
            return True
    after = sentence[max(turn, last) + 1 : max(turn, last) + 4]
    return any(word.fold in _negations_after for word in after)


def _distance(
    reading: Reading, sentence: list[Word], change: _Change, first: int, last: int
) -> int | None:
    """Return how far a subject stands from a change that may be its own, or None."""
    source = reading.source(sentence[0])
    if last + 1 < len(sentence) and sentence[last + 1].fold in _heads:
        return None
    if last < change.first:
        reach = _SUBJECT_BEFORE if change.move.unit else _BARE_SUBJECT
        gap = change.first - last - 1
        return gap if gap <= reach and _may_lead(source, sentence, last, change.first) else None
    if first > change.last:
        return _following(source, sentence, change, first)
    if change.first < first and last < change.last:
        inside = change.last - change.first - (last - first)
        return 0 if inside <= _SUBJECT_INSIDE + _BEFORE else None
    return None


def _may_lead(source: str, sentence: list[Word], left: int, right: int) -> bool:
    """Tell whether a subject reaches its verb: no other statement, no other thing quoted."""
    if _BREAK.search(source, sentence[left].end, sentence[right].start):
        return False
    for index in range(left + 1, right):
        word = sentence[index].fold
        if word in _subordinators:
            return False
        if word in _rivals and not _is_coordinated(sentence, index):
            return False
    return True


def _is_coordinated(sentence: list[Word], index: int) -> bool:
    joined: Iterable[str] = ("and", "or", "и", "та", "i", "oraz", "und", "oder", "و")
    return sentence[index - 1].fold in joined


def _following(source: str, sentence: list[Word], change: _Change, first: int) -> int | None:
    gap = first - change.last - 1
    if gap > _SUBJECT_AFTER or _COMMA.search(source, change.end, sentence[first].start):
        return None
    linked = sentence[change.last + 1].fold in _links
    if not linked and gap > 1:
        return None
    ahead = sentence[max(0, change.first - 3) : change.first]
    if any(word.fold in _rivals for word in ahead):
        return None
    return _SUBJECT_BEFORE + gap

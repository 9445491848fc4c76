"""Cut a text into words that can be compared, each with its place in the text as given.

Folding happens word by word, so offsets never move. A *piece* is a word inside one whitespace
chunk; a *word* is a piece with its place in the whole item. Never knows a watchlist.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import regex  # type: ignore[import-untyped]

from monitor.matching.alphabet import ABBREVIATIONS, FOLDS, TRANSPARENT

#: Words of the text body are numbered from here, so that no distance reaches into the title.
BODY = 10_000_000
BORDER = "\x01"  # a sentence border, where every cell is written as one letter
CHUNK_CACHE_LIMIT = (
    40  # longer chunks (no spaces: Chinese, rubbish) would fill the caches for nothing
)

#: Characters of a field; what stands behind them is not read, so that no item can stall a watch.
READ_LIMIT = 200_000

CHUNKS = re.compile(r"\n\s*\n|\S+")
PARAGRAPH = re.compile(r"\n\s*\n")
PARAGRAPH_CHUNK = " ¶ "

_APOSTROPHES = "'’ʼ＇‘ʻ`´"
_WORD = rf"[[\p{{L}}\p{{Nl}}]--[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}{_APOSTROPHES}]]"  # noqa: E501
_PIECES = regex.compile(
    rf"""
    (?P<opaque>(?:[Hh][Tt][Tt][Pp][Ss]?://|www\.)\S+)
  | (?P<signs>[\u4e00-\u9fff]+(?!\.\p{{L}}))
  | (?:
        (?P<dotted>\p{{L}}(?:\.\p{{L}})+(?:\.|(?![\p{{L}}\p{{M}}.])))(?![\p{{L}}\p{{M}}])
      | (?P<number>\p{{Nd}}+(?:[.,٫٬]\p{{Nd}}+)*)
      | (?P<word>{_WORD}[{_WORD}\p{{M}}{TRANSPARENT}]*
                | [\p{{Katakana}}ー][\p{{Katakana}}ー\p{{M}}]*
                | \p{{Hiragana}}[\p{{Hiragana}}\p{{M}}]*)
    ) (?:[{_APOSTROPHES}][sS](?![\p{{L}}\p{{M}}\p{{Nd}}]))?
  | (?P<sign>\p{{Han}}|[\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}]\p{{M}}*)
  | (?P<stop>[.!?…‥。！？｡؟۔।॥|•¶]+)
    """,
    regex.VERBOSE | regex.VERSION1,
)
_INVISIBLE = dict.fromkeys(map(ord, TRANSPARENT))
_CLOSING = r"""["'”’»)\]}›〉」』*]*\Z"""
_CLOSERS = re.compile(_CLOSING)
_FIRST_SIGNS = 0x0E00  # Thai, and behind it all that is cut sign by sign
_QUICK = [c for c in map(chr, range(_FIRST_SIGNS)) if c not in "ʼʻ"]
_LETTERS = "".join(filter(str.isalpha, _QUICK))
#: A chunk of these alone is one word.
PLAIN = frozenset(_LETTERS)
_MARKS = "".join(c for c in _QUICK if unicodedata.category(c)[0] == "M")
_WRAPPING = r"""["“”„«»()\[\]{},:;،؛–—'‘’‹›*#@+=~/%$€£-]*+"""
#: A chunk of one plain word or number: nothing that is cut into signs, a stop only behind it.
_LONE = re.compile(
    rf"""{_WRAPPING}(?!www\.)"""
    rf"""([{_LETTERS}][{_LETTERS}{_MARKS}{TRANSPARENT}]*+|[0-9]++(?:[.,][0-9]++)*+)"""
    rf"""(?:(\.)|(?:[{_APOSTROPHES}][sS])?{_WRAPPING}([.!?…؟۔।]++)?){_CLOSING}"""
)
_NEXT_SENTENCE = regex.compile(r"""["'“”’«(\[)»]*\p{Lu}""")


class Piece(NamedTuple):
    """A word inside its chunk; ``fold`` is what is compared, ``clean`` is the surface in NFC."""

    start: int
    end: int
    fold: str
    clean: str


class Word(NamedTuple):
    """A word of an item; offsets point into its own field."""

    start: int
    end: int
    fold: str
    clean: str
    in_title: bool
    position: int  #: counts words; the body starts at BODY
    sentence: int


class Reading(NamedTuple):
    """An item cut into words; ``None`` among the cells is a sentence border."""

    title: str
    text: str
    cells: list[Word | None]
    caps_title: bool  #: the whole title is written in capitals

    def source(self, word: Word) -> str:
        return self.title if word.in_title else self.text

    def row(self, first: int, count: int) -> list[Word | None]:
        """Return the cells from ``first`` on, fewer at the end of the item."""
        return self.cells[first : first + count]


def fold(word: str) -> str:
    """Return ``word`` without case, accents and the variants of the Arabic script."""
    if word.isascii():
        return word.lower()
    lowered = word.lower()
    return lowered if _FOLDED.issuperset(lowered) else _fold(word)


def _fold(word: str) -> str:
    text = unicodedata.normalize("NFKD", word).casefold()
    if "\u0306" in text or "\u0308" in text:  # й ї ў are letters of their own, not accents
        text = text.replace("и\u0306", "й").replace("і\u0308", "ї").replace("у\u0306", "ў")
    return text.translate(FOLDS)


#: Letters that folding leaves as they are: a word of these alone, as most are, needs no more work.
#: Marks whose order matters are none of them; that of viramas (class 9) among themselves does not.
_FOLDED = frozenset(
    c for c in map(chr, range(_FIRST_SIGNS)) if _fold(c) == c and unicodedata.combining(c) in {0, 9}
)


def composed(word: str) -> str:
    """Return the surface as a reader sees it: composed, without invisible marks."""
    if word.isascii():
        return word
    if not word.isalpha():
        word = word.translate(_INVISIBLE)
    return unicodedata.normalize("NFC", word)


def lone_word(chunk: str) -> tuple[str, bool]:
    """Return the word of a chunk that holds but one, as ``«Shahed»,``, and if a sentence ends.

    A quick way to what ``pieces`` would find; the word is empty where the chunk is not so plain.
    """
    if PLAIN.issuperset(chunk):
        return chunk, False
    match = _LONE.match(chunk)
    if match is None:
        return "", False
    word, stop, distant_stop = match.groups()
    if stop is None:
        return word, distant_stop is not None
    return word, word[-1] in TRANSPARENT or not _is_abbreviation(composed(word))


def pieces(chunk: str) -> tuple[Piece | None, ...]:
    """Cut one whitespace chunk; ``None`` stands for a sentence border."""
    return _short_pieces(chunk) if len(chunk) <= CHUNK_CACHE_LIMIT else tuple(cut(chunk))


@lru_cache(1 << 13)
def _short_pieces(chunk: str) -> tuple[Piece | None, ...]:
    if chunk.isascii() and chunk.isalpha():
        return (Piece(0, len(chunk), chunk.lower(), chunk),)
    return tuple(cut(chunk))


def cut(chunk: str) -> list[Piece | None]:
    """Cut a chunk as ``pieces`` does, without a cache."""
    found: list[Piece | None] = []
    for match in _PIECES.finditer(chunk):
        kind = match.lastgroup
        if kind == "stop":
            if _ends_sentence(chunk, match.start(), match.end(), found):
                found.append(None)
            continue
        start, end = match.span(kind)
        if kind == "signs":
            found += [Piece(start + i, start + i + 1, c, c) for i, c in enumerate(chunk[start:end])]
            continue
        piece = _piece(str(kind), chunk[start:end], start)
        if piece is not None:
            found.append(piece)
    return found


def _piece(kind: str, surface: str, start: int) -> Piece | None:
    end = start + len(surface)
    if kind == "opaque":
        return Piece(start, end, "", surface)
    if kind == "sign" and surface < "\uf900":
        return Piece(start, end, surface, surface)
    if kind == "number":
        return Piece(start, end, _digits(surface), surface)
    visible = surface.rstrip(TRANSPARENT) if kind == "word" else surface
    folded = fold(visible)
    if kind == "dotted":
        folded = folded.rstrip(".") + "."
    return Piece(start, start + len(visible), folded, composed(visible)) if folded else None


@lru_cache(1 << 12)
def _digits(number: str) -> str:
    if number.isascii():
        return number
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in number)
    return plain.replace("٫", ".").replace("٬", ",")


def _ends_sentence(chunk: str, start: int, end: int, before: list[Piece | None]) -> bool:
    if chunk[start:end] != ".":
        return True
    last = before[-1] if before else None
    if last is not None and last.end == start and _is_abbreviation(last.clean):
        return False
    if _CLOSERS.match(chunk, end):
        return True
    return last is not None and len(last.fold) > 1 and bool(_NEXT_SENTENCE.match(chunk, end))


def _is_abbreviation(word: str) -> bool:
    if len(word) == 1:
        return word.isalpha() and word.upper() != word.lower()
    return word in ABBREVIATIONS


def read(title: str, text: str) -> Reading:
    """Cut an item into words; the border between title and text is a sentence border."""
    cells: list[Word | None] = []
    sentence = _append(cells, title[:READ_LIMIT], 0, 0)
    cells.append(None)
    _append(cells, text[:READ_LIMIT], BODY, sentence + 1)
    return Reading(title, text, cells, title.isupper())


def _append(cells: list[Word | None], source: str, position: int, sentence: int) -> int:
    in_title = position == 0
    for match in CHUNKS.finditer(source):
        chunk, offset = match.group(), match.start()
        if chunk[0] == "\n":
            cells.append(None)
            sentence += 1
            continue
        for piece in pieces(chunk):
            if piece is None:
                cells.append(None)
                sentence += 1
                continue
            start, end, folded, surface = piece
            cells.append(
                Word(offset + start, offset + end, folded, surface, in_title, position, sentence)
            )
            position += 1
    return sentence


def term_pieces(term: str) -> list[Piece]:
    """Cut a term as a text would be cut; its own full stops are no borders."""
    found = []
    for match in CHUNKS.finditer(term):
        found += [
            piece._replace(start=piece.start + match.start(), end=piece.end + match.start())
            for piece in pieces(match.group())
            if piece is not None
        ]
    return found

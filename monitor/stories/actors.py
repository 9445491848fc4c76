"""Who is named in one wording of an item and not in the other.

A name is told by its capital where capitals tell anything: not at the start of a sentence, not in
a headline that capitalises every word, unless another wording or the text writes it so. States and
cities of the dictionary count in every script. A name that is written longer, shorter, as initials
or in another script is the same name. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.stories.evidence import tongue
from monitor.stories.meanings import PLACE, Trait, meaning
from monitor.stories.stopwords import BY_LANGUAGE, EMPTY
from monitor.stories.translit import skeleton
from monitor.text import fold

#: Share of a headline's longer words with a capital from which on capitals say nothing.
TITLE_CASE = 0.7
_CONTEXT = 2_000
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|[’'-](?=[^\W\d_]))*")
_CLOSED = re.compile(r"[.!?…:|;\"“”«»‘(\[]|(?<!\w)['’]")
_POSSESSIVE = re.compile(r"[’']s?$")
#: Capitals of the trade, not of people: labels, days, months.
_LABELS = frozenset(
    fold(word)
    for word in """
    live updates update highlights watch video pics exclusive breaking news explained opinion
    review preview report analysis photos blog latest full check result results today here
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december covid ceo ex pm
    """.split()
)


def actors_between(before: str, after: str, context: str = "") -> tuple[str, ...]:
    """Return the names that came or went, as they are written."""
    plain = " ".join(one for one in (before, after) if not title_cased(one))
    written = frozenset(_proper(f"{context[:_CONTEXT]} . {plain}"))
    gone = _missing(before, after, written)
    come = _missing(after, before, written)
    return tuple(dict.fromkeys((*gone, *come)))


def title_cased(text: str) -> bool:
    """Tell whether a headline writes nearly every word with a capital."""
    long: list[str] = [word for word in _WORD.findall(text)[1:] if len(word) > 3]
    if len(long) < 3:
        return False
    return sum(word[0].isupper() for word in long) >= TITLE_CASE * len(long)


def _missing(here: str, there: str, written: frozenset[str]) -> Iterator[str]:
    others = [_bare(word) for word in _WORD.findall(there)]
    initials = _initials(others)
    means = {one for word in others if (one := meaning(fold(word))) is not None}
    for run in _runs(here, written):
        short = _initials(run) if len(run) > 1 else ""
        if short in {fold(one) for one in others if one.isupper()} - {""}:
            continue
        if not any(_told(word, others, initials, means) for word in run):
            yield " ".join(run)


def _runs(text: str, written: frozenset[str]) -> Iterator[list[str]]:
    """Return the names of a wording, each as its neighbouring words."""
    loose = title_cased(text)
    empty = BY_LANGUAGE.get(tongue(text), EMPTY)
    run: list[str] = []
    first, end = "", 0  # a capital at the start of a sentence, which may be a first name
    for match in _WORD.finditer(text):
        word, between = _bare(match[0]), text[end : match.start()]
        opens = end == 0 or _CLOSED.search(between) is not None
        end = match.end()
        if run and not between.isspace():
            yield run
            run = []
        if _is_name(word, written, empty, loose=loose, opens=opens):
            run += [first, word] if first and not run and between.isspace() else [word]
        elif run:
            yield run
            run = []
        first = word if opens and _may_be_name(word, empty) else ""
    if run:
        yield run


def _is_name(
    word: str, written: frozenset[str], empty: frozenset[str], *, loose: bool, opens: bool
) -> bool:
    folded = fold(word)
    said = meaning(folded)
    if said is not None:
        return said.kind == PLACE and (word[0].isupper() or not word.isascii())
    if not _may_be_name(word, empty):
        return False
    if word.isupper() and word.isalpha() and len(word) <= 5:
        return True
    return folded in written or not (loose or opens)


def _may_be_name(word: str, empty: frozenset[str]) -> bool:
    folded = fold(word)
    if len(folded) < 2 or not word[0].isupper() or word[1].isdecimal():
        return False
    return folded not in empty and folded not in _LABELS


def _proper(text: str) -> Iterator[str]:
    """Return the words that a running text writes with a capital inside a sentence."""
    end, opening = 0, ""
    lower: set[str] = set()
    upper: set[str] = set()
    for match in _WORD.finditer(text):
        opens = end == 0 or _CLOSED.search(text, end, match.start()) is not None
        end = match.end()
        word = _bare(match[0])
        if word[:1].islower():
            lower.add(fold(word))
        elif not opens:
            # Two capitals at the start of a sentence are a first name and a second one.
            upper |= {fold(word), opening} - {""}
        opening = fold(word) if opens else ""
    yield from upper - lower


def _told(word: str, others: list[str], initials: str, means: set[Trait]) -> bool:
    """Tell whether the other wording has a name too, however it writes it."""
    folded = fold(word)
    said = meaning(folded)
    if said is not None and said in means:
        return True
    if word.isupper() and 2 <= len(word) <= 5 and folded in initials:
        return True
    bones = skeleton(word)
    for other in others:
        theirs = fold(other)
        if theirs == folded or (min(len(theirs), len(folded)) > 2 and _begins(theirs, folded)):
            return True
        if len(bones) > 2 and bones == skeleton(other):
            return True
    return False


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _initials(others: list[str]) -> str:
    return "".join(fold(word)[:1] for word in others)


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word)

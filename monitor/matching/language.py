"""Read the text of ``match:`` and ``raise:`` into a condition tree. Faults come as SyntaxFault.

Precedence: not > near > and > or. ``and`` and ``or`` in one pair of parentheses is refused, since
every news database reads that mixture differently. Size and depth are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.matching.conditions import (
    And,
    Distinct,
    Moves,
    Name,
    Near,
    Node,
    Not,
    Or,
    SameSentence,
    Times,
    Within,
    has_place,
)

MAX_TOKENS = 400
MAX_DEPTH = 20
MAX_DISTANCE = 200
DEFAULT_LEAD = 40

GROUP_NAME = re.compile(r"[a-z_][a-z0-9_-]*\Z")
_TOKEN = re.compile(r"\s*(?:(>=|≥|>|[()%])|([^\s()<>=≥%]+)|(\S))")
_RESERVED = frozenset(
    "and or not near before same-sentence in-title in-lead of move rise fall all any none".split()
)
_MOVES = {"move": "", "rise": "rise", "fall": "fall"}


class SyntaxFault(ValueError):  # noqa: N818 - a fault of the user's text, not of the program
    """A condition that cannot be read."""

    def __init__(self, code: str, what: str, hint: str = "") -> None:
        self.code, self.what, self.hint = code, what, hint
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    at: int  #: character, from 1


def is_reserved(name: str) -> bool:
    """Tell whether a group may not be called so."""
    return name in _RESERVED or re.fullmatch(r"x[0-9]+", name) is not None


def read_condition(text: str) -> Node:
    """Return the tree of a condition; raises SyntaxFault."""
    tokens = _split(text)
    if not tokens:
        raise SyntaxFault("W030", "the condition is empty", "name the groups that must hit")
    if len(tokens) > MAX_TOKENS:
        raise SyntaxFault("W037", f"the condition has more than {MAX_TOKENS} words", "split it")
    parser = _Parser(tokens, len(text))
    node = parser.expression(0)
    parser.finish()
    return node


def _split(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        if match[3]:
            what = f"'{match[3]}' at character {match.start(3) + 1} means nothing in a condition"
            raise SyntaxFault("W030", what, "use group names, and or not near/n ( )")
        token = match[1] or match[2]
        found.append(_Token(token, match.end() - len(token) + 1))
    return found


class _Parser:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._end = _Token("", length + 1)
        self._next = 0

    def _peek(self, ahead: int = 0) -> _Token:
        index = self._next + ahead
        return self._tokens[index] if index < len(self._tokens) else self._end

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _fault(self, token: _Token, what: str, hint: str = "", code: str = "W030") -> SyntaxFault:
        where = f"'{token.text}' at character {token.at}" if token.text else "the end"
        return SyntaxFault(code, f"{what} {where}", hint)

    def finish(self) -> None:
        token = self._peek()
        if token.text == ")":
            raise self._fault(token, "no parenthesis was opened for", "remove it")
        if token.text:
            raise self._fault(token, "and, or, near/n is wanted before")

    def expression(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            what = f"parentheses nest deeper than {MAX_DEPTH} at"
            raise self._fault(self._peek(), what, "use fewer", "W037")
        parts = [self._proximity(depth)]
        joint = self._peek().text.lower()
        if joint not in {"and", "or"}:
            return parts[0]
        while (token := self._peek()).text.lower() in {"and", "or"}:
            if token.text.lower() != joint:
                hint = "put parentheses around one of the two, as in (a or b) and c"
                raise self._fault(token, "'and' and 'or' are mixed at", hint, "W031")
            self._take()
            parts.append(self._proximity(depth))
        return And(tuple(parts)) if joint == "and" else Or(tuple(parts))

    def _proximity(self, depth: int) -> Node:
        left = self._negation(depth)
        while True:
            token = self._peek()
            word, _, number = token.text.partition("/")
            if word not in {"near", "before", "same-sentence"}:
                return left
            self._take()
            self._want_place(left, token)
            if word == "same-sentence":
                right = self._negation(depth)
                left = SameSentence(left, right)
            else:
                words = self._distance(token, number)
                right = self._negation(depth)
                left = Near(left, right, words, ordered=word == "before")
            self._want_place(right, token)

    def _want_place(self, node: Node, token: _Token) -> None:
        if not has_place(node):
            hint = "its sides are groups, (a or b), or another near"
            if isinstance(node, Not):
                hint = "'not' binds closer: write not (a near/5 b)"
            raise self._fault(token, "a side that has no place in the text stands at", hint, "W032")

    def _distance(self, token: _Token, number: str) -> int:
        if not re.fullmatch("[0-9]{1,3}", number) or int(number) > MAX_DISTANCE:
            word = token.text.partition("/")[0]
            hint = f"write {word}/10; at most {MAX_DISTANCE}"
            raise self._fault(token, "a number of words is wanted in", hint, "W033")
        return int(number)

    def _negation(self, depth: int) -> Node:
        if self._peek().text.lower() == "not":
            token = self._take()
            if depth > MAX_DEPTH:
                raise self._fault(token, f"'not' nests deeper than {MAX_DEPTH} at", "", "W037")
            return Not(self._negation(depth + 1))
        return self._place(depth)

    def _place(self, depth: int) -> Node:
        token = self._peek()
        word, slash, number = token.text.partition("/")
        if word not in {"in-title", "in-lead"} or depth > MAX_DEPTH:
            return self._primary(depth)
        self._take()
        lead = None
        if word == "in-lead":
            lead = self._distance(token, number) if slash else DEFAULT_LEAD
        elif slash:
            raise self._fault(
                token, "no number belongs to", "write in-title, or in-lead/40", "W033"
            )
        return Within(self._negation(depth + 1), lead)

    def _primary(self, depth: int) -> Node:
        token = self._take()
        if token.text == "(":
            node = self.expression(depth + 1)
            if self._peek().text != ")":
                raise self._fault(self._peek(), "a closing parenthesis is missing before")
            self._take()
            return node
        if token.text in _MOVES and self._peek().text == "(":
            return self._move(_MOVES[token.text])
        if token.text.isascii() and token.text.isdigit() and self._peek().text.lower() == "of":
            self._take()
            return Distinct(self._name(), self._count(token, token.text))
        self._next -= 1
        group = self._name()
        times = self._peek()
        if re.fullmatch(r"x[0-9]+", times.text):
            self._take()
            return Times(group, self._count(times, times.text[1:]))
        return Name(group)

    def _count(self, token: _Token, digits: str) -> int:
        if not 1 <= int(digits[:6]) <= 100:
            raise self._fault(token, "a number from 1 to 100 is wanted at", "", "W033")
        return int(digits[:6])

    def _name(self) -> str:
        token = self._take()
        if not token.text or is_reserved(token.text) or not GROUP_NAME.match(token.text):
            raise self._fault(token, "the name of a group is wanted instead of")
        return token.text

    def _move(self, direction: str) -> Node:
        self._take()
        group = self._name()
        if self._peek().text != ")":
            raise self._fault(self._peek(), "a closing parenthesis is missing before")
        self._take()
        if self._peek().text not in {">=", "≥", ">"}:
            return Moves(group, direction)
        strict = self._take().text == ">"
        return Moves(group, direction, self._per_cent(), strict)

    def _per_cent(self) -> float:
        token = self._take()
        if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", token.text) or not token.text.isascii():
            raise self._fault(token, "a number is wanted instead of", "as in >= 3%", "W033")
        if self._peek().text != "%":
            raise self._fault(self._peek(), "a % is wanted before", "as in >= 3%", "W033")
        self._take()
        return float(token.text)

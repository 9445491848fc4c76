"""Other ways to ask many questions of many texts, for ``bench/matching.py``.

Each engine is built once from the questions, and decides a batch of texts. Needs the extra
``bench``; what is not installed is left out.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol

#: Without it the table has fewer rows.
tantivy: Any = import_module("tantivy") if find_spec("tantivy") else None

BATCH = 500

Decisions = set[tuple[int, int]]  #: number of the text, number of the list


@dataclass(frozen=True, slots=True)
class Asked:
    """Any of the first and any of the second and none of the barred terms."""

    first: list[str]
    second: list[str]
    barred: list[str]

    @property
    def all(self) -> tuple[list[str], list[str], list[str]]:
        return self.first, self.second, self.barred


class Peer(Protocol):
    title: ClassVar[str]

    def __init__(self, asked: Sequence[Asked]) -> None: ...

    @staticmethod
    def sample(lists: int) -> int:
        """Return how many texts of a round are bearable."""

    def decide(self, texts: Sequence[str]) -> Decisions: ...


class Tantivy:
    """A full-text index in memory for every batch, then one query for each list."""

    title: ClassVar[str] = "tantivy, 500 items"

    def __init__(self, asked: Sequence[Asked]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("number", stored=False, fast=True)
        builder.add_text_field("body", stored=False)
        self._schema = builder.build()
        self._queries = [self._query(each) for each in asked]

    def _query(self, asked: Asked) -> object:
        occur = tantivy.Occur
        musts = [(occur.Must, self._any(terms)) for terms in (asked.first, asked.second)]
        return tantivy.Query.boolean_query([*musts, (occur.MustNot, self._any(asked.barred))])

    def _any(self, terms: Sequence[str]) -> object:
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._one(term.split())) for term in terms]
        )

    def _one(self, words: list[str]) -> object:
        if len(words) == 1:
            return tantivy.Query.term_query(self._schema, "body", words[0])
        return tantivy.Query.phrase_query(self._schema, "body", list(words))

    @staticmethod
    def sample(lists: int) -> int:
        return BATCH if lists > 10 else 4 * BATCH

    def decide(self, texts: Sequence[str]) -> Decisions:
        found: Decisions = set()
        for begin in range(0, len(texts), BATCH):
            index = tantivy.Index(self._schema)
            writer = index.writer(heap_size=60_000_000, num_threads=1)
            for text in texts[begin : begin + BATCH]:
                writer.add_document(tantivy.Document(body=text, number=0))
            writer.commit()
            writer.wait_merging_threads()
            index.reload()
            searcher = index.searcher()
            for number, query in enumerate(self._queries):
                for _, address in searcher.search(query, BATCH, count=False).hits:
                    found.add((begin + address.doc, number))
        return found


class Fts5:
    """SQLite's full-text table in memory for every batch, then one query for each list."""

    title: ClassVar[str] = "SQLite FTS5, 500 items"

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._queries = [
            "({}) AND ({}) NOT ({})".format(*(self._any(terms) for terms in each.all))
            for each in asked
        ]

    @staticmethod
    def _any(terms: Sequence[str]) -> str:
        return " OR ".join(f'"{term}"' for term in terms)

    @staticmethod
    def sample(lists: int) -> int:
        return BATCH if lists > 10 else 4 * BATCH

    def decide(self, texts: Sequence[str]) -> Decisions:
        found: Decisions = set()
        for begin in range(0, len(texts), BATCH):
            database = sqlite3.connect(":memory:")
            database.execute("CREATE VIRTUAL TABLE items USING fts5(body, content='')")
            rows = enumerate(texts[begin : begin + BATCH])
            database.executemany("INSERT INTO items(rowid, body) VALUES (?, ?)", rows)
            for number, query in enumerate(self._queries):
                hits = database.execute("SELECT rowid FROM items WHERE items MATCH ?", (query,))
                found.update((begin + at, number) for (at,) in hits)
            database.close()
        return found


class Expressions:
    """Three regular expressions for each list."""

    title: ClassVar[str] = "one re per list"

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = [tuple(self._any(terms) for terms in each.all) for each in asked]

    @staticmethod
    def _any(terms: Sequence[str]) -> re.Pattern[str]:
        return re.compile(r"\b(?:" + "|".join(map(re.escape, terms)) + r")\b")

    @staticmethod
    def sample(lists: int) -> int:
        return max(3, min(BATCH, 20_000 // lists))

    def decide(self, texts: Sequence[str]) -> Decisions:
        return {
            (at, number)
            for at, text in enumerate(map(str.lower, texts))
            for number, (first, second, barred) in enumerate(self._asked)
            if first.search(text) and second.search(text) and not barred.search(text)
        }


class Substrings:
    """``in`` over the padded text, term by term."""

    title: ClassVar[str] = "naive: term in text"

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = [tuple([f" {t} " for t in terms] for terms in each.all) for each in asked]

    @staticmethod
    def sample(lists: int) -> int:
        return max(5, min(BATCH, 40_000 // lists))

    def decide(self, texts: Sequence[str]) -> Decisions:
        def any_in(terms: list[str], text: str) -> bool:
            return any(term in text for term in terms)

        return {
            (at, number)
            for at, text in enumerate(f" {text.lower()} " for text in texts)
            for number, (first, second, barred) in enumerate(self._asked)
            if any_in(first, text) and any_in(second, text) and not any_in(barred, text)
        }


PEERS: list[type[Peer]] = [Fts5, Expressions, Substrings]
if tantivy is not None:
    PEERS.insert(0, Tantivy)

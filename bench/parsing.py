"""CPU time of parsing one feed document: whole, cut only, and with a few new entries.

``python bench/parsing.py [--corpus DIR]`` prints a Markdown table. With the corpus folder it takes
sixty real documents of 20 to 100 entries, without it sixty made-up ones of 36. The best of five
passes counts, in one process, without the worker's pipe.
"""

from __future__ import annotations

import argparse
import csv
import io
import statistics
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

from monitor.errors import ParseError
from monitor.feeds.decode import decode
from monitor.feeds.entries import _PREFIXES, read
from monitor.feeds.split import split

DOCUMENTS = 60
PASSES = 5
NEW = (0, 1, 2, 5)


def real(archive: Path) -> list[bytes]:
    """Return documents of real sites that can be cut."""
    with tarfile.open(archive) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]
    rows = csv.DictReader(io.StringIO(files["index.csv"].decode("utf-8")))
    bodies = [
        files[row["file"]]
        for row in rows
        if row["real_world"] == "yes" and row["wellformed"] == "yes"
    ]
    return [body for body in bodies if fits(body)][:DOCUMENTS]


def fits(body: bytes) -> bool:
    try:
        parsed = read(body, None)
    except ParseError:
        return False
    return bool(parsed.raw_keys) and all(parsed.raw_keys) and 20 <= len(parsed.entries) <= 100


def made() -> list[bytes]:
    text = "&lt;p&gt;What was said about it, and with a &lt;a href='x'&gt;link&lt;/a&gt; to it. "
    return [
        (
            "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>T</title>"
            + "".join(
                f"<item><title>Headline {n} of {feed}</title><guid>{feed}/{n}</guid>"
                f"<link>https://e.example/{feed}/{n}</link><dc:creator>A. Writer</dc:creator>"
                f"<pubDate>Tue, 10 Mar 2026 08:{n:02}:00 GMT</pubDate><category>World</category>"
                f"<description>{text * 10}</description></item>\n"
                for n in range(36)
            )
            + "</channel></rss>"
        ).encode()
        for feed in range(DOCUMENTS)
    ]


def best(work: Callable[[int], object], count: int) -> float:
    """Return CPU milliseconds for one document, the best of the passes."""
    spent = []
    for _ in range(PASSES):
        begun = time.process_time()
        for number in range(count):
            work(number)
        spent.append((time.process_time() - begun) / count * 1000)
    return min(spent)


def main(corpus: Path | None) -> None:
    bodies = real(corpus / "feeds.dev.tar.xz") if corpus else made()
    whole = [read(body, None) for body in bodies]
    data = [decode(body, None).text.encode() for body in bodies]
    size = statistics.mean(map(len, bodies)) / 1000
    entries = statistics.mean(len(parsed.entries) for parsed in whole)
    print(f"{len(bodies)} documents, {size:.1f} kB and {entries:.1f} entries in the mean\n")
    print("| what | CPU ms for one document |\n| --- | --- |")
    rows: list[tuple[str, Callable[[int], object]]] = [
        ("whole", lambda n: read(bodies[n], None)),
        ("decode alone", lambda n: decode(bodies[n], None)),
        ("cut and hash alone", lambda n: split(data[n], _PREFIXES)),
    ]
    for new in NEW:
        known = [frozenset(parsed.raw_keys[new:]) for parsed in whole]
        rows.append((f"{new} entries new", lambda n, k=known: read(bodies[n], None, "", k[n])))  # type: ignore[misc]
    for name, work in rows:
        print(f"| {name} | {best(work, len(bodies)):.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path)
    main(parser.parse_args().corpus)

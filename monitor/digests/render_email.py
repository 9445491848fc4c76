"""The digest as a mail: subject, hidden first line, HTML and the same stories as text.

Home of Jinja2 and css-inline. Everything passes autoescape; the page loads nothing from anywhere.
Decides how much fits: mail programs clip HTML near 100 kB, so it stays below 90 kB and what is
left out is counted. Never sends.
"""

from __future__ import annotations

from dataclasses import dataclass

import css_inline
import jinja2

from monitor.digests import phrases
from monitor.digests.page import Page, Shape, fit, grouped, lay_out
from monitor.digests.render_text import text_of
from monitor.model import Digest
from monitor.text import cut

MAX_BYTES = 90_000
# From all to nearly nothing; the first that fits is sent.
_SHAPES = (
    Shape(),
    Shape(10, 60),
    Shape(10, 30),
    Shape(6, 20),
    Shape(3, 12),
    Shape(1, 6, sections=60),
    Shape(0, 3, sections=60),
    Shape(0, 1, sections=40),
    Shape(0, 0, sections=10),
)
_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("monitor.digests"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["grouped"] = grouped
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """A mail without its headers; ``html`` and ``text`` list the same stories."""

    subject: str
    preheader: str
    html: str
    text: str


def render_email(digest: Digest, *, version: str, contact: str = "") -> RenderedEmail:
    """Render the digest as large as it may be."""
    subject = phrases.subject(digest)
    whole = lay_out(digest, version=version, contact=contact)
    preheader = _preheader(whole)
    pages = [fit(whole, shape) for shape in _SHAPES]
    pages = [page for page in pages if _least(page) <= MAX_BYTES] or pages[-1:]
    for page in pages:
        html = _html(page, subject, preheader)
        if len(html.encode()) <= MAX_BYTES:
            break
    return RenderedEmail(subject, preheader, html, text_of(page))


def _least(page: Page) -> int:
    """Return a number of bytes that the page will surely exceed: it saves drawing it in vain."""
    full = len(page.top) + sum(len(block.entries) for block in page.blocks)
    return full * 500 + 150 * (len(page.blocks) + sum(len(b.titles) for b in page.blocks))


def _preheader(page: Page) -> str:
    """Return what a mailbox shows beside the subject: the first two headlines."""
    first = [*page.top, *(entry for block in page.blocks for entry in block.entries)][:2]
    titles = [phrases.isolated(cut(entry.headline, 90)) for entry in first]
    return " · ".join(titles) or page.empty


def _html(page: Page, subject: str, preheader: str) -> str:
    template = _TEMPLATES.get_template("digest.html.j2")
    return _INLINER.inline(template.render(page=page, subject=subject, preheader=preheader))

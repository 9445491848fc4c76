"""Digests and alerts as mail: subject, hidden first line, HTML and the same stories as text.

Home of Jinja2 and css-inline. Everything passes autoescape; the page loads nothing from anywhere.
Decides how much fits: mail programs clip HTML near 100 kB, so it stays below 90 kB and what is
left out is counted. Never sends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import css_inline
import jinja2
from markupsafe import Markup, escape

from monitor.digests import phrases
from monitor.digests.bulletin import Bulletin, announce
from monitor.digests.entries import Entry, grouped
from monitor.digests.page import Page, Shape, fit, lay_out
from monitor.digests.render_text import bulletin_text, text_of
from monitor.model import Alert, Digest
from monitor.text import cut

MAX_BYTES = 90_000
# From all to nearly nothing; the first that fits is sent.
_SHAPES = (
    Shape(charts=12),
    Shape(10, 60, charts=12),
    Shape(10, 30, charts=12),
    Shape(6, 20, charts=8),
    Shape(3, 12, charts=6),
    Shape(1, 6, sections=60, charts=4),
    Shape(0, 3, sections=60, charts=4),
    Shape(0, 1, sections=40, charts=0),
    Shape(0, 0, sections=10, charts=0),
)


def isolates(text: str) -> Markup:
    """Escape text, and turn its isolates into the element that HTML has for them."""
    safe = escape(text).replace(phrases.OPEN, Markup("<bdi>"))
    return safe.replace(phrases.CLOSE, Markup("</bdi>"))


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("monitor.digests"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["grouped"] = grouped
_TEMPLATES.filters["bdi"] = isolates
_TEMPLATES.filters["bare"] = phrases.bare
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
    first = [*whole.top, *(entry for block in whole.blocks for entry in block.entries)]
    preheader = _preheader(first) or whole.empty
    pages = [fit(whole, shape) for shape in _SHAPES]
    pages = [page for page in pages if _least(page) <= MAX_BYTES] or pages[-1:]
    for page in pages:
        html = _drawn("digest.html.j2", page=page, subject=subject, preheader=preheader)
        if len(html.encode()) <= MAX_BYTES:
            break
    return RenderedEmail(subject, preheader, html, text_of(page))


def render_alert_email(
    alert: Alert, *, version: str, contact: str = "", title: str = "Watch"
) -> RenderedEmail:
    """Render an alert; stories that do not fit are counted in both halves."""
    whole = announce(alert, version=version, contact=contact, title=title)
    preheader = _preheader(whole.entries)
    for kept in (len(alert.stories), 20, 10, 5):
        bulletin = _shortened(alert, whole, kept, version, contact, title)
        html = _drawn("alert.html.j2", page=bulletin, subject=bulletin.subject, preheader=preheader)
        if len(html.encode()) <= MAX_BYTES:
            break
    return RenderedEmail(bulletin.subject, preheader, html, bulletin_text(bulletin))


def _shortened(
    alert: Alert, whole: Bulletin, kept: int, version: str, contact: str, title: str
) -> Bulletin:
    cut_off = len(alert.stories) - kept
    if cut_off <= 0:
        return whole
    less = replace(alert, stories=alert.stories[:kept], left_out=alert.left_out + cut_off)
    return announce(less, version=version, contact=contact, title=title)


def _least(page: Page) -> int:
    """Return a number of bytes that the page will surely exceed: it saves drawing it in vain."""
    full = len(page.top) + sum(len(block.entries) for block in page.blocks)
    return full * 500 + 150 * (len(page.blocks) + sum(len(b.titles) for b in page.blocks))


def _preheader(entries: Iterable[Entry]) -> str:
    """Return what a mailbox shows beside the subject: the first two headlines."""
    first = list(entries)[:2]
    return " · ".join(phrases.isolated(cut(entry.headline, 90)) for entry in first)


def _drawn(template: str, *, page: Page | Bulletin, subject: str, preheader: str) -> str:
    drawn = _TEMPLATES.get_template(template).render(
        page=page, subject=subject, preheader=preheader
    )
    return _INLINER.inline(drawn)

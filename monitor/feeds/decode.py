"""Bytes of a feed document to text, before any parser sees them.

feedparser re-decodes a whole UTF-8 feed as another charset when one byte is bad, and every Cyrillic
or Persian term then fails silently. So the charset is decided here: what is valid UTF-8 is UTF-8
whatever the labels say; then the labels are tried; then the nearest of them, bad bytes replaced.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from monitor.errors import ParseError
from monitor.model import PollOutcome

#: The share of bad characters up to which a label is still believed.
TOLERANCE = 0.01
#: What stands for a root element where the document is JSON.
JSON = "{"
#: How far into the document its root element may stand, in characters; the declarations inside a
#: document type, which nobody reads, do not count.
PROLOGUE_LIMIT = 65_536

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKED = tuple(bom for bom, _ in _BOMS)
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_NO_CHARACTER = b"\xef\xbf"  # U+FFFE and U+FFFF begin so, and few others do
#: Python codecs that are no charsets of documents, or that smuggle (UTF-7).
_REFUSED = {
    "punycode",
    "idna",
    "undefined",
    "unicode_escape",
    "raw_unicode_escape",
    "utf-7",
    "mbcs",
}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:\-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:\-]{1,40})[\"']")
_LANGUAGE = re.compile(rb"<(?:dc:)?language>\s*([A-Za-z]{2})")
#: Charsets still met without a label, by the language of the feed.
_BY_LANGUAGE = {"ru": "windows-1251", "uk": "windows-1251", "bg": "windows-1251",
                "fa": "windows-1256", "ar": "windows-1256", "pl": "windows-1250",
                "cs": "windows-1250", "tr": "windows-1254", "he": "windows-1255"}  # fmt: skip
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HTML = re.compile(r"\s*<!doctype\s+html\b", re.IGNORECASE)
#: References to halves of a character (UTF-16 surrogates): XML forbids them, careless writers make
#: emoji of them, and the parser would give up the whole feed.
_HALVES = r"&#(?:5[5-7]\d{3}|x[dD][89a-fA-F][0-9a-fA-F]{2});"
_SURROGATES = re.compile(f"{_HALVES}(?:{_HALVES}){{0,63}}")  # so it begins with what is rare
_HALF = re.compile("[\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(x?)([0-9a-fA-F]+);")
#: References that may lie beyond the last character, U+10FFFF: the parser would raise.
_FAR_OUT = re.compile(r"&#(?:[xX]([0-9a-fA-F]{6,})|([0-9]{7,}));?")
_TAG_START = re.compile(r"<[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str  #: from the root element on, free of characters that XML forbids
    root: str  #: name of the root element, as written
    charset: str
    replaced: int  #: characters that could not be decoded


def decode(body: bytes, content_type: str | None, language: str = "") -> Decoded:
    """Return the document from its root element on.

    ``language`` is a hint for bodies without a usable label. Raises ParseError (not-a-feed) when no
    element begins within the first 64 k characters.
    """
    text, charset = _to_text(body, content_type or "", language)
    if "&#" in text:
        text = _FAR_OUT.sub(_if_there_is_one, _SURROGATES.sub(_joined, text))
    if text.lstrip()[:1] in {"{", "["}:
        return Decoded(text.lstrip(), JSON, charset, text.count("\ufffd"))
    if _HTML.match(text):
        return Decoded(text, "html", charset, 0)
    start = _root_start(text)
    name = re.match(r"<([\w.:\-]{1,60})", text[start : start + 64])
    root = name.group(1) if name else ""
    return Decoded(text[start:], root, charset, text.count("\ufffd"))


def _joined(found: re.Match[str]) -> str:
    """Return the characters that pairs of references stand for; single halves are dropped."""
    units = [int(number, 16 if hex_ else 10) for hex_, number in _REFERENCE.findall(found[0])]
    if not all(0xD800 <= unit <= 0xDFFF for unit in units):
        return found[0]
    raw = b"".join(unit.to_bytes(2, "little") for unit in units)
    return raw.decode("utf-16-le", "ignore")


def _if_there_is_one(found: re.Match[str]) -> str:
    """Return the reference, or nothing where no character has so high a number."""
    number = (found[1] or found[2]).lstrip("0")
    if len(number) > 7:
        return ""
    return found[0] if int(number or "0", 16 if found[1] else 10) <= 0x10FFFF else ""


def _to_text(body: bytes, content_type: str, language: str) -> tuple[str, str]:
    """Return the text, free of what XML forbids, and its charset."""
    try:
        if not body.startswith(_MARKED):
            text = body.decode("utf-8")
            # Most documents are so; to look through every character of them takes far longer.
            if len(body.translate(None, _CONTROLS)) == len(body) and (
                text.isascii() or _NO_CHARACTER not in body
            ):
                return text, "utf-8"
            return _ILLEGAL_IN_XML.sub("", text), "utf-8"
    except UnicodeDecodeError:
        pass
    text, charset = _guessed(body, content_type, language)
    return _ILLEGAL_IN_XML.sub("", text), charset


def _guessed(body: bytes, content_type: str, language: str) -> tuple[str, str]:
    for bom, charset in _BOMS:
        if body.startswith(bom):
            return body[len(bom) if charset == "utf-8" else 0 :].decode(charset, "replace"), charset
    try:
        return _whole(body.decode("utf-8", "surrogatepass")), "utf-8"
    except UnicodeDecodeError:
        pass
    labels = [found for label in _labels(body, content_type, language) if (found := _known(label))]
    return _best([*labels, "utf-8"], body) or (
        body.decode("windows-1252", "replace"),
        "windows-1252",
    )


def _whole(text: str) -> str:
    """Join characters that came in two halves, each written by itself; drop halves alone."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _labels(body: bytes, content_type: str, language: str) -> list[str]:
    """Charset names that somebody claims, the best witness first."""
    labels = []
    if declared := _DECLARED.search(body[:1024]):
        labels.append(declared.group(1).decode("ascii", "replace"))
    if told := _CHARSET.search(content_type):
        labels.append(told.group(1))
    spoken = _LANGUAGE.search(body[:4096])
    hints = (spoken.group(1).decode("ascii").lower() if spoken else "", language[:2].lower())
    return labels + [_BY_LANGUAGE[hint] for hint in hints if hint in _BY_LANGUAGE]


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    is_text = getattr(codecs.lookup(label), "_is_text_encoding", True)
    return name if is_text and name not in _REFUSED else None


def _best(charsets: list[str], body: bytes) -> tuple[str, str] | None:
    """Return the first charset that fits within the tolerance."""
    repaired = body.decode("utf-8", "replace")
    if _mostly_utf8(repaired):
        return repaired, "utf-8"
    for charset in charsets:
        try:
            text = body.decode(charset, "replace")
        except (UnicodeError, ValueError):
            continue
        if text.count("\ufffd") <= TOLERANCE * max(len(text), 1):
            return text, charset
    return None


def _mostly_utf8(text: str) -> bool:
    """Tell a damaged UTF-8 text: ten good multi-byte sequences for each bad one are no accident."""
    foreign = sum(1 for c in text if c > "\x7f")
    bad = text.count("\ufffd")
    return foreign - bad >= 10 * bad


def _root_start(text: str) -> int:
    """Find the first element after declaration, comments and doctype; linear, without a regex."""
    at = 0
    limit = min(len(text), PROLOGUE_LIMIT)
    while at < limit:
        at = text.find("<", at, limit)
        if at < 0:
            break
        end = _skip(text, at)
        if end is None:
            return at
        if end <= at:
            break
        if text[end - 1] == "]":  # a document type with declarations inside
            limit = min(len(text), limit + end - at)
        at = end
    raise ParseError(PollOutcome.NOT_A_FEED, _what_it_is(text))


def _skip(text: str, at: int) -> int | None:
    """Return where the markup at ``at`` ends; None: an element begins there; -1: it never ends."""
    if text.startswith("<?", at):
        return text.find("?>", at) + 1 or -1
    if text.startswith("<!--", at):
        return text.find("-->", at) + 1 or -1
    if text.startswith("<!", at):
        close, subset = text.find(">", at), text.find("[", at)
        if 0 <= subset < close:
            return text.find("]>", subset) + 1 or -1
        return close + 1 or -1
    return None if _TAG_START.match(text, at) else at + 1


def _what_it_is(text: str) -> str:
    if not text.strip():
        return "the body is empty"
    return "no XML element begins in the first 64 kB"

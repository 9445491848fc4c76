"""Words: cleaning what came from outside, and folding it for comparison. Pure, linear."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# C0 and C1 controls except tab and line ends, lone surrogates, non-characters, bidi controls.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069\ufeff]"
)
_SPACES = re.compile(r"[\s\x0b\x0c\x85\u2028\u2029]+")
_WORD = re.compile(r"\w+")
_ARABIC = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "أ": "ا", "إ": "ا", "ٱ": "ا", "ـ": None}
)


def clean(text: str) -> str:
    """Return ``text`` on one line, without controls that forge a line or turn its direction."""
    if text.isprintable() and "  " not in text:  # then its only spaces are plain ones
        return text.strip()
    return _SPACES.sub(" ", _FORBIDDEN.sub("", text)).strip()


def cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, cut at a word's border, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    border = head.rfind(" ")
    return (head[:border] if border > limit // 2 else head).rstrip() + "…"


def fold(text: str) -> str:
    """Return ``text`` without case, accents and Arabic variants: to compare, never to show."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_ARABIC))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the folded words and numbers of ``text`` in order."""
    return _WORD.findall(fold(text))


def digest(*parts: str, length: int = 24) -> str:
    """Return a short stable hash of ``parts`` as hex; the same on every machine, in every run."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=length // 2).hexdigest()

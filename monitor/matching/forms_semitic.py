"""Forms of Persian and Arabic words: what is written onto a word, before it and behind it.

Persian is no Semitic language; it shares the script and the habit of joining. Pure tables.
"""

from __future__ import annotations

_PERSIAN_ENDINGS = (
    "ها های هایی هایش هایشان هاى ی ای یی ان ش شان مان اش اشان".split()
)  # ZWNJ and the open spelling are dealt with where texts are cut

#: Conjunction, prepositions and article, as they are joined.
_ARABIC_STARTS = ("ال", "و", "ب", "ل", "ف", "ك", "وال", "بال", "لل", "فال", "كال", "وب", "ول")
_ARABIC_ENDINGS = ("ة", "ي", "ية", "ات", "ين", "ون", "ان", "ه", "ها", "هم", "يين", "تين", "تان")


def persian(word: str) -> set[str]:
    """Plural, ezafe, indefinite and possessive endings."""
    if len(word) < 3:
        return set()
    return {word + ending for ending in _PERSIAN_ENDINGS}


def arabic(word: str, *, alone: bool) -> set[str]:
    """Joined particles, and for a word that stands alone the endings too."""
    core = word.removeprefix("ال") if len(word) > 4 else word
    if len(core) < 3:
        return set()
    stems = {core}
    if alone:
        stem = core[:-1] if core.endswith(("ة", "ه")) else core
        stems |= {stem + ending for ending in _ARABIC_ENDINGS}
        stems |= {core[:-1] + "ت" + ending for ending in ("ها", "ه", "هم") if core.endswith("ة")}
    return stems | {start + stem for start in _ARABIC_STARTS for stem in stems}

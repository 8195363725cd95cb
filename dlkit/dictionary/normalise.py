"""What two spellings of one name share: case, width, blanks, hyphens and kana don't count."""

from __future__ import annotations

import unicodedata

_DROPPED = str.maketrans(dict.fromkeys(" \t\u3000_·・ー~‐‑‒–—―-'’", ""))
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def normalise(name: str) -> str:
    """The name as the index holds it: NFKC, folded case, without joints, katakana as hiragana."""
    if name.isascii():
        return name.casefold().translate(_DROPPED)
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = folded.translate(_DROPPED).translate(_HIRAGANA)
    return unicodedata.normalize("NFKC", bare)  # what a dropped joint kept apart may combine


def is_japanese(text: str) -> bool:
    """Whether the text has a kana or a kanji, so that its writer reads Japanese."""
    return any("\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uff66" <= c <= "\uff9f"
               for c in text)  # fmt: skip

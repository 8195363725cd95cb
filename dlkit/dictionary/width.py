"""How many columns text takes on a terminal, and where Japanese and English lines may break."""

from __future__ import annotations

import unicodedata

_NO_START = frozenset(
    "。、，．・：；？！ーァィゥェォッャュョヮヵヶ々〻ヽヾゝゞ」』）］｝〉》】〕〟’”"
    "ぁぃぅぇぉっゃゅょゎゕゖ)]},.:;!?%‰°℃…‥"
)
_NO_END = frozenset("「『（［｛〈《【〔〝‘“([{#$¥")


def width(text: str) -> int:
    """Columns of the text; ambiguous characters such as Greek letters count as one."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int) -> str:
    """The text with blanks up to that many columns."""
    return text + " " * (columns - width(text))


def is_wide(character: str) -> bool:
    """Whether the character is Japanese in the sense of line breaking: breaks need no blank."""
    return unicodedata.east_asian_width(character) in "WF"


def unfold(text: str) -> str:
    """One line of a paragraph that was written in several: Japanese lines join without a blank."""
    lines = [line.strip() for line in text.split("\n")]
    joined = lines[0]
    for line in lines[1:]:
        wide = joined and line and (is_wide(joined[-1]) or is_wide(line[0]))
        joined += line if wide else f" {line}"
    return joined


def wrap(text: str, columns: int) -> list[str]:
    """The text in lines of at most `columns`, by the Japanese rules (kinsoku) and English blanks.

    No line begins with a closing mark or ends with an opening one: such marks cling to their
    neighbour. Lines break at blanks, but not at a no-break space, which becomes a blank.
    """
    lines: list[str] = []
    line: list[str] = []  # pieces
    used = 0
    for piece in _pieces(text):
        size = width(piece)
        if line and used + size > columns and not _is_blank(piece):
            lines.append("".join(line).rstrip())
            line, used = [], 0
        if line or not _is_blank(piece):
            line.append(piece)
            used += size
    lines.append("".join(line).rstrip())
    return [each.replace("\u00a0", " ") for each in lines]


def _pieces(text: str) -> list[str]:
    """What must not be broken: words, and Japanese characters with the marks that cling to them."""
    pieces: list[str] = []
    for character in text:
        if pieces and _clings(pieces[-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _clings(piece: str, character: str) -> bool:
    last = piece[-1]
    if _is_blank(character) or _is_blank(last):
        return _is_blank(character) and _is_blank(last)
    if character in _NO_START or last in _NO_END:
        return True
    return not is_wide(character) and not is_wide(last)


def _is_blank(piece: str) -> bool:
    return piece[0] in " \t\u3000"

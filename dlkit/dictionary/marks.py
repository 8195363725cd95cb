"""The marks inside a page's text: `code`, `$formula$`, `[[page]]`, paragraphs and list items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dlkit.dictionary.width import unfold

_MARK = re.compile(r"`([^`]+)`|\$([^$]+)\$|\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")


@dataclass(frozen=True)
class Segment:
    """A piece of a paragraph. `content` is the text, the code, the LaTeX, or the page's id.

    `label` is what a link shows instead of the page's name.
    """

    kind: Literal["text", "code", "formula", "link"]
    content: str
    label: str = ""


def paragraphs(text: str) -> list[str]:
    """The paragraphs and list items of a text, each on one line; items begin with `- `."""
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        pieces = re.split(r"\n(?=\s*- )", block)
        parts += [unfold(piece.strip()) for piece in pieces]
    return parts


def segments(paragraph: str) -> Iterator[Segment]:
    """The pieces of one paragraph, in order."""
    end = 0
    for match in _MARK.finditer(paragraph):
        if match.start() > end:
            yield Segment("text", paragraph[end : match.start()])
        code, formula, page, label = match.groups()
        if code is not None:
            yield Segment("code", code)
        elif formula is not None:
            yield Segment("formula", formula)
        else:
            yield Segment("link", page.strip(), (label or "").strip())
        end = match.end()
    if end < len(paragraph):
        yield Segment("text", paragraph[end:])


def links(text: str) -> list[str]:
    """The ids of the pages that a text links to."""
    return [segment.content for segment in segments(text) if segment.kind == "link"]

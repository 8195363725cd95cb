"""Answers a plain `dlkit explain TERM` without the option parser, which is slower than the answer.

Whatever is not a plain look-up, or fails, is left to `dlkit.cli.app`, which says the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_FLAGS = frozenset({"--errata", "--json"})
_LANGUAGES = frozenset({"en", "ja", "both"})


def answer(arguments: Sequence[str]) -> int | None:
    """The exit code, if the arguments are a look-up that can be answered; else None."""
    if not arguments or arguments[0] != "explain":
        return None
    words, flags, lang = _read(arguments[1:])
    if not words or any(word.startswith("-") for word in words) or not flags <= _FLAGS:
        return None
    from dlkit.cli.explain_page import explain, make_style
    from dlkit.errors import DlkitError

    try:
        style = make_style(lang, "unicode", " ".join(words))
        code = explain(words, style, errata="--errata" in flags, as_json="--json" in flags)
        sys.stdout.flush()
    except DlkitError:
        return None
    except BrokenPipeError:  # whoever read the page has gone: let the last flush go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _read(arguments: Sequence[str]) -> tuple[list[str], set[str], str | None]:
    """Words, flags, and the language; what it does not know stays a word with its hyphens."""
    words, flags, lang = [], set(), None
    rest = iter(arguments)
    for argument in rest:
        if argument in _FLAGS:
            flags.add(argument)
        elif argument == "--lang":
            lang = next(rest, None)
            words += [] if lang in _LANGUAGES else ["--lang"]
        else:
            words.append(argument)
    return words, flags, lang

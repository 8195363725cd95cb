"""Which display a run gets: a live view, plain lines or none."""

from __future__ import annotations

import os
from typing import Literal, TextIO

from dlkit.events import Sink
from dlkit.sinks.plain import PlainLines


def make_display(
    stream: TextIO, *, quiet: bool = False, force: Literal["live", "plain"] | None = None
) -> Sink | None:
    """A display for `stream`: stdout, or stderr where stdout belongs to `--json`.

    A terminal gets the live view; pipes, files, CI and `TERM=dumb` get plain lines. `NO_COLOR`
    and `FORCE_COLOR` decide about colours only. `force` overrides what the stream is. None where
    `quiet`: how a run ended is said by the command.
    """
    if quiet:
        return None
    lines = PlainLines(stream, colour=_wants_colour())
    if force == "plain" or (force is None and not _can_move_cursor(stream)):
        return lines
    from rich.console import Console

    from dlkit.sinks.progress import Progress

    forced = True if force else None
    console = Console(file=stream, force_terminal=forced, force_interactive=forced)
    return Progress(console) if console.is_interactive else lines


def _can_move_cursor(stream: TextIO) -> bool:
    dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
    return stream.isatty() and not dumb and not os.environ.get("CI")


def _wants_colour() -> bool:
    """Plain lines are coloured on demand only (https://no-color.org, https://force-color.org)."""
    return bool(os.environ.get("FORCE_COLOR")) and not os.environ.get("NO_COLOR")

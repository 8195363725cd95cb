"""Which display a run gets: a live view, plain lines or the summary alone."""

from __future__ import annotations

import os
from typing import Literal, TextIO

from dlkit.events import Event, Sink, Stopped, Tested
from dlkit.sinks.plain import PlainLines


def make_display(
    stream: TextIO, *, quiet: bool = False, force: Literal["live", "plain"] | None = None
) -> Sink:
    """A display for `stream`: stdout, or stderr where stdout belongs to `--json`.

    A terminal gets the live view; pipes, files, CI and `TERM=dumb` get plain lines. `NO_COLOR`
    and `FORCE_COLOR` decide about colours only. `force` overrides what the stream is, `quiet` both.
    """
    lines = PlainLines(stream, colour=_wants_colour())
    if quiet:
        return Summary(lines)
    if force == "plain" or (force is None and not _can_move_cursor(stream)):
        return lines
    from rich.console import Console

    from dlkit.sinks.progress import Progress

    return Progress(Console(file=stream, force_terminal=True if force else None))


class Summary:
    """Says how the run ended, and nothing before."""

    def __init__(self, lines: PlainLines) -> None:
        self._lines = lines

    def handle(self, event: Event) -> None:
        """Passes on why the run stopped and its test scores."""
        if isinstance(event, Stopped | Tested):
            self._lines.handle(event)

    def close(self) -> None:
        """Closes the lines."""
        self._lines.close()


def _can_move_cursor(stream: TextIO) -> bool:
    dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
    return stream.isatty() and not dumb and not os.environ.get("CI")


def _wants_colour() -> bool:
    """Plain lines are coloured on demand only (https://no-color.org, https://force-color.org)."""
    return bool(os.environ.get("FORCE_COLOR")) and not os.environ.get("NO_COLOR")

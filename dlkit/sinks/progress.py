"""Progress on a terminal: a live view that a thread of its own redraws."""

from __future__ import annotations

import contextlib
import sys

from rich.console import Console, RenderableType
from rich.live import Live

from dlkit.events import Event, RunStarted
from dlkit.sinks.history import History
from dlkit.sinks.view import View

REDRAWS_PER_SECOND = 4


class Progress:
    """Shows the run on `console`, which must be a terminal; its last state stays on the screen.

    `handle` only stores, so the training does not wait for the drawing. The thread draws what it
    finds four times a second.
    """

    def __init__(self, console: Console) -> None:
        self._history = History()
        self._live = Live(
            console=console,
            get_renderable=self.view,
            refresh_per_second=REDRAWS_PER_SECOND,
            # What is written to stdout belongs to stdout: with --json it is read by a program.
            redirect_stdout=console.file is sys.stdout,
        )

    def handle(self, event: Event) -> None:
        """Takes note of `event`."""
        self._history.take(event)
        if isinstance(event, RunStarted):
            self._live.start()

    def close(self) -> None:
        """Draws once more and gives the cursor back; a terminal that is gone is no error."""
        with contextlib.suppress(OSError, ValueError):
            self._live.stop()

    def view(self) -> RenderableType:
        """What is on the screen, as a renderable (for a picture of it, say)."""
        return View(self._history)

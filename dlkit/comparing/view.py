"""What is seen while a comparison runs: a live bar in a terminal, plain lines elsewhere. No torch."""

from __future__ import annotations

import os
import time
from typing import Any, Protocol, TextIO

from dlkit.sinks.formats import duration

INTERVAL = 5.0
"""Seconds between two plain lines."""


class View(Protocol):
    """Told of cells as they are finished."""

    def say(self, text: str) -> None:
        """Something worth keeping on the screen."""

    def say_quietly(self, text: str) -> None:
        """What is being done just now."""

    def expect(self, done: int, foreseen: int, seconds: float) -> None:
        """A wave begins: so many cells are done of those foreseen; it will take `seconds` of work."""

    def done(self, cells: int, seconds: float) -> None:
        """`cells` more, which were to take `seconds` of work."""

    def close(self) -> None:
        """The end."""


class Lines:
    """Plain lines, for pipes and logs."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.finished, self.foreseen, self.spoke = stream, 0, 0, time.monotonic()

    def say(self, text: str) -> None:
        """See `View.say`."""
        self.stream.write(text + "\n")
        self.stream.flush()

    def say_quietly(self, text: str) -> None:
        """Nothing: a log needs no such line."""

    def expect(self, done: int, foreseen: int, seconds: float) -> None:
        """See `View.expect`."""
        self.finished, self.foreseen = done, foreseen
        self._count()

    def done(self, cells: int, seconds: float) -> None:
        """See `View.done`."""
        self.finished += cells
        if time.monotonic() - self.spoke >= INTERVAL:
            self._count()

    def _count(self) -> None:
        self.spoke = time.monotonic()
        self.say(f"cells {self.finished}/{self.foreseen}")

    def close(self) -> None:
        """Nothing is open."""


class Live:
    """A bar with cells done and time left, and the planner's reasons above it."""

    def __init__(self, console: Any) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}  left {task.fields[left]}"),
            console=console,
            transient=True,
        )
        self.bar = self.progress.add_task("comparing", total=None, count="", left="-")
        self.progress.start()
        self.finished = self.foreseen = 0
        self.work = self.worked = 0.0
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        """See `View.say`."""
        self.progress.console.print(text, markup=False, highlight=False)

    def say_quietly(self, text: str) -> None:
        """See `View.say_quietly`."""
        self.progress.update(self.bar, description=text)

    def expect(self, done: int, foreseen: int, seconds: float) -> None:
        """See `View.expect`."""
        self.finished, self.foreseen = done, foreseen
        self.work, self.worked, self.began = seconds, 0.0, time.monotonic()
        self.say_quietly("training")
        self._show()

    def done(self, cells: int, seconds: float) -> None:
        """See `View.done`."""
        self.finished += cells
        self.worked += seconds
        self._show()

    def _show(self) -> None:
        share = self.worked / self.work if self.work else 0.0
        spent = time.monotonic() - self.began
        left = duration(spent * (1 - share) / share if share else None)
        count = f"{self.finished}/{self.foreseen} cells"
        self.progress.update(
            self.bar, total=self.foreseen, completed=self.finished, count=count, left=left
        )

    def close(self) -> None:
        """Takes the bar away."""
        self.progress.stop()


class Quiet:
    """Nothing at all."""

    def say(self, text: str) -> None:
        """Nothing."""

    say_quietly = say

    def expect(self, done: int, foreseen: int, seconds: float) -> None:
        """Nothing."""

    def done(self, cells: int, seconds: float) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def make_view(stream: TextIO) -> View:
    """Live in a terminal that can move its cursor, else plain lines."""
    dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown") or bool(os.environ.get("CI"))
    if not stream.isatty() or dumb:
        return Lines(stream)
    from rich.console import Console

    return Live(Console(file=stream))

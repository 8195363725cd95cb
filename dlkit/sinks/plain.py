"""Progress as plain lines, for logs, pipes and terminals that cannot move the cursor.

Apart from the times, a run that is repeated writes the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from dlkit.events import EpochDone, Event, RunStarted, StepDone, Stopped, Tested, TextTold, Warned
from dlkit.sinks import words
from dlkit.sinks.formats import duration, encodable
from dlkit.sinks.history import History, scores_shown

YELLOW, GREEN, PLAIN = "\x1b[33m", "\x1b[32m", "\x1b[0m"


class PlainLines:
    """Writes a line when the run starts, at each epoch, and between them every `interval` seconds.

    `interval` counts the seconds of training that the events tell. A reader that goes away (a
    closed pipe) ends the lines, not the training.
    """

    def __init__(self, stream: TextIO, *, interval: float = 5.0, colour: bool = False) -> None:
        self._stream, self._interval, self._colour = stream, interval, colour
        self._history = History()
        self._spoke = 0.0
        self._open = True

    def handle(self, event: Event) -> None:
        """Writes what `event` has to say, if anything."""
        self._history.take(event)
        match event:
            case RunStarted():
                self._write(_started(event))
            case StepDone() if event.seconds - self._spoke >= self._interval:
                self._spoke = event.seconds
                self._write(self._step(event))
            case EpochDone():
                self._spoke = event.seconds
                self._write(self._epoch(event), GREEN if event.improved else "")
            case Warned():
                self._write(f"warning: {event.message}", YELLOW)
            case Stopped():
                self._write(words.stopped(event))
            case Tested():
                for line in words.tested(event):
                    self._write(line)
            case TextTold():
                self._write(f"{event.name}: {event.text}")

    def close(self) -> None:
        """Each line was written at once: nothing is left to do."""

    def _step(self, event: StepDone) -> str:
        steps = str(self._history.run.steps_per_epoch)
        place = f"step {self._history.step_in_epoch():>{len(steps)}}/{steps}"
        shown = {"loss": self._history.loss(), "learning_rate": self._history.rate()}
        return self._line(event, [place, *words.fields(shown)])

    def _epoch(self, event: EpochDone) -> str:
        names = scores_shown(event.scores, self._history.run.monitor)
        shown = {name: event.scores.get(name) for name in names}
        fields = words.fields({**shown, "learning_rate": self._history.rate()})
        return self._line(event, fields) + (" *" if event.improved else "")

    def _line(self, event: StepDone | EpochDone, middle: Iterable[str]) -> str:
        epochs = str(self._history.run.epochs)
        place = f"epoch {event.epoch:>{len(epochs)}}/{epochs}"
        return "  ".join([place, *middle, f"{duration(event.seconds):>8}"])

    def _write(self, line: str, colour: str = "") -> None:
        if colour and self._colour:
            line = f"{colour}{line}{PLAIN}"
        if self._open:
            try:
                self._stream.write(encodable(line, self._stream.encoding) + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                self._open = False


def _started(event: RunStarted) -> str:
    return (
        f"run {event.name} on {event.device}: {event.parameters:,} parameters; "
        f"examples: {words.examples(event)}; "
        f"{event.epochs} epochs of {event.steps_per_epoch} steps; "
        f"monitor {event.monitor} ({event.direction}){words.resumed(event)}"
    )

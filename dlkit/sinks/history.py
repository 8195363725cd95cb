"""What a display needs to remember of a run; it draws nothing.

One thread calls `take`, another may read: what is read is replaced or appended to, never changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dlkit.events import (
    CheckpointSaved,
    EpochDone,
    Event,
    RunStarted,
    StepDone,
    Stopped,
    Tested,
    Warned,
)
from dlkit.sinks.sparkline import Curve

UNKNOWN = RunStarted(0, "", "", "", 0, 0, 0, {}, "", "min")
RECENT = 20
"""So many of the last `StepDone` give the speed."""


@dataclass(frozen=True)
class Row:
    """A line of the epoch table: what was judged, and the learning rate at the end of the epoch."""

    done: EpochDone
    rate: float | None


class History:
    """The run so far. `seconds` are those of the events: earlier sessions included."""

    def __init__(self) -> None:
        self.run = UNKNOWN
        self.step = self.epoch = 0
        self.seconds: float | None = None
        self.scalars: Mapping[str, float] = {}
        self.rows: list[Row] = []
        self.curves: dict[str, Curve] = {}
        self.best: EpochDone | None = None
        """The last epoch that improved on all before it."""
        self.warnings: list[str] = []
        self.saved: CheckpointSaved | None = None
        self.stopped: Stopped | None = None
        self.tested: Tested | None = None
        self._first: tuple[int, float] | None = None
        self._recent: deque[tuple[int, float]] = deque(maxlen=RECENT)

    def take(self, event: Event) -> None:
        """Notes `event`; what a display does not show is ignored."""
        match event:
            case RunStarted():
                self._start(event)
            case StepDone():
                self._advance(event)
            case EpochDone():
                self._judge(event)
            case Warned():
                self.warnings = [*self.warnings, event.message]
            case CheckpointSaved():
                self.saved = event
            case Stopped():
                self.stopped = event
            case Tested():
                self.tested = event

    def step_in_epoch(self) -> int:
        """How many updates of the epoch under way have been made."""
        return self.step - (self.epoch - 1) * self.run.steps_per_epoch if self.epoch else 0

    def speed(self) -> float | None:
        """Updates a second of late, None until two moments are known."""
        return _speed(self._recent[0], self._recent[-1]) if self._recent else None

    def seconds_left(self) -> float | None:
        """Until the last epoch is done, at the mean speed of this session, validation included."""
        if self._first is None or (speed := _speed(self._first, self._recent[-1])) is None:
            return None
        return max(0, self.run.epochs * self.run.steps_per_epoch - self.step) / speed

    def rate(self) -> float | None:
        """The learning rate last seen, the first one where there are several parts."""
        return next(
            (value for name, value in self.scalars.items() if _is(name, "learning_rate")), None
        )

    def loss(self) -> float | None:
        """The training loss last seen, the first one where there are several parts."""
        return next((value for name, value in self.scalars.items() if _is(name, "loss")), None)

    def _start(self, event: RunStarted) -> None:
        self.run, self.step = event, event.step
        if event.steps_per_epoch:
            self.epoch = min(event.epochs, event.step // event.steps_per_epoch + 1)
        if event.resumed_from is None:
            self._mark(0, 0.0)

    def _advance(self, event: StepDone) -> None:
        self.step, self.epoch, self.seconds = event.step, event.epoch, event.seconds
        self.scalars = event.scalars
        self._mark(event.step, event.seconds)
        if (loss := self.loss()) is not None:
            self._draw("loss", loss)

    def _judge(self, event: EpochDone) -> None:
        self.step, self.epoch, self.seconds = event.step, event.epoch, event.seconds
        self.rows = [*self.rows, Row(event, self.rate())]
        if event.improved:
            self.best = event
        for name, value in event.scores.items():
            self._draw(name, value)

    def _mark(self, step: int, seconds: float) -> None:
        self._first = self._first or (step, seconds)
        self._recent.append((step, seconds))

    def _draw(self, name: str, value: float) -> None:
        if name not in self.curves:
            self.curves = {**self.curves, name: Curve()}
        self.curves[name].add(value)


def scores_shown(names: Iterable[str], monitor: str) -> list[str]:
    """The scores worth a column: the training loss, then the monitor and what validation found."""
    shown = [name for name in names if name == monitor or name.startswith("validation/")]
    return ["train/loss", *(name for name in shown if name != "train/loss")]


def _speed(before: tuple[int, float], after: tuple[int, float]) -> float | None:
    steps, seconds = after[0] - before[0], after[1] - before[1]
    return steps / seconds if steps > 0 and seconds > 0 else None


def _is(name: str, kind: str) -> bool:
    """Whether the scalar `name` (`generator/loss`) is a `kind` (`loss`)."""
    return name.rsplit("/", 1)[-1] == kind

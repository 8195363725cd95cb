"""What can happen in a run, as facts: frozen dataclasses of numbers and strings.

Sinks (progress, TensorBoard, `events.jsonl`, checkpoints) see these and nothing else, so whatever a
report shows can be made again from `events.jsonl`. Steps and epochs count from 1: `step=10` says
that ten updates have been made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Event:
    """Something that happened, after `step` updates had been made."""

    step: int


@dataclass(frozen=True)
class RunStarted(Event):
    """Training begins, or goes on: `resumed_from` is the step of the checkpoint, or None."""

    name: str
    folder: str
    device: str
    parameters: int
    epochs: int
    steps_per_epoch: int
    examples: Mapping[str, int]
    """How many examples each split holds: train, validation, test."""
    monitor: str
    """The score that early stopping and the best checkpoint go by, e.g. `validation/loss`."""
    direction: str
    """`min` or `max`: which way `monitor` is better."""
    resumed_from: int | None = None


@dataclass(frozen=True)
class StepDone(Event):
    """Means over the updates since the last such event: losses by term, norms, learning rates."""

    epoch: int
    seconds: float
    """Seconds of training since the run began, earlier sessions of a resumed run included."""
    scalars: Mapping[str, float]


@dataclass(frozen=True)
class EpochDone(Event):
    """An epoch ended and its scores were judged; names are `train/…` and `validation/…`."""

    epoch: int
    seconds: float
    scores: Mapping[str, float]
    improved: bool


@dataclass(frozen=True)
class HistogramTaken(Event):
    """How the values of one tensor are spread: `counts[i]` lie between `edges[i]` and `edges[i+1]`."""

    name: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    total: float
    """Sum of the values."""
    squares: float
    """Sum of their squares."""


@dataclass(frozen=True)
class PictureSaved(Event):
    """A PNG worth showing was written to `path`, relative to the run folder."""

    name: str
    path: str


@dataclass(frozen=True)
class TextTold(Event):
    """A text worth reading: a sample of a language model, say."""

    name: str
    text: str


@dataclass(frozen=True)
class CheckpointDue(Event):
    """The run is at a place worth saving besides the ends of epochs; `reason` says which."""

    reason: str


@dataclass(frozen=True)
class CheckpointSaved(Event):
    """`path`, relative to the run folder, is a committed checkpoint."""

    path: str
    reason: str


@dataclass(frozen=True)
class Warned(Event):
    """Something that does not stop the run but that its owner should know."""

    message: str


@dataclass(frozen=True)
class Stopped(Event):
    """Training ended: `kind` is finished, early, interrupted or diverged; `reason` a sentence."""

    kind: str
    reason: str
    epoch: int


@dataclass(frozen=True)
class Tested(Event):
    """Scores on the test split, taken once, with the weights of step `weights_step`."""

    scores: Mapping[str, float]
    weights_step: int
    references: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The same scores of rivals (persistence, noise, the data themselves), by their names."""


class Sink(Protocol):
    """Something that listens to a run. It must not change the run, and it may be called from one
    thread only."""

    def handle(self, event: Event) -> None:
        """Takes note of `event`."""

    def close(self) -> None:
        """Flushes and releases what the sink holds; called once, also when the run fails."""

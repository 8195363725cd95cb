"""How the learning rate changes during training, as a multiplier of the base rate.

All but `plateau` are functions of the step alone, so that a resumed run needs only its position.
Every schedule may begin with a warm-up (Goyal et al. 2017, arXiv:1706.02677, section 2.2): the rate
rises linearly to the schedule's first, and the schedule runs over the steps that are left.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from dlkit.errors import OptionError
from dlkit.ranges import Fraction, NaturalInt, NonNegativeFloat, PositiveInt, UnitInterval


@dataclass(frozen=True)
class Steps:
    """How many updates an epoch and the whole training have."""

    per_epoch: int
    total: int

    @property
    def epochs(self) -> int:
        """How many epochs the training has: `fit.epochs`."""
        return self.total // self.per_epoch


class Schedule(Protocol):
    """What the engine asks for rates, and the loop tells of scores."""

    def factor(self, step: int) -> float:
        """The multiplier of the base rate for the update that follows `step` updates."""

    def observe(self, score: float, direction: str) -> None:
        """Takes note of an epoch's judged score, better when lower (`min`) or higher (`max`)."""

    def state(self) -> dict[str, Any]:
        """What the scores have changed, JSON-able."""

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved `state`."""


@dataclass(frozen=True)
class Curve:
    """`warmup` steps up to `shape(0)`, then `shape` of the steps since; scores change nothing."""

    warmup: int
    shape: Callable[[int], float]

    def factor(self, step: int) -> float:
        """The multiplier of the base rate for the update that follows `step` updates."""
        if step < self.warmup:
            return self.shape(0) * (step + 1) / self.warmup
        return self.shape(step - self.warmup)

    def observe(self, score: float, direction: str) -> None:
        """Nothing: the curve is fixed."""

    def state(self) -> dict[str, Any]:
        """Nothing: the step says all."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing."""


def constant(steps: Steps, *, warmup_epochs: NonNegativeFloat = 0.0) -> Schedule:
    """The base rate throughout. Options:

    - `warmup_epochs`: epochs, or parts of one, over which the rate rises linearly at first.
    """
    return Curve(_warmup(steps, warmup_epochs), lambda _: 1.0)


def step(
    steps: Steps,
    *,
    every_epochs: PositiveInt,
    factor: Fraction = 0.1,
    warmup_epochs: NonNegativeFloat = 0.0,
) -> Schedule:
    """The rate is multiplied by `factor` every so many epochs, counted from the end of warm-up.

    He et al. 2016, arXiv:1512.03385, section 3.4. Raises `OptionError` if no update would see the
    first drop. Options:

    - `every_epochs`: epochs between two drops.
    - `factor`: what a drop multiplies the rate by.
    - `warmup_epochs`: epochs, or parts of one, over which the rate rises linearly at first.
    """
    warmup, stride = _warmup(steps, warmup_epochs), every_epochs * steps.per_epoch
    if warmup + stride >= steps.total:
        after = f" and {warmup_epochs:g} of warm-up" if warmup else ""
        raise OptionError(
            "every_epochs",
            f"the first drop would come after {every_epochs} epochs{after}, "
            f"and 'fit.epochs' is {steps.epochs}",
            hint="Drop earlier, or train longer.",
        )
    return Curve(warmup, lambda done: factor ** (done // stride))


def cosine(
    steps: Steps, *, final_factor: UnitInterval = 0.0, warmup_epochs: NonNegativeFloat = 0.0
) -> Schedule:
    """Half a cosine from the base rate down to `final_factor` of it.

    Loshchilov & Hutter 2017, arXiv:1608.03983, equation 5, without restarts. Options:

    - `final_factor`: share of the base rate that is reached as the last update ends.
    - `warmup_epochs`: epochs, or parts of one, over which the rate rises linearly at first.
    """
    warmup = _warmup(steps, warmup_epochs)
    return Curve(warmup, lambda done: _cosine(1.0, final_factor, done / (steps.total - warmup)))


def one_cycle(
    steps: Steps,
    *,
    rise: Fraction = 0.3,
    start_factor: Fraction = 0.04,
    final_factor: Fraction = 1e-4,
    annealing: Literal["cosine", "linear"] = "cosine",
    warmup_epochs: NonNegativeFloat = 0.0,
) -> Schedule:
    """Up to the base rate, then down to almost none.

    Smith & Topin 2018, arXiv:1708.07120, in the form of torch's `OneCycleLR` of two phases and
    constant momentum. The base rate is the peak. Raises `OptionError` if the rise has no step.
    Options:

    - `rise`: share of the steps until the peak.
    - `start_factor`: share of the base rate that the first update takes.
    - `final_factor`: share of the first update's rate that the last update takes.
    - `annealing`: the form of rise and fall, half a cosine or a line.
    - `warmup_epochs`: epochs, or parts of one, over which the rate rises linearly to that of the
      first update; the cycle rises by itself.
    """
    warmup = _warmup(steps, warmup_epochs)
    last, peak = steps.total - warmup - 1, rise * (steps.total - warmup) - 1
    if peak <= 0:
        message = f"{rise:g} of the training's {last + 1} updates leaves none to rise in"
        raise OptionError("rise", message, hint="Raise 'fit.epochs' or 'rise'.")
    between = {"cosine": _cosine, "linear": _linear}[annealing]

    def shape(done: int) -> float:
        if done <= peak:
            return between(start_factor, 1.0, done / peak)
        return between(1.0, start_factor * final_factor, (done - peak) / (last - peak))

    return Curve(warmup, shape)


def plateau(
    steps: Steps,
    *,
    factor: Fraction = 0.1,
    patience: NaturalInt = 10,
    threshold: NonNegativeFloat = 1e-4,
    warmup_epochs: NonNegativeFloat = 0.0,
) -> Schedule:
    """The rate is multiplied by `factor` when the monitor has stopped improving.

    In the form of torch's `ReduceLROnPlateau`, whose defaults these are. Options:

    - `factor`: what a drop multiplies the rate by.
    - `patience`: epochs without improvement that are let pass; the next one brings the drop.
    - `threshold`: an improvement is better than the best by more than this share of it.
    - `warmup_epochs`: epochs, or parts of one, over which the rate rises linearly at first; their
      scores count like others.
    """
    return Plateau(Curve(_warmup(steps, warmup_epochs), lambda _: 1.0), factor, patience, threshold)


@dataclass
class Plateau:
    """A warm-up times the drops so far. See `plateau`."""

    warmup: Curve
    drop: float
    patience: int
    threshold: float
    scale: float = field(default=1.0, init=False)
    best: float | None = field(default=None, init=False)
    bad_epochs: int = field(default=0, init=False)

    def factor(self, step: int) -> float:
        """The multiplier of the base rate for the update that follows `step` updates."""
        return self.warmup.factor(step) * self.scale

    def observe(self, score: float, direction: str) -> None:
        """Counts an epoch without improvement, and drops the rate after too many in a row."""
        if self._improved(score, direction):
            self.best, self.bad_epochs = score, 0
        else:
            self.bad_epochs += 1
        if self.bad_epochs > self.patience:
            self.scale, self.bad_epochs = self.scale * self.drop, 0

    def _improved(self, score: float, direction: str) -> bool:
        """Whether `score` is a new best; one that is not finite never is."""
        if self.best is None or not math.isfinite(score):
            return math.isfinite(score)
        gain = self.best - score if direction == "min" else score - self.best
        return gain > self.threshold * abs(self.best)

    def state(self) -> dict[str, Any]:
        """What the scores have changed, JSON-able."""
        return {"scale": self.scale, "best": self.best, "bad_epochs": self.bad_epochs}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved `state`."""
        self.scale, self.best = state["scale"], state["best"]
        self.bad_epochs = state["bad_epochs"]


def _warmup(steps: Steps, epochs: float) -> int:
    """So many epochs in whole steps. Raises `OptionError` if nothing is left after them."""
    warmup = round(epochs * steps.per_epoch)
    if warmup and warmup >= steps.total:
        message = (
            f"{epochs:g} epochs of warm-up leave none to train in: 'fit.epochs' is {steps.epochs}"
        )
        raise OptionError("warmup_epochs", message, hint="Shorten the warm-up, or train longer.")
    return warmup


def _cosine(start: float, end: float, progress: float) -> float:
    """Half a cosine from `start` to `end` as `progress` goes from 0 to 1."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


def _linear(start: float, end: float, progress: float) -> float:
    """A line from `start` to `end` as `progress` goes from 0 to 1."""
    return start + (end - start) * progress

"""Early stopping: after each epoch, whether its score is the best so far, and whether to go on.

A policy returns a verdict; it stops nothing itself. Whatever its rule for stopping, `best` is the
best raw score, by however little, since that is the epoch whose weights are worth keeping. A score
that is not finite is never an improvement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from dlkit.errors import OptionError
from dlkit.ranges import NonNegativeFloat, PositiveFloat, PositiveInt

Direction = Literal["min", "max"]


@dataclass(frozen=True)
class Verdict:
    """Of one epoch: whether its score is the best so far, and whether, and why, to stop here."""

    improved: bool
    stop: bool
    reason: str


class Stopping(Protocol):
    """An early-stopping policy."""

    monitor: str | None
    """The score to judge by, or None for the task's own."""
    restore_best: bool
    """Whether the weights of the best epoch are the outcome of the training, not the last."""
    best: float | None
    best_epoch: int | None

    def check(self, direction: Direction) -> None:
        """Raises `OptionError` if the policy cannot judge a score that is better that way."""

    def judge(
        self, epoch: int, score: float, direction: Direction, training_loss: float
    ) -> Verdict:
        """The verdict on epoch `epoch`, counted from 1; `training_loss` is the epoch's mean."""

    def state(self) -> dict[str, Any]:
        """What the scores have changed, JSON-able."""

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved `state`."""


class Never:
    """No early stopping: only notes the best epoch. The other policies are made from it."""

    remembered: ClassVar[tuple[str, ...]] = ("best", "best_epoch")
    """The attributes that scores change."""

    def __init__(self, *, monitor: str | None = None, restore_best: bool = False) -> None:
        self.monitor, self.restore_best = monitor, restore_best
        self.best: float | None = None
        self.best_epoch: int | None = None

    def check(self, direction: Direction) -> None:
        """Raises `OptionError` if the policy cannot judge a score that is better that way."""

    def judge(
        self, epoch: int, score: float, direction: Direction, training_loss: float
    ) -> Verdict:
        """The verdict on epoch `epoch`, counted from 1; `training_loss` is the epoch's mean."""
        improved = _gain(score, self.best, direction) > 0
        if improved:
            self.best, self.best_epoch = score, epoch
        reason = self._reason(epoch, score, direction, training_loss)
        return Verdict(improved, bool(reason), reason)

    def _reason(self, epoch: int, score: float, direction: Direction, training_loss: float) -> str:
        """Why to stop now, or nothing; `best` already takes this epoch into account."""
        return ""

    @property
    def _score_name(self) -> str:
        return (
            f"validation/{self.monitor.removeprefix('validation/')}"
            if self.monitor
            else "the score"
        )

    @property
    def _best_words(self) -> str:
        if self.best is None:
            return "it never was a finite number"
        return f"best {self.best:.6g} at epoch {self.best_epoch}"

    def state(self) -> dict[str, Any]:
        """What the scores have changed, JSON-able."""
        return {name: getattr(self, name) for name in self.remembered}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved `state`."""
        for name in self.remembered:
            setattr(self, name, state[name])


def patience(
    *,
    patience: PositiveInt = 10,
    min_delta: NonNegativeFloat = 0.0,
    monitor: str | None = None,
    restore_best: bool = True,
) -> Stopping:
    """Stops when the score has not improved for so many epochs in a row.

    Goodfellow et al. 2016, algorithm 7.1. Options:

    - `patience`: epochs in a row without improvement.
    - `min_delta`: an improvement is better by more than this than the score that last was one; the
      best epoch is the best by however little.
    - `monitor`: the validation score to judge by; null for the task's own.
    - `restore_best`: the weights of the best epoch are kept, not the last.
    """
    return Patience(patience, min_delta, monitor=monitor, restore_best=restore_best)


class Patience(Never):
    """See `patience`."""

    remembered = (*Never.remembered, "reference", "waited")

    def __init__(self, epochs: int, min_delta: float, **options: Any) -> None:
        super().__init__(**options)
        self.epochs, self.min_delta = epochs, min_delta
        self.reference: float | None = None
        self.waited = 0

    def _reason(self, epoch: int, score: float, direction: Direction, training_loss: float) -> str:
        if _gain(score, self.reference, direction) > self.min_delta:
            self.reference, self.waited = score, 0
        else:
            self.waited += 1
        if self.waited < self.epochs:
            return ""
        return (
            f"{self._score_name} has not improved by more than {self.min_delta:g} for "
            f"{_epochs(self.waited)}; {self._best_words}"
        )


def generalization_loss(
    *, alpha: PositiveFloat = 5.0, monitor: str | None = None, restore_best: bool = True
) -> Stopping:
    """Stops when the error is more than `alpha` percent above its lowest so far.

    Prechelt 1998 (doi:10.1016/S0893-6080(98)00010-0), criterion GL: `100 (E / E_opt - 1) > alpha`.
    Refuses a monitor that is better when higher. Options:

    - `alpha`: percent; the paper tries 1 to 5.
    - `monitor`: the validation score to judge by, an error or a loss; null for the task's own.
    - `restore_best`: the weights of the best epoch are kept, not the last.
    """
    return GeneralizationLoss(alpha, monitor=monitor, restore_best=restore_best)


class GeneralizationLoss(Never):
    """See `generalization_loss`. Errors below 0, of which the paper has none, are compared by the
    absolute value of the lowest."""

    def __init__(self, alpha: float, **options: Any) -> None:
        super().__init__(**options)
        self.alpha = alpha

    def check(self, direction: Direction) -> None:
        """Raises `OptionError` if the score is better when higher: it must be an error."""
        if direction == "max":
            message = (
                "this policy compares errors, and the score it would judge is better when higher"
            )
            raise OptionError("monitor", message, hint="Monitor an error, such as loss.")

    def _reason(self, epoch: int, score: float, direction: Direction, training_loss: float) -> str:
        loss = self._loss(score)
        if not loss > self.alpha:  # not `<=`: a score that is no number stops nothing
            return ""
        return f"{self._above(loss)}, more than {self.alpha:g} %"

    def _loss(self, score: float) -> float:
        """GL, percent: how far `score` is above the best."""
        if self.best is None or score == self.best:
            return 0.0
        return 100 * (score - self.best) / abs(self.best) if self.best else math.inf

    def _above(self, loss: float) -> str:
        return f"{self._score_name} is {loss:.3g} % above its {self._best_words}"


def progress_quotient(
    *,
    alpha: PositiveFloat = 1.0,
    strip: PositiveInt = 5,
    monitor: str | None = None,
    restore_best: bool = True,
) -> Stopping:
    """Stops when the error rises much while the training loss hardly falls.

    Prechelt 1998 (doi:10.1016/S0893-6080(98)00010-0), criterion PQ: at the end of each strip of k
    epochs, `GL / P_k > alpha`. `GL = 100 (E / E_opt - 1)` is how far the error is above its lowest;
    `P_k = 1000 (mean of the strip's training losses / their lowest - 1)` how much training still
    moves. Refuses a monitor that is better when higher. Options:

    - `alpha`: the paper tries 0.5 to 3.
    - `strip`: k, 5 in the paper; stops only after a multiple of so many epochs.
    - `monitor`: the validation score to judge by, an error or a loss; null for the task's own.
    - `restore_best`: the weights of the best epoch are kept, not the last.
    """
    return ProgressQuotient(alpha, strip, monitor=monitor, restore_best=restore_best)


class ProgressQuotient(GeneralizationLoss):
    """See `progress_quotient`."""

    remembered = (*Never.remembered, "training_losses")

    def __init__(self, alpha: float, strip: int, **options: Any) -> None:
        super().__init__(alpha, **options)
        self.strip = strip
        self.training_losses: list[float] = []

    def _reason(self, epoch: int, score: float, direction: Direction, training_loss: float) -> str:
        self.training_losses = [*self.training_losses, training_loss][-self.strip :]
        if epoch % self.strip:
            return ""
        loss, progress = self._loss(score), self._progress()
        if not loss > self.alpha * progress:  # not `<=`: a score that is no number stops nothing
            return ""
        return (
            f"{self._above(loss)}, more than {self.alpha:g} times the {progress:.3g} per mille by "
            f"which the training loss moved in {_epochs(self.strip)}"
        )

    def _progress(self) -> float:
        """P_k, per mille: how far the strip's mean training loss is above its lowest."""
        lowest = min(self.training_losses)
        excess = sum(self.training_losses) / len(self.training_losses) - lowest
        if excess == 0:
            return 0.0
        return 1000 * excess / abs(lowest) if lowest else math.inf


def _gain(score: float, best: float | None, direction: Direction) -> float:
    """By how much `score` is better than `best`; infinite for the first that is finite."""
    if not math.isfinite(score):
        return -math.inf
    if best is None:
        return math.inf
    return best - score if direction == "min" else score - best


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"

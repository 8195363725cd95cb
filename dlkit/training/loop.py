"""The one loop: batches in, events out. It serves every family of models."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from torch import Tensor

from dlkit.data.batches import Batch
from dlkit.events import CheckpointDue, EpochDone, Event, StepDone, Stopped, Warned
from dlkit.tasks.task import Direction, Task
from dlkit.training import measures
from dlkit.training.engine import Engine
from dlkit.training.evaluation import evaluate
from dlkit.training.health import Health
from dlkit.training.meter import Meter
from dlkit.training.noise import seed_noise
from dlkit.training.stopping import Stopping, Verdict


@dataclass(frozen=True)
class Plan:
    """What the loop is to do, in numbers."""

    epochs: int
    steps_per_epoch: int
    seed: int
    monitor: str
    """The judged score by its full name, e.g. `validation/loss`."""
    direction: Direction
    training_loss: str = "train/loss"
    """The mean training loss by its full name; that of the first part where there are several."""
    accumulate: int = 1
    log_every: int = 20
    save_every_steps: int | None = None
    histograms: bool = False


@dataclass(frozen=True)
class Feed:
    """Where batches come from: `train(epoch, start)` gives an epoch from its `start`-th batch on.

    `validation` is None where there is no validation split; the training scores are judged then.
    """

    train: Callable[[int, int], Iterator[Batch]]
    validation: Callable[[], Iterator[Batch]] | None


@dataclass
class Position:
    """How far the training is: `epoch` epochs are complete, `step` updates made, `step_in_epoch` of
    them in the epoch that is under way, `seconds` spent."""

    step: int = 0
    epoch: int = 0
    step_in_epoch: int = 0
    seconds: float = 0.0


@dataclass
class Loop:
    """A training under way; everything in it that changes is saved by `training.state`."""

    task: Task
    engine: Engine
    stopping: Stopping
    plan: Plan
    feed: Feed
    emit: Callable[[Event], None]
    interrupted: Callable[[], str | None] = lambda: None
    """Names the reason (a signal, say) once the run shall stop after the step it is in."""
    show: Callable[[str, Tensor], None] = lambda name, picture: None
    """Takes the task's pictures `(H, W, 3)` after each epoch's validation."""
    tell: Callable[[str, str], None] = lambda name, text: None
    """Takes the task's texts, likewise."""
    position: Position = field(default_factory=Position)
    meter: Meter = field(default_factory=Meter)
    health: Health = field(default_factory=Health)

    def run(self) -> Stopped:
        """Trains until the epochs are used up, early stopping says so, or it is interrupted.

        Raises `NonFinite` when the loss or a gradient diverges; no weight has moved by that step.
        """
        self._began = time.perf_counter() - self.position.seconds
        while self.position.epoch < self.plan.epochs:
            verdict = self._epoch()
            if verdict is None:
                reason = self.interrupted() or "interrupted"
                self._tick()
                self.emit(CheckpointDue(self.position.step, reason))
                return self._stopped("interrupted", reason)
            if verdict.stop:
                return self._stopped("early", verdict.reason)
        return self._stopped("finished", f"all {self.plan.epochs} epochs are done")

    def _epoch(self) -> Verdict | None:
        """Trains (the rest of) an epoch and judges it; None if interrupted before the judgement."""
        if not self._train() or (scores := self._judge()) is None:
            return None
        position, plan = self.position, self.plan
        scores |= {f"train/{name}": value for name, value in self.meter.close().items()}
        position.epoch, position.step_in_epoch = position.epoch + 1, 0
        score = scores[plan.monitor]
        verdict = self.stopping.judge(
            position.epoch, score, plan.direction, scores[plan.training_loss]
        )
        for part in self.engine.parts.values():
            part.schedule.observe(score, plan.direction)
        self._histograms()
        self.emit(EpochDone(position.step, position.epoch, self._tick(), scores, verdict.improved))
        return verdict

    def _train(self) -> bool:
        """Performs the epoch's remaining updates; False if interrupted between two of them."""
        position, plan = self.position, self.plan
        start = position.step_in_epoch * plan.accumulate
        for group in in_groups(self.feed.train(position.epoch, start), plan.accumulate):
            self._update(group)
            if position.step % plan.log_every == 0:
                self._log()
            if plan.save_every_steps and position.step % plan.save_every_steps == 0:
                self._tick()
                self.emit(CheckpointDue(position.step, "every_steps"))
            if self.interrupted():
                return False
        if position.step % plan.log_every:
            self._log()
        return True

    def _update(self, group: Sequence[Batch]) -> None:
        seed_noise(self.engine.precision.device, self.plan.seed, self.position.step)
        counts = [len(batch.indices) for batch in group]
        shares = [count / sum(counts) for count in counts]
        streams = [self.task.updates(batch) for batch in group]
        self.meter.add(self.engine.advance_together(streams, shares), sum(counts))
        self.position.step += 1
        self.position.step_in_epoch += 1

    def _judge(self) -> dict[str, float] | None:
        """Validates the weights that are judged, and shows what they make of the data."""
        with self.engine.judged():
            scores = self._validate()
            if scores is not None:
                self.preview()
        return scores

    def _validate(self) -> dict[str, float] | None:
        """Scores named `validation/…`; none without a validation split; None if interrupted."""
        if self.feed.validation is None:
            return {}
        batches, seed = self.feed.validation(), self.plan.seed
        scores = evaluate(
            self.task, self.engine.precision, batches, seed=seed, interrupted=self.interrupted
        )
        return None if scores is None else {f"validation/{k}": v for k, v in scores.items()}

    def _log(self) -> None:
        """Reads the scalars: the only place where an accelerator is waited for."""
        self.engine.guard.read()
        scalars = self.meter.read()
        for name, part in self.engine.parts.items():
            prefix = "" if len(self.engine.parts) == 1 else f"{name}/"
            scalars[f"{prefix}learning_rate"] = part.rate
            scalars[f"{prefix}weight_norm"] = measures.norm(part.parameters)
        step, epoch = self.position.step, self.position.epoch + 1
        self.emit(StepDone(step, epoch, self._tick(), scalars))
        for words in self.health.complaints(scalars, step):
            self.emit(Warned(step, words))

    def preview(self, prefix: str = "") -> None:
        """Hands on the task's pictures and texts of what it last observed."""
        for name, picture in self.task.preview().items():
            self.show(prefix + name, picture)
        for name, text in self.task.texts().items():
            self.tell(prefix + name, text)

    def _histograms(self) -> None:
        if self.plan.histograms:
            for name, part in self.engine.parts.items():
                for event in measures.histograms(name, part.module, self.position.step):
                    self.emit(event)

    def _tick(self) -> float:
        self.position.seconds = time.perf_counter() - self._began
        return self.position.seconds

    def _stopped(self, kind: str, reason: str) -> Stopped:
        stopped = Stopped(self.position.step, kind, reason, self.position.epoch)
        self.emit(stopped)
        return stopped


def in_groups(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """`batches` in lists of `size`; the last may be shorter."""
    iterator = iter(batches)
    while group := list(islice(iterator, size)):
        yield group

"""Cells of a user's own config, of any model family: the training of `dlkit train`, without a folder.

Only the optimizer, the batch size, the epochs and the seed of the config are set; early stopping is
off, because all cells get the same budget. Weight decay is the config's own: where it sets none, rules
that bring a decay of their own are told 0, so that regularisation is equal.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlkit.assemble import Builder
from dlkit.catalog import DATASETS, OPTIMIZERS
from dlkit.comparing.plan import Cell, Contest, Knobs, Task
from dlkit.comparing.record import Outcome, Timing
from dlkit.config.load import load
from dlkit.config.schema import RunConfig
from dlkit.data.batches import size_of_batch
from dlkit.data.dataset import Data
from dlkit.device import choose_device, place
from dlkit.errors import ConfigError
from dlkit.events import EpochDone, Event
from dlkit.training.evaluation import evaluate
from dlkit.training.guard import NonFinite
from dlkit.training.loop import Loop


class ConfigProblem:
    """A user's config as a task of a comparison; its data are loaded once."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.data: Data | None = None

    def config(self, rule: str, knobs: Knobs, **fit: Any) -> RunConfig:
        """The config with its optimizer, and keys of its section `fit`, replaced."""
        options: dict[str, Any] = {"name": rule, **dict(knobs)}
        plain = load(Path(self.task.config), self.task.overrides)
        if OPTIMIZERS[rule].facts.get("decoupled") and "weight_decay" not in plain.regularization:
            options["weight_decay"] = 0.0
        settings = [f"fit.{key}={json.dumps(value)}" for key, value in fit.items()]
        settings += [f"optimizer={json.dumps(options)}", "early_stopping=null"]
        return load(Path(self.task.config), [*self.task.overrides, *settings])

    def builder(self, config: RunConfig) -> Builder:
        """What assembles the config, on data that are loaded at the first call."""
        device = choose_device(config)
        if self.data is None:
            component = config.data
            self.data = place(DATASETS.load(component.name)(**component.options), device)
        return Builder(config, device, self.data)

    def epochs(self, batch_size: Any, examples: int) -> int:
        """The task's passes over the data, or as many as give the updates of the task's own batch."""
        own, other = (
            -(-examples // size_of_batch(examples, size))
            for size in (self.task.batch_size, batch_size)
        )
        return max(self.task.epochs, -(-self.task.epochs * own // other))

    def description(self) -> tuple[Data, int]:
        """The data, and how many numbers are trained."""
        builder = self.builder(load(Path(self.task.config), self.task.overrides))
        parts = builder.task().parts().values()
        return builder.data, sum(p.numel() for part in parts for p in part.parameters())

    def resolved(self) -> dict[str, Any]:
        """The whole config with all defaults, but for what each cell sets."""
        return load(Path(self.task.config), self.task.overrides).resolved()

    def try_rule(self, rule: str) -> None:
        """Raises `ConfigError` if the catalogue's rule can't move this config's networks."""
        builder = self.builder(self.config(rule, (("learning_rate", 1e-3),)))
        builder.loop(builder.task(), lambda event: None)

    def train_alone(self, cell: Cell) -> Outcome:
        """Trains one cell; its curve has a point an epoch."""
        began = time.perf_counter()
        outcome = Outcome(cell, "loop")
        size = cell.batch_size
        config = self.config(cell.rule, cell.knobs, seed=cell.seed, batch_size=size, epochs=1)
        epochs = self.epochs(size, len(self.builder(config).data.train))
        fit = {"seed": cell.seed, "batch_size": size, "epochs": epochs}
        builder = self.builder(self.config(cell.rule, cell.knobs, **fit))
        task = builder.task()
        loop = builder.loop(task, _curve(outcome))
        try:
            loop.run()
        except NonFinite:
            outcome.diverged_at = loop.engine.step + 1
        test = builder.batches.evaluation("test")
        if test and cell.phase == "reporting" and outcome.diverged_at is None:
            with loop.engine.judged():
                outcome.test = evaluate(task, loop.engine.precision, test(), seed=cell.seed)
        outcome.seconds = time.perf_counter() - began
        return outcome

    def time_rule(self, contest: Contest, knobs: Knobs, updates: int) -> Timing:
        """What one update of a rule takes, read from a short training of its own."""
        cell = Cell(contest.task, contest.estimator, contest.rule, knobs, 0)
        fit = {"seed": 0, "batch_size": cell.batch_size, "epochs": updates}
        config = self.config(cell.rule, cell.knobs, **fit)
        builder = self.builder(config)
        clock = _Clock(updates + max(2, updates // 4))
        loop = builder.loop(builder.task(), lambda event: None)
        loop.interrupted = clock.tick
        try:
            loop.run()
        except NonFinite:
            if len(clock.ticks) < 2:
                raise
        spent = np.diff(clock.ticks)
        warmup = min(max(2, updates // 4), len(spent) // 2)
        lower, median, upper = np.percentile(spent[warmup:], [25, 50, 75]).tolist()
        return Timing(contest, len(spent) - warmup, warmup, median, lower, upper)


class _Clock:
    """Notes the time after each update, and asks to stop after `most` of them."""

    def __init__(self, most: int) -> None:
        self.most, self.ticks = most, [time.perf_counter()]

    def tick(self) -> str | None:
        """What `Loop.interrupted` asks for."""
        self.ticks.append(time.perf_counter())
        return "timed" if len(self.ticks) > self.most else None


def _curve(outcome: Outcome) -> Callable[[Event], None]:
    """Notes the scores of each epoch."""

    def take(event: Event) -> None:
        if isinstance(event, EpochDone):
            train = [
                value
                for name, value in event.scores.items()
                if name.endswith("loss") and name.startswith("train/")
            ]
            scores = {
                name.removeprefix("validation/"): value
                for name, value in event.scores.items()
                if name.startswith("validation/")
            }
            outcome.note(event.step, train[0] if train else float("nan"), scores)

    return take


def config_task(path: Path, overrides: Sequence[str], epochs: int | None) -> Task:
    """The config in the file `path` as a task: its monitor is tuned for, its epochs are the budget.

    Raises `ConfigError` for a config that is wrong, or that has no validation split to tune on.
    """
    config = load(path, overrides)
    task = Task(
        config.name,
        config.fit.batch_size,
        config.fit.epochs if epochs is None else epochs,
        config=str(path.absolute()),
        overrides=tuple(overrides),
        schedule=config.schedule.name,
    )
    problem = ConfigProblem(task)
    loop: Loop = _loop(problem, config)
    if loop.feed.validation is None:
        raise ConfigError(
            f"{path} has no validation split, on which rates are chosen.",
            hint="Set data.validation_fraction, say.",
        )
    score = loop.plan.monitor.removeprefix("validation/")
    better: dict[str, Any] = {"score": score, "direction": loop.plan.direction}
    return Task(
        **{**vars(task), **better, "tolerance": 0.01 if better["direction"] == "max" else 0.05}
    )


def _loop(problem: ConfigProblem, config: RunConfig) -> Loop:
    builder = problem.builder(config)
    return builder.loop(builder.task(), lambda event: None)

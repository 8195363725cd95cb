"""Makes a training out of a config: the only file that knows every room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from dlkit.catalog import (
    ACTIVATIONS,
    DATASETS,
    LOSSES,
    MODELS,
    OPTIMIZERS,
    SCHEDULES,
    STOPPING,
    TASKS,
)
from dlkit.config.blame import blaming, complaint
from dlkit.config.routing import route
from dlkit.config.schema import DEFAULT_LOSSES, Component, RunConfig
from dlkit.data.augmentation import Augmentation
from dlkit.data.batches import Batch, evaluation_batches, steps_per_epoch, training_batches
from dlkit.data.dataset import Data, Facts
from dlkit.data.randomness import mix, permutation
from dlkit.device import choose_device, place
from dlkit.events import Event
from dlkit.optim.groups import build_optimizers
from dlkit.optim.schedules import Steps
from dlkit.registry import Registry, did_you_mean
from dlkit.tasks.task import Direction, Task
from dlkit.training.engine import Engine
from dlkit.training.guard import Guard, must_check_at_once
from dlkit.training.loop import Feed, Loop, Plan
from dlkit.training.part import Part, Penalty
from dlkit.training.precision import Precision
from dlkit.training.stopping import Never, Stopping

INITIALISATION = 1
"""Salt that keeps the seed of the weights apart from those of data and noise."""
EVALUATION_BATCH = 500
TASK_OF = {"classes": "classification", "values": "regression"}


@dataclass(frozen=True)
class Assembly:
    """A training that is ready to run, and what its report needs to know."""

    config: RunConfig
    device: torch.device
    data: Data
    task: Task
    loop: Loop
    test: Callable[[], Iterator[Batch]] | None
    """Batches of the test split; None where it is empty."""
    indices: Callable[[int], list[int]]
    """The training examples of the update with that number (from 1)."""

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        parts = self.loop.engine.parts.values()
        return sum(p.numel() for part in parts for p in part.parameters)


def assemble(config: RunConfig, emit: Callable[[Event], None]) -> Assembly:
    """Builds data, model, task, engine and loop. Creates nothing on disk.

    Raises `ConfigError` for what does not fit together and `DataError` for data that is not there.
    """
    device = choose_device(config)
    with blaming(config, "data"):
        data: Data = _build(DATASETS, config.data)
    builder = Builder(config, device, place(data, device))
    task = builder.task()
    loop = builder.loop(task, emit)
    return Assembly(
        config, device, builder.data, task, loop, builder.evaluation("test"), builder.indices
    )


def _build(table: Registry, component: Component, *handed: Any) -> Any:
    return table.load(component.name)(*handed, **component.options)


class Builder:
    """One config's assembly under way: what it was given, and a method for each thing it makes."""

    def __init__(self, config: RunConfig, device: torch.device, data: Data) -> None:
        self.config, self.device, self.data = config, device, data
        self.routed = route(config)

    def task(self) -> Task:
        """The network, its loss, and the task that holds them; weights depend on `fit.seed` alone."""
        config, facts = self.config, self.data.facts
        activation = partial(_build, ACTIVATIONS, config.activation)
        torch.default_generator.manual_seed(mix(config.fit.seed, INITIALISATION))
        with blaming(config, "activation"):
            activation()  # an option that does not fit is the activation's, not the model's
        with blaming(config, "model"):
            model: nn.Module = _build(MODELS, self.routed.model, facts, activation)
        if config.fit.channels_last:
            model = model.to(memory_format=torch.channels_last)
        self._refuse_lonely_example(model)
        loss = self._loss(facts)
        task: Task = TASKS.load(TASK_OF[facts.target])(
            model.to(self.device), loss.to(self.device), facts
        )
        return task

    def _refuse_lonely_example(self, model: nn.Module) -> None:
        """Batch norm of dense features has no variance in a batch of one."""
        n, size = len(self.data.train), self.config.fit.batch_size
        dense = any(isinstance(module, nn.BatchNorm1d) for module in model.modules())
        if dense and size != "full" and (n % size or size) == 1:
            message = (
                f"'fit.batch_size' {size} leaves a batch of one of {n} examples, of which "
                "'regularization.batch_norm' cannot take a variance."
            )
            raise complaint(
                self.config, "fit.batch_size", message, f"Use {2 if size == 1 else size + 1}."
            )

    def _loss(self, facts: Facts) -> nn.Module:
        chosen = self.routed.loss or Component(DEFAULT_LOSSES[facts.target])
        takes = LOSSES[chosen.name].facts["takes"]
        if takes not in ("either", facts.target):  # only the data could tell, e.g. those of a csv
            message = (
                f"loss '{chosen.name}' takes class labels; data '{self.config.data.name}' "
                "yields values."
            )
            raise complaint(self.config, "loss", message, "Use mse, l1 or huber, say.")
        with blaming(self.config, "loss"):
            loss: nn.Module = _build(LOSSES, chosen)
        return loss

    def loop(self, task: Task, emit: Callable[[Event], None]) -> Loop:
        """The loop with its engine, its early stopping and its data."""
        fit = self.config.fit
        batches = steps_per_epoch(len(self.data.train), fit.batch_size)
        per_epoch = -(-batches // fit.accumulate)
        engine = self._engine(task, Steps(per_epoch, per_epoch * fit.epochs))
        stopping = self._stopping()
        monitor, direction = self._monitor(stopping, task)
        plan = Plan(
            epochs=fit.epochs,
            steps_per_epoch=per_epoch,
            seed=fit.seed,
            monitor=monitor,
            direction=direction,
            accumulate=fit.accumulate,
            log_every=self.config.logging.every,
            save_every_steps=self.config.checkpoints.every_steps,
            histograms=self.config.logging.histograms,
        )
        return Loop(task, engine, stopping, plan, self._feed(), emit)

    def _engine(self, task: Task, steps: Steps) -> Engine:
        parts = {name: self._part(name, module, steps) for name, module in task.parts().items()}
        guard = Guard(self.device, immediate=must_check_at_once(self.device, parts))
        return Engine(parts, Precision(self.config.fit.precision, self.device), guard)

    def _part(self, name: str, module: nn.Module, steps: Steps) -> Part:
        routed = self.routed
        rule = OPTIMIZERS.load(routed.optimizer.name)
        with blaming(self.config, "optimizer"):
            optimizers = build_optimizers(
                rule, routed.optimizer.options, module, weight_decay=routed.weight_decay
            )
        with blaming(self.config, "schedule"):
            schedule = _build(SCHEDULES, self.config.schedule, steps)
        penalties = tuple(Penalty(**each) for each in routed.penalties)
        return Part(
            name, module, optimizers, schedule, penalties, routed.clip_norm, routed.clip_value
        )

    def _stopping(self) -> Stopping:
        if self.config.early_stopping is None:
            return Never()
        with blaming(self.config, "early_stopping"):
            stopping: Stopping = _build(STOPPING, self.config.early_stopping)
        return stopping

    def _monitor(self, stopping: Stopping, task: Task) -> tuple[str, Direction]:
        """The judged score by its full name, and its direction, as the task declares it."""
        if not len(self.data.validation):
            if self.config.early_stopping is not None:
                message = "'early_stopping' needs a validation split, but 'data' has none."
                raise complaint(self.config, "early_stopping", message)
            return "train/loss", "min"
        name = (stopping.monitor or task.monitor).removeprefix("validation/")
        if name not in task.metrics:
            message = f"unknown monitor '{name}'.{did_you_mean(name, task.metrics)}"
            raise complaint(self.config, "early_stopping.monitor", message)
        stopping.monitor = name  # so that its reasons name it
        with blaming(self.config, "early_stopping"):
            stopping.check(task.metrics[name])
        return f"validation/{name}", task.metrics[name]

    def _feed(self) -> Feed:
        fit = self.config.fit
        train = partial(
            training_batches,
            self.data.train,
            seed=fit.seed,
            batch_size=fit.batch_size,
            augmentation=self._augmentation(),
            **self._placing(),
        )
        return Feed(
            lambda epoch, start: train(epoch=epoch, start=start), self.evaluation("validation")
        )

    def _augmentation(self) -> Augmentation | None:
        if not self.routed.augmentation:
            return None
        shape = self.data.facts.input_shape
        if len(shape) != 3:
            message = (
                f"augmentation acts on images; data '{self.config.data.name}' yields "
                f"{shape[0]} features."
            )
            raise complaint(self.config, "regularization.augmentation", message)
        return Augmentation(**self.routed.augmentation)

    def evaluation(self, split: str) -> Callable[[], Iterator[Batch]] | None:
        """Batches of `split` in order; None where it is empty."""
        examples = getattr(self.data, split)
        if not len(examples):
            return None
        return partial(evaluation_batches, examples, batch_size=EVALUATION_BATCH, **self._placing())

    def _placing(self) -> dict[str, Any]:
        return {
            "device": self.device,
            "normalize": self.data.normalize,
            "channels_last": self.config.fit.channels_last,
        }

    def indices(self, step: int) -> list[int]:
        """The training examples of the update with that number (from 1)."""
        fit, n = self.config.fit, len(self.data.train)
        size = n if fit.batch_size == "full" else fit.batch_size * fit.accumulate
        epoch, place_in_epoch = divmod(step - 1, -(-n // size))
        order = permutation(fit.seed, epoch, n)
        chosen: list[int] = order[place_in_epoch * size :][:size].tolist()
        return chosen

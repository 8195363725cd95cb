"""Makes a training out of a config: the only file that knows every room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
from dlkit.data.batches import Batch
from dlkit.data.dataset import Data, Facts, Unit
from dlkit.data.randomness import mix
from dlkit.device import choose_device, place
from dlkit.events import Event
from dlkit.feeding import Batches
from dlkit.optim.groups import build_optimizers
from dlkit.optim.schedules import Steps
from dlkit.registry import Registry, did_you_mean
from dlkit.tasks.task import Direction, Task
from dlkit.training.averaging import Average
from dlkit.training.engine import Engine
from dlkit.training.guard import Guard, must_check_at_once
from dlkit.training.loop import Loop, Plan
from dlkit.training.part import Part, Penalty
from dlkit.training.precision import Precision
from dlkit.training.stopping import Never, Stopping

INITIALISATION = 1
"""Salt that keeps the seed of the weights apart from those of data and noise."""
TASK_OF = {
    "classes": "classification",
    "values": "regression",
    "tokens": "tokens",
    "boxes": "detection",
}


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
    batches = builder.batches
    return Assembly(
        config, device, builder.data, task, loop, batches.evaluation("test"), batches.indices
    )


def _build(table: Registry, component: Component, *handed: Any) -> Any:
    return table.load(component.name)(*handed, **component.options)


class Builder:
    """One config's assembly under way: what it was given, and a method for each thing it makes."""

    def __init__(self, config: RunConfig, device: torch.device, data: Data) -> None:
        self.config, self.device = config, device
        self.facts = MODELS[config.model.name].facts
        unit = self.facts.get("pixels") == "unit"
        self.data = replace(data, normalize=Unit(data.white)) if unit else data
        self.routed = route(config)
        self.batches = Batches(config, device, self.data, self.routed.augmentation)

    def task(self) -> Task:
        """The network, its loss, and the task that holds them; weights depend on `fit.seed` alone."""
        config, facts = self.config, self.data.facts
        torch.default_generator.manual_seed(mix(config.fit.seed, INITIALISATION))
        activation = self._activation()
        with blaming(config, "model"):
            model: nn.Module = _build(MODELS, self.routed.model, facts, activation)
        if config.fit.channels_last:
            self._require_images()
            model = model.to(memory_format=torch.channels_last)
        self._refuse_lonely_example(model)
        loss = None if self.facts.get("loss") == "own" else self._loss(facts).to(self.device)
        kind = self.facts.get("task") or TASK_OF[facts.target]
        task: Task = TASKS.load(kind)(model.to(self.device), loss, self.data)
        for companion in task.companions().values():
            companion.to(self.device)
        return task

    def _require_images(self) -> None:
        """Nothing else has channels that could come last."""
        if len(self.data.facts.input_shape) != 3:
            message = f"'fit.channels_last': data '{self.config.data.name}' yields no images."
            raise complaint(self.config, "fit.channels_last", message, "Leave it out.")

    def _activation(self) -> Callable[[], nn.Module]:
        """What makes the activations of the model; a model without a use for one gets identities."""
        chosen = self.config.activation or Component("identity")
        with blaming(self.config, "activation"):
            _build(ACTIVATIONS, chosen)  # an option that does not fit is not the model's
        return partial(_build, ACTIVATIONS, chosen)

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
        wanted = self.config.takes()
        wanted = (
            facts.target if wanted == "either" else wanted
        )  # only the data could tell, of a csv
        chosen = self.routed.loss or Component(DEFAULT_LOSSES[wanted])
        if LOSSES[chosen.name].facts["takes"] not in ("either", wanted):
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
        per_epoch = self.batches.updates_per_epoch
        engine = self._engine(task, Steps(per_epoch, per_epoch * fit.epochs))
        stopping = self._stopping()
        monitor, direction = self._monitor(stopping, task)
        plan = Plan(
            epochs=fit.epochs,
            steps_per_epoch=per_epoch,
            seed=fit.seed,
            monitor=monitor,
            direction=direction,
            training_loss=_training_loss(task),
            accumulate=fit.accumulate,
            log_every=self.config.logging.every,
            save_every_steps=self.config.checkpoints.every_steps,
            histograms=self.config.logging.histograms,
        )
        return Loop(task, engine, stopping, plan, self.batches.feed(), emit)

    def _engine(self, task: Task, steps: Steps) -> Engine:
        parts = {name: self._part(name, module, steps) for name, module in task.parts().items()}
        guard = Guard(self.device, immediate=must_check_at_once(self.device, parts))
        return Engine(parts, Precision(self.config.fit.precision, self.device), guard)

    def _part(self, name: str, module: nn.Module, steps: Steps) -> Part:
        routed = self.routed
        rule, own = routed.rule(name), name in routed.rules
        with blaming(self.config, f"optimizer.{name}" if own else "optimizer"):
            optimizers = build_optimizers(
                OPTIMIZERS.load(rule.optimizer.name),
                rule.optimizer.options,
                module,
                weight_decay=rule.weight_decay,
            )
        with blaming(self.config, "schedule"):
            schedule = _build(SCHEDULES, self.config.schedule, steps)
        decay = routed.weight_averaging
        return Part(
            name,
            module,
            optimizers,
            schedule,
            penalties=tuple(Penalty(**each) for each in routed.penalties),
            clip_norm=routed.clip_norm,
            clip_value=routed.clip_value,
            average=None if decay is None else Average(module, decay),
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
            return _training_loss(task), "min"
        name = (stopping.monitor or task.monitor).removeprefix("validation/")
        if name not in task.metrics:
            message = f"unknown monitor '{name}'.{did_you_mean(name, task.metrics)}"
            raise complaint(self.config, "early_stopping.monitor", message)
        stopping.monitor = name  # so that its reasons name it
        with blaming(self.config, "early_stopping"):
            stopping.check(task.metrics[name])
        return f"validation/{name}", task.metrics[name]


def _training_loss(task: Task) -> str:
    """The full name of the mean training loss: that of the first part, if there are several."""
    parts = list(task.parts())
    return "train/loss" if len(parts) == 1 else f"train/{parts[0]}/loss"

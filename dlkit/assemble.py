"""Makes a training out of a config: the only file that knows every room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from dlkit.config.routing import Routed, route
from dlkit.config.schema import DEFAULT_LOSSES, Component, RunConfig
from dlkit.data.augmentation import Augmentation
from dlkit.data.batches import evaluation_batches, steps_per_epoch, training_batches
from dlkit.data.dataset import Data, TensorExamples
from dlkit.data.randomness import mix, permutation
from dlkit.errors import ConfigError, OptionError, Problem
from dlkit.events import Event
from dlkit.optim.groups import build_optimizers
from dlkit.optim.schedules import Schedule, Steps
from dlkit.registry import did_you_mean
from dlkit.tasks.task import Task
from dlkit.training.engine import Engine
from dlkit.training.guard import Guard, must_check_at_once
from dlkit.training.loop import Feed, Loop, Plan
from dlkit.training.part import Part, Penalty
from dlkit.training.precision import Precision
from dlkit.training.stopping import Never, Stopping

INITIALISATION = 1
"""Salt that keeps the seed of the weights apart from those of data and noise."""
EVALUATION_BATCH = 500
MOST_BYTES_ON_DEVICE = 4 << 30
TASK_OF = {"classes": "classification", "values": "regression"}


@dataclass(frozen=True)
class Assembly:
    """A training that is ready to run, and what its report needs to know."""

    config: RunConfig
    device: torch.device
    data: Data
    task: Task
    loop: Loop
    test: Callable[[], Iterator[Any]] | None
    """Batches of the test split; None where it is empty."""
    indices: Callable[[int], list[int]]
    """The training examples of the update with that number (from 1)."""

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(p.numel() for part in self.loop.engine.parts.values() for p in part.parameters)


def assemble(config: RunConfig, emit: Callable[[Event], None]) -> Assembly:
    """Builds data, model, task, engine and loop. Creates nothing on disk.

    Raises `ConfigError` for what does not fit together and `DataError` for data that is not there.
    """
    device = choose_device(config)
    routed = route(config)
    with blaming(config, "data"):
        data = DATASETS.load(config.data.name)(**config.data.options)
    data = _on_device(data, device)
    task = build_task(config, routed, data, device)
    loop = _loop(config, routed, data, task, device, emit)
    batches = partial(
        evaluation_batches,
        batch_size=EVALUATION_BATCH,
        device=device,
        normalize=data.normalize,
        channels_last=config.fit.channels_last,
    )
    test = partial(batches, data.test) if len(data.test) else None
    return Assembly(config, device, data, task, loop, test, partial(_indices, config, data))


@contextmanager
def blaming(config: RunConfig, section: str) -> Iterator[None]:
    """Turns a component's `OptionError` into a `ConfigError` at the option's place in the config."""
    try:
        yield
    except OptionError as error:
        key = error.option if "." in error.option else f"{section}.{error.option}"
        raise complaint(config, key, f"'{key}': {error.message}.", error.hint) from error


def complaint(config: RunConfig, key: str, message: str, hint: str = "") -> ConfigError:
    """A `ConfigError` that points at `key`, or at the nearest enclosing key that was written."""
    return ConfigError(Problem(message, config.locate(key), hint))


def choose_device(config: RunConfig) -> torch.device:
    """The device that `fit.device` asks for; `auto` takes an accelerator where there is one."""
    wanted = config.fit.device
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        wanted = next(name for name, there in available.items() if there)
    kind, _, index = wanted.partition(":")
    if not available[kind] or (index and int(index) >= torch.cuda.device_count()):
        raise complaint(
            config, "fit.device", f"'fit.device': there is no {wanted} here", "Use auto or cpu."
        )
    if config.fit.precision == "fp16" and kind == "cpu":
        raise complaint(
            config,
            "fit.precision",
            "'fit.precision' fp16 needs an accelerator, and "
            f"'fit.device' is {config.fit.device}, here the cpu",
            "Use bf16 or fp32.",
        )
    return torch.device(wanted)


def build_task(config: RunConfig, routed: Routed, data: Data, device: torch.device) -> Task:
    """The network, its loss, and the task that holds them; weights depend on `fit.seed` alone."""
    facts = data.facts
    activation = partial(_build, ACTIVATIONS, config.activation)
    torch.default_generator.manual_seed(mix(config.fit.seed, INITIALISATION))
    with blaming(config, "activation"):
        activation()  # an option that does not fit is the activation's, not the model's
    with blaming(config, "model"):
        model: nn.Module = MODELS.load(config.model.name)(facts, activation, **routed.model.options)
    if config.fit.channels_last:
        model = model.to(memory_format=torch.channels_last)
    with blaming(config, "loss"):
        loss = _loss(config, routed, data)
    task: Task = TASKS.load(TASK_OF[facts.target])(model.to(device), loss.to(device), facts)
    return task


def _loss(config: RunConfig, routed: Routed, data: Data) -> nn.Module:
    chosen = routed.loss or Component(DEFAULT_LOSSES[data.facts.target])
    takes = LOSSES[chosen.name].facts["takes"]
    if takes not in ("either", data.facts.target):
        fitting = [
            name
            for name in LOSSES.names()
            if LOSSES[name].facts["takes"] in ("either", data.facts.target)
        ]
        raise complaint(
            config,
            "loss",
            f"loss '{chosen.name}' takes class labels; data '{config.data.name}' yields values.",
            f"Use {', '.join(fitting)}.",
        )
    loss: nn.Module = _build(LOSSES, chosen)
    return loss


def _build(table: Any, component: Component, *handed: Any) -> Any:
    return table.load(component.name)(*handed, **component.options)


def _on_device(data: Data, device: torch.device) -> Data:
    """In-memory examples moved to an accelerator once, if they take at most 4 GiB there."""
    if device.type == "cpu":
        return data
    moved: dict[str, Any] = {"normalize": data.normalize and data.normalize.to(device)}
    for split in ("train", "validation", "test"):
        examples = getattr(data, split)
        if isinstance(examples, TensorExamples) and examples.inputs.nbytes <= MOST_BYTES_ON_DEVICE:
            moved[split] = examples.to(device)
    return replace(data, **moved)


def _loop(
    config: RunConfig,
    routed: Routed,
    data: Data,
    task: Task,
    device: torch.device,
    emit: Callable[[Event], None],
) -> Loop:
    fit = config.fit
    batches = steps_per_epoch(len(data.train), fit.batch_size)
    steps = Steps(
        per_epoch=-(-batches // fit.accumulate), total=-(-batches // fit.accumulate) * fit.epochs
    )
    engine = _engine(config, routed, task, steps, device)
    stopping = _stopping(config)
    monitor, direction = _monitor(config, stopping, data, task)
    plan = Plan(
        epochs=fit.epochs,
        steps_per_epoch=steps.per_epoch,
        seed=fit.seed,
        monitor=monitor,
        direction=direction,
        accumulate=fit.accumulate,
        log_every=config.logging.every,
        save_every_steps=config.checkpoints.every_steps,
        histograms=config.logging.histograms,
    )
    return Loop(task, engine, stopping, plan, _feed(config, routed, data, device), emit)


def _engine(
    config: RunConfig, routed: Routed, task: Task, steps: Steps, device: torch.device
) -> Engine:
    penalties = tuple(Penalty(**each) for each in routed.penalties)
    parts = {}
    for name, module in task.parts().items():
        with blaming(config, "optimizer"):
            optimizers = build_optimizers(
                OPTIMIZERS.load(routed.optimizer.name),
                routed.optimizer.options,
                module,
                weight_decay=routed.weight_decay,
            )
        with blaming(config, "schedule"):
            schedule: Schedule = _build(SCHEDULES, config.schedule, steps)
        parts[name] = Part(
            name, module, optimizers, schedule, penalties, routed.clip_norm, routed.clip_value
        )
    guard = Guard(device, immediate=must_check_at_once(device, parts))
    return Engine(parts, Precision(config.fit.precision, device), guard)


def _stopping(config: RunConfig) -> Stopping:
    if config.early_stopping is None:
        return Never()
    with blaming(config, "early_stopping"):
        stopping: Stopping = _build(STOPPING, config.early_stopping)
    return stopping


def _monitor(config: RunConfig, stopping: Stopping, data: Data, task: Task) -> tuple[str, Any]:
    """The judged score by its full name, and its direction, as the task declares it."""
    if not len(data.validation):
        if config.early_stopping is not None:
            raise complaint(
                config,
                "early_stopping",
                "'early_stopping' needs validation data, and 'data' sets none apart",
            )
        return "train/loss", "min"
    name = (stopping.monitor or task.monitor).removeprefix("validation/")
    if name not in task.metrics:
        raise complaint(
            config,
            "early_stopping.monitor",
            f"unknown monitor '{name}'.{did_you_mean(name, task.metrics)}",
        )
    direction = task.metrics[name]
    stopping.monitor = name  # so that its reasons name it
    with blaming(config, "early_stopping"):
        stopping.check(direction)
    return f"validation/{name}", direction


def _feed(config: RunConfig, routed: Routed, data: Data, device: torch.device) -> Feed:
    fit = config.fit
    augmentation = Augmentation(**routed.augmentation) if routed.augmentation else None
    if augmentation and len(data.facts.input_shape) != 3:
        raise complaint(
            config,
            "regularization.augmentation",
            "augmentation acts on images; data "
            f"'{config.data.name}' yields {data.facts.input_shape[0]} features",
        )
    shared: dict[str, Any] = {
        "device": device,
        "normalize": data.normalize,
        "channels_last": fit.channels_last,
    }

    def train(epoch: int, start: int) -> Iterator[Any]:
        return training_batches(
            data.train,
            seed=fit.seed,
            epoch=epoch,
            batch_size=fit.batch_size,
            start=start,
            augmentation=augmentation,
            **shared,
        )

    validation = partial(evaluation_batches, data.validation, batch_size=EVALUATION_BATCH, **shared)
    return Feed(train, validation if len(data.validation) else None)


def _indices(config: RunConfig, data: Data, step: int) -> list[int]:
    fit, n = config.fit, len(data.train)
    size = (n if fit.batch_size == "full" else fit.batch_size) * fit.accumulate
    per_epoch = -(-n // size)
    epoch, place = divmod(step - 1, per_epoch)
    indices: list[int] = permutation(fit.seed, epoch, n)[place * size : (place + 1) * size].tolist()
    return indices

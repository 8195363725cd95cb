"""What a config holds once it has been checked: sections of plain settings, and components.

A component's options are those of its signature (`dlkit.signatures`); the settings of the plain
sections are the fields of `Fit`, `Logging` and `Checkpoints`, read by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

from annotated_types import Ge, Predicate

from dlkit.catalog import (
    ACTIVATIONS,
    DATASETS,
    LOSSES,
    MODELS,
    OPTIMIZERS,
    REGULARIZERS,
    SCHEDULES,
    STOPPING,
)
from dlkit.config.document import Document
from dlkit.config.regularizers import Route
from dlkit.errors import Location
from dlkit.ranges import BatchSize, FolderPath, PositiveInt, Seed, Words
from dlkit.signatures import Option, Signature


def is_device(text: str) -> bool:
    """Whether `text` names a device as torch does, or is `auto`."""
    return re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,3})?", text) is not None


def is_run_name(text: str) -> bool:
    """Whether `text` can be part of a folder's name on any system."""
    return re.fullmatch(r"\w[\w.+-]{0,99}", text) is not None


Device = Annotated[str, Predicate(is_device), Words("auto, cpu, cuda, cuda:N or mps")]
RunName = Annotated[
    str,
    Predicate(is_run_name),
    Words("up to 100 letters, digits, '_', '.', '+' and '-', the first a letter, digit or '_'"),
]
Keep = Annotated[int, Ge(2), Words("an integer of at least 2")]
Determinism = Annotated[bool | Literal["warn"], Words("true, false or warn")]


@dataclass(frozen=True)
class Fit:
    """How the model is trained.

    `batch_size` may be `full`, all training examples at once. `accumulate` micro-batches of that
    size are summed into one update. `device: auto` is the first GPU, else the CPU. `deterministic`
    makes torch refuse operations whose result varies from run to run, or warn of them.
    """

    epochs: PositiveInt = 20
    batch_size: BatchSize = 64
    seed: Seed = 0
    device: Device = "auto"
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    accumulate: PositiveInt = 1
    threads: PositiveInt | None = None
    channels_last: bool = False
    deterministic: Determinism = False


@dataclass(frozen=True)
class Logging:
    """What is recorded, and where.

    `every` is the number of steps between two records of the training's means. Runs are written
    into `folder`: by default `runs` in the current folder; one that a config names is, as all its
    paths, relative to the config's own folder.
    """

    every: PositiveInt = 20
    tensorboard: bool = True
    histograms: bool = False
    graph: bool = False
    pictures: bool = True
    folder: FolderPath = "runs"


@dataclass(frozen=True)
class Checkpoints:
    """When the state is saved, and how many of the newest saves are kept beside the best."""

    every_epochs: PositiveInt = 1
    every_steps: PositiveInt | None = None
    keep: Keep = 2


SETTINGS: dict[str, type] = {"fit": Fit, "logging": Logging, "checkpoints": Checkpoints}
"""The sections of plain settings."""

COMPONENTS = {
    "data": DATASETS,
    "model": MODELS,
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "early_stopping": STOPPING,
}
"""The sections that name a component, and the table that they name it from."""

DEFAULT_NAMES = {"activation": "relu", "optimizer": "adam", "schedule": "constant"}
"""The component of a section that names none."""

DEFAULT_LOSSES = {"classes": "cross_entropy", "values": "mse"}
"""The loss of a config that names none, by what its data yield."""

SECTIONS = (
    *("name", "data", "model", "activation", "loss", "optimizer", "schedule"),
    *("regularization", "early_stopping", "fit", "logging", "checkpoints"),
)
"""All sections, as a resolved config lists them."""


@cache
def settings(section: str) -> Signature:
    """The settings of a plain section, as if they were a component's options."""
    kind = SETTINGS[section]
    hints = get_type_hints(kind, include_extras=True)
    options = (Option(each.name, hints[each.name], each.default) for each in fields(kind))
    return Signature(tuple(options), kind.__doc__ or "")


@dataclass(frozen=True, eq=False)
class Component:
    """A name of the catalogue and the `options` that were set; `defaults` are those of the rest."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def complete(self) -> dict[str, Any]:
        """Every option, in the order of the signature where that has a default."""
        return {**self.defaults, **self.options}

    def resolved(self) -> dict[str, Any]:
        """The name and every option, as plain data."""
        return {"name": self.name, **plain(self.complete())}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Component) and self.resolved() == other.resolved()

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """A checked config; `document` is the text that it came from.

    Without a loss, the task takes that of `DEFAULT_LOSSES`. `regularization` holds what is on, in
    the order of the text.
    """

    data: Component
    model: Component
    activation: Component
    optimizer: Component
    schedule: Component
    loss: Component | None = None
    regularization: Mapping[str, Component] = field(default_factory=dict)
    early_stopping: Component | None = None
    fit: Fit = field(default_factory=Fit)
    logging: Logging = field(default_factory=Logging)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    name: str = "run"
    document: Document = field(default_factory=Document, repr=False, compare=False)

    def locate(self, key: str) -> Location | None:
        """Where the value of a dotted key was written, else the nearest enclosing key, if any."""
        return self.document.value(tuple(key.split(".")))

    def source_of(self, key: str) -> str:
        """What set the value of a dotted key: `file`, `--set` or `default`."""
        place = self.document.values.get(tuple(key.split(".")))
        return "default" if place is None else "--set" if place.file == "--set" else "file"

    def loss_name(self) -> str | None:
        """The loss, also where it is the default; None if only the loaded data can tell that."""
        if self.loss:
            return self.loss.name
        return DEFAULT_LOSSES.get(DATASETS[self.data.name].facts["yields"])

    def routes(self) -> dict[str, Route]:
        """Where each regularizer acts, by its name."""
        return {
            name: REGULARIZERS.load(name)(**component.options)
            for name, component in self.regularization.items()
        }

    def resolved(self) -> dict[str, Any]:
        """The whole config as plain data, all defaults filled in, all paths absolute.

        Loading it gives an equal config. So an option is left out where a regularizer sets it:
        nothing may be set in two places.
        """
        taken = {(r.section, option) for r in self.routes().values() for option in r.options}
        whole: dict[str, Any] = {"name": self.name}
        for section in SECTIONS[1:]:
            value = getattr(self, section)
            options = _resolved(value)
            if isinstance(value, Component):
                options = {k: v for k, v in options.items() if (section, k) not in taken}
            whole[section] = options
        return whole


def _resolved(value: Any) -> Any:
    """A section as plain data."""
    if value is None:
        return None
    if isinstance(value, Component):
        return value.resolved()
    if isinstance(value, Mapping):
        return {name: plain(component.complete()) for name, component in value.items()}
    return {each.name: getattr(value, each.name) for each in fields(value)}


def plain(value: Any) -> Any:
    """Tuples as lists, mappings as dict, at every depth."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value

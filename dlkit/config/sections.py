"""The sections of plain settings: how a run trains, what it records, when it saves.

Each is a dataclass whose fields are read by the same rules as the options of a component.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Literal, get_type_hints

from annotated_types import Ge, Predicate

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
    """How the model is trained."""

    epochs: PositiveInt = 20
    """Passes over the training examples."""
    batch_size: BatchSize = 64
    """Examples of which one gradient is the mean; `full` is all of them."""
    seed: Seed = 0
    """Decides the initial weights, the order of the examples, augmentation and dropout."""
    device: Device = "auto"
    """Where tensors live; `auto` is an accelerator where there is one, else the CPU."""
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    """Number format of the forward pass (Micikevicius et al. 2018, arXiv:1710.03740)."""
    accumulate: PositiveInt = 1
    """Batches whose gradients are summed into one update, as if they were one larger batch."""
    threads: PositiveInt | None = None
    """CPU threads of one operation; null leaves torch's choice."""
    channels_last: bool = False
    """Whether images lie in memory pixel by pixel, which some GPUs convolve faster."""
    deterministic: Determinism = False
    """Whether operations that vary from run to run are refused, or only warned of."""


@dataclass(frozen=True)
class Logging:
    """What is recorded, and where."""

    every: PositiveInt = 20
    """Steps between two records of the losses' means."""
    tensorboard: bool = True
    """Whether TensorBoard's files are written."""
    histograms: bool = False
    """Whether the spread of weights and gradients is recorded each epoch."""
    graph: bool = False
    """Whether TensorBoard gets the model's graph."""
    pictures: bool = True
    """Whether pictures worth showing are saved."""
    folder: FolderPath = "runs"
    """Where run folders are made. The default is in the current folder; a path that a config names
    is, as all its paths, relative to the config's own folder."""


@dataclass(frozen=True)
class Checkpoints:
    """When the state of the training is saved."""

    every_epochs: PositiveInt = 1
    """Epochs between two saves."""
    every_steps: PositiveInt | None = None
    """Steps between two saves within an epoch; null for none."""
    keep: Keep = 2
    """How many of the newest saves are kept, beside the best one."""


SETTINGS: dict[str, type] = {"fit": Fit, "logging": Logging, "checkpoints": Checkpoints}
"""Every section of plain settings."""


@cache
def settings(section: str) -> Signature:
    """The settings of a section, as if they were a component's options."""
    kind = SETTINGS[section]
    hints = get_type_hints(kind, include_extras=True)
    options = (Option(each.name, hints[each.name], each.default) for each in fields(kind))
    return Signature(tuple(options), kind.__doc__ or "")

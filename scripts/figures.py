"""The figures of docs/results.md: which config is trained, with which seeds, and what is to be reached.

`{files}` in an override stands for the folder that `reproduce.py --files` names; what it must hold is
said in docs/results.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """A config, what is set besides, and what to reach: `{"accuracy": ">= 0.97"}` by test score."""

    config: str
    title: str
    goals: Mapping[str, str]
    overrides: Sequence[str] = ()
    splits: bool = False
    """Whether the seed also chooses the split."""
    within: str = ""
    """A bound on the time of a run, in words."""
    files: bool = False
    """Whether it needs a folder of files that dlkit does not bring."""
    group: str = "families"
    """`core`: the first figures, measured when none is named; `fashion`: long ones."""
    rivals: Sequence[str] = field(default=())
    """Which of the rivals that a run reports are worth a column; none: all."""


CORE: Mapping[str, Figure] = {
    "digits-random": Figure(
        "cnn_digits", "digits, random 80/20", {"accuracy": ">= 0.985"}, splits=True, group="core"
    ),
    "digits-writers": Figure(
        "cnn_digits",
        "digits, other writers",
        {"accuracy": ">= 0.98"},
        ["data.split=writers"],
        splits=True,
        group="core",
    ),
    "digits-mlp": Figure(
        "mlp_digits", "digits, random 80/20", {"accuracy": ">= 0.975"}, splits=True, group="core"
    ),
    "diabetes": Figure(
        "mlp_diabetes", "diabetes", {"rmse": "<= 1.02 ridge"}, splits=True, group="core"
    ),
    "fashion-bf16": Figure(
        "resnet_fashion_mnist",
        "Fashion-MNIST, bf16",
        {"accuracy": ">= 0.93"},
        within="15 min",
        group="fashion",
    ),
    "fashion-fp32": Figure(
        "resnet_fashion_mnist",
        "Fashion-MNIST, fp32",
        {"accuracy": ">= 0.93"},
        ["fit.precision=fp32"],
        within="40 min",
        group="fashion",
    ),
}

FAMILIES: Mapping[str, Figure] = {}

TABLE: Mapping[str, Figure] = {**CORE, **FAMILIES}

"""Small tasks that train in a moment."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from dlkit.comparing.plan import Plan, Task
from dlkit.comparing.presets import DIGITS_CNN, DIGITS_MLP
from dlkit.comparing.problem import Problem

TINY = replace(DIGITS_MLP, name="tiny", epochs=1, evaluations=4, batch_size=128)


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """Whoever prepares a worker in this process leaves no trace."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(scope="session")
def tiny() -> Task:
    """Nine updates of the small perceptron on digits."""
    return TINY


@pytest.fixture(scope="session")
def tiny_plan() -> Plan:
    """Three rules, three rates, two seeds of either kind."""
    return Plan(
        "tiny", (TINY,), ("sgd", "adam", "lion"), rates=3, tuning_seeds=2, reporting_seeds=2,
        most_extensions=1, timed_updates=4,
    )  # fmt: skip


@pytest.fixture(scope="session")
def exact() -> Problem:
    """The tiny task in float64."""
    return Problem(TINY, dtype=torch.float64)


@pytest.fixture(scope="session")
def exact_cnn() -> Problem:
    """A few updates of a small convolutional network in float64."""
    task = replace(DIGITS_CNN, name="tiny-cnn", epochs=1, evaluations=2, batch_size=256)
    return Problem(task, dtype=torch.float64)

"""The optimizers' forms that a run beside `torch.optim` can't compare: NAG's path, and Lion."""

import math
from itertools import pairwise

import pytest
import torch

from dlkit.dictionary.forms import optimizers


def gradient(w: float) -> float:
    """Of `1.5 w^2 + cos w`."""
    return 3 * w - math.sin(w)


def test_nag_looks_ahead_to_torchs_parameter():
    """torch's parameter under Nesterov momentum is `w + a v`, where the form takes its gradient."""
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.01, momentum=0.9, nesterov=True)
    path = [1.0, *optimizers.nag(gradient, 1.0, 20)]
    for before, after in pairwise(path):
        optimizer.zero_grad()
        (1.5 * w * w + w.cos()).sum().backward()
        optimizer.step()
        assert w.item() == pytest.approx(after + 0.9 * (after - before), abs=1e-12)


def test_nag_at_the_point_ahead_is_that_of_nag():
    """The two ways to write NAG give one path, seen from two points."""
    path = [1.0, *optimizers.nag(gradient, 1.0, 20)]
    ahead = optimizers.nag_at_the_point_ahead(gradient, 1.0, 20)
    moved = [w + 0.9 * (w - before) for before, w in pairwise(path)]
    assert ahead == pytest.approx(moved, abs=1e-12)


def test_lion_is_the_optimizer_of_the_program():
    """20 steps on one parameter, with decay, are those of `dlkit.optim.lion`."""
    lion = pytest.importorskip("dlkit.optim.lion")
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = lion.Lion([{"params": [w]}], lr=0.1, betas=(0.9, 0.99), weight_decay=0.02)
    for expected in optimizers.lion(gradient, 1.0, 20, learning_rate=0.1, weight_decay=0.02):
        optimizer.zero_grad()
        (1.5 * w * w + w.cos()).sum().backward()
        optimizer.step()
        assert w.item() == pytest.approx(expected, abs=1e-12)


def test_lion_moves_by_the_rate():
    """Without decay every step has the size of the learning rate, or is none at gradient 0."""
    path = [0.37, *optimizers.lion(gradient, 0.37, 30, learning_rate=0.01)]
    assert {round(abs(b - a), 12) for a, b in pairwise(path)} == {0.01}
    assert optimizers.lion(lambda w: 0.0, 1.0, 3) == [1.0, 1.0, 1.0]

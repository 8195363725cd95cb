"""Learning rates by step are those of torch's schedulers."""

from collections.abc import Callable

import pytest
import torch
from torch.optim import SGD, lr_scheduler

from dlkit.dictionary.forms import descent


def rates(make: Callable[..., lr_scheduler.LRScheduler], steps: int) -> list[float]:
    """The rate of each step under one of torch's schedulers, from a base of 0.4."""
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
    scheduler, found = make(optimizer), []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_the_cosine_is_torchs():
    """`CosineAnnealingLR` down to 0."""
    expected = rates(lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 50), 50)
    assert [descent.cosine_rate(t, total=50, base=0.4) for t in range(50)] == pytest.approx(
        expected
    )


def test_the_steps_are_torchs():
    """`StepLR`, a tenth after every 10 steps."""
    expected = rates(lambda optimizer: lr_scheduler.StepLR(optimizer, 10), 35)
    assert [descent.stepped_rate(t, every=10, base=0.4) for t in range(35)] == pytest.approx(
        expected
    )


def test_the_warm_up_is_torchs():
    """`LinearLR` from a fifth of the rate, over 4 further steps."""
    expected = rates(lambda o: lr_scheduler.LinearLR(o, 0.2, total_iters=4), 10)
    assert [descent.warmed_rate(t, warmup=5, base=0.4) for t in range(10)] == pytest.approx(
        expected
    )

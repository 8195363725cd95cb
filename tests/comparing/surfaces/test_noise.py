"""The noisy runs are those of a linear model on real data, gradient by gradient."""

import pytest
import torch

from dlkit.comparing.surfaces import noise
from dlkit.comparing.surfaces.record import Noise
from dlkit.data.diabetes import diabetes
from dlkit.data.randomness import permutation


@pytest.fixture(scope="module")
def real() -> Noise:
    return noise.measure(["sgd"])


@pytest.fixture(scope="module")
def examples() -> tuple[torch.Tensor, torch.Tensor]:
    train = diabetes().train
    inputs, targets = train.fetch(torch.arange(len(train)))
    return inputs[:, noise.COLUMNS].double(), targets.double()


def half_mse(w: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return 0.5 * torch.nn.functional.mse_loss(inputs @ w[:, None], targets)


def test_the_excess_is_the_loss_above_its_lowest_value(
    real: Noise, examples: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """At any weights, the recorded quadratic is the real loss less that of least squares."""
    best = torch.linalg.lstsq(*examples).solution[:, 0]
    assert real.minimum == pytest.approx(best.tolist())
    for w in ([0.0, 0.0], [-1.0, 1.6]):
        there = half_mse(torch.tensor(w, dtype=torch.float64), *examples)
        assert real.excess(*w) == pytest.approx(float(there - half_mse(best, *examples)))


def test_the_valley_lies_across_both_axes(real: Noise) -> None:
    """Two standardised inputs have equal curvatures: the long axis is at 45 degrees."""
    (a, b), (_, c) = real.hessian
    assert a == pytest.approx(c)
    assert real.condition == pytest.approx((a + b) / (a - b), abs=0.01)


@pytest.mark.parametrize("size", [32, 1])
def test_a_noisy_path_is_that_of_autograd_on_the_same_batches(
    real: Noise, examples: tuple[torch.Tensor, torch.Tensor], size: int
) -> None:
    """Epoch after epoch in the seeded order, a rest of a batch included: every update agrees."""
    inputs, targets = examples
    trial = next(trial for trial in real.trials if trial.batch == size)
    batches = (
        rows
        for epoch in range(real.steps)
        for rows in permutation(real.seed, epoch, len(inputs)).split(size)
    )
    w = torch.tensor(real.start, dtype=torch.float64, requires_grad=True)
    for point in trial.path[1:]:
        rows = next(batches)
        (gradient,) = torch.autograd.grad(half_mse(w, inputs[rows], targets[rows]), w)
        w = (w - trial.rate * gradient).detach().requires_grad_()
        assert point == pytest.approx(w.tolist(), abs=1e-8)


def test_smaller_batches_end_farther_from_the_minimum(real: Noise) -> None:
    """At the best rate of each size, noise leaves an excess: none, a little, more."""
    excess = {trial.batch: trial.excess for trial in real.trials}
    assert excess[real.examples] < 1e-9 < excess[32] < excess[1]

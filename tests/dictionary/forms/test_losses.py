"""The Python forms of losses that torch has no function of the same arguments for."""

import pytest
import torch
from sklearn.metrics import hinge_loss
from torch.nn.functional import kl_div, l1_loss, multi_margin_loss

from dlkit.dictionary.forms import losses

SCORES = [[0.3, -1.2, 0.9], [2.0, 0.1, -0.4], [-0.5, 1.5, 1.4]]


@pytest.mark.parametrize("outputs", SCORES)
def test_l1(outputs: list[float]) -> None:
    """The mean absolute error is torch's."""
    targets = [1.0, 0.0, -2.0]
    expected = l1_loss(*torch.tensor([outputs, targets], dtype=torch.float64))
    assert losses.l1(outputs, targets) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("true", [0, 1, 2])
@pytest.mark.parametrize("scores", SCORES)
def test_hinge(scores: list[float], true: int) -> None:
    """Crammer-Singer as scikit-learn has it for one example of three classes."""
    expected = hinge_loss([true], [scores], labels=[0, 1, 2])
    assert losses.hinge(scores, true) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("true", [0, 1, 2])
@pytest.mark.parametrize("scores", SCORES)
def test_hinge_weston_watkins(scores: list[float], true: int) -> None:
    """Weston-Watkins, divided by the number of classes, is torch's multi-margin loss."""
    row = torch.tensor([scores], dtype=torch.float64)  # (1, 3)
    expected = float(multi_margin_loss(row, torch.tensor([true])))
    assert losses.hinge_weston_watkins(scores, true) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("scores", SCORES)
def test_hinge_one_vs_rest(scores: list[float]) -> None:
    """One-vs-rest is the sum of the binary hinge losses, of which scikit-learn gives the mean."""
    targets = [1.0, -1.0, -1.0]
    expected = 3 * hinge_loss(targets, scores)
    assert losses.hinge_one_vs_rest(scores, targets) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 1.0])
def test_epsilon_insensitive(epsilon: float) -> None:
    """Errors up to epsilon cost nothing, larger ones what is above it."""
    outputs, targets = [0.5, 2.05, -3.0], [2.0, 2.0, -1.0]
    y, t = torch.tensor([outputs, targets], dtype=torch.float64)  # (3,) each
    beyond = (y - t).abs() - epsilon
    expected = float(beyond.clamp(min=0).mean())
    found = losses.epsilon_insensitive(outputs, targets, epsilon=epsilon)
    assert found == pytest.approx(expected, abs=1e-12)


def test_kl_divergence() -> None:
    """It is torch's kl_div, which takes the logarithm of the prediction and swaps the arguments."""
    target, predicted = [0.7, 0.3, 0.0], [0.2, 0.5, 0.3]
    log_predicted = torch.tensor(predicted, dtype=torch.float64).log()
    expected = kl_div(log_predicted, torch.tensor(target, dtype=torch.float64), reduction="sum")
    assert losses.kl_divergence(target, predicted) == pytest.approx(float(expected), abs=1e-12)

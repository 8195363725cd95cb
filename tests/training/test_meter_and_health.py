"""Means over windows of steps, and what a run warns of."""

import pytest
import torch

from dlkit.training.health import Health
from dlkit.training.meter import Meter


def test_steps_count_by_their_examples() -> None:
    """A last batch of 1 weighs a quarter of one of 4."""
    meter = Meter()
    meter.add({"loss": torch.tensor(2.0)}, 4)
    meter.add({"loss": torch.tensor(7.0)}, 1)
    assert meter.read() == {"loss": 3.0}


def test_an_epoch_spans_the_windows_that_were_read() -> None:
    """`read` starts a window anew; `close` gives the mean over all of them."""
    meter = Meter()
    meter.add({"loss": torch.tensor(1.0)}, 1)
    meter.read()
    meter.add({"loss": torch.tensor(3.0)}, 1)
    assert meter.close() == {"loss": 2.0}
    assert meter.close() == {}


def test_a_restored_meter_goes_on_exactly() -> None:
    """Saved in the middle of a window, both windows come out bit for bit."""
    one, other = Meter(), Meter()
    for value in (0.1, 0.2, 0.3):
        one.add({"loss": torch.tensor(value)}, 3)
    other.restore(one.state())
    for meter in (one, other):
        meter.add({"loss": torch.tensor(0.7)}, 2)
    assert one.read() == other.read()
    assert one.close() == other.close()


def test_exploding_gradients_are_said_once() -> None:
    """A norm above 10,000 times the median warns, with both numbers, and not again."""
    health = Health()
    for step in range(1, 6):
        assert health.complaints({"gradient_norm": 1.0, "loss": 1.0}, step) == []
    words = health.complaints({"gradient_norm": 20_000.0, "loss": 1.0}, 6)
    assert words == [
        "the gradient norm at step 6 is 2e+04, 20000 times its usual 1: gradients explode. Bound them "
        "with regularization.clip_norm, or lower optimizer.learning_rate."
    ]
    assert health.complaints({"gradient_norm": 30_000.0, "loss": 1.0}, 7) == []


@pytest.mark.parametrize("loss", [0.0, 1e-30])
def test_a_loss_of_exactly_nothing_is_said(loss: float) -> None:
    """Zero means that there is nothing to learn; a tiny loss does not."""
    words = Health().complaints({"loss": loss}, 20)
    assert bool(words) == (loss == 0.0)

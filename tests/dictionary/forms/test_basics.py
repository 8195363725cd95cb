"""The forms of the basics give what torch gives."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from dlkit.dictionary.forms import basics

GRADIENT = [3.0, -4.0, 0.5]


def double(values: list) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def clipped(how, limit: float) -> list[float]:
    """The gradient after torch's own clipping."""
    w = torch.zeros(len(GRADIENT), dtype=torch.float64, requires_grad=True)
    w.grad = double(GRADIENT)
    how([w], limit)
    return w.grad.tolist()


def test_a_neuron_is_a_linear_layer_of_one_output():
    """The form with tanh is tanh of `F.linear`."""
    x, w, b = [0.5, -2.0, 1.0], [0.3, 0.1, -0.7], 0.2
    expected = torch.tanh(F.linear(double(x), double([w]), double([b])))
    assert basics.neuron(x, w, b) == pytest.approx(expected.item())


def test_batch_normalization_is_torchs():
    """One feature in training mode, with scale and shift."""
    values = [1.0, 4.0, -2.0, 0.5]
    expected = F.batch_norm(
        double(values)[:, None], None, None, double([2.0]), double([3.0]), training=True
    )
    assert basics.batch_normalised(values, scale=2.0, shift=3.0) == pytest.approx(
        expected[:, 0].tolist()
    )


def test_dropout_is_torchs_for_the_same_units():
    """torch's outputs are the form's for the units that torch kept."""
    values = torch.arange(1.0, 21.0, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        expected = F.dropout(values, 0.3)
    kept = (expected != 0).double().tolist()
    assert 0 < sum(kept) < 20
    assert basics.dropped(values.tolist(), kept, p=0.3) == pytest.approx(expected.tolist())


def test_l2_is_the_squared_norm():
    """The sum of squares is the square of torch's 2-norm."""
    assert basics.l2(GRADIENT) == pytest.approx(
        torch.linalg.vector_norm(double(GRADIENT)).item() ** 2
    )


@pytest.mark.parametrize("limit", [1.0, 100.0])
def test_clipping_by_norm_is_torchs(limit):
    """A long gradient is shortened and a short one left, as `clip_grad_norm_` does."""
    expected = clipped(torch.nn.utils.clip_grad_norm_, limit)
    assert basics.clipped_by_norm(GRADIENT, limit=limit) == pytest.approx(expected, rel=1e-5)


def test_clipping_by_value_is_torchs():
    """Entries are cut as `clip_grad_value_` cuts them."""
    expected = clipped(torch.nn.utils.clip_grad_value_, 1.0)
    assert basics.clipped_by_value(GRADIENT, limit=1.0) == expected


def test_a_gradient_of_nothing_stays_nothing():
    """Clipping by norm divides by no length of 0."""
    assert basics.clipped_by_norm([0.0, 0.0]) == [0.0, 0.0]

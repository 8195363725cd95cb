"""The forms of architectures and detection against torch, torchvision and scikit-learn."""

from __future__ import annotations

import math
import random

import pytest
import torch
from torch.nn.functional import binary_cross_entropy

from dlkit.dictionary.forms import architecture as forms


def _numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _boxes(count: int, seed: int = 0) -> list[list[float]]:
    draw = random.Random(seed)
    corners = [(draw.uniform(0, 10), draw.uniform(0, 10)) for _ in range(count)]
    return [[x, y, x + draw.uniform(1, 8), y + draw.uniform(1, 8)] for x, y in corners]


def test_rnn_step_is_the_cell_of_pytorch() -> None:
    """One step with PyTorch's weights gives PyTorch's state."""
    x, h, w, u, b = _numbers(3), _numbers(4), _numbers(4, 3), _numbers(4, 4), _numbers(4)
    expected = torch.rnn_tanh_cell(x[None], h[None], w, u, b, torch.zeros_like(b))[0]
    found = forms.rnn_step(x.tolist(), h.tolist(), w.tolist(), u.tolist(), b.tolist())
    assert found == pytest.approx(expected.tolist(), abs=1e-12)


def test_lstm_step_is_the_cell_of_pytorch() -> None:
    """State and cell after one step are PyTorch's, for weights in PyTorch's order of the gates."""
    x, h, c = _numbers(3), _numbers(4), _numbers(4, seed=1)
    w, u, b = _numbers(16, 3), _numbers(16, 4), _numbers(16)
    state, cell = torch.lstm_cell(x[None], (h[None], c[None]), w, u, b, torch.zeros_like(b))
    found_state, found_cell = forms.lstm_step(
        x.tolist(), h.tolist(), c.tolist(), w=w.tolist(), u=u.tolist(), b=b.tolist()
    )
    assert found_state == pytest.approx(state[0].tolist(), abs=1e-12)
    assert found_cell == pytest.approx(cell[0].tolist(), abs=1e-12)


def test_gaussian_divergence_is_that_of_torch() -> None:
    """The closed form equals torch's divergence of normal distributions, summed."""
    mean, log_variance = _numbers(5), _numbers(5, seed=1)
    q = torch.distributions.Normal(mean, (log_variance / 2).exp())
    p = torch.distributions.Normal(torch.zeros(5), torch.ones(5))
    expected = torch.distributions.kl_divergence(q, p).sum()
    found = forms.gaussian_divergence(mean.tolist(), log_variance.tolist())
    assert found == pytest.approx(float(expected), abs=1e-12)


def test_elbo_of_the_posterior_is_the_evidence() -> None:
    """For z ~ N(0, 1) and x ~ N(z, 1) the bound at the posterior N(x/2, 1/2) is log N(x; 0, 2)."""
    x = 0.7
    fit = -((x / 2) ** 2 + 0.5 + math.log(2 * math.pi)) / 2
    bound = forms.elbo(fit, [x / 2], [math.log(0.5)])
    assert bound == pytest.approx(-(x**2 / 2 + math.log(2 * math.pi * 2)) / 2, abs=1e-12)
    wider = fit - (1 - 0.5) / 2
    assert forms.elbo(wider, [x / 2], [0.0]) < bound


def test_gan_value_is_minus_binary_cross_entropy() -> None:
    """The value of the game is minus the discriminator's two cross-entropies; -2 log 2 if blind."""
    real, fake = _numbers(6).sigmoid(), _numbers(6, seed=1).sigmoid()
    losses = [
        binary_cross_entropy(real, torch.ones_like(real)),
        binary_cross_entropy(fake, torch.zeros_like(fake)),
    ]
    found = forms.gan_value(real.tolist(), fake.tolist())
    assert found == pytest.approx(-float(sum(losses)), abs=1e-12)
    assert forms.gan_value([0.5], [0.5]) == pytest.approx(-2 * math.log(2))


def test_iou_is_that_of_torchvision() -> None:
    """Random pairs of boxes, overlapping and apart."""
    from torchvision.ops import box_iou

    left, right = _boxes(20), _boxes(20, seed=1)
    expected = box_iou(
        torch.tensor(left, dtype=torch.float64), torch.tensor(right, dtype=torch.float64)
    )
    found = [[forms.iou(a, b) for b in right] for a in left]
    assert torch.allclose(torch.tensor(found, dtype=torch.float64), expected, atol=1e-12)
    assert 0 < (expected == 0).sum() < expected.numel()


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.9])
def test_nms_is_that_of_torchvision(threshold: float) -> None:
    """The same boxes are kept, in the same order."""
    from torchvision.ops import nms

    boxes = _boxes(60)
    scores = torch.rand(60, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = nms(torch.tensor(boxes, dtype=torch.float64), scores, threshold)
    assert forms.nms(boxes, scores.tolist(), threshold) == expected.tolist()


def test_average_precision_against_scikit_learn() -> None:
    """Equal to scikit-learn's where precision only falls; else the envelope makes it larger."""
    from sklearn.metrics import average_precision_score

    scores = [0.9, 0.8, 0.7, 0.6, 0.5]
    for hits in ([1, 1, 0, 0, 0], [1, 1, 1, 1, 0]):
        expected = average_precision_score(hits, scores)
        assert forms.average_precision(hits, sum(hits)) == pytest.approx(expected)
    hits = [0, 1, 1, 0, 1]
    assert forms.average_precision(hits, 3) > average_precision_score(hits, scores)
    assert forms.average_precision(hits, 3) == pytest.approx((2 * 2 / 3 + 3 / 5) / 3)
    assert forms.average_precision([1], 2) == pytest.approx(0.5)


def test_frechet_distance_of_independent_features() -> None:
    """With diagonal covariances the general formula gives the sum over the features."""
    means, variances = _numbers(2, 6), _numbers(2, 6, seed=1).exp()
    root = torch.linalg.eigvals(torch.diag(variances[0]) @ torch.diag(variances[1])).real.sqrt()
    expected = (means[0] - means[1]).square().sum() + variances.sum() - 2 * root.sum()
    found = forms.frechet_distance(
        means[0].tolist(), variances[0].tolist(), means[1].tolist(), variances[1].tolist()
    )
    assert found == pytest.approx(float(expected), abs=1e-12)


def test_yolo_target_and_box_are_inverse() -> None:
    """The cell holds the centre, its prediction means the box; edges belong to the last cell."""
    assert forms.yolo_target([0.5, 0.1, 0.2, 0.3], 7)[:2] == (0, 3)
    assert forms.yolo_target([1.0, 1.0, 0.2, 0.3], 7)[:2] == (6, 6)
    for box in ([0.5, 0.1, 0.2, 0.3], [0.99, 0.01, 1.0, 0.5]):
        assert forms.yolo_box(*forms.yolo_target(box, 7), 7) == pytest.approx(box, abs=1e-12)

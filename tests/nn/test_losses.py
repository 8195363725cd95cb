"""Losses: equal to torch, scikit-learn or their closed form, for classes and for values."""

import math

import pytest
import torch
from sklearn import metrics
from torch import nn
from torch.func import vmap
from torch.nn import functional

from dlkit.catalog import LOSSES
from dlkit.nn import losses

CLASSES = torch.tensor([0, 3, 1, 1, 2, 0])
OUTPUTS = 2 * torch.randn(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
VALUES = torch.randn(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
ONE_HOT = functional.one_hot(CLASSES, 4).double()

OF_OUTPUTS = [name for name in LOSSES.names() if LOSSES[name].facts["takes"] != "adversarial"]
ELEMENTWISE = {
    "mse": (losses.mse(), lambda e: e**2),
    "half_mse": (losses.half_mse(), lambda e: e**2 / 2),
    "l1": (losses.l1(), torch.abs),
    "huber": (losses.huber(), lambda e: torch.where(e.abs() <= 1, e**2 / 2, e.abs() - 0.5)),
    "huber, delta 0.3": (
        losses.huber(delta=0.3),
        lambda e: torch.where(e.abs() <= 0.3, e**2 / 2, 0.3 * (e.abs() - 0.15)),
    ),
    "epsilon_insensitive": (
        losses.epsilon_insensitive(),
        lambda e: (e.abs() - 0.1).clamp(min=0),
    ),
    "epsilon_insensitive, epsilon 1": (
        losses.epsilon_insensitive(epsilon=1.0),
        lambda e: (e.abs() - 1).clamp(min=0),
    ),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_losses_are_means_over_all_elements(name):
    """A loss of values is the mean of its closed form over examples and outputs."""
    loss, closed_form = ELEMENTWISE[name]

    torch.testing.assert_close(loss(OUTPUTS, VALUES), closed_form(OUTPUTS - VALUES).mean())


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_classes_are_one_hot_values(name):
    """A class index is the same target as its one-hot row."""
    loss, _ = ELEMENTWISE[name]

    assert loss(OUTPUTS, CLASSES) == loss(OUTPUTS, ONE_HOT)


def test_mse_l1_and_huber_are_torch_s():
    """MSE, L1 and Huber are exactly torch's losses."""
    assert losses.mse()(OUTPUTS, VALUES) == nn.MSELoss()(OUTPUTS, VALUES)
    assert losses.l1()(OUTPUTS, VALUES) == nn.L1Loss()(OUTPUTS, VALUES)
    assert losses.huber(delta=0.5)(OUTPUTS, VALUES) == nn.HuberLoss(delta=0.5)(OUTPUTS, VALUES)


def test_mse_is_scikit_learn_s():
    """MSE is scikit-learn's mean squared error, without the half that B28 found in the source."""
    expected = metrics.mean_squared_error(VALUES, OUTPUTS)

    assert losses.mse()(OUTPUTS, VALUES).item() == pytest.approx(expected)
    assert losses.half_mse()(OUTPUTS, VALUES).item() == pytest.approx(expected / 2)


def test_half_mse_has_the_gradient_of_a_normal_likelihood():
    """Half MSE and the negative log-likelihood under unit normal noise have one gradient (C38)."""
    outputs = OUTPUTS.clone().requires_grad_()
    likelihood = nn.GaussianNLLLoss()(outputs, VALUES, torch.ones_like(VALUES))

    (expected,) = torch.autograd.grad(likelihood, outputs)
    (gradient,) = torch.autograd.grad(losses.half_mse()(outputs, VALUES), outputs)

    torch.testing.assert_close(gradient, expected)
    torch.testing.assert_close(gradient, (OUTPUTS - VALUES) / OUTPUTS.numel())


def test_epsilon_insensitive_is_about_errors_not_products():
    """A perfect prediction costs nothing and an error of 1.5 costs 1.4 (C42, B35)."""
    loss = losses.epsilon_insensitive(epsilon=0.1)

    assert loss(torch.tensor([[2.0]]), torch.tensor([[2.0]])) == 0
    assert loss(torch.tensor([[0.5]]), torch.tensor([[2.0]])).item() == pytest.approx(1.4)


def test_cross_entropy_is_torch_s_and_scikit_learn_s():
    """Cross-entropy on logits is torch's, and scikit-learn's log loss of their softmax."""
    value = losses.cross_entropy()(OUTPUTS, CLASSES)

    assert value == nn.CrossEntropyLoss()(OUTPUTS, CLASSES)
    probabilities = OUTPUTS.softmax(1).numpy()
    assert value.item() == pytest.approx(metrics.log_loss(CLASSES, probabilities))


def test_label_smoothing_mixes_the_target_with_the_uniform_distribution():
    """Smoothing by a is cross-entropy against (1 - a) one-hot + a / K."""
    mixed = 0.7 * ONE_HOT + 0.3 / 4

    smoothed = losses.cross_entropy(label_smoothing=0.3)(OUTPUTS, CLASSES)

    torch.testing.assert_close(smoothed, losses.cross_entropy()(OUTPUTS, mixed))


def test_cross_entropy_is_entropy_plus_divergence():
    """H(t, y) = H(t) + KL(t || y), and is least, H(t) and not 0, where y = t (C39, B30)."""
    truth = VALUES.softmax(1)
    entropy = -(truth * truth.log()).sum(1).mean()
    divergence = functional.kl_div(OUTPUTS.log_softmax(1), truth, reduction="batchmean")
    loss = losses.cross_entropy()

    torch.testing.assert_close(loss(OUTPUTS, truth), entropy + divergence)
    torch.testing.assert_close(loss(truth.log(), truth), entropy)


@pytest.mark.parametrize(("classes", "floor"), [(10, 1.4612), (2, 0.3133)])
def test_softmax_before_cross_entropy_leaves_a_floor(classes, floor):
    """Perfect probabilities handed in as logits still cost ln((e + K - 1) / e) (C40)."""
    targets = torch.arange(classes)
    perfect = torch.eye(classes, dtype=torch.float64)

    value = losses.cross_entropy()(perfect, targets).item()

    assert value == pytest.approx(math.log((math.e + classes - 1) / math.e))
    assert value == pytest.approx(floor, abs=5e-5)


def test_binary_cross_entropy_is_torch_s_on_one_hot_targets():
    """Each class is a yes/no question; given probabilities are taken as they are."""
    reference = nn.BCEWithLogitsLoss()
    loss = losses.binary_cross_entropy()

    assert loss(OUTPUTS, CLASSES) == reference(OUTPUTS, ONE_HOT)
    assert loss(OUTPUTS, VALUES.sigmoid()) == reference(OUTPUTS, VALUES.sigmoid())
    by_hand = -(ONE_HOT * functional.logsigmoid(OUTPUTS)).sum(1)
    by_hand -= ((1 - ONE_HOT) * functional.logsigmoid(-OUTPUTS)).sum(1)
    torch.testing.assert_close(loss(OUTPUTS, CLASSES), by_hand.mean() / 4)


def test_crammer_singer_is_scikit_learn_s_hinge():
    """The default hinge loss is scikit-learn's multi-class one."""
    value = losses.hinge()(OUTPUTS, CLASSES).item()

    assert value > 0
    expected = metrics.hinge_loss(CLASSES, OUTPUTS.numpy(), labels=[0, 1, 2, 3])
    assert value == pytest.approx(expected)


def test_crammer_singer_of_two_classes_is_the_binary_hinge():
    """For two classes the loss is max(0, 1 - t f) with f the difference of the scores, t = ±1."""
    scores, targets = OUTPUTS[:, :2], CLASSES.clamp(max=1)
    difference = scores[:, 1] - scores[:, 0]

    expected = metrics.hinge_loss(targets, difference.numpy())

    assert losses.hinge()(scores, targets).item() == pytest.approx(expected)


def test_one_versus_rest_sums_a_binary_hinge_for_each_class():
    """The other variant is the sum over classes of scikit-learn's binary hinge, coded ±1 (B34)."""
    expected = sum(metrics.hinge_loss(ONE_HOT[:, k], OUTPUTS[:, k].numpy()) for k in range(4))

    loss = losses.hinge(variant="one_vs_rest")

    assert loss(OUTPUTS, CLASSES).item() == pytest.approx(expected)


def test_hinge_after_softmax_can_never_reach_its_margin():
    """Perfect probabilities cost K - 1 one-vs-rest, perfect raw scores nothing (C41, B33)."""
    targets, perfect = torch.arange(10), torch.eye(10)
    loss = losses.hinge(variant="one_vs_rest")

    assert loss(perfect, targets) == 9
    assert loss(2 * perfect - 1, targets) == 0
    assert losses.hinge()(perfect, targets) == 0


@pytest.mark.parametrize("name", OF_OUTPUTS)
def test_every_loss_learns_and_is_batched(name):
    """Every loss is a scalar with a finite, non-zero gradient, and vmap gives what a loop gives."""
    loss = LOSSES.load(name)()
    outputs = OUTPUTS.clone().requires_grad_()

    loss(outputs, CLASSES).backward()

    assert outputs.grad.isfinite().all()
    assert outputs.grad.any()
    several = torch.stack([OUTPUTS, VALUES])
    stacked = vmap(lambda each: loss(each, CLASSES))(several)
    torch.testing.assert_close(stacked, torch.stack([loss(each, CLASSES) for each in several]))


@pytest.mark.parametrize("name", OF_OUTPUTS)
def test_a_loss_of_nan_is_nan(name):
    """Outputs that are not numbers show in the loss, so that divergence is noticed."""
    assert LOSSES.load(name)()(torch.full((2, 3), math.nan), torch.tensor([0, 2])).isnan()

"""Initialisation: the variance and shape of each distribution, biases, layers left alone."""

import math

import pytest
import torch
from torch import nn

from dlkit.nn.initialisation import SCHEMES, initialise


def layers():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64), nn.Linear(300, 500))


VARIANCES = {  # for n_in inputs and n_out outputs
    "xavier": lambda n_in, n_out: 2 / (n_in + n_out),
    "he": lambda n_in, n_out: 2 / n_in,
    "lecun": lambda n_in, n_out: 1 / n_in,
    "default": lambda n_in, n_out: 1 / (3 * n_in),
}


@pytest.mark.parametrize("scheme", VARIANCES)
def test_variance_is_the_paper_s(scheme):
    """Dense and convolutional weights are centred and have the docstring's variance."""
    model = layers()

    initialise(model, scheme=scheme)

    for layer, fans in ((model[0], (32 * 9, 64 * 9)), (model[2], (300, 500))):
        variance = VARIANCES[scheme](*fans)
        assert layer.weight.var().item() == pytest.approx(variance, rel=0.05)
        assert abs(layer.weight.mean().item()) < 4 * math.sqrt(variance / layer.weight.numel())


def test_xavier_is_uniform_and_he_is_normal():
    """Xavier's weights end at sqrt(6 / (n_in + n_out)); 5 % of He's are beyond 1.96 sigma."""
    model = layers()
    initialise(model, scheme="xavier")
    assert model[2].weight.abs().max().item() == pytest.approx(math.sqrt(6 / 800), rel=1e-3)

    initialise(model, scheme="he")
    beyond = (model[2].weight.abs() > 1.96 * math.sqrt(2 / 300)).double().mean().item()
    assert beyond == pytest.approx(0.05, abs=0.003)


def test_orthogonal_rows_are_at_right_angles():
    """An orthogonal weight with more columns than rows has orthonormal rows, kernels flattened."""
    model = layers()

    initialise(model, scheme="orthogonal")

    rows = model[0].weight.flatten(1)
    torch.testing.assert_close(rows @ rows.T, torch.eye(64), atol=1e-5, rtol=0)


def test_default_keeps_what_torch_drew():
    """The default scheme changes nothing, biases included."""
    model, untouched = layers(), layers()

    initialise(model)

    assert all(map(torch.equal, model.state_dict().values(), untouched.state_dict().values()))
    assert model[2].bias.any()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_biases_are_zero_and_norms_are_left_alone(scheme):
    """Every other scheme zeroes biases, keeps normalisations, and takes layers without bias."""
    model = layers()
    model.append(nn.Linear(4, 4, bias=False))

    initialise(model, scheme=scheme)

    assert not model[0].bias.any()
    assert not model[2].bias.any()
    assert (model[1].weight == 1).all()


def test_he_keeps_a_deep_relu_signal_alive():
    """Through 20 ReLU layers He keeps the scale of the signal; torch's own start loses it."""
    x = torch.randn(64, 128, generator=torch.Generator().manual_seed(1))

    def scale(scheme):
        torch.manual_seed(0)
        net = nn.Sequential(*[nn.Sequential(nn.Linear(128, 128), nn.ReLU()) for _ in range(20)])
        initialise(net, scheme=scheme)
        return net(x).square().mean().sqrt().item()

    assert 0.2 < scale("he") < 5
    assert scale("default") < 0.1


def test_same_seed_same_weights():
    """The weights are a function of torch's global seed."""
    first, second = layers(), layers()
    for model in (first, second):
        torch.manual_seed(7)
        initialise(model, scheme="he")

    assert torch.equal(first[2].weight, second[2].weight)

"""The variational autoencoder: what its networks map to what, and the options that it refuses."""

import pytest
import torch
from torch import nn

from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError, OptionError
from dlkit.models.vae import Vae, vae
from dlkit.nn.priors import Mixture, StandardNormal
from dlkit.nn.variational import Bernoulli, Gaussian

DIGITS = Facts((1, 8, 8), 10, "classes")
ODD = Facts((3, 15, 22), 10, "classes")


def build(facts=DIGITS, **options):
    torch.manual_seed(0)
    return vae(facts, nn.ReLU, **options)


@pytest.mark.parametrize("facts", [DIGITS, ODD], ids=["digits", "odd"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"hidden": [7], "dropout": 0.1},
        {"architecture": "convolutional", "channels": [4, 6]},
        {"architecture": "convolutional", "channels": [5], "batch_norm": True},
        {"likelihood": "gaussian", "batch_norm": True},
        {"prior": "mixture", "components": 4},
    ],
    ids=str,
)
def test_images_become_codes_and_codes_images(facts, options):
    """Either architecture keeps sizes, odd ones too; every parameter gets a gradient."""
    model = build(facts, latent=3, **options)
    images = torch.rand(4, *facts.input_shape)

    mean, log_variance = model.encode(images)
    decoded = model.decode(mean + log_variance)
    loss = -(model.likelihood.log_prob(decoded, images) + model.prior.log_density(mean)).sum()
    loss.backward()
    pixels = model.eval()(images)

    assert mean.shape == log_variance.shape == (4, 3)
    assert decoded.shape == pixels.shape == images.shape
    assert 0 <= pixels.min().item() <= pixels.max().item() <= 1
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_layers_mirror_each_other():
    """The decoder has the hidden layers and the feature maps in reverse."""
    model = build(architecture="convolutional", channels=[4, 6], hidden=[12, 9], latent=2)
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters() if p.ndim > 1}

    assert shapes == {
        "encoder.block1.conv.weight": (4, 1, 4, 4),
        "encoder.block2.conv.weight": (6, 4, 4, 4),
        "encoder.hidden1.linear.weight": (12, 24),
        "encoder.hidden2.linear.weight": (9, 12),
        "encoder.output.weight": (4, 9),
        "decoder.hidden1.linear.weight": (9, 2),
        "decoder.hidden2.linear.weight": (12, 9),
        "decoder.output.weight": (24, 12),
        "decoder.block1.conv.weight": (6, 4, 4, 4),
        "decoder.block2.conv.weight": (4, 1, 4, 4),
    }


def test_reconstructions_are_of_the_mean_code():
    """Called as a whole it draws nothing."""
    model = build()
    images = torch.rand(2, 1, 8, 8)
    expected = model.likelihood.mean(model.decode(model.encode(images)[0]))

    assert torch.equal(model(images), expected)


def test_options_reach_the_task():
    """What the variational task reads."""
    model = build(beta=4.0, kl_warmup_steps=7, binarise="sample", bound_samples=3, latent=5)

    assert isinstance(model, Vae)
    assert (model.beta, model.kl_warmup_steps, model.binarise) == (4.0, 7, "sample")
    assert (model.bound_samples, model.bound_images, model.latent) == (3, 1000, 5)


def test_likelihoods():
    """Bernoulli, or Gaussian with a scale that is learned or given."""
    assert isinstance(build().likelihood, Bernoulli)
    assert build(likelihood="gaussian", scale=0.25).likelihood.fixed == 0.25
    for scale in ("learned", None):
        likelihood = build(likelihood="gaussian", scale=scale).likelihood
        assert isinstance(likelihood, Gaussian)
        assert likelihood.fixed is None


def test_priors():
    """Standard normal, or a mixture of as many distributions as asked for, else 20."""
    assert isinstance(build().prior, StandardNormal)
    assert list(build().prior.parameters()) == []
    assert build(prior="mixture", components=3, latent=5).prior.means.shape == (3, 5)
    mixture = build(prior="mixture", latent=5).prior
    assert isinstance(mixture, Mixture)
    assert mixture.means.shape == (20, 5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"components": 3},
            "components: has no effect with 'prior: normal' Leave it out, or use 'prior: mixture'.",
        ),
        (
            {"channels": [4]},
            "channels: has no effect with 'architecture: dense' "
            "Leave it out, or use 'architecture: convolutional'.",
        ),
        (
            {"scale": 0.1},
            "scale: has no effect with 'likelihood: bernoulli' "
            "Leave it out, or use 'likelihood: gaussian'.",
        ),
        (
            {"likelihood": "gaussian", "binarise": "threshold"},
            "binarise: 'threshold' leaves black and white, of which a normal density is no model "
            "Leave it out, or use 'likelihood: bernoulli'.",
        ),
        (
            {"architecture": "convolutional", "channels": [4, 4, 4]},
            "channels: 3 blocks halve 8x8 pixels to 1x1, and at least 2x2 are needed "
            "Give at most 2.",
        ),
    ],
)
def test_options_that_do_not_fit(options, words):
    """Each is named, with what to do."""
    with pytest.raises(OptionError) as caught:
        build(**options)
    assert f"{caught.value.option}: {caught.value.message} {caught.value.hint}" == words


def test_tiny_images_are_for_dense_layers():
    """No number of blocks is right for them."""
    with pytest.raises(OptionError) as caught:
        build(Facts((1, 3, 9), 2, "classes"), architecture="convolutional", channels=[4])
    assert caught.value.message == "1 block halves 3x9 pixels to 1x4, and at least 2x2 are needed"
    assert caught.value.hint == "Use 'architecture: dense'."


def test_other_data_are_refused():
    """It takes images."""
    with pytest.raises(ConfigError, match=r"^model 'vae' takes images; the data yield 10 features"):
        build(Facts((10,), 1, "values"))

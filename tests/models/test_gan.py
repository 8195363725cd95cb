"""The GAN's networks: sizes that fit, ranges, initialisation, spectral norm, and images too small."""

import pytest
import torch
from torch import nn

from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError, OptionError
from dlkit.models.gan import gan


def build(shape=(1, 8, 8), **options):
    torch.manual_seed(0)
    return gan(
        Facts(shape, 10, "classes"), nn.ReLU, **({"channels": (6, 8), "latent": 5} | options)
    )


def layers(network, *kinds):
    return [layer for layer in network.modules() if isinstance(layer, kinds)]


@pytest.mark.parametrize(
    ("shape", "channels"),
    [
        ((1, 8, 8), (6,)),
        ((1, 8, 8), (6, 8)),
        ((3, 9, 9), (6, 8)),
        ((3, 11, 8), (6, 8)),
        ((1, 28, 28), (4, 6, 8)),
        ((3, 31, 45), (4, 5, 6)),
        ((3, 64, 64), (2, 3, 4, 5)),
    ],
)
def test_images_of_any_size_go_through_both_networks(shape, channels):
    """Even or odd, square or not: what the generator makes is what the discriminator reads."""
    model = build(shape, channels=channels)

    images = model(torch.randn(3, 5))
    logits = model.discriminator(images)
    logits.sum().backward()

    assert images.shape == (3, *shape)
    assert logits.shape == (3, 1)
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_each_block_halves_and_doubles():
    """28x28 pixels come to 14x14, 7x7 and 3x3, and back by the same sizes."""
    model = build((1, 28, 28), channels=(4, 6, 8))
    inwards, outwards = [], []
    for network, sizes in ((model.discriminator, inwards), (model.generator, outwards)):
        for name, block in network.named_children():
            if name.startswith(("block", "start")):
                block.register_forward_hook(
                    lambda _, __, out, sizes=sizes: sizes.append(tuple(out.shape[1:]))
                )

    model.discriminator(model(torch.zeros(2, 5)))

    assert inwards == [(4, 14, 14), (6, 7, 7), (8, 3, 3)]
    assert outwards == [(8, 3, 3), (6, 7, 7), (4, 14, 14), (4, 28, 28)]


def test_parameters_in_closed_form():
    """8x8 pixels, 6 and 8 maps: kernels of 2x2 at the start, then 4x4; 3x3 at the pixels."""
    model = build()

    generator = 5 * 8 * 4 + 2 * 8 + 8 * 6 * 16 + 2 * 6 + 6 * 6 * 16 + 2 * 6 + (6 * 9 + 1)
    discriminator = (9 + 1) * 6 + (6 * 16 + 1) * 6 + (6 * 16 + 1) * 8 + (8 * 4 + 1)
    assert sum(p.numel() for p in model.generator.parameters()) == generator
    assert sum(p.numel() for p in model.discriminator.parameters()) == discriminator


def test_pixels_are_from_0_to_1_outside_and_from_minus_1_to_1_inside():
    """The generator's tanh is mapped to 0 to 1, and the discriminator's first convolution sees -1 to 1."""
    model = build(initialisation="default")
    seen = []
    model.generator.tanh.register_forward_hook(lambda _, __, out: seen.append(out))
    model.discriminator.pixels.register_forward_pre_hook(lambda _, given: seen.append(given[0]))

    images = model(10 * torch.randn(16, 5))
    model.discriminator(images)

    assert 0 <= images.min() < 0.4
    assert 0.6 < images.max() <= 1
    torch.testing.assert_close(seen[0], 2 * images - 1)
    torch.testing.assert_close(seen[1], seen[0])


def test_no_bias_before_a_normalisation():
    """Such a bias has no true gradient, and would drift under Adam."""
    assert all(layer.bias is None for layer in layers(build().generator, nn.ConvTranspose2d))


def test_examples_do_not_meet_in_the_discriminator():
    """Each example's logit is the same in whatever batch: so real and generated may share one."""
    model = build()
    images = torch.rand(6, 1, 8, 8)

    model.eval()
    whole = model.discriminator(images)

    torch.testing.assert_close(whole[2:3], model.discriminator(images[2:3]))
    assert not layers(model.discriminator, nn.BatchNorm1d, nn.BatchNorm2d)


def test_initialisation_is_normal_with_a_deviation_of_a_fiftieth():
    """As DCGAN's, biases 0; `default` leaves what torch drew."""
    model = build((3, 16, 16), channels=(32, 64), spectral_norm=False)
    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
    weights = torch.cat([layer.weight.flatten() for layer in layers(model, *kinds)])

    assert weights.std().item() == pytest.approx(0.02, rel=0.02)
    assert weights.mean().item() == pytest.approx(0, abs=3e-4)
    biases = [layer.bias for layer in layers(model, *kinds) if layer.bias is not None]
    assert all((bias == 0).all() for bias in biases)
    drawn = build((3, 16, 16), channels=(32, 64), spectral_norm=False, initialisation="default")
    torch.manual_seed(0)
    reference = nn.ConvTranspose2d(5, 64, (4, 4), bias=False)
    assert torch.equal(drawn.generator.start.conv.weight, reference.weight)


def test_spectral_norm_bounds_every_layer_of_the_discriminator():
    """The largest singular value of each weight is 1, as torch's svd sees it; off, it is not."""
    model = build()
    for _ in range(100):  # each forward pass is one step of the power iteration
        model.discriminator(torch.rand(2, 1, 8, 8))

    for layer in layers(model.discriminator, nn.Conv2d, nn.Linear):
        largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2)
        assert largest.item() == pytest.approx(1, abs=0.02)
    free = build(spectral_norm=False).discriminator
    assert (
        max(
            torch.linalg.matrix_norm(layer.weight.flatten(1), 2)
            for layer in layers(free, nn.Conv2d)
        )
        < 0.5
    )


def test_slope_is_that_of_the_leaky_relu_and_the_activation_the_generator_s():
    """The config's activation acts in the generator, `slope` in the discriminator."""
    model = build(slope=0.3)

    assert {layer.negative_slope for layer in layers(model, nn.LeakyReLU)} == {0.3}
    assert len(layers(model.generator, nn.ReLU)) == 3


def test_the_options_of_the_task_are_kept():
    """The adversarial task reads them there."""
    model = build(discriminator_steps=3, ema_decay=0.9)

    assert (model.latent, model.discriminator_steps, model.ema_decay) == (5, 3, 0.9)


def test_same_seed_same_weights():
    """A model is a function of torch's global seed."""
    first, second = build().state_dict(), build().state_dict()

    assert all(torch.equal(value, second[key]) for key, value in first.items())


@pytest.mark.parametrize(
    ("shape", "channels", "message", "hint"),
    [
        (
            (1, 8, 8),
            (4, 4, 4),
            "3 blocks halve 8x8 pixels to 1x1, and at least 2x2 are needed",
            "Give at most 2.",
        ),
        (
            (1, 28, 9),
            (4, 4, 4),
            "3 blocks halve 28x9 pixels to 3x1, and at least 2x2 are needed",
            "Give at most 2.",
        ),
        (
            (1, 3, 3),
            (4,),
            "1 block halves 3x3 pixels to 1x1, and at least 2x2 are needed",
            "Use larger images.",
        ),
    ],
)
def test_too_many_blocks_are_refused(shape, channels, message, hint):
    """The option at fault, the sizes and a way out are named."""
    with pytest.raises(OptionError) as error:
        build(shape, channels=channels)

    assert (error.value.option, error.value.message, error.value.hint) == (
        "channels",
        message,
        hint,
    )


def test_tables_are_refused():
    """A GAN of this kind makes images."""
    with pytest.raises(ConfigError, match="model 'gan' takes images; the data yield 10 features"):
        gan(Facts((10,), 2, "classes"), nn.ReLU)

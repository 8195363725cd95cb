"""The encoder-decoder: every way of resizing gives an image of the same size, and can be trained."""

from itertools import product

import pytest
import torch

from dlkit.catalog import ACTIVATIONS, MODELS
from dlkit.data.dataset import Facts
from dlkit.errors import OptionError

RELU, IDENTITY = ACTIVATIONS.load("relu"), ACTIVATIONS.load("identity")
WAYS = [
    {"pooling": pooling, "upsampling": upsampling, "skip": skip}
    for pooling, upsampling, skip in product(
        ["max", "average", "stride"],
        ["nearest", "bilinear", "unpooling", "transposed"],
        ["none", "add", "concatenate"],
    )
    if pooling == "max" or upsampling != "unpooling"
]


def build(size=(9, 14), activation=RELU, **options):
    torch.manual_seed(0)
    return MODELS.load("autoencoder")(Facts((2, *size), 5, "classes"), activation, **options)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(way.values()))
def test_every_way_keeps_the_size_and_moves_every_weight(way):
    """Odd sizes come back, outputs lie from 0 to 1, and every parameter gets a gradient."""
    model = build(channels=[4, 6], dilation=2, **way)
    x = torch.rand(3, 2, 9, 14)
    outputs = model(x)
    (outputs - x).square().mean().backward()
    assert outputs.shape == x.shape
    assert 0 <= outputs.amin().item() <= outputs.amax().item() <= 1
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_dilation_widens_what_an_output_sees():
    """A pixel's reach, measured by the gradient, grows with the dilation of the innermost kernel."""

    def reach(dilation):
        ways = {"pooling": "average", "upsampling": "nearest", "batch_norm": False}
        model = build((32, 32), IDENTITY, channels=[4], dilation=dilation, **ways)
        x = torch.rand(1, 2, 32, 32, requires_grad=True)
        model(x)[0, 0, 16, 16].backward()
        seen = x.grad[0].abs().sum(0).nonzero()
        return int(seen[:, 0].max() - seen[:, 0].min())

    assert reach(3) - reach(1) == 2 * 2 * 2  # 2 pixels more each way, of twice the size


def test_unpooling_needs_max_pooling():
    """There are no places to put the values back to otherwise."""
    with pytest.raises(OptionError) as caught:
        build(pooling="average", upsampling="unpooling")
    assert caught.value.option == "upsampling"
    assert str(caught.value.message) == (
        "unpooling needs the places of the largest values, and pooling is 'average'"
    )


def test_too_many_levels_are_refused():
    """An image cannot be halved below one pixel."""
    with pytest.raises(OptionError, match="4 halvings leave nothing of 9x14 pixels"):
        build(channels=[4, 4, 4, 4])

"""Ways to halve an image and to bring it back to its size, each held against torch or a closed form."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv_transpose2d, interpolate

from dlkit.nn.resizing import Merge, grow_layer, shrink_layer


def images(height: int = 6, width: int = 8) -> Tensor:
    return torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(0))


def test_max_pooling_keeps_the_largest_and_says_where_it_was() -> None:
    """The places are torch's flat indices into each map."""
    x = images()
    pooled, places = shrink_layer("max", 3)(x)
    assert torch.equal(pooled, nn.MaxPool2d(2)(x))
    assert torch.equal(x.flatten(2).gather(2, places.flatten(2)).view_as(pooled), pooled)


def test_average_pooling_and_strides_remember_no_places() -> None:
    """Both halve: by torch's mean, or by a convolution of stride 2."""
    x = images()
    pooled, places = shrink_layer("average", 3)(x)
    assert places is None
    assert torch.equal(pooled, avg_pool2d(x, 2))
    strided, places = shrink_layer("stride", 3)(x)
    assert places is None
    assert strided.shape == (2, 3, 3, 4)


@pytest.mark.parametrize("size", [(6, 8), (7, 9)])
def test_unpooling_puts_the_largest_back_and_zeros_elsewhere(size: tuple[int, int]) -> None:
    """Against torch's MaxUnpool2d; also where pooling dropped an odd row and column."""
    x = images(*size)
    pooled, places = shrink_layer("max", 3)(x)
    back = grow_layer("unpooling", 3)(pooled, size, places)
    assert torch.equal(back, nn.MaxUnpool2d(2)(pooled, places, output_size=x.shape))
    assert torch.equal(back[back != 0], x[back != 0])
    assert int((back != 0).sum()) == pooled.numel()


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(6, 8), (7, 9)])
def test_interpolation_is_torch_s(mode: str, size: tuple[int, int]) -> None:
    """To any size, without weights."""
    x = images(3, 4)
    layer = grow_layer(mode, 3)  # type: ignore[arg-type]
    assert torch.equal(layer(x, size, None), interpolate(x, size=size, mode=mode))
    assert not list(layer.parameters())


@pytest.mark.parametrize("size", [(6, 8), (7, 9)])
def test_a_transposed_convolution_is_torch_s(size: tuple[int, int]) -> None:
    """Stride 2, with the padding that reaches an odd size."""
    x, layer = images(3, 4), grow_layer("transposed", 3)
    padding = (size[0] % 2, size[1] % 2)
    expected = conv_transpose2d(
        x, layer.conv.weight, layer.conv.bias, stride=2, output_padding=padding
    )
    assert torch.equal(layer(x, size, None), expected)


def test_a_skip_connection_adds_or_stands_beside() -> None:
    """`add` keeps the number of maps, `concatenate` doubles it, `none` leaves the encoder out."""
    x, features = images(), images() + 1
    assert torch.equal(Merge("add")(x, features), x + features)
    assert torch.equal(Merge("concatenate")(x, features), torch.cat([x, features], 1))
    assert torch.equal(Merge("none")(x, features), x)

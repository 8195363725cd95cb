"""The shape of a convolution's weights, and how many there are beside a dense layer's."""

from __future__ import annotations

from torch import nn

from dlkit.ranges import PositiveInt


def run(
    *,
    seed: int = 0,
    channels_in: PositiveInt = 3,
    channels_out: PositiveInt = 8,
    height: PositiveInt = 2,
    width: PositiveInt = 5,
) -> dict[str, float]:
    """Parameters of a layer with a kernel of `height` by `width`, on an image of 16x16.

    The dense layer maps the same image to as many outputs. Each kernel spans all input channels.
    """
    layer = nn.Conv2d(channels_in, channels_out, (height, width))
    formula = channels_out * (channels_in * height * width + 1)
    outputs = channels_out * (17 - height) * (17 - width)
    parameters = sum(p.numel() for p in layer.parameters())
    return {
        "parameters": float(parameters),
        "parameters_over_formula": parameters / formula,
        "dense_parameters_over_these": (channels_in * 256 + 1) * outputs / parameters,
    }

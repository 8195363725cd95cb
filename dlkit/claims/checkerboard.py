"""How unevenly a transposed convolution covers its output: the checkerboard pattern."""

from __future__ import annotations

import torch
from torch.nn.functional import conv_transpose2d, interpolate

from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, kernel_size: PositiveInt = 3, stride: PositiveInt = 2
) -> dict[str, float]:
    """The most kernels that meet at an inner pixel over the fewest; all inputs and weights are 1.

    Beside it, repeating each pixel and then convolving, which covers all evenly. Odena, Dumoulin
    & Olah 2016, doi:10.23915/distill.00003.
    """
    image, kernel = torch.ones(1, 1, 10, 10), torch.ones(1, 1, kernel_size, kernel_size)
    transposed = conv_transpose2d(image, kernel, stride=stride)
    enlarged = interpolate(image, scale_factor=stride)
    resized = torch.nn.functional.conv2d(enlarged, kernel)
    return {
        "most_over_fewest_transposed": _unevenness(transposed, 2 * kernel_size),
        "most_over_fewest_resized": _unevenness(resized, 0),
    }


def _unevenness(cover: torch.Tensor, border: int) -> float:
    side = cover.shape[-1]
    inner = cover[..., border : side - border, border : side - border]
    return float(inner.max() / inner.min())

"""That a convolution layer slides a kernel and sums products, without turning the kernel."""

from __future__ import annotations

import torch
from torch.nn.functional import conv2d

from dlkit.dictionary.forms import layers
from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, kernel_height: PositiveInt = 3, kernel_width: PositiveInt = 2
) -> dict[str, float]:
    """Largest differences of `conv2d` from sums of products by hand, on a 12x12 image.

    By cross-correlation, by convolution proper (the kernel turned by 180 degrees), and of the
    layer's output for a shifted image from its shifted output.
    """
    generator = torch.Generator().manual_seed(seed)
    image = torch.randn(12, 12, generator=generator, dtype=torch.float64)
    kernel = torch.randn(kernel_height, kernel_width, generator=generator, dtype=torch.float64)
    out = _conv(image, kernel)
    correlated = _tensor(layers.cross_correlation(image.tolist(), kernel.tolist()))
    turned = _tensor(layers.true_convolution(image.tolist(), kernel.tolist()))
    moved = _conv(image.roll((1, 1), (0, 1)), kernel)
    return {
        "difference_cross_correlation": float((out - correlated).abs().max()),
        "difference_true_convolution": float((out - turned).abs().max()),
        "difference_when_shifted": float((moved[1:, 1:] - out[:-1, :-1]).abs().max()),
    }


def _conv(image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """`(12, 12)` to `(13 - kernel_height, 13 - kernel_width)`."""
    return conv2d(image[None, None], kernel[None, None])[0, 0]


def _tensor(rows: list[list[float]]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)

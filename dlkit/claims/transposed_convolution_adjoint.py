"""What a transposed convolution is to the convolution of the same kernel: adjoint, not inverse."""

from __future__ import annotations

import torch
from torch.nn.functional import conv2d, conv_transpose2d

from dlkit.ranges import PositiveInt


def run(
    *, seed: int = 0, kernel_size: PositiveInt = 3, stride: PositiveInt = 2
) -> dict[str, float]:
    """For random x and y: `<conv(x), y> - <x, transposed(y)>`, and the error of going back.

    The image has the size at which both fit, 8 windows along each side. Dumoulin & Visin 2016,
    arXiv:1603.07285, chapter 4.
    """
    generator = torch.Generator().manual_seed(seed)
    side = stride * 7 + kernel_size
    x = torch.randn(1, 1, side, side, generator=generator, dtype=torch.float64)
    y = torch.randn(1, 1, 8, 8, generator=generator, dtype=torch.float64)
    kernel = torch.randn(1, 1, kernel_size, kernel_size, generator=generator, dtype=torch.float64)
    there = conv2d(x, kernel, stride=stride)
    back = conv_transpose2d(there, kernel, stride=stride)
    products = (there * y).sum() - (x * conv_transpose2d(y, kernel, stride=stride)).sum()
    return {
        "size_before": float(side),
        "size_back": float(back.shape[-1]),
        "difference_of_products": float(products.abs()),
        "relative_error_of_going_back": float((back - x).norm() / x.norm()),
    }

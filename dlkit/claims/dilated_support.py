"""Which pixels a dilated convolution reads, alone and in a stack."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv1d

from dlkit.ranges import PositiveInt


def run(
    *,
    seed: int = 0,
    kernel_size: PositiveInt = 3,
    dilation: PositiveInt = 4,
    layers: PositiveInt = 5,
) -> dict[str, float]:
    """Where the gradient of one output is not 0, on a line of pixels.

    One layer: pixels read, and pixels from the first to the last of them. A stack of `layers`:
    the reach with dilations 1, 2, 4, ... and without. Yu & Koltun 2016, arXiv:1511.07122,
    section 2.
    """
    one = _support(kernel_size, [dilation])
    doubling = _support(kernel_size, [2**layer for layer in range(layers)])
    plain = _support(kernel_size, [1] * layers)
    return {
        "pixels_read": float(len(one)),
        "reach": _reach(one),
        "reach_over_formula": _reach(one) / (kernel_size + (kernel_size - 1) * (dilation - 1)),
        "reach_of_stack_doubling": _reach(doubling),
        "reach_of_stack_plain": _reach(plain),
    }


def _support(kernel_size: int, dilations: list[int]) -> Tensor:
    """The positions of the pixels that one output depends on."""
    size = 1 + sum((kernel_size - 1) * dilation for dilation in dilations)
    x = torch.zeros(1, 1, size + 20, requires_grad=True)
    out = x
    for dilation in dilations:
        out = conv1d(out, torch.ones(1, 1, kernel_size), dilation=dilation)
    (slopes,) = torch.autograd.grad(out[0, 0, 10], x)
    return slopes[0, 0].nonzero()[:, 0]


def _reach(positions: Tensor) -> float:
    return float(positions.max() - positions.min() + 1)

"""How many windows of a convolution see a pixel in the corner, and one in the middle."""

from __future__ import annotations

import torch
from torch.nn.functional import conv2d

from dlkit.ranges import NaturalInt, OddInt


def run(*, seed: int = 0, kernel_size: OddInt = 3, padding: NaturalInt = 1) -> dict[str, float]:
    """Windows over a pixel of a 15x15 image at stride 1, and the side of the output.

    The count is the gradient of the sum of the outputs, for a kernel of ones. Nothing is random.

    - `kernel_size`: side of the window.
    - `padding`: rings of zeros.
    """
    image = torch.zeros(1, 1, 15, 15, requires_grad=True)
    out = conv2d(image, torch.ones(1, 1, kernel_size, kernel_size), padding=padding)
    (count,) = torch.autograd.grad(out.sum(), image)
    return {
        "windows_over_corner": float(count[0, 0, 0, 0]),
        "windows_over_middle": float(count[0, 0, 7, 7]),
        "side_of_output": float(out.shape[-1]),
    }

"""The size of a convolution's output: the formula against PyTorch, on random configurations."""

from __future__ import annotations

import random

import torch
from torch.nn.functional import conv2d

from dlkit.dictionary.forms.layers import output_size
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, configurations: PositiveInt = 300) -> dict[str, float]:
    """How many sizes of random convolutions a formula gets wrong, of sizes, kernels, strides,
    paddings and dilations that fit. Dumoulin & Visin 2016, arXiv:1603.07285.

    `wrong_without_floor` rounds up instead of down; `wrong_without_dilation` takes the kernel's own
    size for what it spans: they show that the draw can tell formulas apart.
    """
    draw = random.Random(seed)
    wrong = {"wrong": 0.0, "wrong_without_floor": 0.0, "wrong_without_dilation": 0.0}
    for _ in range(configurations):
        kernel, stride, dilation = draw.randint(1, 5), draw.randint(1, 4), draw.randint(1, 3)
        padding = draw.randint(0, 3)
        size = dilation * (kernel - 1) + 1 + draw.randint(0, 12)
        image, weight = torch.zeros(1, 1, size, size), torch.zeros(1, 1, kernel, kernel)
        out = conv2d(image, weight, stride=stride, padding=padding, dilation=dilation)
        spanned = size + 2 * padding - dilation * (kernel - 1) - 1
        guesses = (
            output_size(size, kernel, stride=stride, padding=padding, dilation=dilation),
            -(-spanned // stride) + 1,
            output_size(size, kernel, stride=stride, padding=padding),
        )
        for name, guess in zip(wrong, guesses, strict=True):
            wrong[name] += guess != out.shape[-1]
    return wrong

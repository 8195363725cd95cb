"""Whether kernel and image may change places, in convolution and in cross-correlation."""

from __future__ import annotations

import torch
from torch.nn.functional import conv1d


def run(*, seed: int = 0) -> dict[str, float]:
    """The largest change when two random rows of 5 numbers change places, padded with zeros."""
    generator = torch.Generator().manual_seed(seed)
    a, b = torch.randn(2, 5, generator=generator, dtype=torch.float64)
    return {
        "change_convolution": float((_row(a, b.flip(0)) - _row(b, a.flip(0))).abs().max()),
        "change_cross_correlation": float((_row(a, b) - _row(b, a)).abs().max()),
    }


def _row(image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """The sums of products at every overlap: `(5,)` and `(5,)` to `(9,)`."""
    return conv1d(image[None, None], kernel[None, None], padding=4)[0, 0]

"""Convolutions that halve an image, and those that double it again."""

from __future__ import annotations

from dataclasses import asdict

from torch import nn

from dlkit.errors import OptionError
from dlkit.models.shapes import Window

HALVING = Window(kernel_size=4, stride=2, padding=1)
"""`n` pixels become `floor(n / 2)`; transposed, it doubles them (Radford et al. 2016, arXiv:1511.06434,
use it too). The stride divides the kernel, so that no pixel is reached more often than its
neighbours."""
Size = tuple[int, int]
"""Height and width in pixels."""


def halved_sizes(size: Size, blocks: int, *, otherwise: str) -> list[Size]:
    """The image's `size`, then that behind each of the `blocks`.

    Raises `OptionError` for the option `channels` if less than 2x2 pixels remain; its hint is the most
    blocks that would do, or `otherwise` if none does.
    """
    sizes = [size]
    for _ in range(blocks):
        height, width = sizes[-1]
        sizes.append((HALVING.output_size(height), HALVING.output_size(width)))
    if blocks and min(sizes[-1]) < 2:
        most = min(size).bit_length() - 2
        many = "1 block halves" if blocks == 1 else f"{blocks} blocks halve"
        raise OptionError(
            "channels",
            f"{many} {size[0]}x{size[1]} pixels to {sizes[-1][0]}x{sizes[-1][1]}, "
            "and at least 2x2 are needed",
            f"Give at most {most}." if most > 0 else otherwise,
        )
    return sizes


def halving(before: int, after: int, *, bias: bool = True) -> nn.Conv2d:
    """`(B, before, H, W)` to `(B, after, H // 2, W // 2)`."""
    return nn.Conv2d(before, after, **asdict(HALVING), bias=bias)


def doubling(
    before: int, after: int, small: Size, large: Size, *, bias: bool
) -> nn.ConvTranspose2d:
    """`(B, before, *small)` to `(B, after, *large)`, which is one more than twice where odd."""
    odd = (large[0] - 2 * small[0], large[1] - 2 * small[1])
    return nn.ConvTranspose2d(before, after, **asdict(HALVING), output_padding=odd, bias=bias)

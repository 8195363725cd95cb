"""Layers that halve an image, and layers that bring it back to its size; what joins two images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_unpool2d

Pooling = Literal["max", "average", "stride"]
Upsampling = Literal["nearest", "bilinear", "unpooling", "transposed"]
Skip = Literal["none", "add", "concatenate"]


def shrink_layer(pooling: Pooling, maps: int) -> nn.Module:
    """`(B, maps, H, W)` to its half, rounded down, and the places of the largest values or None."""
    if pooling == "max":
        return nn.MaxPool2d(2, return_indices=True)
    return Unplaced(nn.AvgPool2d(2) if pooling == "average" else nn.Conv2d(maps, maps, 2, stride=2))


class Unplaced(nn.Module):
    """A way of halving that has no places to remember."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """The halved image, and no places."""
        return self.layer(x), None


def grow_layer(upsampling: Upsampling, maps: int) -> nn.Module:
    """`(B, maps, H, W)`, a size and the places of a max pooling to `(B, maps, *size)`."""
    if upsampling == "transposed":
        return Transposed(maps)
    return Unpooling() if upsampling == "unpooling" else Interpolation(upsampling)


class Interpolation(nn.Module):
    """Upsampling without weights: repeated pixels, or bilinear between their centres."""

    def __init__(self, mode: Literal["nearest", "bilinear"]) -> None:
        super().__init__()
        self.mode = mode

    def forward(self, x: Tensor, size: Sequence[int], places: Tensor | None) -> Tensor:
        """`x` at `size`; the places are of no use."""
        return interpolate(x, size=list(size), mode=self.mode)


class Unpooling(nn.Module):
    """Each value goes where the pooling found the largest one, the rest is 0 (Zeiler & Fergus 2014,
    arXiv:1311.2901, section 2.1)."""

    def forward(self, x: Tensor, size: Sequence[int], places: Tensor | None) -> Tensor:
        """`x` at `size`, by the `places` of the pooling that is undone."""
        if places is None:
            raise ValueError("unpooling follows max pooling")
        return max_unpool2d(x, places, [2, 2], output_size=list(size))


class Transposed(nn.Module):
    """A convolution of 2x2 and stride 2, transposed: learned upsampling (Dumoulin & Visin 2016,
    arXiv:1603.07285, section 4)."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(maps, maps, 2, stride=2)

    def forward(self, x: Tensor, size: Sequence[int], places: Tensor | None) -> Tensor:
        """`x` at `size`; the places are of no use."""
        return self.conv(x, output_size=list(size))


class Merge(nn.Module):
    """A skip connection: the maps of the encoder added to those of the decoder, beside them (U-Net,
    Ronneberger et al. 2015, arXiv:1505.04597), or left out."""

    def __init__(self, skip: Skip) -> None:
        super().__init__()
        self.skip = skip

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        """`x` and `features` `(B, c, H, W)` to `(B, c, H, W)`, or `(B, 2c, H, W)` side by side."""
        if self.skip == "add":
            return x + features
        return torch.cat([x, features], 1) if self.skip == "concatenate" else x

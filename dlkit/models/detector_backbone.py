"""Feature maps of several strides for detectors: a small convolutional backbone, and a neck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import interpolate

from dlkit.nn.layers import stack

Activation = Callable[[], nn.Module]


def convolution(
    maps: int, outputs: int, activation: Activation | None, *, kernel_size: int = 3, stride: int = 1
) -> nn.Sequential:
    """`(B, maps, H, W)` to `(B, outputs, H/stride, W/stride)`, normalised and then activated."""
    return stack(
        # A bias would be subtracted again by the normalisation, which has a shift of its own.
        conv=nn.Conv2d(maps, outputs, kernel_size, stride, kernel_size // 2, bias=False),
        norm=nn.BatchNorm2d(outputs),
        activation=activation() if activation else None,
    )


class Residual(nn.Module):
    """Two 3x3 convolutions whose result is added to their input (He et al. 2016, figure 2)."""

    def __init__(self, maps: int, activation: Activation) -> None:
        super().__init__()
        self.branch = stack(
            first=convolution(maps, maps, activation), second=convolution(maps, maps, None)
        )
        self.activation = activation()

    def forward(self, x: Tensor) -> Tensor:
        """`(B, maps, H, W)` to the same shape."""
        return self.activation(x + self.branch(x))


class TinyBackbone(nn.Module):
    """Stages that each halve the image: `width` maps at stride 2, doubled with every further stage.

    `features` returns the maps of strides 4, 8, ... up to `deepest`, a power of 2; `channels` and
    `strides` are theirs. Each stage has `blocks` residual blocks.
    """

    def __init__(
        self, maps: int, activation: Activation, *, deepest: int, width: int = 24, blocks: int = 1
    ) -> None:
        super().__init__()
        self.strides = tuple(2**power for power in range(2, deepest.bit_length()))
        self.channels = tuple(width * stride // 2 for stride in self.strides)
        self.stem = convolution(maps, width, activation, stride=2)
        self.stages = nn.ModuleList(
            nn.Sequential(
                convolution(before, after, activation, stride=2),
                *(Residual(after, activation) for _ in range(blocks)),
            )
            for before, after in pairwise((width, *self.channels))
        )

    def features(self, images: Tensor) -> list[Tensor]:
        """Images `(B, C, H, W)` from 0 to 1 to a map `(B, channels, H/stride, W/stride)` a stride."""
        maps = [self.stem(2 * images - 1)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]


class Levels(nn.Module):
    """The maps of a backbone that have the given `strides`, which it must offer, the finest first."""

    def __init__(self, backbone: Any, strides: Sequence[int]) -> None:
        super().__init__()
        self.backbone, self.strides = backbone, tuple(strides)
        self.places = [backbone.strides.index(stride) for stride in strides]
        self.channels = tuple(backbone.channels[place] for place in self.places)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images `(B, C, H, W)` from 0 to 1 to maps `(B, channels[i], H/strides[i], W/strides[i])`."""
        maps = self.backbone.features(images)
        return [maps[place] for place in self.places]


class PathAggregation(nn.Module):
    """Lets every level see the others: coarse maps are added to finer ones, then fine to coarser.

    Top-down as in feature pyramids (Lin et al. 2017, arXiv:1612.03144, section 3), then bottom-up
    (Liu et al. 2018, arXiv:1803.01534, section 3.1). Each level must be half as wide as the one before.
    """

    def __init__(self, channels: Sequence[int], width: int, activation: Activation) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(
            convolution(maps, width, activation, kernel_size=1) for maps in channels
        )
        self.down = nn.ModuleList(convolution(width, width, activation) for _ in channels[1:])
        self.shrink = nn.ModuleList(
            convolution(width, width, activation, stride=2) for _ in channels[1:]
        )
        self.up = nn.ModuleList(convolution(width, width, activation) for _ in channels[1:])

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Maps `(B, channels, H_l, W_l)`, the finest first, to maps `(B, width, H_l, W_l)`."""
        levels = [lateral(x) for lateral, x in zip(self.lateral, maps, strict=True)]
        for level in reversed(range(len(self.down))):
            coarse = interpolate(levels[level + 1], scale_factor=2.0, mode="nearest")
            levels[level] = self.down[level](levels[level] + coarse)
        for level, (shrink, up) in enumerate(zip(self.shrink, self.up, strict=True), 1):
            levels[level] = up(levels[level] + shrink(levels[level - 1]))
        return levels

"""What regions see of a feature map: RoIAlign (He et al. 2017, arXiv:1703.06870, section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

SAMPLES = 2
"""Points a side by which each place is averaged (section 3: four in all)."""
MOST_ZEROS = 600
"""Cells of a map for each place a side, up to which matrices are faster on a CPU: most are zeros."""


def roi_align(maps: Tensor, regions: Sequence[Tensor], places: int, stride: float) -> Tensor:
    """Cuts regions into `places` a side, each the mean of 2 x 2 points of the map, interpolated.

    `maps` `(B, C, H, W)` and regions `(n_i, 4)`, corners in units of `1 / stride` cells, to
    `(sum n_i, C, places, places)`. The numbers are those of `torchvision.ops.roi_align` with
    `aligned=True`; points that lie more than a cell outside count as 0.

    Interpolation along one axis does not depend on the other, so a region is the product of two
    matrices with the map: `rows @ map @ columns`. There and back, that takes a fifth of the time of
    torchvision's kernel on a CPU, whose way back was two thirds of a step of Faster R-CNN. Where no
    gradient is wanted the kernel is as fast.
    """
    if maps.is_cuda or maps.shape[2] * maps.shape[3] > MOST_ZEROS * places:
        from torchvision.ops import roi_align as kernel

        return kernel(maps, list(regions), places, 1 / stride, SAMPLES, aligned=True)
    return torch.cat(
        [_cut(each, boxes / stride, places) for each, boxes in zip(maps, regions, strict=True)]
    )


def _cut(single: Tensor, boxes: Tensor, places: int) -> Tensor:
    """The map `(C, H, W)` of one image, for its regions `(n, 4)` in cells."""
    maps, height, width = single.shape
    left, top, right, bottom = boxes.unbind(1)
    rows = _interpolation(top, bottom, places, height)
    columns = _interpolation(left, right, places, width)
    flat = single.permute(2, 1, 0).reshape(width, height * maps)
    seen = (columns.flatten(0, 1) @ flat).view(len(boxes), places, height, maps)
    return (rows[:, None] @ seen).permute(0, 3, 2, 1)


def _interpolation(near: Tensor, far: Tensor, places: int, length: int) -> Tensor:
    """What places between `near` and `far` `(n,)` take of `length` cells: `(n, places, length)`.

    A point between the centres of two cells takes of each by its nearness; one beyond the last centre
    takes all of that, up to a cell away.
    """
    points = SAMPLES * places
    shares = (torch.arange(points).to(near) + 0.5) / points
    at = near[:, None] + shares * (far - near)[:, None] - 0.5  # cells from the first one's centre
    away = at.clamp(0, length - 1)[..., None] - torch.arange(length).to(near)
    inside = (at >= -1) & (at <= length)
    weights = (1 - away.abs()).clamp(min=0) * inside[..., None]
    return weights.unflatten(1, (places, SAMPLES)).mean(2)


class RegionPooling(nn.Module):
    """`roi_align` as torchvision's detectors call it, of a single level."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def forward(
        self,
        features: Mapping[str, Tensor],
        regions: Sequence[Tensor],
        sizes: Sequence[tuple[int, int]],
    ) -> Tensor:
        """One map `(B, C, H, W)`, regions `(n_i, 4)` in pixels of images of `sizes`, to
        `(sum n_i, C, places, places)`."""
        (maps,) = features.values()
        return roi_align(maps, regions, self.places, sizes[0][0] / maps.shape[2])

"""Regions of images: how they are drawn to learn from, cut out, and mapped to the boxes of objects.

Girshick, Donahue, Darrell & Malik 2014, arXiv:1311.2524; sections and appendices are that paper's.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from dlkit.data.boxes import Boxes

FOREGROUND = 0.5
"""A region overlaps an object at least so much (IoU) to be taken for it (section 2.3)."""
POSITIVE = 0.25
"""The share of the drawn regions that show an object (section 2.3: 32 of 128)."""
CONTEXT = 16 / 227
"""The share of a warped region's side that is context, at each end (appendix A)."""
LARGEST_GROWTH = math.log(1000 / 16)
"""The most that a side is stretched, as a logarithm: torchvision's bound."""


def encode(objects: Tensor, regions: Tensor) -> Tensor:
    """What must be learnt to get from `regions` to `objects`, each `(n, 4)` corners: `(n, 4)`.

    The shift of the centre in units of the region's sides, and the logarithm of the ratio of the sides
    (appendix C, equations 6 to 9).
    """
    (centre, side), (from_centre, from_side) = _centred(objects), _centred(regions)
    return torch.cat([(centre - from_centre) / from_side, (side / from_side).log()], 1)


def decode(changes: Tensor, regions: Tensor) -> Tensor:
    """Boxes `(n, K, 4)` of `changes` `(n, K, 4)` to `regions` `(n, 4)`; `encode`'s inverse."""
    centre, side = (part[:, None] for part in _centred(regions))
    shift, growth = changes.split(2, -1)
    middle = centre + shift * side
    half = growth.clamp(max=LARGEST_GROWTH).exp() * side / 2
    return torch.cat([middle - half, middle + half], -1)


def _centred(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Centres and sides, `(n, 2)` each."""
    near, far = boxes.split(2, 1)
    return (near + far) / 2, far - near


def warp(images: Tensor, regions: list[Tensor], size: int) -> Tensor:
    """Regions `(n_i, 4)` of images `(B, C, H, W)`, each with its context: `(sum n_i, C, size, size)`.

    Whatever their shape, they fill the square; what lies outside the image is the image's mean
    (appendix A).
    """
    from torchvision.ops import roi_align

    border = CONTEXT / (1 - 2 * CONTEXT)
    grown = [
        torch.cat([near - border * (far - near), far + border * (far - near)], 1)
        for near, far in (each.split(2, 1) for each in regions)
    ]
    means = images.mean((2, 3), keepdim=True)  # (B, C, 1, 1)
    crops = roi_align(images - means, grown, size, sampling_ratio=2, aligned=True)  # 0 outside
    return crops + means.repeat_interleave(_counts(regions, images.device), 0)


def _counts(regions: list[Tensor], device: torch.device) -> Tensor:
    return torch.tensor([len(each) for each in regions], device=device)


class Sample(NamedTuple):
    """Regions `(n, 4)` of one image to learn from; `labels` `(n,)`, 0 is background; and the object
    `(n, 4)` of each, which means nothing for background."""

    regions: Tensor
    labels: Tensor
    objects: Tensor


def sample(proposals: Tensor, objects: Boxes, count: int) -> Sample:
    """Up to `count` regions, at most a quarter of them objects, drawn by torch's default generator.

    The true boxes are proposals too (section 2.3 counts them among the positives). Regions that lie
    mostly in a crowd are no background.
    """
    from torchvision.ops import box_iou

    single = objects[~objects.crowd]
    regions = torch.cat([proposals, single.boxes])
    if not len(single):
        kept = _drawn(_outside(regions, objects), count)
        return Sample(regions[kept], kept.new_zeros(len(kept)), regions[kept])
    overlap, owner = box_iou(regions, single.boxes).max(1)  # (n,)
    shown = _drawn(overlap >= FOREGROUND, round(count * POSITIVE))
    hidden = _drawn((overlap < FOREGROUND) & _outside(regions, objects), count - len(shown))
    kept = torch.cat([shown, hidden])
    labels = single.labels[owner[kept]] + 1
    labels[len(shown) :] = 0
    return Sample(regions[kept], labels, single.boxes[owner[kept]])


def _drawn(mask: Tensor, most: int) -> Tensor:
    """Indices of up to `most` of the places where `mask` `(n,)` is true, at random."""
    places = mask.nonzero()[:, 0]
    order = torch.randperm(len(places), device="cpu")[:most]
    return places[order.to(places.device)]


def _outside(regions: Tensor, objects: Boxes) -> Tensor:
    """Which regions lie by less than half in any crowd: `(n,)`."""
    crowds = objects.boxes[objects.crowd]
    corners = torch.cat(
        [
            torch.maximum(regions[:, None, :2], crowds[:, :2]),
            torch.minimum(regions[:, None, 2:], crowds[:, 2:]),
        ],
        -1,
    )  # (n, crowds, 4)
    common = (corners[..., 2:] - corners[..., :2]).clamp(min=0).prod(-1)
    whole = (regions[:, 2:] - regions[:, :2]).prod(1)
    return (common * 2 < whole[:, None]).all(1)

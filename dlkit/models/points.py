"""Where the points of a detector's maps lie, the boxes that they mean, and which object each learns.

Distances to the left, top, right and bottom (Tian et al. 2019, FCOS, arXiv:1904.01355, section 3.1);
assignment by task alignment (Feng et al. 2021, TOOD, arXiv:2108.07755, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dlkit.models.detections import Truths


class Points(NamedTuple):
    """The points of all maps in a row, in pixels: `centres` `(A, 2)`, x and y, `strides` `(A, 1)`."""

    centres: Tensor
    strides: Tensor


def points_of(maps: Sequence[Tensor], strides: Sequence[int]) -> Points:
    """The middles of the cells of maps `(B, C, H_l, W_l)`, level by level, row by row."""
    centres, widths = [], []
    for level, stride in zip(maps, strides, strict=True):
        height, width = level.shape[2:]
        y, x = (torch.arange(n, device=level.device) + 0.5 for n in (height, width))
        grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).reshape(-1, 2)  # (H W, 2)
        centres.append(grid * stride)
        widths.append(torch.full_like(grid[:, :1], stride))
    return Points(torch.cat(centres), torch.cat(widths))


def in_a_row(maps: Sequence[Tensor]) -> Tensor:
    """Maps `(B, N, H_l, W_l)` as `(B, A, N)`, in the order of `points_of`."""
    return torch.cat([each.flatten(2) for each in maps], 2).transpose(1, 2)


def encode(boxes: Tensor, points: Points) -> Tensor:
    """Distances `(..., A, 4)` to the left, top, right and bottom of boxes `(..., A, 4)`, in strides.

    They are not negative where the point lies in the box.
    """
    near = points.centres - boxes[..., :2]
    far = boxes[..., 2:] - points.centres
    return torch.cat([near, far], -1) / points.strides


def decode(distances: Tensor, points: Points) -> Tensor:
    """Corners in pixels of distances `(..., A, 4)`; `encode`'s inverse."""
    near, far = (distances * points.strides).chunk(2, -1)
    return torch.cat([points.centres - near, points.centres + far], -1)


class Assignment(NamedTuple):
    """Which object each point learns.

    `owner` `(B, A)` int64 is its index, `quality` `(B, A)` the score to learn for its class: 0 for
    points of the background, and for a point of an object the closer to the object's best overlap, the
    better the point is aligned with it. `positive` `(B, A)` says which points have an object.
    """

    owner: Tensor
    quality: Tensor
    positive: Tensor


@torch.no_grad()
def assign(
    scores: Tensor,
    boxes: Tensor,
    points: Points,
    truths: Truths,
    *,
    candidates: int = 13,
    alpha: float = 1.0,
    beta: float = 6.0,
) -> Assignment:
    """Task-aligned assignment of predicted `scores` `(B, A, K)` and `boxes` `(B, A, 4)` (TOOD, 3.2).

    Alignment is `score^alpha overlap^beta` (equation 2; defaults of its section 4). Each object takes
    the `candidates` best aligned of the points that lie in it, or of the nearest point if none does;
    a point that several take goes to the one that it overlaps most. An object's alignments are scaled
    so that the largest equals its largest overlap.
    """
    from torchvision.ops import box_iou

    overlap = box_iou(truths.boxes, boxes)  # (B, M, A)
    pick = truths.labels[..., None].expand_as(overlap)
    score = scores.transpose(1, 2).gather(1, pick)  # (B, M, A)
    alignment = score**alpha * overlap**beta

    eligible = _eligible(points, truths)
    best = torch.where(eligible, alignment, -1.0).topk(min(candidates, overlap.shape[2]), dim=2)
    taken = torch.zeros_like(eligible).scatter(2, best.indices, best.values >= 0)
    owner = torch.where(taken, overlap, -1.0).argmax(1, keepdim=True)  # (B, 1, A)
    taken = taken & torch.zeros_like(taken).scatter(1, owner, value=True)

    aligned, overlapping = alignment * taken, overlap * taken
    largest = aligned.amax(2, keepdim=True).clamp_min(torch.finfo(aligned.dtype).tiny)
    quality = aligned / largest * overlapping.amax(2, keepdim=True)  # (B, M, A)
    return Assignment(owner[:, 0], quality.sum(1), taken.any(1))


def _eligible(points: Points, truths: Truths) -> Tensor:
    """Which points lie in which real object, or are the nearest to its centre if none does."""
    boxes = truths.boxes[:, :, None]  # (B, M, 1, 4)
    inside = ((boxes[..., :2] < points.centres) & (points.centres < boxes[..., 2:])).all(-1)
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    closest = (middle - points.centres).square().sum(-1).argmin(2, keepdim=True)  # (B, M, 1)
    nearest = torch.zeros_like(inside).scatter(2, closest, value=True)
    return torch.where(inside.any(2, keepdim=True), inside, nearest) & truths.real[..., None]

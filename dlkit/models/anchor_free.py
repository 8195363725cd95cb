"""A modern YOLO without anchors: every point of several maps regresses its distances to a box's sides.

Decoupled branches for classes and boxes (Ge et al. 2021, YOLOX, arXiv:2107.08430, section 2.1);
distances to the left, top, right and bottom (Tian et al. 2019, FCOS, arXiv:1904.01355, section 3.1);
assignment and class targets by task alignment (Feng et al. 2021, TOOD, arXiv:2108.07755, section 3.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from dlkit.data.boxes import BoxTargets
from dlkit.models.detections import Truths
from dlkit.models.detector_backbone import Activation, Levels, PathAggregation, convolution

PRIOR = 0.01
"""The score that every class starts with (Lin et al. 2017, arXiv:1708.02002, section 4.1)."""
BoxLoss = Literal["giou", "diou", "ciou"]


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


def box_losses(predicted: Tensor, wanted: Tensor, kind: BoxLoss) -> Tensor:
    """1 minus a generalised IoU of each pair of boxes `(..., 4)`: `(...)`.

    `giou`: Rezatofighi et al. 2019, arXiv:1902.09630; `diou`, `ciou`: Zheng et al. 2020,
    arXiv:1911.08287.
    """
    from torchvision import ops

    losses = {
        "giou": ops.generalized_box_iou_loss,
        "diou": ops.distance_box_iou_loss,
        "ciou": ops.complete_box_iou_loss,
    }
    return losses[kind](predicted, wanted)


def quality_focal(logits: Tensor, quality: Tensor, gamma: float) -> Tensor:
    """Cross-entropy with targets from 0 to 1, weighed by `|sigmoid(logits) - quality|^gamma`.

    Elementwise (TOOD, equations 5 and 6; Li et al. 2020, arXiv:2006.04388, equation 5).
    """
    entropy = binary_cross_entropy_with_logits(logits, quality, reduction="none")
    return (logits.sigmoid() - quality).abs().pow(gamma) * entropy if gamma else entropy


class Branches(nn.Module):
    """The two branches of one level: `(B, width, H, W)` to `(B, K, H, W)` and `(B, 4, H, W)`."""

    def __init__(self, width: int, classes: int, activation: Activation, *, depth: int = 2) -> None:
        super().__init__()
        prior = math.log(PRIOR / (1 - PRIOR))
        self.classes = self._branch(width, classes, activation, depth=depth, start=prior)
        self.boxes = self._branch(width, 4, activation, depth=depth, start=2.0)

    @staticmethod
    def _branch(
        width: int, outputs: int, activation: Activation, *, depth: int, start: float
    ) -> nn.Sequential:
        """Convolutions, then a plain one whose outputs are about `start` at first."""
        last = nn.Conv2d(width, outputs, kernel_size=1)
        nn.init.constant_(last.bias, start)  # type: ignore[arg-type]
        return nn.Sequential(*(convolution(width, width, activation) for _ in range(depth)), last)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the classes, and distances before they are made positive."""
        return self.classes(x), self.boxes(x)


class AnchorFree(nn.Module):
    """A backbone, a neck, and two branches a level."""

    def __init__(
        self,
        backbone: Levels,
        activation: Activation,
        *,
        classes: int,
        head_width: int = 64,
        box_loss: BoxLoss = "giou",
        box_weight: float = 2.0,
        focal_gamma: float = 1.0,
        candidates: int = 13,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.neck = PathAggregation(backbone.channels, head_width, activation)
        self.heads = nn.ModuleList(
            Branches(head_width, classes, activation) for _ in backbone.strides
        )
        self.box_loss, self.box_weight = box_loss, box_weight
        self.focal_gamma, self.candidates = focal_gamma, candidates

    def predict(self, images: Tensor) -> tuple[Tensor, Tensor, Points]:
        """Logits `(B, A, K)` and boxes `(B, A, 4)` in pixels, float32, of the points of all levels."""
        maps = self.neck(self.backbone(images))
        points = points_of(maps, self.backbone.strides)
        outputs = [head(level) for head, level in zip(self.heads, maps, strict=True)]
        logits, distances = (
            torch.cat([each.float().flatten(2) for each in kind], 2).transpose(1, 2)
            for kind in zip(*outputs, strict=True)
        )
        return logits, decode(softplus(distances), points), points

    def losses(self, images: Tensor, targets: BoxTargets) -> dict[str, Tensor]:
        """`classes` and `boxes` on images `(B, C, H, W)`, both divided by the sum of the qualities."""
        logits, boxes, points = self.predict(images)
        truths = Truths.of(targets)
        owner, quality, positive = assign(
            logits.sigmoid(), boxes, points, truths, candidates=self.candidates
        )
        labels = truths.labels.gather(1, owner)[..., None]  # (B, A, 1)
        wanted = truths.boxes.gather(1, owner[..., None].expand(-1, -1, 4))  # (B, A, 4)
        # Points of the background are compared with themselves: no loss, and no 0 / 0.
        wanted = torch.where(positive[..., None], wanted, boxes.detach())
        goal = torch.zeros_like(logits).scatter(2, labels, quality[..., None])
        total = quality.sum().clamp_min(1.0)
        errors = box_losses(boxes, wanted, self.box_loss) * quality
        return {
            "classes": quality_focal(logits, goal, self.focal_gamma).sum() / total,
            "boxes": self.box_weight * errors.sum() / total,
        }

    def propose(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes `(B, A, 4)` and scores `(B, A, K)`."""
        logits, boxes, _ = self.predict(images)
        return boxes, logits.sigmoid()

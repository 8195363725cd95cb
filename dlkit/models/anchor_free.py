"""A modern YOLO without anchors: every point of several maps regresses its distances to a box's sides.

Decoupled branches for classes and boxes (Ge et al. 2021, YOLOX, arXiv:2107.08430, section 2.1); where
the points lie and what they learn is in `dlkit.models.points`.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from dlkit.data.boxes import BoxTargets
from dlkit.models.detections import Truths
from dlkit.models.detector_backbone import Activation, Levels, PathAggregation, convolution
from dlkit.models.points import Points, assign, decode, in_a_row, points_of
from dlkit.models.views import Reading, average

PRIOR = 0.01
"""The score that every class starts with (Lin et al. 2017, arXiv:1708.02002, section 4.1)."""
BoxLoss = Literal["giou", "diou", "ciou"]


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
        views: int = 1,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.neck = PathAggregation(backbone.channels, head_width, activation)
        self.heads = nn.ModuleList(
            Branches(head_width, classes, activation) for _ in backbone.strides
        )
        self.box_loss, self.box_weight = box_loss, box_weight
        self.focal_gamma, self.candidates, self.views = focal_gamma, candidates, views

    def read(self, images: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Logits `(B, K, H_l, W_l)` and distances `(B, 4, H_l, W_l)` in strides of each map, float32."""
        maps = self.neck(self.backbone(images))
        outputs = [head(level) for head, level in zip(self.heads, maps, strict=True)]
        return [(logits.float(), softplus(raw.float())) for logits, raw in outputs]

    def predict(self, images: Tensor) -> tuple[Tensor, Tensor, Points]:
        """Logits `(B, A, K)` and boxes `(B, A, 4)` in pixels, float32, of the points of all levels."""
        logits, distances = zip(*self.read(images), strict=True)
        points = points_of(logits, self.backbone.strides)
        return in_a_row(logits), decode(in_a_row(distances), points), points

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
        """Boxes `(B, A, 4)` and scores `(B, A, K)`, averaged over the views."""
        readings = average(self._scored, images, self.views)
        scores, distances = zip(*readings, strict=True)
        points = points_of(scores, self.backbone.strides)
        return decode(in_a_row(distances), points), in_a_row(scores)

    def _scored(self, images: Tensor) -> list[Reading]:
        return [Reading(logits.sigmoid(), distances) for logits, distances in self.read(images)]

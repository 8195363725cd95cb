"""R-CNN as it was first: selective search proposes regions, a network looks at each of them by itself.

Girshick, Donahue, Darrell & Malik 2014, arXiv:1311.2524; sections are those of that paper. It trained
in three stages, and scored features by support vector machines; here a softmax and the regression of
boxes are trained together with the features, as in Fast R-CNN (Girshick 2015, arXiv:1504.08083).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, smooth_l1_loss

from dlkit.data.boxes import BoxTargets
from dlkit.models.detector_backbone import Levels
from dlkit.models.proposals import Proposals
from dlkit.models.regions import decode, encode, sample, warp
from dlkit.nn.layers import dropout_layer, stack

CELLS = 4
"""Places a side of the map by which a region is classified."""
BETA = 0.1
"""Where the loss of boxes turns from squared to absolute, in units of `encode`."""
AT_ONCE = 2048
"""Regions that are looked at together in evaluation."""


class OriginalRCNN(nn.Module):
    """Proposals, warped regions, features, class scores and boxes, and non-maximum suppression.

    In training, images `(B, C, H, W)` from 0 to 1 and their boxes become losses by name; in
    evaluation, images become `{"boxes": (n, 4), "scores": (n,), "labels": (n,)}` each. The coarsest of
    `levels` sees a region of `crop` pixels a side as `CELLS` x `CELLS` places.
    """

    def __init__(
        self,
        levels: Levels,
        activation: Callable[[], nn.Module],
        proposals: Proposals,
        *,
        classes: int,
        crop: int,
        regions: int,
        head_width: int,
        dropout: float,
        score_threshold: float,
        nms_iou: float = 0.3,
        detections: int,
    ) -> None:
        super().__init__()
        self.proposals, self.crop, self.regions = proposals, crop, regions
        self.selection: dict[str, Any] = {
            "score_threshold": score_threshold,
            "nms_iou": nms_iou,
            "detections": detections,
        }
        self.levels = levels
        self.head = stack(
            flatten=nn.Flatten(),
            hidden=nn.Linear(levels.channels[-1] * CELLS**2, head_width),
            activation=activation(),
            dropout=dropout_layer(dropout),
        )
        self.scores = nn.Linear(head_width, classes + 1)
        self.changes = nn.Linear(head_width, classes * 4)

    def forward(self, images: Tensor, targets: BoxTargets | None = None) -> Any:
        """See the class; `targets` are used in training only."""
        proposals = self.proposals(images)
        if not self.training:
            return self._detect(images, proposals)
        if targets is None:
            raise ValueError("in training mode, a detector needs the boxes of the images")
        return self._losses(images, proposals, targets)

    def _look(self, images: Tensor, regions: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Scores `(n, K + 1)`, background first, and changes `(n, K, 4)` of all regions in a row."""
        features = self.head(self.levels(warp(images, regions, self.crop))[-1])
        return self.scores(features).float(), self.changes(features).float().unflatten(1, (-1, 4))

    def _losses(
        self, images: Tensor, proposals: list[Tensor], targets: BoxTargets
    ) -> dict[str, Tensor]:
        """Cross-entropy over all regions; smooth L1 of the changes, over those that show an object."""
        samples = [sample(*each, self.regions) for each in zip(proposals, targets, strict=True)]
        labels = torch.cat([each.labels for each in samples])
        scores, changes = self._look(images, [each.regions for each in samples])
        shown = labels.nonzero()[:, 0]
        regions, objects = (
            torch.cat([getattr(each, name) for each in samples])[shown]
            for name in ("regions", "objects")
        )
        own = changes[shown, labels[shown] - 1]  # (n, 4)
        errors = smooth_l1_loss(own, encode(objects, regions), beta=BETA, reduction="sum")
        return {"classes": cross_entropy(scores, labels), "boxes": errors / max(len(labels), 1)}

    def _detect(self, images: Tensor, proposals: list[Tensor]) -> list[dict[str, Tensor]]:
        size = (images.shape[2], images.shape[3])
        most = max(1, *(len(each) for each in proposals))
        step = max(1, AT_ONCE // most)
        found: list[dict[str, Tensor]] = []
        for start in range(0, len(images), step):
            part, regions = images[start : start + step], proposals[start : start + step]
            counts = [len(each) for each in regions]
            scores, changes = (each.split(counts) for each in self._look(part, regions))
            found += [
                choose(
                    decode(change, region),
                    score.softmax(1)[:, 1:],
                    size,
                    **self.selection,
                )
                for region, score, change in zip(regions, scores, changes, strict=True)
            ]
        return found


def choose(
    boxes: Tensor,
    scores: Tensor,
    size: tuple[int, int],
    *,
    score_threshold: float,
    nms_iou: float,
    detections: int,
) -> dict[str, Tensor]:
    """The detections of one image, the surest first, of `boxes` `(n, K, 4)` with `scores` `(n, K)`.

    Each class has a box of its own for every region. Those above the threshold are clipped to the
    image and thinned by non-maximum suppression, class by class (section 2.2).
    """
    from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes

    region, label = (scores > score_threshold).nonzero(as_tuple=True)
    box, score = clip_boxes_to_image(boxes[region, label], size), scores[region, label]
    wide = remove_small_boxes(box, min_size=1e-3)  # a clipped box may have no inside left
    kept = wide[batched_nms(box[wide], score[wide], label[wide], nms_iou)[:detections]]
    return {"boxes": box[kept], "scores": score[kept], "labels": label[kept]}

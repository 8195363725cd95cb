"""What detectors share: the boxes of a batch as one tensor, and which of many predictions are kept."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dlkit.data.boxes import BoxTargets

CANDIDATES = 1000
"""Predictions of an image that suppression looks at, as torchvision's one-stage detectors do for each
map: a thing is often found by a dozen points, so that 1000 leave room for some eighty things."""


@dataclass(frozen=True)
class Truths:
    """The boxes to learn of each image, padded to the longest list `M`, which is at least 1.

    `boxes` `(B, M, 4)` float32, corners in pixels; `labels` `(B, M)` int64; `real` `(B, M)` bool is
    false for padding, which is zeros, and for crowds.
    """

    boxes: Tensor
    labels: Tensor
    real: Tensor

    @classmethod
    def of(cls, targets: BoxTargets) -> Truths:
        """Side by side what lies in a row in `targets`; no image is looked at by itself."""
        boxes, counts = targets.together, torch.tensor(targets.counts)  # (n,), (B,)
        image = torch.arange(len(counts)).repeat_interleave(counts)  # (n,)
        place = torch.arange(len(boxes)) - (counts.cumsum(0) - counts)[image]  # (n,)
        where = image.to(boxes.boxes.device), place.to(boxes.boxes.device)
        shape = (len(counts), max(1, *targets.counts))

        def spread(values: Tensor) -> Tensor:
            return values.new_zeros(*shape, *values.shape[1:]).index_put(where, values)

        return cls(spread(boxes.boxes), spread(boxes.labels), spread(~boxes.crowd))


def select(
    boxes: Tensor,
    scores: Tensor,
    size: tuple[int, int],
    *,
    score_threshold: float,
    nms_iou: float,
    detections: int,
    candidates: int = CANDIDATES,
) -> list[dict[str, Tensor]]:
    """The predictions worth reporting of each image, the surest first.

    `boxes` `(B, N, 4)`, `scores` `(B, N, K)`; `size` is the image's height and width. Each pair of a
    box and a class counts by itself. Of the `candidates` with the highest scores those above
    `score_threshold` are clipped to the image, and thinned by non-maximum suppression class by class:
    a box that overlaps a surer one of its class by more than `nms_iou` is dropped. At most
    `detections` remain: `{"boxes": (n, 4), "scores": (n,), "labels": (n,)}`.
    """
    from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes

    classes = scores.shape[2]
    best = scores.flatten(1).topk(min(candidates, scores[0].numel()))  # (B, candidates)
    chosen = []
    for found, score, pair in zip(boxes, best.values, best.indices, strict=True):
        box = clip_boxes_to_image(found[pair // classes], size)  # (candidates, 4)
        label = pair % classes
        wide = remove_small_boxes(box, min_size=1e-3)  # a clipped box may have no inside left
        sure = wide[score[wide] > score_threshold]
        kept = sure[batched_nms(box[sure], score[sure], label[sure], nms_iou)[:detections]]
        chosen.append({"boxes": box[kept], "scores": score[kept], "labels": label[kept]})
    return chosen

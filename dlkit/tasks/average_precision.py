"""Average precision of detections as COCO computes it, by faster-coco-eval (imported when needed).

Lin et al. 2014, "Microsoft COCO", arXiv:1405.0312, and cocodataset.org, "Detection evaluation": for
each class and each of ten IoU thresholds, detections are matched to true boxes in the order of their
scores; precision is averaged at 101 recalls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dlkit.data.boxes import BoxTargets

Detections = Mapping[str, Tensor]
"""What a detector found in one image: `boxes` `(n, 4)` left, top, right, bottom; `scores` `(n,)`;
`labels` `(n,)` class indices from 0. On the CPU here."""

SIZES = {"small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
"""COCO's ranges of area, in pixels of the original image; both ends belong to a range."""
IOU_50, IOU_75 = 0, 5
"""Where 0.5 and 0.75 stand among the thresholds 0.50, 0.55, ..., 0.95."""
ALL, MOST_AN_IMAGE = 0, -1
"""Where boxes of all sizes stand among the sizes, and 100 among the limits of detections an image."""


def average_precision(found: Sequence[Detections], truth: BoxTargets) -> dict[str, float]:
    """Scores from 0 to 1 of what was `found` in each image against the boxes that are there.

    - `map`: the mean over classes and over IoU thresholds from 0.50 to 0.95; `map50` and `map75` at
      one threshold each;
    - `map_small`, `map_medium`, `map_large`: of boxes below 32 x 32, up to 96 x 96, and above, in
      pixels of the original image: only those sizes that `truth` holds;
    - `ar100`: the recall of the best 100 detections an image and class, over the same thresholds.

    Classes without a true box count nowhere. A detection that matches a crowd is neither right nor
    wrong. Raises `ValueError` if there is no true box at all.
    """
    if truth.together.crowd.all():
        raise ValueError("there is no true box, so average precision is not defined")
    precision, recall = _curves(found, truth)
    scores = {
        "map": _mean(precision[:, :, :, ALL, MOST_AN_IMAGE]),
        "map50": _mean(precision[IOU_50, :, :, ALL, MOST_AN_IMAGE]),
        "map75": _mean(precision[IOU_75, :, :, ALL, MOST_AN_IMAGE]),
    }
    for place, size in enumerate(SIZES, start=1):
        scores[f"map_{size}"] = _mean(precision[:, :, :, place, MOST_AN_IMAGE])
    scores["ar100"] = _mean(recall[:, :, ALL, MOST_AN_IMAGE])
    return {name: score for name, score in scores.items() if score >= 0}


def sizes_of(truth: BoxTargets) -> tuple[str, ...]:
    """The names of those sizes of which there are boxes."""
    areas = truth.together.area[~truth.together.crowd]
    return tuple(
        name for name, (low, high) in SIZES.items() if ((areas >= low) & (areas <= high)).any()
    )


def _curves(found: Sequence[Detections], truth: BoxTargets) -> tuple[Any, Any]:
    """Precision `(thresholds, recalls, classes, sizes, limits)`, recall without `recalls`; -1: none."""
    from faster_coco_eval import COCOeval_faster

    true_columns = [
        {
            **_columns(each.boxes, each.labels, scale),
            "area": each.area,
            "iscrowd": each.crowd.long(),
        }
        for each, scale in zip(truth, truth.scales, strict=True)
    ]
    found_columns = [
        {**_columns(each["boxes"], each["labels"], scale), "score": each["scores"].double()}
        for each, scale in zip(found, truth.scales, strict=True)
    ]
    classes = range(1, int(truth.together.labels.max()) + 2)
    evaluation = COCOeval_faster(
        _coco(true_columns, classes),
        _coco(found_columns, classes),
        "bbox",
        print_function=lambda *texts: None,
    )
    evaluation.evaluate()
    evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"]), np.asarray(evaluation.eval["recall"])


def _mean(values: Any) -> float:
    """Over what is defined; -1 where nothing is."""
    defined = values[values > -1]
    return float(defined.mean()) if defined.size else -1.0


def _columns(boxes: Tensor, labels: Tensor, scale: float) -> dict[str, Tensor]:
    """COCO's columns for boxes `(n, 4)`, in pixels of the original image; classes count from 1."""
    corners = boxes.double() * scale
    sides = corners[:, 2:] - corners[:, :2]
    return {
        "bbox": torch.cat([corners[:, :2], sides], 1),
        "category_id": labels + 1,
        "area": sides.prod(1),
        "iscrowd": torch.zeros_like(labels),
    }


def _coco(images: Sequence[Mapping[str, Tensor]], classes: range) -> Any:
    """COCO's tables of the boxes of each image, whose columns are given; image i has number i + 1."""
    from faster_coco_eval import COCO

    rows = [
        {"image_id": number, **dict(zip(columns, row, strict=True))}
        for number, columns in enumerate(images, start=1)
        for row in zip(*(column.tolist() for column in columns.values()), strict=True)
    ]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": number} for number in range(1, len(images) + 1)],
        "categories": [{"id": number} for number in classes],
        "annotations": [{"id": number, **row} for number, row in enumerate(rows, start=1)],
    }
    coco.createIndex()
    return coco

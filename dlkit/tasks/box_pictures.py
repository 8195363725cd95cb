"""Draws true and predicted boxes on images."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from dlkit.data.boxes import BoxTargets
from dlkit.tasks.average_precision import Detections
from dlkit.tasks.pictures import GREEN

LEAST_SCORE = 0.3
"""Detections below it are left out: a detector returns many, so that the curve has its tail."""
LEAST_SIDE = 256
COLUMNS = 4
PALETTE = (
    (230, 80, 60), (80, 140, 255), (240, 170, 30), (200, 90, 220), (60, 200, 210),
    (250, 120, 170), (170, 130, 90), (160, 170, 255), (220, 220, 60), (255, 140, 100),
)  # fmt: skip
"""Colours of the classes, taken in turn; none is the green of the true boxes."""


def box_grid(
    images: Tensor, truth: BoxTargets, found: Sequence[Detections], classes: Sequence[str]
) -> Tensor:
    """Images `(N, 3, H, W)` from 0 to 1 in a grid, uint8 `(H', W', 3)`, with their boxes.

    True boxes are green (crowds too); those found with a score from 0.3 on have their class's
    colour, and its name and the score at their corner.
    """
    from torchvision.utils import make_grid

    factor = -(-LEAST_SIDE // min(images.shape[2:]))
    pixels = (interpolate(images.float(), scale_factor=factor) * 255).round().to(torch.uint8)
    drawn = [
        _predicted(_outlined(image, boxes.boxes * factor, GREEN), each, classes, factor)
        for image, boxes, each in zip(pixels, truth, found, strict=True)
    ]
    return make_grid(drawn, nrow=COLUMNS, padding=4, pad_value=255).permute(1, 2, 0).contiguous()


def _outlined(image: Tensor, boxes: Tensor, colour: tuple[int, int, int]) -> Tensor:
    from torchvision.utils import draw_bounding_boxes

    return draw_bounding_boxes(image, boxes, colors=colour, width=2) if len(boxes) else image


def _predicted(image: Tensor, found: Detections, classes: Sequence[str], factor: int) -> Tensor:
    from torchvision.utils import draw_bounding_boxes

    sure = found["scores"] >= LEAST_SCORE
    boxes, labels = found["boxes"][sure] * factor, found["labels"][sure].tolist()
    if not labels:
        return image
    colours = [PALETTE[label % len(PALETTE)] for label in labels]
    texts = [
        f"{classes[label]} {score:.2f}"
        for label, score in zip(labels, found["scores"][sure].tolist(), strict=True)
    ]
    return draw_bounding_boxes(image, boxes, texts, colours, label_colors=colours)

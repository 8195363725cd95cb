"""YOLO, version 1: a grid of cells, each of which regresses classes, boxes and their confidence.

Redmon, Divvala, Girshick & Farhadi 2016, "You Only Look Once", arXiv:1506.02640, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dlkit.data.boxes import BoxTargets
from dlkit.models.detections import Truths
from dlkit.models.detector_backbone import Activation, Levels, convolution


@dataclass(frozen=True)
class Cells:
    """What a grid of `S x S` cells is to predict, row by row.

    `occupied` `(B, S, S)` bool: an object's centre lies in the cell; `boxes` `(B, S, S, 4)`: that
    object's x and y, from 0 to 1 within the cell, and the square roots of its width and height as
    shares of the image; `labels` `(B, S, S)` int64. Both are zeros in cells that are not occupied.
    """

    occupied: Tensor
    boxes: Tensor
    labels: Tensor


def encode(truths: Truths, grid: int, side: int) -> Cells:
    """The cells of square images of `side` pixels, with `grid` cells a side.

    A cell has one set of classes, so of several objects centred in it the largest is learnt.
    """
    corners = truths.boxes / side  # (B, M, 4)
    sizes = (corners[..., 2:] - corners[..., :2]).clamp_min(0)  # (B, M, 2)
    centres = (corners[..., :2] + corners[..., 2:]) / 2 * grid  # (B, M, 2), in cells
    column, row = centres.floor().clamp(0, grid - 1).unbind(-1)  # (B, M)
    offsets = centres - torch.stack([column, row], -1)
    within = row * grid + column  # (B, M)
    here = within[..., None] == torch.arange(grid * grid, device=within.device)  # (B, M, S S)
    here = here & truths.real[..., None]
    areas = torch.where(here, sizes.prod(-1)[..., None], -1.0)
    largest = areas.argmax(1)  # (B, S S)
    occupied = here.any(1)
    boxes = torch.cat([offsets, sizes.sqrt()], -1)  # (B, M, 4)
    chosen = boxes.gather(1, largest[..., None].expand(-1, -1, 4)) * occupied[..., None]
    labels = truths.labels.gather(1, largest) * occupied
    shape = (-1, grid, grid)
    return Cells(occupied.view(shape), chosen.view(*shape, 4), labels.view(shape))


def decode(boxes: Tensor, side: int) -> Tensor:
    """Corners in pixels of boxes `(B, S, S, ..., 4)` in the units of `Cells`; `encode`'s inverse."""
    grid = boxes.shape[1]
    steps = torch.arange(grid, device=boxes.device)
    cells = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), -1)  # (S, S, 2): column, row
    cells = cells.view(grid, grid, *[1] * (boxes.ndim - 4), 2)
    centres = (boxes[..., :2] + cells) * (side / grid)
    halves = boxes[..., 2:].square() * (side / 2)
    return torch.cat([centres - halves, centres + halves], -1)


def paired_iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of each pair of boxes `(..., 4)`, which broadcast: `(...)`."""
    low = torch.maximum(first[..., :2], second[..., :2])
    high = torch.minimum(first[..., 2:], second[..., 2:])
    common = (high - low).clamp_min(0).prod(-1)
    areas = [(each[..., 2:] - each[..., :2]).prod(-1) for each in (first, second)]
    return common / (areas[0] + areas[1] - common).clamp_min(1e-9)


def equation_3(
    boxes: Tensor,
    confidence: Tensor,
    classes: Tensor,
    cells: Cells,
    *,
    coordinate_weight: float = 5.0,
    no_object_weight: float = 0.5,
) -> dict[str, Tensor]:
    """The paper's loss (equation 3): squared errors, summed over an image, the mean over images.

    `boxes` `(B, S, S, P, 4)` and `confidence` `(B, S, S, P)` are those of a cell's P predictors,
    `classes` `(B, S, S, K)`. In an occupied cell the predictor whose box overlaps the object most is
    responsible: only it learns the box (`coordinates`), and that overlap as its confidence
    (`objects`). All others learn confidence 0 (`no_objects`). An occupied cell learns its `classes`.
    """
    grid, images = boxes.shape[1], len(boxes)
    truth = cells.boxes[:, :, :, None]  # (B, S, S, 1, 4)
    with torch.no_grad():  # the overlap is a target here, not something to learn through
        overlap = paired_iou(decode(boxes, grid), decode(truth, grid))  # (B, S, S, P)
        first = overlap.argmax(-1, keepdim=True)  # (B, S, S, 1)
        responsible = torch.zeros_like(overlap).scatter(-1, first, 1.0)
        responsible = responsible * cells.occupied[..., None]
    one_hot = nn.functional.one_hot(cells.labels, classes.shape[-1])
    errors = {
        "coordinates": (boxes - truth).square().sum(-1) * responsible * coordinate_weight,
        "objects": (confidence - overlap).square() * responsible,
        "no_objects": confidence.square() * (1 - responsible) * no_object_weight,
        "classes": (classes - one_hot).square().sum(-1) * cells.occupied,
    }
    return {name: each.sum() / images for name, each in errors.items()}


class YoloV1(nn.Module):
    """A backbone whose last map is the grid, two convolutions, and the outputs of each cell.

    The paper ends in two dense layers, which see the whole image; here convolutions keep the place.
    As there, outputs are linear.
    """

    def __init__(
        self,
        backbone: Levels,
        activation: Activation,
        *,
        classes: int,
        side: int,
        boxes_per_cell: int = 2,
        coordinate_weight: float = 5.0,
        no_object_weight: float = 0.5,
    ) -> None:
        super().__init__()
        self.backbone, self.side, self.predictors = backbone, side, boxes_per_cell
        self.weights = {
            "coordinate_weight": coordinate_weight,
            "no_object_weight": no_object_weight,
        }
        maps = backbone.channels[-1]
        self.neck = nn.Sequential(
            convolution(maps, maps, activation), convolution(maps, maps, activation)
        )
        self.outputs = nn.Conv2d(maps, boxes_per_cell * 5 + classes, kernel_size=1)
        nn.init.normal_(self.outputs.weight, std=0.01)
        self.outputs.bias = nn.Parameter(self._start(classes))

    def _start(self, classes: int) -> Tensor:
        """Boxes in the middle of their cells, each predictor's of another size; nothing anywhere."""
        predictors = self.predictors
        roots = torch.arange(1, predictors + 1) / (predictors + 1)  # (P,)
        boxes = torch.stack([torch.full_like(roots, 0.5)] * 2 + [roots] * 2, 1)  # (P, 4)
        confidence, shares = torch.zeros(predictors), torch.full((classes,), 1 / classes)
        return torch.cat([boxes.flatten(), confidence, shares])  # (5 P + K,)

    def predict(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Boxes `(B, S, S, P, 4)`, confidence `(B, S, S, P)` and classes `(B, S, S, K)`, float32."""
        features = self.neck(self.backbone(images)[-1])
        cells = self.outputs(features).float().permute(0, 2, 3, 1)  # (B, S, S, 5 P + K)
        boxes = cells[..., : 4 * self.predictors].unflatten(-1, (self.predictors, 4))
        return boxes, *cells[..., 4 * self.predictors :].tensor_split([self.predictors], -1)

    def losses(self, images: Tensor, targets: BoxTargets) -> dict[str, Tensor]:
        """The terms of equation 3 on images `(B, C, H, W)`."""
        boxes, confidence, classes = self.predict(images)
        cells = encode(Truths.of(targets), boxes.shape[1], self.side)
        return equation_3(boxes, confidence, classes, cells, **self.weights)

    def propose(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes `(B, N, 4)` and scores `(B, N, K)`: class times confidence (equation 1)."""
        boxes, confidence, classes = self.predict(images)
        scores = confidence[..., None] * classes[..., None, :]  # (B, S, S, P, K)
        return decode(boxes, self.side).flatten(1, 3), scores.flatten(1, 3)

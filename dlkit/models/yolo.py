"""YOLO: detection in one pass over the image, as in the paper of 2016 or as it is done today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from torch import Tensor, nn

from dlkit.data.boxes import BoxTargets
from dlkit.data.dataset import Facts
from dlkit.errors import OptionError
from dlkit.models.anchor_free import AnchorFree
from dlkit.models.backbones import build_backbone, given, refuse
from dlkit.models.detections import select
from dlkit.models.detector_backbone import Levels
from dlkit.models.shapes import image_shape
from dlkit.models.yolo_v1 import YoloV1
from dlkit.ranges import (
    FilePath,
    NaturalInt,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    PositiveShare,
    Share,
    UnitInterval,
)

STRIDES = (4, 8, 16, 32)
"""What a cell of a map may measure, in pixels a side: both backbones have these maps."""


def yolo(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    variant: Literal["v1", "anchor_free"] = "anchor_free",
    backbone: Literal["tiny", "efficientnet_lite0"] = "tiny",
    width: PositiveInt | None = None,
    blocks: PositiveInt | None = None,
    backbone_weights: FilePath | None = None,
    frozen: NaturalInt | None = None,
    frozen_norm: bool | None = None,
    backbone_rate: PositiveShare | None = None,
    grid: PositiveInt | None = None,
    boxes_per_cell: PositiveInt | None = None,
    coordinate_weight: NonNegativeFloat | None = None,
    no_object_weight: NonNegativeFloat | None = None,
    strides: Sequence[Literal[4, 8, 16, 32]] | None = None,
    head_width: PositiveInt | None = None,
    box_loss: Literal["giou", "diou", "ciou"] | None = None,
    box_weight: PositiveFloat | None = None,
    focal_gamma: NonNegativeFloat | None = None,
    candidates: PositiveInt | None = None,
    views: Literal[1, 2, 4, 8] | None = None,
    score_threshold: Share = 0.01,
    nms_iou: UnitInterval = 0.5,
    detections: PositiveInt = 100,
) -> nn.Module:
    """Images to boxes with classes and scores, by one network that looks at all of the image once.

    `v1` is Redmon et al. 2016, arXiv:1506.02640, but for the layers before its outputs;
    `anchor_free` is put together of what came later: see `dlkit.models.anchor_free`. Raises
    `ConfigError` if the data are not images, and `OptionError` for an option of the other variant or
    backbone, and for cells that images cannot be cut into. Options, with the defaults that null means:

    - `variant`: `v1`, a grid of cells of which each regresses classes, boxes and confidence; or
      `anchor_free`, points on several maps that regress the distances to the sides of a box.
    - `backbone`: `tiny` is a small residual network that learns from nothing; `efficientnet_lite0` one
      that may start with weights from ImageNet.
    - `width`: feature maps of `tiny` at half the image's size, doubled with every further halving (24).
    - `blocks`: residual blocks of `tiny` for each of its sizes (1).
    - `backbone_weights`: a .safetensors file with weights of `efficientnet_lite0`; null for random ones.
    - `frozen`: of `efficientnet_lite0`'s maps (strides 2, 4, 8, 16 and 32) the number of those, from
      the finest on, whose layers do not learn (0).
    - `frozen_norm`: whether its batch normalisation keeps the statistics of the weights' file (false).
    - `backbone_rate`: share of the learning rate at which weights of a file learn (1).
    - `grid`: `v1`'s cells a side, so that cells measure 4, 8, 16 or 32 pixels (cells of 16).
    - `boxes_per_cell`: boxes that each cell of `v1` predicts (2).
    - `coordinate_weight`: weight of the boxes' errors in `v1`'s loss (5).
    - `no_object_weight`: weight of confidence where there is no object, there too (0.5).
    - `strides`: pixels a side of the cells of each of `anchor_free`'s maps, each twice the one before
      ([8, 16]).
    - `head_width`: feature maps of `anchor_free`'s neck and branches (64).
    - `box_loss`: the IoU loss of `anchor_free` (giou).
    - `box_weight`: its weight beside that of the classes (2).
    - `focal_gamma`: how much less `anchor_free` learns from classes that it already knows; 0 is plain
      cross-entropy, 2 the paper's choice (1).
    - `candidates`: the most points of `anchor_free` that one object teaches (13).
    - `views`: how many mirror images of an image `anchor_free` judges where it does not learn, and
      averages: 2 are the image and the one with left and right swapped, 4 also those upside down, 8
      also these on their side. It takes as many times as long; which number helps, validation says (1).
    - `score_threshold`: detections with a lower score are not reported.
    - `nms_iou`: two detections of one class that overlap more are taken for one.
    - `detections`: the most that are reported of an image.
    """
    of_v1 = given(
        grid=grid,
        boxes_per_cell=boxes_per_cell,
        coordinate_weight=coordinate_weight,
        no_object_weight=no_object_weight,
    )
    of_anchor_free = given(
        strides=strides,
        head_width=head_width,
        box_loss=box_loss,
        box_weight=box_weight,
        focal_gamma=focal_gamma,
        candidates=candidates,
        views=views,
    )
    image_shape(facts, "yolo")
    if variant == "v1":
        refuse(of_anchor_free, f"variant: {variant}", "variant: anchor_free")
        levels: tuple[int, ...] = (_stride_of(facts, of_v1.pop("grid", None)),)
    else:
        refuse(of_v1, f"variant: {variant}", "variant: v1")
        levels = _checked(of_anchor_free.pop("strides", (8, 16)), facts)
    body = build_backbone(
        facts,
        activation,
        backbone,
        deepest=levels[-1],
        of_tiny=given(width=width, blocks=blocks),
        of_pretrained=given(
            backbone_weights=backbone_weights,
            frozen=frozen,
            frozen_norm=frozen_norm,
            backbone_rate=backbone_rate,
        ),
    )
    maps, classes = Levels(body, levels), facts.outputs
    network = (
        YoloV1(maps, activation, classes=classes, side=facts.input_shape[1], **of_v1)
        if variant == "v1"
        else AnchorFree(maps, activation, classes=classes, **of_anchor_free)
    )
    return Yolo(network, score_threshold=score_threshold, nms_iou=nms_iou, detections=detections)


class Yolo(nn.Module):
    """Either network, and what makes detections of its outputs (torchvision's contract for detectors).

    In training, images `(B, C, H, W)` from 0 to 1 and their boxes become losses by name; in
    evaluation, images become `{"boxes": (n, 4), "scores": (n,), "labels": (n,)}` each.
    """

    def __init__(self, network: YoloV1 | AnchorFree, **selection: Any) -> None:
        super().__init__()
        self.network, self.selection = network, selection

    def forward(self, images: Tensor, targets: BoxTargets | None = None) -> Any:
        """See the class; `targets` are used in training only."""
        if self.training:
            if targets is None:
                raise ValueError("in training mode, a detector needs the boxes of the images")
            return self.network.losses(images, targets)
        boxes, scores = self.network.propose(images)
        return select(boxes, scores, (images.shape[2], images.shape[3]), **self.selection)


def _stride_of(facts: Facts, grid: int | None) -> int:
    """How many pixels a side the cells of `v1` measure; 16 without a `grid`."""
    _, height, width = facts.input_shape
    if height != width:
        raise OptionError(
            "variant",
            f"v1 takes square images, the data yield {height}x{width} pixels",
            "Use 'variant: anchor_free'.",
        )
    fitting = {height // stride: stride for stride in STRIDES if height % stride == 0}
    if grid is None and height % 16 == 0:
        return 16
    if grid not in fitting:
        message = f"{height} pixels a side do not make "
        message += "cells of 16 pixels" if grid is None else f"{grid} cells of 4, 8, 16 or 32"
        choices = " or ".join(map(str, fitting))
        size = "Give the data a size that is a multiple of 32."
        raise OptionError("grid", message, f"Use {choices}." if fitting else size)
    return fitting[grid]


def _checked(strides: Sequence[int], facts: Facts) -> tuple[int, ...]:
    """The strides, if each is twice the one before and images can be cut into their cells."""
    expected = [strides[0] * 2**place for place in range(len(strides))] if strides else []
    if not strides or list(strides) != expected:
        message = f"{list(strides)}: each stride must be twice the one before"
        raise OptionError("strides", message, "Use [8, 16], say.")
    _, height, width = facts.input_shape
    if height % strides[-1] or width % strides[-1]:
        raise OptionError(
            "strides",
            f"images of {height}x{width} pixels cannot be cut into cells of {strides[-1]}",
            f"Give the data a size that is a multiple of {strides[-1]}, or use finer strides.",
        )
    return tuple(strides)

"""R-CNN: detection in two steps, first regions that may hold an object, then what is in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from torch import nn

from dlkit.data.dataset import Facts
from dlkit.data.places import home
from dlkit.errors import OptionError
from dlkit.models.backbones import build_backbone, given, refuse
from dlkit.models.detector_backbone import Activation, Levels
from dlkit.models.faster_rcnn import FasterRCNN, TopDown
from dlkit.models.proposals import Proposals
from dlkit.models.rcnn_original import CELLS, OriginalRCNN
from dlkit.models.selective_search import selective_search
from dlkit.models.shapes import image_shape
from dlkit.ranges import (
    FilePath,
    NaturalInt,
    PositiveInt,
    PositiveInts,
    PositiveShare,
    Share,
    UnitInterval,
)


def rcnn(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    variant: Literal["original", "faster"] = "faster",
    backbone: Literal["tiny", "efficientnet_lite0"] = "tiny",
    width: PositiveInt | None = None,
    blocks: PositiveInt | None = None,
    backbone_weights: FilePath | None = None,
    frozen: NaturalInt | None = None,
    frozen_norm: bool | None = None,
    backbone_rate: PositiveShare | None = None,
    crop: Literal[16, 32, 64, 128] | None = None,
    keep_proposals: bool | None = None,
    strides: Sequence[Literal[4, 8, 16, 32]] | None = None,
    anchors: PositiveInts | None = None,
    neck_width: PositiveInt | None = None,
    regions: PositiveInt = 32,
    head_width: PositiveInt = 128,
    dropout: Share = 0.0,
    score_threshold: Share = 0.01,
    nms_iou: UnitInterval | None = None,
    detections: PositiveInt = 100,
) -> nn.Module:
    """Images to boxes with classes and scores, in two steps: regions, then what is in each.

    `original` is Girshick et al. 2014, arXiv:1311.2524, with a softmax for its support vector machines
    (`dlkit.models.rcnn_original`); `faster` is Ren et al. 2015, arXiv:1506.01497, by torchvision
    (`dlkit.models.faster_rcnn`). Raises `ConfigError` if the data are not images, and `OptionError`
    for an option of the other variant or backbone. Options, with the defaults that null means:

    - `variant`: `original`, whose regions come from selective search and are looked at one by one; or
      `faster`, which learns to propose regions on the feature maps that it classifies them by.
    - `backbone`: `tiny` is a small residual network that learns from nothing; `efficientnet_lite0` one
      that may start with weights from ImageNet.
    - `width`: feature maps of `tiny` at half the image's size, doubled with every further halving (24).
    - `blocks`: residual blocks of `tiny` for each of its sizes (1).
    - `backbone_weights`: a .safetensors file with weights of `efficientnet_lite0`; null for random ones.
    - `frozen`: of `efficientnet_lite0`'s maps (strides 2, 4, 8, 16 and 32) the number of those, from
      the finest on, whose layers do not learn (0).
    - `frozen_norm`: whether its batch normalisation keeps the statistics of the weights' file (false).
    - `backbone_rate`: share of the learning rate at which weights of a file learn (1).
    - `crop`: pixels a side to which `original` warps its regions (32).
    - `keep_proposals`: whether `original` keeps the proposals for images that come back also on the
      disk, below `$DLKIT_DATA` or `~/.cache/dlkit` (true).
    - `strides`: pixels a side of the cells of the maps that `faster` sees; anchors lie on the first
      one's cells ([8, 16]).
    - `anchors`: sides of `faster`'s anchors in pixels, each in three shapes (a sixteenth, an eighth, a
      quarter and half of the image's smaller side).
    - `neck_width`: feature maps of which `faster` cuts its regions (96).
    - `regions`: the most that an image teaches the classifier, a quarter of them objects if there are
      so many.
    - `head_width`: features by which a region is classified.
    - `dropout`: share of these that is zeroed at random while training.
    - `score_threshold`: detections with a lower score are not reported.
    - `nms_iou`: two detections of one class that overlap more are taken for one (`original` 0.3,
      `faster` 0.5).
    - `detections`: the most that are reported of an image.
    """
    of_original = given(crop=crop, keep_proposals=keep_proposals)
    of_faster = given(strides=strides, anchors=anchors, neck_width=neck_width)
    image_shape(facts, "rcnn")
    build_body = partial(
        build_backbone,
        facts,
        activation,
        backbone,
        of_tiny=given(width=width, blocks=blocks),
        of_pretrained=given(
            backbone_weights=backbone_weights,
            frozen=frozen,
            frozen_norm=frozen_norm,
            backbone_rate=backbone_rate,
        ),
    )
    common: dict[str, Any] = {
        "classes": facts.outputs,
        "regions": regions,
        "head_width": head_width,
        "dropout": dropout,
        "score_threshold": score_threshold,
        "detections": detections,
        **given(nms_iou=nms_iou),
    }
    if variant == "original":
        refuse(of_faster, "variant: original", "variant: faster")
        return _original(activation, build_body, common, **of_original)
    refuse(of_original, "variant: faster", "variant: original")
    return _faster(facts, activation, build_body, common, **of_faster)


def _original(
    activation: Activation,
    build_body: Callable[..., nn.Module],
    common: dict[str, Any],
    *,
    crop: int = 32,
    keep_proposals: bool = True,
) -> nn.Module:
    stride = crop // CELLS
    levels = Levels(build_body(deepest=stride), [stride])
    folder = home("proposals") if keep_proposals else None
    proposals = Proposals(selective_search, name="selective search 1", folder=folder)
    return OriginalRCNN(levels, activation, proposals, crop=crop, **common)


def _faster(
    facts: Facts,
    activation: Activation,
    build_body: Callable[..., nn.Module],
    common: dict[str, Any],
    *,
    strides: Sequence[int] = (8, 16),
    anchors: Sequence[int] | None = None,
    neck_width: int = 96,
) -> nn.Module:
    if not strides or list(strides) != sorted(set(strides)):
        message = f"{list(strides)}: each stride must be larger than the one before"
        raise OptionError("strides", message, "Use [8, 16], say.")
    height, width = facts.input_shape[1:]
    sides = anchors or [max(1, min(height, width) // part) for part in (16, 8, 4, 2)]
    levels = Levels(build_body(deepest=strides[-1]), strides)
    features = TopDown(levels, neck_width, activation)
    return FasterRCNN(features, (height, width), anchors=sides, **common)

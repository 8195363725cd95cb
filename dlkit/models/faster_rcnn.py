"""Faster R-CNN: a small network proposes regions on the feature maps that a second one classifies.

Ren, He, Girshick & Sun 2015, arXiv:1506.01497, in torchvision's implementation, on one map that sees
the coarser ones (Lin et al. 2017, arXiv:1612.03144, section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import interpolate

from dlkit.data.boxes import BoxTargets
from dlkit.models.detector_backbone import Activation, Levels, convolution
from dlkit.models.roi_align import RegionPooling

POOLED = 7
"""Places a side into which a region is cut."""
RATIOS = (0.5, 1.0, 2.0)
"""Height to width of the anchors of each size (section 3.1.1)."""
PROPOSED = {"pre": 600, "post": 200}
"""Proposals an image before and after non-maximum suppression (the paper keeps 2000)."""
ANCHORS_LEARNT = 128
"""Anchors an image that the proposals learn from (the paper has 256)."""
TERMS = {
    "classes": "loss_classifier",
    "boxes": "loss_box_reg",
    "objectness": "loss_objectness",
    "proposals": "loss_rpn_box_reg",
}
"""The losses by their names here, and by torchvision's."""


class TopDown(nn.Module):
    """The finest map of `levels`, to which what the coarser ones see is added; `out_channels` maps."""

    def __init__(self, levels: Levels, width: int, activation: Activation) -> None:
        super().__init__()
        self.levels, self.out_channels = levels, width
        self.lateral = nn.ModuleList(nn.Conv2d(maps, width, 1) for maps in levels.channels)
        self.output = convolution(width, width, activation)

    def forward(self, images: Tensor) -> Tensor:
        """Images `(B, C, H, W)` to one map `(B, width, H / stride, W / stride)`, float32."""
        *finer, x = (
            lateral(x) for lateral, x in zip(self.lateral, self.levels(images), strict=True)
        )
        for level in reversed(finer):
            x = level + interpolate(x, size=level.shape[2:], mode="nearest")
        return self.output(x).float()  # anchors have the type of the map


class Float32(nn.Module):
    """Both results of a head as float32: boxes take on their type, and bfloat16 has 8 bits only."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def forward(self, x: Any) -> tuple[Any, Any]:
        """Scores and changes of boxes: tensors, or lists of them."""
        first, second = self.head(x)
        return _float32(first), _float32(second)


def _float32(values: Any) -> Any:
    return [each.float() for each in values] if isinstance(values, list) else values.float()


class FasterRCNN(nn.Module):
    """torchvision's detector behind dlkit's contract: labels count from 0, crowds are not learnt.

    In training, images `(B, C, H, W)` from 0 to 1 and their boxes become losses by name; in
    evaluation, images become `{"boxes": (n, 4), "scores": (n,), "labels": (n,)}` each.
    """

    def __init__(
        self,
        features: TopDown,
        size: tuple[int, int],
        *,
        classes: int,
        anchors: Sequence[int],
        regions: int,
        head_width: int,
        dropout: float,
        score_threshold: float,
        nms_iou: float = 0.5,
        detections: int,
    ) -> None:
        super().__init__()
        from torchvision.models.detection import faster_rcnn, rpn

        sizes = rpn.AnchorGenerator((tuple(anchors),), (RATIOS,))
        count = sizes.num_anchors_per_location()[0]
        head = faster_rcnn.TwoMLPHead(features.out_channels * POOLED**2, head_width)
        self.detector = faster_rcnn.FasterRCNN(
            features,
            num_classes=None,  # the predictor knows
            min_size=min(size),  # so that nothing is resized
            max_size=max(size),
            image_mean=[0.0],  # the backbone takes pixels from 0 to 1
            image_std=[1.0],
            rpn_anchor_generator=sizes,
            rpn_head=Float32(rpn.RPNHead(features.out_channels, count)),
            rpn_pre_nms_top_n_train=PROPOSED["pre"],
            rpn_pre_nms_top_n_test=PROPOSED["pre"],
            rpn_post_nms_top_n_train=PROPOSED["post"],
            rpn_post_nms_top_n_test=PROPOSED["post"],
            rpn_batch_size_per_image=ANCHORS_LEARNT,
            box_head=nn.Sequential(head, nn.Dropout(dropout)),
            box_predictor=Float32(faster_rcnn.FastRCNNPredictor(head_width, classes + 1)),
            box_score_thresh=score_threshold,
            box_nms_thresh=nms_iou,
            box_detections_per_img=detections,
            box_batch_size_per_image=regions,
        )
        self.detector.roi_heads.box_roi_pool = RegionPooling(POOLED)

    def forward(self, images: Tensor, targets: BoxTargets | None = None) -> Any:
        """See the class; `targets` are used in training only."""
        if not self.training:
            return [{**each, "labels": each["labels"] - 1} for each in self.detector(list(images))]
        if targets is None:
            raise ValueError("in training mode, a detector needs the boxes of the images")
        objects = [
            {"boxes": each.boxes, "labels": each.labels + 1} for each in targets.without_crowds()
        ]
        losses = self.detector(list(images), objects)
        return {name: losses[term] for name, term in TERMS.items()}

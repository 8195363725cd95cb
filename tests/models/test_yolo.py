"""The entry `yolo`: which network its options make, torchvision's contract, and what it refuses."""

import pytest
import torch
from torch import nn

from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError, OptionError
from dlkit.models.anchor_free import AnchorFree
from dlkit.models.efficientnet_lite0 import EfficientNetLite0
from dlkit.models.yolo import yolo
from dlkit.models.yolo_v1 import YoloV1

GREY = Facts((1, 64, 64), 3, "boxes", ("a", "b", "c"))
COLOUR = Facts((3, 64, 64), 3, "boxes", ("a", "b", "c"))
SMALL = {
    "v1": {"variant": "v1", "width": 4},
    "anchor_free": {"variant": "anchor_free", "width": 4, "head_width": 8},
    "efficientnet": {"backbone": "efficientnet_lite0", "head_width": 8},
    "v1 on efficientnet": {"variant": "v1", "backbone": "efficientnet_lite0"},
}


def build(facts=COLOUR, **options):
    torch.manual_seed(0)
    return yolo(facts, nn.ReLU, **options)


def scenes(count=3, facts=COLOUR):
    boxes = [
        Boxes.of([[4, 5, 30, 28], [30, 31, 60, 50]], [0, 2], crowd=[False, True]),
        Boxes.of([], []),
        Boxes.of([[0, 0, 64, 64]], [1]),
    ]
    random = torch.Generator().manual_seed(0)
    return torch.rand(count, *facts.input_shape, generator=random), BoxTargets.of(boxes[:count])


@pytest.mark.parametrize("options", SMALL.values(), ids=SMALL)
def test_training_gives_losses_and_evaluation_detections(options):
    """Each combination of variant and backbone: scalar losses that teach all weights; boxes in the image."""
    model = build(**options)
    images, targets = scenes()

    losses = model(images, targets)
    sum(losses.values()).backward()
    found = model.eval()(images)

    assert all(loss.shape == () and loss.isfinite() for loss in losses.values())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert len(found) == 3
    for each in found:
        assert set(each) == {"boxes", "scores", "labels"}
        assert each["boxes"].shape == (len(each["scores"]), 4)
        assert ((each["boxes"] >= 0) & (each["boxes"] <= 64)).all()
        assert each["labels"].lt(3).all()


@pytest.mark.parametrize("options", [SMALL["v1"], SMALL["anchor_free"]], ids=["v1", "anchor_free"])
def test_crowds_teach_nothing(options):
    """The losses are those without the crowd's box."""
    images, targets = scenes()
    without = BoxTargets.of([each[~each.crowd] for each in targets])

    assert build(**options)(images, targets) == build(**options)(images, without)


@pytest.mark.parametrize("options", [SMALL["v1"], SMALL["anchor_free"]], ids=["v1", "anchor_free"])
def test_grey_images_bfloat16_and_channels_last(options):
    """One channel is enough; under bf16 autocast losses are float32 and close to those without it."""
    images, targets = scenes(facts=GREY)
    expected = sum(build(GREY, **options)(images, targets).values())
    model = build(GREY, **options).to(memory_format=torch.channels_last)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = model(images.contiguous(memory_format=torch.channels_last), targets)

    total = sum(losses.values())
    assert total.dtype == torch.float32
    torch.testing.assert_close(total, expected, rtol=0.05, atol=0.05)


def test_the_variant_chooses_the_network_and_its_options():
    """Each option reaches the part that it names; what is not set has the default that is promised."""
    v1 = build(variant="v1", grid=8, boxes_per_cell=3, coordinate_weight=2, no_object_weight=1)
    assert isinstance(v1.network, YoloV1)
    assert v1.network.backbone.strides == (8,)
    assert v1.network.predictors == 3
    assert v1.network.weights == {"coordinate_weight": 2, "no_object_weight": 1}
    assert build(variant="v1").network.backbone.strides == (16,)

    free = build(strides=[4, 8, 16], box_loss="ciou", box_weight=1, focal_gamma=0, candidates=5)
    network = free.network
    assert isinstance(network, AnchorFree)
    assert network.backbone.strides == (4, 8, 16)
    assert (network.box_loss, network.box_weight) == ("ciou", 1)
    assert (network.focal_gamma, network.candidates) == (0, 5)
    assert build().network.backbone.strides == (8, 16)
    assert build(width=8).network.backbone.channels == (32, 64)

    backbone = build(backbone="efficientnet_lite0").network.backbone
    assert isinstance(backbone.backbone, EfficientNetLite0)
    assert backbone.channels == (40, 112)


def test_selection_options_are_used():
    """The threshold, the overlap and the limit of detections reach the suppression."""
    model = build(**SMALL["anchor_free"], score_threshold=0.0, nms_iou=1.0, detections=7).eval()
    images, _ = scenes()

    assert [len(each["scores"]) for each in model(images)] == [7, 7, 7]
    assert [len(each["scores"]) for each in build(score_threshold=0.5).eval()(images)] == [0, 0, 0]


def test_training_without_boxes_is_a_bug():
    """A detector in training mode says what it lacks."""
    with pytest.raises(ValueError, match="in training mode, a detector needs the boxes"):
        build(**SMALL["v1"])(scenes()[0])


def facts(*shape):
    return Facts(shape, 3, "boxes")


@pytest.mark.parametrize(
    ("given", "options", "option", "message", "hint"),
    [
        (
            facts(3, 96, 96),
            {"grid": 6},
            "grid",
            "has no effect with 'variant: anchor_free'",
            "Leave it out, or use 'variant: v1'.",
        ),
        (
            facts(3, 96, 96),
            {"variant": "v1", "box_loss": "ciou"},
            "box_loss",
            "has no effect with 'variant: v1'",
            "Leave it out, or use 'variant: anchor_free'.",
        ),
        (
            facts(3, 96, 96),
            {"backbone_weights": "weights.safetensors"},
            "backbone_weights",
            "has no effect with 'backbone: tiny'",
            "Leave it out, or use 'backbone: efficientnet_lite0'.",
        ),
        (
            facts(3, 96, 96),
            {"backbone": "efficientnet_lite0", "width": 8},
            "width",
            "has no effect with 'backbone: efficientnet_lite0'",
            "Leave it out, or use 'backbone: tiny'.",
        ),
        (
            facts(1, 96, 96),
            {"backbone": "efficientnet_lite0"},
            "backbone",
            "efficientnet_lite0 takes 3 channels, the data yield 1",
            "Use 'backbone: tiny'.",
        ),
        (
            facts(3, 96, 96),
            {"variant": "v1", "grid": 7},
            "grid",
            "96 pixels a side do not make 7 cells of 4, 8, 16 or 32",
            "Use 24 or 12 or 6 or 3.",
        ),
        (
            facts(3, 20, 20),
            {"variant": "v1"},
            "grid",
            "20 pixels a side do not make cells of 16 pixels",
            "Use 5.",
        ),
        (
            facts(3, 90, 90),
            {"variant": "v1", "grid": 9},
            "grid",
            "90 pixels a side do not make 9 cells of 4, 8, 16 or 32",
            "Give the data a size that is a multiple of 32.",
        ),
        (
            facts(3, 64, 96),
            {"variant": "v1"},
            "variant",
            "v1 takes square images, the data yield 64x96 pixels",
            "Use 'variant: anchor_free'.",
        ),
        (
            facts(3, 96, 96),
            {"strides": [8, 32]},
            "strides",
            "[8, 32]: each stride must be twice the one before",
            "Use [8, 16], say.",
        ),
        (
            facts(3, 96, 96),
            {"strides": []},
            "strides",
            "[]: each stride must be twice the one before",
            "Use [8, 16], say.",
        ),
        (
            facts(3, 96, 100),
            {},
            "strides",
            "images of 96x100 pixels cannot be cut into cells of 16",
            "Give the data a size that is a multiple of 16, or use finer strides.",
        ),
        (
            facts(1, 8, 8),
            {},
            "strides",
            "images of 8x8 pixels cannot be cut into cells of 16",
            "Give the data a size that is a multiple of 16, or use finer strides.",
        ),
    ],
)
def test_what_does_not_fit_is_refused(given, options, option, message, hint):
    """The error names the option, what is wrong, and what to do."""
    with pytest.raises(OptionError) as caught:
        build(given, **options)

    assert (caught.value.option, caught.value.message, caught.value.hint) == (option, message, hint)


def test_tables_are_refused():
    """A detector needs images."""
    with pytest.raises(ConfigError, match="model 'yolo' takes images; the data yield 10 features"):
        build(Facts((10,), 1, "values"))

"""The entry `rcnn`: what its options make, torchvision's contract for detectors, what it refuses."""

import pytest
import torch
from torch import nn

from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.data.dataset import Facts
from dlkit.errors import ConfigError, OptionError
from dlkit.models.efficientnet_lite0 import EfficientNetLite0
from dlkit.models.faster_rcnn import FasterRCNN, TopDown
from dlkit.models.rcnn import rcnn
from dlkit.models.rcnn_original import OriginalRCNN, choose

GREY = Facts((1, 64, 64), 3, "boxes", ("a", "b", "c"))
COLOUR = Facts((3, 64, 64), 3, "boxes", ("a", "b", "c"))
SMALL = {
    "original": {"variant": "original", "width": 4, "keep_proposals": False, "head_width": 16},
    "faster": {"variant": "faster", "width": 4, "neck_width": 16, "head_width": 16},
    "original on efficientnet": {
        "variant": "original",
        "backbone": "efficientnet_lite0",
        "crop": 64,
        "keep_proposals": False,
        "head_width": 16,
    },
    "faster on efficientnet": {
        "backbone": "efficientnet_lite0",
        "neck_width": 16,
        "head_width": 16,
    },
}
BOTH = [SMALL["original"], SMALL["faster"]]
NAMES = {
    "original": {"classes", "boxes"},
    "faster": {"classes", "boxes", "objectness", "proposals"},
}


def build(facts=COLOUR, **options):
    torch.manual_seed(0)
    return rcnn(facts, nn.ReLU, **options)


def scenes(facts=COLOUR):
    """Noise with bright squares where the boxes are: two and a crowd, none, one."""
    boxes = [
        Boxes.of([[4, 5, 30, 28], [30, 31, 60, 50]], [0, 2], crowd=[False, True]),
        Boxes.of([], []),
        Boxes.of([[0, 0, 64, 64]], [1]),
    ]
    images = torch.rand(3, *facts.input_shape, generator=torch.Generator().manual_seed(0)) / 4
    images[0, :, 5:28, 4:30] += 0.7
    images[0, :, 31:50, 30:60] += 0.5
    return images, BoxTargets.of(boxes)


@pytest.mark.parametrize("options", SMALL.values(), ids=SMALL)
def test_training_gives_losses_and_evaluation_detections(options):
    """Each variant on each backbone: scalar losses that teach every weight; boxes within the image."""
    model = build(**options)
    images, targets = scenes()

    losses = model(images, targets)
    sum(losses.values()).backward()
    found = model.eval()(images)

    assert set(losses) == NAMES[options.get("variant", "faster")]
    assert all(loss.shape == () and loss.isfinite() for loss in losses.values())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert len(found) == 3
    for each in found:
        assert set(each) == {"boxes", "scores", "labels"}
        assert each["boxes"].shape == (len(each["scores"]), 4)
        assert ((each["boxes"] >= 0) & (each["boxes"] <= 64)).all()
        assert each["labels"].ge(0).all()
        assert each["labels"].lt(3).all()
    assert sum(len(each["scores"]) for each in found)


@pytest.mark.parametrize("options", BOTH, ids=["original", "faster"])
def test_crowds_teach_nothing(options):
    """Whatever the class of a crowd's box, the losses are the same."""
    images, targets = scenes()
    first, *others = targets
    other = Boxes(first.boxes, torch.tensor([0, 1]), first.crowd, first.area)

    def losses(boxes):
        model = build(**options)
        torch.manual_seed(1)
        return model(images, BoxTargets.of(boxes))

    assert losses([other, *others]) == losses([first, *others])
    if options["variant"] == "faster":
        assert losses([first[~first.crowd], *others]) == losses([first, *others])


@pytest.mark.parametrize("options", BOTH, ids=["original", "faster"])
def test_a_batch_of_empty_images_trains(options):
    """Background only: finite losses and gradients, nothing to learn about boxes."""
    model = build(**options)
    images, _ = scenes()

    losses = model(images, BoxTargets.of([Boxes.of([], [])] * 3))
    sum(losses.values()).backward()

    assert losses["boxes"] == 0
    assert losses["classes"] > 0
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("options", BOTH, ids=["original", "faster"])
def test_grey_images_bfloat16_and_channels_last(options):
    """One channel is enough; under bf16 autocast losses and boxes are float32, losses close."""
    images, targets = scenes(GREY)
    model = build(GREY, **options)
    torch.manual_seed(1)
    expected = sum(model(images, targets).values())
    model = build(GREY, **options).to(memory_format=torch.channels_last)
    torch.manual_seed(1)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = model(images.contiguous(memory_format=torch.channels_last), targets)
        found = model.eval()(images)

    total = sum(losses.values())
    assert total.dtype == found[0]["boxes"].dtype == found[0]["scores"].dtype == torch.float32
    torch.testing.assert_close(total, expected, rtol=0.05, atol=0.05)


def test_corners_are_not_rounded_in_bfloat16():
    """The map may be bf16, the boxes are not: far to the right, bf16 has even numbers only."""
    model = build(Facts((3, 64, 672), 3, "boxes"), **SMALL["faster"], anchors=[30]).eval()
    deltas = model.detector.rpn.head.head.bbox_pred
    nn.init.zeros_(deltas.weight)
    proposals = []
    heads = model.detector.roi_heads
    heads.register_forward_hook(lambda module, inputs, output: proposals.extend(inputs[1]))

    with torch.autocast("cpu", dtype=torch.bfloat16):
        model(torch.rand(1, 3, 64, 672))

    left = proposals[0][:, 0]
    assert ((left > 256) & (left % 2 == 1)).any()  # 8 n - 15: the anchors themselves


def test_images_are_not_resized_and_pixels_not_rescaled():
    """The backbone of `faster` sees the images as they are, oblong ones too, padded to 32."""
    facts = Facts((3, 64, 80), 3, "boxes")
    model = build(facts, **SMALL["faster"])
    seen = []
    model.detector.backbone.register_forward_hook(
        lambda module, inputs, output: seen.append(inputs[0])
    )
    images = torch.rand(2, 3, 64, 80)
    for mode in (True, False):
        model.train(mode)(images, BoxTargets.of([Boxes.of([[1, 2, 30, 40]], [0])] * 2))

    for each in seen:
        assert each.shape == (2, 3, 64, 96)
        assert torch.equal(each[..., :80], images)
        assert not each[..., 80:].any()


def test_labels_count_from_0_outside_and_from_1_inside():
    """Background is torchvision's class 0; a detector that always says its class 3 says our class 2."""
    model = build(**SMALL["faster"]).eval()
    predictor = model.detector.roi_heads.box_predictor.head.cls_score
    assert predictor.out_features == 4
    nn.init.zeros_(predictor.weight)
    with torch.no_grad():
        predictor.bias.copy_(torch.tensor([0.0, 0, 0, 9]))

    found = model(scenes()[0])

    assert all((each["labels"] == 2).all() and len(each["labels"]) for each in found)


def test_the_finest_map_sees_the_coarser_ones():
    """One map of the first stride, changed by what only the coarser level sees."""
    model = build(**SMALL["faster"], strides=[4, 16])
    features: TopDown = model.detector.backbone
    images, _ = scenes()
    features.eval()
    before = features(images)
    with torch.no_grad():
        features.lateral[1].bias += 1.0

    assert before.shape == (3, 16, 16, 16)
    assert not torch.equal(features(images), before)


def test_the_options_reach_what_they_name():
    """Each variant's own, and the defaults that are promised for null."""
    original = build(
        variant="original", width=8, blocks=2, crop=64, regions=12, keep_proposals=False
    )
    assert isinstance(original, OriginalRCNN)
    assert (original.crop, original.regions) == (64, 12)
    assert original.levels.channels == (64,)
    assert original.proposals.folder is None
    assert original.selection == {"score_threshold": 0.01, "nms_iou": 0.3, "detections": 100}
    assert build(variant="original").crop == 32
    assert build(variant="original").proposals.folder.name == "proposals"

    faster = build(
        regions=20, head_width=24, anchors=[10, 20], dropout=0.5, nms_iou=0.4, detections=7
    )
    assert isinstance(faster, FasterRCNN)
    heads = faster.detector.roi_heads
    assert faster.detector.rpn.anchor_generator.sizes == ((10, 20),)
    assert heads.fg_bg_sampler.batch_size_per_image == 20
    assert (heads.score_thresh, heads.nms_thresh, heads.detections_per_img) == (0.01, 0.4, 7)
    assert heads.box_head[0].fc7.out_features == 24
    assert heads.box_head[1].p == 0.5
    usual = build().detector
    assert usual.rpn.anchor_generator.sizes == ((4, 8, 16, 32),)
    assert usual.backbone.levels.strides == (8, 16)
    assert usual.roi_heads.nms_thresh == 0.5

    frozen = build(backbone="efficientnet_lite0", frozen=2, frozen_norm=True)
    backbone = frozen.detector.backbone.levels.backbone
    assert isinstance(backbone, EfficientNetLite0)
    assert not backbone._conv_stem.weight.requires_grad
    assert backbone.frozen_norm


def test_each_class_has_a_box_of_its_own():
    """One region, two classes: each is reported with its own change, unless its score is too low."""
    boxes = torch.tensor([[[0.0, 0, 10, 10], [5, 5, 90, 90]], [[0, 0, 10, 9], [0, 0, 0, 0]]])
    scores = torch.tensor([[0.6, 0.3], [0.5, 0.01]])

    found = choose(boxes, scores, (40, 50), score_threshold=0.05, nms_iou=0.3, detections=9)

    assert found["boxes"].tolist() == [[0, 0, 10, 10], [5, 5, 50, 40]]
    assert found["labels"].tolist() == [0, 1]
    assert found["scores"].tolist() == pytest.approx([0.6, 0.3])


def test_many_regions_are_looked_at_in_parts(monkeypatch):
    """Evaluation gives the same however many regions are taken at once."""
    model = build(**SMALL["original"]).eval()
    images, _ = scenes()
    whole = model(images)
    monkeypatch.setattr("dlkit.models.rcnn_original.AT_ONCE", 1)

    for one, other in zip(model(images), whole, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("options", BOTH, ids=["original", "faster"])
def test_training_without_boxes_is_a_bug(options):
    """A detector in training mode says what it lacks."""
    with pytest.raises(ValueError, match="in training mode, a detector needs the boxes"):
        build(**options)(scenes()[0])


@pytest.mark.parametrize(
    ("options", "option", "message", "hint"),
    [
        (
            {"variant": "original", "anchors": [8]},
            "anchors",
            "has no effect with 'variant: original'",
            "Leave it out, or use 'variant: faster'.",
        ),
        (
            {"crop": 64},
            "crop",
            "has no effect with 'variant: faster'",
            "Leave it out, or use 'variant: original'.",
        ),
        (
            {"frozen": 2},
            "frozen",
            "has no effect with 'backbone: tiny'",
            "Leave it out, or use 'backbone: efficientnet_lite0'.",
        ),
        (
            {"backbone": "efficientnet_lite0", "blocks": 2},
            "blocks",
            "has no effect with 'backbone: efficientnet_lite0'",
            "Leave it out, or use 'backbone: tiny'.",
        ),
        (
            {"strides": [16, 8]},
            "strides",
            "[16, 8]: each stride must be larger than the one before",
            "Use [8, 16], say.",
        ),
        (
            {"strides": []},
            "strides",
            "[]: each stride must be larger than the one before",
            "Use [8, 16], say.",
        ),
    ],
)
def test_options_that_do_not_fit(options, option, message, hint):
    """An option of the other variant or backbone is refused, never ignored."""
    with pytest.raises(OptionError) as caught:
        build(**options)

    assert (caught.value.option, caught.value.message, caught.value.hint) == (option, message, hint)


def test_data_that_do_not_fit():
    """Tables have no boxes; the pretrained backbone needs colour."""
    with pytest.raises(ConfigError, match="model 'rcnn' takes images; the data yield 7 features"):
        build(Facts((7,), 3, "boxes"))
    with pytest.raises(OptionError) as caught:
        build(GREY, backbone="efficientnet_lite0")
    assert caught.value.message == "efficientnet_lite0 takes 3 channels, the data yield 1"
    assert caught.value.hint == "Use 'backbone: tiny'."

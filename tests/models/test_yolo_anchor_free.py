"""The anchor-free YOLO: its losses, what it begins with, and its mean over mirror images."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy
from torchvision import ops

from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.models.anchor_free import AnchorFree, box_losses, quality_focal
from dlkit.models.detections import Truths
from dlkit.models.detector_backbone import Levels, TinyBackbone
from dlkit.models.points import assign, encode, points_of

POINTS = points_of([torch.zeros(1, 1, side, side) for side in (4, 2)], (8, 16))
"""Those of images of 32x32 pixels."""


@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("giou", ops.generalized_box_iou),
        ("diou", ops.distance_box_iou),
        ("ciou", ops.complete_box_iou),
    ],
)
def test_box_losses_are_torchvision_s(kind, reference):
    """1 minus the generalised IoU of each pair, and 0 with a finite gradient for equal boxes."""
    random = torch.Generator().manual_seed(0)
    start, size = (torch.rand(60, 2, generator=random) * 9 for _ in range(2))
    boxes = torch.cat([start, start + size + 0.1], 1)
    first, second = boxes[:30].requires_grad_(), boxes[30:]

    losses = box_losses(first, second, kind)
    same = box_losses(first, first.detach(), kind)
    same.sum().backward()

    torch.testing.assert_close(losses, 1 - reference(first, second).diagonal())
    torch.testing.assert_close(same, torch.zeros(30), atol=1e-5, rtol=0)
    assert first.grad.isfinite().all()


def test_the_class_loss_is_a_weighed_cross_entropy():
    """Gamma 0 is torch's; gamma 2 weighs it by the squared error, and is 0 where score and target agree."""
    logits = torch.tensor([-3.0, -0.5, 0.0, 2.0])
    quality = torch.tensor([0.0, 0.7, 0.5, 1.0])
    plain = binary_cross_entropy(logits.sigmoid(), quality, reduction="none")

    torch.testing.assert_close(quality_focal(logits, quality, 0.0), plain)
    focal = quality_focal(logits, quality, 2.0)
    torch.testing.assert_close(focal, plain * (logits.sigmoid() - quality) ** 2)
    assert focal[2] == 0


def network(**options):
    torch.manual_seed(0)
    levels = Levels(TinyBackbone(1, nn.ReLU, deepest=16, width=2), (8, 16))
    return AnchorFree(levels, nn.ReLU, classes=3, head_width=6, **options)


def test_scores_start_low_and_boxes_around_their_points():
    """Where features say nothing, scores are 0.01, and boxes reach 2.1 strides to each side."""
    model = network().eval()
    for branch in (branch for head in model.heads for branch in (head.classes, head.boxes)):
        nn.init.zeros_(branch[-1].weight)

    boxes, scores = model.propose(torch.rand(2, 1, 32, 32))

    torch.testing.assert_close(scores, torch.full((2, 20, 3), 0.01))
    reach = torch.full((2, 20, 4), math.log1p(math.exp(2.0)))
    torch.testing.assert_close(encode(boxes, POINTS), reach)


def test_predicted_distances_are_never_negative():
    """Whatever the network says, a box holds its point."""
    model = network().eval()
    for head in model.heads:
        head.boxes[-1].bias.data.fill_(-30.0)

    boxes, _ = model.propose(torch.rand(1, 1, 32, 32))

    assert (encode(boxes, POINTS) >= 0).all()


def test_losses_are_put_together_of_their_parts():
    """Class and box errors of the assignment, each divided by the sum of the qualities."""
    model, images = network(box_weight=3.0), torch.rand(2, 1, 32, 32)
    targets = BoxTargets.of([Boxes.of([[3, 4, 20, 21]], [2]), Boxes.of([], [])])
    logits, boxes, points = model.predict(images)
    owner, quality, positive = assign(logits.sigmoid(), boxes, points, Truths.of(targets))

    losses = model.losses(images, targets)

    total = max(1.0, quality.sum().item())
    goal = torch.zeros_like(logits)
    goal[:, :, 2] = quality
    giou = ops.generalized_box_iou(boxes[positive], targets[0].boxes)[:, 0]
    assert not owner.any()
    torch.testing.assert_close(losses["classes"], quality_focal(logits, goal, 1.0).sum() / total)
    expected = 3 * ((1 - giou) * quality[positive]).sum() / total
    torch.testing.assert_close(losses["boxes"], expected)


@pytest.mark.parametrize("kind", ["giou", "diou", "ciou"])
@pytest.mark.parametrize("boxes", [[], [[3, 4, 20, 21]], [[0, 0, 32, 32], [9, 9, 9.5, 9.5]]])
def test_gradients_are_finite(kind, boxes):
    """With no object, with one beside an empty image, and with objects that are huge and tiny."""
    model = network(box_loss=kind)
    targets = BoxTargets.of([Boxes.of([], []), Boxes.of(boxes, [0] * len(boxes))])

    losses = model.losses(torch.rand(2, 1, 32, 32), targets)
    sum(losses.values()).backward()

    assert (losses["boxes"] > 0) == bool(boxes)
    assert all(p.grad.isfinite().all() for p in model.parameters())


def test_several_views_are_the_mean_of_predictions_for_mirror_images():
    """The scores and boxes of images swapped by hand, put back by hand: of 2 views and of 4."""
    images = torch.rand(2, 1, 32, 32)
    model = network(views=2).eval()
    plain = network().eval()

    boxes, scores = model.propose(images)
    seen, seen_scores = plain.propose(images.flip(3))

    mirrored = seen_scores.clone()
    places = [*(4 * row + 3 - column for row in range(4) for column in range(4)), 17, 16, 19, 18]
    left, top, right, bottom = seen[:, places].unbind(2)
    expected = torch.stack([32 - right, top, 32 - left, bottom], 2)
    torch.testing.assert_close(scores, (plain.propose(images)[1] + mirrored[:, places]) / 2)
    torch.testing.assert_close(boxes, (plain.propose(images)[0] + expected) / 2)


SYMMETRIES = {
    "mirrored": (2, lambda x: x.flip(3), lambda b: [32 - b[2], b[1], 32 - b[0], b[3]]),
    "upside down": (4, lambda x: x.flip(2), lambda b: [b[0], 32 - b[3], b[2], 32 - b[1]]),
    "on its side": (8, lambda x: x.rot90(1, (2, 3)), lambda b: [b[1], 32 - b[2], b[3], 32 - b[0]]),
}


@pytest.mark.parametrize(("views", "turn", "turn_box"), SYMMETRIES.values(), ids=SYMMETRIES)
def test_what_is_found_turns_with_the_image(views, turn, turn_box):
    """With enough views, a turned image has the turned boxes, at the same scores; with one it has not."""
    images = torch.rand(1, 1, 32, 32)

    def found(model, images):
        boxes, scores = model.eval().propose(images)
        order = scores[0, :, 0].argsort()
        return boxes[0, order], scores[0, order]

    for count, same in ((views, True), (1, False)):
        model = network(views=count)
        boxes, scores = found(model, images)
        turned, turned_scores = found(model, turn(images))
        expected = torch.stack(turn_box(boxes.T), 1)
        assert torch.allclose(turned, expected, atol=1e-4) == same
        assert torch.allclose(turned_scores, scores, atol=1e-6) == same


def test_views_of_images_that_are_not_square():
    """All eight views of 32x48 pixels: one box a point, in the image's own place."""
    images = torch.rand(2, 1, 32, 48)

    boxes, scores = network(views=8).eval().propose(images)

    assert boxes.shape == (2, 4 * 6 + 2 * 3, 4)
    assert scores.shape == (2, 4 * 6 + 2 * 3, 3)
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    points = points_of([torch.zeros(1, 1, 4, 6), torch.zeros(1, 1, 2, 3)], (8, 16))
    assert (centres - points.centres).abs().max() < 16

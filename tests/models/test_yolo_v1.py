"""YOLO version 1: cells and boxes are inverse, and the loss is the paper's, term by term."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision.ops import box_iou

from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.models.detections import Truths
from dlkit.models.detector_backbone import Levels, TinyBackbone
from dlkit.models.yolo_v1 import Cells, YoloV1, decode, encode, equation_3, paired_iou


def truths(*images):
    return Truths.of(BoxTargets.of([Boxes.of(boxes, labels) for boxes, labels in images]))


def test_a_box_belongs_to_the_cell_of_its_centre():
    """In 4 cells of 8 pixels, a box of 16x4 at (2..18, 12..16) has its centre in column 1, row 1."""
    cells = encode(truths(([[2, 12, 18, 16]], [3])), grid=4, side=32)

    assert cells.occupied.nonzero().tolist() == [[0, 1, 1]]
    expected = [0.25, 0.75, math.sqrt(0.5), math.sqrt(0.125)]
    assert cells.boxes[0, 1, 1].tolist() == pytest.approx(expected)
    assert cells.labels[0, 1, 1] == 3
    assert not cells.boxes[~cells.occupied].any()
    assert not cells.labels[~cells.occupied].any()


def test_a_centre_on_the_far_edge_belongs_to_the_last_cell():
    """A box whose centre is at the image's right and lower end has no cell of its own there."""
    cells = encode(truths(([[30, 30, 34, 34]], [0])), grid=4, side=32)

    assert cells.occupied.nonzero().tolist() == [[0, 3, 3]]
    assert cells.boxes[0, 3, 3, :2].tolist() == [1.0, 1.0]


def test_of_two_objects_in_one_cell_the_largest_is_learnt():
    """Whatever their order; crowds and other images' objects take no part."""
    small, large, crowd = [1, 1, 3, 3], [0, 0, 6, 6], [0, 0, 8, 8]
    for boxes, labels in (([small, large], [1, 2]), ([large, small], [2, 1])):
        images = [
            Boxes.of([*boxes, crowd], [*labels, 7], crowd=[False, False, True]),
            Boxes.of([], []),
        ]
        cells = encode(Truths.of(BoxTargets.of(images)), grid=4, side=32)
        assert cells.occupied.nonzero().tolist() == [[0, 0, 0]]
        assert cells.labels[0, 0, 0] == 2


@settings(deadline=None, max_examples=60)
@given(
    grid=st.integers(1, 9),
    side=st.integers(8, 500),
    corners=st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4),
)
def test_decode_is_the_inverse_of_encode(grid, side, corners):
    """A box in the image comes back from its cell, to within rounding."""
    x, y = (sorted(corners[axis::2]) for axis in (0, 1))
    box = torch.tensor([x[0], y[0], x[1], y[1]]) * side

    cells = encode(truths(([box.tolist()], [0])), grid=grid, side=side)

    torch.testing.assert_close(
        decode(cells.boxes, side)[cells.occupied], box[None], rtol=0, atol=1e-5 * side
    )


def test_decode_takes_several_boxes_a_cell():
    """Each predictor's box is decoded as if it were the only one."""
    boxes = torch.rand(2, 3, 3, 2, 4)

    together = decode(boxes, 24)

    for predictor in range(2):
        assert torch.equal(together[:, :, :, predictor], decode(boxes[:, :, :, predictor], 24))


def test_paired_iou_is_torchvision_s_diagonal():
    """Also where boxes do not touch, and 0 rather than 0/0 where they have no area."""
    start, size = torch.rand(200, 2) * 10, torch.rand(200, 2) * 8
    boxes = torch.cat([start, start + size], 1)
    first, second = boxes[:100], boxes[100:]

    torch.testing.assert_close(paired_iou(first, second), box_iou(first, second).diagonal())
    assert paired_iou(torch.zeros(4), torch.zeros(4)) == 0


def by_hand(boxes, confidence, classes, objects, *, side):
    """Equation 3 for one image in plain Python; `objects` are `(row, column, box, label)`."""
    grid, predictors = len(boxes), len(boxes[0][0])
    terms = dict.fromkeys(("coordinates", "objects", "no_objects", "classes"), 0.0)
    places = {(row, column): (box, label) for row, column, box, label in objects}
    for row in range(grid):
        for column in range(grid):
            responsible, overlap = None, 0.0
            if (row, column) in places:
                truth, label = places[row, column]
                overlaps = [
                    iou(corners(b, row, column, side / grid, side), truth)
                    for b in boxes[row][column]
                ]
                overlap = max(overlaps)
                responsible = overlaps.index(overlap)
                x, y, w, h = boxes[row][column][responsible]
                left, top, right, bottom = truth
                terms["coordinates"] += 5 * (
                    (x - ((left + right) / 2 / (side / grid) - column)) ** 2
                    + (y - ((top + bottom) / 2 / (side / grid) - row)) ** 2
                    + (w - math.sqrt((right - left) / side)) ** 2
                    + (h - math.sqrt((bottom - top) / side)) ** 2
                )
                terms["classes"] += sum(
                    (share - (k == label)) ** 2 for k, share in enumerate(classes[row][column])
                )
            for predictor in range(predictors):
                c = confidence[row][column][predictor]
                if predictor == responsible:
                    terms["objects"] += (c - overlap) ** 2
                else:
                    terms["no_objects"] += 0.5 * c**2
    return terms


def corners(box, row, column, cell, side):
    x, y, w, h = box
    middle = (column + x) * cell, (row + y) * cell
    return [
        middle[0] - w * w * side / 2,
        middle[1] - h * h * side / 2,
        middle[0] + w * w * side / 2,
        middle[1] + h * h * side / 2,
    ]


def iou(a, b):
    common = math.prod(max(0, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    return common / (sum(areas) - common)


def test_the_loss_is_the_paper_s_equation_3():
    """Against plain loops over cells and predictors: two images, one of them empty."""
    torch.manual_seed(0)
    boxes, confidence = torch.rand(2, 3, 3, 2, 4), torch.randn(2, 3, 3, 2)
    classes = torch.randn(2, 3, 3, 4)
    objects = [(0, 1, [9.0, 1.0, 15.0, 6.0], 2), (2, 0, [0.0, 14.0, 10.0, 24.0], 3)]
    cells = encode(truths(([box for *_, box, _ in objects], [2, 3]), ([], [])), grid=3, side=24)

    terms = equation_3(boxes, confidence, classes, cells)

    outputs = [each.tolist() for each in (boxes, confidence, classes)]
    full = by_hand(*(each[0] for each in outputs), objects, side=24)
    empty = by_hand(*(each[1] for each in outputs), [], side=24)
    assert terms == {
        name: pytest.approx((full[name] + empty[name]) / 2, rel=1e-5) for name in terms
    }


def test_the_loss_of_a_small_case_by_hand():
    """One cell, one class. Predictor 1 has the right box, predictor 0 none of its area:
    5 (0.1^2) for x, (0.5 - 1)^2 and 0.5 (0.2)^2 for confidence, (0.7 - 1)^2 for the class."""
    whole = torch.tensor([[[[[0.1, 0.1, 0.0, 0.0], [0.5, 0.5, 1.0, 1.0]]]]])
    cells = Cells(
        torch.ones(1, 1, 1, dtype=torch.bool),
        torch.tensor([[[[0.5, 0.5, 1.0, 1.0]]]]),
        torch.zeros(1, 1, 1, dtype=torch.int64),
    )
    confidence, classes = torch.tensor([[[[0.2, 0.5]]]]), torch.tensor([[[[0.7]]]])

    right = equation_3(whole, confidence, classes, cells)
    moved = equation_3(whole + torch.tensor([0.1, 0, 0, 0]), confidence, classes, cells)

    assert right["coordinates"] == 0
    assert moved["coordinates"].item() == pytest.approx(0.05)
    assert right["objects"].item() == pytest.approx(0.25)
    assert right["no_objects"].item() == pytest.approx(0.02)
    assert right["classes"].item() == pytest.approx(0.09)


def test_weights_scale_their_terms():
    """The coordinates' weight and that of no object are factors."""
    torch.manual_seed(0)
    outputs = torch.rand(1, 2, 2, 2, 4), torch.rand(1, 2, 2, 2), torch.rand(1, 2, 2, 3)
    cells = encode(truths(([[1, 1, 6, 7]], [1])), grid=2, side=16)

    plain = equation_3(*outputs, cells, coordinate_weight=1, no_object_weight=1)
    weighed = equation_3(*outputs, cells)

    for name, factor in (("coordinates", 5), ("no_objects", 0.5), ("objects", 1), ("classes", 1)):
        torch.testing.assert_close(weighed[name], factor * plain[name])


def test_only_the_responsible_predictor_learns_a_box():
    """Gradients of the coordinates reach one predictor of one cell; the overlap is only a target."""
    torch.manual_seed(0)
    boxes = torch.rand(1, 2, 2, 3, 4, requires_grad=True)
    confidence, classes = torch.zeros(1, 2, 2, 3), torch.zeros(1, 2, 2, 4)
    cells = encode(truths(([[1, 1, 6, 7]], [1])), grid=2, side=16)
    terms = equation_3(boxes, confidence, classes, cells)

    (gradient,) = torch.autograd.grad(terms["coordinates"], boxes)

    overlaps = box_iou(decode(boxes, 16)[0, 0, 0], torch.tensor([[1.0, 1, 6, 7]]))
    assert gradient.abs().sum(-1).nonzero().tolist() == [[0, 0, 0, int(overlaps.argmax())]]
    assert not terms["objects"].requires_grad


def network(**options):
    torch.manual_seed(0)
    levels = Levels(TinyBackbone(1, nn.ReLU, deepest=8, width=2), (8,))
    return YoloV1(levels, nn.ReLU, classes=3, side=32, **options)


def test_boxes_start_in_the_middle_of_their_cells():
    """Where features say nothing, a cell's predictors have sizes of 1/9 and 4/9 of the image."""
    model = network()
    nn.init.zeros_(model.outputs.weight)

    boxes, confidence, classes = model.predict(torch.rand(2, 1, 32, 32))

    expected = torch.tensor([[0.5, 0.5, 1 / 3, 1 / 3], [0.5, 0.5, 2 / 3, 2 / 3]])
    torch.testing.assert_close(boxes, expected.expand(2, 4, 4, 2, 4))
    torch.testing.assert_close(confidence, torch.zeros(2, 4, 4, 2))
    torch.testing.assert_close(classes, torch.full((2, 4, 4, 3), 1 / 3))


def test_scores_are_class_times_confidence():
    """Each of the 4 x 4 x 2 boxes is scored for each class (equation 1)."""
    model, images = network().eval(), torch.rand(2, 1, 32, 32)
    boxes, confidence, classes = model.predict(images)

    proposed, scores = model.propose(images)

    assert proposed.shape == (2, 32, 4)
    assert torch.equal(proposed[0, 7], decode(boxes, 32)[0, 0, 3, 1])
    torch.testing.assert_close(scores[0, 7], confidence[0, 0, 3, 1] * classes[0, 0, 3])


def test_empty_images_give_finite_gradients():
    """A batch without any object teaches confidence 0 and nothing else."""
    model = network()

    losses = model.losses(torch.rand(2, 1, 32, 32), BoxTargets.of([Boxes.of([], [])] * 2))
    sum(losses.values()).backward()

    assert losses["coordinates"] == losses["objects"] == losses["classes"] == 0
    assert losses["no_objects"] > 0
    assert all(p.grad.isfinite().all() for p in model.parameters())

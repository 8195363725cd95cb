"""What detectors share: boxes side by side, and what is kept of many predictions."""

import pytest
import torch

from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.models.detections import Truths, select


def test_boxes_lie_side_by_side():
    """Each image's boxes are in its row, in order; padding and crowds are not real."""
    first = Boxes.of([[0, 0, 4, 4], [1, 2, 3, 4]], [5, 6], crowd=[False, True])
    last = Boxes.of([[7, 7, 9, 9]], [2])

    truths = Truths.of(BoxTargets.of([first, Boxes.of([], []), last]))

    assert truths.boxes.tolist() == [
        [[0, 0, 4, 4], [1, 2, 3, 4]],
        [[0, 0, 0, 0]] * 2,
        [[7, 7, 9, 9], [0, 0, 0, 0]],
    ]
    assert truths.labels.tolist() == [[5, 6], [0, 0], [2, 0]]
    assert truths.real.tolist() == [[True, False], [False, False], [True, False]]


def test_images_without_boxes_have_one_place():
    """A batch of empty images still has a dimension of objects, none of them real."""
    truths = Truths.of(BoxTargets.of([Boxes.of([], [])] * 2))

    assert truths.boxes.shape == (2, 1, 4)
    assert truths.labels.dtype == torch.int64
    assert truths.real.tolist() == [[False], [False]]


def kept(boxes, scores, *, size=(10, 20), score_threshold=0.1, nms_iou=0.5, detections=9, **more):
    (found,) = select(
        torch.tensor(boxes, dtype=torch.float32)[None],
        torch.tensor(scores)[None],
        size,
        score_threshold=score_threshold,
        nms_iou=nms_iou,
        detections=detections,
        **more,
    )
    return list(
        zip(
            found["boxes"].tolist(),
            [round(score, 3) for score in found["scores"].tolist()],
            found["labels"].tolist(),
            strict=True,
        )
    )


A, B, C = [0, 0, 10, 10], [0, 0, 10, 8], [12, 0, 18, 10]


def test_a_crowded_image_is_reported_whole():
    """60 things, each found by 13 points, the later things less surely: all are reported."""
    boxes = [[20 * thing, 0, 20 * thing + 10, 10] for thing in range(60) for _ in range(13)]
    scores = [[0.9 - 0.01 * thing] for thing in range(60) for _ in range(13)]

    found = kept(boxes, scores, size=(10, 1200), detections=100)

    assert [box[0] for box, _, _ in found] == [20 * thing for thing in range(60)]


def test_suppression_is_class_by_class():
    """Of two boxes that overlap by 0.8 the surer stays, unless they are of different classes."""
    assert kept([A, B, C], [[0.9], [0.8], [0.7]]) == [(A, 0.9, 0), (C, 0.7, 0)]
    assert kept([A, B], [[0.9], [0.8]], nms_iou=0.81) == [(A, 0.9, 0), (B, 0.8, 0)]
    assert kept([A, B], [[0.9, 0.0], [0.0, 0.8]]) == [(A, 0.9, 0), (B, 0.8, 1)]


def test_a_box_is_reported_for_each_likely_class():
    """A box and a class make a prediction of their own; unlikely ones are left out."""
    assert kept([A], [[0.3, 0.05, 0.6]]) == [(A, 0.6, 2), (A, 0.3, 0)]


def test_boxes_are_clipped_to_the_image():
    """Corners end at width 20 and height 10, and what lies outside is dropped."""
    outside = [-5, -5, -1, -1]
    assert kept([[-3, 2, 25, 14], outside], [[0.9], [0.8]]) == [([0, 2, 20, 10], 0.9, 0)]


def test_only_so_many_are_reported():
    """The surest come first, from the best candidates only."""
    many = [[i, 0, i + 1, 1] for i in range(6)]
    scores = [[0.2], [0.7], [0.4], [0.9], [0.3], [0.5]]

    assert [score for _, score, _ in kept(many, scores, detections=2)] == [0.9, 0.7]
    assert [score for _, score, _ in kept(many, scores, candidates=3)] == [0.9, 0.7, 0.5]


@pytest.mark.parametrize("images", [1, 3])
def test_nothing_found_is_an_empty_list_of_boxes(images):
    """Without a score above the threshold every image has `(0, 4)` boxes."""
    found = select(
        torch.rand(images, 5, 4),
        torch.zeros(images, 5, 2),
        (8, 8),
        score_threshold=0.0,
        nms_iou=0.5,
        detections=3,
    )

    assert [each["boxes"].shape for each in found] == [(0, 4)] * images
    assert all(each["labels"].dtype == torch.int64 for each in found)

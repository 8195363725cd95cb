"""Points of maps: distances and boxes are inverse, assignment agrees with plain loops."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision import ops

from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.models.detections import Truths
from dlkit.models.points import Points, assign, decode, encode, points_of


def truths(*images):
    return Truths.of(BoxTargets.of([Boxes.of(boxes, labels) for boxes, labels in images]))


def grid_points(side=32, strides=(8, 16)):
    return points_of([torch.zeros(1, 1, side // s, side // s) for s in strides], strides)


def test_points_are_the_middles_of_cells():
    """Level by level and row by row: 2x3 cells of 8 pixels, then one of 16."""
    points = points_of([torch.zeros(1, 1, 2, 3), torch.zeros(1, 1, 1, 1)], (8, 16))

    assert points.centres.tolist() == [
        *([x, y] for y in (4, 12) for x in (4, 12, 20)),
        [8, 8],
    ]
    assert points.strides.tolist() == [[8]] * 6 + [[16]]


@settings(deadline=None, max_examples=60)
@given(
    corners=st.lists(st.floats(-50, 100, width=32), min_size=4, max_size=4), seed=st.integers(0, 9)
)
def test_decode_is_the_inverse_of_encode(corners, seed):
    """From any point, whether it lies in the box or not; and the other way round."""
    points = grid_points()
    box = torch.tensor(corners)
    distances = torch.randn(2, 20, 4, generator=torch.Generator().manual_seed(seed))

    back = decode(encode(box.expand(20, 4), points), points)

    torch.testing.assert_close(back, box.expand(20, 4), atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(encode(decode(distances, points), points), distances)


def test_distances_are_left_top_right_bottom_in_strides():
    """From (4, 4) and from (8, 8), to a box from (2, 0) to (20, 12)."""
    points = Points(torch.tensor([[4.0, 4.0], [8.0, 8.0]]), torch.tensor([[8.0], [16.0]]))

    distances = encode(torch.tensor([[2.0, 0.0, 20.0, 12.0]] * 2), points)

    assert distances.tolist() == [[0.25, 0.5, 2.0, 1.0], [0.375, 0.5, 0.75, 0.25]]


def by_loops(scores, boxes, points, objects, *, candidates, alpha=1.0, beta=6.0):
    """Task-aligned assignment of one image in plain Python: `{point: (object, quality)}`."""
    overlap = [[float(ops.box_iou(o[None], b[None])) for b in boxes] for o, _ in objects]
    takers = {}
    for number, (box, label) in enumerate(objects):
        left, top, right, bottom = box.tolist()
        inside = [
            a
            for a, (x, y) in enumerate(points.centres.tolist())
            if left < x < right and top < y < bottom
        ]
        middle = (box[:2] + box[2:]) / 2
        nearest = int((points.centres - middle).square().sum(1).argmin())
        aligned = {
            a: float(scores[a, label]) ** alpha * overlap[number][a] ** beta
            for a in (inside or [nearest])
        }
        for a in sorted(aligned, key=aligned.get, reverse=True)[:candidates]:
            takers.setdefault(a, []).append((overlap[number][a], number, aligned[a]))
    owners = {a: max(these, key=lambda each: each[0]) for a, these in takers.items()}
    found = {}
    for a, (_, number, aligned) in owners.items():
        mine = [each for each in owners.values() if each[1] == number]
        best_aligned, best_overlap = max(m[2] for m in mine), max(m[0] for m in mine)
        quality = aligned / best_aligned * best_overlap if best_aligned else 0.0
        found[a] = (number, quality)
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("candidates", [1, 4, 13])
def test_assignment_agrees_with_plain_loops(seed, candidates):
    """Random predictions and objects, some of them tiny, crowds and padding among them."""
    random = torch.Generator().manual_seed(seed)
    points = grid_points()
    images = []
    for count in (3, 0, 5):
        start = torch.rand(count, 2, generator=random) * 24
        size = 1 + torch.rand(count, 2, generator=random) ** 2 * 20
        labels = torch.randint(4, (count,), generator=random)
        crowd = torch.rand(count, generator=random) < 0.2
        images.append(Boxes.of(torch.cat([start, start + size], 1), labels, crowd=crowd))
    scores = torch.rand(3, 20, 4, generator=random)
    boxes = decode(torch.rand(3, 20, 4, generator=random) * 2, points)

    owner, quality, positive = assign(
        scores, boxes, points, Truths.of(BoxTargets.of(images)), candidates=candidates
    )

    for image, each in enumerate(images):
        real = [
            (box, int(label))
            for box, label, crowd in zip(each.boxes, each.labels, each.crowd, strict=True)
            if not crowd
        ]
        numbers = (~each.crowd).nonzero()[:, 0].tolist()
        expected = by_loops(scores[image], boxes[image], points, real, candidates=candidates)
        assert positive[image].nonzero()[:, 0].tolist() == sorted(expected)
        for a, (number, value) in expected.items():
            assert owner[image, a] == numbers[number]
            assert quality[image, a].item() == pytest.approx(value, rel=1e-4, abs=1e-12)
        assert not quality[image, ~positive[image]].any()


def test_an_object_s_best_point_learns_its_best_overlap():
    """Two objects apart from one another: the largest quality of each is its largest overlap."""
    points = grid_points(strides=(8,))
    boxes = decode(torch.full((1, 16, 4), 0.8), points)
    targets = truths(([[0, 0, 15, 14], [17, 18, 31, 31]], [0, 1]))

    owner, quality, positive = assign(torch.full((1, 16, 2), 0.5), boxes, points, targets)

    overlap = ops.box_iou(targets.boxes[0], boxes[0])
    for number in (0, 1):
        mine = positive[0] & (owner[0] == number)
        assert mine.sum() == 4
        assert quality[0, mine].max() == pytest.approx(overlap[number, mine].max().item())


def test_the_score_counts_as_well_as_the_overlap():
    """Of two points with the same box, the one that is surer of the class learns the most."""
    points = grid_points(strides=(8,))
    boxes = torch.tensor([2.0, 2.0, 14.0, 14.0]).expand(1, 16, 4)
    scores = torch.full((1, 16, 1), 0.1)
    scores[0, 5] = 0.2

    _, quality, positive = assign(scores, boxes, points, truths(([[2, 2, 14, 14]], [0])))

    assert positive[0].nonzero()[:, 0].tolist() == [0, 1, 4, 5]
    assert quality[0, [0, 1, 4, 5]].tolist() == pytest.approx([0.5, 0.5, 0.5, 1.0])


def test_an_object_between_the_points_takes_the_nearest():
    """A box of 2x2 pixels that no point lies in still teaches one."""
    points = grid_points(strides=(8,))
    boxes = decode(torch.ones(1, 16, 4), points)

    owner, _, positive = assign(
        torch.full((1, 16, 1), 0.5), boxes, points, truths(([[9, 9, 11, 11]], [0]))
    )

    assert positive[0].nonzero()[:, 0].tolist() == [5]
    assert owner[0, 5] == 0


def test_without_objects_every_point_is_background():
    """A batch of empty images assigns nothing."""
    points = grid_points()
    targets = Truths.of(BoxTargets.of([Boxes.of([], [])] * 2))

    _, quality, positive = assign(torch.rand(2, 20, 3), torch.rand(2, 20, 4), points, targets)

    assert not quality.any()
    assert not positive.any()

"""Augmentation of images with boxes: a box follows its pixels, whatever the change."""

import pytest
import torch

from dlkit.data.box_augmentation import BoxAugmentation, in_sight
from dlkit.data.boxes import Boxes, BoxTargets, within

SIDE = 48
CHANGES = {
    "nothing": BoxAugmentation(),
    "flip": BoxAugmentation(horizontal_flip=True),
    "vertical flip": BoxAugmentation(vertical_flip=True),
    "shift": BoxAugmentation(shift=9),
    "zoom": BoxAugmentation(zoom=0.4),
    "all but turning": BoxAugmentation(shift=6, horizontal_flip=True, zoom=0.3),
}


def painted(count: int) -> tuple[torch.Tensor, BoxTargets]:
    """Black images, each with one white rectangle somewhere, and its box."""
    generator = torch.Generator().manual_seed(0)
    images = torch.zeros(count, 3, SIDE, SIDE, dtype=torch.uint8)
    targets = []
    for image in images:
        left, top = torch.randint(0, SIDE - 16, (2,), generator=generator).tolist()
        width, height = torch.randint(6, 16, (2,), generator=generator).tolist()
        image[:, top : top + height, left : left + width] = 255
        targets.append(Boxes.of([[left, top, left + width, top + height]], [3]))
    return images, BoxTargets.of(targets)


def around(image: torch.Tensor) -> torch.Tensor:
    """The box of the pixels that are at least half white."""
    rows, columns = (image[0] >= 128).nonzero().unbind(1)
    return torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()


@pytest.mark.parametrize("name", CHANGES)
def test_boxes_follow_their_pixels(name: str) -> None:
    """The changed box is the box of the changed pixels, up to the rounding of half a pixel."""
    images, targets = painted(40)
    changed, boxes = CHANGES[name](images, targets, torch.arange(40), seed=1, epoch=2)
    assert changed.shape == images.shape
    assert changed.dtype == torch.uint8
    assert (changed != images).any() == (name != "nothing")
    compared = 0
    for image, each in zip(changed, boxes, strict=True):
        if len(each):
            assert (around(image) - each.boxes[0]).abs().max() <= 0.51
            assert each.labels.tolist() == [3]
            compared += 1
    assert compared >= 35


def test_whole_pixels_move_exactly() -> None:
    """Flips, quarter turns and shifts keep the box equal to the pixels', not only close."""
    images, targets = painted(40)
    change = BoxAugmentation(shift=5, horizontal_flip=True, vertical_flip=True, quarter_turns=True)
    changed, boxes = change(images, targets, torch.arange(40), seed=0, epoch=0)
    assert set(changed.flatten().tolist()) == {0, 255}
    exact = [around(i).equal(b.boxes[0]) for i, b in zip(changed, boxes, strict=True) if len(b)]
    assert len(exact) >= 35
    assert all(exact)


def test_quarter_turns_are_equally_likely() -> None:
    """Each of 400 images is one of its four turns, about 100 each; a lone pixel tells which."""
    images = torch.zeros(400, 1, 8, 8, dtype=torch.uint8)
    images[:, :, 0, 1] = 255
    none = BoxTargets.of([Boxes.of([], [])] * 400)
    changed, _ = BoxAugmentation(quarter_turns=True)(
        images, none, torch.arange(400), seed=0, epoch=0
    )
    turns = torch.stack([(changed == images.rot90(k, (2, 3))).flatten(1).all(1) for k in range(4)])
    assert turns.any(0).all()
    assert all(70 < count < 130 for count in turns.sum(1).tolist())


def test_a_turned_box_holds_its_pixels() -> None:
    """Under rotation a box is the upright one around the turned rectangle: it holds every pixel."""
    images, targets = painted(40)
    changed, boxes = BoxAugmentation(rotation=30)(
        images, targets, torch.arange(40), seed=0, epoch=0
    )
    moved = 0
    for image, each in zip(changed, boxes, strict=True):
        if len(each):
            tight, loose = around(image), each.boxes[0]
            assert (loose[:2] <= tight[:2] + 0.51).all()
            assert (loose[2:] >= tight[2:] - 0.51).all()
            moved += 1
    assert moved >= 35


def test_an_example_changes_alike_in_any_batch() -> None:
    """The change is a function of (seed, epoch, index): not of the rest of the batch."""
    images, targets = painted(10)
    change = BoxAugmentation(shift=4, horizontal_flip=True, rotation=20, zoom=0.2, cutout=8)
    whole, boxes = change(images, targets, torch.arange(10), seed=3, epoch=1)
    some = torch.tensor([7, 2])
    part, part_boxes = change(images[some], targets[some], some, seed=3, epoch=1)
    assert part.equal(whole[some])
    assert part_boxes.together.boxes.equal(boxes[some].together.boxes)
    for other in ({"seed": 4, "epoch": 1}, {"seed": 3, "epoch": 2}):
        assert not change(images, targets, torch.arange(10), **other)[0].equal(whole)


def test_the_given_images_and_boxes_stay_as_they_are() -> None:
    """Raw examples in memory are not written to."""
    images, targets = painted(8)
    before = images.clone(), targets.together.boxes.clone()
    BoxAugmentation(shift=4, horizontal_flip=True, zoom=0.2, cutout=20)(
        images, targets, torch.arange(8), seed=0, epoch=0
    )
    assert images.equal(before[0])
    assert targets.together.boxes.equal(before[1])


def test_what_is_out_of_sight_is_dropped() -> None:
    """Clipped to the image; gone with less than a quarter, or two pixels, left in sight."""
    boxes = Boxes.of(
        [[-2, 0, 8, 10], [-8, 0, 2, 10], [30, 30, 50, 50], [0, 0, 1.5, 9], [4, 4, 14, 14]],
        [0, 1, 2, 3, 4],
        area=[400, 400, 400, 400, 400],
    )
    seen = in_sight(boxes, (40, 40), (4, 4, 14, 12))
    assert seen.labels.tolist() == [0, 2]
    assert seen.boxes.tolist() == [[0, 0, 8, 10], [30, 30, 40, 40]]
    assert seen.area.tolist() == pytest.approx([320, 100])


def test_a_hole_blanks_a_square() -> None:
    """Cutout sets a square to 0, of the wanted side unless it lies partly outside."""
    images = torch.full((30, 3, SIDE, SIDE), 9, dtype=torch.uint8)
    none = BoxTargets.of([Boxes.of([], [])] * 30)
    changed, boxes = BoxAugmentation(cutout=10)(images, none, torch.arange(30), seed=0, epoch=0)
    blank = (changed[:, 0] == 0).sum((1, 2))
    assert blank.max() == 100
    assert blank.min() > 0
    assert boxes.counts == (0,) * 30


def test_images_without_boxes_stay_without() -> None:
    """Empty images go through every change."""
    images = torch.zeros(4, 3, SIDE, SIDE, dtype=torch.uint8)
    none = BoxTargets.of([Boxes.of([], [])] * 4, [2.0] * 4)
    change = BoxAugmentation(shift=3, horizontal_flip=True, rotation=5, zoom=0.1, cutout=4)
    _, boxes = change(images, none, torch.arange(4), seed=0, epoch=0)
    assert tuple(boxes.together.boxes.shape) == (0, 4)
    assert boxes.scales == (2.0,) * 4


def test_outside_a_window_nothing_is_left() -> None:
    """A box beside the window becomes empty, not negative."""
    boxes = torch.tensor([[0.0, 0, 4, 4], [8, 8, 12, 12]])
    assert within(boxes, (2, 2, 6, 6)).tolist() == [[2, 2, 4, 4], [6, 6, 6, 6]]

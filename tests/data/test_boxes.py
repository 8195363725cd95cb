"""Boxes of one image and of a batch: indexing, moving, joining."""

import pytest
import torch

from dlkit.data.boxes import Boxes, BoxImages, BoxTargets


def two() -> Boxes:
    return Boxes.of([[0, 0, 2, 3], [1, 1, 5, 5]], [4, 2], crowd=[False, True])


def test_boxes_of_lists_have_their_own_areas_and_no_crowds() -> None:
    """What is not given is computed: area is width times height, nothing is crowd."""
    boxes = Boxes.of([[0, 0, 2, 3], [1, 1, 5, 5]], [4, 2])
    assert boxes.area.tolist() == [6, 16]
    assert boxes.crowd.tolist() == [False, False]
    assert boxes.boxes.dtype == boxes.area.dtype == torch.float32
    assert boxes.labels.dtype == torch.int64


def test_no_box_has_the_shapes_of_none() -> None:
    """An image without boxes is (0, 4), (0,), (0,), (0,)."""
    none = Boxes.of([], [])
    assert [tuple(part.shape) for part in none.parts()] == [(0, 4), (0,), (0,), (0,)]


def test_a_mask_chooses_in_every_column() -> None:
    """Boxes, labels, crowd and area stay together."""
    kept = two()[torch.tensor([False, True])]
    assert [part.tolist() for part in kept.parts()] == [[[1, 1, 5, 5]], [2], [True], [16]]


def test_targets_give_each_image_its_boxes() -> None:
    """An image between others may have none, and negative indices count from the end."""
    targets = BoxTargets.of([two(), Boxes.of([], []), two()[:1]], [1.0, 2.0, 0.5])
    assert len(targets) == 3
    assert [len(boxes) for boxes in targets] == [2, 0, 1]
    assert targets[-1].labels.tolist() == [4]
    with pytest.raises(IndexError):
        targets[3]


def test_chosen_images_keep_their_boxes_and_scales() -> None:
    """Indices, in any order and repeated, and slices choose images."""
    targets = BoxTargets.of([two(), Boxes.of([], []), two()[:1]], [1.0, 2.0, 0.5])
    chosen = targets[torch.tensor([2, 0, 2])]
    assert (chosen.counts, chosen.scales) == ((1, 2, 1), (0.5, 1.0, 0.5))
    assert chosen.together.labels.tolist() == [4, 4, 2, 4]
    assert (targets[1:].counts, targets[1:].scales) == ((0, 1), (2.0, 0.5))


def test_batches_join_to_what_they_were_split_from() -> None:
    """Joined batches have the boxes, counts and scales of the whole."""
    whole = BoxTargets.of([two(), Boxes.of([], []), two()[:1]], [1.0, 2.0, 0.5])
    joined = BoxTargets.joined([whole[:2], whole[2:]])
    assert (joined.counts, joined.scales) == (whole.counts, whole.scales)
    assert joined.together.boxes.equal(whole.together.boxes)
    assert len(BoxTargets.joined([])) == 0


def test_moving_keeps_counts_and_scales() -> None:
    """`to` moves four tensors, whatever the number of images (here to the device `meta`)."""
    moved = BoxTargets.of([two(), two()], [1.0, 2.0]).to("meta", non_blocking=True)
    assert {part.device.type for part in moved.together.parts()} == {"meta"}
    assert (moved.counts, moved.scales) == ((2, 2), (1.0, 2.0))


def test_crowds_can_be_left_out() -> None:
    """Only single things remain, image by image."""
    single = BoxTargets.of([two(), two()[1:]], [1.0, 2.0]).without_crowds()
    assert (single.counts, single.scales) == ((1, 0), (1.0, 2.0))
    assert single.together.labels.tolist() == [4]


def test_shades_are_handed_out_as_colours() -> None:
    """One channel is given three times; targets are those of the images asked for."""
    images = torch.arange(2 * 4, dtype=torch.uint8).reshape(2, 1, 2, 2)
    examples = BoxImages(images, BoxTargets.of([two(), Boxes.of([], [])]))
    pixels, targets = examples.fetch(torch.tensor([1, 0]))
    assert pixels.shape == (2, 3, 2, 2)
    assert pixels[:, 2].equal(images[[1, 0], 0])
    assert targets.counts == (0, 2)
    assert examples.labels.tolist() == [0, 0]

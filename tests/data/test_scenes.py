"""Scenes: boxes as tight as the pixels, disjoint items, the same from the same seed."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dlkit.data import scenes
from dlkit.data.boxes import BoxImages
from dlkit.data.scene_canvas import Items, Scene, covered, cut_out, enlarged
from dlkit.data.scenes import Recipe, digits_scenes
from dlkit.errors import DataError, OptionError

SMALL = {"images": 12, "validation_images": 3, "test_images": 4}


def items() -> Items:
    """Ten noisy blobs, each with a dark rim of its own width."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(10, 8, 8, generator=generator)
    for label, picture in enumerate(pictures):
        picture[: label % 3] = 0
        picture[:, : label % 2] = 0
    return Items(pictures, torch.arange(10))


def test_boxes_are_tight_around_what_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every item changes pixels up to each side of its box, and none outside of it."""
    place, seen = Scene._place, []

    def watched(scene, others):
        before = scene.canvas.copy()
        placed = place(scene, others)
        if placed is not None:
            seen.append((scene.canvas != before, placed[0]))
        return placed

    monkeypatch.setattr(Scene, "_place", watched)
    made = Recipe(size=64, empty=0.0).scenes(items(), 20, 0)
    assert len(seen) == len(made.targets.together) > 20
    for changed, box in seen:
        rows, columns = np.nonzero(changed)
        tight = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        assert tuple(box) == tight
    boxes = torch.tensor(np.array([box for _, box in seen]))
    assert made.targets.together.boxes.equal(boxes.float())


def test_a_box_can_be_seen_in_the_final_picture() -> None:
    """Without clutter, an item's box is brighter than its surroundings, by far more than the noise."""
    made = Recipe(size=64, clutter=0, most_items=1, empty=0.0).scenes(items(), 10, 0)
    for image, target in zip(made.images, made.targets, strict=True):
        left, top, right, bottom = target.boxes[0].int().tolist()
        inside = image[0, top:bottom, left:right].float().mean()
        outside = torch.cat([image[0, :top].flatten(), image[0, bottom:].flatten()]).float().mean()
        assert inside > outside + 20


def test_boxes_lie_inside_and_overlap_little() -> None:
    """No box leaves the canvas, and two share at most 30 % of the smaller one."""
    made = Recipe(size=64).scenes(items(), 30, 0)
    together = made.targets.together.boxes
    assert together.min() >= 0
    assert together.max() <= 64
    for each in made.targets:
        boxes = each.boxes.numpy().astype(int)
        pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
        assert all(covered(a, b) <= 0.3 for a, b in pairs)


def test_some_scenes_are_empty_and_none_has_too_many_items() -> None:
    """About the wanted share of scenes shows clutter only."""
    counts = Recipe(size=48, empty=0.3, most_items=3).scenes(items(), 200, 0).targets.counts
    assert 40 <= counts.count(0) <= 80
    assert set(counts) == {0, 1, 2, 3}
    assert set(Recipe(size=48, empty=1.0).scenes(items(), 5, 0).targets.counts) == {0}


def test_the_seed_makes_the_scenes_and_fewer_are_the_first_of_more() -> None:
    """Equal seeds give equal data; another seed, other scenes; a longer set begins with a shorter."""
    one, again = digits_scenes(**SMALL, size=64), digits_scenes(**SMALL, size=64)
    assert one.fingerprint == again.fingerprint
    assert one.fingerprint != digits_scenes(**SMALL, size=64, scene_seed=1).fingerprint
    longer = digits_scenes(**{**SMALL, "images": 20}, size=64)
    first = torch.arange(12)
    assert longer.train.fetch(first)[0].equal(one.train.fetch(first)[0])
    assert longer.train.fetch(first)[1].counts == one.train.fetch(first)[1].counts


def test_splits_show_digits_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """No digit of training stands in validation or test; the test shows the second half's writers."""
    shown = []
    make = Recipe.scenes

    def watched(recipe: Recipe, chosen: Items, count: int, salt: int) -> BoxImages:
        shown.append(chosen)
        return make(recipe, chosen, count, salt)

    monkeypatch.setattr(Recipe, "scenes", watched)
    digits_scenes(**SMALL, size=64)
    assert [len(each.labels) for each in shown] == [763, 135, 899]
    train, validation, test = ({p.numpy().tobytes() for p in each.pictures} for each in shown)
    assert not train & validation
    assert len(train & test) <= 2  # a handful of tiny digits are alike by chance


def test_facts_and_raw_images() -> None:
    """What the model is told: three channels, ten classes, boxes; and that boxes are augmented."""
    data = digits_scenes(**SMALL, size=64)
    assert data.sizes() == {"train": 12, "validation": 3, "test": 4}
    assert data.facts.input_shape == (3, 64, 64)
    assert (data.facts.outputs, data.facts.target) == (10, "boxes")
    assert (data.augments, data.normalize) == ("boxes", None)
    images, targets = data.test.fetch(torch.tensor([0, 3]))
    assert (images.dtype, tuple(images.shape)) == (torch.uint8, (2, 3, 64, 64))
    assert len(targets) == 2


def test_fashion_scenes_are_made_of_the_given_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items come from where data set fashion_mnist looks: here, from nowhere."""
    monkeypatch.setenv("DLKIT_DATA", str(tmp_path))
    with pytest.raises(DataError, match="Fashion-MNIST is not here"):
        scenes.fashion_scenes(folder=str(tmp_path))


def test_fashion_scenes_take_test_items_from_the_test_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each split's items are those of Fashion-MNIST's split."""
    from dlkit.data.compose import image_data

    def clothes(**options: object) -> object:
        pairs = [
            (torch.full((20, 1, 28, 28), 50 * (k + 1), dtype=torch.uint8), torch.arange(20) % 10)
            for k in range(3)
        ]
        for pair in pairs:
            pair[0][:, :, :4] = 0
        return image_data(*pairs, classes=scenes.FASHION_MNIST.classes, source="files")

    monkeypatch.setattr(scenes, "fashion_mnist", clothes)
    shown = []
    make = Recipe.scenes
    monkeypatch.setattr(
        Recipe,
        "scenes",
        lambda self, chosen, *rest: shown.append(chosen) or make(self, chosen, *rest),
    )
    data = scenes.fashion_scenes(**SMALL, size=64)
    assert [round(float(each.pictures.max()) * 255) for each in shown] == [50, 100, 150]
    assert data.facts.classes[9] == "Ankle boot"
    assert data.source == "files"


def test_a_canvas_too_small_for_items_is_refused() -> None:
    """Below 32 pixels an item would be a few pixels."""
    with pytest.raises(OptionError) as caught:
        digits_scenes(**SMALL, size=31)
    assert (caught.value.option, caught.value.message) == ("size", "31 is less than 32 pixels")


def test_a_split_without_any_item_is_refused() -> None:
    """Neither learnt from nor judged by."""
    with pytest.raises(OptionError) as caught:
        digits_scenes(**SMALL, size=64, empty=1.0)
    message = "none of the 12 scenes of the train part shows an item"
    assert (caught.value.option, caught.value.message) == ("empty", message)


def test_enlarging_is_bilinear_interpolation() -> None:
    """The same as torch's, for larger and for smaller pictures."""
    picture = torch.rand(8, 8, generator=torch.Generator().manual_seed(0))
    for side in (8, 21, 40):
        theirs = torch.nn.functional.interpolate(
            picture[None, None], (side, side), mode="bilinear", align_corners=False
        )
        ours = torch.from_numpy(enlarged(picture.numpy(), side))
        torch.testing.assert_close(ours, theirs[0, 0], atol=1e-6, rtol=0)


def test_cutting_out_leaves_ink_at_every_rim() -> None:
    """Rows and columns without ink go, and so does what is fainter than a quarter of the brightest."""
    picture = np.zeros((6, 6), dtype=np.float32)
    picture[2:5, 1:3] = 0.8
    picture[0, 5] = 0.1
    assert cut_out(picture).tolist() == np.full((3, 2), np.float32(0.8)).tolist()

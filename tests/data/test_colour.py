"""Other light on training images: within its bounds, the same for the same example, boxes untouched."""

import pytest
import torch

from dlkit.data.augmentation import Augmentation
from dlkit.data.box_augmentation import BoxAugmentation
from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.data.colour import recolour

INDICES = torch.arange(200)


def test_an_even_grey_image_shows_the_factors_of_light_and_channels():
    """Contrast and saturation leave it alone; brightness times a channel's factor is within (1 +- a)^2,
    on both sides of 1, and differs between channels."""
    images = torch.full((200, 3, 2, 2), 0.5)
    factors = recolour(images, INDICES, amount=0.2, seed=0, epoch=0)[:, :, 0, 0] / 0.5

    assert 0.64 <= factors.min() < 0.75
    assert 1.25 < factors.max() <= 1.44
    assert factors.mean().item() == pytest.approx(1, abs=0.02)
    assert (factors[:, 0] - factors[:, 1]).abs().mean() > 0.05


def test_contrast_scales_distances_from_the_mean():
    """In one channel, two shades keep their ratio to the mean up to one factor an image."""
    images = torch.tensor([20.0, 60.0]).repeat(200, 1).reshape(200, 1, 1, 2)
    changed = recolour(images, INDICES, amount=0.3, seed=0, epoch=0)[:, 0, 0]
    contrast = (changed[:, 1] - changed[:, 0]) / changed.mean(1)  # 1 without a change

    assert 0.7 <= contrast.min() < 0.75
    assert 1.25 < contrast.max() <= 1.3


def test_saturation_scales_distances_from_grey(monkeypatch):
    """By hand, with every other factor 1: half as far again from the mean of the three channels."""

    def only_saturation(seed, epoch, indices, salt):
        return torch.full((len(indices),), 1.0 if salt.name == "SATURATION" else 0.5)

    monkeypatch.setattr("dlkit.data.colour.uniform", only_saturation)
    images = torch.tensor([60.0, 40.0, 20.0]).reshape(1, 3, 1, 1)

    changed = recolour(images, torch.tensor([0]), amount=0.5, seed=0, epoch=0)

    assert changed.flatten().tolist() == [70, 40, 10]


def test_bytes_stay_bytes():
    """Rounded, and cut at 0 and 255."""
    images = torch.full((200, 3, 2, 2), 250, dtype=torch.uint8)
    changed = recolour(images, INDICES, amount=0.3, seed=0, epoch=0)

    assert changed.dtype == torch.uint8
    assert changed.max() == 255
    assert changed.min() > 100


def test_an_example_s_colours_do_not_depend_on_its_batch():
    """The same seed, epoch and index give the same image; another epoch gives another."""
    images = torch.randint(0, 256, (8, 3, 4, 4), generator=torch.Generator().manual_seed(0))
    images = images.to(torch.uint8)
    options = {"amount": 0.3, "seed": 1}
    whole = recolour(images, torch.arange(8), epoch=2, **options)

    assert torch.equal(recolour(images[5:6], torch.tensor([5]), epoch=2, **options), whole[5:6])
    assert not torch.equal(recolour(images, torch.arange(8), epoch=3, **options), whole)


def test_both_augmentations_recolour():
    """With and without boxes, the pixels are the same, and boxes stay where they are."""
    images = torch.randint(0, 256, (4, 3, 8, 8), generator=torch.Generator().manual_seed(0))
    images, indices = images.to(torch.uint8), torch.arange(4)
    expected = recolour(images, indices, amount=0.4, seed=3, epoch=1)
    targets = BoxTargets.of([Boxes.of([[1, 2, 5, 6]], [0])] * 4)

    plain = Augmentation(colour=0.4)(images, indices, seed=3, epoch=1)
    boxed, after = BoxAugmentation(colour=0.4)(images, targets, indices, seed=3, epoch=1)

    assert torch.equal(plain, expected)
    assert torch.equal(boxed, expected)
    assert torch.equal(after.together.boxes, targets.together.boxes)


def test_vertical_flips_swap_top_and_bottom_in_half_of_the_cases():
    """And nothing else; independently of horizontal ones."""
    images = torch.arange(12).reshape(1, 1, 4, 3).repeat(200, 1, 1, 1)
    changed = Augmentation(vertical_flip=True)(images, INDICES, seed=0, epoch=0)
    turned = (changed == images.flip(2)).flatten(1).all(1)
    same = (changed == images).flatten(1).all(1)
    other = Augmentation(horizontal_flip=True)(images, INDICES, seed=0, epoch=0)
    mirrored = (other == images.flip(3)).flatten(1).all(1)

    assert (turned ^ same).all()
    assert 70 < turned.sum() < 130
    assert 70 < (turned ^ mirrored).sum() < 130

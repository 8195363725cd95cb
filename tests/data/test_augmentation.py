"""Augmented images equal torchvision's and plain slicing, and depend on (seed, epoch, index) alone."""

import math
import time

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import affine

from dlkit.data.augmentation import Augmentation, blank, move, turn
from dlkit.data.randomness import uniform
from dlkit.errors import ConfigError

EVERYTHING = {"shift": 2, "horizontal_flip": True, "rotation": 20.0, "zoom": 0.1, "cutout": 3}


def images(n: int = 20, channels: int = 3, height: int = 8, width: int = 11) -> torch.Tensor:
    """Without zeros, so that what comes in from outside shows."""
    generator = torch.Generator().manual_seed(0)
    shape = (n, channels, height, width)
    return torch.randint(1, 256, shape, generator=generator, dtype=torch.uint8)


def test_moving_equals_slicing() -> None:
    """Every shift from -2 to 2 on both axes, against an image pasted on a black canvas."""
    image = images(1)
    height, width = image.shape[2:]
    for down in range(-2, 3):
        for right in range(-2, 3):
            canvas = torch.zeros(1, 3, height + 4, width + 4, dtype=torch.uint8)
            canvas[:, :, 2 + down : 2 + down + height, 2 + right : 2 + right + width] = image
            moved = move(image, torch.tensor([down]), torch.tensor([right]), 2)
            assert torch.equal(moved, canvas[:, :, 2:-2, 2:-2])


@pytest.mark.parametrize("size", [(16, 16), (12, 20), (21, 13)])
@pytest.mark.parametrize(
    ("degrees", "factor"), [(15.0, 1.0), (-40.0, 1.2), (0.0, 0.8), (170.0, 1.0)]
)
def test_turning_equals_torchvisions_affine(
    size: tuple[int, int], degrees: float, factor: float
) -> None:
    """Bilinear, black outside, about the centre, also where height and width differ."""
    picture = images(1, 3, *size).float()
    turned = turn(picture, torch.tensor([math.radians(degrees)]), torch.tensor([factor]))
    reference = affine(
        picture, -degrees, [0, 0], factor, [0.0], interpolation=InterpolationMode.BILINEAR
    )
    torch.testing.assert_close(turned, reference, atol=0.02, rtol=1e-4)


def test_a_quarter_turn_is_rot90() -> None:
    """Counter-clockwise for positive angles, and exact on uint8."""
    picture = images(1, 1, 9, 9)
    turned = turn(picture, torch.tensor([math.pi / 2]), torch.ones(1))
    assert turned.dtype == torch.uint8
    assert torch.equal(turned, picture.rot90(1, (2, 3)))


def test_no_turn_changes_nothing() -> None:
    """The grid of angle 0 and factor 1 hits every pixel's centre."""
    picture = images()
    assert torch.equal(turn(picture, torch.zeros(20), torch.ones(20)), picture)


@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_cutout_blanks_a_square_that_the_border_may_clip(side: int) -> None:
    """Row and column shares give the centre; nothing else changes."""
    picture = images(1)
    for row, column in ((0, 0), (3, 5), (7, 10)):
        expected = picture.clone()
        top, left = row - side // 2, column - side // 2
        expected[:, :, max(top, 0) : top + side, max(left, 0) : left + side] = 0
        shares = torch.tensor([(row + 0.5) / 8]), torch.tensor([(column + 0.5) / 11])
        assert torch.equal(blank(picture, *shares, side), expected)


def test_a_flip_swaps_half_of_the_images() -> None:
    """Each image is either itself or its mirror image, about half of 2,000 of either."""
    picture = images(2000, 1, 4, 4)
    result = Augmentation(horizontal_flip=True)(picture, torch.arange(2000), seed=0, epoch=0)
    mirrored = (result == picture.flip(3)).flatten(1).all(1)
    same = (result == picture).flatten(1).all(1)
    assert (mirrored | same).all()
    assert 900 < mirrored.sum() < 1100


def test_quarter_turns_are_equally_likely() -> None:
    """Each image is one of its four turns, about a quarter of 2,000 each."""
    picture = images(2000, 1, 4, 4)
    result = Augmentation(quarter_turns=True)(picture, torch.arange(2000), seed=0, epoch=0)
    turned = torch.stack(
        [(result == picture.rot90(k, (2, 3))).flatten(1).all(1) for k in range(4)]
    )  # (4, B)
    assert turned.any(0).all()
    assert all(430 < count < 570 for count in turned.sum(1).tolist())


def test_shifts_are_whole_and_equally_likely() -> None:
    """25 places of a lone pixel, each about 1 in 25 of 10,000, chi-squared below its 99.9 %."""
    n = 10_000
    point = torch.zeros(n, 1, 5, 5, dtype=torch.uint8)
    point[:, :, 2, 2] = 255
    moved = Augmentation(shift=2)(point, torch.arange(n), seed=0, epoch=0)
    counts = (moved == 255).sum((0, 1)).flatten()
    assert counts.sum() == n
    assert ((counts - n / 25).square() / (n / 25)).sum() < 51.2


def test_an_image_is_augmented_alike_in_any_batch() -> None:
    """A function of (seed, epoch, index): not of the batch, nor of what was drawn before."""
    picture, indices = images(), torch.arange(100, 120)
    act = Augmentation(**EVERYTHING)
    whole = act(picture, indices, seed=3, epoch=4)
    torch.rand(5)
    for k in range(20):
        alone = act(picture[k : k + 1], indices[k : k + 1], seed=3, epoch=4)
        assert torch.equal(alone, whole[k : k + 1])
    assert not torch.equal(act(picture, indices, seed=3, epoch=5), whole)
    assert not torch.equal(act(picture, indices, seed=2, epoch=4), whole)
    assert not torch.equal(act(picture, indices + 1, seed=3, epoch=4), whole)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("name", EVERYTHING)
def test_type_and_shape_stay_and_the_input_is_untouched(name: str, dtype: torch.dtype) -> None:
    """Each change by itself: the result differs, the argument does not."""
    picture = images().to(dtype)
    before = picture.clone()
    result = Augmentation(**{name: EVERYTHING[name]})(picture, torch.arange(20), seed=0, epoch=0)
    assert result.dtype == dtype
    assert result.shape == picture.shape
    assert not torch.equal(result, picture)
    assert torch.equal(picture, before)


def test_without_options_nothing_changes() -> None:
    """The identity, and the very same tensor."""
    picture = images()
    assert Augmentation()(picture, torch.arange(20), seed=0, epoch=0) is picture


def test_the_parts_of_one_image_are_independent() -> None:
    """Shifts down and right, and the centre of the cutout, are not one number used twice."""
    indices = torch.arange(5000)
    numbers = torch.stack([uniform(0, 0, indices, salt) for salt in range(1, 8)])
    correlations = torch.corrcoef(numbers) - torch.eye(7)
    assert correlations.abs().max() < 4 / 5000**0.5


def test_tables_are_refused() -> None:
    """Augmentation acts on images alone, and says what it was given."""
    with pytest.raises(ConfigError) as caught:
        Augmentation(shift=1)(torch.zeros(4, 10), torch.arange(4), seed=0, epoch=0)
    assert str(caught.value) == (
        "augmentation acts on images (B, C, H, W); these inputs are (4, 10)"
    )


def test_shifting_is_fast() -> None:
    """256 images of 28 x 28 in less than a millisecond; the best of 50, on a busy machine too."""
    picture, indices = images(256, 1, 28, 28), torch.arange(256)
    act, times = Augmentation(shift=2), []
    for _ in range(50):
        began = time.process_time()
        act(picture, indices, seed=0, epoch=0)
        times.append(time.process_time() - began)
    assert min(times) < 1e-3

"""Images as sequences: the pixels of the images, by row or one by one, augmented before."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from dlkit.data import idx
from dlkit.data.dataset import Normalize
from dlkit.data.digits import digits
from dlkit.data.idx import FASHION_MNIST, FILES
from dlkit.data.sequences import Pixels, Rows, digits_pixels, digits_rows, fashion_mnist_rows


def prepared(data):
    """The network's inputs for the first test examples."""
    return data.normalize(data.test.fetch(torch.arange(5))[0])


def test_rows_are_those_of_the_normalised_images() -> None:
    """Step t is row t, from the top; the same examples, split and statistics as `digits`."""
    images = digits(split_seed=3)
    rows = digits_rows(split_seed=3)

    assert rows.facts == replace(images.facts, input_shape=(8, 8))
    assert torch.equal(prepared(rows), prepared(images)[:, 0])
    assert rows.fingerprint == images.fingerprint
    assert rows.sizes() == images.sizes()


def test_raw_inputs_stay_images() -> None:
    """So that shifts and flips act on them as on `digits`."""
    inputs, _ = digits_rows().train.fetch(torch.arange(4))

    assert inputs.shape == (4, 1, 8, 8)
    assert inputs.dtype == torch.uint8
    assert digits_rows().augments == digits_pixels().augments == "images"
    assert digits_rows().white == 16


def test_pixels_come_row_by_row() -> None:
    """64 steps of one number."""
    pixels = digits_pixels()

    assert pixels.facts.input_shape == (64, 1)
    assert torch.equal(prepared(pixels)[:, :, 0], prepared(digits()).flatten(1))


def test_permuted_pixels_are_the_same_in_one_other_order() -> None:
    """Whatever the split, and neither row by row nor back to front."""
    plain, permuted = prepared(digits_pixels()), prepared(digits_pixels(permuted=True))
    order = digits_pixels(permuted=True, split_seed=5).normalize.order

    assert torch.equal(permuted, plain[:, order])
    assert torch.equal(order.sort().values, torch.arange(64))
    assert (order.diff().abs() <= 1).sum() < 8


def test_colours_stand_side_by_side() -> None:
    """A row's step holds its pixels of all channels, a pixel's step its channels."""
    images = torch.randint(256, (2, 3, 4, 5), dtype=torch.uint8)
    normalize = Normalize(
        torch.tensor([1.0, 2, 3])[:, None, None], torch.tensor([4.0, 5, 6])[:, None, None]
    )
    ready = normalize(images)

    rows, pixels = Rows(normalize)(images), Pixels(normalize)(images)
    assert torch.equal(rows.view(2, 4, 3, 5), ready.transpose(1, 2))
    assert torch.equal(pixels[1, 7], ready[1, :, 1, 2])
    assert torch.equal(Rows(None)(images), images.float().transpose(1, 2).flatten(2))


def test_statistics_and_order_move_to_the_device() -> None:
    """All that the preparation holds goes along."""
    moved = digits_pixels(permuted=True).normalize.to(torch.device("meta"))

    assert moved.order.device.type == "meta"
    assert moved.normalize.mean.device.type == "meta"
    assert digits_rows().normalize.to(torch.device("meta")).normalize.std.device.type == "meta"


def test_fashion_rows_are_the_images_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """28 steps of 28 pixels, from the same files as `fashion_mnist`."""
    monkeypatch.setattr(idx, "FASHION_MNIST", replace(FASHION_MNIST, system=tmp_path / "none"))
    random = np.random.default_rng(0)
    for name in FILES:
        shape = (40, 28, 28) if "images" in name else (40,)
        array = random.integers(0, 10, shape, dtype=np.uint8)
        sizes = b"".join(size.to_bytes(4, "big") for size in shape)
        header = bytes([0, 0, 8, array.ndim]) + sizes
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(header + array.tobytes()))
    data = fashion_mnist_rows(folder=str(tmp_path), validation_examples=10, train_examples=20)

    assert data.sizes() == {"train": 20, "validation": 10, "test": 40}
    assert data.facts.input_shape == (28, 28)
    assert prepared(data).shape == (5, 28, 28)

"""Images read as sequences: row by row, or pixel by pixel. What they hold stays images until then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from dlkit.data.dataset import Data, Preparation
from dlkit.data.digits import digits
from dlkit.data.idx import fashion_mnist
from dlkit.data.randomness import permutation
from dlkit.ranges import FolderPath, Fraction, NaturalInt, PositiveInt, Seed, Share

PERMUTATION_SEED = 0
"""Of the one order in which all permuted images are read."""


def digits_rows(
    *,
    split: Literal["random", "writers"] = "random",
    test_fraction: Fraction = 0.2,
    validation_fraction: Share = 0.1,
    split_seed: Seed = 0,
) -> Data:
    """The digits of scikit-learn, 8 steps of a row of 8 pixels each, top to bottom. Options:

    - `split`: `random`, or `writers`: see the data set `digits`.
    - `test_fraction`: the share of the test part in a `random` split.
    - `validation_fraction`: the share taken at random out of what remains.
    - `split_seed`: seeds the split, and nothing else.
    """
    data = digits(
        split=split,
        test_fraction=test_fraction,
        validation_fraction=validation_fraction,
        split_seed=split_seed,
    )
    return by_rows(data)


def digits_pixels(
    *,
    permuted: bool = False,
    split: Literal["random", "writers"] = "random",
    test_fraction: Fraction = 0.2,
    validation_fraction: Share = 0.1,
    split_seed: Seed = 0,
) -> Data:
    """The digits of scikit-learn, 64 steps of a pixel each, row by row (as MNIST in Le et al. 2015,
    arXiv:1504.00941, section 4.2). Options:

    - `permuted`: reads the pixels in one random order, the same for all images, so that what
      belongs together lies far apart.
    - `split`: `random`, or `writers`: see the data set `digits`.
    - `test_fraction`: the share of the test part in a `random` split.
    - `validation_fraction`: the share taken at random out of what remains.
    - `split_seed`: seeds the split, and nothing else.
    """
    data = digits(
        split=split,
        test_fraction=test_fraction,
        validation_fraction=validation_fraction,
        split_seed=split_seed,
    )
    return by_pixels(data, permuted=permuted)


def fashion_mnist_rows(
    *,
    folder: FolderPath | None = None,
    download: bool = False,
    validation_examples: NaturalInt = 5000,
    split_seed: Seed = 0,
    train_examples: PositiveInt | None = None,
) -> Data:
    """Photos of clothes, 28 steps of a row of 28 pixels each. Options:

    - `folder`: where the four files are; see the data set `fashion_mnist`.
    - `download`: gets the files if they are not there.
    - `validation_examples`: how many training images are set apart at random.
    - `split_seed`: seeds the split, and nothing else.
    - `train_examples`: use only so many of the remaining training images, drawn at random.
    """
    data = fashion_mnist(
        folder=folder,
        download=download,
        validation_examples=validation_examples,
        split_seed=split_seed,
        train_examples=train_examples,
    )
    return by_rows(data)


def by_rows(data: Data) -> Data:
    """Images `(C, H, W)` as sequences of `H` steps of `C W` numbers."""
    channels, height, width = data.facts.input_shape
    return _as_sequences(data, (height, channels * width), Rows(data.normalize))


def by_pixels(data: Data, *, permuted: bool) -> Data:
    """Images `(C, H, W)` as sequences of `H W` steps of `C` numbers."""
    channels, height, width = data.facts.input_shape
    order = permutation(PERMUTATION_SEED, 0, height * width) if permuted else None
    return _as_sequences(data, (height * width, channels), Pixels(data.normalize, order))


def _as_sequences(data: Data, shape: tuple[int, int], preparation: Preparation) -> Data:
    """The raw inputs stay images, so that what augments images still acts on them."""
    facts = replace(data.facts, input_shape=shape)
    return replace(data, facts=facts, normalize=preparation, augments="images")


@dataclass(frozen=True)
class Rows:
    """Images `(B, C, H, W)`, normalised, as rows `(B, H, C W)`."""

    normalize: Preparation | None

    def __call__(self, inputs: Tensor) -> Tensor:
        """Rows `(B, H, C W)` float32."""
        return _normalised(inputs, self.normalize).transpose(1, 2).flatten(2)

    def to(self, device: torch.device) -> Rows:
        """The same, its statistics on `device`."""
        return Rows(self.normalize and self.normalize.to(device))


@dataclass(frozen=True)
class Pixels:
    """Images `(B, C, H, W)`, normalised, as pixels `(B, H W, C)`, in the given order or row by row."""

    normalize: Preparation | None
    order: Tensor | None = None

    def __call__(self, inputs: Tensor) -> Tensor:
        """Pixels `(B, H W, C)` float32."""
        pixels = _normalised(inputs, self.normalize).flatten(2).transpose(1, 2)
        return pixels if self.order is None else pixels[:, self.order]

    def to(self, device: torch.device) -> Pixels:
        """The same, its statistics and its order on `device`."""
        order = None if self.order is None else self.order.to(device)
        return Pixels(self.normalize and self.normalize.to(device), order)


def _normalised(images: Tensor, normalize: Preparation | None) -> Tensor:
    prepared: Tensor = normalize(images) if normalize else images.float()
    return prepared

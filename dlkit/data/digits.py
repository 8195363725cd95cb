"""The digits of scikit-learn: 1,797 handwritten digits of 8x8 pixels, at once and offline.

From the test part of "Optical Recognition of Handwritten Digits" (Alpaydin & Kaynak 1998, UCI
Machine Learning Repository), written by 13 people.
"""

from __future__ import annotations

from typing import Literal

import torch

from dlkit.data.bundled import locate, read_table
from dlkit.data.compose import image_data, take
from dlkit.data.dataset import Data
from dlkit.data.splits import Split, random_split
from dlkit.errors import OptionError
from dlkit.ranges import Fraction, Seed, Share

FILE = "digits.csv.gz"
TEST_FRACTION = 0.2


def digits(
    *,
    split: Literal["random", "writers"] = "random",
    test_fraction: Fraction = 0.2,
    validation_fraction: Share = 0.1,
    split_seed: Seed = 0,
) -> Data:
    """Images uint8 `(N, 1, 8, 8)` with values from 0 to 16, and ten classes. Options:

    - `split`: `random`, or `writers`: the rows are in the order of their writers, so the first half
      trains and the second half tests on other hands. That is the harder and the more honest one.
    - `test_fraction`: the share of the test part in a `random` split.
    - `validation_fraction`: the share taken at random out of what remains.
    - `split_seed`: seeds the split, and nothing else.
    """
    table = read_table(FILE, delimiter=",")  # (1797, 65): the pixels, then the digit
    inputs = table[:, :-1].to(torch.uint8).reshape(-1, 1, 8, 8)
    targets = table[:, -1].long()
    if split == "random":
        chosen = random_split(
            len(table),
            test_fraction=test_fraction,
            validation_fraction=validation_fraction,
            split_seed=split_seed,
        )
    else:
        chosen = _by_writers(len(table), test_fraction, validation_fraction, split_seed)
    return image_data(
        *take(inputs, targets, chosen),
        classes=tuple("0123456789"),
        source=str(locate(FILE)),
        white=16.0,
    )


def _by_writers(n: int, test_fraction: float, validation_fraction: float, split_seed: int) -> Split:
    if test_fraction != TEST_FRACTION:
        raise OptionError(
            "test_fraction",
            "has no effect with 'split: writers', which tests on the second half",
            "Leave it out.",
        )
    half = n // 2
    train, validation, _ = random_split(
        half, test_fraction=0.0, split_seed=split_seed, validation_fraction=validation_fraction
    )
    return train, validation, torch.arange(half, n)

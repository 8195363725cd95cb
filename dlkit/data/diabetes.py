"""The diabetes data of scikit-learn: ten measurements of 442 patients, and a year's progression.

Efron, Hastie, Johnstone & Tibshirani 2004, "Least angle regression", section 1.
"""

from __future__ import annotations

from dlkit.data.bundled import locate, read_table
from dlkit.data.compose import table_data
from dlkit.data.dataset import Data
from dlkit.data.splits import random_split
from dlkit.ranges import Fraction, Seed, Share

FEATURES, TARGET = "diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"


def diabetes(
    *, test_fraction: Fraction = 0.2, validation_fraction: Share = 0.1, split_seed: Seed = 0
) -> Data:
    """Features float32 `(N, 10)` and one value, both standardised by the training rows.

    The target is a measure of the disease's progression from 25 to 346; `facts` holds its mean and
    deviation, and errors are reported in that unit. Options:

    - `test_fraction`: the share of the test part.
    - `validation_fraction`: the share taken at random out of what remains.
    - `split_seed`: seeds the split, and nothing else.
    """
    features, targets = read_table(FEATURES), read_table(TARGET)  # (442, 10), (442, 1)
    split = random_split(
        len(features),
        test_fraction=test_fraction,
        validation_fraction=validation_fraction,
        split_seed=split_seed,
    )
    return table_data(features, targets, split, source=str(locate(FEATURES).parent))

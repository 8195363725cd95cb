"""Disjoint, reproducible splits of `n` examples into training, validation and test indices."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.data.randomness import permutation
from dlkit.errors import DataError, OptionError

Split = tuple[Tensor, Tensor, Tensor]
"""Indices of the training, validation and test examples, each sorted, no index twice."""


def random_split(
    n: int, *, test_fraction: float, validation_fraction: float, split_seed: int
) -> Split:
    """Splits `range(n)` at random, without regard to classes.

    `test_fraction` is a share of all examples, `validation_fraction` a share of what remains after
    the test part is taken; both are rounded to whole examples. A fraction of 0 gives an empty part.
    Raises `DataError` if another part would be empty.
    """
    test = _count(n, test_fraction, "test_fraction")
    validation = _count(n - test, validation_fraction, "validation_fraction")
    if n - test - validation < 1:
        raise DataError(
            f"{_examples(n)}: {test} for the test and {validation} for validation leave none to "
            "train on",
            hint="Use smaller fractions or more examples.",
        )
    order = permutation(split_seed, 0, n)
    parts = order.split([test, validation, n - test - validation])
    return parts[2].sort().values, parts[1].sort().values, parts[0].sort().values


def held_out_of(
    n: int, validation_examples: int, train_examples: int | None, split_seed: int
) -> tuple[Tensor, Tensor]:
    """Training and validation indices of a data set whose test part is given.

    `validation_examples` of `range(n)` are held out at random, and `train_examples` of the others
    are kept, or all. Those kept for a smaller number are among those kept for a larger one, and the
    examples held out stay the same. Raises `OptionError` where `n` is too small.
    """
    left = n - validation_examples
    if left < 1:
        raise OptionError(
            "validation_examples",
            f"{validation_examples} of {n} training images leave none to train on",
        )
    if train_examples is not None and train_examples > left:
        raise OptionError(
            "train_examples",
            f"{train_examples} are wanted; {validation_examples} held for validation leave {left}",
        )
    order = permutation(split_seed, 0, n)
    held, others = order[:validation_examples], order[validation_examples:]
    return others[:train_examples].sort().values, held.sort().values


def require_two_classes(classes: tuple[str, ...], source: str) -> None:
    """Raises `DataError` unless `source` holds something to tell apart."""
    if len(classes) < 2:
        found = f"only one class, '{classes[0]}'" if classes else "no class"
        raise DataError(f"{source}: {found}; classification needs at least 2 classes")


def untrained_classes(labels: Tensor, classes: tuple[str, ...]) -> tuple[str, ...]:
    """A warning if some class has no example among the training `labels` `(N,)`."""
    counts = torch.bincount(labels, minlength=len(classes)).tolist()
    absent = [name for name, count in zip(classes, counts, strict=True) if not count]
    return (f"no training example of: {', '.join(absent)}",) if absent else ()


def _count(n: int, fraction: float, option: str) -> int:
    count = round(n * fraction)
    if fraction and not count:
        raise DataError(
            f"'{option}' {fraction:g} of {_examples(n)} is no whole example",
            hint="Use a larger fraction, 0 for none, or more examples."
            if option == "validation_fraction"
            else "Use a larger fraction or more examples.",
        )
    return count


def _examples(n: int) -> str:
    return f"{n} example" if n == 1 else f"{n} examples"

"""The copy task: a few symbols, a long wait, and then the same symbols again."""

from __future__ import annotations

import math
from string import ascii_lowercase

import torch

from dlkit.data import fingerprint
from dlkit.data.compose import Pair
from dlkit.data.dataset import Data, Facts, References, TensorExamples
from dlkit.data.randomness import mix
from dlkit.data.stream import IGNORED
from dlkit.errors import OptionError
from dlkit.ranges import NaturalInt, PositiveInt, Seed

TRAIN, VALIDATION, TEST = range(3)


def copy_task(
    *,
    symbols: PositiveInt = 8,
    length: PositiveInt = 10,
    delay: PositiveInt = 20,
    examples: PositiveInt = 10000,
    validation_examples: NaturalInt = 500,
    test_examples: PositiveInt = 1000,
    data_seed: Seed = 0,
) -> Data:
    """Sequences of `2 length + delay` tokens: what stood at the beginning is to be told at the end.

    Hochreiter & Schmidhuber 1997 in the form of Arjovsky, Shah & Bengio 2016 (arXiv:1511.06464,
    section 5.1): `length` symbols, drawn uniformly; blanks, of which the last of the `delay` is a
    marker that says "now"; `length` blanks, during which the symbols are asked for in their order.
    Only those last steps count. Who remembers nothing guesses: `log2 symbols` bits. Options:

    - `symbols`: how many kinds there are, at least 2 and at most 26.
    - `length`: symbols to remember.
    - `delay`: steps from the last symbol to the first that is asked for.
    - `examples`: sequences to train on.
    - `validation_examples`: other sequences to validate on.
    - `test_examples`: other sequences to test on.
    - `data_seed`: seeds all of them.
    """
    if not 2 <= symbols <= len(ascii_lowercase):
        raise OptionError("symbols", f"{symbols} is not between 2 and {len(ascii_lowercase)}")
    sizes = {TRAIN: examples, VALIDATION: validation_examples, TEST: test_examples}
    train, validation, test = (
        draw(count, symbols, length, delay, torch.Generator().manual_seed(mix(data_seed, part)))
        for part, count in sizes.items()
    )
    return Data(
        TensorExamples(*train),
        TensorExamples(*validation),
        TensorExamples(*test),
        facts=Facts(
            (2 * length + delay,), symbols + 2, "tokens", (*ascii_lowercase[:symbols], "_", "?")
        ),
        normalize=None,
        fingerprint=fingerprint.of_tensors(*train, *validation, *test),
        source=f"made from seed {data_seed}",
        references=lambda: guess(symbols),
    )


def draw(count: int, symbols: int, length: int, delay: int, generator: torch.Generator) -> Pair:
    """`count` sequences and their targets, both `(count, 2 length + delay)` int64.

    Symbols are the tokens below `symbols`, the next is the blank, and the one after it the marker.
    """
    told = torch.randint(0, symbols, (count, length), generator=generator)
    blank, marker = symbols, symbols + 1
    inputs = torch.full((count, 2 * length + delay), blank)
    inputs[:, :length] = told
    inputs[:, length + delay - 1] = marker
    targets = torch.full_like(inputs, IGNORED)
    targets[:, length + delay :] = told
    return inputs, targets


def guess(symbols: int) -> References:
    """The scores of who remembers nothing and knows what is asked for."""
    nats = math.log(symbols)
    return {
        "guess": {
            "loss": nats,
            "bits": nats / math.log(2),
            "perplexity": symbols,
            "accuracy": 1 / symbols,
        }
    }

"""What a code for the truth costs if it was made for the prediction."""

from __future__ import annotations

import math
import random

from dlkit.dictionary.forms.losses import cross_entropy_of_probabilities, entropy, kl_divergence
from dlkit.ranges import Fraction, PositiveInt

PREDICTED = (0.2, 0.3, 0.5)


def run(*, seed: int = 0, peak: Fraction = 0.6, symbols: PositiveInt = 50_000) -> dict[str, float]:
    """The mean length, in nats, of `symbols` drawn from the truth, in the code for (.2, .3, .5).

    The truth is (`peak`, (1 - peak) / 2, (1 - peak) / 2). Beside it: the cross-entropy, the one
    with truth and prediction exchanged, its least value (`at_truth`, the entropy of the truth), and
    the entropy plus the divergence. Cover & Thomas 2006, section 5.4.
    """
    truth = (peak, (1 - peak) / 2, (1 - peak) / 2)
    drawn = random.Random(seed).choices(range(3), truth, k=symbols)
    return {
        "measured_length": sum(-math.log(PREDICTED[k]) for k in drawn) / symbols,
        "cross_entropy": cross_entropy_of_probabilities(truth, PREDICTED),
        "exchanged": cross_entropy_of_probabilities(PREDICTED, truth),
        "at_truth": cross_entropy_of_probabilities(truth, truth),
        "entropy_plus_divergence": entropy(truth) + kl_divergence(truth, PREDICTED),
    }

"""What second boxes of objects already found do to average precision."""

from __future__ import annotations

import random

from dlkit.dictionary.forms.architecture import average_precision
from dlkit.ranges import NaturalInt, PositiveInt


def run(
    *, seed: int = 0, duplicates: NaturalInt = 2, objects: PositiveInt = 50
) -> dict[str, float]:
    """Average precision of a detector that finds every object, without and with duplicates.

    Everingham et al. 2010, doi:10.1007/s11263-009-0275-4, section 4.2: the first box of an object
    counts as right, each further one as wrong. Scores are random, duplicates score less than the
    box that they repeat. `low_scores` gives all duplicates scores below every first box.

    - `duplicates`: further boxes of each object.
    - `objects`: objects in all images.
    """
    draw = random.Random(seed)
    firsts = [draw.uniform(0.5, 1) for _ in range(objects)]
    repeats = [score * draw.uniform(0.8, 1) for score in firsts for _ in range(duplicates)]
    low = [draw.uniform(0, 0.4) for _ in repeats]
    return {
        "without_duplicates": _value(firsts, [], objects),
        "with_duplicates": _value(firsts, repeats, objects),
        "low_scores": _value(firsts, low, objects),
    }


def _value(right: list[float], wrong: list[float], objects: int) -> float:
    ranked = sorted([(score, 1.0) for score in right] + [(score, 0.0) for score in wrong])
    return average_precision([hit for _, hit in reversed(ranked)], objects)

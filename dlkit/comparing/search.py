"""Where each rule's knobs are searched: the grid of rates, its extensions, further knobs. No torch.

All rules get equally many trials: the same number of rates a factor of 2 apart around a centre of
their own, the same cap of extensions while the best is at an edge, and on the track `full` as many
trials of further knobs. A rate is the library's default times a power of 2, so that the default
itself is one of the rates wherever the grid reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dlkit.catalog import OPTIMIZERS
from dlkit.comparing.plan import Knobs

FACTOR = 2.0
EXTENSION = 3
"""How many rates are added beyond an edge at once."""

CENTRES = {
    "sgd": 7,
    "momentum": 5,
    "nag": 5,
    "adagrad": 2,
    "rmsprop": -2,
    "adadelta": 2,
    "adam": 3,
    "adamw": 3,
    "nadam": 2,
    "radam": 5,
    "lion": 4,
    "muon": 5,
}
"""The middle of each grid, as a power of 2 times the library's default rate; set on small networks,
where defaults made for large ones are too low. A rule that is not named is searched around its
default."""

FURTHER: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "momentum": [{"momentum": each} for each in (0.0, 0.5, 0.8, 0.95, 0.99)],
    "nag": [{"momentum": each} for each in (0.3, 0.5, 0.8, 0.95, 0.99)],
    "adagrad": [
        *({"initial_accumulator": each} for each in (0.01, 0.1, 1.0)),
        *({"epsilon": each} for each in (1e-6, 1e-3)),
    ],
    "rmsprop": [
        *({"alpha": each} for each in (0.9, 0.95, 0.999)),
        *({"epsilon": each} for each in (1e-5, 1e-2)),
    ],
    "adadelta": [
        *({"rho": each} for each in (0.8, 0.95, 0.99)),
        *({"epsilon": each} for each in (1e-8, 1e-4)),
    ],
    "lion": [
        {"betas": each}
        for each in ((0.9, 0.9), (0.95, 0.98), (0.95, 0.99), (0.8, 0.99), (0.5, 0.99))
    ],
    "muon": [
        *({"adamw_learning_rate": each} for each in (3e-3, 1e-2, 3e-2)),
        *({"momentum": each} for each in (0.8, 0.9)),
    ],
}
"""The next one or two knobs of a rule on the track `full`, five settings each."""

ADAMS: Sequence[Mapping[str, Any]] = [
    *({"epsilon": each} for each in (1e-5, 1e-3, 1e-1)),
    *({"betas": each} for each in ((0.9, 0.99), (0.8, 0.999))),
]
"""Those of Adam and its variants: with a large epsilon Adam nears momentum, so it can't be worse
than momentum unless it was not tuned (Choi et al. 2019, arXiv:1910.05446, section 3)."""
FINER = 15
"""Trials of further knobs for each rule: five settings times three rates around the best."""


def default_rate(rule: str) -> float:
    """The library's default learning rate, read from the rule's signature."""
    options = {option.name: option.default for option in OPTIMIZERS.signature(rule).options}
    return float(options["learning_rate"])


def grid(rule: str, rates: int) -> list[Knobs]:
    """The first trials of a rule: `rates` learning rates around its centre."""
    middle = CENTRES.get(rule, 0)
    first = middle - rates // 2
    return [_rate(default_rate(rule) * FACTOR**power) for power in range(first, first + rates)]


def beyond(tried: Sequence[float], best: float) -> list[Knobs]:
    """`EXTENSION` more rates, if `best` is the lowest or the highest of those tried; else none."""
    powers = range(1, EXTENSION + 1)
    if best == max(tried):
        return [_rate(best * FACTOR**power) for power in powers]
    if best == min(tried):
        return [_rate(best / FACTOR**power) for power in powers]
    return []


def further(rule: str, best: float) -> list[Knobs]:
    """The trials of the track `full` after those of the rate.

    Rules without other knobs get as many rates between the best and its neighbours.
    """
    settings: Sequence[Mapping[str, Any]] = FURTHER.get(rule, ADAMS if "adam" in rule else ())
    if settings:
        rates = [best / FACTOR, best, best * FACTOR]
        return [(*_rate(rate), *each.items()) for each in settings for rate in rates]
    offsets = [
        2 * (index + 0.5) / (FINER + 1) - 1 for index in range(FINER)
    ]  # within (-1, 1), not 0
    return [_rate(best * FACTOR**offset) for offset in offsets]


def decades(low: float, high: float) -> float:
    """How many powers of ten lie between two rates."""
    return math.log10(high / low)


def _rate(rate: float) -> Knobs:
    return (("learning_rate", rate),)

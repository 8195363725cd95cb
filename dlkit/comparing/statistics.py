"""The statistics of a comparison, over paired values: one row of scores a rule, one column a seed.

Larger is better throughout. Pure numpy, and two of scipy's distribution functions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.special import nctdtrinc, stdtr, stdtrit

Row = Sequence[float] | NDArray[np.float64]
LEVEL = 0.05
"""The chance of telling apart any two rules of a comparison that are the same."""
POWER = 0.8
RESAMPLES = 10_000


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval; `low` and `high` are None for a single value."""

    mean: float
    low: float | None
    high: float | None


def interval(values: Row, level: float = LEVEL) -> Interval:
    """Student's t interval of the mean, of confidence `1 - level`."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return Interval(mean, None, None)
    half = float(stdtrit(n - 1, 1 - level / 2)) * float(np.std(values, ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half)


def paired_p(one: Row, other: Row) -> float:
    """Two-sided p of the paired t test; 1 for rows that are equal everywhere."""
    difference = np.asarray(one, float) - np.asarray(other, float)
    n, spread = len(difference), float(np.std(difference, ddof=1))
    mean = float(np.mean(difference))
    if spread <= 1e-12 * max(1.0, abs(mean)):
        return 1.0 if abs(mean) <= 1e-12 else 0.0
    return float(2 * stdtr(n - 1, -abs(mean) / (spread / math.sqrt(n))))


def bootstrap_better(one: Row, other: Row, *, resamples: int = RESAMPLES, seed: int = 0) -> float:
    """The share of resampled sets of seeds in which `one` has the larger mean; ties count half.

    Efron & Tibshirani 1993, chapter 13: seeds are drawn with replacement, both rows by the same draw.
    """
    difference = np.asarray(one, float) - np.asarray(other, float)
    draws = np.random.default_rng(seed).integers(len(difference), size=(resamples, len(difference)))
    means = difference[draws].mean(1)
    return float(np.mean(means > 0) + np.mean(means == 0) / 2)


def bootstrap_p(better: float, resamples: int = RESAMPLES) -> float:
    """Two-sided p of a bootstrap share, never 0: at least one resample is counted against it."""
    against = min(better, 1 - better) * resamples
    return min(1.0, 2 * (against + 1) / (resamples + 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p values, in the given order (Holm 1979, Scandinavian J. of Statistics 6)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, largest = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


@dataclass(frozen=True)
class Pair:
    """Two rules compared over the same seeds."""

    one: str
    other: str
    difference: float
    """Mean of `one` less that of `other`."""
    better: float
    """Bootstrap probability that `one` is better."""
    p: float
    """Holm-adjusted over all pairs."""

    @property
    def apart(self) -> bool:
        """Whether the data tell the two apart."""
        return self.p <= LEVEL


def compare_pairs(rows: Mapping[str, Row]) -> list[Pair]:
    """Every two rules. A pair's p is the larger of the t test's and the bootstrap's.

    With five or ten seeds the bootstrap alone is too sure of itself, and the t test trusts that the
    differences are normal; both must agree. Rows of one seed can't be compared: no pairs.
    """
    names = [*rows]
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    if not pairs or len(rows[names[0]]) < 2:
        return []
    shares = [bootstrap_better(rows[a], rows[b]) for a, b in pairs]
    raw = [
        max(paired_p(rows[a], rows[b]), bootstrap_p(share))
        for (a, b), share in zip(pairs, shares, strict=True)
    ]
    means = {name: float(np.mean(row)) for name, row in rows.items()}
    return [
        Pair(a, b, means[a] - means[b], share, p)
        for (a, b), share, p in zip(pairs, shares, holm(raw), strict=True)
    ]


def tied_groups(means: Mapping[str, float], pairs: Sequence[Pair]) -> list[list[str]]:
    """The largest sets of rules no two of which the data tell apart, best set first.

    A rule may be in several sets: being tied does not carry over. (The compact letter display of
    Piepho 2004, J. of Computational and Graphical Statistics 13, with a set for each letter.)
    """
    ordered = sorted(means, key=lambda name: -means[name])
    apart = {frozenset((pair.one, pair.other)) for pair in pairs if pair.apart}
    cliques = _cliques([], ordered, [], apart)
    place = {name: index for index, name in enumerate(ordered)}
    return sorted(
        (sorted(each, key=place.__getitem__) for each in cliques),
        key=lambda g: [place[n] for n in g],
    )


def _cliques(
    chosen: list[str], candidates: list[str], tried: list[str], apart: set[frozenset[str]]
) -> list[list[str]]:
    """Bron & Kerbosch 1973, algorithm 457: the maximal cliques of the graph of ties."""
    if not candidates and not tried:
        return [chosen]
    found = []
    for name in list(candidates):
        tied = [
            each for each in candidates if each != name and frozenset((each, name)) not in apart
        ]
        before = [each for each in tried if frozenset((each, name)) not in apart]
        found += _cliques([*chosen, name], tied, before, apart)
        candidates = [each for each in candidates if each != name]
        tried = [*tried, name]
    return found


def detectable(one: Row, other: Row, comparisons: int = 1) -> float | None:
    """The mean difference that so many seeds find with probability 0.8; None for one seed.

    `d s / sqrt(n)`, where `s` is the spread of the paired differences and `d` the noncentrality of the
    t test with that power at level `a`: 0.05 shared among `comparisons`, as Holm's first step does.
    """
    n = len(one)
    if n < 2:
        return None
    spread = float(np.std(np.asarray(one, float) - np.asarray(other, float), ddof=1))
    critical = stdtrit(n - 1, 1 - LEVEL / 2 / comparisons)
    return float(nctdtrinc(n - 1, 1 - POWER, critical)) * spread / math.sqrt(n)


def typical_detectable(rows: Mapping[str, Row]) -> float | None:
    """The median of `detectable` over all pairs, each pair being one of as many comparisons."""
    names = [*rows]
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    found = [detectable(rows[a], rows[b], len(pairs)) for a, b in pairs]
    known = [each for each in found if each is not None]
    return float(np.median(known)) if known else None


def best_of(scores: Sequence[float], k: int) -> float:
    """The expected best of `k` trials drawn from `scores` without repetition: unbiased.

    Tang et al. 2020, arXiv:2004.13705, equation 4, of what Dodge et al. 2019 (arXiv:1909.03004) plot.
    """
    n = len(scores)
    ordered = sorted(scores)
    return math.fsum(value * comb(place, k - 1) / comb(n, k) for place, value in enumerate(ordered))


def performance_profile(
    costs: Mapping[str, Mapping[str, float]], factors: Sequence[float]
) -> dict[str, list[float]]:
    """For each rule the share of tasks on which it took at most `factor` times the least cost.

    `costs[rule][task]` is infinite for a miss. Dolan & Moré 2002, Mathematical Programming 91. A task
    whose target nobody reached counts as missed by all.
    """
    tasks = sorted({task for each in costs.values() for task in each})
    least = {task: min(each.get(task, math.inf) for each in costs.values()) for task in tasks}
    return {
        rule: [
            sum(
                math.isfinite(least[t]) and each.get(t, math.inf) <= factor * least[t]
                for t in tasks
            )
            / max(len(tasks), 1)
            for factor in factors
        ]
        for rule, each in costs.items()
    }


def held_hit(scores: Sequence[float], target: float) -> int | None:
    """The first evaluation that reaches `target` and whose next one does too; None for a miss."""
    for place, (now, later) in enumerate(pairwise(scores)):
        if now >= target and later >= target:
            return place
    return None


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile; infinite values are the largest."""
    lower, middle, upper = (_order_statistic(sorted(values), share) for share in (0.25, 0.5, 0.75))
    return lower, middle, upper


def _order_statistic(ordered: Sequence[float], share: float) -> float:
    """numpy's linear quantile, but infinite (not nan) where an infinite value has a part in it."""
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    if below == above or place == math.floor(place):
        return below
    return below + (above - below) * (place - math.floor(place))

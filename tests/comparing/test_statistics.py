"""Statistics against scipy, closed forms and simulation."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from dlkit.comparing import statistics
from dlkit.comparing.statistics import Pair, compare_pairs, tied_groups

NOISE = np.random.default_rng(0)


def test_the_interval_is_scipys() -> None:
    """Student's t interval of seven values."""
    values = NOISE.normal(size=7)
    found = statistics.interval(values)
    low, high = stats.t.interval(0.95, 6, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_one_seed_has_no_interval() -> None:
    """The mean is there, the limits are not."""
    assert statistics.interval([0.5]) == statistics.Interval(0.5, None, None)


def test_the_paired_p_is_scipys() -> None:
    """`ttest_rel` of ten pairs."""
    one, other = NOISE.normal(size=10), NOISE.normal(0.5, size=10)
    assert statistics.paired_p(one, other) == pytest.approx(stats.ttest_rel(one, other).pvalue)


@pytest.mark.parametrize(("shift", "p"), [(0.0, 1.0), (0.25, 0.0)])
def test_rows_that_differ_by_a_constant_have_a_p(shift: float, p: float) -> None:
    """Where the differences have no spread there is no t: equal rows are tied, others are not."""
    row = np.arange(5.0)
    assert statistics.paired_p(row + shift, row) == p


def test_the_bootstrap_share_is_the_normal_probability() -> None:
    """For many seeds: the chance that a normal mean is positive."""
    difference = NOISE.normal(0.1, 1, size=400)
    share = statistics.bootstrap_better(difference, np.zeros(400))
    expected = stats.norm.cdf(difference.mean() / (difference.std() / 20))
    assert share == pytest.approx(expected, abs=0.015)


def test_the_bootstrap_of_two_seeds_is_counted_out() -> None:
    """Of the draws {a, b}, {b, a}, {a, a}, {b, b} all but {b, b} favour the first; ties count half."""
    assert statistics.bootstrap_better([3, 0], [0, 1]) == pytest.approx(0.75, abs=0.02)
    assert statistics.bootstrap_better([1, 1], [1, 1]) == 0.5


def test_holm_equals_its_definition() -> None:
    """The k-th smallest p times the number of those not smaller, made monotone, capped at 1."""
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.5, 0.9]) == [1.0, 1.0]


def pair(one: str, other: str, p: float) -> Pair:
    return Pair(one, other, 0.1, 0.9, p)


def test_ties_do_not_carry_over() -> None:
    """a = b and b = c but a and c apart: two groups that share b."""
    means = {"c": 1.0, "a": 3.0, "b": 2.0}
    pairs = [pair("a", "b", 0.5), pair("b", "c", 0.5), pair("a", "c", 0.01)]
    assert tied_groups(means, pairs) == [["a", "b"], ["b", "c"]]


def test_groups_are_all_and_only_the_maximal_tied_sets() -> None:
    """Against a search through all subsets, on twenty random graphs of seven rules."""
    for _ in range(20):
        names = "abcdefg"
        pairs = [pair(a, b, float(NOISE.choice([0.01, 0.5]))) for a, b in combinations(names, 2)]
        apart = {frozenset((each.one, each.other)) for each in pairs if each.apart}
        subsets = [set(c) for k in range(1, 8) for c in combinations(names, k)]
        tied = [s for s in subsets if not any(frozenset(c) in apart for c in combinations(s, 2))]
        maximal = [s for s in tied if not any(s < other for other in tied)]
        found = tied_groups({name: -ord(name) for name in names}, pairs)
        assert sorted(map(sorted, found)) == sorted(map(sorted, maximal))


def simulated(
    shift: float, *, seeds: int, rules: int, generator: np.random.Generator
) -> list[Pair]:
    """Rules of equal skill on seeds of unequal luck; `one` is better than `other` by `shift`."""
    luck = generator.normal(0, 2, seeds)
    rows = {f"rule{k}": luck + generator.normal(0, 1, seeds) for k in range(rules - 2)}
    rows |= {"one": luck + generator.normal(shift, 1, seeds)}
    rows |= {"other": luck + generator.normal(0, 1, seeds)}
    return compare_pairs(rows)


def told_apart(shift: float, *, seeds: int, rules: int) -> int:
    generator = np.random.default_rng(7)
    found = 0
    for _ in range(100):
        pairs = simulated(shift, seeds=seeds, rules=rules, generator=generator)
        found += next(p.apart for p in pairs if (p.one, p.other) == ("one", "other"))
    return found


@pytest.mark.parametrize(("seeds", "rules"), [(5, 2), (10, 4)])
def test_the_same_rule_under_two_names_is_tied(seeds: int, rules: int) -> None:
    """In at least 95 of 100 comparisons; here 5 is the share that chance allows two rules alone."""
    assert told_apart(0.0, seeds=seeds, rules=rules) <= 5


@pytest.mark.parametrize(("seeds", "rules"), [(5, 2), (10, 4)])
def test_twice_the_detectable_difference_is_found(seeds: int, rules: int) -> None:
    """In at least 80 of 100 comparisons."""
    unit = math.sqrt(2) * np.array([1.0, -1.0] * seeds)[:seeds]
    spread = float(np.std(unit, ddof=1))
    size = statistics.detectable(unit, np.zeros(seeds), rules * (rules - 1) // 2)
    assert size is not None
    assert told_apart(2 * size * math.sqrt(2) / spread, seeds=seeds, rules=rules) >= 80


@pytest.mark.parametrize(("seeds", "comparisons"), [(5, 1), (10, 1), (10, 66)])
def test_the_detectable_difference_is_found_with_probability_0_8(
    seeds: int, comparisons: int
) -> None:
    """By the t test, at the level that each of so many comparisons gets, in 4,000 simulations."""
    unit = np.random.default_rng(1).normal(size=seeds)
    size = statistics.detectable(unit, np.zeros(seeds), comparisons)
    assert size is not None
    draws = np.random.default_rng(2).normal(size / np.std(unit, ddof=1), 1, (4000, seeds))
    p = stats.ttest_1samp(draws, 0, axis=1).pvalue
    assert (p <= 0.05 / comparisons).mean() == pytest.approx(0.8, abs=0.03)


def test_one_seed_detects_and_compares_nothing() -> None:
    """There is no spread to know."""
    assert statistics.detectable([0.5], [0.4]) is None
    assert compare_pairs({"a": [0.5], "b": [0.4]}) == []
    assert statistics.typical_detectable({"a": [0.5], "b": [0.4]}) is None


def test_the_best_of_k_is_the_mean_over_all_choices() -> None:
    """Of every k of six scores the best, averaged."""
    scores = NOISE.normal(size=6)
    for k in range(1, 7):
        expected = np.mean([max(choice) for choice in combinations(scores, k)])
        assert statistics.best_of([*scores], k) == pytest.approx(expected)


def test_the_profile_is_counted_by_hand() -> None:
    """a is fastest on x, b on y, where a takes three times as long; nobody reaches z."""
    costs = {"a": {"x": 10, "y": 30, "z": math.inf}, "b": {"x": math.inf, "y": 10, "z": math.inf}}
    assert statistics.performance_profile(costs, [1, 2, 3]) == {
        "a": [1 / 3, 1 / 3, 2 / 3],
        "b": [1 / 3, 1 / 3, 1 / 3],
    }


@pytest.mark.parametrize(
    ("scores", "place"),
    [([1, 3, 3], 1), ([3, 1, 3, 3], 2), ([1, 2, 3], None), ([3, 1, 3, 1], None), ([], None)],
)
def test_a_hit_is_held_at_the_next_evaluation(scores: list[float], place: int | None) -> None:
    """Reached for a moment, or at the last evaluation only, is a miss."""
    assert statistics.held_hit(scores, 3) == place


def test_quartiles_let_misses_be_infinite() -> None:
    """They equal numpy's where all is finite, and are never nan."""
    values = [*NOISE.normal(size=8)]
    assert statistics.quartiles(values) == pytest.approx(
        tuple(np.quantile(values, [0.25, 0.5, 0.75]))
    )
    assert statistics.quartiles([1, 2, math.inf, math.inf]) == (1.75, math.inf, math.inf)
    assert statistics.quartiles([1, 2, 3, math.inf, math.inf])[1] == 3

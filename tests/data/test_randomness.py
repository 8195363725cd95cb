"""Random numbers are functions of integers: well spread, and the same whoever asks."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlkit.data.randomness import mix, permutation, uniform

MANY = torch.arange(200_000)


def test_mix_agrees_with_published_splitmix64() -> None:
    """The first outputs of SplitMix64 seeded with 0 and 1234567 (Rosetta Code), without the last bit."""
    assert mix(0) == 0xE220A8397B1DCDAF >> 1
    assert mix(1234567) == 6457827717110365317 >> 1


@given(st.lists(st.integers(-(2**70), 2**70), max_size=4))
def test_mix_stays_within_63_bits(integers: list[int]) -> None:
    """Any integers give one that `torch.Generator.manual_seed` takes."""
    assert 0 <= mix(*integers) < 2**63


def test_mix_tells_tuples_apart() -> None:
    """Order, length and every single integer matter: 40,000 pairs give 40,000 numbers."""
    assert len({mix(a, b) for a in range(200) for b in range(200)}) == 40_000
    assert mix(1, 2) != mix(2, 1)
    assert mix(1) != mix(1, 0) != mix(0, 1)


def test_permutation_is_one_and_depends_on_seed_and_epoch() -> None:
    """Each index comes once; the same arguments repeat it, another seed or epoch does not."""
    order = permutation(3, 5, 1000)
    assert torch.equal(order.sort().values, torch.arange(1000))
    assert torch.equal(order, permutation(3, 5, 1000))
    assert not torch.equal(order, permutation(3, 6, 1000))
    assert not torch.equal(order, permutation(4, 5, 1000))


def test_permutation_leaves_the_default_generator_alone() -> None:
    """Shuffling draws nothing from the generator that dropout draws from."""
    before = torch.default_generator.get_state()
    permutation(0, 0, 10)
    assert torch.equal(before, torch.default_generator.get_state())


@pytest.mark.parametrize("salt", [0, 1, 7])
@pytest.mark.parametrize("epoch", [0, 1, 1000])
def test_uniform_is_uniform(salt: int, epoch: int) -> None:
    """Range, mean 1/2, variance 1/12 within 4 standard errors, and a Kolmogorov-Smirnov test."""
    numbers = uniform(7, epoch, MANY, salt).double()
    n = len(numbers)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert abs(numbers.mean() - 1 / 2) < 4 * (1 / 12 / n) ** 0.5
    assert abs(numbers.var() - 1 / 12) < 4 * (1 / 180 / n) ** 0.5
    assert stats.kstest(numbers.numpy(), "uniform").pvalue > 1e-3


def test_uniform_is_independent_across_salts_epochs_seeds_and_neighbours() -> None:
    """Correlations with another salt, epoch, seed or the next example stay within 4 / sqrt(n)."""
    numbers = uniform(0, 0, MANY, 1)
    others = [
        uniform(0, 0, MANY, 2),
        uniform(0, 1, MANY, 1),
        uniform(1, 0, MANY, 1),
        uniform(0, 0, MANY + 1, 1),
    ]
    for other in others:
        correlation = torch.corrcoef(torch.stack([numbers, other]))[0, 1]
        assert abs(correlation) < 4 / len(MANY) ** 0.5


def test_uniform_fills_the_square_evenly() -> None:
    """Pairs of numbers under two salts fall evenly into 16 x 16 cells (chi-squared test)."""
    first, second = uniform(0, 0, MANY, 1), uniform(0, 0, MANY, 2)
    cells = torch.bincount((first * 16).long() * 16 + (second * 16).long(), minlength=256)
    assert stats.chisquare(cells.numpy()).pvalue > 1e-3


def test_uniform_does_not_depend_on_the_batch() -> None:
    """An example has the same number alone, in any order, and among any others."""
    whole = uniform(1, 2, torch.arange(100), 3)
    order = permutation(0, 0, 100)
    assert torch.equal(uniform(1, 2, order, 3), whole[order])
    assert torch.equal(uniform(1, 2, torch.tensor([42]), 3), whole[42:43])


def test_uniform_agrees_with_plain_integers() -> None:
    """The wrapping int64 arithmetic equals arbitrary-precision integers modulo 2^64."""
    mask, gamma = (1 << 64) - 1, 0x9E3779B97F4A7C15
    for index in (0, 1, 12345, 2**40):
        state = (index * gamma + (mix(9, 8, 7) << 1)) & mask
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & mask
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB & mask
        state ^= state >> 31
        number = uniform(9, 8, torch.tensor([index]), 7).item()
        assert number == (state >> 40) * 2.0**-24

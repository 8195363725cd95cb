"""Where rules are searched: as many trials for each, the default among them."""

from itertools import pairwise

import pytest

from dlkit.catalog import OPTIMIZERS
from dlkit.comparing import search

RULES = OPTIMIZERS.names()


@pytest.mark.parametrize("rule", RULES)
def test_a_grid_has_13_rates_a_factor_of_2_apart(rule: str) -> None:
    """Its middle is the rule's centre, and the library's default is one of its rates or an octave off."""
    rates = [dict(knobs)["learning_rate"] for knobs in search.grid(rule, 13)]
    assert len(rates) == 13
    assert all(b / a == 2 for a, b in pairwise(rates))
    default = search.default_rate(rule)
    assert rates[6] == default * 2 ** search.CENTRES[rule]
    assert default in rates or default * 2 == rates[0]


def test_the_default_is_the_librarys() -> None:
    """Read from the signature that the catalogue names."""
    assert search.default_rate("adam") == 1e-3
    assert search.default_rate("adadelta") == 1.0


@pytest.mark.parametrize(
    ("best", "expected"), [(4.0, [8, 16, 32]), (1.0, [0.5, 0.25, 0.125]), (2.0, [])]
)
def test_three_more_rates_beyond_an_edge(best: float, expected: list[float]) -> None:
    """Above the highest, below the lowest, none in between."""
    assert [knobs[0][1] for knobs in search.beyond([1.0, 2.0, 4.0], best)] == expected


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_gets_as_many_further_trials(rule: str) -> None:
    """Fifteen, all different, of options that the rule has, none of them a trial of the rate's grid."""
    trials = search.further(rule, 0.1)
    assert len(set(trials)) == search.FINER == 15
    assert {name for knobs in trials for name, _ in knobs} <= set(
        OPTIMIZERS.signature(rule).names()
    )
    assert not set(trials) & {(("learning_rate", 0.1 * 2**k),) for k in range(-3, 4)}

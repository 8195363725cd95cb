"""One rule for the rates: reached and held, the fewest steps, the same grid for all."""

import math

import pytest
import torch

from dlkit.comparing.surfaces import functions, measure
from dlkit.comparing.surfaces.choose import HOLD, RATES, choose, held_from
from dlkit.comparing.surfaces.record import Record


def test_the_grid_is_57_rates_from_1e_5_to_100() -> None:
    """Eight a decade over seven decades."""
    assert len(RATES) == 57
    assert (RATES[0], RATES[-1]) == pytest.approx((1e-5, 100))


def test_a_hit_must_be_held() -> None:
    """Rows: held from step 2; hit, then left; never; hit too late; NaN at the end."""
    total = HOLD + 5
    values = torch.ones(total, 5)
    values[2:, 0] = 0
    values[2:5, 1] = 0
    values[-HOLD:, 3] = 0
    values[2:, 4] = 0
    values[-1, 4] = math.nan
    assert held_from(values, 0.5).tolist() == [2, math.inf, math.inf, math.inf, math.inf]


def test_the_fewest_steps_win_and_a_tie_goes_to_the_smaller_rate() -> None:
    """Of the rates 1 and 3 (7 steps both), the first; two more are within twice of it."""
    best = choose(torch.tensor([math.inf, 7, 14, 7, 15]), torch.zeros(5))
    assert (best.index, best.steps, best.share, best.edge) == (1, 7, 0.8, False)
    assert best.decades == 3 / 8


def test_a_best_rate_at_the_end_of_the_grid_is_flagged() -> None:
    """A wider grid might have had a better one."""
    assert choose(torch.tensor([9.0, 8, 7]), torch.zeros(3)).edge


def test_without_a_hit_the_lowest_last_value_is_taken() -> None:
    """A diverged run, whose last value counts as infinite, is never taken."""
    never = torch.full((3,), math.inf)
    best = choose(never, torch.tensor([math.inf, 2.0, 1.0]))
    assert (best.index, best.steps, best.share, best.decades) == (2, None, 0, 0)


@pytest.fixture(scope="module")
def turned() -> Record:
    rules = ["sgd", "momentum", "nag", "adagrad", "rmsprop"]
    return measure.measure(functions.find("valley"), rules, {})


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("sgd", [174, 174, 174]),
        ("momentum", [57, 57, 57]),
        ("nag", [38, 38, 38]),
        ("adagrad", [3, 152, 247]),
        ("rmsprop", [168, 422, 417]),
    ],
)
def test_the_turned_valley_costs_the_axis_scaling_rules_their_lead(
    turned: Record, rule: str, wanted: list[int]
) -> None:
    """Best-rate steps at 0, 22.5 and 45 degrees, as an independent program found them."""
    assert [turned.choice(rule, angle).steps for angle in turned.rotations] == wanted

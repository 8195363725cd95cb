"""The basin map tells a hit, another minimum, divergence and lack of time apart."""

import torch

from dlkit.comparing.surfaces import functions
from dlkit.comparing.surfaces.basins import MAP_RATES, STARTS, basin, outcomes
from dlkit.comparing.surfaces.trajectories import race


def ends(name: str, rule: str, runs: list[tuple[float, tuple[float, float]]]) -> str:
    """The outcomes of pairs of a rate and a start."""
    surface = functions.find(name)
    rates, starts = zip(*runs, strict=True)
    return outcomes(
        surface,
        race(
            surface,
            rule,
            rates=torch.tensor(rates, dtype=torch.float64),
            starts=torch.tensor(starts, dtype=torch.float64),
            degrees=torch.zeros(len(runs), dtype=torch.float64),
        ),
    )


def test_each_outcome_has_its_letter() -> None:
    """Gradient descent: into the lowest basin, into another, far away, hardly from the spot."""
    runs = [(0.01, (-1.0, -1.0)), (0.01, (1.0, -1.0)), (1.0, (-1.0, -1.0)), (1e-6, (-1.0, -1.0))]
    assert ends("minima", "sgd", runs) == "hodn"


def test_nothing_leaves_the_saddle_from_its_ridge() -> None:
    """On y = 0 the slope along y is 0; beside it the run leaves, and going far is no failure."""
    assert ends("saddle", "sgd", [(0.1, (-0.5, 0.0)), (0.1, (-0.5, 1e-4))]) == "nh"


def test_a_map_has_a_row_a_rate_and_a_letter_a_start() -> None:
    """Left of the ridge at x = 0.157 lies the lowest basin, right of it another minimum."""
    rows = basin(functions.find("minima"), "sgd").rows
    assert len(rows) == len(MAP_RATES)
    assert {len(row) for row in rows} == {STARTS}
    middle = rows[MAP_RATES.index(min(MAP_RATES, key=lambda rate: abs(rate - 0.01)))]
    assert middle == "h" * 21 + "o" * 20

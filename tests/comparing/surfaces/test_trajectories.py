"""Stacked runs are those of `torch.optim`, and what turning and divergence do to them is exact."""

import sys

import pytest
import torch

from dlkit.catalog import OPTIMIZERS
from dlkit.comparing.surfaces import functions
from dlkit.comparing.surfaces.caption import STYLES
from dlkit.comparing.surfaces.functions import Surface
from dlkit.comparing.surfaces.rules import LEFT_OUT
from dlkit.comparing.surfaces.trajectories import FAR, Runs, race

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)


def stacked(surface: Surface, rule: str, rates: list[float], degrees: list[float]) -> Runs:
    starts = torch.tensor(surface.start, dtype=torch.float64).expand(len(rates), 2)
    return race(
        surface,
        rule,
        rates=torch.tensor(rates, dtype=torch.float64),
        starts=starts,
        degrees=torch.tensor(degrees, dtype=torch.float64),
        steps=200,
    )


def alone(surface: Surface, rule: str, rate: float) -> torch.Tensor:
    """The same run by the catalogue's own component, gradients by autograd."""
    w = torch.nn.Parameter(torch.tensor(surface.start, dtype=torch.float64))
    groups = [{"params": [w], "names": ["w"], "decays": False}]
    (optimizer,) = OPTIMIZERS.load(rule)(groups, learning_rate=rate)
    path = [w.detach().clone()]
    for _ in range(200):
        optimizer.zero_grad()
        surface.value(w[0], w[1]).backward()
        optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path)


@pytest.mark.parametrize("rule", STYLES)
def test_a_stacked_run_equals_torch_optim(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five rates at once on the valley, 200 steps: each within 1e-10 of its run alone.

    Torch's NAdam keeps one of its numbers in the default precision: here it is made float64 too.
    """
    nadam = sys.modules[torch.optim.NAdam.__module__]
    monkeypatch.setattr(nadam, "_get_scalar_dtype", lambda: torch.float64)
    surface = functions.find("valley")
    path = stacked(surface, rule, [*RATES], [0.0] * len(RATES)).path
    for row, rate in enumerate(RATES):
        wanted = alone(surface, rule, rate)
        torch.testing.assert_close(path[:, row], wanted, rtol=0, atol=1e-10)


def test_adamw_on_a_point_is_adam() -> None:
    """Why AdamW is left out: by the groups of `dlkit.optim`, a point of one axis does not decay."""
    surface = functions.find("beale")
    assert torch.equal(alone(surface, "adamw", 0.01), alone(surface, "adam", 0.01))


def test_every_rule_of_the_catalogue_is_run_or_left_out_with_a_reason() -> None:
    """A rule that joins the catalogue must be placed here too."""
    assert {*STYLES, *LEFT_OUT} == {*OPTIMIZERS.names()}


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nag"])
@pytest.mark.parametrize("name", ["valley", "beale", "minima"])
def test_turning_moves_no_rule_that_is_linear_in_the_gradient(rule: str, name: str) -> None:
    """Turned back, the paths at 22.5 and 45 degrees are the unturned one within 1e-9."""
    path = stacked(functions.find(name), rule, [1e-3] * 3, [0.0, 22.5, 45.0]).path
    torch.testing.assert_close(path[:, 1], path[:, 0], rtol=0, atol=1e-9)
    torch.testing.assert_close(path[:, 2], path[:, 0], rtol=0, atol=1e-9)


@pytest.mark.parametrize("rule", ["adagrad", "rmsprop", "adadelta", "adam", "nadam", "lion"])
def test_turning_moves_rules_that_scale_each_axis(rule: str) -> None:
    """The same check fails for rules that treat each axis by itself."""
    path = stacked(functions.find("valley"), rule, [0.01, 0.01], [0.0, 45.0]).path
    assert (path[:, 1] - path[:, 0]).abs().max() > 1e-3


def test_a_diverged_run_is_frozen_and_its_step_reported() -> None:
    """Gradient descent at rate r multiplies y by 1 - 100 r: the step beyond bounds is known."""
    surface = functions.find("valley")
    rate = 0.05  # y is multiplied by -4 a step
    runs = stacked(surface, "sgd", [rate, 0.01], [0.0, 0.0])
    step = next(t for t in range(1, 200) if 0.1 * 4**t > FAR)
    assert runs.left.tolist() == [step, 0]
    assert runs.path[step - 1, 0, 1].abs().item() == pytest.approx(0.1 * 4 ** (step - 1))
    assert torch.equal(runs.path[step:, 0], runs.path[step - 1, 0].expand(201 - step, 2))


def test_a_diverged_neighbour_changes_nothing() -> None:
    """A run is bit for bit the same beside a run that diverges."""
    surface = functions.find("rosenbrock")
    beside = stacked(surface, "momentum", [1.0, 1e-3], [0.0, 0.0])
    assert beside.left[0] > 0
    assert torch.equal(beside.path[:, 1], stacked(surface, "momentum", [1e-3], [0.0]).path[:, 0])

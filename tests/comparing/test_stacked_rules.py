"""Every stacked rule is torch's, at several rates at once, over 200 updates in float64."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dlkit.catalog import OPTIMIZERS
from dlkit.comparing import search, stacked_rules
from dlkit.comparing.problem import Layout
from dlkit.comparing.stacked_rules import RULES, orthogonalised
from dlkit.optim.groups import parameter_groups

SHAPES = {"hidden": (4, 3), "bias": (4,), "output": (2, 4)}
RATES = torch.logspace(-3, -2, 5, dtype=torch.float64)
STEPS = 200
DECAY = 0.05
FURTHER: dict[str, dict[str, Any]] = {
    "momentum": {"momentum": 0.8, "dampening": 0.3},
    "nag": {"momentum": 0.5},
    "adagrad": {"initial_accumulator": 0.1, "epsilon": 1e-3},
    "rmsprop": {"alpha": 0.9, "epsilon": 1e-3},
    "adadelta": {"rho": 0.95, "epsilon": 1e-4},
    "adam": {"betas": (0.8, 0.99), "epsilon": 1e-2},
    "adamw": {"betas": (0.8, 0.99), "epsilon": 1e-2},
    "nadam": {"betas": (0.8, 0.99), "epsilon": 1e-2, "momentum_decay": 0.01},
    "radam": {"betas": (0.8, 0.99), "epsilon": 1e-2},
    "lion": {"betas": (0.95, 0.98)},
    "muon": {"momentum": 0.8, "adamw_learning_rate": 0.01, "nesterov": False},
}


def layout() -> Layout:
    return Layout(tuple(SHAPES), tuple(torch.Size(shape) for shape in SHAPES.values()))


def gradient(w: Tensor) -> Tensor:
    """Of a function with valleys and bumps, each row by itself: `(n, P)` to `(n, P)`."""
    generator = torch.Generator().manual_seed(1)
    mix = torch.randn(w.shape[1], w.shape[1], generator=generator, dtype=torch.float64)
    return w @ (mix @ mix.T / w.shape[1]) + 0.3 * torch.cos(3 * w)


def start() -> Tensor:
    return torch.randn(
        len(RATES), layout().size, generator=torch.Generator().manual_seed(0)
    ).double()


def stacked(rule: str, **knobs: Any) -> Tensor:
    """All rates as rows of one array."""
    w, rate = start(), RATES[:, None].clone()
    memory: dict[str, Any] = {name: torch.zeros_like(w) for name in RULES[rule].memory}
    if RULES[rule].decoupled:
        knobs["decay"] = layout().decay(DECAY, w.dtype)
    if RULES[rule].whole:
        knobs |= {"layout": layout(), "schedule": 1.0}
    for t in range(1, STEPS + 1):
        RULES[rule].step(w, gradient(w), memory, t, rate, **knobs)
    return w


def single(rule: str, place: int, **knobs: Any) -> Tensor:
    """One rate, by the catalogue's rule, which is torch's."""
    net = nn.Module()
    for (name, shape), values in zip(SHAPES.items(), layout().views(start()), strict=True):
        net.register_parameter(name, nn.Parameter(values[place].reshape(shape).clone()))
    options = {"learning_rate": RATES[place].item(), **knobs}
    if RULES[rule].decoupled:
        options["weight_decay"] = DECAY
    optimizers = OPTIMIZERS.load(rule)(parameter_groups(net), **options)
    parameters = [*net.parameters()]
    for _ in range(STEPS):
        row = nn.utils.parameters_to_vector(parameters).detach()[None]
        for parameter, values in zip(parameters, layout().views(gradient(row)), strict=True):
            parameter.grad = values[0].clone()
        for optimizer in optimizers:
            optimizer.step()
    return nn.utils.parameters_to_vector(parameters).detach()


@pytest.fixture
def working_dtype(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything in float64: torch's Muon iterates in bfloat16 otherwise, as ours does, and its NAdam
    keeps a product in the default dtype."""
    own = partial(orthogonalised, dtype=torch.float64)
    monkeypatch.setattr(stacked_rules, "orthogonalised", own)
    torchs = "torch.optim._muon._zeropower_via_newtonschulz"
    monkeypatch.setattr(torchs, lambda grad, *_: own(grad[None])[0])
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("working_dtype")
@pytest.mark.parametrize("rule", RULES)
def test_a_stacked_rule_equals_torch_within_1e_10(rule: str) -> None:
    """Five rates in one array end where five optimizers of torch's end, after 200 updates."""
    rows = stacked(rule)
    for place in range(len(RATES)):
        torch.testing.assert_close(rows[place], single(rule, place), rtol=0, atol=1e-10)


@pytest.mark.usefixtures("working_dtype")
@pytest.mark.parametrize("rule", FURTHER)
def test_further_knobs_mean_what_torch_means(rule: str) -> None:
    """The same with every other knob of a rule set to something else."""
    rows = stacked(rule, **FURTHER[rule])
    alone = single(rule, 3, **FURTHER[rule])
    torch.testing.assert_close(rows[3], alone, rtol=0, atol=1e-10)
    assert (alone - single(rule, 3)).abs().max() > 1e-4, "the knobs change something"


@pytest.mark.parametrize("shape", [(32, 64), (64, 32), (5, 5)])
def test_newton_schulz_is_bit_for_bit_torchs(shape: tuple[int, int]) -> None:
    """Of a batch of matrices each comes out as torch's Muon makes it alone, in bfloat16."""
    from torch.optim._muon import _zeropower_via_newtonschulz as torchs

    generator = torch.Generator().manual_seed(0)
    matrices = torch.randn(4, *shape, generator=generator)
    for matrix, ours in zip(matrices, orthogonalised(matrices), strict=True):
        assert torch.equal(ours, torchs(matrix.clone(), (3.4445, -4.7750, 2.0315), 5, 1e-7))


def test_every_rule_of_the_catalogue_is_stacked_and_has_a_centre() -> None:
    """A rule that is added to the catalogue shows up here."""
    assert set(RULES) == set(OPTIMIZERS.names()) == set(search.CENTRES)


@pytest.mark.parametrize("rule", RULES)
def test_decay_is_decoupled_where_the_catalogue_says_so(rule: str) -> None:
    """The table here and the catalogue agree on who shrinks weights itself."""
    assert RULES[rule].decoupled == bool(OPTIMIZERS[rule].facts.get("decoupled"))

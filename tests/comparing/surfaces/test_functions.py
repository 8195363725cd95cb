"""The surfaces are what their formulas say: slopes, minima, and names."""

import pytest
import torch

from dlkit.comparing.surfaces.functions import SURFACES, Surface, find
from dlkit.errors import ConfigError

ALL = list(SURFACES.values())
PLACES = torch.tensor([[-1.3, 0.4], [0.0, 0.0], [2.1, -1.7], [0.5, 3.0]], dtype=torch.float64)


@pytest.mark.parametrize("surface", ALL, ids=lambda surface: surface.name)
def test_slopes_are_those_of_autograd(surface: Surface) -> None:
    """Every written-out slope is the derivative of the value beside it."""
    w = PLACES.clone().requires_grad_()
    (wanted,) = torch.autograd.grad(surface.value(*w.unbind(1)).sum(), w)
    found = torch.stack(surface.slope(*PLACES.unbind(1)), 1)
    torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("valley", 0.0), ("beale", 0.0), ("rosenbrock", 0.0), ("minima", -78.33233140754282)],
)
def test_the_lowest_value_is_the_published_one(name: str, value: float) -> None:
    """At the named minimum the function has its known lowest value."""
    assert find(name).value(*find(name).minima[0]) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("surface", ALL, ids=lambda surface: surface.name)
def test_named_minima_are_minima(surface: Surface) -> None:
    """No slope, and upward curvature in every direction, at each minimum; the others are higher."""
    for place in surface.minima + surface.others:
        point = torch.tensor(place, dtype=torch.float64)
        hessian = torch.autograd.functional.hessian(lambda w: surface.value(w[0], w[1]), point)
        assert surface.slope(*place) == pytest.approx((0, 0), abs=1e-9)
        assert torch.linalg.eigvalsh(hessian).min() > 0
    assert all(surface.value(*place) > surface.target for place in surface.others)


@pytest.mark.parametrize("surface", ALL, ids=lambda surface: surface.name)
def test_a_start_is_not_a_hit(surface: Surface) -> None:
    """No rule gets its target for nothing; where there is a minimum, it lies below the target."""
    assert surface.value(*surface.start) > surface.target
    assert all(surface.value(*place) < surface.target for place in surface.minima)


def test_floats_and_tensors_get_the_same_values() -> None:
    """Pictures (floats, arrays) and runs (tensors) see one surface."""
    for surface in ALL:
        values = surface.value(*PLACES.unbind(1)).tolist()
        assert values == [surface.value(x, y) for x, y in PLACES.tolist()]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vally", "unknown surface 'vally'. Did you mean 'valley'?"),
        ("q", "unknown surface 'q'. Known: beale, minima, rosenbrock, saddle, valley."),
    ],
)
def test_an_unknown_surface_names_the_nearest(name: str, message: str) -> None:
    """A typing error is met with the name that was meant."""
    with pytest.raises(ConfigError) as caught:
        find(name)
    assert str(caught.value) == message

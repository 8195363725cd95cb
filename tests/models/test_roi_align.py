"""What regions see of a map, against torchvision's RoIAlign."""

import pytest
import torch
from torchvision import ops

from dlkit.models import roi_align as ours
from dlkit.models.roi_align import RegionPooling, roi_align

SIZE = (48, 64)
"""Height and width of the images; maps have a stride of 8."""


def some_regions(count: int, seed: int, beyond: float = 0.0) -> torch.Tensor:
    """Boxes with corners up to `beyond` pixels outside the image."""
    size = torch.tensor([SIZE[1], SIZE[0]], dtype=torch.float64)
    shares = torch.rand(count, 2, 2, generator=torch.Generator().manual_seed(seed)).double()
    corners = shares * (size + 2 * beyond) - beyond
    return torch.cat([corners.amin(1), corners.amax(1)], 1)


@pytest.mark.parametrize("places", [5, 7, 32])
@pytest.mark.parametrize("beyond", [0.0, 30.0])
def test_values_and_gradients_are_those_of_torchvision(places: int, beyond: float) -> None:
    """Of several images, one of them without regions; some regions reach far outside."""
    maps = torch.randn(3, 4, 6, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    regions = [some_regions(n, n, beyond) for n in (25, 0, 13)]
    here, there = (maps.clone().requires_grad_() for _ in range(2))

    found = roi_align(here, regions, places, 8)
    wanted = ops.roi_align(there, regions, places, 1 / 8, sampling_ratio=2, aligned=True)

    assert found.shape == (38, 4, places, places)
    torch.testing.assert_close(found, wanted)
    for each in (found, wanted):
        each.square().sum().backward()
    torch.testing.assert_close(here.grad, there.grad)


def test_large_maps_take_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the matrices would be zeros mostly, torchvision's kernel gives the same numbers."""
    maps = torch.randn(1, 4, 6, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pool, regions = RegionPooling(7), [some_regions(5, 1)]
    small = pool({"0": maps}, regions, [SIZE])
    monkeypatch.setattr(ours, "MOST_ZEROS", 6)
    torch.testing.assert_close(pool({"0": maps}, regions, [SIZE]), small)

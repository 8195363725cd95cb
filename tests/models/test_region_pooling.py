"""What regions see of a feature map, against torchvision's RoIAlign."""

import pytest
import torch
from torchvision.ops import roi_align

from dlkit.models.region_pooling import RegionPooling

SIZE = (48, 64)
"""Height and width of the images; maps have a stride of 8."""


def some_regions(count: int, seed: int) -> torch.Tensor:
    corners = torch.rand(count, 2, 2, generator=torch.Generator().manual_seed(seed))
    corners = corners * torch.tensor([SIZE[1], SIZE[0]])
    return torch.cat([corners.amin(1), corners.amax(1) + 0.5], 1).clamp(max=64)


@pytest.mark.parametrize("places", [5, 7])
def test_it_is_roi_align(places: int) -> None:
    """Of several images, one of them without regions; values and gradients."""
    maps = torch.randn(3, 4, 6, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    regions = [some_regions(n, n).double() for n in (5, 0, 3)]
    regions[0][:, 1::2].clamp_(max=SIZE[0])
    regions[2][:, 1::2].clamp_(max=SIZE[0])
    ours, theirs = (maps.clone().requires_grad_() for _ in range(2))

    found = RegionPooling(places)({"0": ours}, regions, [SIZE] * 3)
    wanted = roi_align(theirs, regions, places, 1 / 8, sampling_ratio=2, aligned=True)

    assert found.shape == (8, 4, places, places)
    torch.testing.assert_close(found, wanted)
    for each in (found, wanted):
        each.square().sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_large_maps_take_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond LARGEST_MAP torchvision's kernel gives the same numbers."""
    maps = torch.randn(1, 4, 6, 8, generator=torch.Generator().manual_seed(0))
    regions = [some_regions(5, 1)]
    regions[0][:, 1::2].clamp_(max=SIZE[0])
    small = RegionPooling(7)({"0": maps}, regions, [SIZE])
    monkeypatch.setattr("dlkit.models.region_pooling.LARGEST_MAP", 7)
    large = RegionPooling(7)({"0": maps}, regions, [SIZE])
    torch.testing.assert_close(small, large)

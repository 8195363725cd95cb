"""What regions see of one feature map: RoIAlign (He et al. 2017, arXiv:1703.06870, section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, grid_sample


class RegionPooling(nn.Module):
    """Cuts each region into `places` a side, each the mean of 2 x 2 points of the map, interpolated.

    The numbers are those of `torchvision.ops.roi_align` with `aligned=True`; that one's way back on a
    CPU took two thirds of a training step, and `grid_sample`'s does not.
    """

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def forward(
        self,
        features: Mapping[str, Tensor],
        regions: Sequence[Tensor],
        sizes: Sequence[tuple[int, int]],
    ) -> Tensor:
        """One map `(B, C, H, W)`, regions `(n_i, 4)` in pixels of images of `sizes`, to
        `(sum n_i, C, places, places)`."""
        (maps,) = features.values()
        pairs = zip(maps, regions, sizes, strict=True)
        return torch.cat([self._pool(each, boxes, size) for each, boxes, size in pairs])

    def _pool(self, single: Tensor, boxes: Tensor, size: tuple[int, int]) -> Tensor:
        """The map `(C, H, W)` of one image for its regions `(n, 4)`."""
        if not len(boxes):
            return single.new_empty(0, len(single), self.places, self.places)
        points = 2 * self.places
        shares = (torch.arange(points, dtype=boxes.dtype, device=boxes.device) + 0.5) / points
        near, far = boxes[:, None].split(2, -1)  # (n, 1, 2), x before y
        places = near + shares[:, None] * (far - near)  # (n, points, 2)
        whole = places.new_tensor([size[1], size[0]])
        x, y = (2 * places / whole - 1).unbind(-1)  # the image reaches from -1 to 1
        rows = (len(boxes), points, points)
        grid = torch.stack([x[:, None, :].expand(rows), y[:, :, None].expand(rows)], -1)
        seen = grid_sample(
            single[None],
            grid.reshape(1, -1, points, 2),
            padding_mode="border",
            align_corners=False,
        )[0]  # (C, n points, points)
        return avg_pool2d(seen, 2).unflatten(1, (-1, self.places)).transpose(0, 1)

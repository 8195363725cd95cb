"""Pictures of what a task has seen, as uint8 tensors `(H, W, 3)`; sinks write them down."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

GREEN, RED = (60, 160, 90), (200, 60, 60)


def framed_grid(images: Tensor, right: Tensor, *, columns: int = 8, least: int = 32) -> Tensor:
    """Images `(N, C, H, W)` in a grid `(H', W', 3)`, each framed green where `right` `(N,)`, else red.

    Each image is stretched to its own range; small ones are enlarged to at least `least` pixels.
    """
    images = _to_bytes(images, least)  # (N, 3, H, W)
    colours = torch.tensor([RED, GREEN], dtype=torch.uint8)[right.long().cpu()]  # (N, 3)
    framed = pad(images, (2, 2, 2, 2))  # (N, 3, H+4, W+4)
    frame = pad(torch.zeros_like(images, dtype=torch.bool), (2, 2, 2, 2), value=True)
    framed = torch.where(frame, colours[:, :, None, None].expand_as(framed), framed)
    return _tile(pad(framed, (1, 1, 1, 1), value=255), columns)


def _to_bytes(images: Tensor, least: int) -> Tensor:
    """Grey or colour images of any range as uint8 `(N, 3, H, W)`."""
    images = images.detach().cpu().float()
    low = images.amin((1, 2, 3), keepdim=True)
    span = (images.amax((1, 2, 3), keepdim=True) - low).clamp_min(1e-12)
    colour = (
        ((images - low) / span).expand(-1, 3, -1, -1)
        if images.shape[1] == 1
        else (images[:, :3] - low) / span
    )
    scale = max(1, -(-least // min(images.shape[2:])))
    return (interpolate(colour, scale_factor=scale, mode="nearest") * 255).round().to(torch.uint8)


def _tile(images: Tensor, columns: int) -> Tensor:
    """Images `(N, 3, H, W)` row by row in one picture `(rows H, columns W, 3)`."""
    count, _, height, width = images.shape
    rows = -(-count // columns)
    blank = torch.full((rows * columns - count, 3, height, width), 255, dtype=torch.uint8)
    grid = torch.cat([images, blank]).view(rows, columns, 3, height, width)
    return grid.permute(0, 3, 1, 4, 2).reshape(rows * height, columns * width, 3)


def unit_grid(images: Tensor, *, columns: int = 8, least: int = 32) -> Tensor:
    """Images `(N, C, H, W)` from 0 to 1 in a grid `(H', W', 3)`, none stretched; small ones enlarged."""
    images = images.detach().cpu().float().clamp(0, 1)
    colour = images.expand(-1, 3, -1, -1) if images.shape[1] == 1 else images[:, :3]
    scale = max(1, -(-least // min(images.shape[2:])))
    enlarged = interpolate(colour, scale_factor=scale, mode="nearest")
    return _tile(pad((enlarged * 255).round().to(torch.uint8), (1, 1, 1, 1), value=255), columns)


def beside(left: Tensor, right: Tensor, *, gap: int = 16) -> Tensor:
    """Two pictures `(H, W, 3)` side by side with a white gap, the lower one filled up with white."""
    height = max(len(left), len(right))
    left, right = (
        pad(each, (0, 0, 0, 0, 0, height - len(each)), value=255) for each in (left, right)
    )
    return torch.cat([pad(left, (0, 0, 0, gap), value=255), right], dim=1)

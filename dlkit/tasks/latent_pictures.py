"""Pictures of what a variational autoencoder makes of codes: expected pixels, none that are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dlkit.tasks.importance import Autoencoder
from dlkit.tasks.pictures import beside, unit_grid

SEED, SAMPLES = 0, 64
SIDE = 15
"""Codes a side of the latent grid."""
PAIRS, BETWEEN = 4, 8
"""Interpolations shown, and the images of each."""


def latent_pictures(
    model: Autoencoder, images: Tensor, mean: Tensor, axes: Sequence[int]
) -> dict[str, Tensor]:
    """Pictures `(H, W, 3)` by name, for images `(B, C, H, W)` with mean codes `(B, Z)`:

    - `reconstructions`: the images, and beside them what their mean codes are decoded to;
    - `samples`: what 64 draws from the prior are decoded to, by the same luck every time;
    - `interpolation`: one pair of images a row, and between them the codes on the straight line;
    - `latent_grid`: codes that are the prior's mean but for the two numbers named by `axes`, in equal
      steps of a normal distribution's probability (Kingma & Welling 2014, figure 4); left out where a
      code is one number.
    """
    generator = torch.Generator().manual_seed(SEED)
    drawn = model.prior.draw(SAMPLES, generator).to(mean.device)
    pictures = {
        "reconstructions": beside(unit_grid(images), unit_grid(_decoded(model, mean))),
        "samples": unit_grid(_decoded(model, drawn)),
    }
    if len(images) > 1:
        pictures["interpolation"] = _interpolation(model, images[: 2 * PAIRS], mean[: 2 * PAIRS])
    if len(axes) == 2:
        centre, deviation = (each.to(mean.device) for each in model.prior.moments())
        codes = centre + deviation * grid_codes(axes, model.latent).to(mean.device)
        pictures["latent_grid"] = unit_grid(_decoded(model, codes), columns=SIDE)
    return pictures


def grid_codes(axes: Sequence[int], latent: int) -> Tensor:
    """Codes `(SIDE^2, latent)` row by row: `axes[0]` grows to the right, `axes[1]` upwards."""
    quantiles = (torch.arange(SIDE) + 0.5) / SIDE
    steps = torch.special.ndtri(quantiles)  # (SIDE,)
    codes = torch.zeros(SIDE, SIDE, latent)
    codes[:, :, axes[0]] = steps
    codes[:, :, axes[1]] = steps.flip(0)[:, None]
    return codes.flatten(0, 1)


def _interpolation(model: Autoencoder, images: Tensor, mean: Tensor) -> Tensor:
    """A row a pair: one image, its code, those between, the other's code, the other image."""
    pairs = len(images) // 2
    ends, codes = images[: 2 * pairs].unflatten(0, (pairs, 2)), mean[: 2 * pairs].view(pairs, 2, -1)
    share = torch.linspace(0, 1, BETWEEN, device=mean.device)[:, None]
    between = torch.lerp(codes[:, :1], codes[:, 1:], share)  # (pairs, BETWEEN, Z)
    decoded = _decoded(model, between.flatten(0, 1)).unflatten(0, (pairs, BETWEEN))
    rows = torch.cat([ends[:, :1], decoded, ends[:, 1:]], dim=1)
    return unit_grid(rows.flatten(0, 1), columns=BETWEEN + 2)


def _decoded(model: Autoencoder, codes: Tensor) -> Tensor:
    return model.likelihood.mean(model.decode(codes))

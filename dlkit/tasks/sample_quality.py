"""How close one set of samples is to another: distances, overlap of their neighbourhoods, classes hit.

Pure functions of features `(N, D)`; in double precision on the CPU, whatever they came from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

NEIGHBOURS = 5
"""The k of `neighbourhoods`, as Naeem et al. 2020 choose it (section 3.2 and their code)."""
SHARE_OF_A_MODE = 0.2
ROWS = 1000
"""Rows of a distance matrix that are in memory at once."""


def frechet_distance(real: Tensor, fake: Tensor) -> float:
    """The squared Fréchet distance of two normal distributions with the samples' means and covariances.

    `|m - n|^2 + tr(A + B - 2 (A B)^(1/2))` (Dowson & Landau 1982; Heusel et al. 2017,
    arXiv:1706.08500). `real` is `(N, D)`, `fake` `(M, D)`, N and M at least 2. Small samples bias it
    upwards, so only values for the same N and M compare.

    With centred samples `X` and `Y`, `A = X^T X / (N - 1)` and `tr (A B)^(1/2)` is the sum of the
    singular values of `X Y^T / sqrt((N - 1) (M - 1))`; those of the triangular factors of `X` and `Y`
    are the same, and no matrix has to be squared, nor be of full rank.
    """
    real, fake = _double(real), _double(fake)
    means = real.mean(0), fake.mean(0)
    x = (real - means[0]) / math.sqrt(len(real) - 1)  # (N, D)
    y = (fake - means[1]) / math.sqrt(len(fake) - 1)  # (M, D)
    triangles = (torch.linalg.qr(each, mode="r").R for each in (x, y))  # (min(N, D), D)
    common = torch.linalg.svdvals(next(triangles) @ next(triangles).T).sum()
    spread = x.square().sum() + y.square().sum() - 2 * common
    return ((means[0] - means[1]).square().sum() + spread.clamp_min(0)).item()


def neighbourhoods(real: Tensor, fake: Tensor, *, k: int = NEIGHBOURS) -> dict[str, float]:
    """Precision, recall, density and coverage, by balls that reach to each sample's k-th neighbour.

    `real` `(N, D)`, `fake` `(M, D)`, both longer than k.

    - `precision`: share of `fake` inside some ball of `real`;
    - `recall`: share of `real` inside some ball of `fake` (Kynkäänniemi et al. 2019,
      arXiv:1904.06991, equations 1 and 2);
    - `density`: balls of `real` that a `fake` lies in, on average, over k; may exceed 1;
    - `coverage`: share of the balls of `real` that hold a `fake` (Naeem et al. 2020,
      arXiv:2002.09797, equations 3 and 5).

    For two samples of one distribution, of one size, all but recall and precision have an
    expectation near 1: 1 for the density, and `1 - 2^-k` for the coverage (their section 4.2).
    """
    real, fake = _double(real), _double(fake)
    reach_of_real = _distance_of_neighbour(real, k)[:, None]  # (N, 1)
    reach_of_fake = _distance_of_neighbour(fake, k)  # (M,)
    balls_of_fake = torch.empty(len(fake))
    held, recalled = torch.zeros(2, len(real), dtype=torch.bool)
    for columns in torch.arange(len(fake)).split(ROWS):
        distances = _distances(real, fake[columns])  # (N, columns)
        inside = distances <= reach_of_real
        balls_of_fake[columns] = inside.sum(0).float()
        held |= inside.any(1)
        recalled |= (distances <= reach_of_fake[columns]).any(1)
    return {
        "coverage": held.double().mean().item(),
        "density": balls_of_fake.double().mean().item() / k,
        "precision": (balls_of_fake > 0).double().mean().item(),
        "recall": recalled.double().mean().item(),
    }


def modes_covered(real: Tensor, fake: Tensor) -> int:
    """How many classes hold at least a fifth of the share among `fake` that they have among `real`.

    Both are class indices `(N,)` and `(M,)`; only classes that occur among `real` count.
    """
    classes = int(max(real.max(), fake.max())) + 1
    shares = [torch.bincount(each, minlength=classes).double() / len(each) for each in (real, fake)]
    return int(((shares[0] > 0) & (shares[1] >= SHARE_OF_A_MODE * shares[0])).sum())


def nearest_distance(images: Tensor, others: Iterable[Tensor]) -> float:
    """The mean over `images` `(N, ...)` of the Euclidean distance to the nearest of `others`, batches
    `(B, ...)` of which there may be any number."""
    points = images.flatten(1)
    nearest = torch.full((len(points),), math.inf, device=points.device)
    for batch in others:
        nearest = torch.minimum(nearest, torch.cdist(points, batch.flatten(1)).amin(1))
    return nearest.mean().item()


def _double(features: Tensor) -> Tensor:
    return features.detach().cpu().double()


def _distances(one: Tensor, other: Tensor) -> Tensor:
    """`(N, M)`; exactly 0 for equal rows, which the faster formula with products is not."""
    return torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")


def _distance_of_neighbour(points: Tensor, k: int) -> Tensor:
    """How far the k-th neighbour of each point is, itself not counted: `(N,)`."""
    parts = [_distances(rows, points).kthvalue(k + 1, dim=1).values for rows in points.split(ROWS)]
    return torch.cat(parts)

"""Figures of samples: equal to closed forms, to SciPy, to brute force, and to torch."""

import math

import numpy as np
import pytest
import torch
from scipy import linalg

from dlkit.tasks import sample_quality
from dlkit.tasks.sample_quality import (
    frechet_distance,
    modes_covered,
    nearest_distance,
    neighbourhoods,
)


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def exactly(mean, root, count=40, seed=0):
    """`count` samples whose own mean is `mean` and whose covariance is `root root^T`, exactly."""
    samples = normal(count, len(mean), seed=seed)
    samples = samples - samples.mean(0)
    whitened = torch.linalg.solve_triangular(
        torch.linalg.cholesky(torch.cov(samples.T)), samples.T, upper=False
    ).T
    return mean + whitened @ root.T


def by_scipy(real, fake):
    """The formula as it is written, with the matrix root of SciPy."""
    a, b = (np.atleast_2d(np.cov(each.numpy(), rowvar=False)) for each in (real, fake))
    root = linalg.sqrtm(a @ b).real
    means = (real.mean(0) - fake.mean(0)).square().sum().item()
    return means + np.trace(a + b - 2 * root)


def test_frechet_distance_of_independent_features_in_closed_form():
    """Diagonal covariances: squared distance of the means plus those of the deviations."""
    deviations = torch.tensor([1.0, 2.0, 0.5]).double(), torch.tensor([3.0, 2.0, 1.0]).double()
    means = torch.tensor([0.0, 0.0, 0.0]).double(), torch.tensor([1.0, -2.0, 0.0]).double()
    real, fake = (
        exactly(mean, torch.diag(deviation), seed=seed)
        for seed, (mean, deviation) in enumerate(zip(means, deviations, strict=True))
    )

    assert frechet_distance(real, fake) == pytest.approx(5 + 4 + 0 + 0.25, rel=1e-10)


@pytest.mark.parametrize(("n", "m", "features"), [(50, 50, 8), (30, 200, 8), (20, 20, 1)])
def test_frechet_distance_is_scipy_s(n, m, features):
    """Full covariances, other numbers of samples, a single feature."""
    real = normal(n, features) @ normal(features, features, seed=1)
    fake = normal(m, features, seed=2) @ normal(features, features, seed=3) + 1

    assert frechet_distance(real, fake) == pytest.approx(by_scipy(real, fake), rel=1e-9)
    assert frechet_distance(fake, real) == pytest.approx(frechet_distance(real, fake), rel=1e-9)


def test_frechet_distance_of_fewer_samples_than_features():
    """Covariances without full rank are no harm: as if there were only the directions that vary."""
    real, fake = normal(6, 3), normal(7, 3, seed=1)
    turn = torch.linalg.qr(normal(40, 3, seed=2)).Q.T  # (3, 40): lengths and angles stay

    lifted = frechet_distance(real @ turn, fake @ turn)

    assert lifted == pytest.approx(by_scipy(real, fake), rel=1e-9)
    assert frechet_distance(normal(2, 64), normal(2, 64, seed=1)) > 0


def test_frechet_distance_of_the_same_samples_is_zero():
    """To rounding, also far from 0, in another order, and with features that never vary."""
    real = torch.cat([1000 + normal(30, 5), torch.ones(30, 2)], dim=1)

    assert frechet_distance(real, real.flip(0)) == pytest.approx(0, abs=1e-9)


def brute_force(real, fake, k):
    """The four figures by loops over pairs, as the papers define them."""

    def reach(points):
        return [
            sorted(math.dist(p, q) for q in points)[k] for p in points
        ]  # [0] is the point itself

    of_real, of_fake = reach(real), reach(fake)
    inside = [
        [math.dist(r, f) <= reach for f in fake] for r, reach in zip(real, of_real, strict=True)
    ]
    inside_fake = [
        [math.dist(r, f) <= reach for r in real] for f, reach in zip(fake, of_fake, strict=True)
    ]
    return {
        "precision": sum(map(any, zip(*inside, strict=True))) / len(fake),
        "recall": sum(map(any, zip(*inside_fake, strict=True))) / len(real),
        "density": sum(map(sum, inside)) / (k * len(fake)),
        "coverage": sum(map(any, inside)) / len(real),
    }


@pytest.mark.parametrize(
    ("n", "m", "k", "shift"), [(30, 30, 5, 0.5), (40, 25, 3, 1.5), (7, 50, 1, 0)]
)
def test_neighbourhoods_by_brute_force(monkeypatch, n, m, k, shift):
    """Equal to loops over all pairs, also where the matrix of distances is taken in pieces."""
    monkeypatch.setattr(sample_quality, "ROWS", 11)
    real, fake = normal(n, 2), normal(m, 2, seed=1) + shift

    expected = brute_force(real.tolist(), fake.tolist(), k)

    assert neighbourhoods(real, fake, k=k) == pytest.approx(expected, rel=1e-12)


def test_samples_of_one_distribution_have_the_papers_expectations():
    """Density 1 and coverage 1 - 2^-5 = 0.97 for two samples of one distribution (Naeem et al. 2020)."""
    figures = neighbourhoods(normal(1000, 4), normal(1000, 4, seed=1))

    assert figures["density"] == pytest.approx(1, abs=0.05)
    assert figures["coverage"] == pytest.approx(1 - 2**-5, abs=0.02)


def test_a_collapsed_generator_is_precise_and_covers_nothing():
    """One sample over and over: each is real enough, few balls hold it, and none is recalled."""
    real = normal(200, 2)
    figures = neighbourhoods(real, real[:1].expand(200, -1))

    assert figures["precision"] == 1
    assert figures["coverage"] < 0.1
    assert figures["recall"] == 1 / 200  # the one that it copies


def test_modes_count_where_a_fifth_of_their_share_is_reached():
    """Half of the real ones are of class 0, a quarter of 1 and of 3; class 2 is in neither's way."""
    real = torch.tensor([0, 0, 1, 3] * 10)

    assert modes_covered(real, real) == 3
    assert modes_covered(real, torch.tensor([0] * 95 + [1] * 5)) == 2  # 5 % is a fifth of 25 %
    assert modes_covered(real, torch.tensor([0] * 96 + [1] * 4)) == 1
    assert modes_covered(real, torch.tensor([2] * 100)) == 0
    assert modes_covered(real, torch.tensor([2, 7, 3, 1, 0])) == 3


def test_nearest_distance_is_the_mean_of_the_minima():
    """By hand, over batches: distances 5 and 1 to the nearest of three points."""
    images = torch.tensor([[3.0, 4.0], [10.0, 0.0]]).reshape(2, 1, 1, 2)
    others = torch.tensor([[0.0, 0.0], [11.0, 0.0], [50.0, 0.0]]).reshape(3, 1, 1, 2)

    assert nearest_distance(images, others.split(2)) == pytest.approx(3)
    assert nearest_distance(images, [images]) == pytest.approx(0, abs=1e-6)

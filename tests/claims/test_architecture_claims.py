"""Experiments on bounds, boxes, windows and recordings against their closed forms."""

from __future__ import annotations

import math

import pytest
import torch

from dlkit.claims import (
    average_precision_duplicates,
    corner_coverage,
    elbo_gap,
    fid_bias,
    iou_shift,
    recorded_graph,
    recurrent_jacobian,
)


def test_the_evidence_is_the_integral_over_the_latent_variable() -> None:
    """`log p(x)` equals a sum over a fine grid of z; x is the experiment's own draw."""
    import random

    noise, x = 0.5, random.Random(3).gauss(0, math.sqrt(1.25))
    z = torch.linspace(-10, 10, 20_001, dtype=torch.float64)
    joint = (-(z**2) / 2 - (x - z) ** 2 / (2 * noise**2)).exp() / (2 * math.pi * noise)
    found = elbo_gap.run(seed=3)["log_evidence"]
    assert found == pytest.approx(float((joint.sum() * 0.001).log()), abs=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1.0, 7.5])
def test_a_moved_square_has_the_stated_overlap(shift: float) -> None:
    """`(a - s) / (a + s)`."""
    found = iou_shift.run(shift=shift)
    assert found["iou_small"] == pytest.approx((10 - shift) / (10 + shift))
    assert found["iou_large"] == pytest.approx((100 - shift) / (100 + shift))


@pytest.mark.parametrize(("kernel_size", "padding"), [(3, 0), (3, 1), (5, 1), (5, 2)])
def test_windows_over_a_corner(kernel_size: int, padding: int) -> None:
    """Along each axis the first pixel is in one window, and in one more for each ring."""
    found = corner_coverage.run(kernel_size=kernel_size, padding=padding)
    assert found["windows_over_corner"] == (1 + padding) ** 2
    assert found["windows_over_middle"] == kernel_size**2
    assert found["side_of_output"] == 15 + 2 * padding - kernel_size + 1


def test_the_distance_of_a_sample_from_its_shifted_copy() -> None:
    """Equal covariances leave the squared distance of the means; twice the values, the trace."""
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert fid_bias.distance(x, x + 2) == pytest.approx(4 * 4)
    trace = float(torch.cov(x.T).trace())
    means = float(x.mean(0).square().sum())
    assert fid_bias.distance(x, 2 * x) == pytest.approx(means + trace * (1 - 2) ** 2)


def test_the_graph_has_a_node_for_each_doubling() -> None:
    """From x it takes `ceil(log2(10 / x))` doublings to exceed 10."""
    found = recorded_graph.run(first=1.5, other=0.3)
    assert found["nodes_other"] == math.ceil(math.log2(10 / 0.3))
    assert found["gradient_other"] == 2 ** found["nodes_other"]


def test_the_jacobian_is_that_of_autograd() -> None:
    """For a one-unit network the norm is a product of slopes; without inputs it is known."""
    found = recurrent_jacobian.run(units=1, inputs=0.0, radius=0.5)
    assert found["norm_after_10"] == pytest.approx(0.5**10, rel=0.1)
    assert found["norm_after_100"] / found["norm_after_50"] == pytest.approx(0.5**50, rel=1e-6)


def test_no_duplicates_cost_nothing() -> None:
    """Without duplicates all three values are 1."""
    found = average_precision_duplicates.run(duplicates=0)
    assert list(found.values()) == pytest.approx([1.0, 1.0, 1.0])

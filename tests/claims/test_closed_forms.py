"""Experiments of the basics whose result is known in closed form, for many settings."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit.claims import (
    backward_cost,
    bias_as_weight,
    chosen_by_validation,
    decay_or_penalty,
    dropout_scaling,
    learning_rate_threshold,
    noise_floor,
    random_curvatures,
    smoothed_optimum,
    updates_per_epoch,
)


@pytest.mark.parametrize("rate", [0.1, 1.5, 2.05])
def test_descent_on_a_parabola_is_a_power(rate):
    """`|1 - rate|` to the number of steps."""
    measured = learning_rate_threshold.run(low=rate, steps=40)
    assert measured["distance_low_rate"] == pytest.approx(abs(1 - rate) ** 40)


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_the_first_layer_needs_no_gradient_of_its_input(layers):
    """Two products a layer on the way back, but one in the first."""
    measured = backward_cost.run(layers=layers, width=4)
    assert measured["backward_over_forward"] == pytest.approx(2 - 1 / layers)


@pytest.mark.parametrize("offset", [-2.0, 0.5])
def test_a_line_through_the_origin_misses_by_the_offset(offset):
    """The error without a bias is the offset squared."""
    assert bias_as_weight.run(offset=offset)["error_without_bias"] == pytest.approx(offset**2)


@pytest.mark.parametrize(("amount", "classes"), [(0.1, 2), (0.3, 5)])
def test_the_best_gap_of_smoothed_labels(amount, classes):
    """`ln(1 + K (1 - e) / e)`."""
    measured = smoothed_optimum.run(amount=amount, classes=classes)
    gap = math.log(1 + classes * (1 - amount) / amount)
    assert measured["gap_smoothed"] == pytest.approx(gap, rel=1e-3)


@pytest.mark.parametrize("rate", [0.1, 1.2])
def test_the_noise_floor_of_a_constant_rate(rate):
    """`rate / (2 - rate)`, within the error of 2,000 runs."""
    measured = noise_floor.run(rate=rate, steps=300, runs=2000)
    assert measured["constant"] == pytest.approx(measured["predicted"], rel=0.1)


def test_random_curvatures_in_two_dimensions():
    """The share of minima is `(2 - sqrt(2)) / 4`."""
    measured = random_curvatures.run(matrices=40_000)
    expected = (2 - math.sqrt(2)) / 4
    assert measured["minima_in_2_dimensions"] == pytest.approx(expected, abs=0.006)


@settings(max_examples=30, deadline=None)
@given(examples=st.integers(1, 300), batch=st.integers(1, 64), accumulate=st.integers(1, 5))
def test_updates_of_an_epoch(examples, batch, accumulate):
    """`ceil(N / B)` batches and `ceil(N / (B k))` updates, each example once."""
    measured = updates_per_epoch.run(examples=examples, batch=batch, accumulate=accumulate)
    assert measured["batches"] == measured["predicted_batches"]
    assert measured["updates"] == measured["predicted_updates"]
    assert measured["uses_least"] == measured["uses_most"] == 1


@pytest.mark.parametrize("p", [0.0, 0.5])
def test_dropout_keeps_the_mean(p):
    """1 in training and in use; without the scale, what is kept."""
    measured = dropout_scaling.run(p=p)
    assert measured["mean_training"] == pytest.approx(1, abs=0.02)
    assert measured["mean_unscaled"] == pytest.approx(1 - p, abs=0.01)


def test_one_model_is_not_flattered():
    """The best of one is an unbiased estimate; the best of two is above it."""
    one, two = (chosen_by_validation.run(models=n)["validation_of_the_best"] for n in (1, 2))
    assert one == pytest.approx(0.5, abs=0.015)
    assert two > one + 0.015


def test_without_decay_there_is_no_difference():
    """A decay of 0 changes nothing under any rule."""
    assert set(decay_or_penalty.run(decay=0.0, steps=20).values()) == {0.0}

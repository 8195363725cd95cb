"""The adding problem: two marks, one in each half; their numbers' sum; no sequence in two parts."""

import pytest
import torch

from dlkit.data.adding import DEVIATION, MEAN, adding_problem
from dlkit.errors import OptionError

SMALL = {"examples": 500, "validation_examples": 50, "test_examples": 2000}


def test_targets_are_the_sums_of_the_marked_numbers() -> None:
    """One mark in each half, numbers in [0, 1], the sum learnt with mean 0 and deviation 1."""
    inputs, targets = adding_problem(length=11, **SMALL).train.fetch(torch.arange(500))
    numbers, marks = inputs.unbind(2)

    assert inputs.shape == (500, 11, 2)
    assert torch.equal(marks[:, :5].sum(1), torch.ones(500))
    assert torch.equal(marks[:, 5:].sum(1), torch.ones(500))
    assert marks.unique().tolist() == [0, 1]
    assert 0 <= numbers.min() < numbers.max() <= 1
    torch.testing.assert_close((numbers * marks).sum(1, keepdim=True), targets * DEVIATION + MEAN)
    assert set(marks.sum(0).gt(0).tolist()) == {True}


def test_the_constant_s_error_is_that_of_the_paper() -> None:
    """Saying 1 costs a sixth, the variance of the sum of two uniform numbers."""
    data = adding_problem(length=4, **SMALL)
    rival = data.references()["always 1"]

    sums = data.test.fetch(torch.arange(2000))[1] * data.facts.target_std + data.facts.target_mean
    assert rival["rmse"] == pytest.approx((sums - 1).square().mean().sqrt().item())
    assert rival["mae"] == pytest.approx((sums - 1).abs().mean().item())
    assert rival["rmse"] ** 2 == pytest.approx(1 / 6, abs=0.01)


def test_parts_and_seeds_differ() -> None:
    """No sequence is in two parts, and a seed gives the same sequences again."""
    data, again, other = (adding_problem(length=8, **SMALL, data_seed=seed) for seed in (0, 0, 1))
    rows = [
        tuple(row)
        for part in (data.train, data.validation, data.test)
        for row in part.inputs.flatten(1).tolist()
    ]

    assert len(set(rows)) == 2550
    assert data.fingerprint == again.fingerprint != other.fingerprint
    assert not set(rows) & {tuple(row) for row in other.train.inputs.flatten(1).tolist()}


def test_one_step_holds_no_two_numbers() -> None:
    """A length below 2 is refused at its option."""
    assert adding_problem(length=2, **SMALL).facts.input_shape == (2, 2)
    with pytest.raises(OptionError) as caught:
        adding_problem(length=1)
    assert str(caught.value) == "length: two numbers cannot be marked in a sequence of 1"

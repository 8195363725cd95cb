"""A recorded cell again, through plain torch.optim."""

from dataclasses import replace
from typing import Any

import pytest

from dlkit.comparing.plan import Plan
from dlkit.comparing.problem import Problem
from dlkit.comparing.record import Outcome
from dlkit.comparing.replay import Replay, difference, replay
from dlkit.comparing.stacked import train_stacked
from dlkit.errors import ConfigError


@pytest.fixture(scope="module")
def record(tiny_plan: Plan) -> dict[str, Any]:
    """Stacked outcomes of four cells, one of them at a rate that amplifies rounding."""
    task = replace(tiny_plan.tasks[0], epochs=8)
    plan = replace(tiny_plan, tasks=(task,))
    cells = [
        cell
        for contest, rate in zip(plan.contests(), (0.1, 0.01, 0.001), strict=True)
        for cell in contest.cells([(("learning_rate", rate),)], range(1))
    ]
    cells += [replace(cells[0], knobs=(("learning_rate", 4.0),))]
    outcomes = train_stacked(Problem(task), cells)
    return {"plan": plan.plain(), "cells": [each.plain() for each in outcomes]}


@pytest.mark.parametrize("key", ["sgd/0.1", "adam/0.01", "lion/0.001"])
def test_a_cell_is_reproduced_within_rounding(key: str, record: dict[str, Any]) -> None:
    """The whole curve of the validation loss."""
    result = replay(record, f"tiny/128/{key}/s0")
    assert result.same
    assert result.difference < 1e-5
    assert result.repeated.method == "loop"
    assert "reproduced\n" in result.text()


def test_a_chaotic_cell_is_reproduced_in_float64(record: dict[str, Any]) -> None:
    """Where float32 leaves a doubt, both ways are run in float64, and agree far better."""
    result = replay(record, "tiny/128/sgd/4/s0")
    if result.difference > 1e-3:
        assert result.stacked_difference == 0
        assert result.exact_difference is not None
        assert "so that the rest is rounding, amplified" in result.text()
    assert result.same


def test_another_training_is_not_the_same(record: dict[str, Any]) -> None:
    """A record that was tampered with does not reproduce."""
    cells = [dict(cell) for cell in record["cells"]]
    cells[1]["validation"] = {"loss": [9.0] * len(cells[1]["updates"])}
    result = replay({**record, "cells": cells}, "tiny/128/adam/0.01/s0")
    assert not result.same
    assert "NOT reproduced" in result.text()


def test_a_cell_that_is_not_there(record: dict[str, Any]) -> None:
    """The nearest key is named."""
    with pytest.raises(ConfigError) as error:
        replay(record, "tiny/128/adam/0.01/s1")
    assert str(error.value) == (
        "the comparison has no cell 'tiny/128/adam/0.01/s1'. Did you mean 'tiny/128/adam/0.01/s0'?"
    )


def test_curves_of_other_lengths_differ_without_end(record: dict[str, Any]) -> None:
    """As do a training that diverged and one that did not."""
    result = replay(record, "tiny/128/sgd/0.1/s0")
    shorter = Outcome(result.recorded.cell, "loop")
    assert difference(result.recorded, shorter) == float("inf")
    assert not Replay(result.recorded, shorter, float("inf")).same

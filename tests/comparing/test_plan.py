"""Plans, cells and their names."""

import json
from dataclasses import replace

import pytest

from dlkit.comparing.plan import Cell, Contest, Plan, Task, evaluation_steps, level_steps, read_plan
from dlkit.comparing.presets import PRESETS, RULES

TASK = Task("t", batch_size=32, epochs=10, evaluations=5)


def test_a_plan_survives_json() -> None:
    """Every preset, written and read, is equal to itself."""
    for make in PRESETS.values():
        plan, _ = make(True)
        assert read_plan(json.loads(json.dumps(plan.plain()))) == plan


def test_the_key_of_a_cell_names_all_that_it_is() -> None:
    """Two cells with one key are one cell: knobs after the rate are named."""
    knobs = (("learning_rate", 0.1), ("betas", (0.9, 0.99)), ("epsilon", 1e-5))
    assert (
        Cell("t", "full", "adam", knobs, 3).key == "t/full/adam/0.1,betas=0.9+0.99,epsilon=1e-05/s3"
    )


def test_tuning_and_reporting_seeds_are_apart() -> None:
    """No seed serves the choice and the report, and a cell knows which it serves."""
    plan = Plan("p", (TASK,), ("sgd",))
    tuning, reporting = set(plan.seeds("tuning")), set(plan.seeds("reporting"))
    assert len(tuning) == 3
    assert len(reporting) == 10
    assert not tuning & reporting
    knobs = (("learning_rate", 0.1),)
    for phase, seeds in (("tuning", tuning), ("reporting", reporting)):
        assert all(Cell("t", "32", "sgd", knobs, seed).phase == phase for seed in seeds)


def test_all_settings_see_the_same_seeds() -> None:
    """The cells of a contest are every setting with every seed."""
    settings = [(("learning_rate", rate),) for rate in (0.1, 0.2)]
    cells = Contest("t", "32", "sgd").cells(settings, range(3))
    assert [(cell.rate, cell.seed) for cell in cells] == [
        (r, s) for r in (0.1, 0.2) for s in range(3)
    ]


def test_the_axes_are_apart() -> None:
    """Every rule on the task's own batch; other estimators for one rule only."""
    plan = Plan("p", (TASK,), ("sgd", "adam"), estimators=("1", "32", "full"))
    assert [*plan.contests()] == [
        Contest("t", "32", "sgd"),
        Contest("t", "32", "adam"),
        Contest("t", "1", "sgd"),
        Contest("t", "full", "sgd"),
    ]


def test_the_own_estimator_is_scored_at_equal_distances() -> None:
    """Ten epochs of four batches: 40 updates, five times."""
    assert evaluation_steps(TASK, 100, 32) == [8, 16, 24, 32, 40]


@pytest.mark.parametrize(("size", "levels"), [(1, (40, 1000)), ("full", (40, 10)), (32, (40, 40))])
def test_estimators_are_scored_where_they_are_level(size, levels) -> None:
    """At the updates of the own estimator, and where as many examples have been seen."""
    assert level_steps(TASK, 100, size) == levels
    steps = evaluation_steps(TASK, 100, size)
    assert set(levels) <= set(steps)
    assert steps[-1] == max(levels)


def test_worth_is_larger_for_better() -> None:
    """A loss is turned round."""
    assert TASK.worth(0.5) == 0.5
    assert replace(TASK, direction="min").worth(0.5) == -0.5


def test_presets_compare_all_rules_on_fresh_seeds() -> None:
    """Twelve rules, at least five reporting seeds, 13 rates; laptop says what it leaves out."""
    for make in PRESETS.values():
        plan, notes = make(True)
        assert plan.rules == RULES
        assert plan.reporting_seeds >= 5
        assert plan.rates == 13
        assert notes == []
    plan, notes = PRESETS["laptop"](False)
    assert notes == ["Fashion-MNIST is not here: the preset laptop compares on digits alone"]
    assert all(task.data["name"] == "digits" for task in plan.tasks)

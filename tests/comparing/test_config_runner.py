"""A user's own config as a task: any family, through dlkit's own loop."""

import math
from pathlib import Path
from typing import Any

import pytest

from dlkit.comparing.comparison import Comparison
from dlkit.comparing.config_runner import ConfigProblem, config_task
from dlkit.comparing.execute import InProcess
from dlkit.comparing.plan import Cell
from dlkit.comparing.planning import Wishes, plan_for
from dlkit.comparing.replay import replay
from dlkit.comparing.view import Quiet
from dlkit.config.load import load
from dlkit.errors import ConfigError
from dlkit.run import run
from dlkit.runfolder import RunFolder

CONFIG = """
data: {name: diabetes, validation_fraction: 0.2}
model: {name: mlp, hidden: [8]}
optimizer: {name: adam, learning_rate: 0.01}
early_stopping: {name: patience, patience: 1}
fit: {epochs: 3, batch_size: 64, threads: 1}
logging: {tensorboard: false, pictures: false}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "diabetes.yaml"
    path.write_text(CONFIG)
    return path


def test_the_config_says_what_is_tuned_for(config: Path) -> None:
    """Its monitor and direction, its batch, its epochs."""
    task = config_task(config, (), None)
    assert (task.name, task.score, task.direction) == ("diabetes", "loss", "min")
    assert (task.batch_size, task.epochs) == (64, 3)


@pytest.mark.parametrize("own", [(), ("regularization={weight_averaging: 0.9}",)])
def test_a_cell_is_what_dlkit_train_trains(
    own: tuple[str, ...], config: Path, tmp_path: Path
) -> None:
    """The test score equals that of `dlkit train` with the same optimizer and seed; so it does where an
    average of the weights is tested."""
    task = config_task(config, own, None)
    knobs = (("learning_rate", 0.02),)
    outcome = ConfigProblem(task).train_alone(Cell("diabetes", "64", "adam", knobs, 1000))
    settings = [
        "optimizer={name: adam, learning_rate: 0.02}", "fit.seed=1000", "early_stopping=null",
        f"logging.folder={tmp_path}",
    ]  # fmt: skip
    result = run(load(config, [*own, *settings]))
    assert outcome.test == pytest.approx(result.scores)
    assert len(outcome.updates) == 3
    assert result.steps == outcome.updates[-1]


def test_regularisation_is_equal(config: Path) -> None:
    """AdamW's own decay is off where the config sets none, and the config's is on where it does."""
    task = config_task(config, (), None)
    knobs = (("learning_rate", 0.02),)
    assert ConfigProblem(task).config("adamw", knobs).optimizer.options["weight_decay"] == 0.0
    decayed = config_task(config, ("regularization={weight_decay: 0.1}",), None)
    assert "weight_decay" not in ConfigProblem(decayed).config("adamw", knobs).optimizer.options


def test_the_full_batch_gets_as_many_updates(config: Path) -> None:
    """One update an epoch, so more epochs than the config's."""
    problem = ConfigProblem(config_task(config, (), None))
    outcome = problem.train_alone(Cell("diabetes", "full", "sgd", (("learning_rate", 0.1),), 0))
    own = problem.train_alone(Cell("diabetes", "64", "sgd", (("learning_rate", 0.1),), 0))
    assert outcome.updates[-1] == own.updates[-1]


def test_divergence_is_an_outcome(config: Path) -> None:
    """Not an error: the step is noted."""
    problem = ConfigProblem(config_task(config, (), None))
    outcome = problem.train_alone(Cell("diabetes", "64", "sgd", (("learning_rate", 1e30),), 1000))
    assert outcome.diverged_at is not None
    assert outcome.test is None


def test_a_config_without_validation_is_refused(config: Path) -> None:
    """There would be nothing to choose rates by."""
    with pytest.raises(ConfigError) as error:
        config_task(config, ("data.validation_fraction=0", "early_stopping=null"), None)
    assert str(error.value) == (
        f"{config} has no validation split, on which rates are chosen. "
        "Set data.validation_fraction, say."
    )


def test_a_whole_comparison_of_a_config(config: Path, tmp_path: Path) -> None:
    """Tuned, reported, timed, and one of its cells replayed bit for bit."""
    wishes: dict[str, Any] = {"optimizers": "adam,muon", "rates": 2, "seeds": 2, "tuning_seeds": 1}
    plan, _ = plan_for(None, config, (), Wishes(**wishes))
    folder = tmp_path / "out"
    folder.mkdir()
    record = Comparison(plan, RunFolder(folder), InProcess(), Quiet()).run()
    assert record["methods"][0]["method"] == "loop"
    assert {each["rule"] for each in record["timings"]} <= {"adam", "muon"}
    assert all(math.isfinite(each["median"]) for each in record["timings"])
    key = next(cell["key"] for cell in record["cells"] if cell["phase"] == "reporting")
    result = replay(record, key)
    assert result.difference == 0

"""A comparison as TensorBoard reads it."""

from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from dlkit.comparing import board
from dlkit.comparing.record import read_outcome
from dlkit.errors import StorageError

Record = dict[str, Any]


@pytest.fixture(scope="module")
def root(small: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return board.write_board(small, tmp_path_factory.mktemp("board"))


def read(folder: Path) -> EventAccumulator:
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def test_every_cell_is_a_run(small: Record, root: Path) -> None:
    """Trials and reports, those that diverged as well."""
    runs = {path.parent.relative_to(root).as_posix() for path in root.rglob(board.FILE)}
    assert runs == {cell["key"] for cell in small["cells"]}


def test_a_run_has_the_curve_of_its_cell(small: Record, root: Path) -> None:
    """Scores over updates to float32, and seconds of the rule alone as their time."""
    cell = next(c for c in small["cells"] if (c["rule"], c["phase"]) == ("adam", "reporting"))
    speed = next(each["median"] for each in small["timings"] if each["rule"] == "adam")
    events = read(root / cell["key"])
    curve = events.Scalars("validation/accuracy")
    assert [each.step for each in curve] == cell["updates"]
    assert [each.value for each in curve] == pytest.approx(cell["validation"]["accuracy"])
    assert [each.wall_time for each in curve] == pytest.approx([s * speed for s in cell["updates"]])
    [test] = events.Scalars("test/accuracy")
    assert (test.step, test.value) == (cell["updates"][-1], pytest.approx(cell["test"]["accuracy"]))
    assert set(events.Tags()["scalars"]) == {
        *("train/loss", "validation/accuracy", "validation/loss", "test/accuracy", "test/loss")
    }


def test_the_hparams_tab_gets_the_settings(small: Record, root: Path) -> None:
    """Rule, rate, seed, phase, task and estimator, as TensorBoard's own message parses them."""
    cell = next(c for c in small["cells"] if (c["rule"], c["phase"]) == ("sgd", "tuning"))
    metadata = read(root / cell["key"]).SummaryMetadata("_hparams_/session_start_info")
    data = HParamsPluginData.FromString(metadata.plugin_data.content)
    settings = data.session_start_info.hparams
    texts = {name: settings[name].string_value for name in ("rule", "phase", "task", "estimator")}
    assert metadata.plugin_data.plugin_name == "hparams"
    assert texts == {"rule": "sgd", "phase": "tuning", "task": "digits-mlp", "estimator": "32"}
    assert settings["learning_rate"].number_value == cell["knobs"][0][1]
    assert settings["seed"].number_value == cell["seed"]


def test_a_diverged_run_says_when(small: Record, root: Path) -> None:
    """Its one point lies at the update whose loss was not finite."""
    cell = next(c for c in small["cells"] if c["rule"] == "lion")
    [point] = read(root / cell["key"]).Scalars("diverged")
    assert point.step == cell["diverged_at"]


def test_runs_that_are_there_are_left_alone(lone: Record, tmp_path: Path) -> None:
    """A comparison that goes on adds what is new."""
    root = board.write_board(lone, tmp_path)
    first = next(root.rglob(board.FILE))
    first.write_bytes(b"kept")
    board.write_board(lone, tmp_path)
    assert first.read_bytes() == b"kept"


def test_names_of_runs_stay_in_the_folder(small: Record) -> None:
    """Dots, blanks and brackets of a task's name lead nowhere else."""
    plain = small["cells"][0] | {"task": "../other <task>"}
    assert board.run_name(read_outcome(plain).cell) == "_/other__task_/32/sgd/0.002/s0"


def test_a_place_that_cannot_be_written(lone: Record, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / board.FOLDER).write_text("", encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        board.write_board(lone, tmp_path)
    assert str(caught.value) == f"cannot write to {tmp_path / board.FOLDER}: Not a directory"

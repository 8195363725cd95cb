"""Whether and from where a run goes on: damaged, foreign, changed, finished and crashed runs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dlkit import events as happened
from dlkit.config.load import load
from dlkit.errors import CheckpointError, ConfigError
from dlkit.interruption import Interruption
from dlkit.run import Inheritance, Resumption, run
from dlkit.runfolder import RunFolder, find
from dlkit.session import Result
from dlkit.sinks.jsonl import read
from dlkit.training import checkpoint

CONFIG = """
data: digits
model: {name: mlp, hidden: [8]}
optimizer: {name: momentum, learning_rate: 0.02}
regularization: {dropout: 0.1}
fit: {epochs: 3, batch_size: 256, threads: 1}
logging: {every: 2, tensorboard: false, pictures: false}
"""


class StopAt(Interruption):
    """An interruption that comes after so many questions, one a step and one a validation batch."""

    def __init__(self, questions: int) -> None:
        super().__init__()
        self.left = questions

    def reason(self) -> str | None:
        self.left -= 1
        return "SIGTERM" if self.left < 0 else None


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def train(config: Path, *overrides: str, stop_at: int | None = None) -> Result:
    interruption = StopAt(stop_at) if stop_at is not None else None
    return run(load(config, overrides), interruption=interruption)


def go_on(result: Result, *overrides: str, **options: Any) -> Result:
    folder = RunFolder(Path(result.folder))
    return run(load(folder.config, overrides), resumption=Resumption(folder, **options))


def newest(result: Result) -> Path:
    return checkpoint.Store(Path(result.folder) / "checkpoints").candidates()[0]


def warnings(result: Result) -> list[str]:
    events = read(Path(result.folder) / "events.jsonl")
    return [event.message for event in events if isinstance(event, happened.Warned)]


def weights(result: Result) -> dict[str, list[float]]:
    return {
        name: tensor.tolist() for name, tensor in checkpoint.load(newest(result))[0].model.items()
    }


def test_an_interrupted_run_goes_on_to_the_same_weights(config: Path) -> None:
    """Saved in the middle of an epoch, resumed, and compared with a run that was left alone."""
    whole, part = train(config), train(config, stop_at=8)
    assert part.kind == "interrupted"
    resumed = go_on(part)
    assert resumed.kind == "finished"
    assert weights(resumed) == weights(whole)
    assert resumed.scores == whole.scores


@pytest.mark.parametrize("damage", [lambda data: data[:50], lambda data: data[:-1] + b"\xff"])
def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(
    config: Path, damage: Callable[[bytes], bytes]
) -> None:
    """Truncated or flipped, it is not used; the run says so and ends with the same weights."""
    whole, part = train(config), train(config, stop_at=16)
    broken = newest(part)
    file = broken / "model.safetensors"
    file.write_bytes(damage(file.read_bytes()))
    resumed = go_on(part)
    assert weights(resumed) == weights(whole)
    (words,) = (each for each in warnings(resumed) if "is not used" in each)
    assert words.startswith(f"{broken.name} is not used: model.safetensors ")
    assert "Going on from step-" in words


def test_no_valid_checkpoint_lists_each_and_deletes_none(config: Path) -> None:
    """Exit code 4, every candidate with its reason."""
    part = train(config, stop_at=16)
    candidates = checkpoint.Store(Path(part.folder) / "checkpoints").candidates()
    for path in candidates:
        (path / "state.json").unlink()
    with pytest.raises(CheckpointError) as error:
        go_on(part)
    lines = str(error.value).splitlines()
    assert lines[0] == f"no checkpoint of {part.folder} can be used:"
    assert lines[1:] == [
        f"  {path.name} is not used: state.json cannot be read (No such file or directory)"
        for path in candidates
    ]
    assert all(path.exists() for path in candidates)


def test_nothing_to_resume_starts_afresh_with_the_same_seed(config: Path) -> None:
    """Killed in its first epoch, a run has no checkpoint: it begins again and ends the same."""
    whole, part = train(config), train(config, stop_at=2)
    shutil.rmtree(Path(part.folder) / "checkpoints")
    resumed = go_on(part)
    assert weights(resumed) == weights(whole)
    assert "nothing to resume: no checkpoint was saved. Starting afresh, same seed" in warnings(
        resumed
    )


@pytest.mark.parametrize(
    ("override", "change"),
    [
        ("model.hidden=[9]", "'model.hidden' was [8], is [9]"),
        ("data.split_seed=3", "'data.split_seed' was 0, is 3"),
        ("fit.seed=1", "'fit.seed' was 0, is 1"),
        ("optimizer.learning_rate=0.5", "'optimizer.learning_rate' was 0.02, is 0.5"),
    ],
)
def test_another_model_data_seed_or_rule_is_another_run(
    config: Path, override: str, change: str
) -> None:
    """A key that decides what is learned must not change on resume; it is named, old and new."""
    part = train(config, stop_at=8)
    with pytest.raises(CheckpointError) as error:
        go_on(part, override)
    assert str(error.value) == (
        f"the config is no longer that of {part.folder}: {change}. Undo this to resume, or start a new "
        "run; --weights-only takes over its weights."
    )


def test_a_free_key_may_change_and_is_noted(config: Path) -> None:
    """More epochs continue the run and the change is in its record."""
    whole, part = train(config, "fit.epochs=5"), train(config)
    resumed = go_on(part, "fit.epochs=5")
    assert resumed.epochs == 5
    assert weights(resumed) == weights(whole)
    assert "'fit.epochs' was 3, is 5" in warnings(resumed)


def test_changed_data_are_noticed(config: Path, tmp_path: Path) -> None:
    """Other rows in the file: exit code 4, unless the change is allowed, and then it is noted."""
    table = tmp_path / "table.csv"
    table.write_text("a,b,y\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(80)))
    config.write_text(
        CONFIG.replace("data: digits", "data: {name: csv, file: table.csv, target: y}")
    )
    part = train(config, stop_at=1)
    table.write_text(table.read_text().replace("\n7,", "\n8,"))
    with pytest.raises(CheckpointError) as error:
        go_on(part)
    assert str(error.value).startswith(f"the data are not those that {part.folder} began with")
    resumed = go_on(part, allow_data_change=True)
    assert "the data have changed since the run began" in warnings(resumed)


def test_another_number_of_threads_is_not_exact_and_says_so(config: Path) -> None:
    """The run goes on, with the reason why it is not bit for bit the same."""
    part = train(config, stop_at=8)
    try:
        resumed = go_on(part, "fit.threads=2")
    finally:
        torch.set_num_threads(1)
    assert "the resumed run is not bit-exact because threads was 1, is 2" in warnings(resumed)


def test_a_run_that_crashed_twice_at_one_place_is_not_tried_a_third_time(config: Path) -> None:
    """Twice the same checkpoint and step: it stops, says where, and how to use the weights."""
    part = train(config, stop_at=8)
    folder = RunFolder(Path(part.folder))
    for _ in range(2):
        folder.note_crash("step-00000008-epoch-0001", 9, "ValueError: no")
    with pytest.raises(CheckpointError) as error:
        go_on(part)
    assert str(error.value).startswith(
        "this run has stopped twice at step 9 after step-00000008-epoch-0001: ValueError: no"
    )


def test_a_divergence_repeated_is_such_a_crash(config: Path) -> None:
    """A rate that diverges does so again after resuming, and the third time is refused."""
    from dlkit.errors import Diverged

    with pytest.raises(Diverged):
        train(config, "optimizer.learning_rate=1e30")
    (folder,) = (Path("runs")).iterdir()
    resumption = Resumption(RunFolder(folder))
    with pytest.raises(Diverged):
        run(load(resumption.folder.config), resumption=resumption)
    with pytest.raises(CheckpointError, match="has stopped twice at step"):
        run(load(resumption.folder.config), resumption=resumption)


def test_weights_only_begins_a_new_run_with_old_weights(config: Path) -> None:
    """Another learning rate, the same model: the first loss is near the last of the old run."""
    old = train(config)
    inheritance = Inheritance(RunFolder(Path(old.folder)))
    new = run(
        load(config, ["optimizer.learning_rate=0.001", "fit.epochs=1"]), inheritance=inheritance
    )
    assert new.folder != old.folder
    assert new.best_score is not None
    assert old.best_score is not None
    assert new.best_score < old.best_score * 1.05
    assert warnings(new)[0] == f"weights are taken from {old.folder}, {newest(old).name}"


def test_weights_that_do_not_fit_are_listed(config: Path) -> None:
    """Ten differences at most, with shapes; `--allow-partial` takes what fits and lists the rest."""
    old = train(config)
    wider = load(config, ["model.hidden=[16]", "fit.epochs=1"])
    with pytest.raises(CheckpointError) as error:
        run(wider, inheritance=Inheritance(RunFolder(Path(old.folder))))
    text = str(error.value)
    assert text.startswith("the checkpoint does not fit the model:\n")
    assert "weight: (8, 64) float32 in the checkpoint, (16, 64) float32 in the model" in text
    new = run(wider, inheritance=Inheritance(RunFolder(Path(old.folder)), partial=True))
    assert sum(words.startswith("not taken over: ") for words in warnings(new)) == 3


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"\x80\x02"])
def test_a_pickle_is_refused_by_its_content(tmp_path: Path, magic: bytes) -> None:
    """Whatever its name says, a file that could run code is not opened as a run."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(magic + b"anything")
    with pytest.raises(CheckpointError) as error:
        find(path, tmp_path)
    assert str(error.value) == (
        f"{path} is a pickle (a PyTorch .pt file), which can run code: it is not loaded. "
        f"`dlkit import-weights {path}` reads its tensors safely"
    )


def test_a_run_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Neither a path nor a name under the folder of runs."""
    with pytest.raises(CheckpointError, match=r"there is no run at nowhere: no config\.yaml in it"):
        find(Path("nowhere"), tmp_path)


def test_a_finished_run_has_nothing_left_to_do(config: Path) -> None:
    """Resumed as it is, it trains no step, tests the same weights and ends well."""
    first = train(config)
    again = go_on(first)
    assert (again.kind, again.steps, again.scores) == ("finished", first.steps, first.scores)


def test_a_leftover_of_a_killed_save_is_swept(config: Path) -> None:
    """A temporary folder under `checkpoints` is gone after a resume."""
    part = train(config, stop_at=8)
    leftover = Path(part.folder) / "checkpoints" / ".tmp-step-00000009-epoch-0001-abcd"
    leftover.mkdir()
    go_on(part)
    assert not leftover.exists()


def test_inheriting_from_a_run_without_checkpoints_is_refused(config: Path) -> None:
    """There is nothing to take over."""
    part = train(config, stop_at=2)
    shutil.rmtree(Path(part.folder) / "checkpoints")
    with pytest.raises(ConfigError, match="has no checkpoint to take weights from"):
        run(load(config), inheritance=Inheritance(RunFolder(Path(part.folder))))


def test_the_summary_tells_the_last_session(config: Path) -> None:
    """Interrupted runs have no summary; the resumed one has the figures of the whole run."""
    part = train(config, stop_at=8)
    assert not (Path(part.folder) / "summary.json").exists()
    resumed = go_on(part)
    assert json.loads((Path(part.folder) / "summary.json").read_text())["steps"] == resumed.steps

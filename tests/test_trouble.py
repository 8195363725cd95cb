"""Losses that are not finite, memory that runs out, disks that fill: what is said and what is kept."""

import errno
import json
import os
from pathlib import Path

import pytest
import torch
from PIL import Image

from dlkit import events as happened
from dlkit import runfolder
from dlkit.config.load import load
from dlkit.errors import ConfigError, DataError, Diverged, MemoryShortage, StorageError
from dlkit.run import run
from dlkit.sinks.jsonl import read
from dlkit.training import checkpoint
from dlkit.training.engine import Engine

CONFIG = """
data: digits
model: {name: mlp, hidden: [8]}
optimizer: {name: sgd, learning_rate: 0.02}
fit: {epochs: 2, batch_size: 256, threads: 1}
logging: {every: 1, tensorboard: false, pictures: false}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def only_run() -> Path:
    (folder,) = Path("runs").iterdir()
    return folder


def test_an_absurd_learning_rate_diverges_with_advice(config: Path) -> None:
    """The loss overflows at the second step: the weights are those before it, the file tells the
    step, the rate, the terms and which examples, and the message what to try."""
    with pytest.raises(Diverged) as error:
        run(load(config, ["optimizer.learning_rate=1e38"]))
    report = json.loads((only_run() / "nonfinite.json").read_text())
    assert report["what"] == "loss"
    assert report["learning_rate"] == 1e38
    assert len(report["examples"]) == 256
    assert report["terms"]["loss"] in ("nan", "inf")
    assert str(error.value) == (
        f"the loss is not finite at step {report['step']} (learning rate 1e+38). The weights are those "
        f"before that step; {Path.cwd() / only_run() / 'nonfinite.json'} has its examples and loss terms. "
        "Lower optimizer.learning_rate, add warm-up, or bound gradients with regularization.clip_norm."
    )
    stopped = [
        each for each in read(only_run() / "events.jsonl") if isinstance(each, happened.Stopped)
    ]
    assert stopped[0].kind == "diverged"


def test_the_examples_of_a_bad_step_are_the_ones_it_saw(config: Path) -> None:
    """The list that `nonfinite.json` would hold is the order in which the loop draws its batches."""
    from dlkit.assemble import assemble

    assembly = assemble(load(config), lambda event: None)
    drawn = [
        batch.indices.tolist() for epoch in (0, 1) for batch in assembly.loop.feed.train(epoch, 0)
    ]
    assert [assembly.indices(step) for step in range(1, len(drawn) + 1)] == drawn


def test_running_out_of_memory_is_said_with_what_helps(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch's own error becomes exit code 7; the batch size is not changed behind the user's back."""

    def too_much(*arguments: object) -> None:
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory"
        )

    monkeypatch.setattr(Engine, "advance_together", too_much)
    with pytest.raises(MemoryShortage) as error:
        run(load(config))
    assert str(error.value) == (
        "out of memory with fit.batch_size 256. The last checkpoint is kept. Lower fit.batch_size and "
        "raise fit.accumulate by the same factor (the gradient stays the same), or set fit.precision: bf16."
    )


def test_an_operation_without_a_deterministic_form_is_named(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `fit.deterministic: true` torch refuses such operations; the message names it."""

    def refuses(*arguments: object) -> None:
        raise RuntimeError(
            "cumsum_cuda_kernel does not have a deterministic implementation, but you set"
        )

    monkeypatch.setattr(Engine, "advance_together", refuses)
    try:
        with pytest.raises(ConfigError) as error:
            run(load(config, ["fit.deterministic=true"]))
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
    assert str(error.value).startswith(
        "'fit.deterministic': cumsum_cuda_kernel has no deterministic form on this device."
    )


def test_a_bug_leaves_its_traceback_in_the_run_folder(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`crash.log` has it although the terminal does not."""

    def bug(*arguments: object) -> None:
        raise ValueError("a plain bug")

    monkeypatch.setattr(Engine, "advance_together", bug)
    with pytest.raises(ValueError, match="a plain bug"):
        run(load(config))
    assert "ValueError: a plain bug" in (only_run() / "crash.log").read_text()


def test_a_full_disk_stops_the_run_and_keeps_what_was_saved(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second save fails even after pruning: exit code 6, the first checkpoint still valid."""
    original, saves = checkpoint._write_synced, 0

    def full(path: Path, data: bytes) -> None:
        nonlocal saves
        saves += path.name == "model.safetensors"
        if saves > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(path, data)

    monkeypatch.setattr(checkpoint, "_write_synced", full)
    with pytest.raises(StorageError) as error:
        run(load(config))
    (kept,) = checkpoint.Store(only_run() / "checkpoints").candidates()
    checkpoint.load(kept)
    assert str(error.value) == (
        f"cannot save a checkpoint in {Path.cwd() / only_run() / 'checkpoints'}: No space left on device. "
        f"The checkpoint {kept.name} is still valid. Make room or permit writing, then go on with --resume."
    )
    assert saves == 3  # the one that went well, the one that failed, and one more after pruning


def test_a_folder_that_cannot_be_written_is_said_before_training(config: Path) -> None:
    """`logging.folder` below a file: exit code 6 and what to set."""
    Path("occupied").write_text("")
    with pytest.raises(StorageError) as error:
        run(load(config, ["logging.folder=occupied"]))
    assert str(error.value).startswith(f"cannot create a run folder in {Path.cwd() / 'occupied'}: ")
    assert str(error.value).endswith("Name another with logging.folder.")


def test_wrong_data_leave_no_run_folder(config: Path) -> None:
    """A table that is not there is found out before anything is created, and said at its option."""
    with pytest.raises(DataError) as error:
        run(load(config, ["data={name: csv, file: nowhere.csv, target: y}"]))
    [problem] = error.value.problems
    assert problem.message.startswith(str(Path("nowhere.csv").absolute()))
    assert str(problem.location) == "--set:1:24"
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["early_stopping={name: patience, monitor: acuracy}"],
         "unknown monitor 'acuracy'. Did you mean 'accuracy'?"),
        (["early_stopping={name: generalization_loss, monitor: accuracy}"], "'early_stopping.monitor': "),
        (["schedule={name: step, every_epochs: 30}"],
         "'schedule.every_epochs': the first drop would come after 30 epochs, and 'fit.epochs' is 2."),
        (["schedule={name: cosine, warmup_epochs: 2}"],
         "'schedule.warmup_epochs': 2 epochs of warm-up leave none to train in: 'fit.epochs' is 2."),
        (["data=diabetes", "regularization.augmentation={shift: 1}"],
         "augmentation acts on images; data 'diabetes' has none."),
        (["model.name=cnn"], "unknown key 'hidden' for model 'cnn'."),
        (["regularization.batch_norm=true", "fit.batch_size=1"],
         "'fit.batch_size' 1 leaves a batch of one of 1294 examples, of which "
         "'regularization.batch_norm' cannot take a variance. Use 2."),
        (["model={name: cnn, channels: [4, 4, 4, 4, 4]}"], "'model.pool_size': block 4 pools 2x2 pixels"),
        (["data=diabetes", "fit.channels_last=true"], "data 'diabetes' yields no images."),
        (["optimizer=muon", "model={name: mlp, hidden: []}"], "'optimizer."),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_said_before_anything_is_created(
    config: Path, overrides: list[str], message: str
) -> None:
    """Each is a `ConfigError` (exit code 2) that names the keys, and no run folder appears."""
    with pytest.raises(ConfigError) as error:
        run(load(config, overrides))
    assert message in str(error.value)
    assert not Path("runs").exists()


def test_oblong_images_cannot_be_turned_by_a_right_angle(config: Path) -> None:
    """They would not fit the others of their batch: said at the option, with the images' size."""
    for name in ("a", "b"):
        (Path("pictures") / name).mkdir(parents=True)
        for number in range(12):
            Image.new("L", (9, 9), 10 * number).save(Path("pictures") / name / f"{number}.png")
    data = "data={name: image_folder, folder: pictures, size: [8, 6]}"
    turns = "regularization={augmentation: {quarter_turns: true}}"
    with pytest.raises(ConfigError) as error:
        run(load(config, [data, turns, "fit.epochs=1"]))
    [problem] = error.value.problems
    assert problem.message == (
        "'regularization.augmentation.quarter_turns' takes square images, "
        "the data yield 8x6 pixels."
    )
    assert str(problem.location).startswith("--set:1:")
    run(load(config, [data.replace("[8, 6]", "8"), turns, "fit.epochs=1"]))


def test_run_folders_of_one_second_get_numbers(tmp_path: Path) -> None:
    """Two runs that begin at the same time do not share a folder."""
    names = {runfolder.create(tmp_path, "same").path.name for _ in range(3)}
    assert len(names) == 3


def test_an_old_torch_trains_with_a_warning(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below 2.10 the run goes on, and its record says what is wrong."""
    monkeypatch.setattr(torch, "__version__", "2.9.1")
    run(load(config, ["fit.epochs=1"]))
    told = [
        each.message
        for each in read(only_run() / "events.jsonl")
        if isinstance(each, happened.Warned)
    ]
    assert told == ["torch 2.9.1 is older than 2.10, which dlkit needs: update it"]


def test_pictures_that_were_left_out_are_listed(config: Path) -> None:
    """One of 120 pictures is cut off: with `on_bad_image: skip` its path is in `skipped.json`."""
    from PIL import Image

    for index in range(120):
        path = Path("photos", "ab"[index % 2], f"{index}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (index, 0, 0)).save(path)
    broken = Path("photos", "a", "0.png")
    broken.write_bytes(broken.read_bytes()[:40])
    data = "data={name: image_folder, folder: photos, size: 8, on_bad_image: skip}"
    run(load(config, [data, "fit.epochs=1"]))
    (left_out,) = json.loads((only_run() / "skipped.json").read_text())
    assert left_out.endswith("a/0.png")

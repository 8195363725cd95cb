"""`dlkit train` as a user sees it: what it prints, what it leaves, what it needs."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dlkit import events as happened
from dlkit.sinks.jsonl import read

ROOT = Path(__file__).parent.parent.parent
Summary = Callable[..., dict[str, Any]]


def run_folder(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


def test_a_run_leaves_all_that_is_promised(config: Path, summary: Summary, tmp_path: Path) -> None:
    """Config, environment, record, checkpoints and summary, and the same figures printed as JSON."""
    result = summary(config)
    folder = run_folder(tmp_path)
    assert json.loads((folder / "summary.json").read_text()) == result
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "config.yaml",
        "environment.json",
        "events.jsonl",
        "checkpoints",
        "summary.json",
        "lock",
    }
    assert result["kind"] == "finished"
    assert result["epochs"] == 2
    assert result["steps"] == 2 * 11  # 1,294 training digits in batches of 128
    assert set(result["scores"]) == {"loss", "accuracy"}
    assert len(list((folder / "checkpoints").iterdir())) == 2


def test_the_environment_names_versions_and_data_and_no_secrets(
    config: Path, summary: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Versions, device, threads, seed, data fingerprint are there; environment variables are not."""
    monkeypatch.setenv("API_TOKEN", "hush-hush")
    summary(config)
    text = (run_folder(tmp_path) / "environment.json").read_text()
    found = json.loads(text)
    assert {"dlkit", "torch", "python", "device", "threads", "commit", "data_fingerprint"} <= set(
        found
    )
    assert (found["threads"], found["seed"], found["device"]) == (1, 0, "cpu")
    everything = "".join(path.read_text() for path in run_folder(tmp_path).glob("*.*"))
    assert "hush-hush" not in everything


def test_the_events_tell_the_whole_run(config: Path, summary: Summary, tmp_path: Path) -> None:
    """From the start with its sizes to the test scores, in the order of their steps."""
    result = summary(config)
    events = read(run_folder(tmp_path) / "events.jsonl")
    started, tested = events[0], events[-1]
    assert isinstance(started, happened.RunStarted)
    assert started.examples == {"train": 1294, "validation": 144, "test": 359}
    assert isinstance(tested, happened.Tested)
    assert tested.scores == result["scores"]
    epochs = [each for each in events if isinstance(each, happened.EpochDone)]
    assert [each.epoch for each in epochs] == [1, 2]
    assert set(epochs[0].scores) == {
        "train/loss",
        "train/accuracy",
        "train/gradient_norm",
        "validation/loss",
        "validation/accuracy",
    }
    steps = [each.step for each in events if isinstance(each, happened.StepDone)]
    assert steps == [5, 10, 11, 15, 20, 22]


def test_the_saved_config_trains_the_same_run(
    config: Path, summary: Summary, tmp_path: Path
) -> None:
    """The resolved config in the run folder gives the same scores, bit for bit."""
    first = summary(config)
    again = summary(run_folder(tmp_path) / "config.yaml")
    assert again["scores"] == first["scores"]


def test_the_last_line_says_why_it_stopped_and_what_to_type_next(config: Path, dlkit: Any) -> None:
    """In words; plain lines, one an epoch, where there is no terminal."""
    done = dlkit("train", config)
    lines = done.stdout.splitlines()
    assert re.fullmatch(
        r"Stopped: all 2 epochs are done\. Next: dlkit tensorboard runs/small-[0-9-]+", lines[-1]
    )
    assert [line[:9] for line in lines if line.startswith("epoch")] == ["epoch 1/2", "epoch 2/2"]
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_quiet_prints_only_the_end(config: Path, dlkit: Any) -> None:
    """No line an epoch."""
    lines = dlkit("train", config, "--quiet").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "test", "time", "Stopped:"]


def test_json_keeps_stdout_for_the_machine(config: Path, dlkit: Any) -> None:
    """One JSON object on stdout, progress on stderr; an error is JSON too."""
    good = dlkit("train", config, "--json")
    assert json.loads(good.stdout)["kind"] == "finished"
    assert "epoch 1/2" in good.stderr
    bad = dlkit("train", config, "--json", "--set", "fit.epochs=ten")
    assert bad.returncode == 2
    assert json.loads(bad.stdout) == {
        "exit_code": 2,
        "errors": [{
            "message": "'fit.epochs' must be an integer from 1 to 1000000000, not the text 'ten'.",
            "hint": None,
            "location": "--set:1:12",
        }],
    }  # fmt: skip


def test_options_stand_for_keys_of_fit(config: Path, dlkit: Any) -> None:
    """`--seed`, `--device` and `--threads` end up in the resolved config, checked like the file."""
    done = dlkit("train", config, "--seed", 7, "--device", "cpu", "--threads", 1, "--print-config")
    fit = yaml.safe_load(done.stdout)["fit"]
    assert (fit["seed"], fit["device"], fit["threads"]) == (7, "cpu", 1)
    wrong = dlkit("train", config, "--device", "tpu")
    assert wrong.returncode == 2
    assert (
        "'fit.device' must be auto, cpu, cuda, cuda:N or mps, not the text 'tpu'." in wrong.stderr
    )


def test_check_does_everything_but_train(config: Path, dlkit: Any, tmp_path: Path) -> None:
    """Shapes, parameters, the loss at the start against ln 10, and nothing written."""
    done = dlkit("train", config, "--check", "--json")
    report = json.loads(done.stdout)
    assert report["examples"] == {"train": 1294, "validation": 144, "test": 359}
    assert report["parameters"] == 64 * 16 + 16 + 16 * 10 + 10
    assert report["first_losses"]["loss"] == pytest.approx(report["chance"], abs=0.3)
    assert report["chance"] == pytest.approx(2.302585, abs=1e-6)
    assert report["without_gradient"] == []
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("name", "changes"), [("vae_digits", []), ("mlp_digits", ["--set", "loss=mse"])]
)
def test_check_knows_what_guessing_costs_for_a_cross_entropy_only(
    name: str, changes: list[str], dlkit: Any
) -> None:
    """A model with losses of its own, and another loss, have no ln 10 beside them."""
    done = dlkit("train", ROOT / f"configs/{name}.yaml", "--check", *changes)
    assert done.returncode == 0, done.stderr
    assert "losses at start" in done.stdout
    assert "guessing" not in done.stdout


def test_check_names_what_cannot_learn(config: Path, dlkit: Any) -> None:
    """Behind a step function no parameter gets a gradient; the last layer does."""
    done = dlkit("train", config, "--check", "--set", "activation=step")
    line = next(line for line in done.stdout.splitlines() if line.startswith("without gradient"))
    assert "weight" in line
    assert "none" not in line


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_config_that_is_shipped_is_sound(path: Path) -> None:
    """Each loads, and its resolved form loads again as the same config."""
    from dlkit.config.dump import dump
    from dlkit.config.load import load
    from dlkit.config.text import parse

    config = load(path)
    assert parse(dump(config.resolved()), "again").data == config.resolved()


def test_the_parameters_of_training_reach_torch(config: Path, summary: Summary) -> None:
    """Two seeds differ, one seed repeats itself: seed, weights, batches and noise hang together."""
    one, again, other = summary(config), summary(config), summary(config, "--seed", 1)
    assert one["scores"] == again["scores"] != other["scores"]


def test_early_stopping_restores_the_best_weights(config: Path, summary: Summary) -> None:
    """A learning rate that ruins later epochs: the tested weights are those of the best epoch."""
    result = summary(
        config, "--set", "early_stopping={name: patience, patience: 3}", "--set", "fit.epochs=40",
        "--set", "optimizer.learning_rate=0.2",
    )  # fmt: skip
    assert result["kind"] == "early"
    assert result["weights_epoch"] == result["best_epoch"] == result["epochs"] - 3
    assert result["reason"].startswith(
        "validation/loss has not improved by more than 0 for 3 epochs"
    )


def test_pictures_histograms_graph_and_tensorboard_on_request(
    config: Path, summary: Summary, tmp_path: Path
) -> None:
    """TensorBoard's file holds scalars by term, the config, a histogram, a picture and the graph."""
    summary(config, *(f"--set=logging.{key}=true" for key in ("tensorboard", "pictures", "histograms",
                                                              "graph")))  # fmt: skip
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = run_folder(tmp_path)
    found = EventAccumulator(str(folder / "tensorboard"), size_guidance={"tensors": 0}).Reload()
    tags = found.Tags()
    assert {"loss", "learning_rate", "gradient_norm", "weight_norm", "validation/accuracy"} <= set(
        tags["scalars"]
    )
    assert "predictions" in tags["images"]
    assert any(name.startswith("weights/model.") for name in tags["histograms"])
    assert tags["graph"]
    assert "config/text_summary" in tags["tensors"]
    assert len(list((folder / "pictures").glob("predictions-*.png"))) == 2


def test_resuming_a_finished_run_says_so(config: Path, dlkit: Any, tmp_path: Path) -> None:
    """Exit code 0, nothing trained again; with more epochs it goes on."""
    dlkit("train", config)
    folder = run_folder(tmp_path)
    done = dlkit("train", "--resume", folder)
    assert done.returncode == 0
    assert "Stopped: already finished: all 2 epochs are done." in done.stdout
    longer = dlkit("train", "--resume", folder.name, "--set", "fit.epochs=3", "--json")
    assert json.loads(longer.stdout)["epochs"] == 3

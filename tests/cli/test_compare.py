"""`dlkit compare-optimizers` as a user calls it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SMALL = [
    "--optimizers", "sgd,adam", "--rates", "3", "--seeds", "2", "--tuning-seeds", "2", "--budget", "1",
    "--estimators", "none", "--jobs", "1",
]  # fmt: skip


def dlkit(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dlkit", "compare-optimizers", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small comparison with --json, and where it is."""
    folder = tmp_path_factory.mktemp("compare")
    process = dlkit(*SMALL, "--out", "out", "--json", folder=folder)
    assert process.returncode == 0, process.stderr
    assert "one by one" in process.stderr, "the planner says why, on stderr"
    return folder, json.loads(process.stdout)


def test_json_is_the_whole_of_stdout(done: tuple[Path, dict[str, Any]]) -> None:
    """And what it says is what the record says."""
    folder, printed = done
    record = json.loads((folder / "out" / "record.json").read_text())
    assert printed["chosen"] == record["chosen"]
    assert record["status"] == "finished"
    assert (folder / "out" / "report.html").is_file()


def test_an_occupied_folder_is_refused(done: tuple[Path, dict[str, Any]]) -> None:
    """It says how to go on instead."""
    process = dlkit(*SMALL, "--out", "out", folder=done[0])
    assert process.returncode == 2
    assert process.stderr == (
        "error: --out out is not empty. --resume goes on with the comparison in it.\n"
    )


def test_a_cell_is_replayed(done: tuple[Path, dict[str, Any]]) -> None:
    """By torch.optim alone; one that isn't there is refused with the nearest."""
    folder, _ = done
    record = json.loads((folder / "out" / "record.json").read_text())
    key = next(cell["key"] for cell in record["cells"] if cell["phase"] == "reporting")
    process = dlkit("--replay", key, "--out", "out", folder=folder)
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith(f"{key}: reproduced\n")
    process = dlkit("--replay", key + "0", "--out", "out", folder=folder)
    assert process.returncode == 2
    assert process.stderr == (
        f"error: the comparison has no cell '{key}0'. Did you mean '{key}'?\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--optimizers", "adm"], "error: unknown optimizer 'adm'. Did you mean 'adam'?\n"),
        (["--budget", "0"], "error: --budget 0: epochs train nothing; it must be at least 1.\n"),
        (["--jobs", "0"], "error: --jobs 0: it must be at least 1.\n"),
        (
            ["--resume"],
            "error: there is no comparison under runs. Name its folder with --out.\n",
        ),
        (
            ["--resume", "--seeds", "3"],
            "error: --resume goes on with the plan it finds, so --seeds can't change it. "
            "Start another comparison with --out.\n",
        ),
        (
            ["--replay", "x", "--out", "nowhere"],
            "error: there is no comparison in nowhere: no record.json in it. "
            "Name the folder of one with --out.\n",
        ),
    ],
)
def test_bad_input_is_refused_at_once(arguments: list[str], message: str, tmp_path: Path) -> None:
    """Exit code 2, one line, nothing left behind."""
    process = dlkit(*arguments, folder=tmp_path)
    assert (process.returncode, process.stderr) == (2, message)
    assert [*tmp_path.iterdir()] == []


def test_ctrl_c_leaves_a_record_that_resume_takes(tmp_path: Path) -> None:
    """With two processes: exit code 130, then the rest, in the same folder."""
    arguments = ["--optimizers", "sgd,adam,muon", "--budget", "40", "--seeds", "2", "--out", "out"]
    command = [sys.executable, "-m", "dlkit", "compare-optimizers", *arguments]
    short = ["--estimators", "none", "--rates", "5", "--jobs", "2"]
    process = subprocess.Popen([*command, *short], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
                               stdout=subprocess.DEVNULL)  # fmt: skip
    cells = tmp_path / "out" / "cells.jsonl"
    limit = time.monotonic() + 120
    while not (cells.exists() and cells.stat().st_size) and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors == "error: stopped by a signal (INTERRUPTED)\n"
    record = json.loads((tmp_path / "out" / "record.json").read_text())
    assert record["status"] == "interrupted"
    before = cells.read_text()
    resumed = dlkit("--resume", "--out", "out", folder=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    after = cells.read_text()
    assert after.startswith(before), "what was finished stays as it was"
    keys = [json.loads(line).get("key") for line in after.splitlines()]
    assert len(keys) == len(set(keys)) + sum(key is None for key in keys) - 1

"""A record keeps everything, and pictures need nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dlkit.comparing.surfaces import record
from dlkit.comparing.surfaces.record import Record
from dlkit.errors import DataError

DRAW = """
import io
import sys
from pathlib import Path
from rich.console import Console
from dlkit.comparing.surfaces import animation, picture, record, terminal
made = record.read(Path("record.json"))
print(*[path.name for path in picture.draw_all(made, Path())])
animation.draw(made, Path("animation.gif"))
terminal.show(made, Console(file=io.StringIO()))
print("torch" in sys.modules)
"""


def test_what_is_read_is_what_was_written(valley: Record, tmp_path: Path) -> None:
    """Equal to the last digit, so that pictures made later are the same."""
    record.write(valley, tmp_path / "record.json")
    assert record.read(tmp_path / "record.json") == valley


def test_the_record_says_with_what_it_was_made(valley: Record) -> None:
    """Options of the rules, the rule for the rates, versions, device, precision."""
    assert valley.rules["adagrad"] == {"initial_accumulator": 0.0, "epsilon": 1e-10}
    assert valley.rule_for_rates.startswith("the best of 57 rates from 1e-05 to 100")
    assert {"dlkit", "torch", "device", "threads", "numbers"} <= set(valley.provenance)


def test_all_runs_have_the_same_number_of_steps(valley: Record) -> None:
    """A path has its start and 500 points more, unless it diverged."""
    for trial in valley.trials:
        assert len(trial.path) == (trial.diverged or 501), trial


def test_the_fan_is_a_third_and_three_times_the_best_rate(valley: Record) -> None:
    """And the three runs begin at one start."""
    best = valley.choice("sgd", 0.0).rate
    third, triple = valley.trial("sgd", "third"), valley.trial("sgd", "triple")
    assert (third.rate, triple.rate) == (best / 3, best * 3)
    assert third.path[0] == triple.path[0] == valley.start
    assert triple.diverged is not None


def test_pictures_are_drawn_without_torch(valley: Record, tmp_path: Path) -> None:
    """In a process of its own: all PNG files and the GIF, and torch was never imported."""
    record.write(valley, tmp_path / "record.json")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", DRAW],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "paths.png rotations.png fan.png basins.png noise.png",
        "False",
    ]
    for path in tmp_path.glob("*.png"):
        assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("{}", "'format'"),
        (json.dumps({"format": 7}), "its format is not 1"),
    ],
)
def test_a_file_that_is_no_record_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """The message says which file, why, and how to make a record."""
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        record.read(path)
    assert str(caught.value) == (
        f"{path} is no record of a surface ({reason}). "
        "Make one with dlkit compare-optimizers --surface NAME."
    )

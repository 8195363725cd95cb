"""The command: what it writes and prints, and what it refuses before it measures anything."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from dlkit.comparing.surfaces import command, measure, record
from dlkit.comparing.surfaces.record import Record
from dlkit.errors import ConfigError, DlkitError


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=100)


def run(name: str, out: Path | None, console: Console, *optimizers: str) -> int:
    return command.run_surface(
        name, out=out, optimizers=optimizers or None, console=console, json=True
    )


def test_everything_is_written_and_the_figures_are_printed(
    valley: Record,
    tmp_path: Path,
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Record, pictures and animation in a new folder; on stdout one line of JSON, nothing else."""
    monkeypatch.setattr(measure, "measure", lambda *_: valley)
    assert run("valley", tmp_path / "new", console, "sgd", "adagrad", "muon") == 0
    printed = json.loads(capsys.readouterr().out)
    files = ["record.json", "paths.png", "rotations.png", "fan.png", "basins.png", "noise.png"]
    assert printed["files"] == [*files, "animation.gif"]
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(printed["files"])
    steps = [(c["rule"], c["degrees"], c["steps"]) for c in printed["choices"]]
    assert ("adagrad", 45.0, 247) in steps
    assert record.read(tmp_path / "new" / "record.json") == valley

    again = command.redraw(
        tmp_path / "new" / "record.json", out=tmp_path / "again", console=console, json=False
    )
    assert again == 0
    for name in printed["files"]:
        first, second = (tmp_path / folder / name for folder in ("new", "again"))
        assert first.read_bytes() == second.read_bytes(), name


def test_the_saddle_is_measured_without_noise(tmp_path: Path, console: Console) -> None:
    """A surface of its own from start to end: five pictures, one of them moving."""
    assert run("saddle", tmp_path, console, "sgd") == 0
    made = record.read(tmp_path / "record.json")
    assert made.noise is None
    assert [choice.steps for choice in made.choices] == [9, 9, 9]
    assert made.provenance["threads"] == 1


@pytest.mark.parametrize(
    ("name", "optimizers", "message"),
    [
        ("sadle", (), "unknown surface 'sadle'. Did you mean 'saddle'?"),
        ("saddle", ("adm",), "unknown optimizer 'adm'. Did you mean 'adam'?"),
        (
            "saddle",
            ("muon",),
            "no rule is left for a surface (muon: it makes matrices orthogonal, and a point of two "
            "parameters is no matrix). Name others with --optimizers sgd,adam.",
        ),
    ],
)
def test_bad_names_are_refused_and_nothing_is_made(
    name: str, optimizers: tuple[str, ...], message: str, tmp_path: Path, console: Console
) -> None:
    """Exit code 2, the exact message, no folder."""
    with pytest.raises(ConfigError) as caught:
        run(name, tmp_path / "new", console, *optimizers)
    assert str(caught.value) == message
    assert int(caught.value.exit_code) == 2
    assert not (tmp_path / "new").exists()


def test_all_unknown_optimizers_are_named_at_once(tmp_path: Path, console: Console) -> None:
    """Two typing errors are two problems of one error."""
    with pytest.raises(ConfigError) as caught:
        run("saddle", tmp_path, console, "sdg", "adamm")
    assert [str(problem) for problem in caught.value.problems] == [
        "unknown optimizer 'sdg'. Did you mean 'sgd'?",
        "unknown optimizer 'adamm'. Did you mean 'adam'?",
    ]


def test_an_occupied_folder_is_refused(tmp_path: Path, console: Console) -> None:
    """What lies there stays."""
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        run("saddle", tmp_path, console)
    assert str(caught.value) == f"--out {tmp_path} is not empty. Name a new or an empty folder."
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_file_or_its_child_cannot_be_a_folder(tmp_path: Path, console: Console) -> None:
    """A file under that name is a wrong command line; a path through a file cannot be written."""
    path = tmp_path / "note.txt"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        run("saddle", path, console)
    assert str(caught.value) == f"--out {path} is a file. Name a new or an empty folder."
    with pytest.raises(DlkitError) as beyond:
        run("saddle", path / "below", console)
    assert str(beyond.value) == f"cannot write to --out {path / 'below'}: Not a directory"
    assert int(beyond.value.exit_code) == 6

"""An error about a key or a name ends with the command of the dictionary that answers it."""

from pathlib import Path
from typing import Any

import pytest

from dlkit.cli.app import run

CASES = {
    "model: resnt": "dlkit explain resnet",
    "activation: rellu": "dlkit explain relu",
    "optimizer: {name: adam, learing_rate: 0.1}": "dlkit explain adam.learning_rate",
    "optimizer: {name: adam, betas: 3}": "dlkit explain adam.betas",
    "optimizer: {momentum: 0.9}": "dlkit explain optimizer.momentum",
    "regularization: {dropout: 2}": "dlkit explain dropout",
    "fit: {epochs: 0}": "dlkit explain fit.epochs",
    "fit: {batch_sise: 3}": "dlkit explain fit.batch_size",
    "schedule: cosin": "dlkit explain cosine",
}


@pytest.mark.parametrize("line", CASES)
def test_an_error_names_the_page_that_answers_it(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line of the error is a command, and the command finds its page."""
    needed = {"data": "digits", "model": "mlp"} | {
        line.split(":", maxsplit=1)[0]: line.split(": ", 1)[1]
    }
    path = tmp_path / "config.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in needed.items()), encoding="utf-8")
    assert run(["train", str(path)]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"  see: {CASES[line]}")
    assert run(last.removeprefix("  see: dlkit ").split()) == 0


def test_an_error_of_syntax_names_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[Any]
) -> None:
    """There is nothing to explain about a missing bracket."""
    path = tmp_path / "config.yaml"
    path.write_text("data: [\n", encoding="utf-8")
    assert run(["train", str(path)]) == 2
    assert "see:" not in capsys.readouterr().err

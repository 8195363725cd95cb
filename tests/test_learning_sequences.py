"""Recurrent networks learn, in seconds, what a broken one cannot: through `dlkit.run`, on all data."""

from pathlib import Path

import numpy as np
import pytest

from dlkit.config.load import load
from dlkit.run import run
from dlkit.session import Result

RECIPE = """
optimizer: {name: adam, learning_rate: 0.01}
schedule: one_cycle
regularization: {clip_norm: 1}
fit: {batch_size: 32, seed: 1}
checkpoints: {keep: 2}
logging: {folder: runs}
"""


def trained(folder: Path, text: str, *overrides: str) -> Result:
    path = folder / "config.yaml"
    path.write_text(text + RECIPE, encoding="utf-8")
    return run(load(path, overrides))


@pytest.mark.parametrize(
    ("model", "epochs"),
    [("gru", 5), ("{name: rnn, nonlinearity: relu, initialisation: identity}", 15)],
    ids=["gru", "irnn"],
)
def test_the_sum_of_two_numbers_far_apart(tmp_path: Path, model: str, epochs: int) -> None:
    """Twenty steps of the adding problem: less than a third of the error of who says the mean."""
    data = "{name: adding_problem, length: 20, examples: 3200, test_examples: 500}"
    text = f"data: {data}\nmodel: {model}\n"
    result = trained(tmp_path, text, "model.hidden=32", f"fit.epochs={epochs}")

    assert result.references["always 1"]["rmse"] == pytest.approx(0.408, abs=0.02)
    assert result.scores["rmse"] < 0.13


def test_digits_by_rows(tmp_path: Path) -> None:
    """Nine of ten held-out digits, read from top to bottom, with shifted training images."""
    text = "data: digits_rows\nmodel: {name: lstm, hidden: 48}\n"
    result = trained(tmp_path, text, "regularization.augmentation.shift=1", "fit.epochs=12")

    assert result.scores["accuracy"] > 0.9


def test_sequences_of_unequal_length(tmp_path: Path) -> None:
    """The class is the sign of the last value, where each sequence ends: padding must not hide it."""
    random = np.random.default_rng(0)
    for part, count in (("TRAIN", 300), ("TEST", 200)):
        lines = ["@classLabel true down up", "@data"]
        for _ in range(count):
            values = random.normal(0, 1, random.integers(2, 12)).round(3)
            lines.append(f"{','.join(map(str, values))}:{'up' if values[-1] > 0 else 'down'}")
        (tmp_path / f"Ends_{part}.ts").write_text("\n".join(lines))
    text = "data: {name: ucr, folder: .}\nmodel: {name: rnn, hidden: 16}\n"
    result = trained(tmp_path, text, "fit.epochs=15")

    assert result.scores["accuracy"] > 0.95


def test_a_wave_is_forecast(tmp_path: Path) -> None:
    """A noisy wave a quarter of its period ahead: the error is near the noise's, far from that of the
    last value, and the rivals stand beside it."""
    steps = np.arange(600)
    values = 5 + 2 * np.sin(2 * np.pi * steps / 12) + np.random.default_rng(0).normal(0, 0.2, 600)
    (tmp_path / "wave.csv").write_text("\n".join(["value", *map(str, values.round(4))]))
    data = "{name: series, file: wave.csv, column: value, window: 12, horizon: 3, season: 12}"
    text = f"data: {data}\nmodel: {{name: lstm, hidden: 24}}\n"
    result = trained(tmp_path, text, "fit.epochs=15")

    rivals = {name: scores["rmse"] for name, scores in result.references.items()}
    assert list(rivals) == ["persistence", "linear autoregression", "season before"]
    assert result.scores["rmse"] < 0.32
    assert result.scores["rmse"] < 0.3 * rivals["persistence"]

"""Variational autoencoders learn, in seconds, what a broken one cannot: through `dlkit.run`."""

from pathlib import Path

from dlkit.config.load import load
from dlkit.run import run
from dlkit.session import Result

RECIPE = """
data: digits
activation: silu
optimizer: {name: adamw, learning_rate: 0.004}
schedule: cosine
fit: {epochs: 40, batch_size: 100, seed: 1}
logging: {folder: runs}
"""


def trained(folder: Path, model: str) -> Result:
    path = folder / "config.yaml"
    path.write_text(f"model: {{name: vae, {model}}}\n{RECIPE}", encoding="utf-8")
    return run(load(path))


def test_black_and_white_digits(tmp_path: Path) -> None:
    """Three nats an image below independent pixels, by codes that are used; many codes an image give
    a tighter bound. A decoder that ignores its code can't get below independent pixels."""
    result = trained(tmp_path, "hidden: [128, 128], binarise: sample, kl_warmup_steps: 200")
    scores, independent = result.scores, result.references["independent pixels"]["loss"]

    assert 26.5 < independent < 27.5
    assert scores["bound"] < scores["loss"] < independent - 3
    assert scores["active_units"] >= 5
    assert 3 < scores["kl"] < 8
    assert {each.name.split("-0")[0] for each in Path(result.folder, "pictures").iterdir()} == {
        f"{prefix}{name}"
        for prefix in ("", "test-")
        for name in ("reconstructions", "samples", "interpolation", "latent_grid")
    }


def test_grey_digits_as_real_numbers(tmp_path: Path) -> None:
    """A convolutional one with a learned scale: a density far above that of independent pixels."""
    model = "architecture: convolutional, channels: [16, 32], hidden: [64], likelihood: gaussian"
    result = trained(tmp_path, model)

    assert result.scores["loss"] < result.references["independent pixels"]["loss"] - 10
    assert "entropy of grey" not in result.references

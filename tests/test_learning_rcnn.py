"""Both R-CNNs learn, in seconds, to find what a broken one does not: through `dlkit.run`."""

from pathlib import Path

import pytest

from dlkit.config.load import load
from dlkit.run import run

CONFIG = """
data: {name: digits_scenes, images: 240, validation_images: 20, test_images: 80, size: 64, clutter: 1}
model: {name: rcnn, width: 12, head_width: 64}
optimizer: {name: adamw, learning_rate: 0.004}
schedule: one_cycle
regularization: {clip_norm: 10}
fit: {batch_size: 8, seed: 1}
checkpoints: {keep: 2}
logging: {folder: runs}
"""
MODELS = {
    "original": (
        ["model.variant=original", "model.crop=16", "model.keep_proposals=false", "fit.epochs=8"],
        0.5,
    ),
    "faster": (
        [
            "model.strides=[4, 8]",
            "model.anchors=[10, 14, 19, 26]",
            "fit.epochs=12",
            "fit.precision=bf16",
        ],
        0.3,
    ),
}


@pytest.mark.parametrize(("overrides", "bound"), MODELS.values(), ids=MODELS)
def test_digits_are_found(tmp_path: Path, overrides: list[str], bound: float) -> None:
    """Held-out digits of other writers: right boxes with guessed classes would reach a tenth of it."""
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    result = run(load(path, overrides))

    assert result.scores["map50"] > bound

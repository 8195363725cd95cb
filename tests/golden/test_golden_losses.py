"""Golden losses: a change that should not alter numbers shows the same ones.

The first ten losses of a small training of each kind, and the norm of its last gradient. When a change
means to alter them, `python tests/golden/test_golden_losses.py` prints the new table; say why in the
commit.
"""

import json
import sys
import tempfile
from pathlib import Path

import pytest

from dlkit import events as happened
from dlkit.assemble import assemble
from dlkit.config.load import load

TABLE = Path(__file__).with_name("losses.json")
CONFIGS = {
    "cnn": "data: digits\nmodel: {name: cnn, channels: [4, 8], dense: [16]}\n"
    "regularization: {dropout: 0.2, batch_norm: true, augmentation: {shift: 1, rotation: 10}}\n",
    "mlp": "data: digits\nmodel: {name: mlp, hidden: [32]}\nactivation: tanh\n"
    "optimizer: {name: nag, learning_rate: 0.05}\nregularization: {l2: 1e-4, label_smoothing: 0.1}\n",
    "resnet": "data: digits\nmodel: {name: resnet, depth: 8, width: 4}\n"
    "optimizer: {name: lion, learning_rate: 0.001}\nschedule: {name: cosine, warmup_epochs: 0.2}\n",
    "regression": "data: diabetes\nmodel: {name: mlp, hidden: [16]}\nloss: huber\n"
    "optimizer: {name: rmsprop, learning_rate: 0.003}\nregularization: {clip_norm: 0.5, l1: 1e-3}\n",
    "gan": "data: digits\nmodel: {name: gan, channels: [4, 6], latent: 8, discriminator_steps: 2}\n"
    "loss: wasserstein\noptimizer: {generator: {name: adam, learning_rate: 0.002}, "
    "discriminator: {name: rmsprop, learning_rate: 0.001}}\n",
    "vae": "data: digits\nmodel: {name: vae, latent: 3, hidden: [16], binarise: sample, beta: 2.0, "
    "kl_warmup_steps: 8}\nactivation: silu\noptimizer: {name: adamw, learning_rate: 0.003}\n",
    "vae_gaussian": "data: digits\nmodel: {name: vae, architecture: convolutional, channels: [4, 8], "
    "hidden: [16], likelihood: gaussian, batch_norm: true}\noptimizer: {name: adam, "
    "learning_rate: 0.003}\n",
    "vae_mixture": "data: digits\nmodel: {name: vae, latent: 3, hidden: [16], prior: mixture, "
    "components: 5}\noptimizer: {name: adamw, learning_rate: 0.003}\n",
    "autoencoder": "data: digits\nmodel: {name: autoencoder, channels: [4, 8], skip: add, noise: 0.2, "
    "upsampling: transposed}\noptimizer: {name: adam, learning_rate: 0.003}\n",
    "yolo": "data: {name: digits_scenes, images: 320, validation_images: 8, test_images: 8, size: 64}\n"
    "model: {name: yolo, width: 8, head_width: 16}\noptimizer: {name: adamw, learning_rate: 0.003}\n"
    "regularization: {clip_norm: 10, augmentation: {shift: 4, zoom: 0.2, horizontal_flip: true}}\n",
    "yolo_v1": "data: {name: digits_scenes, images: 320, validation_images: 8, test_images: 8, "
    "size: 64}\nmodel: {name: yolo, variant: v1, width: 8, grid: 8}\nactivation: leaky_relu\n"
    "optimizer: {name: adam, learning_rate: 0.003}\nregularization: {clip_norm: 10}\n",
    "rcnn": "data: {name: digits_scenes, images: 320, validation_images: 8, test_images: 8, size: 64}\n"
    "model: {name: rcnn, variant: original, width: 4, crop: 16, regions: 8, head_width: 16, "
    "keep_proposals: false}\noptimizer: {name: adamw, learning_rate: 0.003}\n",
    "faster_rcnn": "data: {name: digits_scenes, images: 320, validation_images: 8, test_images: 8, "
    "size: 64}\nmodel: {name: rcnn, width: 4, neck_width: 16, regions: 16, head_width: 16}\n"
    "optimizer: {name: adamw, learning_rate: 0.003}\n"
    "regularization: {dropout: 0.2, clip_norm: 10, augmentation: {shift: 4, zoom: 0.2}}\n",
    "lstm_text": "data: {name: text, file: words.txt, chunk: 20}\n"
    "model: {name: lstm, hidden: 16, layers: 2, embedding: 8}\nregularization: {dropout: 0.2}\n"
    "optimizer: {name: adamw, learning_rate: 0.01}\n",
    "gru_copy": "data: {name: copy_task, symbols: 4, length: 3, delay: 6, examples: 400}\n"
    "model: {name: gru, hidden: 16}\noptimizer: {name: adam, learning_rate: 0.01}\n",
    "lstm": "data: digits_rows\nmodel: {name: lstm, hidden: 16, layers: 2, bidirectional: true, "
    "readout: mean_max}\noptimizer: {name: adamw, learning_rate: 0.01}\n"
    "regularization: {dropout: 0.2, clip_norm: 1, augmentation: {shift: 1}}\n",
    "irnn": "data: {name: adding_problem, length: 20, examples: 400}\n"
    "model: {name: rnn, hidden: 16, nonlinearity: relu, initialisation: identity}\n"
    "optimizer: {name: adam, learning_rate: 0.01}\nregularization: {clip_norm: 1}\n",
}
WORDS = "the cat sat on the mat, the dog ran after it. " * 300


def losses(text: str, folder: Path) -> list[float]:
    """The loss of each of the first ten updates, then the last gradient norm."""
    (folder / "words.txt").write_text(WORDS, encoding="utf-8")
    path = folder / "golden.yaml"
    path.write_text(
        text + "fit: {epochs: 1, batch_size: 32}\nlogging: {every: 1}\n", encoding="utf-8"
    )
    told: list[happened.StepDone] = []
    loop = assemble(load(path), lambda event: _keep(event, told)).loop
    loop.interrupted = lambda: "enough" if loop.position.step == 10 else None
    loop.run()
    return [value for each in told for value in of_parts("loss", each)] + of_parts(
        "gradient_norm", told[-1]
    )


def of_parts(name: str, told: happened.StepDone) -> list[float]:
    """The scalar of that name, or that of each part where there are several."""
    return [value for key, value in told.scalars.items() if key.rpartition("/")[2] == name]


def _keep(event: happened.Event, told: list[happened.StepDone]) -> None:
    if isinstance(event, happened.StepDone):
        told.append(event)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_losses_are_the_golden_ones(name: str, tmp_path: Path) -> None:
    """Within 1e-4 of the table: other processors round otherwise, other code differs by more."""
    golden = json.loads(TABLE.read_text(encoding="utf-8"))[name]
    assert losses(CONFIGS[name], tmp_path) == pytest.approx(golden, rel=1e-4)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        table = {name: losses(text, Path(folder)) for name, text in CONFIGS.items()}
    json.dump(table, sys.stdout, indent=1)

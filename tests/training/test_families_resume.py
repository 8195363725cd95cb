"""Every family goes on in mid-epoch exactly where it stopped: bit for bit as if nothing had happened.

To add a family, add a config and a step in the middle of one of its epochs.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dlkit.assemble import assemble
from dlkit.config.load import load
from dlkit.events import CheckpointDue, Event, Stopped
from dlkit.training.loop import Loop
from dlkit.training.state import capture, restore

CONFIGS = {
    # Three layers of state for each of five readers; two of them go into one update.
    "lstm_text": (
        11,
        """
data: {name: text, file: words.txt, chunk: 12, test_fraction: 0.2, validation_fraction: 0.2}
model: {name: lstm, hidden: 6, layers: 3, embedding: 3, sample_length: 5}
optimizer: {name: adamw, learning_rate: 0.01}
schedule: one_cycle
regularization: {clip_norm: 0.5, dropout: 0.2}
fit: {epochs: 3, batch_size: 5, accumulate: 2, seed: 2}
logging: {every: 3}
""",
    ),
    # Two optimizers, spectral norm's vectors, batch norm's statistics, and the averaged generator.
    "gan": (
        7,
        """
data: {name: digits, test_fraction: 0.95, validation_fraction: 0.2}
model: {name: gan, channels: [4, 6], latent: 5, discriminator_steps: 2, ema_decay: 0.9}
loss: gan_hinge
optimizer:
  generator: {name: adam, learning_rate: 0.002, betas: [0.5, 0.999]}
  discriminator: {name: rmsprop, learning_rate: 0.001}
schedule: cosine
regularization: {clip_norm: 5, augmentation: {shift: 1}}
early_stopping: {name: patience, patience: 5}
fit: {epochs: 3, batch_size: 16, seed: 2}
logging: {every: 2}
""",
    ),
    "gan_wasserstein": (
        4,
        """
data: {name: digits, test_fraction: 0.95, validation_fraction: 0}
model: {name: gan, channels: [4, 6], latent: 5, spectral_norm: false}
loss: wasserstein
optimizer: {name: adam, learning_rate: 0.001, betas: [0.0, 0.9]}
fit: {epochs: 3, batch_size: 8, accumulate: 2, seed: 2, precision: bf16}
logging: {every: 2}
""",
    ),
    # Pixels drawn black or white, codes drawn, and a divergence that is still warming up.
    "vae": (
        19,
        """
data: {name: digits, validation_fraction: 0.2}
model: {name: vae, latent: 3, hidden: [8], binarise: sample, beta: 2.0, kl_warmup_steps: 25}
optimizer: {name: adamw, learning_rate: 0.003}
schedule: one_cycle
regularization: {dropout: 0.1}
fit: {epochs: 3, batch_size: 48, accumulate: 2, seed: 2}
logging: {every: 3}
""",
    ),
    # A scale and a prior that are learned, running statistics, bfloat16.
    "vae_gaussian": (
        16,
        """
data: {name: digits, validation_fraction: 0.2}
model:
  {name: vae, architecture: convolutional, channels: [4], hidden: [8], likelihood: gaussian, prior: mixture}
optimizer: {name: adam, learning_rate: 0.003}
regularization: {batch_norm: true, clip_norm: 50}
fit: {epochs: 3, batch_size: 96, seed: 2, precision: bf16, channels_last: true}
logging: {every: 3}
""",
    ),
    # Noise on the images, and places of the largest values.
    "autoencoder": (
        9,
        """
data: {name: digits, test_fraction: 0.9, validation_fraction: 0.2}
model: {name: autoencoder, channels: [4, 6], skip: add, noise: 0.3}
optimizer: {name: adamw, learning_rate: 0.003}
fit: {epochs: 3, batch_size: 24, seed: 2}
logging: {every: 2}
""",
    ),
    # Boxes move with their augmented images; an average of the weights is judged.
    "yolo": (
        7,
        """
data: {name: digits_scenes, images: 20, validation_images: 6, test_images: 4, size: 64}
model: {name: yolo, width: 4, head_width: 8}
optimizer: {name: adamw, learning_rate: 0.003}
schedule: one_cycle
regularization:
  clip_norm: 10
  augmentation: {shift: 4, zoom: 0.2, horizontal_flip: true}
  weight_averaging: 0.8
fit: {epochs: 3, batch_size: 4, seed: 2, precision: bf16, channels_last: true}
logging: {every: 3}
""",
    ),
    "yolo_v1": (
        8,
        """
data: {name: digits_scenes, images: 20, validation_images: 6, test_images: 4, size: 64}
model: {name: yolo, variant: v1, width: 4, grid: 8}
optimizer: {name: nag, learning_rate: 0.003}
regularization: {clip_norm: 10, augmentation: {shift: 4, rotation: 5}}
fit: {epochs: 3, batch_size: 4, seed: 2, accumulate: 2}
logging: {every: 2}
""",
    ),
    # Regions are drawn at random, with dropout on what they look like.
    "rcnn": (
        7,
        """
data: {name: digits_scenes, images: 20, validation_images: 6, test_images: 4, size: 64}
model: {name: rcnn, variant: original, width: 4, crop: 16, regions: 8, head_width: 8, keep_proposals: false}
optimizer: {name: adamw, learning_rate: 0.003}
schedule: one_cycle
regularization: {dropout: 0.2, clip_norm: 10, augmentation: {shift: 4, horizontal_flip: true}}
fit: {epochs: 3, batch_size: 4, seed: 2, precision: bf16, channels_last: true}
logging: {every: 3}
""",
    ),
    # So are anchors and proposals; a part of the backbone is frozen.
    "faster_rcnn": (
        8,
        """
data: {name: digits_scenes, images: 20, validation_images: 6, test_images: 4, size: 64}
model: {name: rcnn, backbone: efficientnet_lite0, frozen: 2, frozen_norm: true, neck_width: 8, head_width: 8}
optimizer: {name: nag, learning_rate: 0.003}
regularization: {clip_norm: 10, augmentation: {shift: 4, zoom: 0.2}}
fit: {epochs: 3, batch_size: 4, seed: 2, accumulate: 2}
logging: {every: 2}
""",
    ),
    # Dropout between the layers and augmented images, in bfloat16.
    "lstm_rows": (
        20,
        """
data: {name: digits_rows, validation_fraction: 0.2}
model: {name: lstm, hidden: 6, layers: 2, bidirectional: true, readout: mean_max}
optimizer: {name: adamw, learning_rate: 0.003}
schedule: one_cycle
regularization: {dropout: 0.2, clip_norm: 1, augmentation: {shift: 1}}
fit: {epochs: 3, batch_size: 96, seed: 2, precision: bf16}
logging: {every: 3}
""",
    ),
}


def begun(path: Path) -> tuple[Loop, list[Event]]:
    told: list[Event] = []
    return assemble(load(path), told.append).loop, told


def outcome(loop: Loop, told: list[Event]) -> dict[str, Any]:
    """All tensors and numbers that a training leaves, and its events; the clock excepted."""
    snapshot = capture(loop)
    tensors = {**snapshot.model, **snapshot.optimizer}
    return {
        "tensors": {name: tensor.tolist() for name, tensor in tensors.items()},
        "state": {**snapshot.state, "position": {**snapshot.state["position"], "seconds": 0}},
        "events": [
            asdict(each) | {"kind": type(each).__name__, "seconds": 0}
            for each in told
            if not isinstance(each, CheckpointDue)
            and not (isinstance(each, Stopped) and each.kind == "interrupted")
        ],
    }


@pytest.mark.parametrize("name", CONFIGS)
def test_a_family_resumed_in_mid_epoch_is_the_uninterrupted_one(name: str, tmp_path: Path) -> None:
    """Weights, moments, averages, carried states, scores and events are all the same."""
    step, text = CONFIGS[name]
    words = "the cat sat on the mat, and then it ran. " * 30
    (tmp_path / "words.txt").write_text(words, encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    whole, all_told = begun(path)
    whole.run()
    first, told = begun(path)
    first.interrupted = lambda: "asked to" if first.position.step == step else None
    first.run()
    assert first.position.step_in_epoch not in (0, whole.plan.steps_per_epoch)
    second, rest = begun(path)
    restore(second, capture(first))
    second.run()
    assert outcome(second, told + rest) == outcome(whole, all_told)

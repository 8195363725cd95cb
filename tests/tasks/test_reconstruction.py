"""Reconstruction: the error and its decibels, the noise, the rivals, and that a network learns it."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from dlkit.assemble import assemble
from dlkit.config.load import load
from dlkit.data.batches import Batch
from dlkit.tasks.reconstruction import Reconstruction
from dlkit.training.evaluation import evaluate

CONFIG = """
data: digits
model: {name: autoencoder, channels: [16, 32], skip: concatenate, noise: 0.3}
optimizer: {name: adamw, learning_rate: 0.005}
fit: {epochs: 4, threads: 1}
"""


class Grey(nn.Module):
    """Answers every image with the same grey."""

    noise = 0.0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.full_like(images, 0.5)


def assembled(folder: Path, text: str = CONFIG):
    path = folder / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return assemble(load(path), emit=lambda event: None)


def test_the_scores_are_the_mean_square_and_its_decibels(tmp_path: Path) -> None:
    """On white images a grey answer is wrong by a half everywhere: 0.25, or 6.02 dB."""
    task = Reconstruction(Grey(), None, assembled(tmp_path).data)
    task.observe(Batch(torch.ones(3, 1, 8, 8), torch.zeros(3), torch.arange(3)))
    assert task.scores() == pytest.approx({"loss": 0.25, "psnr": 20 * math.log10(2)})


def test_the_rivals_are_the_noisy_and_the_mean_image(tmp_path: Path) -> None:
    """The noisy image errs by the noise's variance; the mean image by the pixels' variance."""
    assembly = assembled(tmp_path)
    task, precision = assembly.task, assembly.loop.engine.precision
    evaluate(task, precision, assembly.test())
    rivals = task.references()
    assert rivals["noisy image"]["loss"] == pytest.approx(0.3**2, rel=0.02)
    clean = torch.cat([batch.inputs for batch in assembly.test()])
    train = assembly.data.normalize(assembly.data.train.inputs)
    expected = (clean - train.mean(0)).square().mean()
    assert rivals["mean image"]["loss"] == pytest.approx(float(expected), rel=1e-4)


def test_it_learns_to_take_the_noise_away(tmp_path: Path) -> None:
    """After four epochs the error is less than half of both rivals'."""
    assembly = assembled(tmp_path)
    assembly.loop.run()
    scores = evaluate(assembly.task, assembly.loop.engine.precision, assembly.test())
    rivals = assembly.task.references()
    assert scores["loss"] < 0.5 * min(rival["loss"] for rival in rivals.values())
    assert assembly.task.preview()["reconstructions"].shape[2] == 3

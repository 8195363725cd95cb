"""A recorded run for the displays to show."""

import math

import pytest

from dlkit import events as happened


@pytest.fixture
def recorded():
    """Ten epochs of 40 steps at 100 steps a second; the ninth epoch is the best."""
    examples = {"train": 1257, "validation": 270, "test": 270}
    events = [
        happened.RunStarted(
            0,
            "digits-cnn",
            "runs/digits-cnn",
            "cpu",
            12345,
            10,
            40,
            examples,
            "validation/accuracy",
            "max",
        )
    ]
    for epoch in range(1, 11):
        for step in (40 * epoch - 20, 40 * epoch):
            scalars = {"loss": 2.3 * math.exp(-step / 100), "gradient_norm": 1.5}
            scalars |= {"learning_rate": 1e-3, "weight_norm": 5.0}
            events.append(happened.StepDone(step, epoch, step / 100, scalars))
        scores = {
            "validation/loss": 2.2 * math.exp(-epoch / 3),
            "validation/accuracy": 1 - math.exp(-epoch / 3) - 0.02 * (epoch % 3),
            "train/loss": 2.3 * math.exp(-epoch / 2.5),
            "train/gradient_norm": 1.5,
        }
        improved = epoch < 10
        events.append(happened.EpochDone(40 * epoch, epoch, 0.4 * epoch + 0.01, scores, improved))
        if improved:
            path = f"checkpoints/step-{40 * epoch:08}-epoch-{epoch:04}"
            events.append(happened.CheckpointSaved(40 * epoch, path, "improved"))
    return [
        *events,
        happened.Warned(400, "the gradient norm is 12 times its median"),
        happened.Stopped(400, "finished", "all 10 epochs are done", 10),
        happened.Tested(400, {"loss": 0.11, "accuracy": 0.981}, 360),
    ]

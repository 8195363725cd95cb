"""The running average of the weights: its values, and that it is what a run judges and keeps."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from dlkit.assemble import Assembly, assemble
from dlkit.config.load import load
from dlkit.events import EpochDone, Event
from dlkit.run import run
from dlkit.runfolder import RunFolder
from dlkit.training.averaging import Average
from dlkit.training.checkpoint import Store
from dlkit.training.evaluation import evaluate
from dlkit.training.state import capture, load_weights

TRAINING = """
data: {name: digits, validation_fraction: 0.2}
model: {name: mlp, hidden: [16]}
optimizer: {name: sgd, learning_rate: 1.0}
regularization: {batch_norm: true, weight_averaging: 0.9}
fit: {epochs: 2, batch_size: 32, seed: 1}
"""


def followed(values: list[float], decay: float) -> float:
    """What the average holds after a weight has taken these values in turn."""
    weight = nn.ParameterList([torch.tensor([7.0])])
    average = Average(weight, decay)
    for step, value in enumerate(values):
        weight[0].data.fill_(value)
        average.follow(step)
    average.swap()
    return weight[0].item()


def test_a_young_average_is_that_of_the_documented_shares() -> None:
    """It forgets the initial weights at once, and keeps t / (t + 10) of itself after t updates."""
    values = [3.0, -1.0, 4.0, 1.0, -5.0]
    mean = 0.0
    for step, value in enumerate(values):
        kept = step / (step + 10)
        mean = kept * mean + (1 - kept) * value
    assert followed(values, 0.999) == pytest.approx(mean, rel=1e-6)


def test_a_grown_average_moves_as_torchs_does() -> None:
    """Once `decay` is reached, each step is that of torch.optim.swa_utils.AveragedModel."""
    values = np.random.default_rng(0).normal(size=400)
    grown = 90  # 90 / (90 + 10) is the decay
    module = nn.ParameterList([torch.tensor([followed(list(values[:grown]), 0.9)])])
    torchs = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    torchs.update_parameters(module)
    for value in values[grown:]:
        module[0].data.fill_(value)
        torchs.update_parameters(module)
    assert followed(list(values), 0.9) == pytest.approx(torchs.module[0].item(), rel=1e-5)


def test_running_statistics_are_averaged_and_counters_copied() -> None:
    """Batch norm's mean is averaged like a weight; the number of its batches stays a number."""
    norm = nn.BatchNorm1d(2)
    average = Average(norm, 0.9)
    means = []
    for step in range(3):
        norm(torch.full((4, 2), float(step)))
        means.append(norm.running_mean.clone())  # type: ignore[union-attr]
        average.follow(step)
    average.swap()
    one = means[0] + (means[1] - means[0]) * 10 / 11
    assert torch.allclose(norm.running_mean, one + (means[2] - one) * 10 / 12)  # type: ignore[arg-type]
    assert norm.num_batches_tracked == 3


def test_two_swaps_give_back_the_very_weights_also_shared_ones() -> None:
    """A weight that two layers share is exchanged once."""
    one, other = nn.Linear(3, 3), nn.Linear(3, 3)
    other.weight = one.weight
    module = nn.Sequential(one, other)
    average = Average(module, 0.9)
    before = [tensor.clone() for tensor in module.state_dict().values()]
    with torch.no_grad():
        one.weight.add_(1)
    average.swap()
    assert all(
        torch.equal(*pair) for pair in zip(before, module.state_dict().values(), strict=True)
    )
    average.swap()
    assert torch.equal(one.weight, before[0] + 1)


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Assembly, list[Event]]:
    path = tmp_path / "config.yaml"
    path.write_text(TRAINING, encoding="utf-8")
    told: list[Event] = []
    assembly = assemble(load(path), told.append)
    assembly.loop.run()
    return assembly, told


def score(assembly: Assembly, weights: dict[str, Tensor]) -> float:
    """The validation loss of a network of these weights."""
    assembly.task.parts()["model"].load_state_dict(weights)
    loop = assembly.loop
    assert loop.feed.validation
    scores = evaluate(assembly.task, loop.engine.precision, loop.feed.validation())
    assert scores
    return scores["loss"]


def test_what_is_validated_is_the_average_and_so_is_the_model_of_a_checkpoint(
    trained: tuple[Assembly, list[Event]],
) -> None:
    """The model's tensors of a snapshot score what the epoch said; the weights that are followed, with
    which a training goes on, lie beside the moments and score otherwise."""
    assembly, told = trained
    snapshot = capture(assembly.loop)
    model = {name.removeprefix("model/"): each for name, each in snapshot.model.items()}
    last = {
        name.removeprefix("model/followed/"): each
        for name, each in snapshot.optimizer.items()
        if name.startswith("model/followed/")
    }
    said = [each for each in told if isinstance(each, EpochDone)][-1].scores["validation/loss"]
    assert score(assembly, model) == pytest.approx(said, rel=1e-5)
    assert abs(score(assembly, last) - said) > 1e-3
    assert last.keys() == model.keys()


@pytest.mark.parametrize("policy", ["null", "{name: patience, patience: 5}"])
def test_what_is_tested_is_the_average_of_the_epoch_that_is_named(
    policy: str, tmp_path: Path
) -> None:
    """The last one's, or the best one's where early stopping restores it: its checkpoint's model scores
    what the run said."""
    path = tmp_path / "config.yaml"
    places = f"logging: {{folder: {tmp_path}, tensorboard: false, pictures: false}}\n"
    path.write_text(TRAINING + f"early_stopping: {policy}\n" + places, encoding="utf-8")
    result = run(load(path, ["fit.epochs=4", "fit.threads=1"]))
    assert result.weights_epoch
    snapshot = Store(RunFolder(Path(result.folder)).checkpoints).of_epoch(result.weights_epoch)
    fresh = assemble(load(path), lambda event: None)
    load_weights("model", fresh.task.parts()["model"], snapshot.model)
    assert fresh.test
    scores = evaluate(fresh.task, fresh.loop.engine.precision, fresh.test())
    assert scores
    assert result.scores["loss"] == pytest.approx(scores["loss"], rel=1e-5)


def test_averaging_does_not_change_how_the_weights_move(
    trained: tuple[Assembly, list[Event]], tmp_path: Path
) -> None:
    """The weights that are trained are bit for bit those of a training without an average."""
    assembly, _ = trained
    path = tmp_path / "plain.yaml"
    path.write_text(TRAINING.replace(", weight_averaging: 0.9", ""), encoding="utf-8")
    plain = assemble(load(path), lambda event: None)
    plain.loop.run()
    ours, theirs = (each.task.parts()["model"].state_dict() for each in (assembly, plain))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)

"""A resumed training repeats nothing and skips nothing: it is bit for bit the uninterrupted one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from dlkit.assemble import assemble
from dlkit.config.load import load
from dlkit.events import CheckpointDue, Event, StepDone, Stopped
from dlkit.training import health
from dlkit.training.checkpoint import Snapshot
from dlkit.training.loop import Loop
from dlkit.training.precision import Precision
from dlkit.training.state import capture, restore

EVERYTHING = """
data: {name: digits, validation_fraction: 0.2}
model: {name: cnn, channels: [4, 8], dense: [16]}
optimizer: {name: nag, learning_rate: 0.05}
schedule: {name: plateau, patience: 0, factor: 0.5, threshold: 0.3, warmup_epochs: 0.5}
regularization:
  batch_norm: true
  dropout: 0.3
  augmentation: {shift: 1, rotation: 10}
  l2: 1e-4
  weight_averaging: 0.9
early_stopping: {name: patience, patience: 2, min_delta: 0.2}
fit: {epochs: 4, batch_size: 96, seed: 3}
logging: {every: 5}
"""
STEPS_PER_EPOCH = 12


@dataclass
class Recording:
    """A training with its events, that can be asked to stop after a step."""

    loop: Loop
    stop_at: int | None = None
    events: list[Event] = field(default_factory=list)

    def run(self) -> Stopped:
        self.loop.interrupted = self._reason
        return self.loop.run()

    def _reason(self) -> str | None:
        return "asked to" if self.loop.position.step == self.stop_at else None

    def facts(self) -> list[dict[str, Any]]:
        """The events without their clock, and without those of the interruption itself."""
        told = [
            each
            for each in self.events
            if not isinstance(each, CheckpointDue)
            and not (isinstance(each, Stopped) and each.kind == "interrupted")
        ]
        return [asdict(each) | {"kind": type(each).__name__, "seconds": 0} for each in told]


Start = Callable[..., Recording]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    def begin(*overrides: str, text: str = EVERYTHING, stop_at: int | None = None) -> Recording:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        events: list[Event] = []
        loop = assemble(load(path, overrides), events.append).loop
        return Recording(loop, stop_at, events)

    return begin


def outcome(recording: Recording) -> dict[str, Any]:
    """Everything that a training leaves, as comparable values; the clock excepted."""
    snapshot = capture(recording.loop)
    state = {**snapshot.state, "position": {**snapshot.state["position"], "seconds": 0}}
    tensors = {
        name: value.tolist() for name, value in {**snapshot.model, **snapshot.optimizer}.items()
    }
    return {"tensors": tensors, "state": state, "events": recording.facts()}


def interrupted_then_resumed(start: Start, step: int, *overrides: str, **options: Any) -> Recording:
    first = start(*overrides, stop_at=step, **options)
    first.run()
    second = start(*overrides, **options)
    second.events.extend(first.events)
    restore(second.loop, capture(first.loop))
    second.run()
    return second


@pytest.mark.parametrize("step", [1, 7, 2 * STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH + 5, 35])
def test_four_epochs_equal_some_resume_and_the_rest(start: Start, step: int) -> None:
    """Dropout, batch norm, augmentation, momentum, schedule and early stopping in play; stopped at the
    start, in mid-epoch, at an epoch's end: weights, moments, state and events are the same."""
    whole = start()
    whole.run()
    assert outcome(interrupted_then_resumed(start, step)) == outcome(whole)


@pytest.mark.parametrize(
    "rule",
    [
        "sgd",
        "momentum",
        "adagrad",
        "rmsprop",
        "adadelta",
        "adam",
        "adamw",
        "nadam",
        "radam",
        "lion",
        "muon",
    ],
)
def test_every_rule_resumes_exactly(start: Start, rule: str) -> None:
    """The state of each optimizer of the catalogue survives, whatever it is made of."""
    overrides = [f"optimizer={rule}", "fit.epochs=2"]
    whole = start(*overrides)
    whole.run()
    assert outcome(interrupted_then_resumed(start, 9, *overrides)) == outcome(whole)


@pytest.mark.parametrize(
    "overrides",
    [
        ["schedule=one_cycle"],
        ["schedule=cosine"],
        ["fit.accumulate=3", "fit.batch_size=32"],
        ["fit.precision=bf16"],
        ["fit.channels_last=true"],
        ["fit.batch_size=full"],
        ["early_stopping={name: progress_quotient, alpha: 50}"],
    ],
    ids=str,
)
def test_other_ways_to_train_resume_exactly(start: Start, overrides: list[str]) -> None:
    """Schedules that depend on the length, micro-batches, bfloat16, one batch an epoch."""
    whole = start(*overrides)
    whole.run()
    step = max(whole.loop.position.step // 2, 1)
    assert outcome(interrupted_then_resumed(start, step, *overrides)) == outcome(whole)


def test_the_order_and_the_noise_depend_on_the_seed(start: Start) -> None:
    """Another seed gives another training, so equality above is not for want of randomness."""
    one, other = start(), start("fit.seed=4")
    one.run()
    other.run()
    assert outcome(one) != outcome(other)


def without(item: str, snapshot: Snapshot, fresh: Snapshot) -> Snapshot:
    """`snapshot` with one saved item as it was before any training."""
    if item in ("model", "optimizer tensors"):
        name = "model" if item == "model" else "optimizer"
        return replace(snapshot, **{name: getattr(fresh, name)})
    if item == "running statistics":
        own = {name: value for name, value in fresh.model.items() if "running" in name}
        return replace(snapshot, model={**snapshot.model, **own})
    return replace(snapshot, state={**snapshot.state, item: fresh.state[item]})


@pytest.mark.parametrize(
    "item",
    [
        "model",
        "running statistics",
        "optimizer tensors",
        "position",
        "meter",
        "health",
        "stopping",
        "schedules",
    ],
)
def test_each_saved_item_is_needed(
    start: Start, item: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropped from the checkpoint one at a time, each changes what the resumed training does."""
    monkeypatch.setattr(health, "TIMES_THE_MEDIAN", 1.0)  # so that a warning is due in every run
    whole = start()
    whole.run()
    first = start(stop_at=29)
    first.run()
    second, fresh = start(), start()
    second.events.extend(first.events)
    restore(second.loop, without(item, capture(first.loop), capture(fresh.loop)))
    second.run()
    assert outcome(second) != outcome(whole)


def test_the_list_of_saved_items_is_complete(start: Start) -> None:
    """What the test above drops is all that is saved but for the two items tested below."""
    state = set(capture(start().loop).state)
    assert state == {
        "position",
        "meter",
        "health",
        "stopping",
        "schedules",
        "precision",
        "optimizer",
    }


def test_the_loss_scale_of_float16_is_saved() -> None:
    """A scaler that has halved its scale after an overflow goes on with that scale and its counts."""
    one, other = (Precision("fp16", torch.device("cpu")) for _ in range(2))
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    one.scaled(weight.sum() * float("inf")).backward()
    one.unscale([optimizer])
    one.step([optimizer])
    assert one.scaler.get_scale() < other.scaler.get_scale()
    other.scaled(weight.sum())  # a scaler has no scale before its first use
    other.restore(one.state())
    assert other.state() == one.state()


def test_step_events_tell_every_update_once(start: Start) -> None:
    """Logged at each step and interrupted twice, the steps are 1 to the last, none twice."""
    first = start("logging.every=1", stop_at=10)
    first.run()
    second = start("logging.every=1", stop_at=20)
    restore(second.loop, capture(first.loop))
    second.run()
    third = start("logging.every=1")
    restore(third.loop, capture(second.loop))
    third.run()
    steps = [
        each.step
        for part in (first, second, third)
        for each in part.events
        if isinstance(each, StepDone)
    ]
    assert steps == list(range(1, third.loop.position.step + 1))

"""Steps per second of `dlkit train` against a hand-written PyTorch loop over the same model and data.

Both train the CNN of channels 32 and 64 on digits with batches of 64 and Adam, in turn, in one process.
dlkit runs as users run it: TensorBoard and progress on. The hand-written loop indexes tensors directly
and logs nothing. Printed: the median ratio of steps per second over the rounds, with its range.

    python scripts/bench_train.py --threads 2 --rounds 7
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from rich.console import Console
from torch import nn

from dlkit.assemble import assemble
from dlkit.config.load import load
from dlkit.config.schema import RunConfig
from dlkit.events import EpochDone, Event
from dlkit.run import run
from dlkit.sinks.progress import Progress

CONFIG = """
data: {name: digits, validation_fraction: 0}
model: {name: cnn, channels: [32, 64]}
optimizer: adam
fit: {epochs: EPOCHS, batch_size: 64}
checkpoints: {every_epochs: 1000}
logging: {folder: FOLDER}
"""


class Stopwatch:
    """Notes the seconds at which epochs end."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def handle(self, event: Event) -> None:
        """Keeps the clock of `EpochDone`."""
        if isinstance(event, EpochDone):
            self.ends.append(event.seconds)

    def close(self) -> None:
        """Nothing is held open."""


def ours(config: RunConfig) -> float:
    """Seconds an epoch of `dlkit train` with its progress display; the first is a warm-up."""
    stopwatch = Stopwatch()
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    run(config, display=[Progress(screen), stopwatch])
    durations = [
        end - begin for begin, end in zip(stopwatch.ends, stopwatch.ends[1:], strict=False)
    ]
    return median(durations)


def theirs(config: RunConfig) -> float:
    """Seconds an epoch of a plain loop over the same model and data; the first is a warm-up."""
    assembly = assemble(config, lambda event: None)
    model: nn.Module = assembly.loop.engine.parts["model"].module
    inputs, targets = assembly.data.train.fetch(torch.arange(len(assembly.data.train)))
    if assembly.data.normalize is not None:
        inputs = assembly.data.normalize(inputs)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_function = nn.CrossEntropyLoss()
    durations = []
    for _ in range(config.fit.epochs):
        begin = time.perf_counter()
        order = torch.randperm(len(inputs))
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            loss = loss_function(model(inputs[chosen]), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        durations.append(time.perf_counter() - begin)
    return median(durations[1:])


def main() -> None:
    """Times both in turn and prints the paired ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.yaml"
        path.write_text(CONFIG.replace("EPOCHS", str(options.epochs)).replace("FOLDER", folder))
        config = load(path)
        steps = assemble(config, lambda event: None).loop.plan.steps_per_epoch
        rounds = [(steps / ours(config), steps / theirs(config)) for _ in range(options.rounds)]
    ratios = sorted(one / other for one, other in rounds)
    print(f"torch {torch.__version__}, {options.threads} thread(s), {options.rounds} rounds")
    print(f"dlkit         {median(one for one, _ in rounds):7.1f} steps/s")
    print(f"hand-written  {median(other for _, other in rounds):7.1f} steps/s")
    print(f"ratio         {median(ratios):7.3f} (from {ratios[0]:.3f} to {ratios[-1]:.3f})")


if __name__ == "__main__":
    main()

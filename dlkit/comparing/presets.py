"""The comparisons that have a name: what `--preset` takes. No torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dlkit.comparing.plan import Plan, Task

RULES = (
    *("sgd", "momentum", "nag", "adagrad", "rmsprop", "adadelta"),
    *("adam", "adamw", "nadam", "radam", "lion", "muon"),
)
WEIGHT_DECAY = 1e-3
"""Equal for all rules."""
FASHION = {"name": "fashion_mnist", "validation_examples": 2000, "train_examples": 5000}

DIGITS_MLP = Task(
    "digits-mlp",
    batch_size=32,
    epochs=10,
    data={"name": "digits", "validation_fraction": 0.25},
    model={"name": "mlp", "hidden": [32]},
    weight_decay=WEIGHT_DECAY,
)
DIGITS_DEEP = Task(
    "digits-mlp-deep",
    batch_size=64,
    epochs=20,
    data={"name": "digits", "validation_fraction": 0.25, "split": "writers"},
    model={"name": "mlp", "hidden": [64, 32, 32]},
    weight_decay=WEIGHT_DECAY,
)
FASHION_MLP = Task(
    "fashion-mlp",
    batch_size=128,
    epochs=3,
    data=FASHION,
    model={"name": "mlp", "hidden": [128, 64]},
    weight_decay=WEIGHT_DECAY,
    evaluations=15,
)
DIGITS_CNN = Task(
    "digits-cnn",
    batch_size=64,
    epochs=6,
    data={"name": "digits", "validation_fraction": 0.25},
    model={"name": "cnn", "channels": [8, 16], "dense": [32]},
    weight_decay=WEIGHT_DECAY,
    evaluations=15,
)


def quick(fashion: bool) -> tuple[Plan, list[str]]:
    """Digits on a small perceptron, and SGD with three estimators of the gradient."""
    return Plan("quick", (DIGITS_MLP,), RULES, estimators=("1", "full"), tuning_seeds=2), []


def laptop(fashion: bool) -> tuple[Plan, list[str]]:
    """Three perceptrons on digits and Fashion-MNIST; on digits alone where its files are missing."""
    tasks = (DIGITS_MLP, DIGITS_DEEP)
    if fashion:
        return Plan("laptop", (*tasks, FASHION_MLP), RULES, tuning_seeds=2), []
    words = "Fashion-MNIST is not here: the preset laptop compares on digits alone"
    return Plan("laptop", tasks, RULES), [words]


def laptop_conv(fashion: bool) -> tuple[Plan, list[str]]:
    """A small convolutional network on digits."""
    return Plan("laptop-conv", (DIGITS_CNN,), RULES, tuning_seeds=2, reporting_seeds=5), []


PRESETS: dict[str, Callable[[bool], tuple[Plan, list[str]]]] = {
    "quick": quick,
    "laptop": laptop,
    "laptop-conv": laptop_conv,
}
"""Each takes whether Fashion-MNIST is here; gives the plan, and what its owner should know."""


def fashion_is_here() -> bool:
    """Whether the four files are in one of the folders that the data set searches."""
    from dlkit.data.idx import FASHION_MNIST, FILES
    from dlkit.data.places import find, home

    system = [FASHION_MNIST.system] if FASHION_MNIST.system else []
    own = home(FASHION_MNIST.name)
    folders: list[Path] = [own, own / FASHION_MNIST.torchvision / "raw", *system]
    return find(folders, FILES) is not None

"""What may change when a run is resumed, and what makes it another run."""

from collections.abc import Callable

import pytest

from dlkit.config.identity import FREE, differences, is_free
from dlkit.config.schema import SECTIONS, RunConfig

Read = Callable[..., RunConfig]

LEAST = "data: digits\nmodel: {name: cnn, channels: [4, 8]}\n"


def test_an_unchanged_config_has_no_differences(read: Read):
    """A config against itself, however it was written."""
    assert differences(read(LEAST).resolved(), read(LEAST + "fit: {}").resolved()) == ([], [])


def test_free_keys_may_change_and_are_named(read: Read):
    """Epochs, device, threads, logging, checkpoints and the name, each with old and new value."""
    now = read(
        LEAST,
        "fit.epochs=40",
        "fit.device=cpu",
        "fit.threads=2",
        "logging.every=1",
        "checkpoints.keep=5",
        "name=other",
    )
    assert differences(read(LEAST).resolved(), now.resolved()) == (
        [],
        [
            ("name", "c", "other"),
            ("fit.epochs", 20, 40),
            ("fit.device", "auto", "cpu"),
            ("fit.threads", None, 2),
            ("logging.every", 20, 1),
            ("checkpoints.keep", 2, 5),
        ],
    )


@pytest.mark.parametrize(
    ("override", "change"),
    [
        ("fit.seed=1", ("fit.seed", 0, 1)),
        ("fit.batch_size=full", ("fit.batch_size", 64, "full")),
        ("model.channels=[4]", ("model.channels", [4, 8], [4])),
        ("model.kernel_size=5", ("model.kernel_size", 3, 5)),
        ("data.split_seed=1", ("data.split_seed", 0, 1)),
        ("activation=tanh", ("activation.name", "relu", "tanh")),
        ("loss.name=mse", ("loss.name", None, "mse")),
    ],
)
def test_keys_that_decide_what_is_learned_are_identity(override: str, change: object, read: Read):
    """Data, model, seed and the rest of the training: a list counts as one value."""
    identity, free = differences(read(LEAST).resolved(), read(LEAST, override).resolved())
    assert change in identity
    assert free == []


def test_a_regularizer_that_comes_or_goes_is_a_change(read: Read):
    """What one of two configs doesn't have is None there."""
    with_l2 = read(LEAST, "regularization.l2=0.1").resolved()
    strength, biases = "regularization.l2.strength", "regularization.l2.include_biases"
    assert differences(read(LEAST).resolved(), with_l2)[0] == [
        (strength, None, 0.1),
        (biases, None, False),
    ]
    assert differences(with_l2, read(LEAST).resolved())[0] == [
        (strength, 0.1, None),
        (biases, False, None),
    ]


def test_a_free_key_is_whole():
    """`fit.epochs` is free, and neither `fit` nor what only begins like a free key."""
    assert is_free("fit.epochs")
    assert is_free("logging.folder")
    assert not is_free("fit.epochs_more")
    assert not is_free("fit")
    assert {key.partition(".")[0] for key in FREE} <= set(SECTIONS)

"""Keys that contradict each other are refused before anything runs, and both are named."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from dlkit.catalog import LOSSES
from dlkit.config.crosschecks import (
    normalised_before_logits,
    problems,
    stopping_without_validation,
)
from dlkit.config.schema import Component, RunConfig
from dlkit.nn.losses import hinge

Read = Callable[..., RunConfig]
Complaints = Callable[..., list[str]]

LEAST = "data: digits\nmodel: cnn\n"


def test_float16_on_the_cpu(complaints: Complaints):
    """Mixed precision with float16 on a CPU names both keys."""
    assert complaints(LEAST + "fit: {precision: fp16, device: cpu}") == [
        "c.yaml:3:18: 'fit.precision' fp16 needs an accelerator, but 'fit.device' is cpu. "
        "Use bf16 or fp32."
    ]


def test_early_stopping_without_a_validation_split(complaints: Complaints):
    """Early stopping and a validation share of 0, in the file or on the command line."""
    expected = (
        "'early_stopping' needs a validation split, but 'data.validation_fraction' is 0. "
        "Set one apart, or leave out 'early_stopping'."
    )
    text = "data: {name: digits, validation_fraction: 0}\nmodel: cnn\nearly_stopping: patience\n"
    assert complaints(text) == [f"c.yaml:1:43: {expected}"]
    assert complaints(LEAST + "early_stopping: patience", "data.validation_fraction=0.0") == [
        f"--set:1:26: {expected}"
    ]


def test_a_count_of_validation_examples_counts_as_well(read: Read):
    """Data sets whose validation split is a number of examples are held to the same."""
    config = read(LEAST + "early_stopping: patience\n")
    without = replace(config, data=Component("mnist", {"validation_examples": 0}))
    assert str(stopping_without_validation(without)) == (
        "c.yaml:1:1: 'early_stopping' needs a validation split, but 'data.validation_examples' "
        "is 0. Set one apart, or leave out 'early_stopping'."
    )
    assert stopping_without_validation(replace(without, early_stopping=None)) is None


def test_the_full_batch_can_not_be_accumulated(complaints: Complaints):
    """All examples in one batch, and batches summed: only one of them can be."""
    assert complaints(LEAST + "fit: {batch_size: full, accumulate: 2}") == [
        "c.yaml:3:37: 'fit.accumulate' 2 sums micro-batches, but 'fit.batch_size' full makes one "
        "of all examples. Name the size of a micro-batch, or leave out 'fit.accumulate'."
    ]


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "hinge"])
def test_a_loss_of_classes_on_values(loss: str, complaints: Complaints):
    """A loss that takes class labels is refused for data that yield values, with those that fit."""
    assert complaints(f"data: diabetes\nmodel: mlp\nloss: {loss}") == [
        f"c.yaml:3:7: loss '{loss}' takes class labels; data 'diabetes' yields values. "
        "Use mse, half_mse, l1, huber or epsilon_insensitive."
    ]


def test_a_table_yields_what_it_is_told_to(read: Read, complaints: Complaints):
    """A CSV file is of values or of classes as its option says; on `auto`, loading it will tell."""
    text = "model: mlp\nloss: hinge\ndata: {name: csv, file: x.csv, target: y, target_kind: "
    assert complaints(text + "values}") == [
        "c.yaml:2:7: loss 'hinge' takes class labels; data 'csv' yields values. "
        "Use mse, half_mse, l1, huber or epsilon_insensitive."
    ]
    for kind in ("classes", "auto"):
        assert problems(read(text + kind + "}")) == []
    assert read(text.replace("loss: hinge", "") + "values}").loss_name() == "mse"
    assert read(text.replace("loss: hinge", "") + "auto}").loss_name() is None


def test_losses_that_take_either_fit_all_data(read: Read):
    """Squared errors are for classes, as one-hot rows, and for values."""
    for loss in ("mse", "huber"):
        for data in ("digits", "diabetes"):
            assert problems(read(f"data: {data}\nmodel: mlp\nloss: {loss}")) == []


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (
            "cross_entropy",
            "it applies log-softmax itself, and on outputs between 0 and 1 it can't "
            "fall below ln((e + C - 1) / e), 1.4612 for ten classes.",
        ),
        (
            "binary_cross_entropy",
            "it applies the sigmoid itself, and on outputs between 0 and 1 "
            "a 'no' can't cost less than ln 2, 0.6931.",
        ),
        (
            "hinge",
            "outputs between 0 and 1 never reach its margins: one-vs-rest can't fall below "
            "K - 1, 9 for ten classes.",
        ),
    ],
)
def test_a_loss_on_logits_after_softmax(
    activation: str, loss: str, reason: str, complaints: Complaints
):
    """Softmax or sigmoid before a loss that takes raw outputs is refused with the reason."""
    text = f"data: digits\nmodel: {{name: cnn, output_activation: {activation}}}\nloss: {loss}"
    assert complaints(text) == [
        f"c.yaml:2:39: 'model.output_activation' {activation} before loss '{loss}': {reason} "
        "Leave out 'model.output_activation'."
    ]


def test_the_default_loss_counts_too(complaints: Complaints, read: Read):
    """Without a loss, data of classes have cross-entropy; regression may end in a sigmoid."""
    text = "model: {name: mlp, output_activation: softmax}\ndata: "
    assert "before loss 'cross_entropy'" in complaints(text + "digits")[0]
    assert normalised_before_logits(read(text + "diabetes")) is None
    assert normalised_before_logits(read(text + "digits\nloss: mse")) is None


def test_every_loss_on_logits_has_its_reason(complaints: Complaints):
    """A loss that the catalogue says is on logits is refused after softmax, whichever it is."""
    for name in LOSSES.names():
        if LOSSES[name].facts.get("logits"):
            text = f"data: digits\nmodel: {{name: cnn, output_activation: softmax}}\nloss: {name}"
            assert len(complaints(text)) == 1


def test_the_floors_in_the_messages_are_right():
    """The least that each loss reaches on one-hot outputs, by torch and in closed form."""
    best, target = torch.eye(10, dtype=torch.float64), torch.arange(10)
    entropy = functional.cross_entropy(best, target).item()
    assert math.isclose(entropy, math.log((math.e + 9) / math.e))
    assert round(entropy, 4) == 1.4612
    no = functional.binary_cross_entropy_with_logits(torch.zeros(1), torch.zeros(1)).item()
    assert math.isclose(no, math.log(2), rel_tol=1e-6)
    assert hinge(variant="one_vs_rest")(best, target).item() == 9


def test_contradictions_are_reported_together(complaints: Complaints):
    """A config that fails five checks says so five times."""
    text = """\
data: {name: diabetes, validation_fraction: 0}
model: {name: mlp, output_activation: softmax}
loss: hinge
early_stopping: patience
fit: {precision: fp16, device: cpu, batch_size: full, accumulate: 3}
"""
    assert len(complaints(text)) == 5

"""The copy task: what is told, what is asked for, and what a guess is worth."""

import math

import pytest
import torch

from dlkit.data.copy import copy_task
from dlkit.data.stream import IGNORED
from dlkit.errors import OptionError


def test_what_was_told_is_asked_for_after_the_marker() -> None:
    """Symbols, blanks, the marker at the end of the delay, and blanks while the symbols are asked for."""
    data = copy_task(symbols=4, length=3, delay=5, examples=50)
    inputs, targets = data.train.fetch(torch.arange(50))
    blank, marker = 4, 5
    assert inputs.shape == targets.shape == (50, 11)
    assert (inputs[:, :3] < 4).all()
    assert inputs[:, 3:].unique(dim=0).tolist() == [[blank] * 4 + [marker] + [blank] * 3]
    assert (targets[:, :8] == IGNORED).all()
    assert torch.equal(targets[:, 8:], inputs[:, :3])
    assert data.facts.classes == ("a", "b", "c", "d", "_", "?")
    assert data.facts.outputs == 6
    assert data.facts.input_shape == (11,)


def test_a_delay_of_one_has_only_the_marker() -> None:
    """The shortest wait there is."""
    inputs, _ = copy_task(symbols=2, length=1, delay=1, examples=8).train.fetch(torch.arange(8))
    assert inputs[:, 1:].unique(dim=0).tolist() == [[3, 2]]


def test_the_parts_are_drawn_apart_and_again_the_same() -> None:
    """No part repeats another; one seed gives one data set."""
    one, same, other = copy_task(), copy_task(), copy_task(data_seed=1)
    first = [part.fetch(torch.arange(100))[0] for part in (one.train, one.validation, one.test)]
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[1], first[2])
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert one.sizes() == {"train": 10000, "validation": 500, "test": 1000}


def test_a_guess_costs_the_logarithm_of_the_symbols() -> None:
    """Of 8 symbols, 3 bits, a perplexity of 8, and one in eight right."""
    guess = copy_task(symbols=8, examples=1).references()["guess"]
    assert guess == pytest.approx(
        {"loss": math.log(8), "bits": 3.0, "perplexity": 8.0, "accuracy": 0.125}
    )


@pytest.mark.parametrize("symbols", [1, 27])
def test_one_symbol_is_no_task_and_the_alphabet_ends(symbols: int) -> None:
    """What can't be told apart, or named."""
    with pytest.raises(OptionError) as caught:
        copy_task(symbols=symbols)
    assert str(caught.value) == f"symbols: {symbols} is not between 2 and 26"
